"""What granted appeals took back, worked out at question time from the cases and the records they are about.

Sums stay as the rules found them: an appeal changes no record and no roll-up, and may be granted long after its day was rolled up. The
few calls with a granted appeal are counted twice by the code that counts on a desk, as found and without what was taken back; the
difference goes beside the sums (``app.domain.after_appeals``). Answered for one visitor: what they may not see is not there. Any thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, and_, select

from app.domain.after_appeals import GrantedCount, taken_back, without
from app.domain.call_record import CallRecord
from app.domain.cases import CaseKind, CaseState
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import Dimension, Slice
from app.hub.case_tables import CASE
from app.hub.database import Database
from app.hub.merging import merged
from app.hub.narrowed import Narrowed, narrowed
from app.hub.portions import CountInMemory, Portions
from app.hub.rights import Visitor
from app.hub.tables import RECORD
from app.ports.lead import LeadSource

By = tuple[Dimension, ...]
#: Team, call and granted rules, of each call in a slice.
_Key = tuple[tuple[str, ...], ...]
#: Team; counts as found and after appeals.
_Kept = list[tuple[str, tuple[LeadSource, LeadSource]]]
#: Calls whose counts are held.
_MOST_KEPT = 6_000
#: More granted appeals in a slice than this are refused with the advice to narrow it.
MOST_GRANTED = 20_000


class Granted:
    """See the module.

    Args:
        database: of the hub.
        portions: opened records.
        count: counts over records.
    """

    def __init__(self, database: Database, portions: Portions, count: CountInMemory) -> None:
        self._database, self._portions, self._count = database, portions, count
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, visitor: Visitor, asked: Slice, by: By) -> tuple[GrantedCount, ...]:
        """What was taken back in a slice; see ``app.ports.lead``.

        Raises:
            OperatorVisibleError: there are too many (``hub.slice_too_wide``).
        """
        narrow = narrowed(asked, visitor)
        if narrow is None:
            return ()
        rules, calls = self._found(narrow)
        place = by.index(Dimension.TEAM) if Dimension.TEAM in by else -1
        keys = tuple(each for each in by if each is not Dimension.TEAM)
        inner = replace(asked, only=tuple(pair for pair in asked.only if pair[0] is not Dimension.TEAM))

        rows: list[GrantedCount] = []
        for team, (found, left) in self._sources(calls, rules):
            for row in taken_back((found.calls(inner, keys), found.findings(inner, keys)),
                                  (left.calls(inner, keys), left.findings(inner, keys))):
                rows.append(replace(row, key=(*row.key[:place], team, *row.key[place:])) if place >= 0 else row)
        return merged(rows)

    def _sources(self, calls: list[tuple[str, str, str]], rules: dict[str, set[str]]) -> _Kept:
        """Counts by team, as found and after appeals; kept for the next question, for a page asks several of the same calls."""
        key: _Key = tuple((team, record_id, *sorted(rules[record_id])) for team, _, record_id in calls)
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = [(team, (self._count(records), self._count([without(record, rules[record.record_id]) for record in records])))
                    for team, records in sorted(self._records(calls).items())]
            self._keep(key, kept)
        return kept

    def _keep(self, key: _Key, made: _Kept) -> None:
        with self._lock:
            self._kept[key] = made
            while sum(map(len, self._kept)) > _MOST_KEPT:
                self._kept.popitem(last=False)

    def _found(self, narrow: Narrowed) -> tuple[dict[str, set[str]], list[tuple[str, str, str]]]:
        """Granted rules by record; and the records, as team, day and id."""
        question = select(CASE.c.code, RECORD.c.team, RECORD.c.day, RECORD.c.record_id).join(
            RECORD, RECORD.c.record_id == CASE.c.subject).where(*_conditions(narrow)).limit(MOST_GRANTED + 1)

        def work(connection: Connection) -> list[tuple[str, str, str, str]]:
            return [(row.code, row.team, row.day, row.record_id) for row in connection.execute(question)]

        found = self._database.run(work, reads=True)
        if len(found) > MOST_GRANTED:
            raise OperatorVisibleError("hub.slice_too_wide", most=MOST_GRANTED)
        rules: dict[str, set[str]] = defaultdict(set)
        for code, _, _, record_id in found:
            rules[record_id].add(code)
        return rules, sorted({row[1:] for row in found})

    def _records(self, calls: list[tuple[str, str, str]]) -> dict[str, list[CallRecord]]:
        """The records by team."""
        ids: dict[str, list[str]] = defaultdict(list)
        for team, _, record_id in calls:
            ids[team].append(record_id)
        found: dict[str, list[CallRecord]] = defaultdict(list)
        for team, source in self._portions.sources(calls):
            found[team] += [record for each in ids[team] if (record := source.record(each)) is not None]
        return found


def _conditions(narrow: Narrowed) -> list[ColumnElement[bool]]:
    """The days, and whose calls; what else narrows a slice is left to the count itself."""
    held = [and_(CASE.c.kind == CaseKind.APPEAL.value, CASE.c.state == CaseState.GRANTED.value), RECORD.c.day >= narrow.since]
    if narrow.until:
        held.append(RECORD.c.day <= narrow.until)
    for dimension, column in ((Dimension.TEAM, RECORD.c.team), (Dimension.OPERATOR, RECORD.c.agent)):
        if dimension in narrow.only:
            held.append(column.in_(sorted(narrow.only[dimension])))
    return held
