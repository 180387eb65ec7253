"""Weeks in place of days: a week that is over is added up once, so that a question over months reads a few rows a week, not seven.

The rows of a week lie in the tables of the days, under the day ``w`` and its Monday, which sorts after all days and lies in no span of
days. Both stay: days for what is asked by day. What comes late for a week that was added up is added to its day and to its week
(``with_weeks``). So that no step of the roll-ups runs past the adding up of a week, both first touch one row (``hold``): the second waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, func, insert, literal, select

from app.hub.cubes import ALL, CALL, CUBES, WRONG, Cube
from app.hub.database import Database, upsert
from app.hub.gathering import Gathered, Row
from app.hub.kept import unpacked
from app.hub.later_tables import as_then, later_tables
from app.hub.tables import METADATA, RECORD, RECORD_BODY, SUMS, WAITING
from app.ports.ports import Clock

WEEK = Table("week", METADATA, Column("week", Text, primary_key=True, nullable=False), Column("summed_at", Text, nullable=False))
#: The row that is there to be held.
_HELD = ""
_MARK = "w"
_LATE = timedelta(days=1)
_DAYS = 7
#: Shorter spans are read by day.
_SHORT = timedelta(days=9)


def m008_weeks(connection: Connection) -> None:
    """Sums of weeks, and calls by how many fields stood filled wrong, of what is there already."""
    then = later_tables("m008")
    then.create_all(connection)
    wrong = then.tables["sum_wrong"]
    for day in connection.execute(select(RECORD.c.day).distinct().order_by(RECORD.c.day)).scalars().all():
        waiting = set(connection.execute(select(WAITING.c.record_id).where(WAITING.c.day == day)).scalars())
        gathered = Gathered((WRONG,))
        for row in connection.execute(select(RECORD.c.record_id, RECORD.c.team, RECORD_BODY.c.body).join(
                RECORD_BODY, RECORD_BODY.c.record_id == RECORD.c.record_id).where(RECORD.c.day == day)):
            if row.record_id not in waiting:
                gathered.add(unpacked(row.body), row.team)
        upsert(connection, wrong, as_then(wrong, (*WRONG.keys, *WRONG.counters), gathered.rows(WRONG)))


def hold(connection: Connection, table: Table = WEEK) -> set[str]:
    """Wait for whoever adds up a week or rolls up; the weeks that are added up (``w`` and Monday). ``table``: as it was then."""
    upsert(connection, table, [(_HELD, "")], replace=("summed_at",))
    return set(connection.execute(select(table.c.week).where(table.c.week != _HELD)).scalars())


def sum_weeks(database: Database, clock: Clock) -> int:
    """Add up the weeks that are over and are not yet; how many."""
    return sum(database.run(lambda connection, monday=monday: _sum_one(  # type: ignore[misc]
        connection, monday, clock.now().isoformat(timespec="seconds"))) for monday in weeks_over(database, clock))


def weeks_over(database: Database, clock: Clock) -> list[date]:
    """Mondays of the weeks that are over and not added up."""
    return database.run(lambda connection: _over(connection, clock.now().date()), reads=True)


def _over(connection: Connection, today: date) -> list[date]:
    first, last = days_kept(connection)
    if first is None or last is None:
        return []
    summed = set(connection.execute(select(WEEK.c.week)).scalars())
    return [monday for monday in _mondays(first, last)
            if monday + timedelta(days=_DAYS) + _LATE <= today and _name(monday) not in summed]


def _sum_one(connection: Connection, monday: date, now: str) -> bool:
    if _name(monday) in hold(connection):
        return False
    for cube in CUBES:
        _sum_cube(connection, cube, monday)
    connection.execute(insert(WEEK).values(week=_name(monday), summed_at=now))
    return True


def _sum_cube(connection: Connection, cube: Cube, monday: date) -> None:
    table = SUMS[cube.name]
    keys = [name for name in cube.keys if name != "day"]
    days = [str(monday + timedelta(days=number)) for number in range(_DAYS)]
    sums = [func.sum(table.c[name]) for name in cube.counters]
    question = select(*(literal(_name(monday)) if name == "day" else table.c[name] for name in cube.keys), *sums).where(
        table.c.day.in_(days)).group_by(*(table.c[name] for name in keys))
    connection.execute(insert(table).from_select([*cube.keys, *cube.counters], question))


def with_weeks(cube: Cube, rows: Sequence[Row], summed: set[str]) -> list[Row]:
    """Rows by day, and what of them belongs to weeks that are added up already."""
    place, width = cube.keys.index("day"), len(cube.keys)
    late: dict[Row, list[Any]] = {}
    for row in rows:
        week = week_of(row[place])
        if week in summed:
            held = late.setdefault((*row[:place], week, *row[place + 1:width]), [0] * (len(row) - width))
            for index, amount in enumerate(row[width:]):
                held[index] += amount
    return sorted([*rows, *((*key, *held) for key, held in late.items())])


def days_and_weeks(connection: Connection, since: str, until: str) -> list[str] | None:
    """What is to be read for a span: its days, where a week of it is added up the week; None where days are as well."""
    summed = set(connection.execute(select(WEEK.c.week).where(WEEK.c.week != _HELD)).scalars())
    first, last = days_kept(connection) if summed else (None, None)
    if first is None or last is None:
        return None
    start, end = max(since, str(first)), min(until or str(last), str(last))
    if start > end or date.fromisoformat(end) - date.fromisoformat(start) < _SHORT:
        return None
    return list(_read(date.fromisoformat(start), date.fromisoformat(end), summed))


def _read(day: date, end: date, summed: set[str]) -> Iterator[str]:
    while day <= end:
        if day.isoweekday() == 1 and day + timedelta(days=_DAYS - 1) <= end and _name(day) in summed:
            yield _name(day)
            day += timedelta(days=_DAYS)
        else:
            yield str(day)
            day += timedelta(days=1)


def days_kept(connection: Connection) -> tuple[date | None, date | None]:
    """First and last day with calls in the roll-ups."""
    calls = SUMS[CALL.name]
    first, last = connection.execute(select(func.min(calls.c.day), func.max(calls.c.day)).where(
        calls.c.dimension == "", calls.c.team == ALL, calls.c.day < _MARK)).one()
    return (date.fromisoformat(first), date.fromisoformat(last)) if first else (None, None)


def week_of(day: str) -> str:
    """The week of a day, as its rows are marked."""
    at = date.fromisoformat(day)
    return _name(at - timedelta(days=at.isoweekday() - 1))


def before(weeks: Iterable[str], limit: str) -> list[str]:
    """Weeks whose last day lies before a day."""
    return [each for each in weeks if each and str(date.fromisoformat(each[len(_MARK):]) + timedelta(days=_DAYS - 1)) < limit]


def _mondays(first: date, last: date) -> Iterator[date]:
    """Of all weeks that touch a span."""
    monday = first - timedelta(days=first.isoweekday() - 1)
    while monday <= last:
        yield monday
        monday += timedelta(days=_DAYS)


def _name(monday: date) -> str:
    return f"{_MARK}{monday}"
