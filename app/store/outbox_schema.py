"""The migration that makes the outbox a place from which is delivered: when to try again, what the server said, mends, attachments.

    outbox            one row a message: ``kind`` ticket or attachment, ``revision`` counts mends, ``due_s`` (epoch seconds) is the
                      next attempt, ``reason`` (message key), ``status`` and ``words`` tell what came of the last one
    mends             a field that was corrected after a refusal; the newest revision of a field goes out
    attachments       files of a call; they go with its tickets, or after them as rows of their own
    delivery_secrets  passwords of the ticket system where the PC has no keyring

A draft that is thrown away and a call that is purged take their attachments with them (triggers).
"""

from __future__ import annotations

from sqlite_utils import Database


def m002_delivery(db: Database) -> None:
    """Delivery of the outbox."""
    for statement in (
        "CREATE TABLE attachments (id INTEGER PRIMARY KEY, call_id TEXT NOT NULL, name TEXT NOT NULL,"
        " media_type TEXT NOT NULL, body BLOB NOT NULL, added_at TEXT NOT NULL)",
        "CREATE INDEX attachments_by_call ON attachments (call_id)",
        "CREATE TABLE mends (ticket_no TEXT NOT NULL REFERENCES tickets (ticket_no) ON DELETE CASCADE, name TEXT NOT NULL,"
        " revision INTEGER NOT NULL, value BLOB NOT NULL, mended_at TEXT NOT NULL,"
        " PRIMARY KEY (ticket_no, name, revision)) WITHOUT ROWID",
        "CREATE TABLE delivery_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'ticket'",
        "ALTER TABLE outbox ADD COLUMN revision INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE outbox ADD COLUMN due_s REAL NOT NULL DEFAULT 0",
        "ALTER TABLE outbox ADD COLUMN tried_at TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE outbox ADD COLUMN settled_at TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE outbox ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE outbox ADD COLUMN status INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE outbox ADD COLUMN words TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE outbox ADD COLUMN attachment INTEGER REFERENCES attachments (id)",
        "CREATE INDEX outbox_by_ticket ON outbox (ticket_no, id)",
        "CREATE TRIGGER draft_takes_attachments AFTER DELETE ON drafts"
        " WHEN NOT EXISTS (SELECT 1 FROM calls WHERE call_id = OLD.call_id)"
        " BEGIN DELETE FROM attachments WHERE call_id = OLD.call_id; END",
        "CREATE TRIGGER call_takes_attachments AFTER DELETE ON calls"
        " BEGIN DELETE FROM attachments WHERE call_id = OLD.call_id; END",
    ):
        db.execute(statement)
