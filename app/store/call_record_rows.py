"""Writes a call's record beside its ticket: the one statement that ``app.store.ticket_store`` needs of ``app.store.call_records``."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from app.domain import json_form
from app.domain.call_record import CallRecord
from app.domain.call_record_form import to_json


def put_record(db: Database, record: CallRecord, call_id: str) -> None:
    """Write a record, inside the caller's transaction."""
    db.execute("INSERT INTO call_records (record_id, call_id, at, at_s, body) VALUES (?, ?, ?, ?, ?)",
               [record.record_id, call_id, record.at, datetime.fromisoformat(record.at).timestamp(), json_form.dumps(to_json(record))])
