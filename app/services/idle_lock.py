"""Locks the store when nobody works at the desk: a state and a time to wait, driven by two clocks.

Unlocked, locked. While people talk or a ticket is being submitted nothing is locked: ``is_busy`` says so and the
time counts anew from its end. Time that the PC slept counts (the wall clock), a wall clock that was set back does not
lengthen it (the steady clock): the longer of the two decides. ``Lockable`` (the store) drops its key; reopening asks
keyring or passphrase again. Drive ``advance`` with a timer of ``due_in_s``; call from one thread that may wait for the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from app.ports.lockable import Lockable
from app.ports.ports import Clock

_LONGEST_WAIT_S = 60.0


class LockState(StrEnum):
    """Whether the store is open."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"


class IdleLock:
    """See the module.

    Args:
        store: what is locked.
        clock: wall clock and steady clock.
        after_s: seconds without a touch after which it locks; 0 never locks.
        is_busy: whether a call is going on or a ticket waits for the disk.
        on_state: told every change, on the calling thread.
    """

    def __init__(self, store: Lockable, clock: Clock, after_s: float, is_busy: Callable[[], bool] = lambda: False,
                 on_state: Callable[[LockState], None] = lambda state: None) -> None:
        self._store, self._clock, self._after_s = store, clock, after_s
        self._is_busy, self._on_state = is_busy, on_state
        self._touched_wall, self._touched_s = clock.now(), clock.monotonic_s()

    @property
    def state(self) -> LockState:
        """Whether the store is open."""
        return LockState.LOCKED if self._store.is_locked else LockState.UNLOCKED

    def touch(self) -> None:
        """Somebody worked: a key, the mouse, a call."""
        self._touched_wall, self._touched_s = self._clock.now(), self._clock.monotonic_s()

    def advance(self) -> LockState:
        """Lock where the time is over; the state afterwards.

        Raises:
            EnvironmentFault: a draft could not be written before; the store stays open.
        """
        if self._after_s <= 0 or self.state is LockState.LOCKED:
            return self.state
        if self._is_busy():
            self.touch()
        elif self._idle_s() >= self._after_s:
            self.lock()
        return self.state

    def lock(self) -> None:
        """Lock now (the operator leaves); nothing where it is locked already.

        Raises:
            EnvironmentFault: a draft could not be written before; the store stays open.
        """
        if self.state is LockState.UNLOCKED:
            self._store.lock()
            self._on_state(LockState.LOCKED)

    def unlock(self) -> None:
        """Open again with keyring or passphrase.

        Raises:
            OperatorVisibleError: the passphrase is wrong.
            EnvironmentFault: keyring or passphrase were not given, or the store does not open; it stays locked.
        """
        if self.state is LockState.LOCKED:
            self._store.unlock()
            self.touch()
            self._on_state(LockState.UNLOCKED)

    def due_in_s(self) -> float:
        """How long to wait before ``advance``."""
        if self._after_s <= 0 or self.state is LockState.LOCKED:
            return _LONGEST_WAIT_S
        return min(_LONGEST_WAIT_S, max(0.0, self._after_s - self._idle_s()))

    def _idle_s(self) -> float:
        by_wall_s = (self._clock.now() - self._touched_wall).total_seconds()
        return max(by_wall_s, self._clock.monotonic_s() - self._touched_s)
