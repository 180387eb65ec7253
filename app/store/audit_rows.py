"""The audit trail's rows (``app.domain.audit``): added inside the transaction of what they tell, read and checked whole.

``add`` takes the writer's connection inside a transaction, the others a reading one. Entries can leave only from the
beginning (``cut``): the cut keeps the digest from which the chain goes on, and an entry tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from sqlite_utils import Database

from app.domain import json_form
from app.domain.audit import ORIGIN, Actor, AuditEntry, first_break, sealed
from app.domain.json_values import Json

_COLUMNS = "seq, at, actor, role, action, subject, detail, previous, digest"


def add(db: Database, at: str, actor: Actor, action: str, subject: str, detail: Mapping[str, Json]) -> AuditEntry:
    """Write one entry behind the last."""
    seq, digest = head(db)
    entry = sealed(seq + 1, at, actor, action, subject, dict(detail), digest)
    db.execute(f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
               [entry.seq, at, actor.name, actor.role, str(action), subject, json_form.dumps(dict(detail)), entry.previous,
                entry.digest])
    return entry


def head(db: Database) -> tuple[int, str]:
    """Number and digest of the newest entry (or of the last cut)."""
    held = db.execute("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return (held[0], held[1]) if held is not None else _cut(db)


def entries(db: Database, newest: int | None = None, subject: str = "") -> tuple[AuditEntry, ...]:
    """Entries in order; the newest ``newest`` of them, those of one subject."""
    only, given = ("WHERE subject = ?", [subject]) if subject else ("", [])
    held = db.execute(f"SELECT {_COLUMNS} FROM audit {only} ORDER BY seq DESC LIMIT ?",  # noqa: S608
                      [*given, -1 if newest is None else newest])
    return tuple(reversed([_entry(row) for row in held]))


def broken_at(db: Database) -> int | None:
    """Number of the first entry at which the chain breaks; None where it is whole."""
    seq, digest = _cut(db)
    return first_break(_all(db), digest, seq)


def before(db: Database, at: str) -> int:
    """Number of the last entry older than a time (ISO 8601), 0 where none is."""
    held = db.execute("SELECT max(seq) FROM audit WHERE at < ?", [at]).fetchone()[0]
    return int(held or 0)


def cut(db: Database, upto: int, at: str) -> int:
    """Remove the entries up to a number; how many. The chain goes on from the digest of the last one removed."""
    digest = db.execute("SELECT digest FROM audit WHERE seq = ?", [upto]).fetchone()[0]
    count = db.execute("SELECT count(*) FROM audit WHERE seq <= ?", [upto]).fetchone()[0]
    db.execute("INSERT INTO audit_cuts (upto, digest, removed, at) VALUES (?, ?, ?, ?)", [upto, digest, count, at])
    db.execute("DELETE FROM audit WHERE seq <= ?", [upto])
    return int(count)


def _cut(db: Database) -> tuple[int, str]:
    held = db.execute("SELECT upto, digest FROM audit_cuts ORDER BY upto DESC LIMIT 1").fetchone()
    return (0, ORIGIN) if held is None else (held[0], held[1])


def _all(db: Database) -> Iterator[AuditEntry]:
    for row in db.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY seq"):  # noqa: S608
        yield _entry(row)


def _entry(row: tuple[object, ...]) -> AuditEntry:
    seq, at, actor, role, action, subject, detail, previous, digest = row
    try:
        held = cast("dict[str, object]", json_form.loads(cast("bytes", detail)))
    except ValueError:  # changed by a foreign hand: the chain breaks here, and that is what is told
        held = {"unreadable": True}
    return AuditEntry(cast("int", seq), str(at), Actor(str(actor), str(role)), str(action), str(subject), held, str(previous),
                      str(digest))
