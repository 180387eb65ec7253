"""Pages of the lead's window out of counts: today and trend, by dimension, calls, cards, questions, floor.

Each function asks the source and gives a whole page; no state, no texts (keys only). On the thread of whoever asks the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.domain import lead_figures as figures
from app.domain.after_appeals import GrantedCount
from app.domain.assist import OpenQuestion
from app.domain.call_record import FieldOutcome
from app.domain.lead_counts import (
    DELAY_EDGES_MS,
    WRAP_UP_EDGES_MS,
    Behind,
    CallCount,
    DeskState,
    Dimension,
    FloorDesk,
    OutcomeCount,
    Slice,
)
from app.domain.lead_figures import share
from app.domain.lead_tables import (
    ALL,
    Ask,
    Chart,
    ChartKind,
    Kind,
    Names,
    PageView,
    Point,
    Row,
    Series,
    Table,
    Tile,
    Told,
    columns,
)
from app.ports.lead import LeadSource

WRONG = (FieldOutcome.EDITED, FieldOutcome.CLEARED)
WRONG_FILLED = Behind(outcomes=WRONG, proposed="filled")
PAGE_OF_CALLS = 200
NAMES_OF = {Dimension.FIELD: Names.FIELD, Dimension.ITEM: Names.ITEM, Dimension.SOUND: Names.SOUND, Dimension.WEEKDAY: Names.WEEKDAY,
            Dimension.KIND: Names.KIND}
_TREND_DAYS = 14


@dataclass(frozen=True, slots=True)
class Options:
    """What is chosen on a page.

    Attributes:
        dimension: told apart by (page "by"), or the part whose versions are compared.
        choice: which catalogue (page "confusions").
        first: version to compare with.
        second: version that is judged.
        which: calls behind a number (page "calls").
        offset: from which call on.
    """

    dimension: Dimension = Dimension.FIELD
    choice: str = "item_code"
    first: str = ""
    second: str = ""
    which: Behind = ALL
    offset: int = 0


def whole(source: LeadSource, asked: Slice) -> OutcomeCount:
    """All fields of a slice as one row."""
    return next(iter(source.outcomes(asked)), OutcomeCount(()))


def all_calls(source: LeadSource, asked: Slice) -> CallCount:
    """All calls of a slice as one row."""
    return next(iter(source.calls(asked)), CallCount(()))


def before(asked: Slice) -> Slice | None:
    """The stretch of time of the same length just before; None where the slice has no two ends."""
    if not asked.since or not asked.until:
        return None
    first, last = date.fromisoformat(asked.since), date.fromisoformat(asked.until)
    return replace(asked, since=str(first - (last - first) - timedelta(days=1)), until=str(first - timedelta(days=1)))


def today(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """Figures of the slice beside those of the stretch before, and how they went day by day."""
    past = before(asked)
    fields, calls = whole(source, asked), all_calls(source, asked)
    old_fields = whole(source, past) if past else OutcomeCount(())
    old_calls = all_calls(source, past) if past else CallCount(())
    cards, old_cards = _cards_used(source, asked), _cards_used(source, past) if past else None
    tiles = (
        Tile("calls", Kind.WHOLE, calls.calls, old_calls.calls or None, ask=Ask(asked)),
        Tile("precision", Kind.SHARE, figures.precision(fields), figures.precision(old_fields), 1, Ask(asked, WRONG_FILLED)),
        Tile("coverage", Kind.SHARE, figures.coverage(fields), figures.coverage(old_fields), 1),
        Tile("edit_rate", Kind.SHARE, figures.edit_rate(fields), figures.edit_rate(old_fields), -1,
             Ask(asked, Behind(outcomes=(FieldOutcome.EDITED,)))),
        Tile("wrap_up", Kind.SECONDS, figures.mean_wrap_up_s(calls), figures.mean_wrap_up_s(old_calls), -1),
        Tile("cards_used", Kind.SHARE, cards, old_cards, 1),
        Tile("unanswered", Kind.WHOLE, calls.unanswered, old_calls.unanswered if old_calls.calls else None, -1,
             Ask(asked, Behind(unanswered=True))),
        Tile("quality", Kind.NUMBER, _score(calls), _score(old_calls), 1),
    )
    wide = _at_least(asked, _TREND_DAYS)
    by_day = sorted(source.outcomes(wide, (Dimension.DAY,)), key=lambda row: row.key)
    days = [row.key[0] for row in by_day]
    charts = tuple(
        Chart(name, ChartKind.LINE, (Series(name, tuple(_point(index, measure(row)) for index, row in enumerate(by_day)
                                                        if measure(row).total)),), day_ticks(days))
        for name, measure in (("precision", figures.precision), ("coverage", figures.coverage), ("edit_rate", figures.edit_rate)))
    return PageView(tiles, (), charts, (_day_table(source, wide, by_day),))


def _at_least(asked: Slice, days: int) -> Slice:
    """A slice of a day says nothing about a trend: the days before come along."""
    if not asked.since or not asked.until:
        return asked
    last = date.fromisoformat(asked.until)
    return replace(asked, since=min(asked.since, str(last - timedelta(days=days - 1))))


def _cards_used(source: LeadSource, asked: Slice) -> figures.Share:
    rows = source.cards(asked)
    return share(sum(max(row.used, row.spoken) for row in rows), sum(row.shown for row in rows))


def _day_table(source: LeadSource, asked: Slice, fields: Sequence[OutcomeCount]) -> Table:
    calls = {row.key: row for row in source.calls(asked, (Dimension.DAY,))}
    heads = columns(f"day calls {SHARES} wrap_up unanswered")
    rows = []
    for row in reversed(fields):
        call, day = calls.get(row.key, CallCount(row.key)), replace(asked, since=row.key[0], until=row.key[0])
        rows.append(Row((row.key[0], call.calls, *shares(row), figures.mean_wrap_up_s(call), call.unanswered), Ask(day)))
    return Table("days", heads, tuple(rows))


SHARES = "precision coverage edit_rate typed"


def shares(row: OutcomeCount) -> tuple[figures.Share, ...]:
    """The cells of ``SHARES``."""
    return figures.precision(row), figures.coverage(row), figures.edit_rate(row), figures.typed_rate(row)


def _point(x: float, each: figures.Share) -> Point:
    return Point(x, each.value or 0.0, each.low, each.high)


def day_ticks(days: Sequence[str], most: int = 5) -> tuple[tuple[float, str], ...]:
    """A few days as month-day."""
    step = max(1, -(-len(days) // most))
    return tuple((float(index), day[5:]) for index, day in enumerate(days) if (len(days) - 1 - index) % step == 0)


def by_dimension(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """Every value of a dimension with its shares, those with most wrong fields first; below, items where help harms."""
    by = options.dimension
    fields = sorted(source.outcomes(asked, (by,)), key=lambda row: (-figures.wrong(row), row.key))
    calls = {row.key: row for row in source.calls(asked, (by,))} if by is not Dimension.FIELD else {}
    heads = columns(f"by_{by.value} calls filled {SHARES} distance" + (" wrap_up keys" if calls else ""))
    rows = []
    for row in fields:
        call = calls.get(row.key, CallCount(row.key))
        effort = (figures.mean_wrap_up_s(call), figures.per_call(call.keys, call)) if calls else ()
        narrowed = narrow(asked, by, row.key[0])
        which = replace(WRONG_FILLED, field=row.key[0]) if by is Dimension.FIELD else WRONG_FILLED
        counted = call.calls if calls else row.calls
        cells = (row.key[0], counted, figures.filled(row), *shares(row), figures.mean_distance(row), *effort)
        rows.append(Row(cells, Ask(narrowed, which)))
    tables: tuple[Table, ...] = (Table("by", heads, tuple(rows)),)
    if by in (Dimension.FIELD, Dimension.ITEM):
        tables = (*tables, harm_table(source, asked))
    return PageView(tables=tables, choices={"dimension": tuple(each.value for each in BY)})


BY = (Dimension.FIELD, Dimension.ITEM, Dimension.OPERATOR, Dimension.TEAM, Dimension.DISTRICT, Dimension.MODEL, Dimension.VOCABULARY,
      Dimension.KNOWLEDGE, Dimension.PROGRAM, Dimension.SOUND, Dimension.HOUR, Dimension.WEEKDAY, Dimension.DESK)


def narrow(asked: Slice, by: Dimension, value: str) -> Slice:
    """The slice with this value of the dimension only."""
    if by is Dimension.DAY:
        return replace(asked, since=value, until=value)
    return replace(asked, only=(*(pair for pair in asked.only if pair[0] is not by), (by, value)))


def harm_table(source: LeadSource, asked: Slice) -> Table:
    """Items and fields in which more than break-even is wrong."""
    found = figures.harmful(source.outcomes(asked, (Dimension.ITEM, Dimension.FIELD)))
    rows = []
    for harm in found:
        ask = Ask(narrow(asked, Dimension.ITEM, harm.key[0]), replace(WRONG_FILLED, field=harm.key[1]))
        verdict = "proven" if harm.proven else "unproven"
        rows.append(Row((*harm.key, int(harm.wrong.total), harm.wrong, verdict), ask, "bad" if harm.proven else ""))
    return Table("harm", columns("by_item by_field filled wrong proven"), tuple(rows))


def calls_behind(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """The calls of a slice, or those behind a number."""
    page = source.behind(asked, options.which, options.offset, PAGE_OF_CALLS)
    heads = columns("at by_operator by_district by_item duration taken wrong_fields typed_fields by_sound score")
    rows = tuple(Row((line.at[:16].replace("T", " "), line.operator, line.district, line.item, line.duration_ms / 1000, line.taken,
                      line.wrong, line.typed, line.sound, line.score if line.score >= 0 else None),
                     mark="bad" if line.wrong else "", record_id=line.record_id) for line in page.lines)
    return PageView(tables=(Table("calls", heads, rows, page.total, options.offset, page.is_at_least),))


def cards(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """Every entry with what operators did with its cards, by worth."""
    found = sorted(source.cards(asked), key=lambda row: (-figures.card_worth(row) * row.shown, row.entry_id))
    rows = []
    for row in found:
        taken = (share(count, row.shown) for count in (row.opened, row.used, row.spoken, row.dismissed))
        delays_ms = (figures.percentile(row.delays, DELAY_EDGES_MS, wanted) for wanted in (0.5, 0.95))
        rows.append(Row((row.entry_id, row.shown, *taken, row.wrong, *delays_ms), Ask(asked, Behind(entry_id=row.entry_id)),
                        "bad" if row.wrong else ""))
    heads = columns("entry shown opened used spoken dismissed marked_wrong delay_p50 delay_p95")
    delays = [sum(each) for each in zip(*(row.delays for row in found), strict=True)] if found else []
    total = sum(delays)
    tiles = (
        Tile("cards_shown", Kind.WHOLE, sum(row.shown for row in found)),
        Tile("cards_used", Kind.SHARE, _cards_used(source, asked), good=1),
        Tile("delay_p50", Kind.MILLISECONDS, figures.percentile(delays, DELAY_EDGES_MS, 0.5), good=-1),
        Tile("delay_p95", Kind.MILLISECONDS, figures.percentile(delays, DELAY_EDGES_MS, 0.95), good=-1),
        Tile("within_500", Kind.SHARE, share(sum(delays[:DELAY_EDGES_MS.index(500) + 1]), total), good=1),
    )
    return PageView(tiles, tables=(Table("cards", heads, tuple(rows)),))


def questions(source: LeadSource, asked: Slice, options: Options, own: Iterable[OpenQuestion] = ()) -> PageView:
    """Where no card answered: how many by item; and their words, of this desk's own calls only (words do not leave a desk)."""
    found = sorted(source.calls(asked, (Dimension.ITEM,)), key=lambda row: (-row.unanswered, row.key))
    rows = tuple(Row((row.key[0], row.calls, row.unanswered, share(row.calls_unanswered, row.calls)),
                     Ask(narrow(asked, Dimension.ITEM, row.key[0]), Behind(unanswered=True))) for row in found if row.unanswered)
    words = tuple(Row((each.at[:16].replace("T", " "), each.text)) for each in own
                  if asked.since <= each.at[:10] <= (asked.until or "9999"))
    tables = (Table("words", columns("at question"), words),) if words else ()
    return PageView(tables=(*tables, Table("unanswered", columns("by_item calls unanswered calls_unanswered"), rows)))


