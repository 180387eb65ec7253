"""Simulated recognition errors for knowledge queries, drawn from a profile measured on a real recogniser (2026-11).

Shares of all errors: a character of the same syllable 46 %, of half the syllable 21 %, any other 17 %, deletion 7 %, of a
fuzzy-same syllable 5 %, insertion 3 %. Characters come from the 3,755 of GB 2312 level 1.

Other readings (``readings``) as the recogniser gave them with the open calls (2026-11; 241 turns of citizens, eight readings each): of the
pairs of characters that its text had lost half stood in one of them, beside fifteen times as many wrong ones.
"""

from __future__ import annotations

import difflib
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


READINGS, REGAINED, WRONG = 8, 0.5, 0.22


def readings(clean: str, heard: str, rng: random.Random) -> tuple[str, ...]:
    """Other readings of what was heard: half of the errors are right in some of them, and there are new ones."""
    changes = [each for each in difflib.SequenceMatcher(None, heard, clean, autojunk=False).get_opcodes() if each[0] != "equal"]
    mended = [each for each in changes if rng.random() < REGAINED]
    found = []
    for n in range(READINGS):
        text = heard
        for _, start, end, begin, last in sorted(rng.sample(mended, min(len(mended), 1 + n % 3)), reverse=True, key=lambda each: each[1]):
            text = text[:start] + clean[begin:last] + text[end:]
        found.append(misheard(text, WRONG / READINGS, rng))
    return tuple(dict.fromkeys(each for each in found if each != heard))
