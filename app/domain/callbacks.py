"""Callbacks (回访) as people work with them: order of the list, a result as a desk tells it, ticket numbers out of a file.

The machine itself is ``app.domain.cases``, counts are ``app.domain.callback_figures``. A callback is about a ticket, by its number, or
about a call, by the id of its record; the desk that has the call knows its ticket. A result is told with an id of its own, so that it
counts once however often it is sent; beside the codes it may carry the matter's item and district, as call records do. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.cases import DISSATISFIED, Case, CaseAct, CaseKind, CaseState, moved
from app.domain.deadlines import WorkCalendar
from app.domain.errors import OperatorVisibleError

#: What an operator may tell from the desk.
TOLD_ACTS = frozenset({CaseAct.MISSED, CaseAct.REACHED})
_RECORD = re.compile(r"[0-9a-f]{32}")
_TICKET = re.compile(r"[0-9A-Za-z-]{4,40}")


class Band(StrEnum):
    """How a callback stands against today, most urgent first."""

    LATE = "late"
    TODAY = "today"
    LATER = "later"
    REDO = "redo"
    ENDED = "ended"


_BANDS = tuple(Band)


def band(case: Case, today: date) -> Band:
    """Where a callback belongs in the list; a matter that is done anew waits for others, but is late when it is late."""
    if not case.is_open:
        return Band.ENDED
    if case.is_late(today):
        return Band.LATE
    if case.state is CaseState.REDO:
        return Band.REDO
    return Band.TODAY if case.due == today.isoformat() else Band.LATER


def ordered(cases: Iterable[Case], today: date) -> tuple[Case, ...]:
    """Callbacks as they are to be done: late ones first (longest late first), then today's, then by day."""
    return tuple(sorted(cases, key=lambda case: (_BANDS.index(band(case, today)), case.due, case.subject)))


def is_of_call(subject: str) -> bool:
    """Whether a callback is about a call's record; else about a ticket's number."""
    return bool(_RECORD.fullmatch(subject))


def needs_reason(satisfaction: str, solved: str) -> bool:
    """Whether the citizen is to be asked why."""
    return satisfaction in DISSATISFIED or solved == "no"


@dataclass(frozen=True, slots=True)
class CallbackResult:
    """What came of a call back, as a desk tells it.

    Attributes:
        result_id: 32 hexadecimal digits, made once; sent again it changes nothing.
        case_id: the callback.
        act: missed or reached.
        day: ISO date of the call.
        satisfaction: code, "" where nobody was reached.
        solved: "yes" or "no", "" where nobody was reached.
        reason: code, "" where none is needed.
        item: code of the ticket's item, "" where this desk has no such ticket.
        district: of the ticket, "" likewise.
    """

    result_id: str
    case_id: str
    act: CaseAct
    day: str
    satisfaction: str = ""
    solved: str = ""
    reason: str = ""
    item: str = ""
    district: str = ""

    @property
    def answers(self) -> dict[str, str]:
        """As ``moved`` takes them."""
        told = {"satisfaction": self.satisfaction, "solved": self.solved, "reason": self.reason}
        return told if self.act is CaseAct.REACHED else {}


def after(case: Case, result: CallbackResult, today: date, calendar: WorkCalendar) -> Case:
    """The callback after a result, counted from the day of the call (never after today, never before it was planned).

    Raises:
        OperatorVisibleError: see ``app.domain.cases.moved``; also for an act that is not told from a desk.
    """
    if result.act not in TOLD_ACTS or case.kind is not CaseKind.CALLBACK:
        raise OperatorVisibleError("hub.case_role")
    day = date.fromisoformat(min(max(result.day, case.opened), today.isoformat()))
    return moved(case, result.act, "operator", day, calendar, result.answers)


def ticket_numbers(text: str, most: int) -> tuple[str, ...]:
    """Ticket numbers out of a file or a paste: the first column of each line, once each, in their order; a heading is left out.

    Raises:
        OperatorVisibleError: none, too many, or something that is no number (``callbacks.bad_number``, with its line).
    """
    found: dict[str, None] = {}
    for place, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        first = re.split(r"[,;\t，；]", line.strip(), maxsplit=1)[0].strip().strip('"').strip()
        if not first or (place == 1 and not any(each.isdigit() for each in first)):
            continue
        for number in first.split():
            if not _TICKET.fullmatch(number) or is_of_call(number):
                raise OperatorVisibleError("callbacks.bad_number", line=place)
            found[number] = None
    if not found:
        raise OperatorVisibleError("cases.no_tickets")
    if len(found) > most:
        raise OperatorVisibleError("callbacks.too_many", count=len(found), most=most)
    return tuple(found)