def quality(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """Breaches of the quality rules, scores by operator, and what was technically worse than it should be."""
    calls, granted = all_calls(source, asked), source.granted(asked)
    findings, people = _breaches(source, asked, calls.checked, granted), _scores(source, asked, is_appealed=bool(granted))
    worse = sorted(source.degradations(asked), key=lambda row: (-row.calls, row.code))
    faults = tuple(Row((row.code, row.calls, share(row.calls, calls.calls)), Ask(asked, Behind(degradation=row.code))) for row in worse)
    after = (Tile("quality_after", Kind.NUMBER, _score(calls, sum(row.score for row in granted))),) if granted else ()
    tiles = (Tile("checked", Kind.WHOLE, calls.checked), Tile("quality", Kind.NUMBER, _score(calls)), *after,
             Tile("degraded", Kind.SHARE, share(calls.degraded, calls.calls), good=-1))
    told = (Told("after_appeals", {"calls": sum(row.calls for row in granted if not row.code)}),) if granted else ()
    return PageView(tiles, told, tables=(findings, people, Table("degradations", columns("degradation calls breached"), faults)))


def _breaches(source: LeadSource, asked: Slice, checked: int, granted: Sequence[GrantedCount]) -> Table:
    """Rules breached, as found; beside it, where appeals were granted, what was taken back and what is left."""
    back = {row.code: row.calls for row in granted}
    rows = []
    for row in sorted(source.findings(asked), key=lambda row: (-row.calls, row.code)):
        cells = (row.code, row.calls, share(row.calls, checked), row.points)
        left = row.calls - back.get(row.code, 0)
        rows.append(Row((*cells, back.get(row.code, 0), share(left, checked)) if granted else cells, Ask(asked, Behind(finding=row.code))))
    heads = "finding calls breached points" + (" taken_back breached_after" if granted else "")
    return Table("findings", columns(heads), tuple(rows))


def _scores(source: LeadSource, asked: Slice, *, is_appealed: bool) -> Table:
    """Mean scores by operator, lowest first, as found; beside it, where appeals were granted, after them."""
    by = (Dimension.OPERATOR,)
    raised = {row.key: row.score for row in source.granted(asked, by) if not row.code} if is_appealed else {}
    rows = []
    for row in sorted(source.calls(asked, by), key=lambda row: (_score(row) or 100.0, row.key)):
        after = (_score(row, raised.get(row.key, 0.0)),) if is_appealed else ()
        rows.append(Row((row.key[0], row.calls, _score(row), *after), Ask(narrow(asked, Dimension.OPERATOR, row.key[0]))))
    return Table("scores", columns("by_operator calls score" + (" score_after" if is_appealed else "")), tuple(rows))


def _score(row: CallCount, raised: float = 0.0) -> float | None:
    return (row.score + raised) / row.checked if row.checked else None


def floor(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """All desks now: those that need a look first, then running calls, those not heard from last."""
    found = sorted(source.floor(), key=lambda desk: (not desk.alerts, _FLOOR_ORDER.index(desk.state)))
    if not found:
        return PageView(told=(Told("floor_alone"),))
    rows = tuple(Row((desk.operator, " ".join(desk.alerts), desk.state.value, _since(desk), desk.team, desk.desk),
                     mark="bad" if desk.alerts else "") for desk in found)
    heard = sum(desk.state is not DeskState.SILENT for desk in found)
    tiles = (Tile("desks", Kind.WHOLE, heard), Tile("desks_alerts", Kind.WHOLE, sum(bool(desk.alerts) for desk in found), good=-1))
    return PageView(tiles, tables=(Table("floor", columns("by_operator alerts state since by_team by_desk"), rows),))


def only_at_a_hub(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """What is followed to its end lives at the hub; shown where there is none."""
    return PageView(told=(Told("only_at_a_hub"),))


_FLOOR_ORDER = (DeskState.ON_HOLD, DeskState.TALKING, DeskState.RINGING, DeskState.WRAP_UP, DeskState.PAUSED, DeskState.IDLE,
                DeskState.SILENT)


def _since(desk: FloorDesk) -> str:
    """From when on a desk is as it is, with the day where that is not the day of its last word; a silent one since its last word."""
    since = desk.seen_at if desk.state is DeskState.SILENT else desk.since
    if desk.state is DeskState.SILENT or since[:10] != desk.seen_at[:10]:
        return since[:16].replace("T", " ")
    return since[11:16]


def wrap_up_percentile(row: CallCount, wanted: float) -> int | None:
    """Milliseconds of wrap-up that so many calls stay within."""
    return figures.percentile(row.wrap_up, WRAP_UP_EDGES_MS, wanted)
