"""The thread "store-sync": brings drafts from the system's cache to the disk, and keeps the write-ahead log short.

A draft is committed without waiting for the disk (``synchronous=NORMAL``): that survives the program's death at any moment, and
a disk that stalls for seconds, as office disks do, cannot hold up the next draft. For a power cut this thread forces the
log to the disk at most ``PAUSE_S`` after a commit. It also moves a long log into the database (a passive checkpoint, on a
connection of its own that writes nothing else), so that no draft waits for that either. Tickets do not rely on it: they
are committed with ``synchronous=FULL``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from app.domain.errors import AppError, EnvironmentFault
from app.store.connection import open_keeper
from app.store.faults import translated

PAUSE_S = 0.3
CHECKPOINT_AT_BYTES = 4 << 20
_JOIN_S = 10.0


class WalKeeper:
    """See the module. ``changed`` and ``stop`` may be called from any thread.

    Args:
        path: the database file.
        key: its key.
        on_fault: told a fault of the disk, on the keeper's thread.
    """

    def __init__(self, path: Path, key: bytes, on_fault: Callable[[AppError], None]) -> None:
        self._path, self._key, self._on_fault = path, key, on_fault
        self._log = path.with_name(path.name + "-wal")
        self._dirty = threading.Event()
        self._stopping = threading.Event()
        self._db: Database | None = None
        self._thread = threading.Thread(target=self._run, name="store-sync", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def changed(self) -> None:
        """Something was committed."""
        self._dirty.set()

    def stop(self) -> None:
        """End; safe to call twice. What is in the log stays there: closing the database writes it."""
        self._stopping.set()
        self._dirty.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        while True:
            self._dirty.wait()
            if self._stopping.is_set():
                break
            self._dirty.clear()
            try:
                with translated(self._path, self._key):
                    sync_log(self._log)
                    self._shorten()
            except EnvironmentFault as fault:
                if fault.key not in ("store.disk_full", "store.busy"):  # the writer meets and tells these itself
                    self._on_fault(fault)
            self._stopping.wait(PAUSE_S)
        if self._db is not None:
            self._db.close()

    def _shorten(self) -> None:
        if not self._log.exists() or self._log.stat().st_size < CHECKPOINT_AT_BYTES:
            return
        if self._db is None:
            self._db = open_keeper(self._path, self._key)
        try:
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlcipher.Error:
            self._db.close()
            self._db = None
            raise


def sync_log(log: Path) -> None:
    """Force the write-ahead log to the disk; nothing where there is none.

    SQLite's locks are not on this file: opening and closing it here frees none of them.
    """
    try:
        handle = os.open(log, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
