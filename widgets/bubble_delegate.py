"""Paints one row of the conversation: header line (icon, who, when) and bubble.

Citizen stand left, operator right; a partial is lighter, italic and in a dashed frame; unsure words are fainter with dots
below; evidence has a ground and a line below. Sizes are kept, so a long call stays cheap.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.domain.dialogue import Channel
from app.presenters.conversation import ROW_ROLE, ConversationRow
from widgets.theme.icons import pixmap
from widgets.theme.palette import SIZES, SPACE, Palette, Theme

_BUBBLE_SHARE = 0.86
_PAD_X, _PAD_Y = 10, 6
_ICON_SHARE = 0.75

Index = QModelIndex | QPersistentModelIndex


class BubbleDelegate(QStyledItemDelegate):
    """Paints a ``ConversationRow``. Heights are kept by text and width, so a long call stays cheap.

    Args:
        theme: colours.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._heights: dict[tuple[str, int, bool], tuple[float, float]] = {}
        # By row number, emptied by ``forget_rows``: asking the model costs more than all the rest.
        self._sizes: dict[int, QSize] = {}
        self.names = {Channel.CITIZEN: "", Channel.OPERATOR: ""}
        self.speaking = ""
        self.flagged = ""

    def forget(self) -> None:
        """Type size or font changed."""
        self._heights.clear()
        self._sizes.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Width of the view, height of header and bubble."""
        number = index.row()
        size = self._sizes.get(number)
        if size is None:
            width = self._view_width()
            _, height = self._measure(index.data(ROW_ROLE), option.font, width)
            size = QSize(width, round(self._header_height(option.font) + height + 2 * _PAD_Y + SPACE.m))
            self._sizes[number] = size
        return size

    @Slot(QModelIndex, QModelIndex)
    def forget_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        """These rows have new texts."""
        for number in range(first.row(), last.row() + 1):
            self._sizes.pop(number, None)

    @Slot(QModelIndex, int, int)
    def forget_rows(self, parent: QModelIndex, first: int, last: int) -> None:
        """Rows came or went, from ``first`` on (the model changes its end only)."""
        for number in [number for number in self._sizes if number >= first]:
            del self._sizes[number]

    def forget_sizes(self) -> None:
        """The view has another width."""
        self._sizes.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Header line and bubble."""
        row: ConversationRow = index.data(ROW_ROLE)
        palette = self._theme.palette
        area = QRect(option.rect)
        is_citizen = row.channel is Channel.CITIZEN
        text_width, text_height = self._measure(row, option.font, area.width())
        bubble_width = text_width + 2 * _PAD_X
        left = area.left() + SPACE.m if is_citizen else area.right() - SPACE.m - bubble_width
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        header = self._header_height(option.font)
        self._paint_header(painter, option.font, row, QRectF(area.left() + SPACE.m, area.top() + 2,
                                                             area.width() - 2 * SPACE.m, header))
        bubble = QRectF(left, area.top() + header + 2, bubble_width, text_height + 2 * _PAD_Y)
        self._paint_bubble(painter, bubble, row, palette)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(palette.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(bubble.adjusted(-1, -1, 1, 1), SPACE.radius, SPACE.radius)
        layout = self._layout(row, option.font, self._text_limit(area.width()))
        painter.setPen(QColor(palette.text if row.is_final else palette.muted))
        layout.draw(painter, QPointF(bubble.left() + _PAD_X, bubble.top() + _PAD_Y), self._formats(row, palette))
        painter.restore()

    def _paint_header(self, painter: QPainter, base: QFont, row: ConversationRow, area: QRectF) -> None:
        palette = self._theme.palette
        is_citizen = row.channel is Channel.CITIZEN
        colour = palette.citizen_line if is_citizen else palette.muted
        words = f"{self.names[row.channel]}  {_clock(row.start_ms)}"
        if not row.is_final:
            words += f"  {self.speaking}"
        if row.is_flagged:
            words += f"  {self.flagged}"
        font = QFont(base)
        font.setPointSizeF(base.pointSizeF() * SIZES.small / SIZES.base)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        width, size = metrics.horizontalAdvance(words), round(metrics.height() * _ICON_SHARE)
        left = area.left() if is_citizen else area.right() - width - size - 5
        top = area.top() + (area.height() - size) / 2
        painter.drawPixmap(QPointF(left, top), pixmap("citizen" if is_citizen else "operator", colour, size))
        painter.setPen(QColor(colour if is_citizen else palette.muted))
        painter.drawText(QRectF(left + size + 5, area.top(), width + 4, area.height()),
                         Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _paint_bubble(self, painter: QPainter, bubble: QRectF, row: ConversationRow, palette: Palette) -> None:
        is_citizen = row.channel is Channel.CITIZEN
        pen = QPen(QColor(palette.line if row.is_final else palette.line_strong), 1,
                   Qt.PenStyle.SolidLine if row.is_final else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(palette.citizen if is_citizen else palette.operator))
        painter.drawRoundedRect(bubble.adjusted(0.5, 0.5, -0.5, -0.5), SPACE.radius, SPACE.radius)
        if is_citizen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.citizen_line))
            painter.drawRoundedRect(QRectF(bubble.left(), bubble.top() + 4, 3, bubble.height() - 8), 1.5, 1.5)

    def _formats(self, row: ConversationRow, palette: Palette) -> list[QTextLayout.FormatRange]:
        formats: list[QTextLayout.FormatRange] = []
        for start, end in (*row.numbers, *row.places):
            mark = QTextCharFormat()
            mark.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            mark.setUnderlineColor(QColor(palette.accent))
            formats.append(_range(start, end, mark))
        for start, end in row.found:
            found = QTextCharFormat()
            found.setBackground(QColor(palette.accent))
            found.setForeground(QColor(palette.on_accent))
            formats.append(_range(start, end, found))
        for start, end in row.unsure:
            unsure = QTextCharFormat()
            unsure.setForeground(QColor(palette.faint))
            unsure.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
            unsure.setUnderlineColor(QColor(palette.faint))
            formats.append(_range(start, end, unsure))
        for start, end in row.evidence:
            evidence = QTextCharFormat()
            evidence.setBackground(QColor(palette.evidence))
            evidence.setForeground(QColor(palette.evidence_ink))
            evidence.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            formats.append(_range(start, end, evidence))
        return formats

    def _measure(self, row: ConversationRow, font: QFont, width: int) -> tuple[float, float]:
        key = (row.text, width, row.is_final)
        held = self._heights.get(key)
        if held is None:
            layout = self._layout(row, font, self._text_limit(width))
            held = (max(24.0, layout.maximumWidth() if layout.lineCount() == 0 else _widest(layout)),
                    layout.boundingRect().height())
            if len(self._heights) > 4000:
                self._heights.clear()
            self._heights[key] = held
        return held

    def _layout(self, row: ConversationRow, font: QFont, limit: float) -> QTextLayout:
        body = QFont(font)
        body.setItalic(not row.is_final)
        layout = QTextLayout(row.text, body)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(limit)
            line.setPosition(QPointF(0, top))
            top += line.height()
        layout.endLayout()
        return layout

    def _text_limit(self, width: int) -> float:
        return max(80.0, (width - 2 * SPACE.m) * _BUBBLE_SHARE - 2 * _PAD_X)

    def _header_height(self, font: QFont) -> float:
        return QFontMetricsF(font).height() + 1

    def _view_width(self) -> int:
        view = self.parent()
        assert isinstance(view, QListView)
        return view.viewport().width()


def _clock(ms: int) -> str:
    return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}"


def _range(start: int, end: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, end - start, form
    return made


def _widest(layout: QTextLayout) -> float:
    return max(layout.lineAt(number).naturalTextWidth() for number in range(layout.lineCount())) + 1
