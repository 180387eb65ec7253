"""Readings of the general language model's words, as the acoustic model writes them.

A word of several characters has the one reading that pypinyin gives it. A character has its usual reading, and those
others that it has inside words of the same vocabulary, at a cost that grows with their rarity: 行 is háng in 银行.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log

from asr.lexicon.syllables import all_readings, readings, tokens_of

_MIN_SHARE = 0.02
_SANDHI = {"一": ("yī", "yí", "yì"), "不": ("bù", "bú")}

Pronunciation = tuple[str, tuple[str, ...], float]


def pronunciations(words: Sequence[str]) -> list[Pronunciation]:
    """(word, toned syllables, natural-log cost) of each word; words that are not all Chinese are left out."""
    result: list[Pronunciation] = []
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    for word in words:
        if not is_chinese(word):
            continue
        spoken = readings(word)
        if len(spoken) != len(word):
            continue
        if len(word) > 1:
            result.append((word, tuple(spoken), 0.0))
            for character, syllable in zip(word, spoken, strict=True):
                inside[character][syllable] += 1
    for word in words:
        if len(word) == 1 and is_chinese(word):
            result += [(word, (syllable,), cost) for syllable, cost in _character_readings(word, inside[word])]
    return result


def _character_readings(character: str, inside: Counter[str]) -> list[tuple[str, float]]:
    known = all_readings(character)
    if character in _SANDHI:
        return [(syllable, 0.0) for syllable in _SANDHI[character]]
    counts = {syllable: inside.get(syllable, 0) for syllable in known}
    counts[known[0]] = max(1, *counts.values())
    total = sum(counts.values())
    return [(s, -log(n / max(counts.values()))) for s, n in counts.items() if n / total >= _MIN_SHARE]


def is_chinese(word: str) -> bool:
    """Only characters of the common blocks."""
    return bool(word) and all("\u4e00" <= c <= "\u9fff" or c == "〇" for c in word)


def token_sequence(syllables: Sequence[str], numbers: dict[str, int]) -> tuple[int, ...] | None:
    """Token numbers of a reading, or None where the model has no token for a part."""
    sequence = [numbers.get(token) for syllable in syllables for token in tokens_of(syllable)]
    return tuple(n for n in sequence if n is not None) if None not in sequence else None
