"""The one door from worker threads to Qt: newest state in, at most one wake-up under way, drawn at a bounded rate.

States are complete, so the newest wins and nothing is lost by skipping one in between: a final, a field or a card stays in
every later state. Queued emits have no back-pressure (20,000 of them grew memory by 128 MB, facts of 2026-11), hence a
slot of one state under a lock and one wake-up signal instead of a signal a state. ``deliver`` may be called from any
thread; everything else runs on the thread the bridge was made on (GUI). Partial-only changes are shown about ten times a
second, others at once but for bursts, which are drawn at most thirty times a second.
"""

from __future__ import annotations

import threading
import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.domain.call import CallState

PARTIAL_INTERVAL_MS = 100
BURST_INTERVAL_MS = 33


class CallBridge(QObject):
    """Carries call states to the GUI thread."""

    state_changed = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._newest: CallState | None = None
        self._wake_pending = False
        self._closed = False
        self._shown: CallState | None = None
        self._shown_at_ms = float("-inf")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._show_newest)
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)

    @property
    def state(self) -> CallState | None:
        """What is on the screen."""
        return self._shown

    def deliver(self, state: CallState) -> None:
        """Take a new state; any thread, returns at once."""
        with self._lock:
            if self._closed:
                return
            self._newest = state
            if self._wake_pending:
                return
            self._wake_pending = True
        self._woken.emit()

    def close(self) -> None:
        """Show nothing more; later states are dropped."""
        with self._lock:
            self._closed = True
            self._newest = None
        self._timer.stop()

    @Slot()
    def _on_woken(self) -> None:
        with self._lock:
            self._wake_pending = False
            newest = self._newest
        if newest is None:
            return
        interval_ms = PARTIAL_INTERVAL_MS if self._is_partial_only(newest) else BURST_INTERVAL_MS
        wait_ms = interval_ms - (_now_ms() - self._shown_at_ms)
        if wait_ms <= 0:
            self._show_newest()
        elif not self._timer.isActive() or self._timer.remainingTime() > wait_ms:
            self._timer.start(max(1, round(wait_ms)))

    @Slot()
    def _show_newest(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, None
        self._timer.stop()
        if newest is None or newest is self._shown:
            return
        self._shown, self._shown_at_ms = newest, _now_ms()
        self.state_changed.emit(newest)

    def _is_partial_only(self, state: CallState) -> bool:
        shown = self._shown
        return shown is not None and (
            state.context == shown.context and state.phase is shown.phase
            and len(state.dialogue) == len(shown.dialogue) and len(state.pushes) == len(shown.pushes)
            and state.ticket_no == shown.ticket_no and state.notice is shown.notice
            and (state.draft is shown.draft or state.draft == shown.draft)
        )


def _now_ms() -> float:
    return time.monotonic() * 1000.0
