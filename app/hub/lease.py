"""Which of many processes does a task of which one is enough: a row with a holder and an end, taken by plain UPDATE.

A process that dies keeps its lease until the end; nobody waits for it. What is done under a lease must be right without it too.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select, update

from app.hub.database import Database
from app.hub.tables import LEASE
from app.ports.ports import Clock


class Lease:
    """One task's lease, as seen by one process."""

    def __init__(self, database: Database, clock: Clock, name: str, seconds: int = 120) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._length = timedelta(seconds=seconds)
        self._holder = secrets.token_hex(8)

    def take(self) -> bool:
        """Take or prolong it; whether this process has it now."""
        return self._database.run(self._work)

    def give_back(self) -> None:
        """End it, if this process has it: another need not wait."""
        mine = (LEASE.c.name == self._name) & (LEASE.c.holder == self._holder)
        self._database.run(lambda connection: connection.execute(delete(LEASE).where(mine)))

    def _work(self, connection: Connection) -> bool:
        now = self._clock.now()
        row = {"holder": self._holder, "until": (now + self._length).isoformat()}
        free = (LEASE.c.holder == self._holder) | (LEASE.c.until < now.isoformat())
        if connection.execute(update(LEASE).where(LEASE.c.name == self._name, free).values(**row)).rowcount:
            return True
        if connection.execute(select(LEASE.c.name).where(LEASE.c.name == self._name)).first() is not None:
            return False
        connection.execute(insert(LEASE).values(name=self._name, **row))
        return True
