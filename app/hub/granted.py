"""What granted appeals took back of a slice, for one visitor: a sum over a small table (``app.hub.granted_tables``).

Roll-ups stay as the rules found them: an appeal changes no record and no sum, and may be granted long after its day was rolled up. What it
took back lies beside them by the same dimensions, so the question costs the same whether it is asked of a day or of two years, and whether
the records are still there. What a visitor may not see is taken out before anything is counted. Any thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from app.domain.after_appeals import GrantedCount
from app.domain.lead_counts import Dimension, Slice, weekday_of
from app.hub.database import Database
from app.hub.granted_tables import TAKEN_BACK
from app.hub.marks import END
from app.hub.merging import merged
from app.hub.narrowed import Narrowed, narrowed
from app.hub.rights import Visitor
from app.hub.sums import day_range

By = tuple[Dimension, ...]
#: Where what a dimension tells stands, for those that are no columns of their own.
_WITHIN = {Dimension.WEEKDAY: "day", Dimension.ITEM: "items", Dimension.FIELD: "fields"}


class Granted:
    """See the module.

    Args:
        database: of the hub.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, visitor: Visitor, asked: Slice, by: By) -> tuple[GrantedCount, ...]:
        """What was taken back in a slice; see ``app.ports.lead``."""
        narrow = narrowed(asked, visitor)
        if narrow is None:
            return ()
        columns = TAKEN_BACK.c
        named = [*by, *(each for each in _WITHIN if each in narrow.only), *([Dimension.WEEKDAY] if narrow.weekdays else [])]
        groups = [columns[name] for name in dict.fromkeys(["code", *(_WITHIN.get(each, each.value) for each in named)])]
        question = select(*groups, func.count().label("calls"), cast(func.sum(columns.findings), BigInteger).label("found"),
                          func.sum(columns.points).label("cost"), func.sum(columns.score).label("rise")).where(
            *_conditions(narrow)).group_by(*groups)
        found = self._database.run(lambda connection: connection.execute(question).all(), reads=True)
        return merged([count for row in found for count in _counts(row, narrow, by)])


def _conditions(narrow: Narrowed) -> Iterator[ColumnElement[bool]]:
    """Days, and what a call has as a whole; the rest is looked for in what is grouped."""
    yield day_range(TAKEN_BACK.c.day, narrow)
    for dimension, values in narrow.only.items():
        if dimension not in _WITHIN:
            yield TAKEN_BACK.c[dimension.value].in_(sorted(values))


def _counts(row: Any, narrow: Narrowed, by: By) -> Iterator[GrantedCount]:
    """By item a call counts once in each of its matters' items: of findings in all, of calls in those that are asked about."""
    items, fields = (set(getattr(row, name, "").split(END)[:-1]) for name in ("items", "fields"))
    wanted_items, wanted_fields = narrow.only.get(Dimension.ITEM), narrow.only.get(Dimension.FIELD)
    if (narrow.weekdays and not narrow.has_day(row.day)) or (wanted_items is not None and wanted_items.isdisjoint(items)) or (
            wanted_fields is not None and wanted_fields.isdisjoint(fields)):
        return
    if Dimension.ITEM not in by:
        items = {""}
    elif wanted_items is not None and not row.code:
        items &= wanted_items
    for item in items:
        yield GrantedCount(tuple(_value(row, each, item) for each in by), row.code, row.calls, row.found, row.cost, row.rise)


def _value(row: Any, dimension: Dimension, item: str) -> str:
    if dimension is Dimension.ITEM:
        return item
    if dimension is Dimension.FIELD:
        return ""  # what was taken back is of a call, not of a field
    return weekday_of(row.day) if dimension is Dimension.WEEKDAY else str(getattr(row, dimension.value))
