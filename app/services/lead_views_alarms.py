"""The page of what got worse: series under watch, their alarms, the calls behind them.

Watched are, in ``GROUPS``: the share of wrong fields of all together, of each field, each version and each district
(``app.domain.lead_alarms``); and whether wrong fields heap up in few calls, over all calls and for each operator and each desk
(``app.domain.lead_heaps``), which shows what hides behind the usual version. Harder items are taken out (``app.domain.lead_mix``). All have
one bound together; a group has a share of it, its series equal parts of that.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.domain import lead_figures as figures
from app.domain.errors import OperatorVisibleError
from app.domain.lead_alarms import QUIET_DAYS, Batch, Usual, Watched, learn_usual, watch
from app.domain.lead_counts import MOST_WRONG, Behind, Dimension, OutcomeCount, Slice, WrongCount
from app.domain.lead_heaps import HEAP, LEAST_UNIT_SIGMA, CallBatch, CallWatch, Shape, learn_shape, spread, unit_shape
from app.domain.lead_mix import mix_offsets
from app.domain.lead_tables import Ask, Chart, ChartKind, Names, PageView, Point, Row, Series, Table, Told, columns
from app.ports.lead import LeadSource
from app.services.lead_views import NAMES_OF, WRONG_FILLED, Options, day_ticks, narrow

WATCHED_DAYS = 28
REFERENCE_DAYS = 28
#: What is watched, and its share of the bound on false alarms.
ALL_FIELDS, ALL_CALLS = "all", "calls"
PARTS = (Dimension.FIELD, Dimension.MODEL, Dimension.VOCABULARY, Dimension.KNOWLEDGE, Dimension.DISTRICT)
UNITS = (Dimension.OPERATOR, Dimension.DESK)
GROUPS: Mapping[str, float] = {ALL_FIELDS: 0.1, ALL_CALLS: 0.3, "parts": 0.3, Dimension.OPERATOR.value: 0.15, Dimension.DESK.value: 0.15}
_CALLS_BEHIND = Behind(wrong_from=HEAP)
_UNITS_SHOWN = 40
#: Of more operators or desks than this, day by day only those are asked for that stand out most in all watched days, or in the last
#: few: a series that is not looked at cannot alarm, and the bound counts all of them.
_MOST_UNITS, _STAND_OUT, _LAST_DAYS = 120, 50, 3
#: Values of one dimension that a question may be narrowed to.
_AT_ONCE = 40
_DRAWN_CALLS = 50


@dataclass(frozen=True, slots=True)
class Alarm:
    """A series under watch and what it shows; ``of_calls``: its shares are of calls with ``HEAP`` or more wrong fields."""

    dimension: str
    value: str
    watched: Watched
    ask: Ask
    of_calls: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """The days that tell what is usual, those that are watched, and what their items make of each day."""

    source: LeadSource
    past: Slice
    recent: Slice
    offsets: Mapping[str, float]

    def batches(self, rows: Sequence[OutcomeCount]) -> list[Batch]:
        """Rows by day."""
        return [Batch(row.key[0], figures.wrong(row), figures.filled(row), self.offsets.get(row.key[0], 0.0))
                for row in sorted(rows, key=lambda row: row.key) if figures.filled(row)]

    def calls(self, rows: Sequence[WrongCount]) -> list[CallBatch]:
        """Rows by day first."""
        days: dict[str, list[int]] = defaultdict(lambda: [0] * (MOST_WRONG + 1))
        for row in rows:
            days[row.key[0]][min(MOST_WRONG, row.wrong_fields)] += row.count
        return [CallBatch(day, tuple(calls), self.offsets.get(day, 0.0)) for day, calls in sorted(days.items())]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A series before it is watched; ``usual`` of fields, or ``unit`` of calls with the shape that all of them share."""

    dimension: str
    value: str
    batches: tuple[Batch, ...] = ()
    usual: Usual | None = None
    calls: tuple[CallBatch, ...] = ()
    unit: Shape | None = None
    shared: CallWatch | None = None

    def watched(self, series: float) -> Watched:
        """What it shows; ``series`` as in ``lead_alarms.watch``."""
        if self.shared is not None and self.unit is not None:
            return self.shared.watch(self.calls, self.unit.centre, self.unit.estimate, series)
        assert self.usual is not None
        return watch(self.batches, self.usual, series)


#: Series, and how many there are with those that were not asked for.
_Group = tuple[list[_Waiting], int]


