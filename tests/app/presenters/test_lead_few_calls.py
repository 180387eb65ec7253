"""Slices of which little can be said: no call, one, calls without fields, days without calls. No page breaks, none is sure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.call_record import CallRecord
from app.domain.lead_counts import Slice
from app.domain.lead_figures import Share
from app.domain.lead_tables import Change, PageView
from app.presenters.lead import MAKERS, Page
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_records
from app.services.lead_views import Options

LAST = date(2026, 11, 20)
MANY = list(sample_records(SampleOrder(LAST, days=60, operators=3, calls_a_day=3)))
ONE = next(record for record in reversed(MANY) if record.at.startswith("2026-11-19") and record.fields)
BARE = replace(ONE, fields=(), choices=(), cards=(), sound=(), quality=(), quality_score=-1.0, unanswered=0, versions={})
GAPS = [record for record in MANY if int(record.at[8:10]) % 3 == 0]
LATE = [record for record in MANY if record.at[:10] > str(LAST - timedelta(days=10))]
HELD: dict[str, Sequence[CallRecord]] = {
    "none": (), "one": (ONE,), "one, bare": (BARE,), "one of each": (ONE, replace(BARE, record_id="0" * 32)),
    "days without calls": GAPS, "no past": LATE}
ASKED = {"month": Slice("2026-10-24", "2026-11-20"), "day": Slice("2026-11-19", "2026-11-19"), "open": Slice(),
         "no day": Slice("2030-01-01", "2030-01-02")}


def numbers(view: PageView) -> list[object]:
    """Every figure of a page."""
    found: list[object] = [each for tile in view.tiles for each in (tile.value, tile.before)]
    found += [cell for table in view.tables for row in table.rows for cell in row.cells]
    return found + [value for chart in view.charts for series in chart.series for point in series.points
                    for value in (point.x, point.y, point.low, point.high)]


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("held", HELD)
def test_no_page_breaks_and_every_figure_is_one(held: str, asked: str) -> None:
    source = RecordedCalls(HELD[held])
    for page, make in MAKERS.items():
        for figure in numbers(make(source, ASKED[asked], Options())):
            ends = (figure.low, figure.high) if isinstance(figure, Share | Change) else (figure,) if isinstance(figure, float) else ()
            assert all(math.isfinite(end) for end in ends), (page, figure)
            if isinstance(figure, Share):
                assert 0 <= figure.hits <= figure.total or figure.total == 0
                assert figure.total >= 4 or figure.high - figure.low > 0.4, (page, figure)  # one of one is not sure


def test_one_call_is_no_alarm_no_verdict_no_calibration() -> None:
    source = RecordedCalls((ONE,))
    view = MAKERS[Page.ALARMS](source, ASKED["month"], Options())
    assert view.told[0].key == "no_reference"
    assert [each.key for each in MAKERS[Page.COMPARE](source, ASKED["month"], Options()).told] == ["one_version"]
    calibration = MAKERS[Page.CALIBRATION](source, ASKED["month"], Options())
    assert calibration.tiles[0].value is None
    assert all(row.cells[4:] == (None, None) for row in calibration.tables[0].rows)
    assert all(row.cells[-1] != "proven" for row in MAKERS[Page.BY](source, ASKED["month"], Options()).tables[1].rows)


def test_days_without_calls_are_passed_over() -> None:
    source = RecordedCalls(GAPS)
    view = MAKERS[Page.TODAY](source, ASKED["month"], Options())
    days = {record.at[:10] for record in GAPS if record.at[:10] >= "2026-10-24"}
    assert {row.cells[0] for row in view.tables[0].rows} == days
    watched = MAKERS[Page.ALARMS](source, ASKED["month"], Options())
    assert all(not row.mark for table in watched.tables for row in table.rows)
