"""A page of the lead's window on paper: sentences, figures and tables as PDF, for the morning meeting. Black on white in any theme."""

from __future__ import annotations

import html

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument

from app.domain.lead_tables import Kind, PageView, Table
from widgets.lead_words import LeadWords, lead

_MARGIN_MM = 15.0
_DPI = 150
_MOST_ROWS = 60
_STYLE = """body { color: #000; font-size: 10pt } h1 { font-size: 17pt } h2 { font-size: 12.5pt } p.bad { font-weight: bold }
td, th { padding: 3px 8px 3px 0 } th { font-size: 8.5pt; color: #444 }"""


def as_pdf(view: PageView, words: LeadWords, title: str, source: str) -> bytes:
    """The page as a PDF file, A4.

    Args:
        view: the page.
        words: names.
        title: heading.
        source: small line below it.
    """
    document = QTextDocument()
    document.setDefaultStyleSheet(_STYLE)
    document.setHtml(as_html(view, words, title, source))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setPageLayout(QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait,
                                     QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM), QPageLayout.Unit.Millimeter))
    document.documentLayout().setPaintDevice(writer)
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    document.print_(writer)
    del writer
    return bytes(buffer.data().data())


def as_html(view: PageView, words: LeadWords, title: str, source: str) -> str:
    """The page as HTML."""
    parts = [f"<h1>{_said(title)}</h1><p>{_said(source)}</p>"]
    parts += [f'<p class="{each.mark}">{_said(words.sentence(each))}</p>' for each in view.told]
    if view.tiles:
        tiles = [f"{_said(lead(f'tile_{tile.title}'))} <b>{_said(words.value(tile.kind, tile.value))}</b>" for tile in view.tiles]
        parts.append(f"<p>{'　'.join(tiles)}</p>")
    parts += [_table(table, words) for table in view.tables]
    return "<body>" + "".join(parts) + "</body>"


def _table(table: Table, words: LeadWords) -> str:
    head = "".join(f'<th align="{_side(column.kind)}">{_said(words.title(column))}</th>' for column in table.columns)
    rows = []
    for row in table.rows[:_MOST_ROWS]:
        cells = (f'<td align="{_side(column.kind)}">{_said(words.cell(column, cell))}</td>'
                 for column, cell in zip(table.columns, row.cells, strict=True))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    body = "".join(rows) or f"<tr><td>{_said(lead('table_empty'))}</td></tr>"
    return f"<h2>{_said(lead(f'table_{table.name}'))}</h2><table width='100%'><tr>{head}</tr>{body}</table>"


def _side(kind: Kind) -> str:
    return "left" if kind is Kind.TEXT else "right"


def _said(words: str) -> str:
    return html.escape(words)
