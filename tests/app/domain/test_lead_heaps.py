"""Whether wrong fields heap up in few calls; what harder items alone do."""

from __future__ import annotations

import math
from itertools import product
from random import Random

import pytest

from app.domain.lead_counts import MOST_WRONG
from app.domain.lead_heaps import CHANGES, CallBatch, CallWatch, Shape, learn_shape, unit_shape
from app.domain.lead_mix import mix_offsets


def day(random: Random, name: str, calls: int = 300, mood: float = 0.0, worse: float = 0.0) -> CallBatch:
    """Calls of six fields, one in twenty wrong; ``worse`` of the calls have five times the odds."""
    counts = [0] * (MOST_WRONG + 1)
    for _ in range(calls):
        odds = 0.053 * math.exp(mood) * (5.0 if random.random() < worse else 1.0)
        counts[min(MOST_WRONG, sum(random.random() < odds / (1 + odds) for _ in range(6)))] += 1
    return CallBatch(name, tuple(counts))


def test_the_ratio_has_mean_one_where_nothing_changed() -> None:
    """What the bound rests on: over all outcomes of a day of three calls, the day's level being spread as the shape says."""
    shape = Shape((0.7, 0.2, 0.1), 0.05, 0.3, 0.1)
    held = CallWatch(shape, 3)
    for place in range(len(CHANGES)):
        total = 0.0
        for calls in product(range(3), repeat=3):
            batch = CallBatch("", tuple(calls.count(k) for k in range(3)))
            points = range(math.ceil((0.05 - 1.2) / held._step), math.floor((0.05 + 1.2) / held._step) + 1)
            weights = [math.exp(-0.5 * ((each * held._step - 0.05) / 0.3) ** 2) for each in points]
            chance = 0.0
            for each, weight in zip(points, weights, strict=True):
                tilted = [share * math.exp(each * held._step * k) for k, share in enumerate(shape.shares)]
                chance += weight / sum(weights) * math.prod(tilted[k] / sum(tilted) for k in calls)
            total += chance * math.exp(held.log_ratios(batch, 0.05)[place])
        assert total == pytest.approx(1.0, abs=1e-9)


def test_few_bad_calls_are_told_from_a_bad_day_for_all() -> None:
    random = Random(3)
    shape = learn_shape([day(random, f"{each:02}", mood=random.gauss(0, 0.15)) for each in range(28)])
    assert shape is not None
    held = CallWatch(shape, 400)
    few = [day(random, f"x{each:02}", mood=random.gauss(0, 0.15), worse=0.05) for each in range(28)]
    moody = [day(random, f"x{each:02}", mood=random.gauss(0, 0.15)) for each in range(28)]
    assert held.watch(few, shape.centre, shape.estimate, 3).alarm_day
    assert not held.watch(moody, shape.centre, shape.estimate, 3).alarm_day


def test_one_of_many_is_measured_by_their_own_usual_days() -> None:
    random = Random(4)
    shape = learn_shape([day(random, f"{each:02}") for each in range(28)])
    assert shape is not None
    careless = unit_shape(shape, [day(random, "", calls=600, mood=0.7)], tau=0.3)
    careful = unit_shape(shape, [day(random, "", calls=600, mood=-0.7)], tau=0.3)
    new = unit_shape(shape, [], tau=0.3)
    assert careful.centre < 0 < new.centre < careless.centre
    assert new.estimate == shape.estimate
    held = CallWatch(careless, 30)
    as_ever = [day(random, f"x{each:02}", calls=25, mood=0.7) for each in range(28)]
    assert not held.watch(as_ever, careless.centre, careless.estimate, 40).alarm_day
    assert held.watch([day(random, f"x{each}", calls=25, worse=1.0) for each in range(5)], new.centre, new.estimate, 40).alarm_day


def test_too_little_is_no_shape_and_an_empty_day_no_evidence() -> None:
    random = Random(5)
    days = [day(random, f"{each:02}", calls=40) for each in range(8)]
    empty = CallBatch("empty", (0,) * (MOST_WRONG + 1))
    shape = learn_shape([*days, empty])
    assert shape is not None
    assert learn_shape(days[:6]) is None
    assert learn_shape([CallBatch(str(each), (50, 0, 0, 0, 0, 0, 0)) for each in range(28)]) is None
    assert CallWatch(shape, 0).log_ratios(empty, 0.0) == [0.0] * len(CHANGES)
    assert CallWatch(shape, 0).watch([empty], 0.0, 0.1, 1).now is None


def test_harder_items_are_expected_to_be_wrong_more_often() -> None:
    usual = [(f"{each:02}", item, wrong, 1000) for each in range(10) for item, wrong in (("easy", 20), ("hard", 120))]
    made = mix_offsets(usual, [*usual, ("even", "easy", 50, 500), ("even", "hard", 50, 500), ("hard", "hard", 1, 900), ("new", "x", 5, 9)])
    assert made["00"] == pytest.approx(0.0, abs=1e-6)
    assert made["even"] == pytest.approx(0.0, abs=1e-6)
    assert made["hard"] == pytest.approx(math.log(0.12 / 0.88) - math.log(0.07 / 0.93), abs=0.01)
    assert made["new"] == pytest.approx(0.0, abs=1e-6)
    assert mix_offsets([], usual) == {}
    assert mix_offsets([("1", "a", 0, 100)], usual) == {}
