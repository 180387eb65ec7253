"""Migrations of what is kept about tickets beside them: the list and its search index, the audit trail, retention.

    listed         one row a ticket, what a list shows; ``id`` is made of the time of submission (64 a second), so that a
                   stretch of time is a stretch of ids and the newest come first without sorting
    listed_phones  phone numbers by digits and by reversed digits
    listed_words   full-text index of single characters and pairs (FTS5's trigrams find no word of two characters)
    unlisted       tickets that are not listed yet (a trigger writes it): a program that knows no list loses none
    audit          who did what, append-only and chained; ``audit_cuts`` where its beginning was removed by retention
"""

from __future__ import annotations

from sqlite_utils import Database


def m003_listed(db: Database) -> None:
    """The list of tickets and its search index; existing tickets are listed when the program opens the store."""
    for statement in (
        "CREATE TABLE listed (id INTEGER PRIMARY KEY, ticket_no TEXT NOT NULL UNIQUE, number_end TEXT NOT NULL,"
        " parent_no TEXT NOT NULL, call_id TEXT NOT NULL, submitted_at TEXT NOT NULL, status TEXT NOT NULL,"
        " request_type TEXT NOT NULL, item_code TEXT NOT NULL, title TEXT NOT NULL, name TEXT NOT NULL, org TEXT NOT NULL,"
        " phones TEXT NOT NULL, district TEXT NOT NULL, place TEXT NOT NULL, subject TEXT NOT NULL, urgency TEXT NOT NULL,"
        " due_date TEXT NOT NULL, answers TEXT NOT NULL, follow_up TEXT NOT NULL, agent_id TEXT NOT NULL)",
        "CREATE INDEX listed_by_end ON listed (number_end)",
        "CREATE INDEX listed_by_status ON listed (status, id)",
        "CREATE INDEX listed_by_answers ON listed (answers, id) WHERE answers <> ''",
        "CREATE TABLE listed_phones (digits TEXT NOT NULL, id INTEGER NOT NULL, reversed TEXT NOT NULL,"
        " PRIMARY KEY (digits, id)) WITHOUT ROWID",
        "CREATE INDEX listed_phones_by_end ON listed_phones (reversed)",
        "CREATE INDEX listed_phones_by_ticket ON listed_phones (id)",
        "CREATE VIRTUAL TABLE listed_words USING fts5 (name, place, words, marks, content='', detail='column',"
        " columnsize=0, tokenize='unicode61 remove_diacritics 0')",
        "INSERT INTO listed_words (listed_words, rank) VALUES ('secure-delete', 1)",
        "CREATE TABLE unlisted (ticket_no TEXT PRIMARY KEY) WITHOUT ROWID",
        "INSERT INTO unlisted SELECT ticket_no FROM tickets",
        "CREATE TRIGGER ticket_is_unlisted AFTER INSERT ON tickets"
        " BEGIN INSERT OR IGNORE INTO unlisted VALUES (new.ticket_no); END",
    ):
        db.execute(statement)


def m004_audit(db: Database) -> None:
    """The audit trail: rows can be added, never changed; removed only from the beginning, by a recorded cut."""
    for statement in (
        "CREATE TABLE audit (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL,"
        " action TEXT NOT NULL, subject TEXT NOT NULL, detail BLOB NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL)",
        "CREATE TABLE audit_cuts (upto INTEGER PRIMARY KEY, digest TEXT NOT NULL, removed INTEGER NOT NULL, at TEXT NOT NULL)",
        "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE (ABORT, 'append-only'); END",
        "CREATE TRIGGER audit_kept BEFORE DELETE ON audit"
        " WHEN old.seq > (SELECT coalesce(max(upto), 0) FROM audit_cuts) BEGIN SELECT RAISE (ABORT, 'append-only'); END",
        "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit"
        " WHEN new.seq <> (SELECT coalesce(max(seq), (SELECT max(upto) FROM audit_cuts), 0) FROM audit) + 1"
        " BEGIN SELECT RAISE (ABORT, 'append-only'); END",
        "CREATE TRIGGER audit_cuts_unchanged BEFORE UPDATE ON audit_cuts BEGIN SELECT RAISE (ABORT, 'append-only'); END",
        "CREATE TRIGGER audit_cuts_kept BEFORE DELETE ON audit_cuts BEGIN SELECT RAISE (ABORT, 'append-only'); END",
    ):
        db.execute(statement)
