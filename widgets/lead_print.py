"""A page of the lead's window on paper: sentences, figures, charts and tables for the morning meeting, as a PDF file or from a printer.

Black on white in any theme; one document for both. Charts are drawn by the very widget of the window, never shown, at three times the
resolution of a screen.
"""

from __future__ import annotations

import html

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF, QUrl
from PySide6.QtGui import QImage, QPagedPaintDevice, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from app.domain.lead_tables import Chart, Kind, PageView, Table
from widgets.lead_chart import LeadChart
from widgets.lead_style import lead_stylesheet
from widgets.lead_words import LeadWords, lead
from widgets.theme.palette import Theme, ThemeName

_MARGIN_MM = 15.0
_DPI = 150
_MOST_ROWS = 60
#: Width of the paper between its margins at 96 dots an inch, as the document counts.
_PAPER_PX = 680
_SHARPER = 3
_MOST_BESIDE = 2
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
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setPageLayout(paper())
    put_on_paper(view, words, title, source, writer)
    del writer
    return bytes(buffer.data().data())


def paper() -> QPageLayout:
    """A4 upright with our margins."""
    return QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait,
                       QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM), QPageLayout.Unit.Millimeter)


def put_on_paper(view: PageView, words: LeadWords, title: str, source: str, device: QPagedPaintDevice) -> None:
    """Draw the page on a PDF writer or a printer, with the paper that is set there.

    Args:
        view: the page.
        words: names.
        title: heading.
        source: small line below it.
        device: where to; what becomes of it is to be asked there.
    """
    document = QTextDocument()
    document.setDefaultStyleSheet(_STYLE)
    for place, chart in enumerate(view.charts):
        image = _drawn(chart, words, _chart_width(view))
        document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(f"chart:{place}"), image)
    document.setHtml(as_html(view, words, title, source))
    document.documentLayout().setPaintDevice(device)
    document.setPageSize(QSizeF(device.width(), device.height()))
    document.print_(device)


def as_html(view: PageView, words: LeadWords, title: str, source: str) -> str:
    """The page as HTML."""
    parts = [f"<h1>{_said(title)}</h1><p>{_said(source)}</p>"]
    parts += [f'<p class="{each.mark}">{_said(words.sentence(each))}</p>' for each in view.told]
    if view.tiles:
        tiles = [f"{_said(lead(f'tile_{tile.title}'))} <b>{_said(words.value(tile.kind, tile.value))}</b>" for tile in view.tiles]
        parts.append(f"<p>{'　'.join(tiles)}</p>")
    parts += [_charts(view), *(_table(table, words) for table in view.tables)]
    return "<body>" + "".join(parts) + "</body>"


def _chart_width(view: PageView) -> int:
    return _PAPER_PX // min(_MOST_BESIDE, len(view.charts))


def _charts(view: PageView) -> str:
    """Pictures of the charts, two beside each other where there are more than one."""
    images = [f'<td><img src="chart:{place}" width="{_chart_width(view) - 10}"></td>' for place in range(len(view.charts))]
    lines = ("".join(images[first:first + _MOST_BESIDE]) for first in range(0, len(images), _MOST_BESIDE))
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>" if images else ""


def _drawn(chart: Chart, words: LeadWords, width: int) -> QImage:
    theme = Theme(ThemeName.LIGHT)
    plot = LeadChart(words, theme)
    plot.setStyleSheet(f"{lead_stylesheet(theme.palette, 100)} QWidget {{ background: {theme.palette.surface}; }}")
    plot.show_chart(chart)
    plot.resize(width, plot.height())
    image = QImage(plot.size() * _SHARPER, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SHARPER)
    image.fill(theme.palette.surface)
    plot.grab()  # lays it out: what was never shown has no places yet
    plot.render(image)
    plot.deleteLater()
    theme.deleteLater()
    return image


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
