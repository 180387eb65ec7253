"""Takes a page of the lead's window out: its tables as one XLSX workbook or as CSV. Figures as figures, intervals beside them.

A share becomes five columns (share, ends of the interval, hits, total), so that whoever receives the file can count on. A cell that a
spreadsheet would take for a formula gets an apostrophe. Counts and codes only: nothing here is about a person but work numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Protocol

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from app.domain.lead_figures import Share
from app.domain.lead_tables import Cell, Change, Column, Kind, PageView, Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FORMATS = {Kind.SHARE: "0.0%", Kind.PERCENT: "0.0%", Kind.CHANGE: "+0.0%;-0.0%", Kind.NUMBER: "0.0", Kind.SECONDS: "0.0"}
_SHEET_NAME = 31
Value = str | int | float | None


class ExportWords(Protocol):
    """Heads and names in the language of the file."""

    def title(self, column: Column) -> str:
        """Head of a column."""

    def cell(self, column: Column, cell: Cell) -> str:
        """A name."""


def workbook(view: PageView, words: ExportWords, table_title: Callable[[str], str], ends: tuple[str, str, str, str]) -> bytes:
    """An XLSX file, a sheet a table.

    Args:
        view: the page.
        words: names.
        table_title: title of a table by its name.
        ends: words for low end, high end, hits, total.
    """
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for table in view.tables:
        sheet = book.create_sheet(table_title(table.name).translate(str.maketrans("", "", "[]:*?/\\"))[:_SHEET_NAME])
        sheet.append(_heads(table, words, ends))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(vertical="top")
        formats = [form for column in table.columns for form in _formats(column)]
        for row in table.rows:
            sheet.append([_safe(value) for value in _values(table, row.cells, words)])
            for place, form in enumerate(formats, 1):
                if form:
                    sheet.cell(sheet.max_row, place).number_format = form
        sheet.freeze_panes = "A2"
        for place, column_cells in enumerate(sheet.columns, 1):
            longest = max((_width(cell.value) for cell in column_cells), default=8)
            sheet.column_dimensions[get_column_letter(place)].width = min(40, longest + 2)
    if not book.sheetnames:
        book.create_sheet("-")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_text(view: PageView, words: ExportWords, table_title: Callable[[str], str], ends: tuple[str, str, str, str]) -> bytes:
    """All tables one below the other, each under its title; UTF-8 with mark, as Excel and WPS open it."""
    out = io.StringIO()
    writer = csv.writer(out)
    for place, table in enumerate(view.tables):
        if place:
            writer.writerow([])
        writer.writerow([table_title(table.name)])
        writer.writerow(_heads(table, words, ends))
        for row in table.rows:
            writer.writerow([_safe(value) for value in _values(table, row.cells, words)])
    return out.getvalue().encode("utf-8-sig")


def _heads(table: Table, words: ExportWords, ends: tuple[str, str, str, str]) -> list[str]:
    heads = []
    for column in table.columns:
        title = words.title(column)
        count = {Kind.SHARE: 4, Kind.CHANGE: 2}.get(column.kind, 0)
        heads += [title, *(f"{title} {end}" for end in ends[:count])]
    return heads


def _formats(column: Column) -> list[str]:
    form = _FORMATS.get(column.kind, "")
    return {Kind.SHARE: [form, form, form, "", ""], Kind.CHANGE: [form] * 3}.get(column.kind, [form])


def _values(table: Table, cells: Sequence[Cell], words: ExportWords) -> list[Value]:
    values: list[Value] = []
    for column, cell in zip(table.columns, cells, strict=True):
        if isinstance(cell, Share):
            known = cell.total > 0
            values += [cell.value, cell.low if known else None, cell.high if known else None, cell.hits, cell.total]
        elif isinstance(cell, Change):
            values += [cell.value, cell.low, cell.high]
        elif cell is None:
            values += [None] * (1 + {Kind.SHARE: 4, Kind.CHANGE: 2}.get(column.kind, 0))
        else:
            values.append(words.cell(column, cell) if isinstance(cell, str) else cell)
    return values


def _safe(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _width(value: object) -> int:
    if isinstance(value, float):
        return 7
    return sum(2 if ord(character) > 0x2E80 else 1 for character in str(value if value is not None else ""))
