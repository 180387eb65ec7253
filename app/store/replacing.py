"""Puts another file into the store's place, in one step that a crash parts into "before" or "after": a new key, a backup.

The new file is written beside the store, checked whole and forced to the disk; then one rename replaces the store.
Before that the write-ahead log was moved into the database and no other program holds it: a log never meets a file that it
does not belong to. ``restore`` keeps the present store aside, whole, under another name. The desk must be closed
(``desk.lock``); a program that opened the store meanwhile notices that its file was replaced (``store.moved``).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlite_utils import Database

from app.domain.errors import EnvironmentFault
from app.ports.ports import Clock
from app.store import connection, page_check, upkeep
from app.store.faults import translated

_PART = ".replacing"


def rekey(path: Path, present: bytes, following: bytes) -> None:
    """Encrypt the store under another key; killed at any moment it opens with one of the two, and nothing is lost.

    Raises:
        EnvironmentFault: damaged, in use, no room; the store is as it was.
    """
    part = path.with_name(path.name + _PART)
    with translated(path, present), _alone(path, present) as db:
        part.unlink(missing_ok=True)
        try:
            connection.check(db, path, present)
            upkeep.copy_into(db, part, following)
            upkeep.verify(part, following)
            _take_place(db, part, path)
        finally:
            part.unlink(missing_ok=True)


def restore(path: Path, key: bytes, former: Sequence[bytes], backup: Path, clock: Clock) -> Path | None:
    """Take a backup as the store; the present one is kept aside, its new name is given (None: there was none).

    Args:
        path: the store.
        key: its present key; the restored store has it too.
        former: keys under which older backups may lie.
        backup: the file; not changed.
        clock: for the name of what is set aside.

    Raises:
        EnvironmentFault: the backup does not open or is damaged, the store is in use, no room; nothing was changed.
    """
    if not backup.is_file():
        raise EnvironmentFault("store.missing")
    opens = next((each for each in (key, *former) if page_check.fits(backup, each)), None)
    part = path.with_name(path.name + _PART)
    with translated(backup, opens or key):
        part.unlink(missing_ok=True)
        try:
            upkeep.verify(backup, opens or key)
            held = connection.open_reader(backup, opens or key)
            try:
                upkeep.copy_into(held, part, key)
            finally:
                held.close()
            upkeep.verify(part, key)
            return _swapped(path, key, part, clock)
        finally:
            part.unlink(missing_ok=True)


def _swapped(path: Path, key: bytes, part: Path, clock: Clock) -> Path | None:
    if not path.exists():
        part.replace(path)
        _sync_folder(path.parent)
        return None
    aside = path.with_name(f"{path.stem}-set-aside-{clock.now():%Y%m%d-%H%M%S}{path.suffix}")
    if any(aside.with_name(aside.name + each).exists() for each in upkeep.PARTS):
        raise EnvironmentFault("store.target_exists", file=aside.name)
    with contextlib.ExitStack() as cleanup:
        db: Database | None = None
        if page_check.fits(path, key) and not page_check.scan(path, key, threading.Event()):
            db = cleanup.enter_context(_alone(path, key))  # a damaged one is not touched: it is kept as it is
        _copy_aside(path, aside)
        for each in upkeep.PARTS[1:]:  # a store that does not open kept its log: the copy aside has it
            path.with_name(path.name + each).unlink(missing_ok=True)
        _take_place(db, part, path)
    return aside


@contextlib.contextmanager
def _alone(path: Path, key: bytes) -> Iterator[Database]:
    """The store held by us alone, its log moved into it; others get ``store.busy``."""
    with translated(path, key):
        db = connection.open_alone(path, key)
        try:
            yield db
        finally:
            db.close()


def _take_place(db: Database | None, part: Path, path: Path) -> None:
    if os.name != "posix" and db is not None:  # Windows replaces no file that is open
        db.close()
    part.replace(path)
    _sync_folder(path.parent)


def _copy_aside(path: Path, aside: Path) -> None:
    """Copy a store with its log; where there is no room nothing half is left that looks like a store."""
    try:
        for each in upkeep.PARTS:
            held = path.with_name(path.name + each)
            if held.exists():
                _copy(held, aside.with_name(aside.name + each))
    except OSError:
        for each in upkeep.PARTS:
            aside.with_name(aside.name + each).unlink(missing_ok=True)
        raise


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    handle = os.open(target, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
