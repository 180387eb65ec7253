"""The page of voice indicators: how calls are distributed, in all and by team, operator or day. Figures to look at, never verdicts.

Apart from the page of the quality check on purpose: nothing here is good or bad, so nothing is coloured, rows stand by name and not by
figure, and none of it goes into a score or an alarm. On the thread of whoever asks the source.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.lead_counts import Slice
from app.domain.lead_tables import Ask, Chart, ChartKind, Names, PageView, Point, Row, Series, Table, Told, columns
from app.domain.lead_voice import SCALES, UNITS, VOICE_BY, Indicator, VoiceCount, percentile
from app.ports.lead import LeadSource
from app.services.lead_views import Options, narrow

_MIDDLE = 0.5
_SHOWN = (0.1, _MIDDLE, 0.9)
_TICKS = 5
#: A tenth of fewer calls is not one call: the ends of their distribution are not told.
_FEWEST = 10


def voices(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """Distributions of all indicators over the slice; of the chosen one by the chosen dimension, in the order of names."""
    by = options.dimension if options.dimension in VOICE_BY else VOICE_BY[1]
    chosen = Indicator(options.choice) if options.choice in list(Indicator) else Indicator.RATE
    choices = {"dimension": tuple(each.value for each in VOICE_BY), "choice": tuple(each.value for each in Indicator)}
    whole = {row.code: row for row in source.voices(asked)}
    if not whole:
        return PageView(told=(Told("voice_note"), Told("voice_none")), choices=choices)
    charts = tuple(_chart(whole[each.value]) for each in Indicator if each.value in whole and any(whole[each.value].bins))
    rows = sorted((row for row in source.voices(asked, (by,)) if row.code == chosen.value), key=lambda row: row.key)
    told = (Told("voice_note"), Told("voice_of", {"what": (Names.CHOICE, chosen.value)}))
    table = Table("voice", columns(f"by_{by.value} calls voice_low voice_middle voice_high"),
                  tuple(Row((row.key[0], row.calls, *_percentiles(row)), Ask(narrow(asked, by, row.key[0]))) for row in rows))
    return PageView(told=told, charts=charts, tables=(table,), choices=choices)


def _percentiles(row: VoiceCount) -> Sequence[float | None]:
    found = [percentile(row, wanted) if row.calls >= _FEWEST or wanted == _MIDDLE else None for wanted in _SHOWN]
    return [None if value is None else round(value, 1) for value in found]


def _chart(row: VoiceCount) -> Chart:
    """Calls by bin, without the empty bins at both ends; an edge stands between two bars."""
    indicator = Indicator(row.code)
    filled = [index for index, count in enumerate(row.bins) if count]
    first, last = filled[0], filled[-1]
    points = tuple(Point(index, row.bins[index], row.bins[index], row.bins[index]) for index in range(first, last + 1))
    step = -(-(last + 2 - first) // _TICKS)
    edges = SCALES[indicator]
    unit = UNITS.get(indicator, 1.0)
    ticks = tuple((index - 0.5, f"{edges[index] * unit:g}".replace("-", "−")) for index in range(first, last + 2, step))
    return Chart(f"voice_{indicator.value}", ChartKind.BARS, (Series("", points),), ticks, percent=False, from_zero=True)
