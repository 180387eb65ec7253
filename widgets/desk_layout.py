"""How the desk lies on the screen: panes put aside, the compact mode for a second screen, the strip, what is remembered.

Compact: call bar, cards in one column's width and the form; conversation and knowledge are put aside until asked for (F5, F3) or until
the mode ends. Nothing is polled: positions are read when the window closes.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, QSize, Slot
from PySide6.QtWidgets import QSplitter, QWidget

from app.platform.window_memory import WindowMemory
from widgets.strip import Strip

_COMPACT_SIZE = QSize(760, 700)
_PANES = ("conversation", "knowledge")


class DeskLayout(QObject):
    """See the module.

    Args:
        window: the desk's window.
        panes: its splitter; the panes that can be put aside follow.
        conversation: left.
        knowledge: right.
        strip: shown instead of the window.
    """

    def __init__(self, window: QWidget, panes: QSplitter, conversation: QWidget, knowledge: QWidget, strip: Strip) -> None:
        super().__init__(window)
        self._window, self._panes, self._strip = window, panes, strip
        self._pane = {"conversation": conversation, "knowledge": knowledge}
        self.aside: set[str] = set()
        self.is_compact = False
        self._wide = QSize()
        self._is_idle = False
        strip.back_wanted.connect(self.raise_window)

    def show_idle(self, is_idle: bool) -> None:
        """Without a call there is no conversation; put-aside panes stay aside."""
        self._is_idle = is_idle
        self._apply()

    def bring(self, name: str) -> None:
        """A pane is needed: out from aside."""
        if name in self.aside:
            self.aside.discard(name)
            self._apply()

    @Slot()
    def toggle_conversation(self) -> None:
        """Put the conversation aside, or bring it back."""
        self._toggle("conversation")

    @Slot()
    def toggle_knowledge(self) -> None:
        """Put the knowledge aside, or bring it back."""
        self._toggle("knowledge")

    @Slot()
    def toggle_compact(self) -> None:
        """The compact mode on or off; the size before comes back."""
        self.is_compact = not self.is_compact
        if self.is_compact:
            self._wide = self._window.size()
            self.aside = set(_PANES)
            self._apply()
            self._window.showNormal()
            self._window.resize(_COMPACT_SIZE.expandedTo(self._window.minimumSizeHint()))
        else:
            self.aside.clear()
            self._apply()
            if self._wide.isValid():
                self._window.resize(self._wide)

    @Slot()
    def toggle_strip(self) -> None:
        """The strip instead of the window, or the window again."""
        if self._strip.isVisible():
            self.raise_window()
            return
        self._strip.show()
        self._window.showMinimized()

    @Slot()
    def raise_window(self) -> None:
        """The window, in front of the others, in the size that it had."""
        self._strip.hide()
        if self._window.isMinimized():
            self._window.showMaximized() if self._window.isMaximized() else self._window.showNormal()
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def restore(self, memory: WindowMemory) -> None:
        """As it was when the window closed last."""
        geometry, panes = _bytes(memory.text("geometry")), _bytes(memory.text("panes"))
        if not geometry.isEmpty():
            self._window.restoreGeometry(geometry)  # Qt moves it onto a screen that is there
        if not panes.isEmpty():
            self._panes.restoreState(panes)
        self.is_compact = memory.flag("compact")
        width, _, height = memory.text("wide").partition("x")
        self._wide = QSize(int(width), int(height)) if width.isdigit() and height.isdigit() else QSize()
        self.aside = set(memory.texts("aside")) & set(_PANES)
        self._apply()

    def remember(self, memory: WindowMemory) -> None:
        """Put down how it is now."""
        memory.put("geometry", _text(self._window.saveGeometry()))
        memory.put("panes", _text(self._panes.saveState()))
        memory.put("compact", self.is_compact)
        memory.put("wide", f"{self._wide.width()}x{self._wide.height()}" if self._wide.isValid() else "")
        memory.put("aside", tuple(sorted(self.aside)))

    @Slot()
    def reset(self) -> None:
        """The usual layout."""
        self.is_compact = False
        self.aside.clear()
        self._panes.setSizes([980, 380, 600, 370])
        self._apply()

    def _toggle(self, name: str) -> None:
        self.aside ^= {name}
        self._apply()

    def _apply(self) -> None:
        self._pane["conversation"].setVisible(not self._is_idle and "conversation" not in self.aside)
        self._pane["knowledge"].setVisible("knowledge" not in self.aside)


def _text(held: QByteArray) -> str:
    return bytes(held.toBase64().data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(text.encode())
