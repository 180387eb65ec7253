"""Appeals, remedy tasks and callbacks in the hub's database: begun, moved on, listed, counted, each for who may see them.

A case is begun once however often it is sent: its id is made of what it is about; a callback that ended may be followed by another about
the same call, whose id counts them (``_next_callback``). A step is taken in one transaction with the row's
version, so of two people who act at once one is told that the case has moved on. An appeal that is granted ends the remedy task of the
same finding, and what it takes back is put down with it (``app.hub.granted_tables``); where one was granted no task is begun: both lock
the appeal's row, so of the two at the same instant the second sees the first. Any thread.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, insert, literal, select, true, update

from app.domain.cases import Case, CaseAct, CaseKind, CaseState, moved
from app.domain.deadlines import WorkCalendar
from app.domain.errors import OperatorVisibleError
from app.hub.case_tables import CASE, CASE_STEP
from app.hub.database import Database, RacedError
from app.hub.granted_tables import take_back
from app.hub.rights import Role, Visitor
from app.hub.tables import PERSON, RECORD, TEAM_OF
from app.ports.ports import Clock

MOST_LISTED = 500


def case_id_of(kind: CaseKind, subject: str, code: str = "") -> str:
    """The same case has the same id."""
    return hashlib.sha256(f"{kind.value}:{subject}:{code}".encode()).hexdigest()[:32]


class CaseBook:
    """See the module.

    Args:
        database: the hub's.
        clock: for days and stamps.
        calendar: working days.
    """

    def __init__(self, database: Database, clock: Clock, calendar: WorkCalendar) -> None:
        self._database, self._clock, self.calendar = database, clock, calendar

    def today(self) -> date:
        """The day on which deadlines are counted."""
        return self._clock.now().date()

    def call(self, visitor: Visitor, record_id: str) -> tuple[str, str, date] | None:
        """Team, work number and day of a call; None where there is none that the visitor may see."""
        question = select(RECORD.c.team, RECORD.c.agent, RECORD.c.day).where(RECORD.c.record_id == record_id)
        row = self._database.run(lambda connection: connection.execute(question).first(), reads=True)
        if row is None or not visitor.sees(row.team, row.agent):
            return None
        return row.team, row.agent, date.fromisoformat(row.day)

    def team_of(self, agent: str) -> str | None:
        """Team of a work number: as IT lists it, else that of its newest call, "" for an account that has neither; None: nobody has it."""
        questions = (select(TEAM_OF.c.team).where(TEAM_OF.c.agent == agent),
                     select(RECORD.c.team).where(RECORD.c.agent == agent).order_by(RECORD.c.day.desc()).limit(1),
                     select(literal("")).where(exists().where(PERSON.c.agent == agent)))

        def work(connection: Connection) -> str | None:
            return next((row[0] for question in questions if (row := connection.execute(question).first()) is not None), None)

        return self._database.run(work, reads=True)

    def begin(self, visitor: Visitor, cases: Sequence[Case], act: str) -> list[Case]:
        """Keep new cases; those that are known stay as they stand. How they stand now, in their order.

        Others' are not shown, and remedy tasks of findings that an appeal has taken back are not begun.
        """
        at = self._clock.now().isoformat()

        def work(connection: Connection) -> list[Case]:
            found = []
            for each in cases:
                if each.kind is CaseKind.REMEDY and _is_granted(connection, each):
                    continue
                new = _next_callback(connection, each) if each.kind is CaseKind.CALLBACK else each
                held = connection.execute(select(CASE).where(CASE.c.case_id == new.case_id)).first()
                if held is None:
                    connection.execute(insert(CASE).values(**_values(new), case_id=new.case_id, version=0, changed_at=at))
                    connection.execute(insert(CASE_STEP).values(**_step(new, 0, at, visitor, act)))
                    found.append(new)
                elif visitor.sees(held.team, held.agent):
                    found.append(case_of(held))
            return found

        return self._database.run(work)

    def move(self, visitor: Visitor, case_id: str, act: CaseAct, answers: Mapping[str, str], version: int = -1) -> Case | None:
        """Take a step; None where there is no such case that the visitor may see.

        Args:
            visitor: who takes it.
            case_id: which.
            act: what is done.
            answers: see ``moved``.
            version: that the visitor had before their eyes; -1: whatever it is now.

        Raises:
            OperatorVisibleError: see ``app.domain.cases.moved``; ``hub.case_moved``: somebody else took a step meanwhile.
        """
        now = self._clock.now()

        def work(connection: Connection) -> Case | None:
            row = connection.execute(select(CASE).where(CASE.c.case_id == case_id)).first()
            if row is None or not visitor.sees(row.team, row.agent):
                return None
            if version not in (-1, row.version):
                raise OperatorVisibleError("hub.case_moved", state=row.state)
            after = moved(case_of(row), act, visitor.role.value, now.date(), self.calendar, answers)
            put_step(connection, after, row.version, now, visitor, act)
            if act is CaseAct.GRANT:
                take_back(connection, [after.subject])
                _end_remedy(connection, after, now, visitor)
            return replace(after, version=row.version + 1)

        return self._database.run(work)

    def one(self, visitor: Visitor, case_id: str) -> tuple[Case, list[dict[str, Any]]] | None:
        """A case with all its steps; None where there is none that the visitor may see."""
        def work(connection: Connection) -> tuple[Case, list[dict[str, Any]]] | None:
            row = connection.execute(select(CASE).where(CASE.c.case_id == case_id)).first()
            if row is None or not visitor.sees(row.team, row.agent):
                return None
            steps = connection.execute(select(CASE_STEP).where(CASE_STEP.c.case_id == case_id).order_by(CASE_STEP.c.step))
            return case_of(row), [{name: value for name, value in each._mapping.items() if name != "case_id"} for each in steps]

        return self._database.run(work, reads=True)

    def listed(self, visitor: Visitor, kind: CaseKind | None, *, only_open: bool, only_late: bool, subject: str = "") -> list[Case]:
        """Cases that the visitor may see: open ones by their day, then the newest of those that ended; at most ``MOST_LISTED``."""
        question = select(CASE).where(seen_by(visitor))
        if subject:
            question = question.where(CASE.c.subject == subject)
        if kind is not None:
            question = question.where(CASE.c.kind == kind.value)
        if only_open or only_late:
            question = question.where(CASE.c.is_open == 1)
        if only_late:
            question = question.where(CASE.c.due < self.today().isoformat())
        question = question.order_by(CASE.c.is_open.desc(), CASE.c.due, CASE.c.changed_at.desc(), CASE.c.case_id).limit(MOST_LISTED)
        return self._database.run(lambda connection: [case_of(row) for row in connection.execute(question)], reads=True)

    def called(self, cases: Sequence[Case]) -> dict[str, str]:
        """When the tickets of their calls were submitted, by subject; those of calls that are gone, and of callbacks, lack."""
        subjects = sorted({case.subject for case in cases if case.kind is not CaseKind.CALLBACK})
        if not subjects:
            return {}
        question = select(RECORD.c.record_id, RECORD.c.at).where(RECORD.c.record_id.in_(subjects))
        return self._database.run(lambda connection: {row.record_id: row.at for row in connection.execute(question)}, reads=True)

    def counts(self, visitor: Visitor, since: str, until: str) -> list[dict[str, Any]]:
        """Cases opened in a stretch of days, by kind, state and answers; and how many of them are late."""
        is_late = case((and_(CASE.c.due != "", CASE.c.due < self.today().isoformat()), 1), else_=0)
        keys = (CASE.c.kind, CASE.c.state, CASE.c.code, CASE.c.answers)
        conditions = [seen_by(visitor), CASE.c.opened >= since, *([CASE.c.opened <= until] if until else [])]
        counted = select(*keys, func.count().label("many"), func.sum(is_late).label("late"))
        question = counted.where(*conditions).group_by(*keys).order_by(*keys)

        def work(connection: Connection) -> list[dict[str, Any]]:
            return [{"kind": row.kind, "state": row.state, "code": row.code, "answers": json.loads(row.answers), "count": int(row.many),
                     "late": int(row.late)} for row in connection.execute(question)]

        return self._database.run(work, reads=True)


def seen_by(visitor: Visitor) -> ColumnElement[bool]:
    """What ``Visitor.sees`` says, in SQL."""
    if visitor.role is Role.HEAD:
        return true()
    if visitor.role is Role.LEAD:
        return and_(CASE.c.team == visitor.team, CASE.c.team != "")
    return and_(CASE.c.agent == visitor.agent, CASE.c.agent != "")


def put_step(connection: Connection, held: Case, version: int, now: datetime, visitor: Visitor, act: str) -> None:
    """Keep a case after a step; RacedError where somebody was ahead."""
    done = connection.execute(update(CASE).where(CASE.c.case_id == held.case_id, CASE.c.version == version).values(
        **_values(held), version=version + 1, changed_at=now.isoformat()))
    if done.rowcount != 1:
        raise RacedError
    connection.execute(insert(CASE_STEP).values(**_step(held, version + 1, now.isoformat(), visitor, act)))


def _is_granted(connection: Connection, remedy: Case) -> bool:
    """Whether an appeal against the finding was granted: then it is none any more. Locks the appeal's row (SQLite: all is locked)."""
    appeal = case_id_of(CaseKind.APPEAL, remedy.subject, remedy.code)
    question = select(CASE.c.state).where(CASE.c.case_id == appeal).with_for_update()
    return connection.execute(question).scalar() == CaseState.GRANTED.value


