"""What a lead asks, answered for one visitor: the port ``LeadSource`` over the hub's database.

A question that asks for no more than one dimension beside day, team, kind and field is answered from the roll-ups, in a time that does
not depend on how many calls there were. Any other is counted over the records themselves by the very code that counts on a desk
(``app.hub.portions``), up to ``MOST_COUNTED`` calls; wider ones are refused with
the advice to narrow. What a visitor may not see is taken out before anything is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from app.domain.after_appeals import GrantedCount
from app.domain.call_record import CallRecord
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import (
    DELAY_EDGES_MS,
    VERSIONS,
    WRAP_UP_EDGES_MS,
    Behind,
    BinCount,
    CallCount,
    CallLine,
    CallPage,
    CardCount,
    Confusion,
    Dimension,
    FindingCount,
    FloorDesk,
    MatterCount,
    OutcomeCount,
    RankCount,
    Scope,
    Slice,
    WrongCount,
)
from app.domain.lead_voice import VoiceCount, bins_of
from app.hub import cubes, marks
from app.hub.cubes import Cube
from app.hub.database import Database
from app.hub.kept import unpacked
from app.hub.merging import merged
from app.hub.narrowed import Narrowed, narrowed
from app.hub.portions import Portions
from app.hub.postings import groups_of
from app.hub.rights import Visitor
from app.hub.search import LINE, CallSearch
from app.hub.sums import asked_sums, day_range
from app.hub.tables import RECORD, RECORD_BODY
from app.ports.lead import LeadSource

By = tuple[Dimension, ...]
Row = TypeVar("Row")

MOST_COUNTED = 60_000
_COLUMNS = {
    Dimension.DAY: RECORD.c.day, Dimension.HOUR: RECORD.c.hour, Dimension.TEAM: RECORD.c.team, Dimension.KIND: RECORD.c.kind,
    Dimension.OPERATOR: RECORD.c.agent, Dimension.DESK: RECORD.c.desk, Dimension.CITY: RECORD.c.city,
    Dimension.DISTRICT: RECORD.c.district, Dimension.STREET: RECORD.c.street, Dimension.SOUND: RECORD.c.sound,
}


class LeadAnswers:
    """Answers to one visitor; see ``app.ports.lead`` for each method.

    Args:
        database: of the hub.
        visitor: whose right decides what is counted.
        portions: counts over records themselves.
        floor: desks of this visitor, now.
        granted: what appeals took back, for this visitor.
    """

    def __init__(self, database: Database, visitor: Visitor, portions: Portions,
                 floor: Callable[[], tuple[FloorDesk, ...]] = tuple,
                 granted: Callable[[Slice, By], tuple[GrantedCount, ...]] = lambda asked, by: ()) -> None:
        self._database = database
        self._visitor = visitor
        self._portions = portions
        self._floor = floor
        self._granted = granted

    def scope(self) -> Scope:
        """First and last day, and calls."""
        rows = self.calls(Slice(), (Dimension.DAY,))
        days = [row.key[0] for row in rows] or [""]
        return Scope(self._visitor.role.value, min(days), max(days), sum(row.calls for row in rows), is_hub=True)

    def outcomes(self, asked: Slice, by: By = ()) -> tuple[OutcomeCount, ...]:
        """What became of fields."""
        rows = self._sums(cubes.OUTCOME, asked, by)
        if rows is None:
            rows = self._sums(cubes.OUTCOME_WORK, asked, by)
        if rows is None and Dimension.ITEM in by:
            rows = self._sums(cubes.ITEM_WORK, asked, by)
        if rows is None:
            return self._counted(asked, by, lambda source, each, keys: source.outcomes(each, keys))
        return tuple(OutcomeCount(key, **_cells(cubes.OUTCOME, held)) for key, held in rows)

    def bins(self, asked: Slice, by: By = ()) -> tuple[BinCount, ...]:
        """Proposals by confidence."""
        rows = self._sums(cubes.BIN, asked, by, ("proposed_as", "bin"))
        if rows is None:
            return self._counted(asked, by, lambda source, each, keys: source.bins(each, keys))
        return tuple(BinCount(key[:-1], int(key[-1]), int(held[0]), int(held[1]), held[2]) for key, held in rows)

    def calls(self, asked: Slice, by: By = ()) -> tuple[CallCount, ...]:
        """Calls, effort, quality."""
        rows = self._sums(cubes.CALL, asked, by)
        if rows is None:
            return self._counted(asked, by, lambda source, each, keys: source.calls(each, keys))
        return tuple(CallCount(key, wrap_up=_histogram(held, WRAP_UP_EDGES_MS), **_cells(cubes.CALL, held)) for key, held in rows)

    def wrong_calls(self, asked: Slice, by: By = ()) -> tuple[WrongCount, ...]:
        """Calls by how many fields stood filled wrong."""
        rows = self._sums(cubes.WRONG, asked, by, ("wrong_fields",))
        if rows is None:
            return self._counted(asked, by, lambda source, each, keys: source.wrong_calls(each, keys))
        return tuple(WrongCount(key[:-1], int(key[-1]), int(held[0])) for key, held in rows)

    def voices(self, asked: Slice, by: By = ()) -> tuple[VoiceCount, ...]:
        """Voice indicators."""
        rows = self._sums(cubes.VOICE, asked, by, ("indicator",))
        if rows is None:
            return self._counted(asked, by, lambda source, each, keys: source.voices(each, keys))
        return tuple(VoiceCount(key[:-1], str(key[-1]), int(held[0]), held[1], tuple(int(amount) for amount in held[2:][:bins_of(key[-1])]))
                     for key, held in rows)

    def ranks(self, asked: Slice, choice: str, by: By = ()) -> tuple[RankCount, ...]:
        """Where the submitted one stood."""
        rows = self._sums(cubes.RANK, asked, by, ("rank",), {"choice": choice})
        if rows is None:
            return self._counted(asked, by, lambda source, each, keys: source.ranks(each, choice, keys))
        return tuple(RankCount(key[:-1], int(key[-1]), int(held[0])) for key, held in rows)

    def confusions(self, asked: Slice, choice: str, limit: int = 200) -> tuple[Confusion, ...]:
        """What was offered first and not submitted."""
        rows = self._sums(cubes.CONFUSION, asked, (), ("offered", "submitted"), {"choice": choice})
        found = self._counted(asked, (), lambda source, each, _: source.confusions(each, choice, limit=10**6)) if rows is None else (
            Confusion(str(key[0]), str(key[1]), int(held[0])) for key, held in rows)
        return tuple(sorted(found, key=lambda row: (-row.count, row.proposed, row.submitted)))[:limit]

    def cards(self, asked: Slice, limit: int = 2000) -> tuple[CardCount, ...]:
        """By entry."""
        rows = self._sums(cubes.CARD, asked, (), ("entry_id",))
        found = self._counted(asked, (), lambda source, each, _: source.cards(each, limit=10**6)) if rows is None else (
            CardCount(str(key[0]), delays=_histogram(held, DELAY_EDGES_MS), **_cells(cubes.CARD, held)) for key, held in rows)
        return tuple(sorted(found, key=lambda row: (-row.shown, row.entry_id)))[:limit]

    def findings(self, asked: Slice, by: By = ()) -> tuple[FindingCount, ...]:
        """Breaches."""
        return self._found(asked, by, "quality", lambda source, each, keys: source.findings(each, keys))

    def granted(self, asked: Slice, by: By = ()) -> tuple[GrantedCount, ...]:
        """What granted appeals took back."""
        return self._granted(asked, by)

    def degradations(self, asked: Slice, by: By = ()) -> tuple[FindingCount, ...]:
        """What was worse than it should be."""
        return self._found(asked, by, "degradation", lambda source, each, keys: source.degradations(each, keys))

    def matters(self, asked: Slice, by: By) -> tuple[MatterCount, ...]:
        """Matters by place, item and time."""
        rows = self._sums(cubes.MATTER, asked, by)
        if rows is None:
            return self._counted(asked, by, lambda source, each, keys: source.matters(each, keys))
        return tuple(MatterCount(key, int(held[0])) for key, held in rows)

    def behind(self, asked: Slice, which: Behind, offset: int = 0, limit: int = 200) -> CallPage:
        """The calls behind a number, newest first."""
        narrow = narrowed(asked, self._visitor)
        if narrow is None:
            return CallPage(0, ())
        where = [*_conditions(narrow), *[or_(*map(_like, any_of)) for any_of in marks.patterns_of(which)]]
        if which.wrong_from:
            where.append(RECORD.c.wrong >= which.wrong_from)
        is_opened = Dimension.ITEM in narrow.only or Dimension.FIELD in narrow.only
        if Dimension.OPERATOR in narrow.only:  # so few that they are looked through
            return self._behind_counted(asked, which, and_(*where), offset, limit) if is_opened else self._behind_all(where, offset, limit)
        search = CallSearch(self._database, narrow, where, partial(self._lines_of, asked, which) if is_opened else None)
        return search.page(*groups_of(which, narrow), offset, limit)

    def record(self, record_id: str) -> CallRecord | None:
        """One call's whole record, where the visitor may see it."""
        question = select(RECORD.c.team, RECORD.c.agent, RECORD_BODY.c.body).join(
            RECORD_BODY, RECORD_BODY.c.record_id == RECORD.c.record_id).where(RECORD.c.record_id == record_id)
        row = self._database.run(lambda connection: connection.execute(question).first(), reads=True)
        return unpacked(row.body) if row is not None and self._visitor.sees(row.team, row.agent) else None

    def floor(self) -> tuple[FloorDesk, ...]:
        """Desks now."""
        return self._floor()

    # --- roll-ups ----------------------------------------------------------------------------------------------------------

    def _sums(self, cube: Cube, asked: Slice, by: By, own: Sequence[str] = (),
              fixed: dict[str, str] | None = None) -> list[tuple[tuple[Any, ...], list[float]]] | None:
        """Rows of key and counters in the order of their keys; None where the roll-ups cannot tell."""
        narrow = narrowed(asked, self._visitor)
        if narrow is None:
            return []
        return self._database.run(lambda connection: asked_sums(connection, cube, narrow, by, tuple(own), fixed or {}), reads=True)

    def _found(self, asked: Slice, by: By, source: str,
               count: Callable[[LeadSource, Slice, By], tuple[FindingCount, ...]]) -> tuple[FindingCount, ...]:
        rows = self._sums(cubes.FINDING, asked, by, ("code",), {"source": source})
        if rows is None:
            return self._counted(asked, by, count)
        return tuple(FindingCount(key[:-1], str(key[-1]), int(held[0]), int(held[1]), held[2]) for key, held in rows)

    # --- records themselves ------------------------------------------------------------------------------------------------

    def _counted(self, asked: Slice, by: By, count: Callable[[LeadSource, Slice, By], tuple[Row, ...]]) -> tuple[Row, ...]:
        narrow = narrowed(asked, self._visitor)
        if narrow is None:
            return ()
        self._refuse_many(asked, narrow)
        place = by.index(Dimension.TEAM) if Dimension.TEAM in by else -1
        keys = tuple(each for each in by if each is not Dimension.TEAM)
        inner = replace(asked, only=tuple(pair for pair in asked.only if pair[0] is not Dimension.TEAM))
        rows: list[Row] = []
        for team, source in self._sources(and_(*_conditions(narrow))):
            found = count(source, inner, keys)
            rows += [_with_team(row, place, team) for row in found] if place >= 0 else found
        return merged(rows)

    def _refuse_many(self, asked: Slice, narrow: Narrowed) -> None:
        """What the roll-ups know to be too many is not looked for."""
        if set(narrow.only) <= {Dimension.TEAM, Dimension.KIND} and not narrow.weekdays:
            counted = self._sums(cubes.CALL, asked, ()) or []
            if sum(held[0] for _, held in counted) > MOST_COUNTED:
                raise OperatorVisibleError("hub.slice_too_wide", most=MOST_COUNTED)

    def _behind_all(self, where: Sequence[ColumnElement[bool]], offset: int, limit: int) -> CallPage:
        def work(connection: Connection) -> CallPage:
            total = connection.execute(select(func.count()).select_from(RECORD).where(*where)).scalar_one()
            page = select(*LINE).where(*where).order_by(RECORD.c.at.desc(), RECORD.c.record_id.desc()).offset(offset).limit(limit)
            return CallPage(total, tuple(CallLine(*row) for row in connection.execute(page)))

        return self._database.run(work, reads=True)

    def _behind_counted(self, asked: Slice, which: Behind, where: ColumnElement[bool], offset: int, limit: int) -> CallPage:
        lines = _newest(asked, which, self._sources(where))
        return CallPage(len(lines), tuple(lines[offset:offset + limit]))

    def _lines_of(self, asked: Slice, which: Behind, calls: Sequence[tuple[str, str, str]]) -> list[CallLine]:
        """Those of given calls (team, day, id) that stand behind the number, as their records tell."""
        return _newest(asked, which, self._portions.sources(calls))

    def _sources(self, where: ColumnElement[bool]) -> Iterator[tuple[str, LeadSource]]:
        """The records in portions, each of one team.

        Raises:
            OperatorVisibleError: there are too many (``hub.slice_too_wide``).
        """
        found = self._database.run(lambda connection: connection.execute(
            select(RECORD.c.team, RECORD.c.day, RECORD.c.record_id).where(where).limit(MOST_COUNTED + 1)).all(), reads=True)
        if len(found) > MOST_COUNTED:
            raise OperatorVisibleError("hub.slice_too_wide", most=MOST_COUNTED)
        return self._portions.sources((row.team, row.day, row.record_id) for row in found)


