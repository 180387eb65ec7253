"""Rows of an XLSX workbook, read with openpyxl as a stream.

A workbook is a zip of XML and may be a bomb: sizes are checked before anything is unpacked (Python's zipfile never gives
more than a member's header claims), XML entities are refused by defusedxml. Formulas are not taken: what they show
depends on the PC that last opened them; the row is refused with the cell's name.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException

from app.domain.errors import OperatorVisibleError
from kb_cache.import_rows import MAX_COLUMNS, MAX_ROWS, Row
from kb_cache.importer_csv import trimmed_head
from kb_cache.merged_cells import Merge, MergedRows, TooManyMergesError, merges_of
from kb_cache.records import RecordError, Refusal

MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_RATIO = 100
RATIO_FROM_BYTES = 8 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_BLANK_ROWS = 10_000
_EXACT_DIGITS = 15
_OLE = b"\xd0\xcf\x11\xe0"


def read_xlsx(data: bytes, name: str, sheet: str = "") -> tuple[tuple[str, ...], list[Row], list[Refusal]]:
    """Column names, rows (numbered as the sheet shows them) and refused rows.

    Args:
        data: the file.
        name: its name, for errors.
        sheet: the sheet's name; "" takes the first one that is not hidden.

    Raises:
        OperatorVisibleError: no workbook, damaged, cut off, hostile, or no such sheet.
    """
    _checked_zip(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles and validations that it leaves out
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            try:
                chosen = _chosen(book, sheet, name)
                return _read(chosen, merges_of(chosen.parent._archive, chosen._worksheet_path), name)
            finally:
                book.close()
    except OperatorVisibleError:
        raise
    except (DefusedXmlException, TooManyMergesError) as error:
        raise OperatorVisibleError("kb_content.xlsx_hostile", path=name) from error
    except (zipfile.BadZipFile, ParseError, EOFError, OSError, RuntimeError) as error:
        raise OperatorVisibleError("kb_content.xlsx_damaged", path=name) from error
    except Exception as error:  # openpyxl raises whatever it stumbles over in a damaged part
        raise OperatorVisibleError("kb_content.xlsx_damaged", path=name) from error


def _checked_zip(data: bytes, name: str) -> None:
    if data.startswith(_OLE):
        raise OperatorVisibleError("kb_content.xls_old", path=name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise OperatorVisibleError("kb_content.xlsx_damaged", path=name) from error
    bombs = [member for member in members if member.file_size > RATIO_FROM_BYTES
             and member.file_size > MAX_RATIO * max(1, member.compress_size)]
    if bombs or len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise OperatorVisibleError("kb_content.xlsx_bomb", path=name)


def _chosen(book: Any, sheet: str, name: str) -> Any:
    shown = [each for each in book.worksheets if each.sheet_state == "visible"]
    found = [each for each in book.worksheets if each.title == sheet] if sheet else shown[:1]
    if not found:
        raise OperatorVisibleError("kb_content.no_sheet", path=name, sheet=sheet or "-",
                                   found="、".join(each.title for each in book.worksheets))
    return found[0]


def _read(sheet: Any, merges: Sequence[Merge], name: str) -> tuple[tuple[str, ...], list[Row], list[Refusal]]:
    rows: list[Row] = []
    refusals: list[Refusal] = []
    head: tuple[str, ...] | None = None
    head_row, merged = 0, MergedRows(merges)
    for number, cells in _filled_rows(sheet, name):
        if head is None:
            head_row = number
            merged.filled(number, cells, 0)
            if any(cell.data_type == "f" for cell in cells):
                raise OperatorVisibleError("kb_content.head_formula", path=name)
            head = trimmed_head(["" if cell.value is None else str(cell.value) for cell in cells], name)
        elif len(rows) + len(refusals) >= MAX_ROWS:
            raise OperatorVisibleError("kb_content.too_many_rows", path=name, most=MAX_ROWS)
        else:
            try:
                _take(merged.filled(number, cells, head_row), head, number, rows, refusals)
            except RecordError as error:
                refusals.append(Refusal(number, *map(str, error.args)))
    if head is None:
        raise OperatorVisibleError("kb_cache.empty", path=name)
    return head, rows, refusals


def _filled_rows(sheet: Any, name: str) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows that hold anything. A sheet that claims a million blank rows is given up, not walked to its end."""
    sheet.reset_dimensions()  # what a file says of its own size is not to be believed
    blank = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
        if all(cell.value is None or cell.value == "" for cell in cells):
            blank += 1
            if blank > MAX_BLANK_ROWS:
                raise OperatorVisibleError("kb_content.blank_rows", path=name, most=MAX_BLANK_ROWS)
            continue
        blank = 0
        yield number, cells


def _take(cells: Sequence[Any], head: Sequence[str], number: int, rows: list[Row], refusals: list[Refusal]) -> None:
    values: dict[str, object] = {}
    for position, cell in enumerate(cells):
        column = head[position] if position < len(head) else ""
        if cell.value is None:
            continue
        try:
            text = _text(cell)
        except RecordError as error:
            refusals.append(Refusal(number, str(error), f"{column} {cell.coordinate}".strip()))
            return
        if column:
            values[column] = text
        elif text.strip():
            refusals.append(Refusal(number, "columns", cell.coordinate))
            return
    rows.append(Row(number, values))


def _text(cell: Any) -> str:
    value = cell.value
    if cell.data_type == "f":
        raise RecordError("formula")
    if cell.data_type == "e":
        raise RecordError("error_cell")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        if abs(value) >= 10 ** _EXACT_DIGITS:
            raise RecordError("digits_lost")
        return str(int(value)) if float(value).is_integer() else repr(value)
    return str(value)
