"""What an operator types: parts of titles in characters, pinyin or initials, mixed, or an entry's number.

``gjj tq``, ``gongjijin``, ``公积金tq`` and ``SP-IDCARD`` each name entries by their titles alone. All titles stand in three long
texts (characters, initials, full syllables), a line each; a typed piece is looked for in the text of its kind, so that ten
thousand titles cost a fraction of a millisecond. An entry must hold every piece; the earlier and the closer together, the
better. The ranked search goes on beside it for whatever is typed in characters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from kb_cache.terms import plain

_PIECES = re.compile(r"[㐀-鿿]+|[a-z]+|[a-z0-9]*\d[a-z0-9\-]*", re.I)
MOST_TITLES = 200_000
_LEAST_NUMBER = 3


class TitleIndex:
    """Titles to be found by what is typed; made on the thread that searches.

    Args:
        titles: one for each entry, in the order of the entries.
        numbers: ids of the entries, in the same order.
    """

    def __init__(self, titles: Sequence[str], numbers: Sequence[str]) -> None:
        from pypinyin import lazy_pinyin  # noqa: PLC0415  # 0.15 s to load

        characters, initials, syllables = [], [], []
        for title in titles[:MOST_TITLES]:
            clean = plain(title).replace(" ", "")
            sounds = lazy_pinyin(clean)
            characters.append(clean)
            initials.append("".join(sound[0] for sound in sounds))
            syllables.append("".join(f"'{sound}" for sound in sounds))
        self._characters, self._initials = _Lines(characters), _Lines(initials)
        self._syllables = _Lines(syllables)
        self._numbers = _Lines([number.lower() for number in numbers[:MOST_TITLES]])

    def find(self, typed: str, limit: int) -> list[int]:
        """Places of the entries that hold every piece, best first; () where nothing but characters was typed."""
        pieces = [piece.lower() for piece in _PIECES.findall(typed)]
        whole = typed.strip().lower()
        by_number = self._numbers.holding(whole, limit) if len(whole) >= _LEAST_NUMBER and whole.isascii() else {}
        found = sorted(by_number, key=lambda line: (by_number[line], line))
        if all(ord(piece[0]) > 127 for piece in pieces):
            return found[:limit]
        ranked: dict[int, int] | None = None
        for piece in pieces:
            held = self._piece(piece)
            ranked = held if ranked is None else {line: ranked[line] + at for line, at in held.items() if line in ranked}
            if not ranked:
                break
        best = sorted(ranked or (), key=lambda line: ((ranked or {})[line], self._characters.length(line), line))
        return list(dict.fromkeys((*found, *best)))[:limit]

    def _piece(self, piece: str) -> dict[int, int]:
        """Lines that hold a piece, with its place in the title (earlier is better)."""
        if ord(piece[0]) > 127:
            return self._characters.holding(piece)
        found = self._initials.holding(piece)
        for line, at in self._syllables.matching(_spelt(piece)).items():
            found[line] = min(at, found.get(line, at))
        for line, at in self._characters.holding(plain(piece)).items():
            found[line] = min(at, found.get(line, at))
        return found


class _Lines:
    """Texts joined by line breaks, searched as one."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._text = "\n".join(["", *texts, ""])
        self._starts = [1]
        for text in texts:
            self._starts.append(self._starts[-1] + len(text) + 1)

    def length(self, line: int) -> int:
        """Characters of a line."""
        return self._starts[line + 1] - self._starts[line] - 1

    def holding(self, piece: str, limit: int = MOST_TITLES) -> dict[int, int]:
        """Lines that hold a piece and where it begins in each, the first time."""
        found: dict[int, int] = {}
        at = self._text.find(piece) if piece else -1
        while at >= 0 and len(found) < limit:
            line = bisect_right(self._starts, at) - 1
            found[line] = at - self._starts[line]
            at = self._text.find(piece, self._starts[line + 1])
        return found

    def matching(self, pattern: re.Pattern[str]) -> dict[int, int]:
        """Lines that hold a pattern, with the number of syllables before it."""
        found: dict[int, int] = {}
        for match in pattern.finditer(self._text):
            line = bisect_right(self._starts, match.start()) - 1
            found.setdefault(line, self._text.count("'", self._starts[line], match.start()))
        return found


def _spelt(piece: str) -> re.Pattern[str]:
    """Letters as a run of syllables from a syllable's beginning on; the last one may be begun only: ``gongjij``."""
    return re.compile("'" + "'?".join(map(re.escape, piece)))
