"""A lock that the operating system drops when its holder dies, however it dies: one desk a user, one first use of a key.

The lock is on an open file, not the file's existence: a file left behind by a crash locks nobody out. The file holds the
holder's process id for people; it is never trusted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from types import TracebackType

from app.domain.errors import EnvironmentFault, OperatorVisibleError

_WAIT_S = 0.05
_DEADLINE_S = 10.0


class InstanceLock:
    """Holds ``path`` locked from ``acquire`` to ``release``; also a context manager.

    Raises:
        OperatorVisibleError: ``platform.already_running`` (acquire): another process holds it.
        EnvironmentFault: ``platform.folder_unwritable``: the lock file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise at once."""
        if not self.try_acquire():
            raise OperatorVisibleError("platform.already_running")

    def try_acquire(self) -> bool:
        """Take the lock; False where another holds it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise EnvironmentFault("platform.folder_unwritable", folder=self._path.parent.name,
                                   reason=type(error).__name__) from error
        if not _lock(handle):
            os.close(handle)
            return False
        with suppress(OSError):  # a full disk: the lock holds, only its holder is not named
            os.truncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
        self._handle = handle
        return True

    def release(self) -> None:
        """Give the lock back; safe to call twice. The file stays: removing it would race with the next holder."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            os.close(handle)

    def __enter__(self) -> InstanceLock:
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.release()


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Run a short critical section under the lock, waiting for its holder up to 10 s."""
    lock, pause, waited_s = InstanceLock(path), Event(), 0.0
    while not lock.try_acquire():
        if waited_s >= _DEADLINE_S:
            raise OperatorVisibleError("platform.already_running")
        pause.wait(_WAIT_S)
        waited_s += _WAIT_S
    try:
        yield
    finally:
        lock.release()


if sys.platform == "win32":
    import msvcrt

    # Locked far behind the content: a Windows lock also forbids reading what it covers.
    _LOCKED_AT = 1 << 20

    def _lock(handle: int) -> bool:
        try:
            os.lseek(handle, _LOCKED_AT, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
