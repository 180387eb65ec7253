"""Loudness of one side as a bar, ten segments; it has a word and a number for a screen reader, too."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme.icons import pixmap
from widgets.theme.palette import Theme

_SEGMENTS, _LOUD = 10, 0.92
_GAP_PX = 2


class LevelMeter(QWidget):
    """See the module.

    Args:
        picture: icon of the side.
        theme: colours.
    """

    def __init__(self, picture: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture, self._theme = picture, theme
        self._lit = 0
        self._is_loud = False
        self.name = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def lit(self) -> int:
        """How many of ten segments are lit."""
        return self._lit

    def show_level(self, share: float) -> None:
        """0 to 1; nothing is drawn where the same segments stay lit."""
        lit, is_loud = round(share * _SEGMENTS), share >= _LOUD
        if (lit, is_loud) != (self._lit, self._is_loud):
            self._lit, self._is_loud = lit, is_loud
            self.update()

    def retranslate(self, name: str) -> None:
        """Name of the side in the present language."""
        self.name = name
        self.setToolTip(name)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        """As high as an icon."""
        return QSize(70, max(12, self.fontMetrics().height() * 3 // 4))

    def minimumSizeHint(self) -> QSize:
        """Room for the icon and some segments."""
        return QSize(44, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon, then segments."""
        palette = self._theme.palette
        size = self.height()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, pixmap(self._picture, palette.muted, size))
        left, right = size + 4, self.width()
        step = (right - left) / _SEGMENTS
        painter.setPen(Qt.PenStyle.NoPen)
        for number in range(_SEGMENTS):
            lit = palette.danger if self._is_loud and number == _SEGMENTS - 1 else palette.go
            painter.setBrush(QColor(lit if number < self._lit else palette.line))
            painter.drawRect(QRectF(left + number * step, size * 0.25, max(1.0, step - _GAP_PX), size * 0.5))
        painter.end()
