"""Invented callbacks for ``tingdan lead --sample``: a ``CaseDesk`` and ``CallbackDesk`` in memory, with the same machine as the hub's.

Everything is made up, from a seed; what is done in the window holds until it is closed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from app.domain.call_record import CallRecord
from app.domain.callback_figures import CallbackBy, CallbackCount
from app.domain.cases import (
    REASONS,
    SATISFACTION,
    Case,
    CaseAct,
    CaseKind,
    CaseState,
    CaseStep,
    HeldCase,
    moved,
    planned,
)
from app.domain.deadlines import WorkCalendar
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import item_of
from app.ports.cases import CaseCount, Member

_DAYS, _A_DAY, _SEED = 24, 9, 20261120
_MISSED, _REDONE_A_DAY = 0.25, 0.25
_SAID = (0.22, 0.38, 0.2, 0.13, 0.07)
_MEMBER = Member("样例主管", "head")


class SampleCallbacks:
    """See the module.

    Args:
        records: invented calls that some callbacks are about.
        today: the day on which the sample ends.
        calendar: working days.
        teams: work number to team.
    """

    def __init__(self, records: Sequence[CallRecord], today: date, calendar: WorkCalendar, teams: Mapping[str, str]) -> None:
        self._today, self._calendar, self._teams = today, calendar, teams
        self._of = {record.record_id: record for record in records}
        self._about: dict[str, tuple[str, str]] = {}
        self._cases: dict[str, Case] = {}
        self._steps: dict[str, list[CaseStep]] = {}
        self._invent(records)

    # --- CaseDesk ----------------------------------------------------------------------------------------------------

    def member(self) -> Member:
        """A head of an invented centre."""
        return _MEMBER

    def listed(self, kind: CaseKind | None = None, *, ended: bool = False, only_late: bool = False,
               subject: str = "") -> tuple[HeldCase, ...]:
        """Callbacks."""
        found = [self._held(case) for case in self._cases.values() if (ended or case.is_open) and subject in ("", case.subject)]
        return tuple(each for each in found if each.late or not only_late) if kind in (None, CaseKind.CALLBACK) else ()

    def one(self, case_id: str) -> HeldCase:
        """One with its steps."""
        return replace(self._held(self._cases[case_id]), steps=tuple(self._steps[case_id]))

    def appeal(self, record_id: str, rule: str, ground: str) -> HeldCase:
        """Not of callbacks."""
        raise OperatorVisibleError("cases.unknown")

    def remedy(self, record_id: str, rule: str, measure: str, days: int) -> HeldCase:
        """Not of callbacks."""
        raise OperatorVisibleError("cases.unknown")

    def plan(self, tickets: Sequence[str], agent: str) -> tuple[HeldCase, ...]:
        """Callbacks about tickets."""
        return tuple(self._held(self._cases[self._begin(number, agent, self._today)]) for number in tickets)

    def move(self, held: HeldCase, act: CaseAct, answers: Mapping[str, str] | None = None) -> HeldCase:
        """Take a step."""
        self._step(held.case.case_id, act, self._today, answers or {}, _MEMBER.role, _MEMBER.name)
        return self._held(self._cases[held.case.case_id])

    def counts(self, since: str = "", until: str = "") -> tuple[CaseCount, ...]:
        """By state and answers."""
        found = Counter((case.state.value, tuple(sorted(case.answers.items()))) for case in self._cases.values() if case.opened >= since)
        return tuple(CaseCount(CaseKind.CALLBACK, state, "", dict(said), count) for (state, said), count in found.items())

    # --- CallbackDesk -----------------------------------------------------------------------------------------------

    def counts_by(self, since: str, until: str, by: CallbackBy | None = None) -> tuple[CallbackCount, ...]:
        """By key, state and answers."""
        found: Counter[tuple[str, CaseState, str, str, str]] = Counter()
        late: Counter[tuple[str, CaseState, str, str, str]] = Counter()
        for case in self._cases.values():
            if since <= case.opened <= (until or "9999"):
                said = (case.answers.get(name, "") for name in ("satisfaction", "solved", "reason"))
                key = (self._key(case, by), case.state, *said)
                found[key] += 1  # type: ignore[index]
                late[key] += case.is_late(self._today)  # type: ignore[index]
        return tuple(CallbackCount(*key, count, late[key]) for key, count in sorted(found.items()))

    def plan_tickets(self, tickets: Sequence[str], agent: str) -> int:
        """Callbacks about tickets."""
        return len(self.plan(tickets, agent))

    def plan_calls(self, record_ids: Sequence[str], agent: str = "") -> int:
        """Callbacks about calls."""
        known = [self._of[each] for each in record_ids if each in self._of]
        for record in known:
            self._begin(record.record_id, agent or record.agent, self._today, (item_of(record, 0), record.district))
        return len(known)

    # --- inside --------------------------------------------------------------------------------------------------------

    def _key(self, case: Case, by: CallbackBy | None) -> str:
        item, district = self._about.get(case.case_id, ("", ""))
        keys = {CallbackBy.OPERATOR: case.agent, CallbackBy.TEAM: case.team, CallbackBy.DAY: case.opened, CallbackBy.ITEM: item,
                CallbackBy.DISTRICT: district}
        return keys[by] if by is not None else ""

    def _held(self, case: Case) -> HeldCase:
        return HeldCase(case, case.is_late(self._today))

    def _begin(self, subject: str, agent: str, day: date, about: tuple[str, str] = ("", "")) -> str:
        case_id = f"{len(self._cases):032x}"
        known = next((each.case_id for each in self._cases.values() if each.subject == subject), "")
        if not known:
            self._cases[case_id] = planned(case_id, subject, (self._teams.get(agent, ""), agent), day, self._calendar)
            self._about[case_id] = about
            self._steps[case_id] = [CaseStep(f"{day}T09:00:00+08:00", _MEMBER.name, "lead", "plan", "planned", self._cases[case_id].due)]
        return known or case_id

    def _step(self, case_id: str, act: CaseAct, day: date, answers: Mapping[str, str], role: str, who: str) -> None:
        case = moved(self._cases[case_id], act, role, day, self._calendar, answers)
        self._cases[case_id] = replace(case, version=case.version + 1)
        self._steps[case_id].append(CaseStep(f"{day}T10:30:00+08:00", who, role, act.value, case.state.value, case.due))

    def _invent(self, records: Sequence[CallRecord]) -> None:
        chance = random.Random(_SEED)  # noqa: S311  (invented data)
        by_day: dict[str, list[CallRecord]] = {}
        for record in records:
            by_day.setdefault(record.at[:10], []).append(record)
        for back in range(_DAYS, -1, -1):
            day = self._today - timedelta(days=back)
            called = by_day.get(str(day), [])
            for place, record in enumerate(chance.sample(called, min(_A_DAY, len(called)))):
                number = f"{day:%y%m%d}{place + 1:06d}"
                case_id = self._begin(number, record.agent, day, (item_of(record, 0), record.district))
                self._happen(case_id, record.agent, day, chance)

    def _happen(self, case_id: str, agent: str, day: date, chance: random.Random) -> None:
        """What came of it until today."""
        day += timedelta(days=chance.choice((1, 1, 2, 3, 5)))
        while day <= self._today and self._cases[case_id].is_open:
            if self._cases[case_id].state is CaseState.REDO:
                if chance.random() < _REDONE_A_DAY:
                    self._step(case_id, CaseAct.REDONE, day, {}, "lead", "样例班长")
            elif chance.random() < _MISSED:
                self._step(case_id, CaseAct.MISSED, day, {}, "operator", agent)
            else:
                said = chance.choices(SATISFACTION, _SAID)[0]
                is_bad = said in SATISFACTION[3:]
                solved = "no" if chance.random() < (0.5 if is_bad else 0.04) else "yes"
                reason = chance.choice(sorted(REASONS)) if is_bad or solved == "no" else ""
                self._step(case_id, CaseAct.REACHED, day, {"satisfaction": said, "solved": solved, "reason": reason}, "operator", agent)
            day += timedelta(days=1)
