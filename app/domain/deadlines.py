"""When a ticket must be done: working days by city, checks, re-dispatch and review rules, and the supervision lights.

The rules of a city are values (``DeadlineRules``, read from ``resources/deadlines/<city>.toml``); which days are worked
comes from a ``WorkCalendar`` that may not know a year yet. Counting into an unknown year goes by weekdays and the result
is marked ``estimated``: never a crash, never a silent guess. Days count from the day after the start; the start day itself
is day 0. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from app.domain.errors import BugError

LONGEST_DAYS = 1000


class WorkCalendar(Protocol):
    """Which days are worked, holidays and shifted days (调休) included."""

    def is_workday(self, day: date) -> bool | None:
        """True or False; None where that year's holidays are not known."""


class Light(StrEnum):
    """Supervision state of a running term (监察状态)."""

    NORMAL = "正常"
    WARNING = "预警"
    YELLOW = "黄牌"
    RED = "红牌"


class Start(StrEnum):
    """Why a term starts."""

    DISPATCH = "派单"
    REDISPATCH = "退单重派"
    REVIEW_OTHER = "复核不通过转其他部门"
    REVIEW_SAME = "复核不通过退回原部门"


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """The table of one city.

    Attributes:
        city: official name.
        days: working days by request type.
        other_days: for a type that the table does not name.
        check_days: working days in which the department may check and return the ticket; they lie inside the term.
        review_choices: terms to choose from when a review sends the ticket back to the same department; empty where the
            city has none.
        source: where the figures are from, for people.
    """

    city: str
    days: Mapping[str, int] = field(default_factory=dict)
    other_days: int = 15
    check_days: int = 3
    review_choices: tuple[int, ...] = ()
    source: str = ""

    def term(self, request_type: str) -> int:
        """Working days for a request type."""
        return self.days.get(request_type, self.other_days)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A computed date. ``estimated``: it lies beyond the known holidays and was counted on weekdays (预计)."""

    day: date
    estimated: bool = False

    @property
    def label(self) -> str:
        """ISO date, marked where estimated."""
        return f"{self.day.isoformat()}（预计，节假日安排未导入）" if self.estimated else self.day.isoformat()


@dataclass(frozen=True, slots=True)
class Term:
    """A running term.

    Attributes:
        start: why it runs.
        started: its day 0.
        days: working days of handling.
        due: last day of handling.
        check_due: last day on which the department may check and return it.
        may_return: whether the department may return it at all.
        normal: whether it counts as a normal ticket in the statistics.
    """

    start: Start
    started: date
    days: int
    due: Deadline
    check_due: Deadline
    may_return: bool = True
    normal: bool = True


@dataclass(frozen=True, slots=True)
class ReviewChoiceNeeded:
    """A review sends the ticket back to the same department: the reviewer must choose a term, there is no default."""

    choices: tuple[int, ...]


def add_workdays(start: date, days: int, calendar: WorkCalendar) -> Deadline:
    """The ``days``-th working day after ``start``.

    Args:
        start: day 0; itself never counted.
        days: 0 to LONGEST_DAYS; 0 gives the start day.
        calendar: known working days.

    Raises:
        BugError: ``days`` out of range.
    """
    if not 0 <= days <= LONGEST_DAYS:
        raise BugError("deadlines.days_out_of_range", days=days)
    day, left, estimated = start, days, False
    while left:
        day += timedelta(days=1)
        known = calendar.is_workday(day)
        estimated = estimated or known is None
        left -= 1 if _worked(day, known) else 0
    return Deadline(day, estimated)


def workdays_between(start: date, end: date, calendar: WorkCalendar) -> int:
    """Working days after ``start`` up to and with ``end``; negative where ``end`` lies before."""
    if end < start:
        return -workdays_between(end, start, calendar)
    day, count = start, 0
    while day < end:
        day += timedelta(days=1)
        count += 1 if _worked(day, calendar.is_workday(day)) else 0
    return count


def term_for(rules: DeadlineRules, request_type: str, started: date, calendar: WorkCalendar,
             start: Start = Start.DISPATCH, review_days: int | None = None) -> Term | ReviewChoiceNeeded:
    """The term that a dispatch, a re-dispatch or a failed review starts.

    A ticket sent back and dispatched anew starts its type's term anew. After a failed review it is a normal ticket with
    its type's term where another department gets it; where the same department gets it back, the reviewer must choose the
    term and the department cannot return it again.

    Args:
        rules: the city's table.
        request_type: 咨询, 投诉, …
        started: the day of dispatch.
        calendar: known working days.
        start: why the term starts.
        review_days: the reviewer's choice, only for REVIEW_SAME.

    Returns:
        The term, or what must be chosen before there is one.
    """
    days = rules.term(request_type)
    same = start is Start.REVIEW_SAME and bool(rules.review_choices)
    if same:
        if review_days not in rules.review_choices:
            return ReviewChoiceNeeded(rules.review_choices)
        days = review_days
    check = min(rules.check_days, days)
    return Term(start, started, days, add_workdays(started, days, calendar), add_workdays(started, check, calendar),
                may_return=start is not Start.REVIEW_SAME, normal=start is not Start.REVIEW_SAME)


def may_return(term: Term, today: date) -> bool:
    """Whether the department may still send the ticket back."""
    return term.may_return and today <= term.check_due.day


def light(due: date, today: date, calendar: WorkCalendar) -> Light:
    """Supervision state of a term: last working day 预警, first working day after it 黄牌, from the second on 红牌.

    On a day off the state of the last working day before it stands.
    """
    late = workdays_between(due, today, calendar) if today > due else 0
    if late >= 2:
        return Light.RED
    if late == 1:
        return Light.YELLOW
    return Light.WARNING if today >= due else Light.NORMAL


def lights(term: Term, today: date, calendar: WorkCalendar, *, signed: bool) -> Light:
    """State of a ticket: of its check until the department has signed for it, then of its handling; the graver one stands."""
    handling = light(term.due.day, today, calendar)
    if signed:
        return handling
    order = tuple(Light)
    return max(light(term.check_due.day, today, calendar), handling, key=order.index)


def _worked(day: date, known: bool | None) -> bool:
    return day.weekday() < 5 if known is None else known
