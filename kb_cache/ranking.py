"""Scores a query against the postings and ranks entries; knows numpy and nothing of SQLite.

A query is cut into windows; each window's terms add up per document (the impacts already hold every weight), an entry
takes its best head plus its body, and the best window. Weaker words (words of office for everyday ones, the operator's
question) add at a lower weight.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb_cache.query_text import content, formal_by_sound, formal_words, meant, windows
from kb_cache.terms import plain, terms

FloatArray = npt.NDArray[np.floating]
IdArray = npt.NDArray[np.integer]
Posting = tuple[IdArray, FloatArray, float]
Lookup = Callable[[Sequence[int]], Mapping[int, Posting]]

FORMAL_WEIGHT = 0.6
ALIKE_WEIGHT = 0.4
INTENT_WEIGHT = 0.5
CONTEXT_WEIGHT = 0.4
LITTLE_SAID = 10


@dataclass(frozen=True, slots=True)
class Layout:
    """How documents map to entries.

    Attributes:
        entries: number of entries.
        head_entry: entry of every head.
        head_start: first head of every entry.
        self_score: what each head would score if it were asked word by word.
    """

    entries: int
    head_entry: npt.NDArray[np.int64]
    head_start: npt.NDArray[np.int64]
    self_score: FloatArray

    @property
    def documents(self) -> int:
        """Heads and bodies together."""
        return len(self.head_entry) + self.entries


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of all entries for one query, with what is needed to judge them.

    Attributes:
        score: per entry.
        heads: per head, what each entry's best head was taken from.
        asked: terms of the matter: all that was searched for but the intent.
        possible: what an entry that holds all of the best window's known terms could at most reach.
    """

    score: FloatArray
    heads: FloatArray
    possible: float
    asked: frozenset[int]

    def best_head(self, entry: int, layout: Layout) -> int:
        """The head that gave an entry its score."""
        start = int(layout.head_start[entry])
        end = int(layout.head_start[entry + 1]) if entry + 1 < layout.entries else len(self.heads)
        return start + int(self.heads[start:end].argmax())


def score(text: str, context: str, layout: Layout, lookup: Lookup) -> Scored | None:
    """Scores of all entries; None where nothing of the text is known."""
    clean, before = content(text), content(context)
    said = [_part(window) for window in windows(clean)] if clean else []
    earlier = [_part(window) for window in windows(before)] if before else []
    intent = _all_terms(meant(plain(text)))
    asked = frozenset().union(*(part.all for part in (*said, *earlier)))
    postings = lookup(sorted(asked | intent))
    if not postings:
        return None
    total, possible = _best_window(said, postings, layout.documents)
    if intent:
        total = total + _sum(((intent, INTENT_WEIGHT),), postings, layout.documents)
    if earlier:
        weight = CONTEXT_WEIGHT if len(clean) >= LITTLE_SAID else 1.0
        behind, reach = _best_window(earlier, postings, layout.documents)
        total, possible = total + behind * weight, possible + reach * weight
    heads = total[: len(layout.head_entry)]
    return Scored(np.maximum.reduceat(heads, layout.head_start) + total[len(heads):], heads, possible, asked)


def _best_window(parts: Sequence[_Part], postings: Mapping[int, Posting], documents: int) -> tuple[FloatArray, float]:
    """Per document the best window's sum, and what the strongest window's own words could reach."""
    total: FloatArray = np.zeros(documents)
    possible = 0.0
    for part in parts:
        found = _sum(((part.said, 1.0), (part.formal, FORMAL_WEIGHT), (part.alike, ALIKE_WEIGHT)), postings, documents)
        total = found if part is parts[0] else np.maximum(total, found)
        possible = max(possible, sum(postings[key][2] for key in part.said if key in postings))
    return total, possible


@dataclass(frozen=True, slots=True)
class _Part:
    """Terms of one window: as said, words of office, and words of office by sound; each without those before."""

    said: frozenset[int] = frozenset()
    formal: frozenset[int] = frozenset()
    alike: frozenset[int] = frozenset()

    @property
    def all(self) -> frozenset[int]:
        return self.said | self.formal | self.alike


def _part(window: str) -> _Part:
    said = terms(window)
    formal = _all_terms(formal_words(window)) - said
    return _Part(said, formal, _all_terms(formal_by_sound(window)) - said - formal)


def _all_terms(pieces: Iterable[str]) -> frozenset[int]:
    return frozenset().union(*map(_kept_terms, pieces))


@functools.lru_cache(maxsize=4096)
def _kept_terms(piece: str) -> frozenset[int]:
    """Terms of a line of the everyday map: few lines, met again and again."""
    return terms(piece)


def _sum(weighted: Iterable[tuple[frozenset[int], float]], postings: Mapping[int, Posting], documents: int) -> FloatArray:
    """Impacts of all terms per document, each group of terms with its weight."""
    ids: list[IdArray] = []
    impacts: list[FloatArray] = []
    for keys, weight in weighted:
        held = [postings[key] for key in sorted(keys) if key in postings]
        ids += [posting[0] for posting in held]
        impacts += [posting[1] if weight == 1.0 else posting[1] * weight for posting in held]
    if not ids:
        return np.zeros(documents)
    summed = np.bincount(np.concatenate(ids), weights=np.concatenate(impacts), minlength=documents)
    return summed.astype(np.float64, copy=False)
