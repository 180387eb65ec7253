"""Callbacks (回访) as people work with them: order of the list, a result as a desk tells it, counts as a lead reads them.

The machine itself is ``app.domain.cases``. A callback is about a ticket, by its number, or about a call, by the id of its record; the
desk that has the call knows its ticket. A result is told with an id of its own, so that it counts once however often it is sent; beside
the codes it may carry the matter's item and district, as call records do. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.domain.cases import DISSATISFIED, REASONS, SATISFACTION, Case, CaseAct, CaseKind, CaseState, moved
from app.domain.deadlines import WorkCalendar
from app.domain.errors import OperatorVisibleError
from app.domain.lead_figures import Share, share

#: What an operator may tell from the desk.
TOLD_ACTS = frozenset({CaseAct.MISSED, CaseAct.REACHED})
_RECORD = re.compile(r"[0-9a-f]{32}")
_TICKET = re.compile(r"[0-9A-Za-z-]{4,40}")
SOLVED = ("yes", "no")


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


# --- counts ----------------------------------------------------------------------------------------------------------------------


class CallbackBy(StrEnum):
    """By what callbacks are counted; ITEM and DISTRICT are known where the call is, or where a desk told them ("" else)."""

    OPERATOR = "operator"
    TEAM = "team"
    ITEM = "item"
    DISTRICT = "district"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class CallbackCount:
    """Callbacks planned in a stretch of days that stand alike: ``key`` of what they are counted by; answers as last given, "" none."""

    key: str
    state: CaseState
    satisfaction: str = ""
    solved: str = ""
    reason: str = ""
    count: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class CallbackFigures:
    """What counts say.

    Attributes:
        key: of what they are counted by.
        all: callbacks.
        late: open ones whose day is over.
        open: planned or done anew.
        done: ended as done.
        reached: of those with an end or an answer: somebody answered.
        satisfied: of those who said: very, quite or fairly satisfied.
        solved: of those who said: the matter is solved.
    """

    key: str
    all: int
    late: int
    open: int
    done: int
    reached: Share
    satisfied: Share
    solved: Share


def figures(rows: Iterable[CallbackCount], key: str = "") -> CallbackFigures:
    """Shares with Wilson's intervals out of counts."""
    held = tuple(rows)

    def many(is_so: Callable[[CallbackCount], bool]) -> int:
        return sum(row.count for row in held if is_so(row))

    answered = many(lambda row: bool(row.satisfaction))
    vain = many(lambda row: not row.satisfaction and row.state is CaseState.UNREACHED)
    return CallbackFigures(
        key, many(lambda row: True), sum(row.late for row in held), many(lambda row: row.state in (CaseState.PLANNED, CaseState.REDO)),
        many(lambda row: row.state is CaseState.DONE), share(answered, answered + vain),
        share(many(lambda row: bool(row.satisfaction) and row.satisfaction not in DISSATISFIED), answered),
        share(many(lambda row: row.solved == "yes"), many(lambda row: bool(row.solved))))


def figures_by(rows: Iterable[CallbackCount]) -> tuple[CallbackFigures, ...]:
    """The same for each key, those with most callbacks first."""
    grouped: dict[str, list[CallbackCount]] = {}
    for row in rows:
        grouped.setdefault(row.key, []).append(row)
    return tuple(sorted((figures(held, key) for key, held in grouped.items()), key=lambda each: (-each.all, each.key)))


def counted(rows: Sequence[CallbackCount], what: str) -> dict[str, int]:
    """How many of each code of ``state``, ``satisfaction`` or ``reason``, in the usual order; those of nobody are left out."""
    order: Mapping[str, Sequence[str]] = {"satisfaction": SATISFACTION, "reason": sorted(REASONS),
                                          "state": [CaseState.PLANNED, CaseState.REDO, CaseState.DONE, CaseState.UNREACHED]}
    sums = dict.fromkeys(order[what], 0)
    for row in rows:
        code = str(getattr(row, what))
        if code:
            sums[code] = sums.get(code, 0) + row.count
    return {str(code): count for code, count in sums.items() if count}


def without_words(result: CallbackResult, known_items: Callable[[str], bool]) -> CallbackResult:
    """The result with an item that is in the tree only, so that nothing typed can leave by it."""
    return result if not result.item or known_items(result.item) else replace(result, item="")
