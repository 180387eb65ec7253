"""Lights change at the right minute: over midnight, holidays, sleep and clocks that are set; between that nothing is computed."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.deadline_states import changes
from app.domain.deadlines import DeadlineRules, Light, Term, lights, term_for
from app.domain.ticket_search import TicketRow
from app.platform.clock import BEIJING, SystemClock
from app.platform.deadline_files import ChineseWorkCalendar
from app.services.deadline_watch import LONGEST_WAIT_S, DeadlineThread, DeadlineWatch, LightChanged, Watched, watched

CALENDAR = ChineseWorkCalendar()
RULES = DeadlineRules("珠海市", {"投诉": 15, "咨询": 5}, 15, 3)


class FakeClock:
    """A wall clock and a steady clock that tests move together or apart."""

    def __init__(self, at: str) -> None:
        self.at, self.steady_s = datetime.fromisoformat(at), 100.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.steady_s

    def run(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.steady_s += seconds


def row(submitted: str = "2026-11-02T09:00:00+08:00", status: str = "处理中", **more: str) -> TicketRow:
    return TicketRow("1", "", "c", submitted, status, request_type="咨询", **more)


def a_watched(**more: str) -> Watched:
    found = watched(row(**more), RULES, CALENDAR)
    assert found is not None
    return found


def test_over_midnight_at_the_very_second() -> None:
    # 5 working days from Monday the 2nd: due Monday the 9th.
    clock = FakeClock("2026-11-08T23:59:30+08:00")
    watch = DeadlineWatch(clock, CALENDAR)
    assert watch.watch([a_watched()]) == ()
    assert watch.next_change_at() == datetime(2026, 11, 9, tzinfo=BEIJING)
    assert watch.due_in_s() == 30.0
    clock.run(29.9)
    assert watch.advance() == ()
    clock.run(0.1)
    assert watch.advance() == (LightChanged("1", Light.NORMAL, Light.WARNING),)
    assert watch.advance() == ()


def test_all_lights_of_a_term_in_a_row_driven_by_its_own_waits() -> None:
    clock = FakeClock("2026-11-02T09:00:00+08:00")
    watch = DeadlineWatch(clock, CALENDAR)
    watch.watch([a_watched()])
    told = []
    while clock.at < datetime(2026, 11, 16, tzinfo=BEIJING):
        clock.run(watch.due_in_s() or 1.0)
        told += [(clock.at.isoformat()[:16], change.now) for change in watch.advance()]
    assert told == [("2026-11-09T00:00", Light.WARNING), ("2026-11-10T00:00", Light.YELLOW), ("2026-11-11T00:00", Light.RED)]
    assert watch.next_change_at() is None
    assert watch.due_in_s() == LONGEST_WAIT_S


def test_a_pc_that_slept_over_two_changes_shows_the_last_one() -> None:
    clock = FakeClock("2026-11-06T18:00:00+08:00")
    watch = DeadlineWatch(clock, CALENDAR)
    watch.watch([a_watched()])
    clock.at += timedelta(days=4, hours=14)  # the steady clock stood still
    clock.steady_s += 0.5
    assert watch.advance() == (LightChanged("1", Light.NORMAL, Light.RED),)


@pytest.mark.parametrize(("to", "light"), [("2026-11-09T08:00:00+08:00", Light.WARNING), ("2026-11-03T08:00:00+08:00", Light.NORMAL)])
def test_a_wall_clock_that_is_set_is_followed_both_ways(to: str, light: Light) -> None:
    clock = FakeClock("2026-11-11T08:00:00+08:00")
    watch = DeadlineWatch(clock, CALENDAR)
    assert watch.watch([a_watched()]) == (LightChanged("1", Light.NORMAL, Light.RED),)
    clock.at = datetime.fromisoformat(to)
    clock.steady_s += 1
    assert [change.now for change in watch.advance()] == [light]
    assert watch.lights == {"1": light}


def test_between_changes_nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock("2026-11-03T09:00:00+08:00")
    watch = DeadlineWatch(clock, CALENDAR)
    watch.watch([a_watched()])
    monkeypatch.setattr("app.services.deadline_watch.lights", None)  # a call would fail
    for _ in range(5000):
        clock.run(60)
        watch.advance()
    assert clock.at > datetime(2026, 11, 6, tzinfo=BEIJING)


def test_a_ticket_that_is_done_is_not_watched_and_the_centres_date_counts() -> None:
    assert watched(row(status="已结案"), RULES, CALENDAR) is None
    assert watched(row(submitted="nonsense"), RULES, CALENDAR) is None
    assert a_watched(due_date="2026-11-20").term.due.day == date(2026, 11, 20)
    unsigned = a_watched(status="待派遣")
    assert not unsigned.signed
    # The check of 3 working days ends on the 5th, long before the handling.
    assert lights(unsigned.term, date(2026, 11, 5), CALENDAR, signed=False) is Light.WARNING


@given(st.dates(date(2026, 1, 1), date(2026, 10, 1)), st.sampled_from(["咨询", "投诉"]), st.integers(0, 60), st.booleans())
def test_the_days_of_change_are_all_and_only_those(started: date, kind: str, later: int, signed: bool) -> None:
    term = term_for(RULES, kind, started, CALENDAR)
    assert isinstance(term, Term)
    today = started + timedelta(days=later)
    told = dict(changes(term, today, CALENDAR, signed=signed))
    light = lights(term, today, CALENDAR, signed=signed)
    for days in range(1, 90):
        day = today + timedelta(days=days)
        light = told.get(day, light)
        assert lights(term, day, CALENDAR, signed=signed) is light, day


def test_the_thread_tells_changes_and_ends_at_once() -> None:
    clock = SystemClock()
    watch = DeadlineWatch(clock, CALENDAR)
    watch.watch([])
    told: list[LightChanged] = []
    seen = threading.Event()

    def on_change(changed: tuple[LightChanged, ...]) -> None:
        told.extend(changed)
        seen.set()

    watch.advance = lambda: (LightChanged("1", Light.NORMAL, Light.RED),) if not seen.is_set() else ()  # type: ignore[method-assign]
    thread = DeadlineThread(watch, on_change)
    thread.start()
    assert seen.wait(5)
    thread.stop()
    thread.stop()
    assert told == [LightChanged("1", Light.NORMAL, Light.RED)]
