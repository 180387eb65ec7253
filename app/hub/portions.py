"""Records opened and counted by the portion, and kept for the next question: a window asks a dozen of the same calls.

A portion is calls of one team and day, at most a thousand. Records never change once they are stored, so a portion is known by its ids, and
what was counted of it stays true; which ids a visitor may ask about is looked up anew each time. The oldest portions go when more than
``MOST_KEPT`` records are held (some 10 KB each); a question about more than half of that is counted without keeping. Any thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import select

from app.domain.call_record import CallRecord
from app.hub.database import Database
from app.hub.kept import unpacked
from app.hub.tables import RECORD_BODY
from app.ports.lead import LeadSource

#: Counts over records in memory.
CountInMemory = Callable[[Iterable[CallRecord]], LeadSource]
#: Ids of a portion, sorted.
Ids = tuple[str, ...]
MOST_KEPT = 12_000
_AT_ONCE = 1000


class Portions:
    """Counted portions of one process.

    Args:
        database: of the hub.
        count: counts over records.
        most_kept: records held.
    """

    def __init__(self, database: Database, count: CountInMemory, most_kept: int = MOST_KEPT) -> None:
        self._database = database
        self._count = count
        self._most = most_kept
        self._kept: OrderedDict[Ids, LeadSource] = OrderedDict()
        self._lock = threading.Lock()

    def sources(self, calls: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, LeadSource]]:
        """Team and counts, portion by portion, of calls given as team, day and id."""
        by_day: dict[tuple[str, str], list[str]] = {}
        for team, day, record_id in calls:
            by_day.setdefault((team, day), []).append(record_id)
        portions = [(team, tuple(ids[first:first + _AT_ONCE])) for (team, _), held in sorted(by_day.items())
                    for ids in (sorted(held),) for first in range(0, len(ids), _AT_ONCE)]
        is_kept = sum(len(ids) for _, ids in portions) <= self._most // 2
        for some in _together(portions):
            found = {ids: self._held(ids) for _, ids in some}
            found |= self._opened([ids for ids, source in found.items() if source is None], is_kept)
            for team, ids in some:
                source = found[ids]
                if source is not None:
                    yield team, source

    def _held(self, ids: Ids) -> LeadSource | None:
        with self._lock:
            if ids in self._kept:
                self._kept.move_to_end(ids)
            return self._kept.get(ids)

    def _opened(self, portions: Sequence[Ids], is_kept: bool) -> dict[Ids, LeadSource]:
        if not portions:
            return {}
        wanted = [record_id for ids in portions for record_id in ids]
        question = select(RECORD_BODY.c.record_id, RECORD_BODY.c.body).where(RECORD_BODY.c.record_id.in_(wanted))
        bodies = {row.record_id: row.body for row in self._database.run(lambda connection: connection.execute(question).all(), reads=True)}
        made = {ids: self._count([unpacked(bodies[each]) for each in ids if each in bodies]) for ids in portions}
        if is_kept and len(bodies) == len(wanted):
            self._keep(made)
        return made

    def _keep(self, made: dict[Ids, LeadSource]) -> None:
        with self._lock:
            self._kept |= made
            held = sum(map(len, self._kept))
            while held > self._most:
                held -= len(self._kept.popitem(last=False)[0])


def _together(portions: Sequence[tuple[str, Ids]]) -> Iterator[list[tuple[str, Ids]]]:
    """Portions of a statement's worth of records."""
    some: list[tuple[str, Ids]] = []
    for each in portions:
        if some and sum(len(ids) for _, ids in some) + len(each[1]) > _AT_ONCE:
            yield some
            some = []
        some.append(each)
    if some:
        yield some
