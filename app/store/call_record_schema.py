"""Migration of what a desk records of its calls for the lead (``app.domain.call_record``).

    call_records  one row a submitted call, written in the transaction of its ticket; ``call_id`` leads back to the call on this desk
                  only and never leaves it. ``state``: ``new`` (the hub has not got it), ``sent``, ``refused`` (it never will)

A call that is purged takes its record with it (trigger).
"""

from __future__ import annotations

from sqlite_utils import Database


def m006_call_records(db: Database) -> None:
    """Records of calls and where they stand on their way to the hub."""
    for statement in (
        "CREATE TABLE call_records (id INTEGER PRIMARY KEY AUTOINCREMENT, record_id TEXT NOT NULL UNIQUE, call_id TEXT NOT NULL,"
        " at TEXT NOT NULL, at_s REAL NOT NULL, body BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'new',"
        " settled_at TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '')",
        "CREATE INDEX call_records_by_time ON call_records (at_s, id)",
        "CREATE INDEX call_records_by_call ON call_records (call_id)",
        "CREATE INDEX call_records_new ON call_records (id) WHERE state = 'new'",
        "CREATE TRIGGER call_takes_record AFTER DELETE ON calls BEGIN DELETE FROM call_records WHERE call_id = OLD.call_id; END",
    ):
        db.execute(statement)