def watch_all(source: LeadSource, asked: Slice) -> tuple[Alarm, ...]:
    """Every series, alarmed ones first.

    The last ``WATCHED_DAYS`` of the slice are watched, the ``REFERENCE_DAYS`` before tell what is usual. A version, district, operator
    or desk that is new is measured by what was usual of all.
    """
    last = date.fromisoformat(asked.until or source.scope().last_day or "1970-01-01")
    start = last - timedelta(days=WATCHED_DAYS - 1)
    recent = replace(asked, since=str(start), until=str(last))
    past = replace(asked, since=str(start - timedelta(days=REFERENCE_DAYS)), until=str(start - timedelta(days=1)))
    both = replace(asked, since=past.since, until=recent.until)
    by_item = source.outcomes(both, (Dimension.DAY, Dimension.ITEM))
    items = [(row.key[0], row.key[1], figures.wrong(row), figures.filled(row)) for row in by_item]
    frame = _Asked(source, past, recent, mix_offsets((row for row in items if row[0] < recent.since), items))
    fields, parts = list(_all_fields(frame)), list(_parts(frame))
    groups: dict[str, _Group] = {ALL_FIELDS: (fields, len(fields)), "parts": (parts, len(parts)), **_call_groups(frame)}
    whole = sum(GROUPS[name] for name, (held, _) in groups.items() if held)
    made = [_alarm(frame, each, each.watched(whole / GROUPS[name] * count)) for name, (held, count) in groups.items() for each in held]
    return tuple(sorted(made, key=lambda alarm: (not alarm.watched.alarm_day, -alarm.watched.days[-1][1], alarm.dimension, alarm.value)))


def _all_fields(frame: _Asked) -> Iterator[_Waiting]:
    past, recent = (frame.batches(frame.source.outcomes(each, (Dimension.DAY,))) for each in (frame.past, frame.recent))
    usual = learn_usual(past)
    if usual is not None and recent:
        yield _Waiting(ALL_FIELDS, "", tuple(recent), usual)


def _parts(frame: _Asked) -> Iterator[_Waiting]:
    common = learn_usual(frame.batches(frame.source.outcomes(frame.past, (Dimension.DAY,))))
    for by in PARTS:
        before, now = (_grouped(frame.source.outcomes(each, (Dimension.DAY, by))) for each in (frame.past, frame.recent))
        if by is not Dimension.FIELD and len({*before, *now}) < 2:
            continue  # one version of all calls: that is all fields once more
        for value, rows in sorted(now.items()):
            usual = learn_usual(frame.batches(before.get(value, []))) or (common if by is not Dimension.FIELD else None)
            batches = frame.batches(rows)
            if value and usual is not None and batches:
                yield _Waiting(by.value, value, tuple(batches), usual)


def _grouped(rows: Sequence[OutcomeCount]) -> dict[str, list[OutcomeCount]]:
    groups: dict[str, list[OutcomeCount]] = defaultdict(list)
    for row in rows:
        groups[row.key[1]].append(row)
    return groups


def _call_groups(frame: _Asked) -> dict[str, _Group]:
    """All calls, and those of each operator and desk; nothing from a source that cannot tell."""
    try:
        past, recent = (frame.calls(frame.source.wrong_calls(each, (Dimension.DAY,))) for each in (frame.past, frame.recent))
        shape = learn_shape(past)
        if shape is None or not recent:
            return {}
        shared = CallWatch(shape, max(each.total for each in recent))
        of_all = [_Waiting(ALL_CALLS, "", calls=tuple(recent), unit=shape, shared=shared)]
        return {ALL_CALLS: (of_all, 1), **{by.value: _units(frame, by, shape) for by in UNITS}}
    except OperatorVisibleError as error:
        if error.key not in ("lead.too_wide", "hub.slice_too_wide"):
            raise
        return {}


def _units(frame: _Asked, by: Dimension, shape: Shape) -> _Group:
    """Operators or desks. One is none of many: it is all."""
    before, now = (_of_units(frame.source, each, by) for each in (frame.past, frame.recent))
    if len(now) < 2:
        return [], 0
    tau = spread([CallBatch("", calls) for calls in before.values()], shape)
    names = sorted(now) if len(now) <= _MOST_UNITS else _standing_out(frame, by, shape, before, now)
    rows: dict[str, list[WrongCount]] = defaultdict(list)
    for asked in _narrowed(frame.recent, by, names) if len(names) < len(now) else (frame.recent,):
        for row in frame.source.wrong_calls(asked, (Dimension.DAY, by)):
            rows[row.key[1]].append(row)
    batches = {name: frame.calls(rows[name]) for name in names}
    shared = CallWatch(replace(shape, sigma=max(LEAST_UNIT_SIGMA, shape.sigma)),
                       max((each.total for held in batches.values() for each in held), default=1))
    made = []
    for name, held in batches.items():
        reference = [CallBatch("", before[name])] if name in before else []
        made.append(_Waiting(by.value, name, calls=tuple(held), unit=unit_shape(shape, reference, tau), shared=shared))
    return made, len(now)


def _narrowed(asked: Slice, by: Dimension, names: Sequence[str]) -> Iterator[Slice]:
    """Slices that hold these operators or desks, some at a time."""
    for first in range(0, len(names), _AT_ONCE):
        yield replace(asked, only=(*asked.only, *((by, name) for name in names[first:first + _AT_ONCE])))


