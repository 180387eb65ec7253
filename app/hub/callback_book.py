"""Callbacks for desks and leads in the hub's database: an operator's list, results told by a desk, calls chosen by a lead, counts.

A result is taken in one transaction with its id, so that it counts once however often a desk sends it. A desk acts for the work number
that it names, and for its own team's callbacks only (a desk that was enrolled without a team acts for any). Any thread.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, insert, literal, or_, select

from app.domain.callback_figures import CallbackBy
from app.domain.callbacks import CallbackResult, after
from app.domain.cases import Case, CaseKind, CaseState, planned
from app.domain.errors import OperatorVisibleError
from app.hub.callback_tables import ABOUT, TOLD
from app.hub.case_book import BEGUN, CaseBook, case_id_of, case_of, put_step, seen_by
from app.hub.case_tables import CASE
from app.hub.database import Database
from app.hub.rights import Role, Visitor
from app.hub.tables import RECORD, TEAM_OF
from app.ports.ports import Clock

MOST_DUE = 200
_KEYS: dict[CallbackBy, ColumnElement[str]] = {
    CallbackBy.OPERATOR: CASE.c.agent, CallbackBy.TEAM: CASE.c.team, CallbackBy.DAY: CASE.c.opened,
    CallbackBy.ITEM: func.coalesce(ABOUT.c.item, ""), CallbackBy.DISTRICT: func.coalesce(ABOUT.c.district, "")}


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a citizen is to be called back about."""

    record_id: str
    team: str
    agent: str
    item: str
    district: str


class CallbackBook:
    """See the module.

    Args:
        database: the hub's.
        clock: for days and stamps.
        book: the cases.
    """

    def __init__(self, database: Database, clock: Clock, book: CaseBook) -> None:
        self._database, self._clock, self._book = database, clock, book

    def due(self, desk: Visitor, agent: str) -> list[Case]:
        """Open callbacks of a work number, by their day, as a desk may see them."""
        question = select(CASE).where(_open_of(desk, agent)).order_by(CASE.c.due, CASE.c.case_id).limit(MOST_DUE)
        return self._database.run(lambda connection: [case_of(row) for row in connection.execute(question)], reads=True)

    def take(self, desk: Visitor, agent: str, results: Sequence[CallbackResult]) -> tuple[list[str], list[tuple[str, str]]]:
        """Ids of results that are kept (now or before), and (id, key of the reason) of those that never will be."""
        taken: list[str] = []
        refused: list[tuple[str, str]] = []
        for result in results:
            try:
                is_taken = self._take(desk, agent, result)
            except OperatorVisibleError as error:
                refused.append((result.result_id, error.key))
                continue
            if is_taken:
                taken.append(result.result_id)
            else:
                refused.append((result.result_id, "cases.unknown"))
        return taken, refused

    def _take(self, desk: Visitor, agent: str, result: CallbackResult) -> bool:
        now = self._clock.now()
        operator = Visitor(Role.OPERATOR, agent, agent=agent)

        def work(connection: Connection) -> bool:
            if connection.execute(select(TOLD.c.result_id).where(TOLD.c.result_id == result.result_id)).first() is not None:
                return True
            row = connection.execute(select(CASE).where(CASE.c.case_id == result.case_id, _of(desk, agent))).first()
            if row is None:
                return False
            held = after(case_of(row), result, now.date(), self._book.calendar)
            put_step(connection, held, row.version, now, operator, result.act)
            connection.execute(insert(TOLD).values(result_id=result.result_id, case_id=result.case_id, desk=desk.desk, at=now.isoformat()))
            if result.item or result.district:
                _tell_about(connection, result.case_id, result.item, result.district)
            return True

        return self._database.run(work)

    def calls(self, visitor: Visitor, record_ids: Sequence[str]) -> list[Call]:
        """Those of the calls that the visitor may see, in their order."""
        question = select(RECORD.c.record_id, RECORD.c.team, RECORD.c.agent, RECORD.c.item, RECORD.c.district).where(
            RECORD.c.record_id.in_(record_ids))
        rows = self._database.run(lambda connection: connection.execute(question).all(), reads=True)
        found = {row.record_id: Call(*row) for row in rows if visitor.sees(row.team, row.agent)}
        return [found[each] for each in record_ids if each in found]

    def plan(self, visitor: Visitor, calls: Sequence[Call]) -> list[Case]:
        """Plan callbacks about calls, each with the work number that it names; what the call was about is kept beside."""
        today, calendar = self._book.today(), self._book.calendar
        cases = [planned(case_id_of(CaseKind.CALLBACK, call.record_id), call.record_id, (call.team, call.agent), today, calendar)
                 for call in calls]
        made = self._book.begin(visitor, cases, BEGUN[CaseKind.CALLBACK])
        about = {call.record_id: call for call in calls}

        def work(connection: Connection) -> None:
            for each in made:
                _tell_about(connection, each.case_id, about[each.subject].item, about[each.subject].district)

        self._database.run(work)
        return made

    def counts(self, visitor: Visitor, since: str, until: str, by: CallbackBy | None) -> list[dict[str, Any]]:
        """Callbacks planned in a stretch of days, by key, state and answers; and how many of them are late."""
        is_late = case((and_(CASE.c.due != "", CASE.c.due < self._book.today().isoformat()), 1), else_=0)
        key = _KEYS[by] if by is not None else literal("")
        inner = select(key.label("key"), CASE.c.state, CASE.c.answers, is_late.label("is_late")).select_from(
            CASE.outerjoin(ABOUT, ABOUT.c.case_id == CASE.c.case_id)).where(
            seen_by(visitor), CASE.c.kind == CaseKind.CALLBACK.value, CASE.c.opened >= since,
            *([CASE.c.opened <= until] if until else [])).subquery()
        keys = (inner.c.key, inner.c.state, inner.c.answers)
        question = select(*keys, func.count().label("many"), func.sum(inner.c.is_late).label("late")).group_by(*keys).order_by(*keys)

        def work(connection: Connection) -> list[dict[str, Any]]:
            return [{"key": row.key, "state": row.state, "count": int(row.many), "late": int(row.late), **_said(row.answers)}
                    for row in connection.execute(question)]

        return self._database.run(work, reads=True)


def _of(desk: Visitor, agent: str) -> ColumnElement[bool]:
    """A work number's callbacks that a desk may act for; who came to its team brings those of before along."""
    whose = and_(CASE.c.kind == CaseKind.CALLBACK.value, CASE.c.agent == agent)
    is_here = exists().where(TEAM_OF.c.agent == agent, TEAM_OF.c.team == desk.team)
    return and_(whose, or_(CASE.c.team == desk.team, is_here)) if desk.team else whose


def _open_of(desk: Visitor, agent: str) -> ColumnElement[bool]:
    return and_(_of(desk, agent), CASE.c.is_open == 1, CASE.c.state == CaseState.PLANNED.value)


def _tell_about(connection: Connection, case_id: str, item: str, district: str) -> None:
    """What is known first stays: a call's own record before what a desk tells later."""
    if connection.execute(select(ABOUT.c.case_id).where(ABOUT.c.case_id == case_id)).first() is None:
        connection.execute(insert(ABOUT).values(case_id=case_id, item=item, district=district))


def _said(answers: str) -> dict[str, str]:
    held = json.loads(answers)
    return {name: str(held.get(name, "")) for name in ("satisfaction", "solved", "reason")}
