"""A label of a fixed number of lines that ends in … where its text does not fit; the whole text is in its tool tip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget


class ElidedText(QWidget):
    """Text in at most ``lines`` lines.

    Args:
        lines: how many.
        is_bold: heavier type.
        scale: type size as a share of the application's.
    """

    def __init__(self, lines: int, is_bold: bool = False, scale: float = 1.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._is_bold = is_bold
        self._scale = scale
        self._text = ""
        self._colour: QColor | None = None
        self._is_elided = False
        self._lit: tuple[tuple[str, ...], str, str] = ((), "", "")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Change the text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def set_colour(self, colour: str) -> None:
        """Change the ink; without one it is the window's."""
        self._colour = QColor(colour)
        self.update()

    def light_up(self, words: Sequence[str], ground: str, ink: str) -> None:
        """Have these words stand out; the colours hold until the next call."""
        self._lit = (tuple(words), ground, ink)
        self.update()

    def set_bold(self, is_bold: bool) -> None:
        """Change the weight."""
        self._is_bold = is_bold
        self.update()

    def set_lines(self, lines: int) -> None:
        """Change how many lines there are."""
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()
            self.update()

    def text_width(self) -> int:
        """Pixels of the whole text in one line."""
        return round(QFontMetricsF(self._font()).horizontalAdvance(self._text)) + 1

    def is_elided(self) -> bool:
        """Whether the last painting left something out."""
        return self._is_elided

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setBold(self._is_bold)
        font.setPointSizeF(font.pointSizeF() * self._scale)
        return font

    def sizeHint(self) -> QSize:
        """Height of all lines, also where the text is shorter: nothing below jumps."""
        return QSize(40, round(QFontMetricsF(self._font()).lineSpacing() * self._lines + 1))

    def minimumSizeHint(self) -> QSize:
        """Same height, any width."""
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        """Another type size needs another height."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw line by line; the last one is elided."""
        painter = QPainter(self)
        painter.setPen(self._colour or self.palette().windowText().color())
        font = self._font()
        metrics = QFontMetricsF(font)
        layout = QTextLayout(self._text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats(self._formats(self._text))
        layout.beginLayout()
        top, self._is_elided = 0.0, False
        for number in range(self._lines):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(self.width())
            start, length = line.textStart(), line.textLength()
            is_last = number == self._lines - 1
            if is_last and start + length < len(self._text):
                self._is_elided = True
                rest = metrics.elidedText(self._text[start:], Qt.TextElideMode.ElideRight, self.width())
                self._draw_rest(painter, font, rest, top)
            else:
                line.draw(painter, QPointF(0, top))
            top += metrics.lineSpacing()
        layout.endLayout()
        painter.end()

    def _draw_rest(self, painter: QPainter, font: QFont, rest: str, top: float) -> None:
        last = QTextLayout(rest, font)
        last.setFormats(self._formats(rest))
        last.beginLayout()
        line = last.createLine()
        last.endLayout()
        if line.isValid():
            line.draw(painter, QPointF(0, top))

    def _formats(self, text: str) -> list[QTextLayout.FormatRange]:
        """Where in ``text`` words stand out."""
        words, ground, ink = self._lit
        found: list[QTextLayout.FormatRange] = []
        for word in words:
            at = text.find(word) if word else -1
            while at >= 0:
                lit = QTextLayout.FormatRange()
                lit.start, lit.length = at, len(word)
                lit.format.setBackground(QColor(ground))
                lit.format.setForeground(QColor(ink))
                found.append(lit)
                at = text.find(word, at + len(word))
        return found
