"""When the supervision light of a ticket changes next. Pure; the states themselves are ``app.domain.deadlines``.

Lights change at midnight of certain days only: the last day of check or handling, and the first and second working day
after it. ``changes`` gives those days, so that nobody needs to ask every day.
"""

from __future__ import annotations

from datetime import date, timedelta

from app.domain.deadlines import Light, Term, WorkCalendar, add_workdays, lights

_LATE_DAYS = (1, 2)


def changes(term: Term, today: date, calendar: WorkCalendar, *, signed: bool) -> tuple[tuple[date, Light], ...]:
    """Days after ``today`` on which the light becomes another, in order, with that light."""
    ends = (term.due.day,) if signed else (term.due.day, term.check_due.day)
    days = {end for end in ends} | {add_workdays(end, late, calendar).day for end in ends for late in _LATE_DAYS}
    light, found = lights(term, today, calendar, signed=signed), []
    for day in sorted(day for day in days if day > today):
        following = lights(term, day, calendar, signed=signed)
        if following is not light:
            found.append((day, following))
            light = following
    return tuple(found)


def next_change(term: Term, today: date, calendar: WorkCalendar, *, signed: bool) -> date | None:
    """The first day after ``today`` with another light, None where it stays red (or normal) for good."""
    following = changes(term, today, calendar, signed=signed)
    return following[0][0] if following else None


def tomorrow(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
