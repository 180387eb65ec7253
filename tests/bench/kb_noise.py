"""Simulated recognition errors for knowledge queries, drawn from a profile measured on a real recogniser (2026-11).

Shares of all errors: a character of the same syllable 46 %, of half the syllable 21 %, any other 17 %, deletion 7 %, of a
fuzzy-same syllable 5 %, insertion 3 %. Characters come from the 3,755 of GB 2312 level 1.
"""

from __future__ import annotations

import functools
import random
from collections import defaultdict

from pypinyin import Style, lazy_pinyin

from kb_cache.terms import fuzzy

KINDS = ("same", "half", "other", "delete", "fuzzy", "insert")
SHARES = (46, 21, 17, 7, 5, 3)


@functools.cache
def common_characters() -> tuple[str, ...]:
    codes = [(row, cell) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return tuple(bytes(code).decode("gb2312", "ignore") for code in codes if not (code[0] == 0xD7 and code[1] > 0xF9))


@functools.cache
def sound(char: str) -> str:
    return lazy_pinyin(char)[0]


@functools.cache
def halves(char: str) -> tuple[str, str]:
    initial = lazy_pinyin(char, style=Style.INITIALS, strict=False)[0]
    return initial, sound(char)[len(initial):]


@functools.cache
def tables() -> tuple[dict[str, list[str]], ...]:
    same, fuzzily, initials, finals = (defaultdict(list) for _ in range(4))
    for char in common_characters():
        same[sound(char)].append(char)
        fuzzily[fuzzy(sound(char))].append(char)
        initials[halves(char)[0]].append(char)
        finals[halves(char)[1]].append(char)
    return same, fuzzily, initials, finals


def misheard(text: str, share: float, rng: random.Random) -> str:
    """The text with about ``share`` of its Han characters recognised wrongly."""
    out: list[str] = []
    for char in text:
        if not "一" <= char <= "鿿" or rng.random() >= share:
            out.append(char)
            continue
        out.append(_wrong(char, rng.choices(KINDS, SHARES)[0], rng))
    return "".join(out)


def _wrong(char: str, kind: str, rng: random.Random) -> str:
    same, fuzzily, initials, finals = tables()
    if kind == "delete":
        return ""
    if kind == "insert":
        return char + rng.choice(common_characters())
    if kind == "half":
        initial, final = halves(char)
        pool = initials[initial] if rng.random() < 0.5 else finals[final]
    else:
        pool = {"same": same[sound(char)], "fuzzy": fuzzily[fuzzy(sound(char))]}.get(kind, list(common_characters()))
    others = [other for other in pool if other != char]
    return rng.choice(others) if others else char
