"""What is wrong at desks whoever sits there, for the floor list: ``outbox_stuck`` and ``old_version``.

    desk_sign      how long the oldest record or ticket of a desk had waited at its last heartbeat, by the desk's own clock
    version_seen   when this hub first heard of a version of a part, and which release it is where receipts told

``outbox_stuck``: something has waited for longer than ``STUCK_AFTER_S`` at a desk that reaches the hub. ``old_version``: for program or
knowledge, more than half of the desks heard of within ``HEARD_WITHIN`` (three at least) have one and the same version, it has been known
here for ``GRACE``, and the desk's own is an older one: by the release that receipts told, else by the numbers in it, else by when it was
first heard of. Of each part ``MOST_SEEN`` versions are kept, and those that desks have: what a desk makes up does not fill the table.
So rings that are ahead are never called old, and a roll-out has three days before those that lag are. Any thread.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Connection, Table, Text, delete, func, select

from app.hub.database import Database, upsert
from app.hub.later_tables import later_tables
from app.hub.tables import DESK, METADATA

STUCK_AFTER_S = 3600
HEARD_WITHIN = timedelta(days=7)
GRACE = timedelta(days=3)
LEAST_DESKS = 3
MOST_SEEN = 200
PARTS = ("program", "knowledge")
#: They say nothing of the call at hand: on the floor they stand behind what does.
LASTING = frozenset({"outbox_stuck", "old_version"})

DESK_SIGN = Table("desk_sign", METADATA, Column("desk", Text, primary_key=True, nullable=False),
                  Column("oldest_s", BigInteger, nullable=False), Column("refused", BigInteger, nullable=False))
VERSION_SEEN = Table("version_seen", METADATA, Column("part", Text, primary_key=True, nullable=False),
                     Column("version", Text, primary_key=True, nullable=False), Column("first_at", Text, nullable=False),
                     Column("release", BigInteger, nullable=False))


def m006_desk_signs(connection: Connection) -> None:
    """What desks tell of what waits, and when versions were first heard of."""
    later_tables("m006").create_all(connection)


def put_signs(database: Database, desk: str, oldest_s: int, refused: int, versions: Mapping[str, str], now: datetime) -> None:
    """Keep what a heartbeat tells."""
    seen = [(part, versions[part], now.isoformat(), 0) for part in PARTS if versions.get(part)]

    def work(connection: Connection) -> None:
        upsert(connection, DESK_SIGN, [(desk, oldest_s, refused)], replace=("oldest_s", "refused"))
        if seen and upsert(connection, VERSION_SEEN, seen):
            _bound(connection)

    database.run(work)


def put_releases(connection: Connection, releases: Mapping[str, int], now: datetime) -> None:
    """Keep which release a version of the knowledge is, as receipts of installed updates tell, inside the caller's transaction."""
    if releases:
        upsert(connection, VERSION_SEEN, [("knowledge", version, now.isoformat(), number) for version, number in sorted(releases.items())],
               replace=("release",))
        _bound(connection)


def _bound(connection: Connection) -> None:
    """Of more than ``MOST_SEEN`` versions of a part those go that no desk has (any more), the oldest first."""
    counted = select(VERSION_SEEN.c.part, func.count()).group_by(VERSION_SEEN.c.part).having(func.count() > MOST_SEEN)
    for part, count in connection.execute(counted).all():
        told = connection.execute(select(DESK.c.versions).where(DESK.c.revoked_at == "")).scalars()
        held = {json.loads(versions).get(part, "") for versions in told}
        rows = connection.execute(select(VERSION_SEEN.c.version).where(VERSION_SEEN.c.part == part).order_by(
            VERSION_SEEN.c.first_at, VERSION_SEEN.c.version)).scalars()
        over = [version for version in rows if version not in held][:count - MOST_SEEN]
        connection.execute(delete(VERSION_SEEN).where(VERSION_SEEN.c.part == part, VERSION_SEEN.c.version.in_(over)))


class Signs:
    """What is wrong at which desk, as it stands now.

    Args:
        database: the hub's.
        now: by its clock.
        versions: those of each desk that was heard of lately, part to version.
    """

    def __init__(self, database: Database, now: datetime, versions: Sequence[Mapping[str, str]]) -> None:
        self._now = now
        self._waits, self._first, self._releases = database.run(_asked, reads=True)
        self._current = {part: self._most(part, versions) for part in PARTS}

    def of(self, desk: str, versions: Mapping[str, str]) -> tuple[str, ...]:
        """Codes for a desk with these versions."""
        found = ["outbox_stuck"] if self._waits.get(desk, 0) > STUCK_AFTER_S else []
        is_old = any(self._is_older(part, versions.get(part, ""), self._current[part]) for part in PARTS)
        return (*found, "old_version") if is_old else tuple(found)

    def _most(self, part: str, versions: Sequence[Mapping[str, str]]) -> str:
        """The version of a part that more than half have for some time, "" for none."""
        told = Counter(version for each in versions if (version := each.get(part, "")))
        if told.total() < LEAST_DESKS:
            return ""
        version, count = told.most_common(1)[0]
        first = self._first.get((part, version), "")
        is_known = bool(first) and self._now - datetime.fromisoformat(first) >= GRACE
        return version if 2 * count > told.total() and is_known else ""

    def _is_older(self, part: str, own: str, current: str) -> bool:
        if not own or not current or own == current:
            return False
        if part == "knowledge" and own in self._releases and current in self._releases:
            return self._releases[own] < self._releases[current]
        if (mine := _numbers(own)) != (theirs := _numbers(current)) and mine and theirs:
            return mine < theirs
        return self._first.get((part, own), "") < self._first.get((part, current), "")


def _asked(connection: Connection) -> tuple[dict[str, int], dict[tuple[str, str], str], dict[str, int]]:
    waits = {row.desk: int(row.oldest_s) for row in connection.execute(select(DESK_SIGN).where(DESK_SIGN.c.oldest_s > STUCK_AFTER_S))}
    seen = connection.execute(select(VERSION_SEEN)).all()
    first = {(row.part, row.version): row.first_at for row in seen}
    return waits, first, {row.version: int(row.release) for row in seen if row.release}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d{1,15}", version))
