"""Two versions in the lead's window: items that differ between them decide nothing, a worse version does."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from app.domain.call_record import CallRecord, ChoiceRecord, FieldOutcome, FieldRecord
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import Dimension, OutcomeCount, Slice
from app.domain.lead_tables import Names, PageView
from app.services import lead_views_compare
from app.services.lead_reports import RecordedCalls
from app.services.lead_views import Options

_WRONG = {"easy": 0.02, "middle": 0.08, "hard": 0.25}
_SINCE_NEW = 11
ASKED = Slice("2026-11-01", "2026-11-20")


def calls(mixes: tuple[tuple[int, ...], tuple[int, ...]], times: float, seed: int = 1, by_time: bool = True, operators: int = 12,
          per_day: int = 8) -> list[CallRecord]:
    """Version 1 and 2, each with its mix of items; in the second a field is ``times`` as often wrong. By time, or half of the people."""
    random, made = Random(seed), []
    for day in range(1, 21):
        for operator in range(operators):
            is_new = day >= _SINCE_NEW if by_time else operator % 2 == 1
            for number in range(per_day):
                item = random.choices(list(_WRONG), mixes[is_new])[0]
                share = _WRONG[item] * (0.7 + 0.6 * operator / operators) * (times if is_new else 1.0)
                outcomes = [FieldOutcome.EDITED if random.random() < share else FieldOutcome.TAKEN for _ in range(5)]
                fields = tuple(FieldRecord(f"field{place}", outcome, "filled", 0.9) for place, outcome in enumerate(outcomes))
                made.append(CallRecord(
                    f"{day:08}{operator:08}{number:016}", f"2026-11-{day:02}T10:00:00+08:00", f"desk{operator}", f"{8000 + operator}",
                    versions={"model": "2" if is_new else "1"}, fields=fields, choices=(ChoiceRecord("item_code", item),)))
    return made


HARD_THEN_EASY = ((1, 2, 4), (4, 2, 1))


def page(records: list[CallRecord]) -> PageView:
    return lead_views_compare.compare_versions(RecordedCalls(records), ASKED, Options(Dimension.MODEL))


def verdict(view: PageView) -> str:
    return str(view.tables[0].rows[0].cells[4])


def told(view: PageView) -> set[str]:
    return {each.key for each in view.told}


@pytest.mark.parametrize("by_time", [True, False])
def test_equal_versions_are_not_told_apart_by_easier_items(by_time: bool) -> None:
    view = page(calls(HARD_THEN_EASY, 1.0, by_time=by_time))
    first, second = view.tables[0].rows[0].cells[1:3]
    assert isinstance(first, float)
    assert isinstance(second, float)
    assert second - first > 0.05  # what a plain comparison would have called better
    assert verdict(view) in ("same", "unsure")
    assert "mix_made" in told(view)
    assert ("within_person" if by_time else "within_item") in told(view)


@pytest.mark.parametrize("by_time", [True, False])
def test_a_worse_version_cannot_hide_behind_easier_items(by_time: bool) -> None:
    view = page(calls(HARD_THEN_EASY, 1.6, by_time=by_time, per_day=14))
    first, second = view.tables[0].rows[0].cells[1:3]
    assert isinstance(first, float)
    assert isinstance(second, float)
    assert second > first  # it looks better
    assert verdict(view) == "worse"


def test_better_by_precision_does_not_hide_what_got_worse() -> None:
    """A version that fills less but surer is better by precision, and the page says at once what it costs."""
    shy = []
    for record in calls(HARD_THEN_EASY, 0.2, by_time=False, per_day=14):
        fields = tuple(replace(each, outcome=FieldOutcome.TYPED, proposed="", confidence=0.0) if place < 2 else each
                       for place, each in enumerate(record.fields))
        shy.append(replace(record, fields=fields) if record.versions["model"] == "2" else record)
    view = page(shy)
    assert [row.cells[4] for row in view.tables[0].rows][:2] == ["better", "worse"]
    first, second = view.told[:2]
    assert (first.key, first.mark) == ("verdict_better", "good")
    assert (second.key, second.mark, second.params["measure"]) == ("verdict_but", "bad", (Names.CODE, "coverage"))
    assert "fields_each" in told(view)


def test_the_difference_is_that_of_like_with_like() -> None:
    """Recomputed from the records, stratum by stratum."""
    records = calls(HARD_THEN_EASY, 1.3, by_time=False)
    view = page(records)
    tallies: dict[tuple[str, str], list[int]] = {}
    for record in records:
        held = tallies.setdefault((record.choices[0].submitted, record.versions["model"]), [0, 0])
        held[0] += sum(each.outcome is FieldOutcome.TAKEN for each in record.fields)
        held[1] += len(record.fields)
    pulls = weights = 0.0
    for item in _WRONG:
        (right_1, n_1), (right_2, n_2) = tallies[item, "1"], tallies[item, "2"]
        weights += n_1 * n_2 / (n_1 + n_2)
        pulls += n_1 * n_2 / (n_1 + n_2) * (right_2 / n_2 - right_1 / n_1)
    change = view.tables[0].rows[0].cells[3]
    assert getattr(change, "value") == pytest.approx(pulls / weights)  # noqa: B009  a cell is of many kinds
    assert getattr(change, "low") < pulls / weights < getattr(change, "high")  # noqa: B009


def test_items_with_nothing_in_common_say_nothing() -> None:
    view = page(calls(((1, 0, 0), (0, 0, 1)), 1.0))
    assert verdict(view) == "unsure"
    assert "little_shared" in told(view)


def test_few_operators_go_by_days() -> None:
    view = page(calls(HARD_THEN_EASY, 1.0, operators=3, per_day=30))
    assert verdict(view) in ("same", "unsure")
    assert {"clustered_day", "within_item"} <= told(view)


class _TooWide(RecordedCalls):
    """A hub that has nothing summed by operator and item."""

    def outcomes(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[OutcomeCount, ...]:
        if Dimension.OPERATOR in by or (self.without_items and Dimension.ITEM in by):
            raise OperatorVisibleError("lead.too_wide")
        return super().outcomes(asked, by)

    without_items = False


def test_where_a_hub_finds_operators_too_wide_it_goes_by_days_and_says_so() -> None:
    source = _TooWide(calls(HARD_THEN_EASY, 1.0))
    view = lead_views_compare.compare_versions(source, ASKED, Options(Dimension.MODEL))
    assert verdict(view) in ("same", "unsure")
    assert {"clustered_day_many", "within_item"} <= told(view)
    assert "fields_without_items" not in told(view)
    source.without_items = True
    view = lead_views_compare.compare_versions(source, ASKED, Options(Dimension.MODEL))
    assert {"clustered_day_many", "within_none"} <= told(view)


def test_one_call_of_each_version_is_no_verdict() -> None:
    one, other = calls(((1, 0, 0), (1, 0, 0)), 1.0, operators=1, per_day=1)[::19]
    view = page([replace(one, fields=one.fields[:1]), replace(other, fields=other.fields[:1])])
    assert verdict(view) == "unsure"
    assert view.tables[0].rows[0].cells[3] is None
