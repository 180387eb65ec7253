"""What is followed to its end after a call: appeals against a finding (申诉), remedy tasks (整改), callbacks (回访).

One machine for the three: a case stands in a state; an act leads from some states to another one, is some people's to do, and may set a
new day by which the next act is due, counted in working days (``app.domain.deadlines``). All of it is the table ``MOVES``. A case holds
codes, a work number and the number of a record or ticket; no name, no phone, no words: who calls back finds the number at the ticket.
Nothing is forgotten: a case ends in one of ``ENDED`` or stands on somebody's list. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from app.domain.deadlines import WorkCalendar, add_workdays, workdays_between
from app.domain.errors import OperatorVisibleError


class CaseKind(StrEnum):
    """What a case is about: a finding that is disputed, a task that mends a habit, a citizen to be called back."""

    APPEAL = "appeal"
    REMEDY = "remedy"
    CALLBACK = "callback"


class CaseState(StrEnum):
    """Where a case stands."""

    LODGED = "lodged"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ASSIGNED = "assigned"
    REPORTED = "reported"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    PLANNED = "planned"
    REDO = "redo"
    DONE = "done"
    UNREACHED = "unreached"


#: Nothing more is to be done.
ENDED = frozenset({CaseState.GRANTED, CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.ACCEPTED, CaseState.CANCELLED, CaseState.DONE,
                   CaseState.UNREACHED})


class CaseAct(StrEnum):
    """What people do with a case that is open."""

    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REPORT = "report"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    CANCEL = "cancel"
    MISSED = "missed"
    REACHED = "reached"
    REDONE = "redone"
    GIVE_UP = "give_up"


#: Why a finding is disputed.
GROUNDS = frozenset({"misheard", "was_said", "does_not_apply", "citizen_declined", "disturbed_line", "other"})
#: What a remedy task asks for.
MEASURES = frozenset({"read_rules", "listen_again", "coaching", "training", "other"})
#: As the ticket's field has it, without 未评价.
SATISFACTION = ("very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied")
DISSATISFIED = frozenset(SATISFACTION[3:])
#: Why somebody is not satisfied.
REASONS = frozenset({"slow", "not_solved", "not_told", "attitude", "result", "passed_on", "other"})

#: An appeal may be lodged so many working days after the call, is to be answered within so many.
LODGED_WITHIN, ANSWERED_WITHIN = 5, 5
#: A remedy task's usual term, and the longest; what is sent back gets so many days more.
REMEDY_DAYS, LONGEST_REMEDY, AGAIN_DAYS, LOOKED_AT_WITHIN = 5, 30, 3, 3
#: A callback is due so many working days after it was planned; the next try; after so many vain ones it ends.
CALLBACK_DAYS, NEXT_TRY_DAYS, MOST_TRIES, REDO_DAYS = 3, 1, 3, 5


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        kind: what it is about.
        case_id: 32 hexadecimal digits.
        subject: id of the record (appeal, remedy) or number of the ticket (callback).
        code: the quality rule; "" for a callback.
        team: whose lead sees it.
        agent: work number of the operator whose it is.
        state: where it stands.
        opened: ISO date.
        due: ISO date of the last day for the next act, "" where it has ended.
        rounds: how often it came back (a remedy sent back, a matter done anew).
        tries: vain calls since it was last planned.
        answers: codes: ``ground``, ``measure``, ``satisfaction``, ``reason``, ``solved``.
        estimated: ``due`` lies beyond the known holidays.
        version: how many steps it has had since it was begun.
    """

    kind: CaseKind
    case_id: str
    subject: str
    code: str
    team: str
    agent: str
    state: CaseState
    opened: str
    due: str = ""
    rounds: int = 0
    tries: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)
    estimated: bool = False
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Somebody has to do something."""
        return self.state not in ENDED

    def is_late(self, today: date) -> bool:
        """What was due has not been done."""
        return bool(self.due) and today.isoformat() > self.due


@dataclass(frozen=True, slots=True)
class CaseStep:
    """A step that was taken.

    Attributes:
        at: ISO 8601.
        by: name with which the person signed in.
        role: theirs.
        act: a ``CaseAct``, or how it began (``lodge``, ``assign``, ``plan``).
        state: where the case stood after it.
        due: ISO date of the next one, "" where it ended.
    """

    at: str
    by: str
    role: str
    act: str
    state: str
    due: str = ""


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A case as the hub holds it.

    Attributes:
        case: it.
        late: by the hub's clock.
        steps: oldest first, where they were asked for.
        called: ISO 8601, when the ticket of its call was submitted, "" where it is not known (any more).
    """

    case: Case
    late: bool = False
    steps: tuple[CaseStep, ...] = ()
    called: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """An act: from where, to where, whose, and working days until the next one (None: the case ends)."""

    kind: CaseKind
    source: CaseState
    target: CaseState
    roles: frozenset[str]
    days: int | None = None


