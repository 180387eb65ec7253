"""Opens the encrypted database: one connection that writes, many that only read.

The key is 32 raw bytes (no passphrase stretching here: that is ``app.platform.secrets``). Opening looks before it touches:
a file with a wrong key, of a newer program or with a damaged page is refused before one byte of it is changed. Small
files are checked whole at every opening; for large ones the caller runs ``check`` on another thread.

A connection belongs to the thread that opened it. All functions raise the faults of ``app.store.faults``.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from app.domain.errors import EnvironmentFault
from app.ports.ports import Clock
from app.store import schema
from app.store.faults import translated, why_unreadable

KEY_BYTES = 32
APPLICATION_ID = 0x54444131  # "TDA1": marks the file as ours
# cipher_integrity_check and quick_check together take about 11 ms a megabyte: 8 MB stay under 0.1 s.
CHECK_AT_OPEN_BYTES = 8 << 20
_BUSY_MS = 5000
_LOOK_AGAIN_S = (0.05, 0.2, 0.6)
# app.store.wal_keeper shortens the log long before, without making the writer wait.
_LAST_RESORT_PAGES = 8192


def open_writer(path: Path, key: bytes, clock: Clock) -> Database:
    """The writing connection; makes the file (mode 0600) and brings its schema up to date.

    The page codes are read past SQLite's locks: while another program makes or fills the file it can look damaged for a
    moment. What still looks damaged after a second is.
    """
    for pause_s in _LOOK_AGAIN_S:
        try:
            return _open_writer(path, key, clock)
        except EnvironmentFault as fault:
            if fault.key not in ("store.damaged", "store.not_a_store"):
                raise
            Event().wait(pause_s)
    return _open_writer(path, key, clock)


def _open_writer(path: Path, key: bytes, clock: Clock) -> Database:
    with translated(path, key):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise EnvironmentFault("store.read_only")
        db = _connect(path, key, "rw")
        try:
            _look(db, path, key)
            if path.stat().st_size <= CHECK_AT_OPEN_BYTES:
                check(db, path, key)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute(f"PRAGMA wal_autocheckpoint = {_LAST_RESORT_PAGES}")
            schema.migrate(db, clock, APPLICATION_ID)
        except BaseException:
            db.close()
            raise
    return db


def open_reader(path: Path, key: bytes) -> Database:
    """A connection that can only read. The writer must have opened the file before."""
    with translated(path, key):
        db = _connect(path, key, "ro")
        try:
            _look(db, path, key)
        except BaseException:
            db.close()
            raise
    return db


def open_keeper(path: Path, key: bytes) -> Database:
    """A connection that only moves the write-ahead log into the database (``app.store.wal_keeper``)."""
    db = _connect(path, key, "rw")
    db.execute("PRAGMA synchronous = FULL")
    return db


def open_alone(path: Path, key: bytes) -> Database:
    """A connection that keeps all others out until it is closed, the log moved into the database.

    Raises:
        EnvironmentFault: ``store.busy`` where another program has the store open; else as ``open_reader``.
    """
    with translated(path, key):
        db = _connect(path, key, "rw")
        try:
            _look(db, path, key)
            if db.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
                raise EnvironmentFault("store.busy")
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
            db.execute("COMMIT")  # the lock stays
        except BaseException:
            db.close()
            raise
    return db


def set_durable(db: Database, durable: bool) -> None:
    """Whether the commits that follow wait for the disk. Not inside a transaction."""
    db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")


def check(db: Database, path: Path, key: bytes) -> None:
    """Every page's code, then SQLite's own structure check. EnvironmentFault ``store.damaged`` where one fails."""
    with translated(path, key):
        if db.execute("PRAGMA cipher_integrity_check").fetchone() is not None:
            raise why_unreadable(path, key)
        verdict = db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict is None or verdict[0] != "ok":
            raise EnvironmentFault("store.damaged", page=0)


def _connect(path: Path, key: bytes, mode: str) -> Database:
    if len(key) != KEY_BYTES:
        raise ValueError("the store's key has 32 bytes")
    connection = sqlcipher.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    # SQLCipher writes its complaints to standard error otherwise, beside the errors it returns.
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    return Database(connection, execute_plugins=False, recursive_triggers=False)


def _look(db: Database, path: Path, key: bytes) -> None:
    db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    schema.refuse_newer(db)
    marked = db.execute("PRAGMA application_id").fetchone()[0]
    if marked not in (0, APPLICATION_ID):
        raise EnvironmentFault("store.not_a_store")
