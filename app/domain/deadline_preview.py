"""What the form shows of a ticket's terms before it is submitted: the dates, and on which days it would be warned, yellow, red.

Only what dispatching today would start; the ticket system's own dates replace it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.domain.deadlines import Deadline, DeadlineRules, Light, Term, WorkCalendar, add_workdays, term_for

DUE, CHECK = "due_date", "audit_deadline"


@dataclass(frozen=True, slots=True)
class Previewed:
    """One date of the form.

    Attributes:
        name: field.
        deadline: its last day.
        cards: days on which it would first show 预警, 黄牌, 红牌 if nothing were done.
        reasons: for people: the rule, the cards' days.
    """

    name: str
    deadline: Deadline
    cards: tuple[tuple[Light, Deadline], ...]
    reasons: tuple[str, ...]


def previewed(rules: DeadlineRules, request_type: str, started: date, calendar: WorkCalendar) -> tuple[Previewed, ...]:
    """The terms of handling and of the department's check.

    Args:
        rules: the city's table.
        request_type: as it stands on the form.
        started: the day of dispatch.
        calendar: known working days.
    """
    term = term_for(rules, request_type, started, calendar)
    if not isinstance(term, Term):
        return ()
    return (_one(DUE, term.due, f"{rules.city}{request_type} {term.days} 个工作日", calendar),
            _one(CHECK, term.check_due, f"职能局审核 {min(rules.check_days, term.days)} 个工作日，逾期不得退单", calendar))


def card_days(deadline: Deadline, calendar: WorkCalendar) -> tuple[tuple[Light, Deadline], ...]:
    """The first day of each light: the last working day itself, the first and the second working day after it."""
    late = [add_workdays(deadline.day, days, calendar) for days in (1, 2)]
    return ((Light.WARNING, deadline), *((light, Deadline(day.day, day.estimated or deadline.estimated))
                                         for light, day in zip((Light.YELLOW, Light.RED), late, strict=True)))


def _one(name: str, deadline: Deadline, rule: str, calendar: WorkCalendar) -> Previewed:
    cards = card_days(deadline, calendar)
    told = "，".join(f"{light.value} {day.day:%m-%d}{'（预计）' if day.estimated else ''}" for light, day in cards)
    return Previewed(name, deadline, cards, (rule, told))
