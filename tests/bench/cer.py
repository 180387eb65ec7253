"""Character error rate, as all our tables count it.

Only what is said counts: punctuation and spaces are dropped, letters are upper-cased, 幺 counts as 一 and 两 as 二 (a listener
writes either). Errors are the Levenshtein distance in characters, the rate is errors over characters of the reference.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

_SILENT = re.compile(r"[^0-9A-Za-z\u3400-\u9fff○]")
_SAME = str.maketrans({"幺": "一", "两": "二", "○": "零", "〇": "零"})


def spoken(text: str) -> str:
    """The characters of ``text`` that count."""
    return _SILENT.sub("", text).upper().translate(_SAME)


def errors(reference: str, recognised: str) -> tuple[int, int]:
    """Errors, and characters of the reference."""
    wanted = spoken(reference)
    return Levenshtein.distance(wanted, spoken(recognised)), len(wanted)


def rate(pairs: list[tuple[int, int]]) -> float:
    """Errors over characters of many (errors, characters) pairs; 0 for nothing."""
    return sum(wrong for wrong, _ in pairs) / max(1, sum(count for _, count in pairs))
