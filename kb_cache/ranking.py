"""Scores a query against the postings and ranks entries; knows numpy and nothing of SQLite.

A query is cut into windows; each window's terms add up per document (the impacts already hold every weight), an entry
takes its best head plus its body, and the best window. Weaker words (words of office for everyday ones, the operator's
question) add at a lower weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb_cache.query_text import content, formal_by_sound, formal_words, meant, windows
from kb_cache.terms import plain, terms

FloatArray = npt.NDArray[np.float32]
IdArray = npt.NDArray[np.uint32]
Posting = tuple[IdArray, FloatArray]
Lookup = Callable[[Sequence[int]], Mapping[int, Posting]]

FORMAL_WEIGHT = 0.6
ALIKE_WEIGHT = 0.4
INTENT_WEIGHT = 0.5
CONTEXT_WEIGHT = 0.4
LITTLE_SAID = 6


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
        best_head: per entry, the head that gave it.
        possible: what an entry that holds all of the best window's known terms could at most reach.
    """

    score: FloatArray
    best_head: npt.NDArray[np.int64]
    possible: float


def score(text: str, context: str, layout: Layout, lookup: Lookup) -> Scored | None:
    """Scores of all entries; None where nothing of the text is known."""
    clean, before = content(text), content(context)
    said = [_part(window) for window in windows(clean)] if clean else []
    earlier = [_part(window) for window in windows(before)] if before else []
    intent = _flat(meant(plain(text)))
    postings = lookup(sorted(intent.union(*(part.all for part in (*said, *earlier)))))
    if not postings:
        return None
    total, possible = _best_window(said, postings, layout.documents)
    total = total + _sum(intent, postings, layout.documents) * INTENT_WEIGHT
    if earlier:
        weight = CONTEXT_WEIGHT if len(clean) >= LITTLE_SAID else 1.0
        behind, reach = _best_window(earlier, postings, layout.documents)
        total, possible = total + behind * weight, possible + reach * weight
    return _by_entry(total, layout, possible)


def _best_window(parts: Sequence[_Part], postings: Mapping[int, Posting], documents: int) -> tuple[FloatArray, float]:
    """Per document the best window's sum, and what the strongest window's own words could reach."""
    total: FloatArray = np.zeros(documents, dtype=np.float32)
    possible = 0.0
    for part in parts:
        found = _sum(part.said, postings, documents)
        for keys, weight in ((part.formal, FORMAL_WEIGHT), (part.alike, ALIKE_WEIGHT)):
            if keys:
                found = found + _sum(keys, postings, documents) * weight
        total = np.maximum(total, found)
        possible = max(possible, _possible(part.said, postings))
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
    said = _flat(window)
    formal = _flat(formal_words(window)) - said
    return _Part(said, formal, _flat(formal_by_sound(window)) - said - formal)


def _flat(text: str) -> frozenset[int]:
    return terms(text)


def _sum(keys: frozenset[int], postings: Mapping[int, Posting], documents: int) -> FloatArray:
    held = [postings[key] for key in sorted(keys) if key in postings]
    if not held:
        return np.zeros(documents, dtype=np.float32)
    ids = np.concatenate([posting[0] for posting in held])
    impacts = np.concatenate([posting[1] for posting in held])
    return np.bincount(ids, weights=impacts, minlength=documents).astype(np.float32)


def _possible(keys: frozenset[int], postings: Mapping[int, Posting]) -> float:
    return sum(float(postings[key][1].max()) for key in keys if key in postings)


def _by_entry(total: FloatArray, layout: Layout, possible: float) -> Scored:
    heads = total[: len(layout.head_entry)]
    best = np.maximum.reduceat(heads, layout.head_start)
    is_best = heads == best[layout.head_entry]
    first = np.full(layout.entries, len(heads), dtype=np.int64)
    np.minimum.at(first, layout.head_entry[is_best], np.nonzero(is_best)[0])
    return Scored(best + total[len(heads):], first, possible)
