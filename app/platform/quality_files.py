"""Reads the rules of the quality check from their TOML file (``resources/quality_rules.toml`` or one that a centre puts in its place)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from app.domain.errors import EnvironmentFault
from app.domain.quality import QualityRule, RuleKind
from app.platform.resource_files import resource

_TEXTS = ("words", "sounds", "excused", "only_types", "not_types")
_KNOWN = frozenset({"id", "kind", "points", "least_said", "remind", *_TEXTS})


@dataclass(frozen=True, slots=True)
class QualityRules:
    """All rules, and their version."""

    version: str
    rules: tuple[QualityRule, ...]


def load_quality_rules(path: Path | None = None) -> QualityRules:
    """The rules.

    Args:
        path: another file than the shipped one.

    Raises:
        EnvironmentFault: it cannot be read, or a rule is wrong (named).
    """
    path = path or resource("quality_rules.toml")
    rule: dict[str, object] = {}
    try:
        held = tomllib.loads(path.read_text("utf-8"))
        rules = []
        for rule in cast("list[dict[str, object]]", held["rule"]):
            rules.append(_rule(rule))
        return QualityRules(str(held["version"]), tuple(rules))
    except (OSError, ValueError, KeyError, TypeError, re.error) as error:
        raise EnvironmentFault("quality.rules_unusable", path=path.name, rule=str(rule.get("id", "-"))) from error


def _rule(held: dict[str, object]) -> QualityRule:
    lists: dict[str, tuple[str, ...]] = {}
    for name in _TEXTS:
        texts = held.get(name, [])
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            raise TypeError(name)
        lists[name] = tuple(texts)
    figures = {name: value for name, value in held.items() if name not in _KNOWN}
    if not all(isinstance(value, int | float) for value in figures.values()):
        raise TypeError("figures")
    return QualityRule(
        str(held["id"]), RuleKind(str(held["kind"])), float(cast("float", held.get("points", 0.0))),
        tuple(re.compile(each) for each in lists["words"]), lists["sounds"], tuple(re.compile(each) for each in lists["excused"]),
        frozenset(lists["only_types"]), frozenset(lists["not_types"]), int(cast("int", held.get("least_said", 0))),
        held.get("remind", False) is True, cast("dict[str, float]", figures))
