"""Pages of the lead's window on what the help can be trusted with: calibration, confusions, hot spots.

As ``lead_views``: the source is asked, a whole page is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from app.domain import lead_figures as figures
from app.domain.lead_counts import ITEM_CHOICE, Behind, BinCount, Dimension, Slice
from app.domain.lead_figures import share
from app.domain.lead_surges import Surge, surges
from app.domain.lead_tables import (
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
from app.services.lead_views import Options, narrow

SURGE_WEEKS = 8
CHOICES = ("item_code", "lead_unit", "request_type")
_SPOTS_SHOWN = 40
#: From so many proposals on a calibration error and a threshold are told: one that was right is no proof of anything.
FEWEST_PROPOSALS = 20
_MARKED = (90, 80, 70, 60)


def calibration(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """Is what is said to be 0.9 sure right nine times in ten; what would stand filled at which threshold."""
    bins = source.bins(asked)
    points = tuple(Point(each.confidence, each.right.value or 0.0, each.right.low, each.right.high) for each in figures.calibration(bins))
    found = figures.coverage_precision(bins)
    curve = tuple(Point(each.coverage, each.precision.value or 0.0, each.precision.low, each.precision.high) for each in found)
    marks = tuple((each.coverage, each.precision.value or 0.0, f"≥ {each.confidence:.0%}") for each in found
                  if round(100 * each.confidence) in _MARKED)
    heads = columns("by_field proposals right mean_confidence calibration_error least_at_95")
    rows = []
    by_field = defaultdict(list)
    for each in source.bins(asked, (Dimension.FIELD,)):
        by_field[each.key[0]].append(each)
    for name, held in sorted(by_field.items()):
        proposed = sum(each.proposed for each in held)
        right = share(sum(each.right for each in held), proposed)
        confidence = sum(each.confidence for each in held) / proposed
        rows.append(Row((name, proposed, right, confidence, _error(held), _threshold(held)),
                        Ask(asked, Behind(field=name))))
    charts = (
        Chart("calibration", ChartKind.DOTS, (Series("", points),), x_title="mean_confidence", y_title="right", x_percent=True),
        Chart("curve", ChartKind.STEPS, (Series("", curve, marks=marks),), x_title="would_fill", y_title="right", x_percent=True),
    )
    tiles = (Tile("calibration_error", Kind.PERCENT, _error(bins), good=-1),
             Tile("proposals", Kind.WHOLE, sum(each.proposed for each in bins)))
    return PageView(tiles, (), charts, (Table("calibration", heads, tuple(sorted(rows, key=lambda row: -_plain(row.cells[4])))),))


def _plain(cell: object) -> float:
    return cell if isinstance(cell, float) else 0.0


def _error(bins: Sequence[BinCount]) -> float | None:
    """Calibration error; None of so few proposals that chance alone makes one."""
    return figures.calibration_error(bins) if sum(each.proposed for each in bins) >= FEWEST_PROPOSALS else None


def _threshold(bins: Sequence[BinCount]) -> float | None:
    """Least confidence from which on 95 % are right, of proposals enough to say so."""
    good = [each.confidence for each in figures.coverage_precision(bins)
            if (each.precision.value or 0) >= 0.95 and each.precision.total >= FEWEST_PROPOSALS]
    return min(good) if good else None


def confusions(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """What was offered first and what was submitted instead; at which place the right one stood."""
    choice = options.choice
    heads = columns("offered submitted times")
    if choice == ITEM_CHOICE:
        heads = (replace(heads[0], names=Names.ITEM), replace(heads[1], names=Names.ITEM), heads[2])
    rows = tuple(Row((each.proposed, each.submitted, each.count),
                     Ask(asked, Behind(choice=choice, offered_first=each.proposed, submitted=each.submitted)))
                 for each in source.confusions(asked, choice))
    ranks = source.ranks(asked, choice)
    offered = sum(each.count for each in ranks if each.rank >= 0)
    within = {top: share(sum(each.count for each in ranks if 1 <= each.rank <= top), offered) for top in (1, 3, 5)}
    tiles = (Tile("offered_calls", Kind.WHOLE, offered),
             *(Tile(f"within_{top}", Kind.SHARE, each, good=1) for top, each in within.items()))
    return PageView(tiles, tables=(Table("confusions", heads, rows),), choices={"choice": CHOICES})


def find_surges(source: LeadSource, asked: Slice, hour: int = 24) -> tuple[Surge, ...]:
    """Items by district and street on the last day of the slice, against the same weekday's same hours of the weeks before."""
    last = date.fromisoformat(asked.until or source.scope().last_day or "1970-01-01")
    by = (Dimension.ITEM, Dimension.DISTRICT, Dimension.STREET)

    def counted(day: date) -> dict[tuple[str, ...], int]:
        one = replace(asked, since=str(day), until=str(day), hours=(0, hour))
        return {row.key: row.count for row in source.matters(one, by)}

    first = source.scope().first_day
    weeks = [last - timedelta(weeks=back) for back in range(1, SURGE_WEEKS + 1)]
    return surges(counted(last), [counted(day) for day in weeks if first and str(day) >= first])


def hot_spots(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """What rises now, what comes most, where and at what hour."""
    last = asked.until or source.scope().last_day
    hours = [int(row.key[0]) for row in source.calls(replace(asked, since=last, until=last), (Dimension.HOUR,)) if row.key[0]]
    rising = find_surges(source, asked, max(hours, default=23) + 1)
    day = replace(asked, since=last, until=last)
    rows = tuple(Row((*each.key, each.count, each.expected, "surge"),
                     Ask(_place(day, each.key)), "bad") for each in rising if each.told)
    top = sorted(source.matters(asked, (Dimension.ITEM, Dimension.DISTRICT)), key=lambda row: (-row.count, row.key))[:_SPOTS_SHOWN]
    most = Table("most", columns("by_item by_district times"),
                 tuple(Row((*row.key, row.count), Ask(_place(asked, row.key))) for row in top))
    by_hour = {int(row.key[0]): row.count for row in source.matters(asked, (Dimension.HOUR,)) if row.key[0]}
    bars = Series("", tuple(Point(float(each), float(by_hour.get(each, 0)), 0, 0) for each in range(24)))
    ticks = tuple((float(each), f"{each:02}") for each in range(0, 24, 3))
    chart = Chart("hours", ChartKind.BARS, (bars,), ticks, "by_hour", "matters", percent=False, from_zero=True)
    told = (Told("surges" if rows else "no_surge", {"count": len(rows), "day": last}, "bad" if rows else "good"),
            Told("surge_method", {"tested": len(rising)}))
    return PageView((), told, (chart,), (Table("surges", columns("by_item by_district by_street times expected verdict"), rows), most))


def _place(asked: Slice, key: tuple[str, ...]) -> Slice:
    for by, value in zip((Dimension.ITEM, Dimension.DISTRICT, Dimension.STREET), key, strict=False):
        asked = narrow(asked, by, value)
    return asked


