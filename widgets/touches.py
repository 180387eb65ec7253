"""Sees keys, mouse, wheel and fingers of the program's windows, to tell that somebody works.

It watches the windows of the system, not every widget: a window hears each key and each movement once, and what is drawn in
between costs nothing. Windows that open later (dialogs) are watched from when they get the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QGuiApplication, QWindow

_TOUCHES = frozenset({
    QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel, QEvent.Type.TouchBegin,
    QEvent.Type.TabletPress,
})


class Touches(QObject):
    """See the module.

    Args:
        told: called with every touch, on the GUI thread.
    """

    def __init__(self, told: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told = told
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self.watch)

    @Slot(QWindow)
    def watch(self, window: QWindow | None) -> None:
        """Watch one window; safe to call twice."""
        if window is not None:
            window.installEventFilter(self)  # a second time moves it to the front, no more

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notes a touch; holds nothing back."""
        if event.type() in _TOUCHES:
            self._told()
        return False
