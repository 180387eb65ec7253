"""Watches the terms of open tickets: which light each shows now, and when the next one changes.

Nothing is asked over and over: ``due_in_s`` says how long to wait until the next change, ``advance`` recomputes what has
become due. Lights change at midnight of the centre's zone, so between two changes nothing is computed at all. Waiting is
measured by a clock that stands still while the PC sleeps and that does not see the wall clock being set; therefore nobody waits
longer than ``LONGEST_WAIT_S`` at a time, and ``advance`` compares both clocks: when the wall clock moved otherwise than
the steady one (sleep, a clock set forward or back, a change of zone), all lights are computed anew. A call costs nothing else.

Driven by whoever owns a timer (the presenter's QTimer, ``DeadlineThread`` without Qt); call it from one thread, also after a
wake-up where the system tells of one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.domain.deadline_states import next_change, tomorrow
from app.domain.deadlines import (
    Deadline,
    DeadlineRules,
    Light,
    ReviewChoiceNeeded,
    Term,
    WorkCalendar,
    add_workdays,
    lights,
    term_for,
)
from app.domain.ticket_search import TicketRow
from app.ports.ports import Clock

#: The longest wait at a time: a clock that was set or a PC that slept is noticed within the minute.
LONGEST_WAIT_S = 60.0
#: Two clocks of one PC drift less than this between two looks.
_JUMP_S = 2.0
_ENDED = frozenset({"已结案", "已撤单", "已直答", "已回访"})
_UNSIGNED = frozenset({"待受理", "待派遣", "待签收", "退单申请"})


@dataclass(frozen=True, slots=True)
class Watched:
    """A ticket whose term runs. ``signed``: the department has taken it."""

    ticket_no: str
    term: Term
    signed: bool


@dataclass(frozen=True, slots=True)
class LightChanged:
    """A ticket shows another light."""

    ticket_no: str
    before: Light
    now: Light


def watched(row: TicketRow, rules: DeadlineRules, calendar: WorkCalendar) -> Watched | None:
    """The running term of a listed ticket; None where it has ended or its dates cannot be read.

    The centre's own date counts where there is one, else the term of its type from the day of submission.
    """
    if row.status in _ENDED:
        return None
    try:
        started = datetime.fromisoformat(row.submitted_at).date()
        due = date.fromisoformat(row.due_date[:10]) if row.due_date else None
    except ValueError:
        return None
    term = term_for(rules, row.request_type, started, calendar)
    if isinstance(term, ReviewChoiceNeeded):
        return None
    if due is not None:
        check = min(due, add_workdays(started, rules.check_days, calendar).day)
        term = Term(term.start, started, term.days, Deadline(due), Deadline(check))
    return Watched(row.ticket_no, term, row.status not in _UNSIGNED)


class DeadlineWatch:
    """See the module.

    Args:
        clock: wall clock and steady clock; the zone of ``now`` decides when it is midnight.
        calendar: known working days.
    """

    def __init__(self, clock: Clock, calendar: WorkCalendar) -> None:
        self._clock, self._calendar = clock, calendar
        self._watched: dict[str, Watched] = {}
        self._lights: dict[str, Light] = {}
        self._next: date | None = None
        self._wall, self._steady_s = clock.now(), clock.monotonic_s()
        self._day = self._wall.date()

    @property
    def lights(self) -> dict[str, Light]:
        """The light of every watched ticket, as of the last look."""
        return dict(self._lights)

    def watch(self, tickets: Iterable[Watched]) -> tuple[LightChanged, ...]:
        """Watch these and no others; the lights that differ from what was shown."""
        self._watched = {each.ticket_no: each for each in tickets}
        self._remember()
        return self._recompute()

    def put(self, ticket: Watched) -> tuple[LightChanged, ...]:
        """Watch one more, or one anew."""
        return self.watch([*(each for each in self._watched.values() if each.ticket_no != ticket.ticket_no), ticket])

    def drop(self, ticket_no: str) -> None:
        """Watch one no longer."""
        self._watched.pop(ticket_no, None)
        self._lights.pop(ticket_no, None)

    def advance(self) -> tuple[LightChanged, ...]:
        """Recompute what has become due; nothing is computed while no day has passed and no clock has jumped."""
        if not self._jumped() and (self._next is None or self._wall.date() < self._next):
            return ()
        return self._recompute()

    def next_change_at(self) -> datetime | None:
        """When the next light changes (midnight in the clock's zone), None where none will."""
        return None if self._next is None else datetime.combine(self._next, time(), self._wall.tzinfo)

    def due_in_s(self) -> float:
        """How long to wait before ``advance``; at most ``LONGEST_WAIT_S``."""
        at = self.next_change_at()
        left_s = LONGEST_WAIT_S if at is None else (at - self._clock.now()).total_seconds()
        return min(LONGEST_WAIT_S, max(0.0, left_s))

    def _jumped(self) -> bool:
        """Whether the wall clock went otherwise than the steady one, or its day is another, since the last look."""
        wall, steady_s, day = self._wall, self._steady_s, self._day
        self._remember()
        moved_s = (self._wall - wall).total_seconds()
        return abs(moved_s - (self._steady_s - steady_s)) > _JUMP_S or (self._day != day and self._day != tomorrow(day))

    def _remember(self) -> None:
        self._wall, self._steady_s = self._clock.now(), self._clock.monotonic_s()
        self._day = self._wall.date()

    def _recompute(self) -> tuple[LightChanged, ...]:
        today, changed, nexts = self._day, [], []
        shown, self._lights = self._lights, {}
        for each in self._watched.values():
            light = lights(each.term, today, self._calendar, signed=each.signed)
            self._lights[each.ticket_no] = light
            before = shown.get(each.ticket_no, Light.NORMAL)
            if light is not before:
                changed.append(LightChanged(each.ticket_no, before, light))
            following = next_change(each.term, today, self._calendar, signed=each.signed)
            if following is not None:
                nexts.append(following)
        self._next = min(nexts, default=None)
        return tuple(changed)


class DeadlineThread:
    """Drives a watch without Qt on the thread "deadlines"; tells every change.

    Args:
        watch: touched on this thread only, after ``start``.
        on_change: told on the thread.
    """

    def __init__(self, watch: DeadlineWatch, on_change: Callable[[tuple[LightChanged, ...]], None]) -> None:
        self._watch, self._on_change = watch, on_change
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look now: the system woke up, or a ticket is watched anew."""
        self._wake.set()

    def stop(self) -> None:
        """End; safe to call twice."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timedelta(seconds=5).total_seconds())

    def _run(self) -> None:
        while not self._stopping:
            changed = self._watch.advance()
            if changed:
                self._on_change(changed)
            self._wake.wait(self._watch.due_in_s())
            self._wake.clear()
