"""From records to roll-ups, behind the ingest: exactly once, in whichever process has the lease.

Records wait in a queue of ids. One step takes some of them, adds their facts up in memory and brings sums and the emptied queue
to the disk in one transaction. Two processes that take the same records at once cannot both empty the queue: the second finds less to
delete than it took, and its sums are rolled back. So the lease is there to spare work, not for correctness: a process that is killed
leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, select

from app.domain.call_record import CallRecord
from app.domain.lead_counts import Dimension, call_values
from app.hub.cubes import (
    ALL,
    CUBES,
    LEVEL_OF_A_TEAM,
    LEVEL_OF_ALL,
    LEVELS,
    MATTER,
    OF_A_TEAM,
    Adds,
    Cube,
    Fact,
    Key,
    add_to,
    coarse,
    fold,
)
from app.hub.database import Database, RacedError, upsert
from app.hub.kept import unpacked
from app.hub.lease import Lease
from app.hub.postings import COLUMNS, Posted
from app.hub.tables import RECORD, RECORD_BODY, SUMS, WAITING
from app.ports.ports import Clock

#: Records of one step: the more, the more of them fall into the same sums.
STEP = 6_000
#: A killed process keeps it: so long the figures stand. A step that takes longer may meet a second one, which then waits at the queue.
_LEASE_S = 60
_AT_ONCE = 1000
_OF_A_TEAM = frozenset(each.value for each in OF_A_TEAM)
Sums = dict[Key, list[float]]
#: Dimension, team, day, its value, kind of call.
Place = tuple[str, str, str, str, str]
#: Sums by place, then by a cube's own keys.
Gathered = dict[Place, Sums]


class RollUp:
    """Brings waiting records into the roll-ups."""

    def __init__(self, database: Database, clock: Clock, step: int = STEP) -> None:
        self._database = database
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
        self._leave_queue(connection, waiting[0].day, waiting[-1].day, ids)  # first: a second process waits here, before any work
        sums: dict[str, Gathered] = {cube.name: {} for cube in CUBES}
        posted = Posted()
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first:first + _AT_ONCE]
            rows = connection.execute(
                select(*COLUMNS, RECORD_BODY.c.body).join(RECORD_BODY, RECORD_BODY.c.record_id == RECORD.c.record_id)
                .where(RECORD.c.record_id.in_(some))).all()
            for row in rows:
                add_record(sums, unpacked(row.body), row.team)
                posted.add(row)
        for cube in CUBES:
            rows_of = [(*key, *_cells(cube, held)) for key, held in sorted(with_all_teams(cube, flat(cube, sums[cube.name])).items())]
            upsert(connection, SUMS[cube.name], rows_of, add=cube.counters)
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


def add_record(sums: dict[str, Gathered], record: CallRecord, team: str) -> None:
    """Add one record to the sums of its team, for every cube and every dimension."""
    values = call_values(record, team)
    day, kind = values[Dimension.DAY], values[Dimension.KIND]
    for cube in CUBES:
        facts = cube.facts(record)
        if not facts:
            continue
        held = sums[cube.name]
        if cube is MATTER:
            _add_matters(held, facts, team, day, kind)
            continue
        cells = _cells_by_own(cube, facts)
        if cube.columns:
            tail = tuple(values[each] for each in cube.columns)
            cells = [((*own, *tail), adds) for own, adds in cells]
        _add(cube, held, ("", team, day, "", kind), cells)
        for dimension in cube.dimensions:
            if dimension is not Dimension.ITEM:
                _add(cube, held, (dimension.value, team, day, values[dimension], kind), cells)
        if Dimension.ITEM in cube.dimensions:
            of_items = cube.item_facts(record) if cube.item_facts else facts
            for item in {fact.item for fact in of_items}:
                of_item = _cells_by_own(cube, [fact for fact in of_items if fact.item == item])
                _add(cube, held, (Dimension.ITEM.value, team, day, item, kind), of_item)


def _add_matters(held: Gathered, facts: Sequence[Fact], team: str, day: str, kind: str) -> None:
    for fact in facts:
        cells = [((str(index), *coarse(fact.own, level)), ((0, 1.0),)) for index, level in enumerate(LEVELS)]
        _add(MATTER, held, ("", team, day, "", kind), cells)


def _add(cube: Cube, held: Gathered, place: Place, cells: Sequence[tuple[Key, Adds]]) -> None:
    """Only what is not nothing is added: most counters of a fact are."""
    of_place = held.get(place)
    if of_place is None:
        of_place = held[place] = {}
    width = len(cube.counters)
    for own, adds in cells:
        sums = of_place.get(own)
        if sums is None:
            sums = of_place[own] = [0] * width
        for index, amount in adds:
            sums[index] += amount


def _cells_by_own(cube: Cube, facts: Sequence[Fact]) -> list[tuple[Key, Adds]]:
    """One call's facts by the cube's own keys, and together where the cube keeps that too."""
    sums = fold(cube, facts, lambda fact: fact.own)
    if cube.total_over:
        sums |= fold(cube, facts, lambda fact: (ALL,))
    return [(own, tuple((index, amount) for index, amount in enumerate(cells) if amount)) for own, cells in sums.items()]


def flat(cube: Cube, gathered: Gathered) -> Sums:
    """By the whole key of a row, in the order of the table's columns."""
    early = cube.early
    return {(dimension, team, *own[:early], day, value, kind, *own[early:]): cells
            for (dimension, team, day, value, kind), of_place in gathered.items() for own, cells in of_place.items()}


def with_all_teams(cube: Cube, sums: Sums) -> Sums:
    """The sums that are kept: by team, and of all teams together."""
    kept: Sums = {}
    for key, cells in sums.items():
        if cube is not MATTER or key[2] != LEVEL_OF_ALL:
            kept[key] = cells
        if not _is_of_a_team(cube, key):
            add_to(kept, (key[0], ALL, *key[2:]), cells)
    return kept


def _is_of_a_team(cube: Cube, key: Key) -> bool:
    return bool(cube.columns) or key[0] in _OF_A_TEAM or (cube is MATTER and key[2] == LEVEL_OF_A_TEAM)


def _cells(cube: Cube, held: list[float]) -> list[float]:
    cells: list[float] = [int(amount) for amount in held]
    for index, name in enumerate(cube.counters) if cube.fractions else ():
        if name in cube.fractions:
            cells[index] = held[index]
    return cells