def _newest(asked: Slice, which: Behind, sources: Iterable[tuple[str, LeadSource]]) -> list[CallLine]:
    inner = replace(asked, only=tuple(pair for pair in asked.only if pair[0] is not Dimension.TEAM))
    lines = [line for _, source in sources for line in source.behind(inner, which, 0, MOST_COUNTED).lines]
    return sorted(lines, key=lambda line: (line.at, line.record_id), reverse=True)


def _conditions(narrow: Narrowed) -> Iterator[ColumnElement[bool]]:
    """Of calls; those of fields and matters as far as a call has any such."""
    yield day_range(RECORD.c.day, narrow)
    for dimension, values in narrow.only.items():
        if dimension in _COLUMNS:
            yield _COLUMNS[dimension].in_(sorted(values))
        elif dimension is Dimension.ITEM:
            yield or_(*map(_like, marks.item_patterns(sorted(values))))
        elif dimension is Dimension.FIELD:
            yield or_(*map(_like, marks.field_patterns(sorted(values))))
        elif dimension in VERSIONS:
            yield or_(*(_like(pattern) if must else ~_like(pattern)
                        for pattern, must in (marks.version_pattern(dimension, value) for value in sorted(values))))


def _like(pattern: str) -> ColumnElement[bool]:
    return RECORD.c.marks.like(pattern, escape=marks.ESCAPE)


def _cells(cube: Cube, held: Sequence[float]) -> dict[str, Any]:
    """Counters by name, without those of a histogram."""
    return {name: amount for name, amount in zip(cube.counters, held, strict=True) if not name[1:].isdecimal()}


def _histogram(held: Sequence[float], edges: Sequence[int]) -> tuple[int, ...]:
    """The counters of a cube's histogram, which stands last."""
    return tuple(int(amount) for amount in held[-len(edges) - 1:])


def _with_team(row: Row, place: int, team: str) -> Row:
    key = row.key  # type: ignore[attr-defined]
    return replace(row, key=(*key[:place], team, *key[place:]))  # type: ignore[type-var]
