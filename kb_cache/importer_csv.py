"""Rows of a CSV text: comma, semicolon or tab, as office programs write it.

A row with too few or too many cells is refused alone. A quote that is never closed or a cell beyond all measure makes
the whole file refused: what follows cannot be trusted to be in its column.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from app.domain.errors import OperatorVisibleError
from kb_cache.import_rows import MAX_COLUMNS, MAX_ROWS, Row
from kb_cache.records import Refusal

_EXCEL_TEXT = re.compile(r'="([^"]*)"')
_LONGEST_CELL = 131_072
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def read_csv(text: str, name: str) -> tuple[tuple[str, ...], list[Row], list[Refusal]]:
    """Column names, rows (numbered by the line they begin in) and refused rows.

    Args:
        text: the file, decoded.
        name: its name, for errors.

    Raises:
        OperatorVisibleError: no head, cut off within a quoted cell, or beyond all measure.
    """
    csv.field_size_limit(_LONGEST_CELL)  # of the whole process: another reader may have set its own
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[Row] = []
    refusals: list[Refusal] = []
    head: tuple[str, ...] | None = None
    before = 0
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if head is None:
                head = trimmed_head(cells, name)
                continue
            if len(rows) + len(refusals) >= MAX_ROWS:
                raise OperatorVisibleError("kb_content.too_many_rows", path=name, most=MAX_ROWS)
            _take(cells, head, number, rows, refusals)
    except csv.Error as error:
        key = "kb_content.cell_huge" if "field larger" in str(error) else "kb_content.csv_damaged"
        raise OperatorVisibleError(key, path=name, line=before + 1) from error
    if head is None:
        raise OperatorVisibleError("kb_cache.empty", path=name)
    if refusals and refusals[-1].line == before and refusals[-1].reason == "columns" and not text.endswith(("\n", "\r")):
        raise OperatorVisibleError("kb_content.cut_off", path=name, line=before)
    return head, rows, refusals


def guarded(cell: str) -> str:
    """A cell that no office program takes for a formula; ``unguarded`` gives it back."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") or _GUARDED.match(cell) else cell


def unguarded(cell: str) -> str:
    """A cell without the mark that kept it from being a formula."""
    return cell[1:] if _GUARDED.match(cell) else cell


def _take(cells: Sequence[str], head: Sequence[str], number: int, rows: list[Row], refusals: list[Refusal]) -> None:
    surplus = [cell for cell in cells[len(head):] if cell.strip()]
    if len(cells) < len(head) or surplus:
        refusals.append(Refusal(number, "columns"))
        return
    values: dict[str, object] = {}
    for column, cell in zip(head, cells, strict=False):
        as_text = _EXCEL_TEXT.fullmatch(cell)
        if cell.startswith("=") and not as_text:
            refusals.append(Refusal(number, "formula", column))
            return
        if column:
            values[column] = as_text[1] if as_text else unguarded(cell)
    rows.append(Row(number, values))


def trimmed_head(cells: Sequence[str], name: str) -> tuple[str, ...]:
    """Column names without blanks around them and without blank columns at the end.

    Raises:
        OperatorVisibleError: too many columns, or a name that stands twice.
    """
    head = tuple(cell.strip() for cell in cells)
    while head and not head[-1]:
        head = head[:-1]
    if len(head) > MAX_COLUMNS:
        raise OperatorVisibleError("kb_content.too_many_columns", path=name, most=MAX_COLUMNS)
    twice = sorted({column for column in head if column and head.count(column) > 1})
    if twice:
        raise OperatorVisibleError("kb_content.head_twice", path=name, columns="、".join(twice))
    return head


def _delimiter(text: str) -> str:
    first = next((line for line in text[:100_000].splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)
