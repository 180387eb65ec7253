"""From records to roll-ups, behind the ingest: exactly once, in whichever process has the lease.

Records wait in a queue of ids. One step takes some of them, adds their facts up in memory and brings sums and the emptied queue
to the disk in one transaction. Two processes that take the same records at once cannot both empty the queue: the second finds less to
delete than it took, and its sums are rolled back. So the lease is there to spare work, not for correctness: a process that is killed
leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, select

from app.hub.cubes import CUBES
from app.hub.database import Database, RacedError, upsert
from app.hub.gathering import Gathered
from app.hub.kept import unpacked
from app.hub.lease import Lease
from app.hub.postings import COLUMNS, Posted
from app.hub.tables import RECORD, RECORD_BODY, SUMS, WAITING
from app.hub.weeks import hold, sum_weeks, with_weeks
from app.ports.ports import Clock

#: Records of one step: the more, the more of them fall into the same sums.
STEP = 6_000
#: A killed process keeps it: so long the figures stand. A step that takes longer may meet a second one, which then waits at the queue.
_LEASE_S = 60
_AT_ONCE = 1000


class RollUp:
    """Brings waiting records into the roll-ups."""

    def __init__(self, database: Database, clock: Clock, step: int = STEP) -> None:
        self._database = database
        self._clock = clock
        self._step = step
        self._lease = Lease(database, clock, "rollup", _LEASE_S)

    def run_all(self, is_over: Callable[[], bool] = lambda: False) -> int:
        """Until nothing waits, another process does it, or ``is_over``; how many records."""
        done = 0
        while not is_over() and self._lease.take():
            now = self.one_step()
            done += now
            if now < self._step:
                break
        return done

    def sum_weeks(self) -> int:
        """Add up the weeks that are over, where no other process rolls up now; how many."""
        return sum_weeks(self._database, self._clock) if self._lease.take() else 0

    def leave(self) -> None:
        """This process ends: another may go on at once."""
        self._lease.give_back()

    def one_step(self) -> int:
        """Some waiting records, oldest day first; how many."""
        return self._database.run(self._work, attempts=1)  # who lost a race leaves the rest to the winner

    def _work(self, connection: Connection) -> int:
        waiting = connection.execute(
            select(WAITING.c.day, WAITING.c.record_id).order_by(WAITING.c.day, WAITING.c.record_id).limit(self._step)).all()
        if not waiting:
            return 0
        ids = [row.record_id for row in waiting]
        summed = hold(connection)
        self._leave_queue(connection, waiting[0].day, waiting[-1].day, ids)  # first: a second process waits here, before any work
        gathered, posted = Gathered(), Posted()
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first:first + _AT_ONCE]
            rows = connection.execute(
                select(*COLUMNS, RECORD_BODY.c.body).join(RECORD_BODY, RECORD_BODY.c.record_id == RECORD.c.record_id)
                .where(RECORD.c.record_id.in_(some))).all()
            for row in rows:
                gathered.add(unpacked(row.body), row.team)
                posted.add(row)
        for cube in CUBES:
            upsert(connection, SUMS[cube.name], with_weeks(cube, gathered.rows(cube), summed), add=cube.counters)
        posted.put(connection)
        return len(ids)

    def _leave_queue(self, connection: Connection, since: str, until: str, ids: Sequence[str]) -> None:
        gone = 0
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first:first + _AT_ONCE]
            gone += connection.execute(delete(WAITING).where(
                WAITING.c.day >= since, WAITING.c.day <= until, WAITING.c.record_id.in_(some))).rowcount
        if gone != len(ids):
            raise RacedError
