"""The store's tables and how they came to be: migrations, each a name and a function, recorded in the same transaction.

A migration of a released version is never changed; a new one is appended. ``MAJOR`` counts up only when an older program
could no longer write the file without harm; then older programs refuse it (``store.newer_schema``). Times are ISO 8601
texts with offset, ``body``, ``context`` and ``draft`` are UTF-8 JSON of ``app.domain.json_form``.

    calls       a submitted call: its context, digest of what was submitted
    drafts      the open ticket of a call, complete
    utterances  the dialogue of a call, draft or submitted
    tickets     submitted tickets; further matters of a call carry ``parent_no``
    fields      per ticket and field: what was proposed, what was submitted, where it was said
    versions    models, vocabularies and knowledge base behind a ticket
    listed …    the list of tickets, its search index, the audit trail: ``app.store.record_schema``
    kb_…        use of knowledge: ``app.store.assist_schema``
    call_records  what the lead is told of each call: ``app.store.call_record_schema``
    call_texts, call_record_losses  words for the hub, records that were dropped: ``app.store.call_text_schema``
    callback…   an operator's callbacks and their results: ``app.store.callback_schema``
    outbox      what waits for delivery, one row a submission, with its idempotency key
"""

from __future__ import annotations

from collections.abc import Callable

from sqlite_utils import Database

from app.domain.errors import EnvironmentFault
from app.ports.ports import Clock
from app.store.assist_schema import m005_assist
from app.store.call_record_schema import m006_call_records
from app.store.call_text_schema import m007_call_texts
from app.store.callback_schema import m008_callbacks
from app.store.outbox_schema import m002_delivery
from app.store.record_schema import m003_listed, m004_audit

MAJOR = 1


def refuse_newer(db: Database) -> None:
    """EnvironmentFault ``store.newer_schema`` where the file's major version is above ours."""
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found > MAJOR:
        raise EnvironmentFault("store.newer_schema", found=found, known=MAJOR)


def migrate(db: Database, clock: Clock, application_id: int) -> tuple[str, ...]:
    """Run what is missing, each in one transaction with its record; names of those that ran."""
    ran: list[str] = []
    for step in MIGRATIONS:
        db.execute("BEGIN IMMEDIATE")  # two programs may open at once: the second waits, then finds the step done
        try:
            if _is_done(db, step.__name__):
                db.execute("ROLLBACK")
                continue
            step(db)
            db.execute("INSERT INTO migrations (name, applied_at) VALUES (?, ?)",
                       [step.__name__, clock.now().isoformat()])
            db.execute(f"PRAGMA user_version = {MAJOR}")
            db.execute(f"PRAGMA application_id = {application_id}")
            db.execute("COMMIT")
        except BaseException:
            if db.conn.in_transaction:
                db.execute("ROLLBACK")
            raise
        ran.append(step.__name__)
    return tuple(ran)


def _is_done(db: Database, name: str) -> bool:
    if not db["migrations"].exists():
        return False
    return db.execute("SELECT 1 FROM migrations WHERE name = ?", [name]).fetchone() is not None


def m001_first_tables(db: Database) -> None:
    """Drafts, tickets, fields, outbox."""
    for statement in (
        "CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)",
        "CREATE TABLE calls (call_id TEXT PRIMARY KEY, context BLOB NOT NULL, submitted_at TEXT NOT NULL,"
        " digest TEXT NOT NULL)",
        "CREATE TABLE drafts (call_id TEXT PRIMARY KEY, context BLOB NOT NULL, draft BLOB NOT NULL,"
        " changed_at TEXT NOT NULL, saved_at TEXT NOT NULL)",
        "CREATE TABLE utterances (call_id TEXT NOT NULL, idx INTEGER NOT NULL, body BLOB NOT NULL,"
        " PRIMARY KEY (call_id, idx)) WITHOUT ROWID",
        "CREATE TABLE tickets (ticket_no TEXT PRIMARY KEY, parent_no TEXT REFERENCES tickets (ticket_no),"
        " call_id TEXT NOT NULL REFERENCES calls (call_id), matter INTEGER NOT NULL, submitted_at TEXT NOT NULL,"
        " UNIQUE (call_id, matter))",
        "CREATE INDEX tickets_by_time ON tickets (submitted_at)",
        "CREATE INDEX tickets_by_parent ON tickets (parent_no) WHERE parent_no IS NOT NULL",
        "CREATE TABLE fields (ticket_no TEXT NOT NULL REFERENCES tickets (ticket_no), name TEXT NOT NULL,"
        " position INTEGER NOT NULL, submitted BLOB, proposed BLOB, state TEXT NOT NULL, confidence REAL NOT NULL,"
        " body BLOB NOT NULL, PRIMARY KEY (ticket_no, name)) WITHOUT ROWID",
        "CREATE TABLE versions (ticket_no TEXT NOT NULL REFERENCES tickets (ticket_no), part TEXT NOT NULL,"
        " version TEXT NOT NULL, PRIMARY KEY (ticket_no, part)) WITHOUT ROWID",
        "CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, ticket_no TEXT NOT NULL"
        " REFERENCES tickets (ticket_no), idempotency_key TEXT NOT NULL UNIQUE, state TEXT NOT NULL,"
        " created_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, receipt TEXT NOT NULL DEFAULT '')",
        "CREATE INDEX outbox_by_state ON outbox (state, id)",
    ):
        db.execute(statement)


MIGRATIONS: tuple[Callable[[Database], None], ...] = (m001_first_tables, m002_delivery, m003_listed, m004_audit, m005_assist,
                                                       m006_call_records, m007_call_texts, m008_callbacks)