_LEADS = frozenset({"lead", "head"})
_OPERATOR = frozenset({"operator"})
_BOTH = _LEADS | _OPERATOR
MOVES: Mapping[CaseAct, Move] = {
    CaseAct.GRANT: Move(CaseKind.APPEAL, CaseState.LODGED, CaseState.GRANTED, _LEADS),
    CaseAct.REFUSE: Move(CaseKind.APPEAL, CaseState.LODGED, CaseState.REFUSED, _LEADS),
    CaseAct.WITHDRAW: Move(CaseKind.APPEAL, CaseState.LODGED, CaseState.WITHDRAWN, _OPERATOR),
    CaseAct.REPORT: Move(CaseKind.REMEDY, CaseState.ASSIGNED, CaseState.REPORTED, _OPERATOR, LOOKED_AT_WITHIN),
    CaseAct.ACCEPT: Move(CaseKind.REMEDY, CaseState.REPORTED, CaseState.ACCEPTED, _LEADS),
    CaseAct.SEND_BACK: Move(CaseKind.REMEDY, CaseState.REPORTED, CaseState.ASSIGNED, _LEADS, AGAIN_DAYS),
    CaseAct.CANCEL: Move(CaseKind.REMEDY, CaseState.ASSIGNED, CaseState.CANCELLED, _LEADS),
    CaseAct.MISSED: Move(CaseKind.CALLBACK, CaseState.PLANNED, CaseState.PLANNED, _BOTH, NEXT_TRY_DAYS),
    CaseAct.REACHED: Move(CaseKind.CALLBACK, CaseState.PLANNED, CaseState.DONE, _BOTH),
    CaseAct.REDONE: Move(CaseKind.CALLBACK, CaseState.REDO, CaseState.PLANNED, _LEADS, CALLBACK_DAYS),
    CaseAct.GIVE_UP: Move(CaseKind.CALLBACK, CaseState.REDO, CaseState.DONE, frozenset({"head"})),
}


def acts_for(held: HeldCase, role: str) -> tuple[CaseAct, ...]:
    """What a role may do with a case now, in the order of ``MOVES``; ``moved`` refuses all else."""
    case = held.case
    if case.kind is CaseKind.APPEAL and role == "lead" and held.late:
        return ()
    return tuple(act for act, move in MOVES.items() if move.kind is case.kind and move.source is case.state and role in move.roles)


def turn_of(held: HeldCase) -> str:
    """Whose turn it is: ``operator``, ``lead``, ``head``, or "" where the case has ended."""
    if not held.case.is_open:
        return ""
    if held.case.state is CaseState.LODGED and held.late:
        return "head"
    return "operator" if held.case.state in (CaseState.ASSIGNED, CaseState.PLANNED) else "lead"


def appealed(case_id: str, record_id: str, rule: str, whose: tuple[str, str], called: date, today: date, ground: str,
             calendar: WorkCalendar) -> Case:
    """An operator disputes a finding of their own call.

    Args:
        case_id: see ``Case``.
        record_id: of the call.
        rule: of the finding.
        whose: team and work number.
        called: day of the call.
        today: now.
        ground: of ``GROUNDS``.
        calendar: working days.

    Raises:
        OperatorVisibleError: too late, or an unknown ground.
    """
    _known(ground, GROUNDS)
    if workdays_between(called, today, calendar) > LODGED_WITHIN:
        raise OperatorVisibleError("hub.appeal_late", days=LODGED_WITHIN)
    case = Case(CaseKind.APPEAL, case_id, record_id, rule, *whose, CaseState.LODGED, today.isoformat(), answers={"ground": ground})
    return _due(case, today, ANSWERED_WITHIN, calendar)


