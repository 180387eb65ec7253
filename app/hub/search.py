"""The calls behind a number, newest first: only days and teams that have such calls are read, and no more than a page needs.

Of what is asked the rarest part leads (``app.hub.postings``); the whole of it is tested on each call found, so that a posting is never the
last word. A total is exact where postings alone tell it, or where there are few enough to count; otherwise it is what was counted up
to there, and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true

from app.domain.lead_counts import CallLine, CallPage, Dimension
from app.hub.cubes import ALL
from app.hub.database import Database
from app.hub.narrowed import Narrowed
from app.hub.postings import EVERY, SEPARATOR, Group
from app.hub.tables import POSTING, RECORD

LINE = (RECORD.c.record_id, RECORD.c.at, RECORD.c.agent, RECORD.c.desk, RECORD.c.district, RECORD.c.item, RECORD.c.duration_ms,
        RECORD.c.taken, RECORD.c.wrong, RECORD.c.typed, RECORD.c.sound, RECORD.c.score)
#: Found calls whose bodies must be looked into are handed over with team, day and id.
Check = Callable[[Sequence[tuple[str, str, str]]], Sequence[CallLine]]
#: Rows of ``LINE``, team and day.
Found = Sequence[Any]

#: Where no more can be meant, all are counted (fewer, where each must be opened); else so many beyond the page.
_MOST_COUNTED, _MOST_OPENED, _BEYOND = 2_000, 200, 100
_IDS_AT_ONCE = 500
#: A day in which more teams have more calls than their postings name is looked through hour by hour.
_FEW_TEAMS = 4
_OPENED_AT_ONCE = 100


class CallSearch:
    """Finds calls.

    Args:
        database: of the hub.
        narrow: days and teams.
        where: all that must hold of a call's row.
        check: what cannot be told from the row; None where nothing is.
    """

    def __init__(self, database: Database, narrow: Narrowed, where: Sequence[ColumnElement[bool]], check: Check | None) -> None:
        self._database = database
        self._narrow = narrow
        self._where = where
        self._check = check
        self._teams = sorted(narrow.only.get(Dimension.TEAM, ()))

    def page(self, groups: Sequence[Group], is_all: bool, offset: int, limit: int) -> CallPage:
        """A page of them; ``is_all``: nothing but the groups, days and teams narrows."""
        (tokens, is_exact), days = self._rarest(groups or [((EVERY,), True)])
        most = sum(days.values())
        is_known = is_all and is_exact and len(groups) <= 1
        needed = offset + limit + 1
        enough = needed if is_known or self._check else needed + _BEYOND
        if not is_known and most <= (_MOST_OPENED if self._check else _MOST_COUNTED):
            enough = most + 1
        lines: list[CallLine] = []
        for found in self._found(tokens, days, enough):
            lines += found
            if len(lines) >= enough:
                total = max(most, len(lines)) if is_known else len(lines)
                return CallPage(total, tuple(lines[offset:offset + limit]), is_at_least=not is_known)
        return CallPage(len(lines), tuple(lines[offset:offset + limit]))

    def _rarest(self, groups: Sequence[Group]) -> tuple[Group, dict[str, int]]:
        """The group of the fewest calls, and how many by day, newest first."""
        counted = [(group, self._days(group[0])) for group in groups]
        return min(counted, key=lambda pair: sum(pair[1].values()))

    def _days(self, tokens: Sequence[str]) -> dict[str, int]:
        days = self._all_days()
        if not days:
            return {}
        calls = func.sum(POSTING.c.calls)
        rows = self._read(select(POSTING.c.day, calls).where(
            POSTING.c.day.in_(days), POSTING.c.token.in_(tokens), POSTING.c.team.in_(self._teams or [ALL])).group_by(POSTING.c.day))
        return {day: int(count) for day, count in sorted((row[0], row[1]) for row in rows)[::-1] if self._narrow.has_day(day)}

    def _all_days(self) -> list[str]:
        ends = (select(end(POSTING.c.day)).scalar_subquery() for end in (func.min, func.max))  # asked together, SQLite reads them all
        first, last = self._read(select(*ends))[0]
        if first is None:
            return []
        first, last = max(first, self._narrow.since), min(last, self._narrow.until or last)
        if first > last:
            return []
        start = date.fromisoformat(first[:10])
        return [str(start + timedelta(days=number)) for number in range((date.fromisoformat(last[:10]) - start).days + 1)]

    # --- calls ---------------------------------------------------------------------------------------------------------------

    def _found(self, tokens: Sequence[str], days: dict[str, int], enough: int) -> Iterator[Sequence[CallLine]]:
        """Lines of calls, newest first; no more days are read than are taken."""
        for some in _batches(days, enough):
            for rows in self._of_days(tokens, some, enough):
                if self._check is None:
                    yield [CallLine(*row[:len(LINE)]) for row in rows]
                    continue
                for first in range(0, len(rows), _OPENED_AT_ONCE):
                    yield self._check([(row.team, row.day, row.record_id) for row in rows[first:first + _OPENED_AT_ONCE]])

    def _of_days(self, tokens: Sequence[str], days: Sequence[str], enough: int) -> Iterator[Found]:
        """Rows of days that follow each other; few are read together, many by the hour."""
        whose = POSTING.c.team.in_(self._teams) if self._teams else POSTING.c.team != ALL
        question = select(POSTING.c.day, POSTING.c.team, POSTING.c.calls, POSTING.c.ids)
        postings = self._read(question.where(POSTING.c.day.in_(days), POSTING.c.token.in_(tokens), whose))
        ids: dict[str, set[str]] = {day: set() for day in days}
        teams: dict[str, set[str]] = {day: set() for day in days}
        for row in postings:
            named = row.ids.split(SEPARATOR)[:-1]
            if len(named) < row.calls:
                teams[row.day].add(row.team)
            else:
                ids[row.day].update(named)
        gathered: set[str] = set()
        for day in days:
            if not teams[day] and len(gathered) + len(ids[day]) <= _IDS_AT_ONCE:
                gathered |= ids[day]
                continue
            yield self._by_ids(gathered)
            gathered = set() if teams[day] else ids[day]
            if len(teams[day]) > _FEW_TEAMS:
                yield from self._by_hours(day, enough)
            elif teams[day]:
                more = self._rows([RECORD.c.day == day, RECORD.c.team.in_(sorted(teams[day])), *self._where], enough)
                yield sorted({*more, *self._by_ids(ids[day])}, key=lambda row: (row.at, row.record_id), reverse=True)
        yield self._by_ids(gathered)

    def _by_ids(self, ids: set[str]) -> Found:
        ordered = sorted(ids)
        found: list[Any] = []
        holds = case((and_(true(), *self._where), 1), else_=0) == 1  # no index serves this: else all calls of the days may be read instead
        for first in range(0, len(ordered), _IDS_AT_ONCE):
            found += self._rows([RECORD.c.record_id.in_(ordered[first:first + _IDS_AT_ONCE]), holds], len(ordered))
        return sorted(found, key=lambda row: (row.at, row.record_id), reverse=True)

    def _by_hours(self, day: str, enough: int) -> Iterator[Found]:
        for hour in range(23, -1, -1):
            if f"{hour:02}" in self._narrow.only.get(Dimension.HOUR, {f"{hour:02}"}):
                yield self._rows([RECORD.c.day == day, RECORD.c.hour == f"{hour:02}", *self._where], enough)

    def _rows(self, where: Sequence[ColumnElement[bool]], most: int) -> list[Any]:
        limit = None if self._check else most
        return self._read(select(*LINE, RECORD.c.team, RECORD.c.day).where(*where)
                          .order_by(RECORD.c.at.desc(), RECORD.c.record_id.desc()).limit(limit))

    def _read(self, question: Select[Any]) -> list[Any]:
        return list(self._database.run(lambda connection: connection.execute(question).all(), reads=True))


def _batches(days: dict[str, int], enough: int) -> Iterator[list[str]]:
    """Days that hold enough together, by what their postings count."""
    some: list[str] = []
    held = 0
    for day, calls in days.items():
        some.append(day)
        held += calls
        if held >= enough:
            yield some
            some, held = [], 0
    if some:
        yield some
