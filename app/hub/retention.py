"""What the hub forgets, and when: records after so many days, roll-ups and receipts after more. By day, in small transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Delete, Table, and_, delete, func, select

from app.hub.callback_tables import ABOUT, TOLD
from app.hub.case_tables import CASE, CASE_STEP
from app.hub.database import Database
from app.hub.granted_tables import TAKEN_BACK, put_missing
from app.hub.shared_texts import SHARED_TEXT, TEXT_LOOK, forget_texts
from app.hub.tables import POSTING, RECEIPT, RECORD, RECORD_BODY, SESSION, SUMS, WAITING
from app.hub.weeks import WEEK, before
from app.ports.ports import Clock

#: For days of masked texts: only those of calls go whose record is gone.
TEXTS_STAY = -1


@dataclass(frozen=True, slots=True)
class Keep:
    """Days that records, that roll-ups, receipts and looks at texts, and that masked texts are kept (0: none; ``TEXTS_STAY``)."""

    records: int = 180
    sums: int = 800
    texts: int = 0


def forget(database: Database, clock: Clock, keep: Keep) -> dict[str, int]:
    """Delete what is over; rows by table, tables without any left out.

    Records that still wait for the roll-ups stay: they are counted first.
    """
    now = clock.now()
    first_record, first_sum = (
        (now - timedelta(days=days)).date() + timedelta(days=1) for days in (keep.records, keep.sums))
    waiting = database.run(lambda connection: connection.execute(select(func.min(WAITING.c.day))).scalar(), reads=True)
    first_kept = min(first_record.isoformat(), waiting or first_record.isoformat())
    database.run(put_missing)
    gone = {RECORD.name: _records_before(database, first_kept), POSTING.name: _before(database, POSTING, POSTING.c.day, first_kept)}
    gone[SHARED_TEXT.name] = forget_texts(database, _first_text(now, keep.texts))
    gone[TEXT_LOOK.name] = _before(database, TEXT_LOOK, TEXT_LOOK.c.at, first_sum.isoformat())
    weeks = database.run(lambda connection: connection.execute(select(WEEK.c.week)).scalars().all(), reads=True)
    for week in before(weeks, first_sum.isoformat()):
        for table in SUMS.values():
            gone[table.name] = gone.get(table.name, 0) + _deleted(database, delete(table).where(table.c.day == week))
        _deleted(database, delete(WEEK).where(WEEK.c.week == week))
    for table in SUMS.values():
        gone[table.name] = gone.get(table.name, 0) + _before(database, table, table.c.day, first_sum.isoformat())
    gone[TAKEN_BACK.name] = _before(database, TAKEN_BACK, TAKEN_BACK.c.day, first_sum.isoformat())
    gone[RECEIPT.name] = _before(database, RECEIPT, RECEIPT.c.at, first_sum.isoformat())
    past = and_(CASE.c.is_open == 0, CASE.c.changed_at < first_sum.isoformat())
    for table in (CASE_STEP, ABOUT, TOLD):
        gone[table.name] = _deleted(database, delete(table).where(table.c.case_id.in_(select(CASE.c.case_id).where(past))))
    gone[CASE.name] = _deleted(database, delete(CASE).where(past))
    over = delete(SESSION).where(SESSION.c.expires_at < now.isoformat())
    gone[SESSION.name] = _deleted(database, over)
    return {name: rows for name, rows in gone.items() if rows}


def _first_text(now: datetime, days: int) -> str:
    """The first day whose texts stay, "" for none."""
    if days == TEXTS_STAY:
        return "0000-00-00"
    return ((now - timedelta(days=days)).date() + timedelta(days=1)).isoformat() if days else ""


def _records_before(database: Database, limit: str) -> int:
    """Records and their bodies, a day at a time."""
    gone = 0
    while True:
        oldest = database.run(lambda connection: connection.execute(select(func.min(RECORD.c.day))).scalar(), reads=True)
        if oldest is None or oldest >= limit:
            return gone

        def work(connection: Connection, day: str = oldest) -> int:
            ids = select(RECORD.c.record_id).where(RECORD.c.day == day)
            connection.execute(delete(RECORD_BODY).where(RECORD_BODY.c.record_id.in_(ids)))
            return connection.execute(delete(RECORD).where(RECORD.c.day == day)).rowcount

        gone += database.run(work)


def _before(database: Database, table: Table, column: Column[str], limit: str) -> int:
    """Rows before ``limit``, a day (or a moment) at a time."""
    gone = 0
    while True:
        oldest = database.run(lambda connection: connection.execute(select(func.min(column)).where(column < limit)).scalar(), reads=True)
        if oldest is None:
            return gone
        gone += _deleted(database, delete(table).where(column == oldest))


def _deleted(database: Database, statement: Delete) -> int:
    return database.run(lambda connection: connection.execute(statement).rowcount)
