"""Migration of what is kept about the use of knowledge.

    kb_events      one row an event (``app.domain.assist``): who saw, opened, spoke, judged which entry in which call
    kb_questions   what no card answered; goes with the dialogue of its call (``app.store.purging``)
    kb_favourites  the operator's own
    kb_notes       the operator's own
"""

from __future__ import annotations

from sqlite_utils import Database


def m005_assist(db: Database) -> None:
    """Use of knowledge."""
    for statement in (
        "CREATE TABLE kb_events (id INTEGER PRIMARY KEY, at TEXT NOT NULL, at_s REAL NOT NULL, call_id TEXT NOT NULL,"
        " entry_id TEXT NOT NULL, entry_version INTEGER NOT NULL, act TEXT NOT NULL, origin TEXT NOT NULL,"
        " kb_version TEXT NOT NULL, at_ms INTEGER NOT NULL, agent_id TEXT NOT NULL)",
        "CREATE INDEX kb_events_by_entry ON kb_events (entry_id, act, id)",
        "CREATE INDEX kb_events_by_call ON kb_events (call_id, id)",
        "CREATE INDEX kb_events_by_act ON kb_events (act, id)",
        "CREATE TABLE kb_questions (id INTEGER PRIMARY KEY, at TEXT NOT NULL, call_id TEXT NOT NULL, text TEXT NOT NULL,"
        " kb_version TEXT NOT NULL)",
        "CREATE INDEX kb_questions_by_call ON kb_questions (call_id)",
        "CREATE TABLE kb_favourites (entry_id TEXT PRIMARY KEY, added_at TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE kb_notes (entry_id TEXT PRIMARY KEY, text TEXT NOT NULL, changed_at TEXT NOT NULL) WITHOUT ROWID",
    ):
        db.execute(statement)
