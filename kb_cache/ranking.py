"""Scores a query against the postings; knows numpy and nothing of SQLite.

A query is cut into windows; each window's terms add up per document (the impacts already hold every weight), an entry takes its
best head plus its body, and the best window. Weaker words (words of office for everyday ones, the operator's question) add at a
lower weight: all of that is one matrix, terms by columns (``Asked``).

Two steps, so that a million entries cost little more than ten thousand. First the postings of the query's terms, rarest first
and at most ``BUDGET`` of them, add up in buckets of documents; documents in the best buckets are candidates. Then candidates are
scored whole by their own terms (the forward index), however frequent these are. Below ``BUDGET`` postings and
``BUCKETS`` documents the first step is exact too.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kb_cache.query_text import content, formal_by_sound, formal_words, meant, windows
from kb_cache.terms import plain, terms, terms_of_each

FloatArray = npt.NDArray[np.floating]
Array = npt.NDArray[Any]

FORMAL_WEIGHT = 0.6
ALIKE_WEIGHT = 0.4
INTENT_WEIGHT = 0.5
CONTEXT_WEIGHT = 0.4
LITTLE_SAID = 10

BUDGET = 40_000
BUCKETS = 1 << 15
CANDIDATES = 128


@dataclass(frozen=True, slots=True)
class Layout:
    """The arrays of an index; see ``kb_cache.index_format``.

    Attributes:
        entries: number of entries.
        head_entry: entry of every head.
        head_start: first head of every entry.
        self_score: what each head would score if it were asked word by word.
        rows: for each term its row in the query at hand, -1 for none: room to work in, reset after each query.
    """

    entries: int
    head_entry: Array
    head_start: Array
    self_score: Array
    keys: Array
    starts: Array
    scale: Array
    ids: Array
    impacts: Array
    doc_starts: Array
    doc_terms: Array
    doc_impacts: Array
    rows: Array

    @property
    def heads(self) -> int:
        """How many heads; bodies are numbered from there."""
        return len(self.head_entry)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as numbers.

    Attributes:
        keys: its terms, ascending.
        weights: terms by columns; windows of what is said, then windows of what was said before, then the intent.
        said: how many columns of the first kind.
        before: how many of the second.
        before_weight: what the second kind counts.
        own: terms by windows of what is said: True where the words themselves hold the term.
        matter: all terms but the intent.
    """

    keys: Array
    weights: FloatArray
    said: int
    before: int
    before_weight: float
    own: npt.NDArray[np.bool_]
    matter: frozenset[int]

    def total(self, columns: FloatArray) -> FloatArray:
        """Scores from sums by column (first axis): best window, best window before, intent."""
        found: FloatArray = columns[:self.said].max(axis=0) if self.said else np.zeros(columns.shape[1:])
        if self.before:
            found = found + columns[self.said:self.said + self.before].max(axis=0) * self.before_weight
        total: FloatArray = found + columns[-1]
        return total


@dataclass(frozen=True, slots=True)
class Scored:
    """Candidates for one query, in no order, with what is needed to judge them.

    Attributes:
        entries: their numbers.
        score: their scores, all above 0.
        heads: the head that gave each its score.
        possible: what an entry that holds all of the best window's known terms could at most reach.
        asked: terms of the matter: all that was searched for but the intent.
    """

    entries: Array
    score: FloatArray
    heads: Array
    possible: float
    asked: frozenset[int]


def score(text: str, context: str, layout: Layout) -> Scored | None:
    """The best entries with their scores; None where nothing of the text is known."""
    asked = ask(text, context)
    if asked is None or not len(layout.keys):
        return None
    places = np.minimum(np.searchsorted(layout.keys, asked.keys), len(layout.keys) - 1)
    known = np.flatnonzero(layout.keys[places] == asked.keys)
    if not len(known):
        return None
    numbers, weights = places[known], asked.weights[known] * layout.scale[places[known], None]
    entries, heads, found = _best(asked, numbers, weights, layout)
    reach = np.zeros(weights.shape[1])
    reach[:-1] = (weights[:, :-1] * asked.own[known]).sum(axis=0) * 255.0
    there = found > 0
    return Scored(entries[there], found[there], heads[there], float(asked.total(reach)), asked.matter)


