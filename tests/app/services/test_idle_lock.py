"""The store locks when nobody works: not during a call, after sleep at once, never by a clock that was set back."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.services.idle_lock import IdleLock, LockState
from tests.app.services.test_deadline_watch import FakeClock


class Box:
    """Something lockable that notes what happens."""

    def __init__(self) -> None:
        self.is_locked = False

    def lock(self) -> None:
        self.is_locked = True

    def unlock(self) -> None:
        self.is_locked = False


def test_it_locks_after_the_time_and_not_before() -> None:
    clock, box, told = FakeClock("2026-11-22T09:00:00+08:00"), Box(), []
    lock = IdleLock(box, clock, 600, on_state=told.append)
    clock.run(590)
    lock.touch()
    clock.run(599)
    assert lock.advance() is LockState.UNLOCKED
    assert lock.due_in_s() == 1.0
    clock.run(1)
    assert lock.advance() is LockState.LOCKED
    lock.unlock()
    assert lock.advance() is LockState.UNLOCKED
    assert told == [LockState.LOCKED, LockState.UNLOCKED]


def test_never_while_people_talk_and_the_time_counts_from_the_end_of_the_call() -> None:
    clock, box, busy = FakeClock("2026-11-22T09:00:00+08:00"), Box(), [True]
    lock = IdleLock(box, clock, 600, lambda: busy[0])
    for _ in range(60):
        clock.run(60)
        assert lock.advance() is LockState.UNLOCKED
    busy[0] = False
    clock.run(599)
    assert lock.advance() is LockState.UNLOCKED
    clock.run(1)
    assert lock.advance() is LockState.LOCKED


def test_a_pc_that_slept_is_locked_and_a_clock_set_back_lengthens_nothing() -> None:
    clock, box = FakeClock("2026-11-22T09:00:00+08:00"), Box()
    lock = IdleLock(box, clock, 600)
    clock.at = datetime.fromisoformat("2026-11-22T12:00:00+08:00")  # the steady clock stood still
    assert lock.advance() is LockState.LOCKED
    lock.unlock()
    clock.at -= timedelta(days=2)
    clock.steady_s += 600
    assert lock.advance() is LockState.LOCKED


def test_zero_never_locks_but_a_person_can() -> None:
    clock, box = FakeClock("2026-11-22T09:00:00+08:00"), Box()
    lock = IdleLock(box, clock, 0)
    clock.run(10**6)
    assert lock.advance() is LockState.UNLOCKED
    lock.lock()
    assert lock.state is LockState.LOCKED
