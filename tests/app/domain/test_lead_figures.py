"""The lead's shares, curves and tests, against known values and against brute force."""

from __future__ import annotations

import math
from itertools import pairwise
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import lead_compare as comparing
from app.domain import lead_figures as figures
from app.domain.lead_alarms import Batch, Usual, learn_usual, watch
from app.domain.lead_compare import Ratio, Verdict
from app.domain.lead_counts import BinCount, OutcomeCount, confidence_bin
from app.domain.lead_surges import surges


def test_wilson_of_known_values() -> None:
    """Newcombe 1998, table I: 81 of 263 and 0 of 20."""
    some = figures.share(81, 263)
    assert (round(some.low, 4), round(some.high, 4)) == (0.2553, 0.3662)
    none = figures.share(0, 20)
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)
    assert figures.share(0, 0).value is None


@given(st.integers(1, 60), st.data())
def test_binomial_tail_is_exact(total: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, total))
    p = data.draw(st.floats(0.05, 0.95))
    exact = math.fsum(comb(total, k) * p**k * (1 - p) ** (total - k) for k in range(hits, total + 1))
    assert figures.binomial_tail(hits, total, p) == pytest.approx(exact, rel=1e-9)


def test_precision_coverage_and_edit_rate_of_one_row() -> None:
    row = OutcomeCount(("x",), 10, filled_taken=60, filled_edited=6, filled_cleared=4, suggested_taken=10, suggested_edited=4,
                       suggested_left=6, typed=20, distance=3.0)
    assert figures.precision(row).value == 60 / 70
    assert figures.coverage(row).value == 66 / 100
    assert figures.edit_rate(row).value == 10 / 80
    assert figures.typed_rate(row).value == 20 / 100
    assert figures.suggestion_use(row).value == 10 / 20
    assert figures.mean_distance(row) == 0.3


def test_a_well_calibrated_help_has_no_error_and_its_curve_falls() -> None:
    rows = [BinCount(("filled",), confidence_bin(each / 100), 1000, each * 10, each * 10.0) for each in range(51, 100, 2)]
    assert figures.calibration_error(rows) == pytest.approx(0.0)
    curve = figures.coverage_precision(rows)
    assert curve[-1].coverage == 1.0
    assert all((one.precision.value or 0) >= (two.precision.value or 0) for one, two in pairwise(curve))
    assert all(point.right.low <= point.confidence <= point.right.high for point in figures.calibration(rows))


def test_harm_is_told_where_it_is_proven_only() -> None:
    rows = [OutcomeCount(("bad",), filled_taken=20, filled_edited=40), OutcomeCount(("few",), filled_taken=1, filled_edited=1),
            *(OutcomeCount((f"good{each}",), filled_taken=90, filled_edited=10) for each in range(30))]
    found = {harm.key[0]: harm.proven for harm in figures.harmful(rows)}
    assert found == {"bad": True, "few": False}


def test_student_t_of_tables() -> None:
    for degrees, value in {1: 12.706, 2: 4.303, 4: 2.776, 9: 2.262, 19: 2.093, 60: 2.000}.items():
        assert comparing.student_t(0.975, degrees) == pytest.approx(value, abs=0.0015)


def test_versions_are_told_apart_by_operators_not_by_fields() -> None:
    alike = {str(each): Ratio(900 + each, 1000) for each in range(10)}
    better = {name: Ratio(each.hits + 40, 1000) for name, each in alike.items()}
    assert comparing.compare(alike, better).verdict is Verdict.BETTER
    assert comparing.compare(better, alike).verdict is Verdict.WORSE
    assert comparing.compare(alike, better, higher_is_better=False).verdict is Verdict.WORSE
    many = {name: Ratio(20 * each.hits, 20 * each.total) for name, each in alike.items()}
    assert comparing.compare(many, dict(many)).verdict is Verdict.SAME
    assert comparing.compare(alike, dict(alike)).verdict is Verdict.UNSURE
    # The same totals, but one operator makes the whole difference: fields are many, operators are not.
    uneven = {**alike, "0": Ratio(500, 1000)}
    assert comparing.compare(uneven, {f"n{name}": each for name, each in alike.items()}).verdict is Verdict.UNSURE


def test_one_version_or_one_operator_says_nothing() -> None:
    assert comparing.compare({}, {"a": Ratio(1, 1)}).verdict is Verdict.UNSURE
    assert comparing.compare({"a": Ratio(900, 1000)}, {"a": Ratio(500, 1000)}).verdict is Verdict.UNSURE


def test_few_operators_are_compared_over_days() -> None:
    rows = [("1", "8001", f"{day:02}", 9.0, 10.0) for day in range(9)] + [("2", "8001", f"{day:02}", 5.0, 10.0) for day in range(9, 18)]
    groups, kind = comparing.clusters_of(rows)
    assert kind == "day"
    assert len(groups["1"]) == 9


QUIET = [Batch(f"{day:02}", 10 + day % 3, 200) for day in range(28)]


def test_a_fall_is_alarmed_and_its_beginning_found() -> None:
    usual = learn_usual(QUIET)
    assert usual is not None
    assert usual.estimate == pytest.approx(sum(each.wrong for each in QUIET) / (28 * 200))
    after = [*QUIET[:10], *(Batch(f"x{day}", 30, 200) for day in range(10))]
    seen = watch(after, usual, series=20)
    assert seen.alarm_day in ("x0", "x1", "x2", "x3")
    assert seen.since_day == "x0"
    assert seen.now == pytest.approx(0.15)


def test_quiet_days_and_days_without_calls_alarm_nobody() -> None:
    usual = learn_usual(QUIET)
    assert usual is not None
    seen = watch([*QUIET, Batch("empty", 0, 0)], usual)
    assert not seen.alarm_day
    assert max(level for _, level in seen.days) < 1


def test_too_small_a_reference_is_none() -> None:
    assert learn_usual(QUIET[:5]) is None
    assert learn_usual([Batch(str(day), 0, 3) for day in range(20)]) is None
    assert isinstance(learn_usual(QUIET), Usual)


def test_the_ratio_has_mean_one_where_nothing_changed() -> None:
    """What the bound rests on, summed over all outcomes of a day."""
    from app.domain.lead_alarms import ODDS, _log_likelihood, _log_ratios

    usual, filled = Usual(0.1, 0.1, 0.01), 40
    size = 1 / usual.rho - 1
    beta = math.lgamma(size) - math.lgamma(size + filled)
    for place in range(len(ODDS)):
        total = 0.0
        for wrong in range(filled + 1):
            batch = Batch("", wrong, filled)
            probability = math.exp(math.log(comb(filled, wrong)) + beta + _log_likelihood(batch, usual.p, usual.rho))
            total += probability * math.exp(_log_ratios(batch, usual)[place])
        assert total == pytest.approx(1.0, abs=1e-9)


def test_a_surge_is_told_and_a_busy_day_is_none() -> None:
    places = [(str(each),) for each in range(40)]
    before = [{key: 4 + (week + int(key[0])) % 3 for key in places} for week in range(8)]
    busy = {key: 8 for key in places}
    assert not any(each.told for each in surges(busy, before))
    told = [each for each in surges({**busy, ("7",): 40}, before) if each.told]
    assert [each.key for each in told] == [("7",)]
    assert surges(busy, before[:2]) == ()
