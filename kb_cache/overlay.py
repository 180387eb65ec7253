"""Entries that changed since an index was built, searched beside it: one change costs milliseconds at any size.

A change makes a small segment in memory, weighed by the statistics of the whole (``index_build.Corpus``), and marks the documents of
entries that it replaces or removes as gone; the index file is never touched. Small segments are joined as they come, and ``compacted``
makes one of all of them when there is time. What a search finds is what an index built anew would find, but for what single entries
move in the statistics (tests/kb_cache/test_overlay.py). Values are frozen: a change gives a new overlay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from app.domain.knowledge import KnowledgeEntry
from kb_cache.index_build import Corpus, segment
from kb_cache.ranking import Array, Layout, Part

JOINED = 6
MANY = 8


@dataclass(frozen=True)
class Base:
    """The index file below an overlay: its arrays, the mean lengths it was built with."""

    layout: Layout
    means: Array

    def corpus(self) -> Corpus:
        """Its statistics."""
        return Corpus(np.array([self.layout.heads, self.layout.entries], dtype=float), self.means, self._frequencies)

    def _frequencies(self, keys: Array) -> Array:
        layout = self.layout
        places = np.minimum(np.searchsorted(layout.keys, keys), max(0, len(layout.keys) - 1))
        found = np.zeros((len(keys), 2), dtype=np.int64)
        for row in np.flatnonzero(layout.keys[places] == keys).tolist():
            start, end = int(layout.starts[places[row]]), int(layout.starts[places[row] + 1])
            heads = int(np.searchsorted(layout.ids[start:end], layout.heads))
            found[row] = heads, end - start - heads
        return found


@dataclass(frozen=True)
class Segment:
    """A few entries as an index of their own. ``gone``: places of those that were replaced since."""

    entries: tuple[KnowledgeEntry, ...]
    layout: Layout
    gone: frozenset[int] = frozenset()

    @cached_property
    def part(self) -> Part:
        """As the ranking takes it."""
        return Part(self.layout, gone_documents(self.layout, self.gone))

    @property
    def alive(self) -> tuple[KnowledgeEntry, ...]:
        """Entries that are valid."""
        return tuple(entry for place, entry in enumerate(self.entries) if place not in self.gone)

    def without(self, keys: Collection[str]) -> Segment:
        """The same with some entries gone."""
        more = {place for place, entry in enumerate(self.entries) if entry.id in keys}
        return Segment(self.entries, self.layout, self.gone | more) if more - self.gone else self


@dataclass(frozen=True)
class Overlay:
    """All changes to a base. ``removed``: places of base entries that are gone; ``mask``: their documents."""

    base: Base
    segments: tuple[Segment, ...] = ()
    removed: frozenset[int] = frozenset()
    mask: npt.NDArray[np.bool_] | None = field(default=None, repr=False)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The base and its segments as the ranking takes them."""
        return (Part(self.base.layout, self.mask), *(each.part for each in self.segments))

    @property
    def is_long(self) -> bool:
        """True where compaction would make searches faster."""
        return len(self.segments) > MANY

    def find(self, entry_id: str) -> KnowledgeEntry | None:
        """A changed entry, None where no change brought it."""
        return next((entry for each in self.segments for entry in each.alive if entry.id == entry_id), None)

    def at(self, number: int) -> KnowledgeEntry:
        """The entry of a number beyond the base's."""
        place = number - self.base.layout.entries
        for each in self.segments:
            if place < len(each.entries):
                return each.entries[place]
            place -= len(each.entries)
        raise IndexError(number)

    def changed(self, entries: Sequence[KnowledgeEntry], gone: Mapping[str, int | None]) -> Overlay:
        """With entries put in the place of their former versions, and others taken out.

        Args:
            entries: to put; ids are unique.
            gone: ids of all entries put or taken out, with their place in the base (None: not there).
        """
        segments = [each.without(gone.keys()) for each in self.segments]
        joined = list(entries)
        while segments and 0 < len(segments[-1].alive) + len(joined) <= JOINED:
            joined = [*segments.pop().alive, *joined]
        if joined:
            segments.append(_segment(joined, self.base))
        added = {place for place in gone.values() if place is not None} - self.removed
        mask = self.mask if self.mask is not None or not added else np.zeros(len(self.base.layout.doc_starts) - 1, dtype=bool)
        if added and mask is not None:
            mask = mask.copy()
            mask[_documents(self.base.layout, added)] = True
        return Overlay(self.base, tuple(segments), self.removed | added, mask)

    def compacted(self) -> Overlay:
        """With one segment for all; for idle time."""
        alive = [entry for each in self.segments for entry in each.alive]
        return Overlay(self.base, (_segment(alive, self.base),) if alive else (), self.removed, self.mask)


def gone_documents(layout: Layout, entries: Collection[int]) -> npt.NDArray[np.bool_] | None:
    """A mask of the documents of entries; None where there are none."""
    if not entries:
        return None
    mask = np.zeros(len(layout.doc_starts) - 1, dtype=bool)
    mask[_documents(layout, entries)] = True
    return mask


def _documents(layout: Layout, entries: Collection[int]) -> list[int]:
    found = []
    for entry in entries:
        last = int(layout.head_start[entry + 1]) if entry + 1 < layout.entries else layout.heads
        found += [*range(int(layout.head_start[entry]), last), layout.heads + entry]
    return found


def _segment(entries: Sequence[KnowledgeEntry], base: Base) -> Segment:
    arrays = segment(entries, base.corpus())
    return Segment(tuple(entries), Layout(entries=len(entries), rows=np.full(len(arrays["keys"]), -1, dtype=np.int16), **arrays))
