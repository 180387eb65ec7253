"""Do wrong fields heap up in few calls? A sequential test on how many calls have none, one, two ... wrong fields.

A worse model on 5 % of the calls moves the share of wrong fields by less than days differ, and so hides behind the usual version.
It cannot hide how its errors lie: they stand together in few calls. So whole calls are watched. The reference days give the share of
calls with 0, 1, 2 ... wrong fields (``Shape``) and how much days differ: on a day with the level ``d`` calls with ``k`` wrong fields
are ``exp(d * k)`` times as likely, which is what odds ``exp(d)`` times as great do to independent fields; ``d`` is normal about the
usual level. What is tested against it is a mixture: a part of the calls (2 % to all) has odds 1.15 to 8 times as great beside the
day's. The day's level is summed out on both sides, so a bad day for all is no sign and calls with many wrong fields are one.
Evidence is added up as in ``lead_alarms`` and has the same bound. On a simulated centre a day's evidence is twice that of the share of
wrong fields; knowing besides how many fields stood filled, or how sure they were, would add another tenth only.

As there, the reference is estimated, so the share of calls with ``k`` or more is taken half a standard error above its estimate, the
level of one operator or desk at the upper end of its 80 % interval; ``make bench-lead`` counts false alarms with that in it.
Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import mul
from statistics import NormalDist

from app.domain.lead_alarms import FEWEST_DAYS, QUIET_DAYS, Usual, Watched, add_up
from app.domain.lead_counts import MOST_WRONG

#: Share of the calls that got worse, and how many times as great the odds of a wrong field are in them.
CHANGES = ((1.0, 1.15), (1.0, 1.5), (1.0, 4.0), (0.15, 3.0), (0.05, 5.0), (0.02, 8.0))
#: A call with so many wrong fields is told of.
HEAP = 2
FEWEST_CALLS = 150
#: The last class of a shape holds at least so many reference calls.
_LAST_CLASS = 5
_LEAST_SIGMA, _MOST_SIGMA = 0.02, 0.6
#: Of one person or desk days differ at least so much, and so do they among each other.
LEAST_UNIT_SIGMA = 0.15
_LEAST_TAU = 0.1
#: Of the shape some ten thousand calls tell: a little above the estimate is enough. Of one person's level few do.
_UPPER, _UNIT_UPPER = 0.5, NormalDist().inv_cdf(0.9)
#: The level's distribution is cut there, and held at points as close as that, in standard deviations of what a day leaves open.
_REACH, _STEP = 4.0, 0.7


@dataclass(frozen=True, slots=True)
class CallBatch:
    """Calls of a day: ``calls[k]`` had ``k`` wrong fields (the last one: or more). ``offset`` as in ``lead_alarms.Batch``."""

    day: str
    calls: tuple[int, ...]
    offset: float = 0.0

    @property
    def total(self) -> int:
        """All calls."""
        return sum(self.calls)

    @property
    def heaps(self) -> int:
        """Calls with ``HEAP`` or more wrong fields."""
        return sum(self.calls[HEAP:])


@dataclass(frozen=True, slots=True)
class Shape:
    """What is usual: share of calls with 0, 1, 2 ... wrong fields (the last one: or more), and the level.

    Attributes:
        shares: a little above what the reference shows.
        centre: usual level, a little above too.
        sigma: how much days differ.
        estimate: plain share of calls with ``HEAP`` or more wrong fields.
    """

    shares: tuple[float, ...]
    centre: float
    sigma: float
    estimate: float

    def folded(self, calls: Sequence[int]) -> tuple[int, ...]:
        """Calls in the classes of this shape."""
        last = len(self.shares) - 1
        return (*calls[:last], sum(calls[last:]))

    @property
    def mean(self) -> float:
        """Wrong fields a call."""
        return math.fsum(k * share for k, share in enumerate(self.shares))

    @property
    def variance(self) -> float:
        """Of the wrong fields of a call; also how fast the mean rises with the level."""
        return math.fsum(k * k * share for k, share in enumerate(self.shares)) - self.mean**2


def learn_shape(reference: Sequence[CallBatch]) -> Shape | None:
    """The shape of the reference days; None where these are too few, or no call had a wrong field."""
    held = [each for each in reference if each.total]
    total = sum(each.total for each in held)
    sums = _added(held)
    if len(held) < FEWEST_DAYS or total < FEWEST_CALLS or sum(sums[1:]) < _LAST_CLASS:
        return None
    last = max(k for k in range(1, MOST_WRONG + 1) if sum(sums[k:]) >= _LAST_CLASS)
    tails = [1.0]
    for k in range(1, last + 1):
        tail = sum(sums[k:]) / total
        tails.append(min(tails[-1], tail + _UPPER * math.sqrt(tail * (1 - tail) / total)))
    shares = tuple(max(1e-9, here - after) for here, after in zip(tails, [*tails[1:], 0.0], strict=True))
    plain = Shape(tuple(each / total for each in (*sums[:last], sum(sums[last:]))), 0.0, 0.0, sum(sums[HEAP:]) / total)
    sigma = min(_MOST_SIGMA, max(_LEAST_SIGMA, spread(held, plain)))
    return Shape(shares, _UPPER * sigma / math.sqrt(len(held)), sigma, plain.estimate)


def spread(groups: Sequence[CallBatch], plain: Shape) -> float:
    """How much levels of groups of calls (days, operators) differ beyond chance: standard deviation, by moments."""
    total = sum(each.total for each in groups)
    variance = plain.variance
    more = variance**2 * (total - math.fsum(each.total**2 for each in groups) / total) if total else 0.0
    if more <= 0:
        return 0.0
    squares = math.fsum(each.total * (_mean(plain, each) - plain.mean - each.offset * variance) ** 2 for each in groups)
    return math.sqrt(max(0.0, squares - (len(groups) - 1) * variance) / more)


def _mean(shape: Shape, group: CallBatch) -> float:
    return float(sum(map(mul, range(len(shape.shares)), shape.folded(group.calls)))) / group.total


def unit_shape(shape: Shape, reference: Sequence[CallBatch], tau: float) -> Shape:
    """The shape for one of many (an operator, a desk): that of all, at the level which its own reference days leave possible.

    The level is the most likely one under a normal distribution of the levels of all, ``tau`` wide; then the upper end.
    """
    tau = max(_LEAST_TAU, tau)
    calls = shape.folded(_added(reference))
    total, level = sum(calls), 0.0
    wanted = sum(map(mul, range(len(calls)), calls))
    tilted = shape
    for _ in range(8):
        tilted = _tilted(shape, level)
        level += (wanted - total * tilted.mean - level / tau**2) / (total * tilted.variance + 1 / tau**2)
    error = 1 / math.sqrt(1 / tau**2 + total * tilted.variance)
    estimate = sum(_added(reference)[HEAP:]) / total if total else shape.estimate
    return replace(shape, centre=level + _UNIT_UPPER * error, sigma=max(LEAST_UNIT_SIGMA, shape.sigma), estimate=estimate)


def _tilted(shape: Shape, level: float) -> Shape:
    weights = [share * math.exp(level * k) for k, share in enumerate(shape.shares)]
    whole = math.fsum(weights)
    return replace(shape, shares=tuple(each / whole for each in weights))


def _added(batches: Iterable[CallBatch]) -> list[int]:
    sums = [0] * (MOST_WRONG + 1)
    for batch in batches:
        for k, count in enumerate(batch.calls):
            sums[k] += count
    return sums


class CallWatch:
    """Watches series of one shape; what its sums need is worked out once.

    Args:
        shape: of all series that are watched with it; their ``centre`` may differ.
        most_calls: on the busiest day of any of them: levels are held as close as that needs.
    """

    def __init__(self, shape: Shape, most_calls: int) -> None:
        self._shape = shape
        self._step = _STEP / math.sqrt(1 / shape.sigma**2 + max(1, most_calls) * shape.variance)
        self._points: dict[int, tuple[list[float], list[list[float]]]] = {}

    def watch(self, batches: Sequence[CallBatch], centre: float, estimate: float, series: float, quiet_days: float = QUIET_DAYS) -> Watched:
        """As ``lead_alarms.watch``; shares are of calls with ``HEAP`` or more wrong fields.

        Args:
            batches: in order of time, after the reference.
            centre: usual level of this series.
            estimate: its usual share of calls with ``HEAP`` or more wrong fields.
            series: inverse of this series' share of the bound.
            quiet_days: at most one false alarm in so many, over all series.
        """
        bound = quiet_days * max(1.0, series)
        days, alarm_day, change = add_up([each.day for each in batches], (self.log_ratios(each, centre) for each in batches), len(CHANGES),
                                         math.log(bound))
        held = batches[change:len(days)]
        calls = sum(each.total for each in held)
        upper = sum(self._shape.shares[HEAP:])
        return Watched(days, alarm_day, held[0].day if held else "", Usual(upper, estimate, 0.0),
                       sum(each.heaps for each in held) / calls if calls else None, bound)

    def log_ratios(self, batch: CallBatch, centre: float) -> list[float]:
        """Logarithm of the likelihood ratio of each of ``CHANGES`` against none; each ratio has mean one where nothing changed."""
        if not batch.total:
            return [0.0] * len(CHANGES)
        calls, middle = self._shape.folded(batch.calls), centre + batch.offset
        first = math.ceil((middle - _REACH * self._shape.sigma) / self._step)
        last = max(first, math.floor((middle + _REACH * self._shape.sigma) / self._step))
        points = [self._point(place) for place in range(first, last + 1)]
        priors = [-0.5 * ((place * self._step - middle) / self._shape.sigma) ** 2 for place in range(first, last + 1)]
        nulls = [prior + sum(map(mul, calls, logs)) for prior, (logs, _) in zip(priors, points, strict=True)]
        whole = _log_sum(nulls)
        return [_log_sum([null + sum(map(mul, calls, more[index])) for null, (_, more) in zip(nulls, points, strict=True)]) - whole
                for index in range(len(CHANGES))]

    def _point(self, place: int) -> tuple[list[float], list[list[float]]]:
        """At one level: logarithm of the usual shares, and for each change of its share over the usual one."""
        found = self._points.get(place)
        if found is None:
            tilted = _tilted(self._shape, place * self._step)
            changes = []
            for part, odds in CHANGES:
                whole = math.fsum(share * odds**k for k, share in enumerate(tilted.shares))
                changes.append([math.log(1 - part + part * odds**k / whole) for k in range(len(tilted.shares))])
            found = self._points[place] = ([math.log(share) for share in tilted.shares], changes)
        return found


def _log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(math.fsum(math.exp(each - top) for each in logs))
