"""Questions to the roll-ups: which rows hold the answer, or that none do.

A roll-up has day, team, kind, the cube's own keys and one dimension beside. ``calls`` do not add up over fields or items, so a
question that takes several of these together has no answer here; neither has one that needs two dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, and_, cast, func, select

from app.domain.lead_counts import Dimension, weekday_of
from app.hub.cubes import ALL, LEVEL_OF_A_TEAM, LEVEL_OF_ALL, LEVELS, MATTER, OF_A_TEAM, OUTCOME, Cube
from app.hub.narrowed import Narrowed
from app.hub.tables import SUMS
from app.hub.weeks import days_and_weeks

By = tuple[Dimension, ...]
Rows = list[tuple[tuple[Any, ...], list[float]]]

#: What every roll-up can tell apart, and by which column.
_ALWAYS = {Dimension.DAY: "day", Dimension.WEEKDAY: "day", Dimension.TEAM: "team", Dimension.KIND: "kind"}
_PLACE = frozenset({Dimension.HOUR, Dimension.CITY, Dimension.DISTRICT, Dimension.STREET, Dimension.ITEM})


def asked_sums(connection: Connection, cube: Cube, narrow: Narrowed, by: By, own: tuple[str, ...],
               fixed: Mapping[str, str]) -> Rows | None:
    """Key (values of ``by``, then of the cube's own keys ``own``) and counters, by key; None where the roll-ups cannot tell."""
    columns = _columns(cube, narrow, by)
    if columns is None:
        return None
    table = SUMS[cube.name]
    where = _where(connection, cube, narrow, by, columns)
    if where is None:
        return None
    where += [table.c[name] == value for name, value in fixed.items()]
    keys = [*(columns[each] for each in by), *own]
    grouped = list(dict.fromkeys([*keys, "day"] if narrow.weekdays else keys))
    groups = [table.c[name] for name in grouped]
    question = select(*groups, *(_sum(cube, table.c[name]) for name in cube.counters)).where(and_(*where)).group_by(*groups)
    found = connection.execute(question if grouped else question.having(func.count() > 0)).all()
    shape = _Shape(by, [grouped.index(name) for name in keys], grouped.index("day") if narrow.weekdays else -1, len(grouped))
    return _folded(cube, found, shape, narrow)


def _sum(cube: Cube, counter: ColumnElement[Any]) -> ColumnElement[Any]:
    """PostgreSQL sums whole numbers to decimals, which take Python longer to read than the database took to add."""
    total = func.sum(counter)
    return total if counter.key in cube.fractions else cast(total, BigInteger)


class _Shape:
    """Where in a row what stands."""

    def __init__(self, by: By, places: Sequence[int], day: int, width: int) -> None:
        self.by, self.places, self.day, self.width = by, places, day, width

    def key(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Its key; weekdays made of days."""
        values = [row[place] for place in self.places]
        return tuple(weekday_of(value) if index < len(self.by) and self.by[index] is Dimension.WEEKDAY else value
                     for index, value in enumerate(values))


def _folded(cube: Cube, found: Sequence[Sequence[Any]], shape: _Shape, narrow: Narrowed) -> Rows:
    sums: dict[tuple[Any, ...], list[float]] = {}
    for row in found:
        if shape.day >= 0 and not narrow.has_day(row[shape.day]):
            continue
        cells = [float(amount) if name in cube.fractions else int(amount)
                 for name, amount in zip(cube.counters, row[shape.width:], strict=True)]
        held = sums.setdefault(shape.key(row), [0] * len(cells))
        for index, amount in enumerate(cells):
            held[index] += amount
    return sorted(sums.items(), key=lambda pair: pair[0])


def _columns(cube: Cube, narrow: Narrowed, by: By) -> dict[Dimension, str] | None:
    """Dimension to column, for all that the question names; None where this cube lacks one."""
    columns = dict(_ALWAYS)
    named = {*by, *narrow.only}
    if "field" in cube.own:
        columns[Dimension.FIELD] = "field"
    if "item" in cube.own and Dimension.ITEM in by:  # only then do calls add up
        columns[Dimension.ITEM] = "item"
    columns |= {each: each.value for each in cube.columns}
    if cube is MATTER:
        columns |= {each: each.value for each in _PLACE}
        return columns if named <= set(columns) else None
    others = named - set(columns)
    if len(others) > 1 or not others <= set(cube.dimensions):
        return None
    return columns | dict.fromkeys(others, "value")


def _where(connection: Connection, cube: Cube, narrow: Narrowed, by: By, columns: Mapping[Dimension, str]
           ) -> list[ColumnElement[bool]] | None:
    table = SUMS[cube.name]
    other = next((each for each, column in columns.items() if column == "value"), None)
    several = {each for each, values in narrow.only.items() if len(values) > 1 and each not in by}
    if cube.counts_calls and several & {Dimension.ITEM, Dimension.FIELD}:
        return None
    where = [table.c.dimension == (other.value if other else ""), _days(connection, table, narrow, by)]
    where += [table.c[columns[each]].in_(sorted(values)) for each, values in narrow.only.items() if each is not Dimension.TEAM]
    level = _level({*by, *narrow.only}) if cube is MATTER else ""
    if level:
        where.append(table.c.level == level)
    by_team = bool(cube.columns) or other in OF_A_TEAM or level == LEVEL_OF_A_TEAM
    where.append(_teams(connection, table, narrow, by_team or Dimension.TEAM in by))
    if cube.total_over and Dimension.FIELD not in narrow.only:
        where.append(table.c.field.in_(_fields(connection)) if Dimension.FIELD in by else table.c.field == ALL)
    return where


def _days(connection: Connection, table: Table, narrow: Narrowed, by: By) -> ColumnElement[bool]:
    """By the week where days are not told apart and weeks are added up."""
    if narrow.weekdays or Dimension.DAY in by or Dimension.WEEKDAY in by or Dimension.DAY in narrow.only:
        return day_range(table.c.day, narrow)
    known = days_and_weeks(connection, narrow.since, narrow.until)
    return day_range(table.c.day, narrow) if known is None else table.c.day.in_(known)


def _teams(connection: Connection, table: Table, narrow: Narrowed, by_team: bool) -> ColumnElement[bool]:
    wanted = narrow.only.get(Dimension.TEAM)
    if wanted is not None:
        return table.c.team.in_(sorted(wanted - {ALL}))
    if not by_team:
        return table.c.team == ALL
    calls = SUMS["call"]
    teams = connection.execute(select(calls.c.team).distinct().where(calls.c.dimension == "", calls.c.team != ALL)).scalars()
    return table.c.team.in_(list(teams))


def _fields(connection: Connection) -> list[str]:
    """Names of all fields: with them the primary key narrows by day."""
    table = SUMS[OUTCOME.name]
    question = select(table.c.field).distinct().where(table.c.dimension == "", table.c.team == ALL, table.c.field != ALL)
    return list(connection.execute(question).scalars())


def _level(named: set[Dimension]) -> str:
    """The first level that tells all places that are named, and is kept for whom is asked about."""
    places = {each.value for each in named & _PLACE}
    fit = [str(index) for index, level in enumerate(LEVELS) if places <= set(level)]
    return next(level for level in fit if level != LEVEL_OF_ALL or Dimension.TEAM not in named)


def day_range(column: ColumnElement[str], narrow: Narrowed) -> ColumnElement[bool]:
    """The slice's days."""
    return column.between(narrow.since or "0000", narrow.until or "9999-12-31")
