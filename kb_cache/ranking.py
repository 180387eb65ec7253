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

from kb_cache.query_text import content, formal_words, windows
from kb_cache.terms import terms

FloatArray = npt.NDArray[np.float32]
IdArray = npt.NDArray[np.uint32]
Posting = tuple[IdArray, FloatArray]
Lookup = Callable[[Sequence[int]], Mapping[int, Posting]]

FORMAL_WEIGHT = 0.8
CONTEXT_WEIGHT = 0.4


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
    clean = content(text)
    if not clean:
        return None
    parts = [(_flat(part), _flat(formal_words(part))) for part in windows(clean)]
    extra = _flat(content(context)) if context else frozenset()
    wanted = set().union(extra, *(said | formal for said, formal in parts))
    postings = lookup(sorted(wanted))
    if not postings:
        return None
    aside = _sum(extra, postings, layout.documents) * CONTEXT_WEIGHT
    total: FloatArray | None = None
    possible = 0.0
    for said, formal in parts:
        found = _sum(said, postings, layout.documents) + aside
        if formal:
            found = found + _sum(formal - said, postings, layout.documents) * FORMAL_WEIGHT
        total = found if total is None else np.maximum(total, found)
        possible = max(possible, _possible(said, postings))
    assert total is not None
    return _by_entry(total, layout, possible)


def _flat(text: str) -> frozenset[int]:
    return frozenset(key for found in terms(text).values() for key in found) if text else frozenset()


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
