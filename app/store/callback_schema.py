"""Migration of callbacks (回访) at the desk: ticket numbers and codes, nothing of the citizen.

    callbacks         the operator's list as the hub told it last, with what was told here since
    callback_results  results that the hub has not got yet, each with the id under which it counts once; ``case_id`` empty: damaged, set
                      aside
    callback_look     one row: whose list, and when the hub told it
"""

from __future__ import annotations

from sqlite_utils import Database


def m008_callbacks(db: Database) -> None:
    """List, results, last look."""
    for statement in (
        "CREATE TABLE callbacks (case_id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE callback_results (id INTEGER PRIMARY KEY AUTOINCREMENT, result_id TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL,"
        " agent TEXT NOT NULL, body BLOB NOT NULL)",
        "CREATE TABLE callback_look (id INTEGER PRIMARY KEY CHECK (id = 1), agent TEXT NOT NULL, at TEXT NOT NULL)",
    ):
        db.execute(statement)