def _next_callback(connection: Connection, new: Case) -> Case:
    """The callback about the same call that is open; else the new one, under the first id that none of the ended ones has."""
    question = select(CASE.c.case_id, CASE.c.is_open).where(CASE.c.kind == CaseKind.CALLBACK.value, CASE.c.subject == new.subject)
    held = {row.case_id: bool(row.is_open) for row in connection.execute(question)}
    still_open = next((case_id for case_id, is_open in sorted(held.items()) if is_open), "")
    free = (case_id_of(CaseKind.CALLBACK, new.subject, str(number or "")) for number in itertools.count())
    return replace(new, case_id=still_open or next(each for each in free if each not in held))


def _end_remedy(connection: Connection, appeal: Case, now: datetime, visitor: Visitor) -> None:
    """What was not a breach needs no mending."""
    question = select(CASE).where(CASE.c.kind == CaseKind.REMEDY.value, CASE.c.subject == appeal.subject, CASE.c.code == appeal.code,
                                  CASE.c.is_open == 1)
    for row in connection.execute(question).all():
        ended = replace(case_of(row), state=CaseState.CANCELLED, due="", estimated=False)
        put_step(connection, ended, row.version, now, visitor, CaseAct.CANCEL)


def _values(held: Case) -> dict[str, object]:
    return {"kind": held.kind.value, "subject": held.subject, "code": held.code, "team": held.team, "agent": held.agent,
            "state": held.state.value, "is_open": int(held.is_open), "opened": held.opened, "due": held.due,
            "rounds": held.rounds, "tries": held.tries, "answers": json.dumps(dict(held.answers), sort_keys=True),
            "estimated": int(held.estimated)}


def _step(held: Case, step: int, at: str, visitor: Visitor, act: str) -> dict[str, object]:
    return {"case_id": held.case_id, "step": step, "at": at, "by": visitor.name, "role": visitor.role.value, "act": str(act),
            "state": held.state.value, "due": held.due}


def case_of(row: Any) -> Case:
    """The case of a row."""
    return Case(CaseKind(row.kind), row.case_id, row.subject, row.code, row.team, row.agent, CaseState(row.state), row.opened, row.due,
                row.rounds, row.tries, json.loads(row.answers), bool(row.estimated), row.version)


def refused(error: OperatorVisibleError) -> int:
    """HTTP status of what the machine refused: 403 not theirs, 409 the case stands elsewhere, 422 else."""
    return {"hub.case_role": 403, "hub.case_state": 409, "hub.case_moved": 409}.get(error.key, 422)


#: How a begun case is named among the steps.
BEGUN: Mapping[CaseKind, str] = {CaseKind.APPEAL: "lodge", CaseKind.REMEDY: "assign", CaseKind.CALLBACK: "plan"}
