"""What a person may ask for when the store is in trouble or in good order: look at it whole, copy it, set it aside.

Nothing is ever deleted. ``set_aside`` takes the store away from its place, and only because a person asked; no store may be
open in this process while it runs. The others may run beside an open store. What puts another file into the store's
place (restore, a new key) is ``app.store.replacing``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from app.domain.errors import EnvironmentFault
from app.ports.ports import Clock
from app.store import connection, page_check
from app.store.faults import translated

#: A store is these three files together.
PARTS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Report:
    """What a full look found: rows of each kind in a store that is whole."""

    drafts: int
    tickets: int
    outbox: int
    pages: int


def verify(path: Path, key: bytes) -> Report:
    """Check every page and the structure of the whole store, however large.

    Raises:
        EnvironmentFault: what is wrong with it.
    """
    if not path.exists():
        raise EnvironmentFault("store.missing")
    with translated(path, key):
        db = connection.open_reader(path, key)
        try:
            connection.check(db, path, key)
            whole = db.execute("PRAGMA integrity_check(1)").fetchone()
            if whole is None or whole[0] != "ok":
                raise EnvironmentFault("store.damaged", page=0)
            if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise EnvironmentFault("store.damaged", page=0)
            return Report(db["drafts"].count, db["tickets"].count, db["outbox"].count,
                          path.stat().st_size // page_check.PAGE_BYTES)
        finally:
            db.close()


def back_up(path: Path, key: bytes, target: Path) -> None:
    """Copy the store, as it is at this moment, to ``target`` under the same key; checked before it gets its name.

    Raises:
        EnvironmentFault: the store is damaged, there is a file of that name, or no room.
    """
    if target.exists():
        raise EnvironmentFault("store.target_exists", file=target.name)
    part = target.with_name(target.name + ".part")
    with translated(path, key):
        part.unlink(missing_ok=True)
        try:
            db = connection.open_reader(path, key)
            try:
                connection.check(db, path, key)
                copy_into(db, part, key)
            finally:
                db.close()
            verify(part, key)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def copy_into(db: Database, part: Path, key: bytes) -> None:
    """Write one moment of an open store to a new file under a key (its own or another), forced to the disk."""
    os.close(os.open(part, os.O_CREAT | os.O_RDWR, 0o600))
    # SQLCipher gives the attached file the same cipher and a salt of its own.
    db.execute("ATTACH DATABASE ? AS copy KEY ?", [str(part), f"x'{key.hex()}'"])
    db.execute("BEGIN")  # one moment of the store, whatever is written meanwhile
    db.execute("SELECT sqlcipher_export('copy')").fetchone()
    for pragma in ("user_version", "application_id"):
        held = db.execute(f"PRAGMA main.{pragma}").fetchone()[0]
        db.execute(f"PRAGMA copy.{pragma} = {int(held)}")
    db.execute("COMMIT")
    db.execute("DETACH DATABASE copy")
    handle = os.open(part, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_aside(path: Path, clock: Clock) -> Path:
    """Move a store that cannot be opened out of the way, whole, so that a new one can begin; gives its new name.

    Raises:
        EnvironmentFault: it cannot be moved, or the new name is taken; then nothing was moved.
    """
    target = path.with_name(f"{path.stem}-set-aside-{clock.now():%Y%m%d-%H%M%S}{path.suffix}")
    if any(target.with_name(target.name + part).exists() for part in PARTS):
        raise EnvironmentFault("store.target_exists", file=target.name)
    with translated(path, b""):
        for part in reversed(PARTS):  # the database last: while it stands, nothing takes its place
            held = path.with_name(path.name + part)
            if held.exists():
                held.replace(target.with_name(target.name + part))
    return target
