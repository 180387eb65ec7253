"""The page of alarms: a model that is worse on some calls behind the usual version, one desk of many, harder items that are no fall.

Centres are drawn as counts; that the counts are those of records, and open their calls, is shown in ``test_lead_pages``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from app.domain.lead_counts import Dimension, Slice, WrongCount
from app.ports.lead import LeadSource
from app.services.lead_views import Options
from app.services.lead_views_alarms import Alarm, alarms, watch_all
from tests.bench.lead_centre import LAST, PLANTED, Centre, CentreOrder

ASKED = Slice(until=str(LAST))
FALL = LAST - timedelta(days=PLANTED - 1)
MIDDLE = CentreOrder(operators=48)


def alarmed(centre: Centre) -> list[Alarm]:
    return [alarm for alarm in watch_all(cast("LeadSource", centre), ASKED) if alarm.watched.alarm_day]


def test_a_model_that_is_worse_on_one_call_in_twenty_is_told_by_how_its_errors_lie() -> None:
    centre = Centre(replace(MIDDLE, worse_calls=0.05, seed=2))
    found = {alarm.dimension: alarm for alarm in alarmed(centre)}
    assert str(FALL) <= found["calls"].watched.alarm_day <= str(FALL + timedelta(days=7))
    assert found["calls"].watched.alarm_day <= min(alarm.watched.alarm_day for alarm in found.values())
    assert (found["calls"].ask.which.wrong_from, found["calls"].ask.asked.since) == (2, found["calls"].watched.since_day)
    said = next(each for each in alarms(cast("LeadSource", centre), ASKED, Options()).told if each.key == "alarm_calls")
    assert float(str(said.params["now"])) > float(str(said.params["usual"]))


class _Counting(Centre):
    """Tells for how many operators and desks it was asked day by day."""

    asked_for = 0

    def wrong_calls(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[WrongCount, ...]:
        rows = super().wrong_calls(asked, by)
        if len(by) == 2:
            self.asked_for = max(self.asked_for, len({row.key[1] for row in rows}))
        return rows


def test_desks_of_many_are_found_though_only_those_that_stand_out_are_asked_for() -> None:
    centre = _Counting(CentreOrder(operators=130, calls_a_day=20, worse_calls=0.01, at_desks=True, seed=3))
    found = {(alarm.dimension, alarm.value) for alarm in alarmed(centre) if alarm.dimension in ("operator", "desk")}
    assert found == {("operator", "0000"), ("desk", "desk0000")}
    assert 0 < centre.asked_for <= 40


@pytest.mark.parametrize("order", [CentreOrder(seed=4, season=3.0, item_noise=0.6), CentreOrder(seed=5, day_noise=0.15)],
                         ids=["harder items", "days differ"])
def test_noise_is_no_fall(order: CentreOrder) -> None:
    assert alarmed(Centre(order)) == []


def test_a_hub_of_a_version_before_tells_what_it_can() -> None:
    class Before(Centre):
        def wrong_calls(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[WrongCount, ...]:
            return ()

    found = watch_all(cast("LeadSource", Before(CentreOrder())), ASKED)
    assert {"all", "field", "district"} == {alarm.dimension for alarm in found}