def _of_units(source: LeadSource, asked: Slice, by: Dimension) -> dict[str, tuple[int, ...]]:
    """Operator or desk to calls by wrong fields; without those that have no name."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * (MOST_WRONG + 1))
    for row in source.wrong_calls(asked, (by,)):
        if row.key[0]:
            sums[row.key[0]][min(MOST_WRONG, row.wrong_fields)] += row.count
    return {name: tuple(calls) for name, calls in sums.items()}


def _standing_out(frame: _Asked, by: Dimension, shape: Shape, before: Mapping[str, tuple[int, ...]], now: Mapping[str, tuple[int, ...]]
                  ) -> list[str]:
    """Those with the greatest rise against their own usual days, over all watched days and over the last few."""
    last = date.fromisoformat(frame.recent.until) - timedelta(days=_LAST_DAYS - 1)
    lately = _of_units(frame.source, replace(frame.recent, since=str(last)), by)
    chosen: set[str] = set()
    for held in (now, lately):
        rises = {name: _rise(shape, before.get(name, ()), calls) for name, calls in held.items()}
        chosen.update(sorted(rises, key=lambda name: (-rises[name], name))[:_STAND_OUT])
    return sorted(chosen)


def _rise(shape: Shape, before: Sequence[int], now: Sequence[int]) -> float:
    """Wrong fields above usual, in standard deviations; little known is drawn towards all."""
    usual = (sum(k * count for k, count in enumerate(before)) + _DRAWN_CALLS * shape.mean) / (sum(before) + _DRAWN_CALLS)
    total = sum(now)
    return (sum(k * count for k, count in enumerate(now)) - total * usual) / math.sqrt(max(1.0, total) * shape.variance)


def _alarm(frame: _Asked, each: _Waiting, result: Watched) -> Alarm:
    narrowed = frame.recent if each.dimension in (ALL_FIELDS, ALL_CALLS) else narrow(frame.recent, Dimension(each.dimension), each.value)
    of_calls = each.shared is not None
    which = _CALLS_BEHIND if of_calls else WRONG_FILLED
    which = replace(which, field=each.value) if each.dimension == Dimension.FIELD.value else which
    return Alarm(each.dimension, each.value, result, Ask(replace(narrowed, since=result.since_day or narrowed.since), which), of_calls)


def alarms(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """What got worse, by a test with a stated rate of false alarms; and everything under watch."""
    found = watch_all(source, asked)
    alarmed = [alarm for alarm in found if alarm.watched.alarm_day]
    told = [_told(alarm) for alarm in alarmed]
    if not alarmed:
        told.append(Told("no_alarm" if found else "no_reference", mark="good" if found else ""))
    told.append(Told("alarm_method", {"series": len(found), "days": QUIET_DAYS}))
    shown = found[:max(1, min(3, len(alarmed)))]
    days = sorted({day for alarm in shown for day, _ in alarm.watched.days})
    places = {day: float(index) for index, day in enumerate(days)}
    series = tuple(Series(alarm.value or alarm.dimension, _line(alarm, places), _names(alarm)) for alarm in shown)
    chart = Chart("alarms", ChartKind.LINE, series, day_ticks(days), lines=((1.0, "alarm_line"),), from_zero=True)
    return PageView((), tuple(told), (chart,) if found else (), tuple(_tables(found)))


def _line(alarm: Alarm, places: Mapping[str, float]) -> tuple[Point, ...]:
    return tuple(Point(places[day], level, level, level) for day, level in alarm.watched.days)


def _told(alarm: Alarm) -> Told:
    seen = alarm.watched
    key = "alarm" if not alarm.of_calls else "alarm_calls" if alarm.dimension == ALL_CALLS else "alarm_unit"
    return Told(key, {"dimension": (Names.DIMENSION, alarm.dimension), "value": (_names(alarm), alarm.value), "day": seen.alarm_day,
                      "since": seen.since_day, "now": f"{100 * (seen.now or 0):.1f}", "usual": f"{100 * seen.usual.estimate:.1f}",
                      "wrong": HEAP}, "bad")


def _tables(found: Sequence[Alarm]) -> Iterator[Table]:
    """Shares of fields; shares of calls, of whose many operators and desks those with most evidence."""
    for name, of_calls, most in (("alarms", False, len(found)), ("alarm_calls", True, _UNITS_SHOWN)):
        rows = [Row((alarm.dimension, alarm.value, alarm.watched.usual.estimate, alarm.watched.now, alarm.watched.since_day,
                     alarm.watched.alarm_day, alarm.watched.days[-1][1]), alarm.ask, "bad" if alarm.watched.alarm_day else "")
                for alarm in found if alarm.of_calls is of_calls]
        alarmed = sum(bool(row.mark) for row in rows)
        if rows or not of_calls:
            yield Table(name, columns("what value usual since_change began alarmed level"), tuple(rows[:max(most, alarmed)]))


def _names(alarm: Alarm) -> Names:
    return Names.DIMENSION if alarm.dimension in (ALL_FIELDS, ALL_CALLS) else NAMES_OF.get(Dimension(alarm.dimension), Names.NONE)
