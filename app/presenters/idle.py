"""Locks the desk when nobody works at it: one single-shot timer, the lock page, the way back.

``app.services.idle_lock`` decides when; its store work runs on the thread "records". While people talk or a ticket waits for the
disk nothing is locked. The page hides everything also where the store itself could not be locked (its disk is full: the draft
must not be lost); then the passphrase is asked for all the same. ``touch`` is told every key and mouse event: two readings of
the clock. GUI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.call import CallState, Phase
from app.domain.errors import AppError
from app.ports.ports import Clock
from app.presenters.errands import Errands
from app.presenters.record_parts import LockParts
from app.services.idle_lock import IdleLock, LockState

_TALKING = (Phase.TALKING, Phase.PAUSED)


@dataclass(frozen=True, slots=True)
class LockView:
    """What the lock page draws.

    Attributes:
        is_locked: the page hides the desk.
        needs_passphrase: it must be typed.
        is_opening: being tried.
        is_ringing: somebody calls meanwhile.
        error_key: why it did not open, empty for nothing.
    """

    is_locked: bool = False
    needs_passphrase: bool = False
    is_opening: bool = False
    is_ringing: bool = False
    error_key: str = ""


class IdlePresenter(QObject):
    """Feeds the lock page.

    Args:
        parts: the lock's parts.
        clock: time.
        errands: the thread.
    """

    changed = Signal(object)

    def __init__(self, parts: LockParts, clock: Clock, errands: Errands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts, self._errands = parts, errands
        self.is_sending = False
        self._phase = Phase.IDLE
        self._lock = IdleLock(parts.store, clock, parts.after_s, self._is_busy)
        self.view = LockView()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Begin to wait."""
        self._arm()

    def stop(self) -> None:
        """Wait no longer."""
        self._timer.stop()

    def touch(self) -> None:
        """Somebody works."""
        self._lock.touch()

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state; a call that rings or ends counts as work."""
        if state.phase is not self._phase:
            self._phase = state.phase
            self.touch()
            self._tell(replace(self.view, is_ringing=state.phase is Phase.RINGING))

    @Slot()
    def lock_now(self) -> None:
        """The operator leaves; not in a call."""
        if not self.view.is_locked and not self._is_busy():
            self._errands.ask(self._lock.lock, lambda _: self._on_locked(), self._on_lock_failed)

    @Slot(str)
    def unlock(self, passphrase: str) -> None:
        """Open again; ``passphrase`` counts where one is needed."""
        if not self.view.is_locked or self.view.is_opening:
            return
        self._tell(replace(self.view, is_opening=True, error_key=""))
        self._errands.ask(lambda: self._open(passphrase), lambda _: self._on_open(), self._on_open_failed)

    def _is_busy(self) -> bool:
        return self._phase in _TALKING or self.is_sending

    def _arm(self) -> None:
        if self._parts.after_s > 0 and not self.view.is_locked:
            self._timer.start(max(1, round(self._lock.due_in_s() * 1000)))

    @Slot()
    def _look(self) -> None:
        if self._lock.due_in_s() > 0 and not self._is_busy():
            self._arm()
        else:
            self._errands.ask(self._lock.advance, self._on_looked, self._on_lock_failed)

    def _on_looked(self, state: LockState) -> None:
        if state is LockState.LOCKED:
            self._on_locked()
        else:
            self._arm()

    def _on_locked(self) -> None:
        self._timer.stop()
        self._tell(LockView(True, self._parts.needs_passphrase(), is_ringing=self._phase is Phase.RINGING))

    def _on_lock_failed(self, error: AppError) -> None:
        """The store stays open because a draft is not on the disk; what is on the screen is hidden all the same."""
        self._on_locked()
        self._tell(replace(self.view, error_key=error.key))

    def _open(self, passphrase: str) -> None:
        """On the thread "records"."""
        self._parts.give(passphrase)
        try:
            if self._lock.state is LockState.LOCKED:
                self._lock.unlock()
            else:
                self._parts.prove()
                self._lock.touch()
        finally:
            self._parts.give("")

    def _on_open(self) -> None:
        self._tell(LockView())
        self._arm()

    def _on_open_failed(self, error: AppError) -> None:
        self._tell(replace(self.view, is_opening=False, error_key=error.key))

    def _tell(self, view: LockView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
