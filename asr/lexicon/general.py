"""Readings of the general language model's words, as the acoustic model writes them.

A word of several characters has the one reading that pypinyin gives it. A character has its usual reading, and those
others that it has inside words of the same vocabulary, at a cost that grows with their rarity: 行 is háng in 银行.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log

from asr.lexicon.syllables import all_readings, readings, tokens_of

_MIN_SHARE = 0.02
_CHINESE = re.compile("[\u4e00-\u9fff〇]+")
_SANDHI = {"一": ("yī", "yí", "yì"), "不": ("bù", "bú")}
# Said so every day, but in no dictionary word; and the polite you, whose end is often not heard.
_SPOKEN = {
    "哪": (("něi", 1.0),), "那": (("nèi", 1.0),), "这": (("zhèi", 1.0),), "您": (("nǐ", 0.25), ("yín", 1.0), ("lín", 1.5)),
    "您好": (("nǐ hǎo", 0.25), ("yín hǎo", 0.5)), "呃": (("è", 0.0), ("é", 0.5), ("e", 0.5)),
    "嗯": (("én", 0.5), ("èn", 0.5)),
    "哦": (("ó", 0.0), ("ò", 0.0), ("ǒ", 0.0), ("wǒ", 1.5), ("é", 1.5)),
    "喂": (("wéi", 0.3), ("wēi", 0.7)), "啊": (("à", 0.3), ("á", 0.3)),
    "吗": (("mā", 0.5),), "吧": (("bā", 0.7),), "呢": (("ní", 1.5), ("nē", 0.5)), "谁": (("shéi", 0.0),), "给": (("géi", 1.0),),
}  # fmt: skip

Pronunciation = tuple[str, tuple[str, ...], float]


def pronunciations(words: Sequence[str]) -> list[Pronunciation]:
    """(word, toned syllables, natural-log cost) of each word; words that are not all Chinese are left out."""
    result: list[Pronunciation] = []
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    for word in words:
        if not is_chinese(word):
            continue
        syllables = readings(word)
        if len(syllables) != len(word):
            continue
        if len(word) > 1:
            result.append((word, tuple(syllables), 0.0))
            for character, syllable in zip(word, syllables, strict=True):
                inside[character][syllable] += 1
    for word in words:
        if len(word) == 1 and is_chinese(word):
            result += [(word, (syllable,), cost) for syllable, cost in _character_readings(word, inside[word])]
    known = set(words)
    result += [
        (word, tuple(spoken.split()), cost) for word, extra in _SPOKEN.items() if word in known for spoken, cost in extra
    ]
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
    return _CHINESE.fullmatch(word) is not None


def token_sequence(syllables: Sequence[str], numbers: dict[str, int]) -> tuple[int, ...] | None:
    """Token numbers of a reading, or None where the model has no token for a part."""
    sequence = [numbers.get(token) for syllable in syllables for token in tokens_of(syllable)]
    return tuple(n for n in sequence if n is not None) if None not in sequence else None
