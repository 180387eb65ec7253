"""The icon in the system's tray, and the system's notifications where they were asked for. No personal data in either."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from app.domain.call import CallState, Phase
from app.platform import messages
from app.presenters.notices import Told
from widgets.language import present_language, told
from widgets.theme.icons import icon

_SHOWN_MS = 6000


class Tray(QObject):
    """See the module. Without a tray on this desktop it does nothing.

    Args:
        window: what it brings back.
        colour: of the icon.
    """

    raise_wanted = Signal()

    def __init__(self, window: QWidget, colour: str) -> None:
        super().__init__(window)
        self._window = window
        self.notifies = False
        self._phase = Phase.IDLE
        self._menu = QMenu(window)
        self._open = self._menu.addAction("")
        self._open.triggered.connect(self.raise_wanted)
        self.icon = QSystemTrayIcon(icon("tickets", colour), self)
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self.raise_wanted)
        window.installEventFilter(self)
        self._retranslate()

    def show(self, is_wanted: bool) -> None:
        """There or not; a notification needs it there."""
        self.icon.setVisible((is_wanted or self.notifies) and QSystemTrayIcon.isSystemTrayAvailable())

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """A call that begins to ring is told."""
        if state.phase is not self._phase:
            self._phase = state.phase
            if state.phase is Phase.RINGING:
                self.tell(told("strip.notify_call"))

    @Slot(object)
    def show_notice(self, notice: Told) -> None:
        """An important notice is told."""
        self.tell(messages.text(notice.key, notice.params, present_language()))

    def tell(self, words: str) -> None:
        """Only where that was asked for, and only while another window is in front."""
        if self.notifies and self.icon.isVisible() and QApplication.activeWindow() is None:
            self.icon.showMessage(told("strip.tray_tip"), words, self.icon.icon(), _SHOWN_MS)

    @Slot()
    def _on_activated(self) -> None:
        self.raise_wanted.emit()

    def _retranslate(self) -> None:
        self.icon.setToolTip(told("strip.tray_tip"))
        self._open.setText(told("strip.back_name"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        return super().eventFilter(watched, event)
