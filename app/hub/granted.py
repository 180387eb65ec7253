"""What granted appeals took back of a slice, for one visitor: a sum over a small table (``app.hub.granted_tables``).

Roll-ups stay as the rules found them: an appeal changes no record and no sum, and may be granted long after its day was rolled up. What it
took back lies beside them by the same dimensions, so the question costs the same whether it is asked of a day or of two years, and whether
the records are still there. What a visitor may not see is taken out before anything is counted. Any thread.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from app.domain.after_appeals import GrantedCount
from app.domain.lead_counts import Dimension, Slice, weekday_of
from app.hub.database import Database
from app.hub.granted_tables import TAKEN_BACK
from app.hub.marks import END
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
        names = list(dict.fromkeys(["code", *(_column(each) for each in named)]))
        groups = [columns[name] for name in names]
        question = select(*groups, func.count(), cast(func.sum(columns.findings), BigInteger), func.sum(columns.points),
                          func.sum(columns.score)).where(*_conditions(narrow)).group_by(*groups)
        found = self._database.run(lambda connection: connection.execute(question).all(), reads=True)
        return _folded(found, {name: place for place, name in enumerate(names)}, narrow, by)


def _column(dimension: Dimension) -> str:
    return _WITHIN.get(dimension, dimension.value)


def _conditions(narrow: Narrowed) -> Iterator[ColumnElement[bool]]:
    """Days, and what a call has as a whole; the rest is looked for in what is grouped."""
    yield day_range(TAKEN_BACK.c.day, narrow)
    for dimension, values in narrow.only.items():
        if dimension not in _WITHIN:
            yield TAKEN_BACK.c[dimension.value].in_(sorted(values))


def _folded(found: Iterable[Sequence[Any]], places: Mapping[str, int], narrow: Narrowed, by: By) -> tuple[GrantedCount, ...]:
    """Counts by key and rule, in their order, of the groups that are of the slice."""
    sums: dict[tuple[tuple[str, ...], str], list[float]] = {}
    is_plain = not any(each in _WITHIN for each in by)
    within = tuple((places[_column(each)], narrow.only[each]) for each in (Dimension.ITEM, Dimension.FIELD) if each in narrow.only)
    key_of = [places[_column(each)] for each in by]
    for row in found:
        if narrow.weekdays and not narrow.has_day(row[places["day"]]):
            continue
        if any(wanted.isdisjoint(_parts(row[place])) for place, wanted in within):
            continue
        values = tuple([row[place] for place in key_of])
        for key in (values,) if is_plain else _keys(values, row[places["code"]], narrow, by):
            held = sums.setdefault((key, row[places["code"]]), [0, 0, 0.0, 0.0])
            for index, amount in enumerate(row[len(places):]):
                held[index] += amount
    return tuple(GrantedCount(key, code, int(held[0]), int(held[1]), held[2], held[3]) for (key, code), held in sorted(sums.items()))


def _keys(values: tuple[str, ...], code: str, narrow: Narrowed, by: By) -> set[tuple[str, ...]]:
    """By item a call counts once in each of its matters' items: with its findings in all, as a call in those that are asked about."""
    told: list[Iterable[str]] = []
    for dimension, value in zip(by, values, strict=True):
        if dimension is Dimension.ITEM:
            wanted = None if code else narrow.only.get(dimension)
            told.append([each for each in _parts(value) if wanted is None or each in wanted])
        elif dimension is Dimension.FIELD:
            told.append([""])  # what was taken back is of a call, not of a field
        else:
            told.append([weekday_of(value) if dimension is Dimension.WEEKDAY else value])
    return set(itertools.product(*told))


def _parts(joined: str) -> list[str]:
    return joined.split(END)[:-1]
