"""The list of "my tickets": one column, two rows of text a line, drawn for what is in sight only.

A table view with lines of one height: it never asks for more than it shows, whether 100 or 100,000 lines are there.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from app.presenters.ticket_lines import TicketLine
from app.presenters.ticket_list import LINE_ROLE, TicketListModel
from widgets.theme.icons import pixmap
from widgets.theme.palette import SIZES, SPACE, Theme, Tone
from widgets.ticket_words import ICONS, below, due_words, light_tone, spoken, standing_tone, standing_words

Index = QModelIndex | QPersistentModelIndex


class LineDelegate(QStyledItemDelegate):
    """Paints a ``TicketLine``.

    Args:
        theme: colours.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def height(self, font: QFont) -> int:
        """Pixels of a line."""
        return round(QFontMetricsF(font).lineSpacing() + QFontMetricsF(_small(font)).lineSpacing()) + 2 * SPACE.s + 2

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Mark, word, title, term; below number, time, person, place."""
        line: TicketLine = index.data(LINE_ROLE)
        palette, area, font = self._theme.palette, QRectF(option.rect), option.font
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(palette.accent_soft))
            painter.fillRect(QRectF(area.left(), area.top(), 3, area.height()), QColor(palette.accent))
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.drawLine(QPointF(area.left(), area.bottom()), QPointF(area.right(), area.bottom()))
        inner = area.adjusted(SPACE.m, SPACE.s, -SPACE.m, -SPACE.s)
        bold = QFont(font)
        bold.setBold(True)
        tone = standing_tone(line.standing, palette)
        metrics = QFontMetricsF(bold)
        size = round(metrics.height() * 0.8)
        painter.drawPixmap(QPointF(inner.left(), inner.top() + (metrics.height() - size) / 2),
                           pixmap(ICONS[line.standing], tone.ink, size))
        left = inner.left() + size + SPACE.xs
        left += self._text(painter, bold, tone.ink, QRectF(left, inner.top(), inner.right() - left, 0), standing_words(line.standing))
        right = self._chip(painter, _small(font), inner, due_words(line.due, line.light),
                           light_tone(line.light, palette) if line.light is not None else palette.empty)
        self._text(painter, bold, palette.text, QRectF(left + SPACE.m, inner.top(), right - left - 2 * SPACE.m, 0), line.title)
        row = QRectF(inner.left(), inner.top() + metrics.lineSpacing(), inner.width(), 0)
        self._text(painter, _small(font), palette.muted, row, below(line))
        painter.restore()

    def _text(self, painter: QPainter, font: QFont, colour: str, area: QRectF, text: str) -> float:
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        elided = metrics.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(QPointF(area.left(), area.top() + metrics.ascent()), elided)
        return metrics.horizontalAdvance(elided)

    def _chip(self, painter: QPainter, font: QFont, area: QRectF, words: str, tone: Tone) -> float:
        """Draws at the right edge; where its left edge is."""
        if not words:
            return area.right()
        metrics = QFontMetricsF(font)
        width = metrics.horizontalAdvance(words) + 2 * SPACE.s
        chip = QRectF(area.right() - width, area.top(), width, metrics.height() + 2)
        painter.setPen(QPen(QColor(tone.line), 1))
        painter.setBrush(QColor(tone.ground))
        painter.drawRoundedRect(chip, 3, 3)
        painter.setFont(font)
        painter.setPen(QColor(tone.ink))
        painter.drawText(QPointF(chip.left() + SPACE.s, chip.top() + 1 + metrics.ascent()), words)
        return chip.left()


class TicketListView(QTableView):
    """See the module; Enter opens the current line."""

    opened = Signal()

    def __init__(self, model: TicketListModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = LineDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        self.setModel(model)
        self.setObjectName("tickets")
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._size_lines()
        theme.changed.connect(self.viewport().update)

    def current(self) -> TicketLine | None:
        """The line that is stood on."""
        index = self.currentIndex()
        line = index.data(LINE_ROLE) if index.isValid() else None
        return line if isinstance(line, TicketLine) else None

    def stand_on(self, row: int) -> None:
        """Go to a line and bring it into view."""
        model = self.model()
        if model is not None and 0 <= row < model.rowCount():
            index = model.index(row, 0)
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def tell_current(self) -> None:
        """What a screen reader says of the current line."""
        line = self.current()
        self.setAccessibleDescription(spoken(line) if line is not None else "")

    def _size_lines(self) -> None:
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(self._delegate.height(self.font()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; Home and End go to the first and the last line that was read, as in any list."""
        model = self.model()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit()
        elif model is not None and event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.stand_on(0 if event.key() == Qt.Key.Key_Home else model.rowCount() - 1)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another type size needs another height."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange, QEvent.Type.StyleChange):
            self._size_lines()
        super().changeEvent(event)


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * SIZES.small / SIZES.base)
    return small