def ask(text: str, context: str) -> Asked | None:
    """The query as a matrix; None where nothing is asked."""
    clean, before = content(text), content(context)
    pieces, earlier = windows(clean) if clean else [], windows(before) if before else []
    parts = _parts([*pieces, *earlier])
    intent = _all_terms(meant(plain(text)))
    matter = frozenset().union(*(part.all for part in parts))
    if not matter and not intent:
        return None
    keys = np.fromiter(sorted(matter | intent), dtype=np.int64)
    weights = np.zeros((len(keys), len(parts) + 1))
    own = np.zeros((len(keys), len(parts)), dtype=bool)
    for column, part in enumerate(parts):
        for group, weight in ((part.said, 1.0), (part.formal, FORMAL_WEIGHT), (part.alike, ALIKE_WEIGHT)):
            weights[_rows(keys, group), column] = weight
        own[_rows(keys, part.said), column] = True
    weights[_rows(keys, intent), -1] = INTENT_WEIGHT
    heavy = CONTEXT_WEIGHT if len(clean) >= LITTLE_SAID else 1.0
    return Asked(keys, weights, len(pieces), len(earlier), heavy, own, matter)


def _rows(keys: Array, group: frozenset[int]) -> Array:
    return np.searchsorted(keys, np.fromiter(group, dtype=np.int64, count=len(group)))


def _best(asked: Asked, numbers: Array, weights: FloatArray, layout: Layout) -> tuple[Array, Array, FloatArray]:
    """Entries that may be the best, the head that counts for each, and their scores."""
    counts = layout.starts[numbers + 1] - layout.starts[numbers]
    order = np.argsort(counts, kind="stable")
    order = order[:max(1, int(np.searchsorted(np.cumsum(counts[order]), BUDGET, side="right")))]
    spans = [(start, start + count) for start, count in zip(layout.starts[numbers[order]].tolist(), counts[order].tolist(), strict=True)]
    ids = np.concatenate([layout.ids[start:end] for start, end in spans]).astype(np.intp)
    impacts = np.concatenate([layout.impacts[start:end] for start, end in spans])
    rows = np.repeat(order, counts[order])
    documents = len(layout.doc_starts) - 1
    if documents <= BUCKETS and len(order) == len(numbers):
        found = _summed(asked, ids, rows, impacts, weights, documents)
        best = np.maximum.reduceat(found[:layout.heads], layout.head_start) + found[layout.heads:]
        top = np.argpartition(-best, min(CANDIDATES, len(best)) - 1)[:CANDIDATES].astype(np.int64)
        return _of_heads(top, found, layout)
    entries = _candidates(_Held(ids, rows, impacts), asked, weights, layout)
    return (entries, *_whole(asked, numbers, weights, entries, layout))


def _of_heads(entries: Array, found: FloatArray, layout: Layout) -> tuple[Array, Array, FloatArray]:
    """Best head and score of entries where all documents are scored."""
    first, many = _heads_of(entries, layout)
    heads = _ranges(first, many)
    best, chosen = _highest(found[heads], many)
    return entries, heads[chosen], best + found[layout.heads + entries]


@dataclass(frozen=True, slots=True)
class _Held:
    """Postings of a query: documents, rows of the query, impacts."""

    ids: Array
    rows: Array
    impacts: Array


def _candidates(held: _Held, asked: Asked, weights: FloatArray, layout: Layout) -> Array:
    """Entries with documents in the best buckets: at most ``CANDIDATES``."""
    documents = len(layout.doc_starts) - 1
    places = held.ids & (BUCKETS - 1) if documents > BUCKETS else held.ids
    best = _summed(asked, places, held.rows, held.impacts, weights, min(BUCKETS, documents))
    if len(best) > CANDIDATES:
        kept = np.flatnonzero(best[places] >= max(float(np.partition(best, -CANDIDATES)[-CANDIDATES]), 1e-9))
        held = _Held(held.ids[kept], held.rows[kept], held.impacts[kept])
    found, places = np.unique(held.ids, return_inverse=True)
    if len(found) > CANDIDATES:  # documents that share a bucket are told apart
        best = _summed(asked, places, held.rows, held.impacts, weights, len(found))
        found = found[np.argpartition(best, -CANDIDATES)[-CANDIDATES:]]
    in_head = found < layout.heads
    return np.unique(np.concatenate((layout.head_entry[found[in_head]], found[~in_head] - layout.heads)).astype(np.int64))


