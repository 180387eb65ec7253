"""Sentence templates of ``resources/hotline_language``: choices, parts and word classes, grown into sample sentences.

``[a|b]`` chooses, ``{name}`` puts in a part (itself a template) or a word class; ``{D4}`` is four digits. A line may begin
with a weight and a star. What comes out is text with class marks ``<name>``; commas divide clauses.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from app.domain.errors import EnvironmentFault

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([^{}]+)\}")
_WEIGHT = re.compile(r"^(\d+)\*")
_DIGITS = re.compile(r"D(\d+)")
_FILLED = 0.08
_NAMED = {"字母": "L"}


def read_parts(folder: Path) -> dict[str, list[str]]:
    """Parts by name.

    Raises:
        EnvironmentFault: no such file, or not TOML.
    """
    try:
        return {str(k): [str(t) for t in v] for k, v in tomllib.loads((folder / "parts.toml").read_text("utf-8")).items()}
    except (OSError, tomllib.TOMLDecodeError) as exc:
        raise EnvironmentFault("asr.lexicon_resources_damaged", file="parts.toml") from exc


def read_lines(file: Path) -> list[tuple[int, str]]:
    """(weight, template) of each line; lines with # are for people."""
    found = []
    for line in file.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        weight = _WEIGHT.match(line)
        found.append((int(weight[1]), line[weight.end() :]) if weight else (1, line))
    return found


def grow(
    lines: Sequence[tuple[int, str]], parts: Mapping[str, Sequence[str]], samples: int, chance: random.Random, hesitant: bool
) -> Iterator[str]:
    """``samples`` times its weight sentences of each line, fewer where a line leaves nothing to chance; hesitant speakers put
    in fillers."""
    for weight, line in lines:
        varied = "[" in line or "{" in line
        for _ in range(weight * (samples if varied else max(1, samples // 4))):
            yield _hesitating(fill(line, parts, chance), parts, chance) if hesitant else fill(line, parts, chance)


def _hesitating(text: str, parts: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    """Now and then a filler at the begin or at a comma, as people speak."""
    if chance.random() < _FILLED:
        text = chance.choice(parts["叹"]) + "，" + text
    clauses = text.split("，")
    for i in range(1, len(clauses)):
        if chance.random() < _FILLED:
            clauses[i] = chance.choice(parts["填"]) + "，" + clauses[i]
    return "，".join(clauses)


def fill(template: str, parts: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    """One sentence of a template; a name that is no part is a word class and becomes ``<name>``."""
    text = _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), template)

    def slot(match: re.Match[str]) -> str:
        name = match[1]
        digits = _DIGITS.fullmatch(name)
        if digits:
            return "<D>" * int(digits[1])
        if name in parts:
            return fill(chance.choice(parts[name]), parts, chance)
        return f"<{_NAMED.get(name, name)}>"

    return _SLOT.sub(slot, text)
