"""Reads the rules of the quality check (``resources/quality_rules.toml`` or a centre's own file) and says by line what is wrong in them.

A word written wrong would silently leave a rule that never speaks, or that accuses everybody; so a file with any error is not used at all
(the desk keeps the rules that ship and says so), and ``tingdan doctor --quality FILE`` tells each error before the file is spread.
Pure but for reading; any thread.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.quality import QualityRule, RuleKind
from app.platform import messages
from app.platform.policy_check import PolicyFinding, key_lines, toml_fault
from app.platform.resource_files import resource

MOST_BYTES = 1 << 20
_TEXTS = ("words", "sounds", "excused", "only_types", "not_types")
_PATTERNS = frozenset({"words", "excused"})
#: Figures of a kind: those it cannot do without, those it may have.
_FIGURES: Mapping[RuleKind, tuple[frozenset[str], frozenset[str]]] = {
    RuleKind.SAYS: (frozenset(), frozenset({"first", "last"})),
    RuleKind.NEVER: (frozenset(), frozenset()),
    RuleKind.READ_BACK: (frozenset(), frozenset({"least_digits", "share"})),
    RuleKind.INTERRUPTS: (frozenset({"after_ms", "goes_on_ms"}), frozenset({"most"})),
    RuleKind.SILENCE: (frozenset({"longest_ms"}), frozenset({"longest_held_ms"})),
    RuleKind.RATE: (frozenset({"slowest", "fastest"}), frozenset()),
}
_REMINDS = frozenset({"remind_said", "remind_after"})
_PLAIN = frozenset({"id", "kind", "points", "least_said", "remind", *_TEXTS})
_KNOWN = _PLAIN | _REMINDS | frozenset(name for needed, more in _FIGURES.values() for name in needed | more)
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SOUND = re.compile(r"[a-z]+(?: [a-z]+)*")
_TABLE = re.compile(r"\s*\[\[\s*rule\s*\]\]\s*(?:#.*)?$")
_MOST_POINTS = 100.0


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
        EnvironmentFault: it cannot be read, or something in it is wrong (its first line is named).
    """
    path = path or resource("quality_rules.toml")
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise EnvironmentFault("quality.rules_unreadable", path=path.name, reason=type(error).__name__) from error
    rules, found = examined(text)
    wrong = next((each for each in found if each.is_error), None)
    if rules is None or wrong is not None:
        raise EnvironmentFault("quality.rules_unusable", path=path.name, line=wrong.line if wrong is not None else 1)
    return rules


def check_quality_rules(path: Path) -> tuple[PolicyFinding, ...]:
    """What is wrong with a file of rules, by line; nothing for a good one.

    Raises:
        OperatorVisibleError: there is no such file, or it cannot be read.
    """
    try:
        content = path.read_bytes()[: MOST_BYTES + 1]
    except OSError as error:
        raise OperatorVisibleError("quality.file_unreadable", file=str(path), reason=type(error).__name__) from error
    if len(content) > MOST_BYTES:
        return (PolicyFinding(0, True, "quality.too_long", {"most_kb": MOST_BYTES >> 10}),)
    try:
        return examined(content.decode("utf-8"))[1]
    except UnicodeDecodeError as error:
        return (PolicyFinding(content.count(b"\n", 0, error.start) + 1, True, "policy.not_utf8", {}),)


def examined(text: str) -> tuple[QualityRules | None, tuple[PolicyFinding, ...]]:
    """The rules in a text and what is to be said of it; no rules where there is an error."""
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, (toml_fault(str(error), text),)
    tables = held.get("rule")
    if not isinstance(tables, list) or not tables or not all(isinstance(each, dict) for each in tables):
        return None, (PolicyFinding(0, True, "quality.no_rules", {}),)
    found = [PolicyFinding(key_lines(text).get(name, 0), True, "quality.unknown_key", {"name": name, "near": ""})
             for name in held if name not in ("version", "rule")]
    if not isinstance(held.get("version"), str | int | float):
        found.append(PolicyFinding(1, True, "quality.no_version", {}))
    ids: set[str] = set()
    for table, lines in zip(tables, _places(text, len(tables)), strict=True):
        found += _judged(table, lines, ids)
        ids.add(str(table.get("id")))
    found.sort(key=lambda each: each.line)
    if any(each.is_error for each in found):
        return None, tuple(found)
    return QualityRules(str(held["version"]), tuple(_rule(each) for each in tables)), tuple(found)


