"""A field's state as icon and word in the state's ink; the icon alone where the value needs the room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme.icons import pixmap
from widgets.theme.palette import SIZES, Theme, Tone


class StateChip(QWidget):
    """A field's state: icon and word in the state's ink.

    Args:
        theme: colours.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon, self._word = "empty", ""
        self._is_compact = False
        self._tone = theme.palette.empty
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def word(self) -> str:
        """The word shown."""
        return self._word

    def show_state(self, name: str, word: str, tone: Tone) -> None:
        """Change what is shown."""
        self._icon, self._word, self._tone = name, word, tone
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def set_compact(self, is_compact: bool) -> None:
        """The icon alone, where the value needs the room; the word stays in the description and the tool tip."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self.updateGeometry()
            self.update()

    def full_width(self) -> int:
        """Pixels that icon and word take."""
        return self._icon_px() + 3 + QFontMetrics(self._small()).horizontalAdvance(self._word)

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * (SIZES.small - 0.5) / SIZES.base)
        return font

    def _icon_px(self) -> int:
        return round(QFontMetrics(self._small()).height() * 0.72)

    def sizeHint(self) -> QSize:
        """Icon and word."""
        width = self._icon_px() if self._is_compact else self.full_width()
        return QSize(width, max(16, QFontMetrics(self._small()).height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon and word."""
        painter = QPainter(self)
        size = self._icon_px()
        painter.drawPixmap(0, (self.height() - size) // 2, pixmap(self._icon, self._tone.ink, size))
        painter.setFont(self._small())
        painter.setPen(QColor(self._tone.ink))
        if not self._is_compact:
            painter.drawText(self.rect().adjusted(size + 3, 0, 2, 0), Qt.AlignmentFlag.AlignVCenter, self._word)
        painter.end()
