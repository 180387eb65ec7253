"""Scores a query against the postings; knows numpy and nothing of SQLite.

A query is cut into windows; its terms add up per document (the impacts already hold every weight), an entry takes its best head plus
its body. What is said counts as a whole to one share and by its best window for the rest, so that neither a wrong character here
and there nor rambling drowns a question. Weaker words (words of office for everyday ones, the operator's question) add at a lower
weight: all of that is one matrix, terms by columns (``Asked``).

Two steps, so that a million entries cost little more than ten thousand. First the postings of the query's terms, rarest first
and at most ``BUDGET`` of them, add up as a whole in buckets of documents; entries of the best ones are candidates. Then candidates
are scored by every column: from the same postings where these were all of them, else by their own terms (the forward index).

An index may have parts: the file, and segments with entries that changed since (``kb_cache.overlay``). Documents that are ``gone``
from a part are left out before candidates are chosen.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kb_cache.query_text import SHORT, content, differing, formal_by_sound, formal_nearly, formal_words, meant, windows
from kb_cache.terms import plain, terms, terms_of_each
from kb_cache.weights import weights as fitted

FloatArray = npt.NDArray[np.floating]
Array = npt.NDArray[Any]

FORMAL_WEIGHT = 0.6
ALIKE_WEIGHT = 0.5
NEARLY_WEIGHT = 0.25
OTHERWISE_WEIGHT = 0.4
INTENT_WEIGHT = 0.5
CONTEXT_WEIGHT = 0.4
LITTLE_SAID = 10

BUDGET = 40_000
BUCKETS = 1 << 15
CANDIDATES = 96


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
class Part:
    """One part of an index: its arrays, and which of its documents are not valid any more (None: all are)."""

    layout: Layout
    gone: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Columns of one text: from ``first`` on ``windows`` of them, and where these are several one more for the whole."""

    first: int
    windows: int
    weight: float

    @property
    def summary(self) -> int:
        """The column that stands for all of it."""
        return self.first + (self.windows if self.windows > 1 else 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as numbers.

    Attributes:
        keys: its terms, ascending.
        weights: terms by columns; windows and whole of what is said, the same of what was said before, other readings, the intent.
        stretches: which columns are what; the last column is the intent.
        own: terms by columns: True where the words themselves hold the term.
        matter: all terms but the intent.
        body: what answers count beside titles: long talk says more of what stands in answers.
    """

    keys: Array
    weights: FloatArray
    stretches: tuple[Stretch, ...]
    own: npt.NDArray[np.bool_]
    matter: frozenset[int]
    body: float

    def total(self, columns: FloatArray) -> FloatArray:
        """Scores from sums by column (first axis)."""
        share = fitted().whole
        found: FloatArray = columns[-1].copy()
        for each in self.stretches:
            value = columns[each.summary]
            if each.windows > 1:
                value = value * share + columns[each.first:each.summary].max(axis=0) * (1.0 - share)
            found += value * each.weight
        return found

    def linear(self) -> FloatArray:
        """A weight for each term: all texts as wholes."""
        found: FloatArray = self.weights[:, -1].copy()
        for each in self.stretches:
            found += self.weights[:, each.summary] * each.weight
        return found


@dataclass(frozen=True, slots=True)
class Scored:
    """Candidates for one query, in no order, with what is needed to judge them.

    Attributes:
        entries: their numbers; those of a second part go on where the first one's end.
        score: their scores, all above 0.
        which: which of the entry's heads gave it its score, from 0.
        self_score: what that head would score if it were asked word by word.
        all_heads: how many heads there are.
        possible: what an entry that holds all of the query's known terms could at most reach.
        asked: terms of the matter: all that was searched for but the intent.
    """

    entries: Array
    score: FloatArray
    which: Array
    self_score: FloatArray
    all_heads: int
    possible: float
    asked: frozenset[int]


def score(text: str, context: str, parts: Sequence[Part], alternatives: Sequence[str] = ()) -> Scored | None:
    """The best entries with their scores; None where nothing of the text is known."""
    asked = ask(text, context, alternatives)
    if asked is None:
        return None
    found: list[tuple[Array, ...]] = []
    entries = heads = 0
    possible = 0.0
    for part in parts:
        best = _of_part(asked, part)
        if best is not None:
            there = best[2] > 0
            own, chosen = best[0][there], best[1][there]
            found.append((own + entries, best[2][there], chosen - part.layout.head_start[own], part.layout.self_score[chosen]))
            possible = max(possible, best[3])
        entries, heads = entries + part.layout.entries, heads + part.layout.heads
    if not found:
        return None
    numbers, scores, which, self_score = (np.concatenate(each) for each in zip(*found, strict=True))
    return Scored(numbers, scores, which, self_score, heads, possible, asked.matter)


def _of_part(asked: Asked, part: Part) -> tuple[Array, Array, FloatArray, float] | None:
    """Entries, heads and scores within a part, and what could at most be reached; None where no term is known."""
    layout = part.layout
    if not len(layout.keys):
        return None
    places = np.minimum(np.searchsorted(layout.keys, asked.keys), len(layout.keys) - 1)
    known = np.flatnonzero(layout.keys[places] == asked.keys)
    if not len(known):
        return None
    numbers, scale = places[known], layout.scale[places[known]]
    query = _Query(asked, numbers, asked.weights[known] * scale[:, None], asked.linear()[known] * scale)
    entries, heads, found = _best(query, part)
    reach = (query.weights * asked.own[known]).sum(axis=0) * 255.0
    return entries, heads, found, float(asked.total(reach))


def ask(text: str, context: str, alternatives: Sequence[str] = ()) -> Asked | None:
    """The query as a matrix; None where nothing is asked.

    What other readings say beside the text is one more column: half of the pairs of characters that recognition lost are in them, but
    fifteen times as many wrong ones (measured on the open calls).
    """
    clean, before = content(text), content(context)
    pieces, earlier = windows(clean) if clean else [], windows(before) if before else []
    parts = _parts([*pieces, *earlier])
    intent = _all_terms(meant(plain(text)))
    said = frozenset().union(*(part.all for part in parts))
    otherwise = _otherwise(plain(text), alternatives) - said - intent
    matter = said | otherwise
    if not matter and not intent:
        return None
    keys = np.fromiter(sorted(matter | intent), dtype=np.int64)
    heavy = CONTEXT_WEIGHT if len(clean) >= LITTLE_SAID else 1.0
    stretches, columns = [], 0
    for texts, weight in ((pieces, 1.0), (earlier, heavy)):
        if texts:
            stretches.append(Stretch(columns, len(texts), weight))
            columns = stretches[-1].summary + 1
    if otherwise:
        stretches.append(Stretch(columns, 1, 1.0))
        columns += 1
    weights = np.zeros((len(keys), columns + 1))
    own = np.zeros((len(keys), columns + 1), dtype=bool)
    each_part = iter(parts)
    for stretch in stretches[:-1] if otherwise else stretches:
        for column in range(stretch.first, stretch.first + stretch.windows):
            _fill(next(each_part), keys, weights[:, column], own[:, column])
        if stretch.windows > 1:
            weights[:, stretch.summary] = weights[:, stretch.first:stretch.summary].max(axis=1)
            own[:, stretch.summary] = own[:, stretch.first:stretch.summary].any(axis=1)
    if otherwise:
        weights[_rows(keys, otherwise), -2] = OTHERWISE_WEIGHT
    weights[_rows(keys, intent), -1] = INTENT_WEIGHT
    return Asked(keys, weights, tuple(stretches), own, matter, fitted().long_body if len(clean) > SHORT else 1.0)


def _otherwise(text: str, alternatives: Sequence[str]) -> frozenset[int]:
    """Terms of the stretches in which other readings differ, with words of office for everyday words there."""
    pieces = dict.fromkeys(filter(None, (differing(text, plain(other)) for other in alternatives)))
    return frozenset().union(*terms_of_each(list(pieces)), *(_all_terms(formal_words(piece)) for piece in pieces))


def _fill(part: _Part, keys: Array, weights: FloatArray, own: Array) -> None:
    """Write a window's column."""
    for group, weight in ((part.said, 1.0), (part.formal, FORMAL_WEIGHT), (part.alike, ALIKE_WEIGHT), (part.nearly, NEARLY_WEIGHT)):
        weights[_rows(keys, group)] = weight
    own[_rows(keys, part.said)] = True


def _rows(keys: Array, group: frozenset[int]) -> Array:
    return np.searchsorted(keys, np.fromiter(group, dtype=np.int64, count=len(group)))


@dataclass(frozen=True, slots=True)
class _Query:
    """What is asked of one part: its terms' numbers there, their weights by column, and as wholes."""

    asked: Asked
    numbers: Array
    weights: FloatArray
    linear: FloatArray


@dataclass(frozen=True, slots=True)
class _Held:
    """Postings of a query: documents, impacts, and what they weigh as wholes; those of row ``order[n]`` end at ``ends[n]``."""

    ids: Array
    impacts: Array
    worth: FloatArray
    order: Array
    ends: Array

    def rows(self, places: Array) -> Array:
        """Rows of the query that some of the postings belong to."""
        rows: Array = self.order[np.searchsorted(self.ends, places, side="right")]
        return rows


def _best(query: _Query, part: Part) -> tuple[Array, Array, FloatArray]:
    """Entries that may be the best, the head that counts for each, and their scores."""
    layout = part.layout
    documents = len(layout.doc_starts) - 1
    held = _held(query, part)
    if documents > BUCKETS:
        entries = _candidates(held, layout)
        return (entries, *_whole(query, entries, layout))
    found = np.bincount(held.ids, weights=held.worth, minlength=documents)
    best = np.maximum.reduceat(found[:layout.heads], layout.head_start) + found[layout.heads:] * query.asked.body
    entries = np.sort(np.argpartition(-best, min(CANDIDATES, len(best)) - 1)[:CANDIDATES].astype(np.int64))
    if len(held.order) < len(query.numbers):
        return (entries, *_whole(query, entries, layout))
    return (entries, *_of_held(held, query, entries, layout))


def _held(query: _Query, part: Part) -> _Held:
    """Postings of the query's rarest terms, about ``BUDGET`` of them; what is gone weighs nothing."""
    layout = part.layout
    first = layout.starts[query.numbers]
    counts = layout.starts[query.numbers + 1] - first
    order = np.argsort(counts, kind="stable")
    order = order[:max(1, int(np.searchsorted(np.cumsum(counts[order]), BUDGET, side="right")))]
    first, counts = first[order], counts[order]
    spans = list(zip(first.tolist(), (first + counts).tolist(), strict=True))
    ids = np.concatenate([layout.ids[start:end] for start, end in spans], dtype=np.intp, casting="unsafe")
    impacts = np.concatenate([layout.impacts[start:end] for start, end in spans])
    worth = np.repeat(query.linear[order], counts) * impacts
    if part.gone is not None:
        worth[part.gone[ids]] = 0.0
    return _Held(ids, impacts, worth, order, np.cumsum(counts))


def _of_held(held: _Held, query: _Query, entries: Array, layout: Layout) -> tuple[Array, FloatArray]:
    """The best head of each entry, and the entry's score, from postings that are all there are."""
    first, many = _heads_of(entries, layout)
    heads = _ranges(first, many)
    places = np.full(len(layout.doc_starts) - 1, -1, dtype=np.int32)
    places[heads] = np.arange(len(heads))
    places[layout.heads + entries] = len(heads) + np.arange(len(entries))
    at = places[held.ids]
    kept = np.flatnonzero((at >= 0) & (held.worth != 0))
    found = _summed(query, at[kept], held.rows(kept), held.impacts[kept], len(heads) + len(entries))
    best, chosen = _highest(found[:len(heads)], many)
    return heads[chosen], best + found[len(heads):] * query.asked.body


def _candidates(held: _Held, layout: Layout) -> Array:
    """Entries with documents in the best buckets: at most ``CANDIDATES``."""
    places = held.ids & (BUCKETS - 1)
    best = np.bincount(places, weights=held.worth, minlength=BUCKETS)
    kept = np.flatnonzero((best[places] >= float(np.partition(best, -CANDIDATES)[-CANDIDATES])) & (held.worth > 0))
    found, places = np.unique(held.ids[kept], return_inverse=True)
    if len(found) > CANDIDATES:  # documents that share a bucket are told apart
        best = np.bincount(places, weights=held.worth[kept], minlength=len(found))
        found = np.sort(found[np.argpartition(best, -CANDIDATES)[-CANDIDATES:]])
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


def _whole(query: _Query, entries: Array, layout: Layout) -> tuple[Array, FloatArray]:
    """The best head of each entry, and the entry's score, from all terms of all its documents."""
    if not len(entries):
        return entries, np.zeros(0)
    first, many = _heads_of(entries, layout)
    heads = _ranges(first, many)
    documents = np.concatenate((heads, entries + layout.heads))
    begin = layout.doc_starts[documents]
    length = layout.doc_starts[documents + 1] - begin
    places = _ranges(begin, length)
    layout.rows[query.numbers] = np.arange(len(query.numbers))
    rows = layout.rows[layout.doc_terms[places]]
    layout.rows[query.numbers] = -1
    there = np.flatnonzero(rows >= 0)
    owner = np.repeat(np.arange(len(documents)), length)[there]
    found = _summed(query, owner, rows[there], layout.doc_impacts[places[there]], len(documents))
    best, chosen = _highest(found[:len(heads)], many)
    return heads[chosen], best + found[len(heads):] * query.asked.body


def _summed(query: _Query, places: Array, rows: Array, impacts: Array, size: int) -> FloatArray:
    """Scores of ``size`` places from postings (place, row of the query, impact)."""
    columns = np.zeros((query.weights.shape[1], size))
    for column in range(query.weights.shape[1]):
        columns[column] = np.bincount(places, weights=query.weights[rows, column] * impacts, minlength=size)
    return query.asked.total(columns)


def _ranges(starts: Array, lengths: Array) -> Array:
    """All numbers from ``starts[i]`` on, ``lengths[i]`` of them, one run after the other."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(int(ends[-1]) if len(ends) else 0)


@dataclass(frozen=True, slots=True)
class _Part:
    """Terms of one window: as said, words of office, the same by sound, and by sound but for a syllable; each without those before."""

    said: frozenset[int] = frozenset()
    formal: frozenset[int] = frozenset()
    alike: frozenset[int] = frozenset()
    nearly: frozenset[int] = frozenset()

    @property
    def all(self) -> frozenset[int]:
        return self.said | self.formal | self.alike | self.nearly


def _parts(pieces: Sequence[str]) -> list[_Part]:
    parts = []
    for piece, said in zip(pieces, terms_of_each(pieces), strict=True):
        formal = _all_terms(formal_words(piece)) - said
        alike = _all_terms(formal_by_sound(piece)) - said - formal
        parts.append(_Part(said, formal, alike, _all_terms(formal_nearly(piece)) - said - formal - alike))
    return parts


def _all_terms(pieces: Iterable[str]) -> frozenset[int]:
    return frozenset().union(*map(_kept_terms, pieces))


@functools.lru_cache(maxsize=4096)
def _kept_terms(piece: str) -> frozenset[int]:
    """Terms of a line of the everyday map: few lines, met again and again."""
    return terms(piece)
