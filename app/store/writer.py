"""The thread "db-writer": owns the only connection that writes, takes jobs in order and keeps the newest draft of each call.

Two kinds of work. A job (``run``) is done once, in order, and its caller waits until it is on the disk. A kept value
(``keep``) replaces the one kept before under the same key and is written soon: at once when the last one is old enough,
else within ``COALESCE_S``; where writing fails it stays kept and is tried again every ``RETRY_S``; it is committed to the
system at once and forced to the disk by ``app.store.wal_keeper``. Both run inside one ``BEGIN IMMEDIATE`` transaction. A job
under the same key drops what is kept once it succeeded. A kept value that is overdue goes before further jobs.

Faults of keeping are told through ``on_health`` (None: well again), on this thread. The bounded inbox of
``WorkerThread`` does not fit: a kept value must never queue up behind its older self.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from app.domain.errors import AppError, BugError, EnvironmentFault
from app.platform import logs
from app.ports.ports import Clock
from app.store.connection import open_keeper, open_writer, set_durable
from app.store.faults import translated
from app.store.wal_keeper import WalKeeper, sync_log

T = TypeVar("T")
Work = Callable[[Database], T]
HealthTold = Callable[[AppError | None], None]

COALESCE_S = 0.1
RETRY_S = 1.0
OPEN_DEADLINE_S = 60.0
CLOSE_DEADLINE_S = 10.0


@dataclass(slots=True)
class _Job:
    """``work`` is None for a flush."""

    work: Work[Any] | None
    future: Future[Any]
    drops: str = ""
    durable: bool = True


class Writer:
    """See the module.

    Args:
        path: the database file.
        key: its 32-byte key.
        clock: for waiting times and migration stamps.
        on_health: told a fault of writing kept values, and None when it is over.
        on_rollback: told on the thread after a transaction that failed: whatever was assumed of the disk is void.
    """

    def __init__(self, path: Path, key: bytes, clock: Clock, on_health: HealthTold,
                 on_rollback: Callable[[], None]) -> None:
        self._path, self._key, self._clock = path, key, clock
        self._on_health, self._on_rollback = on_health, on_rollback
        self._log = logs.get("store")
        self._wake = threading.Condition()
        self._jobs: list[_Job] = []
        self._kept: dict[str, Work[None]] = {}
        self._written_at_s = float("-inf")
        self._retry_at_s = float("-inf")
        self._stopping = False
        self._fault: EnvironmentFault | None = None
        self._lost: EnvironmentFault | None = None
        self._db: Database | None = None
        self._inode: tuple[int, int] = (0, 0)
        self._opened: Future[None] = Future()
        self._keeper = WalKeeper(path, key, self._tell)
        self._thread = threading.Thread(target=self._run, name="db-writer", daemon=True)

    def start(self) -> None:
        """Open the database; returns when it is ready.

        Raises:
            EnvironmentFault: it cannot be opened; the thread has ended then.
        """
        self._thread.start()
        self._opened.result(OPEN_DEADLINE_S)

    def run(self, work: Work[T], drops: str = "", durable: bool = True) -> T:
        """Do ``work`` in a transaction of its own and wait until it is on the disk; its errors are raised here.

        Args:
            work: what to do with the connection.
            drops: key whose kept value is of no use any more once ``work`` succeeded.
            durable: False where a power cut may undo it (the program's death never does): it does not wait for the disk.
        """
        future: Future[T] = Future()
        self._queue(_Job(work, future, drops, durable))
        return future.result()

    def flush(self) -> None:
        """Write all that is kept now and wait for it; raises the fault that hinders it."""
        future: Future[None] = Future()
        self._queue(_Job(None, future))
        future.result()

    def empty_log(self) -> None:
        """Move the write-ahead log into the database and cut it to nothing, as far as readers allow."""
        with translated(self._path, self._key):
            db = open_keeper(self._path, self._key)
            try:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                db.close()

    def _queue(self, job: _Job) -> None:
        if threading.current_thread() is self._thread:
            raise BugError("store.closed")
        with self._wake:
            if self._stopping:
                raise BugError("store.closed")
            self._jobs.append(job)
            self._wake.notify()

    def keep(self, key: str, work: Work[None]) -> None:
        """Write soon; replaces what is kept under ``key``. Returns at once; does nothing after ``close``."""
        with self._wake:
            if not self._stopping:
                self._kept[key] = work
                self._wake.notify()

    def close(self) -> EnvironmentFault | None:
        """Do all jobs, write all that is kept, end. The fault that kept something from being written, or None."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(CLOSE_DEADLINE_S)
        if self._thread.is_alive():
            return EnvironmentFault("store.busy")
        return self._lost

    def _run(self) -> None:
        try:
            self._open()
        except BaseException as error:
            with self._wake:
                self._stopping = True
            self._opened.set_exception(error)
            return
        self._keeper.start()
        self._opened.set_result(None)
        try:
            while (taken := self._next()) is not None:
                if isinstance(taken, _Job):
                    self._do(taken)
                else:
                    self._write_kept(*taken)
        finally:
            self._end()

    def _end(self) -> None:
        """Whatever ended the thread: nobody waits for ever, and the file is closed."""
        with self._wake:
            self._stopping = True
            left, self._jobs = self._jobs, []
        for job in left:
            job.future.set_exception(BugError("store.closed"))
        self._keeper.stop()
        self._shut()

    def _next(self) -> _Job | tuple[str, Work[None]] | None:
        """Wait for work: what is kept and due, else a job; None at the end."""
        with self._wake:
            while True:
                wait_s: float | None = None
                if self._kept:
                    due_s = max(self._written_at_s + COALESCE_S, self._retry_at_s)
                    wait_s = due_s - self._clock.monotonic_s()
                    if wait_s <= 0 or (self._stopping and not self._jobs):
                        return next(iter(self._kept.items()))
                if self._jobs:
                    return self._jobs.pop(0)
                if self._stopping:
                    return None
                self._wake.wait(wait_s)

    def _do(self, job: _Job) -> None:
        result: object = None
        try:
            if job.work is None:
                self._flush()
            else:
                result = self._transact(job.work, job.durable)
        except BaseException as error:
            job.future.set_exception(error)
            return
        with self._wake:
            self._kept.pop(job.drops, None)
        job.future.set_result(result)

    def _flush(self) -> None:
        with self._wake:
            kept = dict(self._kept)
        for key, work in kept.items():
            self._write_kept(key, work)
        if self._fault is not None:
            raise EnvironmentFault(self._fault.key, **self._fault.params)
        with translated(self._path, self._key):
            sync_log(self._path.with_name(self._path.name + "-wal"))

    def _write_kept(self, key: str, work: Work[None]) -> None:
        try:
            self._transact(work, durable=False)
        except EnvironmentFault as fault:
            self._ail(fault)
            return
        except Exception as error:  # a bug in one draft must not end the writing of all others
            bug = BugError("store.draft_not_saved")
            bug.__cause__ = error
            self._drop(key, work)
            self._tell(bug)
            return
        self._written_at_s = self._clock.monotonic_s()
        self._drop(key, work)
        if self._fault is not None:
            self._fault = None
            self._tell(None)

    def _tell(self, fault: AppError | None) -> None:
        """Tell the listener; a listener that fails must not end the writing."""
        if fault is None:
            self._log.info("well_again")
        else:
            self._log.error("not_saved", fault)
        try:
            self._on_health(fault)
        except Exception as error:
            self._log.error("listener_failed", error)

    def _drop(self, key: str, work: Work[None]) -> None:
        with self._wake:
            if self._kept.get(key) is work:
                del self._kept[key]

    def _ail(self, fault: EnvironmentFault) -> None:
        """Note a fault of writing what is kept: tell it once, try again later; at the end give up what is left."""
        news = self._fault is None or self._fault.key != fault.key
        self._fault = fault
        with self._wake:
            self._retry_at_s = self._clock.monotonic_s() + RETRY_S
            if self._stopping:
                self._lost = fault
                self._kept.clear()
        if news:
            self._tell(fault)

    def _transact(self, work: Work[T], durable: bool) -> T:
        with translated(self._path, self._key):
            db = self._connection()
            try:
                set_durable(db, durable)
                db.execute("BEGIN IMMEDIATE")
                self._refuse_replaced()  # while we waited for our turn the file may have been restored or given a new key
                result = work(db)
                db.execute("COMMIT")
            except BaseException as error:
                self._roll_back(db, error)
                raise
            self._keeper.changed()
            return result

    def _roll_back(self, db: Database, error: BaseException) -> None:
        self._on_rollback()
        try:
            if db.conn.in_transaction:
                db.execute("ROLLBACK")
        except sqlcipher.Error:
            self._shut()
            return
        if isinstance(error, sqlcipher.Error) and not isinstance(error, sqlcipher.IntegrityError):
            self._shut()  # after a failing disk a fresh connection is the only sane one

    def _connection(self) -> Database:
        """The open connection; reopened after a fault, refused where the file is not the one we opened."""
        if self._db is None:
            self._open()
        self._refuse_replaced()
        assert self._db is not None
        return self._db

    def _refuse_replaced(self) -> None:
        if _identity(self._path) != self._inode:
            raise EnvironmentFault("store.moved")

    def _open(self) -> None:
        if self._inode != (0, 0) and _identity(self._path) != self._inode:
            raise EnvironmentFault("store.moved")
        self._db = open_writer(self._path, self._key, self._clock)
        self._inode = _identity(self._path)

    def _shut(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            try:
                db.close()
            except sqlcipher.Error as error:
                self._fault = self._fault or EnvironmentFault("store.io", code=type(error).__name__)


def _identity(path: Path) -> tuple[int, int]:
    try:
        held = path.stat()
    except FileNotFoundError:
        return (0, 1)
    return (held.st_dev, held.st_ino)
