"""Gives the keyboard back to the window under a dialog that was closed.

A window manager does that; where none runs (a kiosk seat, a bare X server) the keyboard would stay with nobody, and every key of the
desk would be dead until a click. Made once for each application, by ``prepare_application``; GUI thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QWindow
from shiboken6 import isValid

#: By then a dialog that was closed is gone, and what is opened in its place has the keyboard.
_GONE_MS = 30


class KeyboardHome(QObject):
    """See the module.

    Args:
        app: the application whose windows it watches; its parent.
    """

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        self._dialog: QWindow | None = None
        self._below: QWindow | None = None
        app.focusWindowChanged.connect(self._on_focus_window)

    @Slot(QWindow)
    def _on_focus_window(self, window: QWindow | None) -> None:
        if self._dialog is not None and isValid(self._dialog):
            self._dialog.visibleChanged.disconnect(self._on_visible)
        self._dialog = window if window is not None and window.transientParent() is not None else None
        if self._dialog is not None:
            self._below = self._dialog.transientParent()
            self._dialog.visibleChanged.connect(self._on_visible)

    @Slot(bool)
    def _on_visible(self, is_visible: bool) -> None:
        """The dialog with the keyboard goes. One that closes while another program has the keyboard takes nothing from it."""
        if not is_visible:
            QTimer.singleShot(_GONE_MS, self, self._give_back)

    @Slot()
    def _give_back(self) -> None:
        now = QGuiApplication.focusWindow()
        if now is not None and now.isVisible():  # somebody has the keyboard: the window itself, or what was opened meanwhile
            return
        if (above := QGuiApplication.modalWindow()) is not None:  # it opened the next one
            above.requestActivate()
        elif self._below is not None and isValid(self._below) and self._below.isVisible():
            self._below.requestActivate()
