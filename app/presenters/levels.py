"""Levels of both sides for the call bar's meters: the newest one, at most twenty times a second, without a timer.

``deliver`` comes on the thread that drives the sound. One wake-up is under way at most; what comes sooner than 50 ms after the last drawn
one is left out, because another block follows within 100 ms anyway. When nobody talks the meters fall to nothing with the phase.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.domain.call import CallState, Phase
from app.domain.dialogue import Channel

LEAST_INTERVAL_S = 0.05


@dataclass(frozen=True, slots=True)
class LevelsView:
    """Loudness of both sides, 0 to 1."""

    citizen: float = 0.0
    operator: float = 0.0


class LevelsPresenter(QObject):
    """Feeds the meters."""

    changed = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._newest = {Channel.CITIZEN: 0.0, Channel.OPERATOR: 0.0}
        self._is_pending = False
        self._shown_at_s = float("-inf")
        self._is_talking = False
        self.view = LevelsView()
        self._woken.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def deliver(self, channel: Channel, share: float) -> None:
        """A block's level; any thread, returns at once."""
        with self._lock:
            self._newest[channel] = share
            if self._is_pending:
                return
            self._is_pending = True
        self._woken.emit()

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """No meters without talk."""
        self._is_talking = state.phase is Phase.TALKING
        if not self._is_talking:
            self._tell(LevelsView())

    @Slot()
    def _show(self) -> None:
        with self._lock:
            self._is_pending = False
            view = LevelsView(round(self._newest[Channel.CITIZEN], 2), round(self._newest[Channel.OPERATOR], 2))
        now_s = time.monotonic()
        if self._is_talking and now_s - self._shown_at_s >= LEAST_INTERVAL_S:
            self._shown_at_s = now_s
            self._tell(view)

    def _tell(self, view: LevelsView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
