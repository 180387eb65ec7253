"""Invented appeals, remedy tasks and callbacks over the invented records: the port ``CaseDesk`` in memory, by the real machine.

For ``tingdan lead --sample``: what a lead does there is done and gone when the window closes. Deterministic. One thread at a time.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from app.domain import cases
from app.domain.call_record import CallRecord
from app.domain.cases import Case, CaseAct, CaseKind, CaseState, CaseStep, HeldCase
from app.domain.deadlines import WorkCalendar
from app.domain.errors import OperatorVisibleError
from app.platform.clock import BEIJING
from app.ports.cases import CaseCount, Member

_GROUNDS = ("was_said", "misheard", "does_not_apply", "citizen_declined", "disturbed_line", "was_said")
_MEASURES = ("coaching", "read_rules", "listen_again", "training")
_TALKED = {"satisfaction": "satisfied", "solved": "yes"}
#: Days before the last one on which it began, and what was done on which day after: of appeals, remedy tasks, callbacks.
_APPEALS: tuple[tuple[int, tuple[tuple[int, CaseAct], ...]], ...] = (
    (12, ()), (4, ()), (3, ()), (1, ()), (9, ((2, CaseAct.GRANT),)), (8, ((1, CaseAct.GRANT),)), (15, ((3, CaseAct.GRANT),)),
    (7, ((2, CaseAct.REFUSE),)), (6, ((1, CaseAct.WITHDRAW),)), (20, ((4, CaseAct.GRANT),)), (13, ((3, CaseAct.REFUSE),)))
_REMEDIES: tuple[tuple[int, tuple[tuple[int, CaseAct], ...]], ...] = (
    (11, ()), (3, ()), (8, ((5, CaseAct.REPORT),)), (2, ((1, CaseAct.REPORT),)),
    (10, ((3, CaseAct.REPORT), (4, CaseAct.SEND_BACK), (7, CaseAct.REPORT))),
    (18, ((4, CaseAct.REPORT), (5, CaseAct.ACCEPT))), (5, ((2, CaseAct.CANCEL),)))
_CALLBACKS: tuple[tuple[int, tuple[tuple[int, CaseAct], ...]], ...] = (
    (6, ()), (1, ()), (2, ((1, CaseAct.MISSED),)), (4, ((2, CaseAct.REACHED),)))
_OPERATORS_ACTS = frozenset({CaseAct.WITHDRAW, CaseAct.REPORT, CaseAct.MISSED, CaseAct.REACHED})


@dataclass(slots=True)
class _Kept:
    case: Case
    called: str
    steps: list[CaseStep] = field(default_factory=list)


class SampleCases:
    """See the module and ``app.ports.cases``.

    Args:
        records: of the invented centre.
        teams: work number to team.
        today: the last day.
        calendar: working days.
        member: who looks; a lead without a team is the lead of all, as the sample's window shows all.
    """

    def __init__(self, records: Iterable[CallRecord], teams: Mapping[str, str], today: date, calendar: WorkCalendar,
                 member: Member | None = None) -> None:
        self._teams, self._today, self._calendar = teams, today, calendar
        self._member = member or Member("样例班长", "lead")
        self._calls = {record.record_id: record for record in records}
        self._kept: dict[str, _Kept] = {}
        self._invent()

    def member(self) -> Member:
        """Who looks."""
        return self._member

    def granted(self) -> dict[str, frozenset[str]]:
        """Rules whose findings were taken back, by record."""
        found: dict[str, frozenset[str]] = {}
        for kept in self._kept.values():
            if kept.case.kind is CaseKind.APPEAL and kept.case.state is CaseState.GRANTED:
                found[kept.case.subject] = found.get(kept.case.subject, frozenset()) | {kept.case.code}
        return found

    def listed(self, kind: CaseKind | None = None, *, ended: bool = False, only_late: bool = False,
               subject: str = "") -> tuple[HeldCase, ...]:
        """Cases, open ones by their day."""
        found = [self._shown(kept, steps=False) for kept in self._kept.values()]
        wanted = [held for held in found if (kind is None or held.case.kind is kind) and (not subject or held.case.subject == subject)
                  and (held.late or not only_late) and (held.case.is_open or (ended and not only_late)) and self._sees(held.case)]
        return tuple(sorted(wanted, key=lambda held: (not held.case.is_open, held.case.due, held.case.case_id)))

    def one(self, case_id: str) -> HeldCase:
        """A case with its steps."""
        return self._shown(self._found(case_id), steps=True)

    def appeal(self, record_id: str, rule: str, ground: str) -> HeldCase:
        """Dispute a finding."""
        call = self._call(record_id, rule)
        case = cases.appealed(_id("appeal", record_id, rule), record_id, rule, self._whose(call), date.fromisoformat(call.at[:10]),
                              self._today, ground, self._calendar)
        return self._begin(case, call.at, self._today, "lodge", self._member)

    def remedy(self, record_id: str, rule: str, measure: str, days: int) -> HeldCase:
        """Set a task."""
        call = self._call(record_id, rule)
        case_id = _id("remedy", record_id, rule)
        case = cases.remedied(case_id, record_id, rule, self._whose(call), self._today, measure, self._calendar, days)
        return self._begin(case, call.at, self._today, "assign", self._member)

    def plan(self, tickets: Sequence[str], agent: str) -> tuple[HeldCase, ...]:
        """Plan callbacks."""
        return tuple(self._begin(cases.planned(_id("callback", number, ""), number, (self._teams.get(agent, ""), agent), self._today,
                                               self._calendar), "", self._today, "plan", self._member) for number in tickets)

    def move(self, held: HeldCase, act: CaseAct, answers: Mapping[str, str] | None = None) -> HeldCase:
        """Take a step."""
        kept = self._found(held.case.case_id)
        if kept.case.version != held.case.version:
            raise OperatorVisibleError("hub.case_moved", state=kept.case.state.value)
        self._step(kept, act, self._today, self._member, answers)
        return self._shown(kept, steps=True)

    def counts(self, since: str = "", until: str = "") -> tuple[CaseCount, ...]:
        """Cases begun in a stretch of days."""
        many, late = Counter[tuple[object, ...]](), Counter[tuple[object, ...]]()
        for kept in self._kept.values():
            case = kept.case
            if since <= case.opened <= (until or "9999") and self._sees(case):
                key = (case.kind, case.state.value, case.code, tuple(sorted(case.answers.items())))
                many[key] += 1
                late[key] += case.is_late(self._today)
        return tuple(CaseCount(CaseKind(str(kind)), str(state), str(code), dict(answers), count, late[kind, state, code, answers])  # type: ignore[call-overload]
                     for (kind, state, code, answers), count in sorted(many.items(), key=str))

    def _sees(self, case: Case) -> bool:
        member = self._member
        return member.role == "head" or (member.team in ("", case.team) if member.role == "lead" else case.agent == member.agent)

    def _found(self, case_id: str) -> _Kept:
        kept = self._kept.get(case_id)
        if kept is None or not self._sees(kept.case):
            raise OperatorVisibleError("cases.unknown")
        return kept

    def _call(self, record_id: str, rule: str) -> CallRecord:
        call = self._calls.get(record_id)
        if call is None or all(each.rule != rule for each in call.quality):
            raise OperatorVisibleError("cases.unknown")
        return call

    def _whose(self, call: CallRecord) -> tuple[str, str]:
        return self._teams.get(call.agent, ""), call.agent

    def _shown(self, kept: _Kept, *, steps: bool) -> HeldCase:
        return HeldCase(kept.case, kept.case.is_late(self._today), tuple(kept.steps) if steps else (), kept.called)

    def _begin(self, case: Case, called: str, day: date, act: str, by: Member) -> HeldCase:
        kept = self._kept.get(case.case_id)
        if kept is None:
            first = CaseStep(_at(day, 0), by.name, by.role, act, case.state.value, case.due)
            kept = self._kept[case.case_id] = _Kept(case, called, [first])
        return self._shown(kept, steps=True)

    def _step(self, kept: _Kept, act: CaseAct, day: date, by: Member, answers: Mapping[str, str] | None = None) -> None:
        after = cases.moved(kept.case, act, by.role, day, self._calendar, answers)
        kept.case = replace(after, version=kept.case.version + 1)
        kept.steps.append(CaseStep(_at(day, len(kept.steps)), by.name, by.role, act.value, after.state.value, after.due))

    # --- what was done before anybody looked ---------------------------------------------------------------------------------

    def _invent(self) -> None:
        whose = self._member.team
        calls = sorted((record for record in self._calls.values() if record.quality and whose in ("", self._teams.get(record.agent))),
                       key=lambda record: (record.at, record.record_id))
        for kind, plans in ((CaseKind.APPEAL, _APPEALS), (CaseKind.REMEDY, _REMEDIES), (CaseKind.CALLBACK, _CALLBACKS)):
            for index, (back, deeds) in enumerate(plans):
                day = self._today - timedelta(days=back)
                before = [record for record in calls if record.at[:10] < str(day)]
                place = 1 + index % 3 + 3 * (kind is CaseKind.REMEDY)
                if len(before) >= place:
                    self._play(kind, index, day, before[-place], deeds)

    def _play(self, kind: CaseKind, index: int, day: date, call: CallRecord, deeds: Iterable[tuple[int, CaseAct]]) -> None:
        rule, whose = call.quality[0].rule, self._whose(call)
        lead, operator = Member("样例班长", "head", whose[0]), Member(call.agent, "operator", agent=call.agent)
        subject = call.record_id if kind is not CaseKind.CALLBACK else f"2611{index + 1:08}"
        case_id = _id(kind.value, subject, rule)
        if case_id in self._kept:
            return  # among few calls two plans fall on one finding, which has one case
        if kind is CaseKind.APPEAL:
            case = cases.appealed(case_id, subject, rule, whose, day, day, _GROUNDS[index % len(_GROUNDS)], self._calendar)
        elif kind is CaseKind.REMEDY:
            case = cases.remedied(case_id, subject, rule, whose, day, _MEASURES[index % len(_MEASURES)], self._calendar)
        else:
            case = cases.planned(case_id, subject, whose, day, self._calendar)
        act = {CaseKind.APPEAL: "lodge", CaseKind.REMEDY: "assign", CaseKind.CALLBACK: "plan"}[kind]
        self._begin(case, call.at if kind is not CaseKind.CALLBACK else "", day, act, operator if kind is CaseKind.APPEAL else lead)
        kept = self._kept[case_id]
        for after, deed in deeds:
            by = operator if deed in _OPERATORS_ACTS else lead
            self._step(kept, deed, day + timedelta(days=after), by, _TALKED if deed is CaseAct.REACHED else None)
        kept.steps = [replace(step, role="lead") if step.role == "head" else step for step in kept.steps]


def _id(kind: str, subject: str, code: str) -> str:
    return hashlib.sha256(f"{kind}:{subject}:{code}".encode()).hexdigest()[:32]


def _at(day: date, place: int) -> str:
    return datetime.combine(day, time(10 + place % 8, 20), BEIJING).isoformat()