def _heads_of(entries: Array, layout: Layout) -> tuple[Array, Array]:
    """First head and number of heads of entries."""
    first = layout.head_start[entries].astype(np.int64)
    after = entries + 1
    last = np.where(after < layout.entries, layout.head_start[np.minimum(after, layout.entries - 1)], layout.heads)
    return first, last.astype(np.int64) - first


def _highest(found: FloatArray, many: Array) -> tuple[FloatArray, Array]:
    """The highest of each run of ``many`` values, and its place."""
    best = np.maximum.reduceat(found, np.cumsum(many) - many)
    places = np.flatnonzero(found == np.repeat(best, many))
    _, firsts = np.unique(np.repeat(np.arange(len(many)), many)[places], return_index=True)
    return best, places[firsts]


def _whole(asked: Asked, numbers: Array, weights: FloatArray, entries: Array, layout: Layout) -> tuple[Array, FloatArray]:
    """The best head of each entry, and the entry's score, from all terms of all its documents."""
    first, many = _heads_of(entries, layout)
    heads = _ranges(first, many)
    documents = np.concatenate((heads, entries + layout.heads))
    begin = layout.doc_starts[documents]
    length = layout.doc_starts[documents + 1] - begin
    places = _ranges(begin, length)
    layout.rows[numbers] = np.arange(len(numbers))
    rows = layout.rows[layout.doc_terms[places]]
    layout.rows[numbers] = -1
    there = np.flatnonzero(rows >= 0)
    owner = np.repeat(np.arange(len(documents)), length)[there]
    found = _summed(asked, owner, rows[there], layout.doc_impacts[places[there]], weights, len(documents))
    best, chosen = _highest(found[:len(heads)], many)
    return heads[chosen], best + found[len(heads):]


def _summed(asked: Asked, places: Array, rows: Array, impacts: Array, weights: FloatArray, size: int) -> FloatArray:
    """Scores of ``size`` places from postings (place, row of the query, impact)."""
    columns = np.zeros((weights.shape[1], size))
    for column in range(weights.shape[1]):
        weight = weights[:, column]
        if np.count_nonzero(weight) > len(weight) // 3:
            columns[column] = np.bincount(places, weights=weight[rows] * impacts, minlength=size)
        elif weight.any():
            some = np.flatnonzero((weight != 0)[rows])
            columns[column] = np.bincount(places[some], weights=weight[rows[some]] * impacts[some], minlength=size)
    return asked.total(columns)


def _ranges(starts: Array, lengths: Array) -> Array:
    """All numbers from ``starts[i]`` on, ``lengths[i]`` of them, one run after the other."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(int(ends[-1]) if len(ends) else 0)


@dataclass(frozen=True, slots=True)
class _Part:
    """Terms of one window: as said, words of office, and words of office by sound; each without those before."""

    said: frozenset[int] = frozenset()
    formal: frozenset[int] = frozenset()
    alike: frozenset[int] = frozenset()

    @property
    def all(self) -> frozenset[int]:
        return self.said | self.formal | self.alike


def _parts(pieces: Sequence[str]) -> list[_Part]:
    parts = []
    for piece, said in zip(pieces, terms_of_each(pieces), strict=True):
        formal = _all_terms(formal_words(piece)) - said
        parts.append(_Part(said, formal, _all_terms(formal_by_sound(piece)) - said - formal))
    return parts


def _all_terms(pieces: Iterable[str]) -> frozenset[int]:
    return frozenset().union(*map(_kept_terms, pieces))


@functools.lru_cache(maxsize=4096)
def _kept_terms(piece: str) -> frozenset[int]:
    """Terms of a line of the everyday map: few lines, met again and again."""
    return terms(piece)
