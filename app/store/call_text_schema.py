"""Migration: words of calls on their way to the hub, and records that outlive their ticket until the hub has them.

    call_texts          calls whose masked words may go to the hub, by policy at the time of submission; the words themselves stay where
                        they are (``utterances``) and are masked when they are sent. ``state`` as of ``call_records``, and ``kept``: they
                        never leave (secret, or no words any more)
    call_record_losses  records that were dropped although the hub had not got them: how many, of when, when

A call that is purged takes its record with it only where the hub has it; one that waits stays, without its call's id
(``app.store.call_record_rows.bound``). It names nobody.
"""

from __future__ import annotations

from sqlite_utils import Database


def m007_call_texts(db: Database) -> None:
    """Words for the hub; waiting records outlive their tickets."""
    for statement in (
        "CREATE TABLE call_texts (record_id TEXT PRIMARY KEY, call_id TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'new',"
        " settled_at TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '')",
        "CREATE INDEX call_texts_new ON call_texts (record_id) WHERE state = 'new'",
        "CREATE TABLE call_record_losses (at TEXT NOT NULL, count INTEGER NOT NULL, oldest TEXT NOT NULL, newest TEXT NOT NULL)",
        "DROP TRIGGER call_takes_record",
        "CREATE TRIGGER call_takes_record AFTER DELETE ON calls BEGIN"
        " DELETE FROM call_texts WHERE call_id = OLD.call_id;"
        " DELETE FROM call_records WHERE call_id = OLD.call_id AND state <> 'new';"
        " UPDATE call_records SET call_id = '' WHERE call_id = OLD.call_id; END",
    ):
        db.execute(statement)