def remedied(case_id: str, record_id: str, rule: str, whose: tuple[str, str], today: date, measure: str, calendar: WorkCalendar,
             days: int = REMEDY_DAYS) -> Case:
    """A lead sets an operator a task; ``days``: working days. OperatorVisibleError for an unknown measure or term."""
    _known(measure, MEASURES)
    if not 1 <= days <= LONGEST_REMEDY:
        raise OperatorVisibleError("hub.case_term", least=1, most=LONGEST_REMEDY)
    case = Case(CaseKind.REMEDY, case_id, record_id, rule, *whose, CaseState.ASSIGNED, today.isoformat(), answers={"measure": measure})
    return _due(case, today, days, calendar)


def planned(case_id: str, ticket_no: str, whose: tuple[str, str], today: date, calendar: WorkCalendar) -> Case:
    """A citizen is to be called back about a ticket."""
    case = Case(CaseKind.CALLBACK, case_id, ticket_no, "", *whose, CaseState.PLANNED, today.isoformat())
    return _due(case, today, CALLBACK_DAYS, calendar)


def moved(case: Case, act: CaseAct, role: str, today: date, calendar: WorkCalendar, answers: Mapping[str, str] | None = None) -> Case:
    """The case after an act.

    Args:
        case: as it stands.
        act: what is done.
        role: of who does it. An appeal that was not answered in time is the head's to answer.
        today: now.
        calendar: working days.
        answers: for ``REACHED``: ``satisfaction``, ``solved`` ("yes", "no"), ``reason`` where somebody is dissatisfied or it is not solved.

    Raises:
        OperatorVisibleError: not from this state (``hub.case_state``), not theirs (``hub.case_role``), an answer lacks or is unknown.
    """
    move = MOVES[act]
    if move.kind is not case.kind or move.source is not case.state:
        raise OperatorVisibleError("hub.case_state", state=case.state.value)
    late_appeal = case.kind is CaseKind.APPEAL and role == "lead" and case.is_late(today)
    if role not in move.roles or late_appeal:
        raise OperatorVisibleError("hub.case_role")
    following = replace(case, state=move.target)
    if act is CaseAct.MISSED:
        return _missed(following, today, calendar)
    if act is CaseAct.REACHED:
        return _reached(following, answers or {}, today, calendar)
    if act in (CaseAct.SEND_BACK, CaseAct.REDONE):
        following = replace(following, rounds=case.rounds + 1, tries=0)
    return _due(following, today, move.days, calendar)


def _missed(case: Case, today: date, calendar: WorkCalendar) -> Case:
    case = replace(case, tries=case.tries + 1)
    if case.tries >= MOST_TRIES:
        return _due(replace(case, state=CaseState.UNREACHED), today, None, calendar)
    return _due(case, today, NEXT_TRY_DAYS, calendar)


def _reached(case: Case, answers: Mapping[str, str], today: date, calendar: WorkCalendar) -> Case:
    """What the citizen said; what is not solved is done anew (重办)."""
    satisfaction, solved, reason = (answers.get(name, "") for name in ("satisfaction", "solved", "reason"))
    _known(satisfaction, SATISFACTION)
    _known(solved, ("yes", "no"))
    is_bad = satisfaction in DISSATISFIED or solved == "no"
    if is_bad or reason:
        _known(reason, REASONS)
    case = replace(case, answers={**case.answers, "satisfaction": satisfaction, "solved": solved, "reason": reason})
    if solved == "no":
        return _due(replace(case, state=CaseState.REDO), today, REDO_DAYS, calendar)
    return _due(case, today, None, calendar)


def _due(case: Case, today: date, days: int | None, calendar: WorkCalendar) -> Case:
    if days is None:
        return replace(case, due="", estimated=False)
    deadline = add_workdays(today, days, calendar)
    return replace(case, due=deadline.day.isoformat(), estimated=deadline.estimated)


def _known(code: str, codes: frozenset[str] | tuple[str, ...]) -> None:
    if code not in codes:
        raise OperatorVisibleError("hub.case_code", codes=", ".join(sorted(codes)))
