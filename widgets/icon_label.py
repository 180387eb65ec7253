"""A label that shows one icon, as high as a line of the type beside it: it grows with the type."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel

from widgets.theme.icons import pixmap


class IconLabel(QLabel):
    """See the module; empty until ``show_icon``."""

    _shown = ("", "", 0)

    def show_icon(self, name: str, colour: str) -> None:
        """Draw an icon in a colour."""
        wanted = (name, colour, max(16, round(self.fontMetrics().height() * 0.9)))
        if wanted != self._shown:
            self._shown = wanted
            self.setPixmap(pixmap(*wanted))

    def clear(self) -> None:
        """Show nothing."""
        self._shown = ("", "", 0)
        super().clear()

    def changeEvent(self, event: QEvent) -> None:
        """Another type size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._shown[0]:
            self.show_icon(*self._shown[:2])
