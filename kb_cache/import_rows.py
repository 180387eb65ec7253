"""What a reader of a source hands on: rows under column names, and the rows that it could not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb_cache.records import Refusal

MAX_ROWS = 1_000_000
MAX_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One row, one object or one file; ``number`` counts lines of the source from 1."""

    number: int
    values: Mapping[str, object]
    file: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A source.

    Attributes:
        columns: names in the source's order.
        rows: in the source's order.
        refusals: rows that could not be read.
        encoding: of a text file, else "".
        digest: SHA-256 of the source, hex.
        typed: the values have kinds of their own (JSON); else they are texts of cells.
    """

    columns: Sequence[str]
    rows: Sequence[Row]
    refusals: Sequence[Refusal]
    encoding: str
    digest: str
    typed: bool = False
