"""A table as the bytes of a CSV or XLSX file.

The workbook is the smallest one that the standard (ECMA-376) knows: one sheet of texts, four parts and their relations. Every
cell is text, so that a phone number keeps its zeros and nothing is taken for a formula; a spreadsheet library would bring
megabytes for what nobody here needs. Equal tables give equal bytes. Pure; any thread.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_MOST_CELL = 32767
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml":
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels":
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml":
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="tickets" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels":
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/worksheet"'
        ' Target="worksheets/sheet1.xml"/></Relationships>',
}


def as_csv(rows: Sequence[Sequence[str]], encoding: str, delimiter: str, guard_formulas: bool) -> bytes:
    """Rows as CSV with CRLF ends; with ``guard_formulas`` a cell that a spreadsheet would run begins with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_guarded(cell) if guard_formulas else cell for cell in row])
    return out.getvalue().encode(encoding, "replace")


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows as a workbook with one sheet."""
    sheet = "".join(f'<row r="{number}">' + "".join(_cell(number, column, text) for column, text in enumerate(row)) + "</row>"
                    for number, row in enumerate(rows, 1))
    parts = {**_PARTS, "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>'}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), (_HEAD + text).encode("utf-8", "replace"),
                             zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _cell(row: int, column: int, text: str) -> str:
    clean = "".join(each for each in text[:_MOST_CELL] if each >= " " or each in "\n\t")
    return f'<c r="{_letters(column)}{row}" t="inlineStr"><is><t xml:space="preserve">{escape(clean)}</t></is></c>'


def _letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
