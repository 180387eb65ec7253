"""Tells that a key or a mouse button was pressed in the program's windows: not which key, not where.

Watches windows, not the application: an event filter on the application would cost a call of Python for every event. A window sees
each press of a key once, as ShortcutOverride, whether a shortcut takes it or a field; what an input method writes (Chinese) comes
to the field in focus and counts as one.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

_BARE = frozenset({Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock})


class EffortCounter(QObject):
    """Watches a window, and every other one of the program that gets the focus.

    Args:
        window: shown already or not.
    """

    key_pressed = Signal()
    clicked = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._field: QWidget | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)
        window.winId()  # makes the window's handle
        self._watch(window)

    @Slot("QWidget*", "QWidget*")
    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._field is not None and isValid(self._field):
            self._field.removeEventFilter(self)
        self._field = new
        if new is not None:
            new.installEventFilter(self)
            self._watch(new.window())

    def _watch(self, window: QWidget) -> None:
        handle = window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    # Qt's own names

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count, and let everything pass."""
        kind = event.type()
        if watched.isWindowType():
            if kind is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
                if not event.isAutoRepeat() and event.key() not in _BARE:
                    self.key_pressed.emit()
            elif kind is QEvent.Type.MouseButtonPress:
                self.clicked.emit()
        elif kind is QEvent.Type.InputMethod:
            self.key_pressed.emit()
        return False
