"""Merged cells of a worksheet. A reader that streams sees only the first of them; the others would silently be empty.

A merge down one column says that all its rows share the value (the unit or region of a group): they get it. A merge across columns
tells no field: a row with one is refused and named, and so is whatever a merge joins to the head.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import column_index_from_string

from kb_cache.records import RecordError

MAX_MERGES = 200_000
_END = re.compile(rb"</(?:\w+:)?sheetData>")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_BLOCK_BYTES = 1 << 20
_OVERLAP_BYTES = 64


@dataclass(frozen=True, slots=True, order=True)
class Merge:
    """Rows and columns from 1, ends included."""

    top: int
    bottom: int
    left: int
    right: int
    name: str


class TooManyMergesError(ValueError):
    """More merges than any honest sheet has."""


def merges_of(archive: zipfile.ZipFile, member: str) -> tuple[Merge, ...]:
    """All merges of a worksheet, in the order of their first rows.

    Raises:
        TooManyMergesError: a hostile file.
        KeyError, zipfile.BadZipFile, OSError: damaged.
    """
    found: list[Merge] = []
    for match in _MERGE.finditer(_behind_the_cells(archive, member)):
        left, top, right, bottom = (part.decode() for part in match.groups())
        found.append(Merge(int(top), int(bottom), column_index_from_string(left), column_index_from_string(right),
                           f"{left}{top}:{right}{bottom}"))
        if len(found) > MAX_MERGES:
            raise TooManyMergesError(member)
    return tuple(sorted(found))


def _behind_the_cells(archive: zipfile.ZipFile, member: str) -> bytes:
    """The part of a worksheet behind its cells, where merges stand; cells are passed in blocks."""
    kept, is_behind = b"", False
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK_BYTES):
            kept += block
            if not is_behind:
                end = _END.search(kept)
                is_behind = end is not None
                kept = kept[end.end():] if end is not None else kept[-_OVERLAP_BYTES:]
            elif len(kept) > MAX_MERGES * _OVERLAP_BYTES:
                raise TooManyMergesError(member)
    return kept if is_behind else b""


class MergedRows:
    """Gives rows what their merges mean; rows come in order.

    Args:
        merges: in the order of their first rows.
    """

    def __init__(self, merges: Sequence[Merge]) -> None:
        self._coming = iter(merges)
        self._next = next(self._coming, None)
        self._active: list[tuple[Merge, list[Any]]] = []

    def filled(self, number: int, cells: Sequence[Any], head: int) -> Sequence[Any]:
        """The row's cells with what it shares with the rows above.

        Args:
            number: of the row, from 1.
            cells: as they were read.
            head: the head's row; 0 for the head itself.

        Raises:
            RecordError: ``merged``, with the range as its second argument.
        """
        while self._next is not None and self._next.top <= number:
            self._active.append((self._next, []))
            self._next = next(self._coming, None)
        self._active = [(merge, first) for merge, first in self._active if merge.bottom >= number]
        shared = list(cells)
        for merge, first in self._touching(cells, head):
            if merge.top == number:
                first[:] = [cells[merge.left - 1]]
            elif first:
                shared[merge.left - 1] = first[0]
        return shared

    def _touching(self, cells: Sequence[Any], head: int) -> Iterator[tuple[Merge, list[Any]]]:
        for merge, first in self._active:
            if head and (merge.left != merge.right or merge.top <= head):
                raise RecordError("merged", merge.name)
            if merge.left <= len(cells):
                yield merge, first
