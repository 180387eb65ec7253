"""Statements on calls' records that ``app.store.ticket_store`` and ``app.store.purging`` need of ``app.store.call_records``."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from app.domain import json_form
from app.domain.call_record import CallRecord
from app.domain.call_record_form import to_json


def put_record(db: Database, record: CallRecord, call_id: str, shares_text: bool = False) -> None:
    """Write a record, inside the caller's transaction; with ``shares_text`` the call's words may follow it."""
    db.execute("INSERT INTO call_records (record_id, call_id, at, at_s, body) VALUES (?, ?, ?, ?, ?)",
               [record.record_id, call_id, record.at, datetime.fromisoformat(record.at).timestamp(), json_form.dumps(to_json(record))])
    if shares_text:
        db.execute("INSERT INTO call_texts (record_id, call_id) VALUES (?, ?)", [record.record_id, call_id])


def bound(db: Database, most: int, at: str) -> int:
    """Drop the oldest records that wait for the hub and whose tickets are gone, until ``most`` are left; how many were dropped.

    With ``most`` above 0 the loss is written down; 0 is a desk that shares nothing: nobody waits for them. What the hub refused of such
    records goes as well, as with any ticket.
    """
    db.execute("DELETE FROM call_records WHERE call_id = '' AND state <> 'new'")
    orphans = "FROM call_records WHERE call_id = '' AND state = 'new'"
    over = int(db.execute(f"SELECT count(*) {orphans}").fetchone()[0]) - most
    if over <= 0:
        return 0
    oldest = f"SELECT id {orphans} ORDER BY id LIMIT {over}"
    span = db.execute(f"SELECT min(at), max(at) FROM call_records WHERE id IN ({oldest})").fetchone()  # noqa: S608
    db.execute(f"DELETE FROM call_records WHERE id IN ({oldest})")  # noqa: S608
    if most > 0:
        db.execute("INSERT INTO call_record_losses (at, count, oldest, newest) VALUES (?, ?, ?, ?)", [at, over, *span])
    return over
