"""The page of what got worse: series under watch, their alarms, the calls behind them.

Watched are, in ``GROUPS``: the share of wrong fields of all together, of each field, each version and each district
(``app.domain.lead_alarms``); and whether wrong fields heap up in few calls, over all calls and for each operator and each desk
(``app.domain.lead_heaps``), which shows what hides behind the usual version. Harder items are taken out (``app.domain.lead_mix``). All have
one bound together; a group has a share of it, its series equal parts of that.
"""

from __future__ import annotations

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
    groups = {ALL_FIELDS: list(_all_fields(frame)), "parts": list(_parts(frame)), **_call_groups(frame)}
    whole = sum(GROUPS[name] for name, held in groups.items() if held)
    made = [_alarm(frame, each, each.watched(whole / GROUPS[name] * len(held))) for name, held in groups.items() for each in held]
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


def _call_groups(frame: _Asked) -> dict[str, list[_Waiting]]:
    """All calls, and those of each operator and desk; nothing from a source that cannot tell."""
    try:
        past, recent = (frame.calls(frame.source.wrong_calls(each, (Dimension.DAY,))) for each in (frame.past, frame.recent))
        shape = learn_shape(past)
        if shape is None or not recent:
            return {}
        shared = CallWatch(shape, max(each.total for each in recent))
        groups = {ALL_CALLS: [_Waiting(ALL_CALLS, "", calls=tuple(recent), unit=shape, shared=shared)]}
        return groups | {by.value: list(_units(frame, by, shape)) for by in UNITS}
    except OperatorVisibleError as error:
        if error.key not in ("lead.too_wide", "hub.slice_too_wide"):
            raise
        return {}


def _units(frame: _Asked, by: Dimension, shape: Shape) -> Iterator[_Waiting]:
    """One is none of many: it is all."""
    before: dict[str, list[int]] = defaultdict(lambda: [0] * (MOST_WRONG + 1))
    for row in frame.source.wrong_calls(frame.past, (by,)):
        before[row.key[0]][min(MOST_WRONG, row.wrong_fields)] += row.count
    now: dict[str, list[WrongCount]] = defaultdict(list)
    for row in frame.source.wrong_calls(frame.recent, (Dimension.DAY, by)):
        now[row.key[1]].append(row)
    if len(now) < 2:
        return
    tau = spread([CallBatch("", tuple(calls)) for calls in before.values()], shape)
    batches = {value: frame.calls(rows) for value, rows in now.items() if value}
    sigma = max(LEAST_UNIT_SIGMA, shape.sigma)
    shared = CallWatch(replace(shape, sigma=sigma), max((each.total for held in batches.values() for each in held), default=1))
    for value, held in sorted(batches.items()):
        reference = [CallBatch("", tuple(before[value]))] if value in before else []
        yield _Waiting(by.value, value, calls=tuple(held), unit=unit_shape(shape, reference, tau), shared=shared)


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