def _places(text: str, count: int) -> list[Mapping[str, int]]:
    """For each ``[[rule]]`` the lines of its keys, "" for its head."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines, 1) if _TABLE.match(line)]
    places: list[Mapping[str, int]] = []
    for first, last in zip(heads, [*heads[1:], len(lines) + 1], strict=True):
        inside = key_lines("\n".join(lines[first:last - 1]))
        places.append({"": first, **{name: first + line for name, line in inside.items()}})
    return places if len(places) == count else [{}] * count  # rules written in some other way that TOML knows


def _judged(rule: Mapping[str, object], lines: Mapping[str, int], ids: set[str]) -> Iterator[PolicyFinding]:
    head = lines.get("", 0)

    def wrong(name: str, key: str, **params: object) -> PolicyFinding:
        return PolicyFinding(lines.get(name, head), True, f"quality.{key}", {"name": name, "rule": str(rule.get("id", "?")), **params})

    name = rule.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        yield wrong("id", "bad_id")
    elif name in ids:
        yield wrong("id", "double_id")
    for key, value in rule.items():
        if key not in _KNOWN:
            near = difflib.get_close_matches(key, _KNOWN, 1, 0.6)
            yield wrong(key, "unknown_key_near" if near else "unknown_key", near=near[0] if near else "")
        elif key in _TEXTS:
            yield from (wrong(key, fault, **params) for fault, params in _texts_wrong(key, value))
        elif key not in ("id", "kind") and not _is_good_figure(key, value):
            yield wrong(key, "bad_points" if key == "points" else "bad_remind" if key == "remind" else "bad_figure")
    if rule.get("kind") not in list(RuleKind):
        yield wrong("kind", "bad_kind", known=", ".join(RuleKind))
        return
    yield from (wrong(key, fault, **params) for key, fault, params in _kind_wrong(RuleKind(str(rule["kind"])), rule))
    told = f"quality.remind_{name}"
    if rule.get("remind") is True and messages.text(told) == told:
        yield wrong("remind", "no_reminder")


def _is_good_figure(key: str, value: object) -> bool:
    if key == "remind":
        return isinstance(value, bool)
    is_figure = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
    return is_figure and (key != "points" or float(str(value)) <= _MOST_POINTS)


def _texts_wrong(key: str, value: object) -> Iterator[tuple[str, dict[str, object]]]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        yield "bad_texts", {}
        return
    for each in value:
        if key in _PATTERNS:
            try:
                if re.compile(each).search(""):
                    yield "matches_all", {"given": each}
            except re.error as error:
                yield "bad_pattern", {"given": each, "reason": str(error)}
        elif key == "sounds" and not _SOUND.fullmatch(each):
            yield "bad_sound", {"given": each}


def _kind_wrong(kind: RuleKind, rule: Mapping[str, object]) -> Iterator[tuple[str, str, dict[str, object]]]:
    """What a kind lacks, and what it makes nothing of."""
    needed, more = _FIGURES[kind]
    for name in sorted(needed - rule.keys()):
        yield name, "lacks_figure", {"kind": kind.value}
    for name in rule:
        if name in _KNOWN - _PLAIN - _REMINDS and name not in needed | more:
            yield name, "not_of_kind", {"kind": kind.value}
    if kind in (RuleKind.SAYS, RuleKind.NEVER) and not rule.get("words") and not (kind is RuleKind.SAYS and rule.get("sounds")):
        yield "words", "lacks_words", {"kind": kind.value}
    slowest, fastest = rule.get("slowest", 0), rule.get("fastest", 0)
    if kind is RuleKind.RATE and isinstance(slowest, int | float) and isinstance(fastest, int | float) and slowest > fastest:
        yield "slowest", "slow_over_fast", {}


def _rule(held: Mapping[str, object]) -> QualityRule:
    """A rule of which nothing is wrong."""
    lists = {name: _texts(held.get(name, [])) for name in _TEXTS}
    figures = {name: float(str(value)) for name, value in held.items() if name not in _PLAIN}
    return QualityRule(
        str(held["id"]), RuleKind(str(held["kind"])), float(str(held.get("points", 0.0))),
        tuple(re.compile(each) for each in lists["words"]), lists["sounds"], tuple(re.compile(each) for each in lists["excused"]),
        frozenset(lists["only_types"]), frozenset(lists["not_types"]), int(float(str(held.get("least_said", 0)))),
        held.get("remind", False) is True, figures)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
