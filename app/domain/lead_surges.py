"""Is a matter rising? Matters of an item in a place now against the same weekday and hours of the weeks before.

Counts of calls vary more than Poisson's, so they are taken as negative binomial: the mean from the weeks before (with half a case added,
and the uncertainty of so few weeks counted in), the dispersion shared by all groups, by moments. A busy day lifts every matter; the
expectation is lifted with it, so a surge is more than the matter's part in a busy day. The p value of a group is that of as many or
more; among all groups tested at once Benjamini and Hochberg's procedure (1995) holds false ones to ``FALSE_DISCOVERIES`` of those
told, which is half of what is promised (one in ten), because mean and dispersion are estimates (counted by ``make bench-lead``). Method
after Farrington et al., JRSS A 159 (1996) 547, without its trend. Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.lead_figures import discovery_bound

FALSE_DISCOVERIES = 0.05
#: A matter that came less often is no surge, however rare it was.
FEWEST = 3
_LEAST_DISPERSION = 0.01
_FAR = 100_000


@dataclass(frozen=True, slots=True)
class Surge:
    """A group now: how many, how many were to be expected, the p value, and whether it is told."""

    key: tuple[str, ...]
    count: int
    expected: float
    p_value: float
    told: bool


def surges(now: Mapping[tuple[str, ...], int], before: Sequence[Mapping[tuple[str, ...], int]],
           rate: float = FALSE_DISCOVERIES) -> tuple[Surge, ...]:
    """All groups of now with their p values, surest first.

    Args:
        now: group to count.
        before: the same of each earlier week (same weekday, same hours); at least three, else nothing can be said.
        rate: of false ones among those told.
    """
    weeks = len(before)
    if weeks < 3:
        return ()
    groups = sorted({*now, *(key for week in before for key in week)})
    history = {key: [week.get(key, 0) for week in before] for key in groups}
    dispersion = _dispersion(list(history.values()))
    busier = _busier(sum(now.values()), [sum(week.values()) for week in before])
    tested = []
    for key in groups:
        mean = (sum(history[key]) + 0.5) / weeks * busier
        spread = mean + dispersion * mean**2
        tested.append((key, now.get(key, 0), mean, _upper_tail(now.get(key, 0), mean, spread * (1 + busier / weeks))))
    bound = discovery_bound([p for _, _, _, p in tested], rate)
    made = (Surge(key, count, mean, p, p <= bound and count >= FEWEST) for key, count, mean, p in tested if count)
    return tuple(sorted(made, key=lambda each: (each.p_value, each.key)))


def _busier(now: int, before: Sequence[int]) -> float:
    usual = sum(before) / len(before)
    return max(1.0, now / usual) if usual else 1.0


def _dispersion(histories: Sequence[Sequence[int]]) -> float:
    """``phi`` of variance = mean + phi * mean^2, over all groups by moments."""
    over, squares = 0.0, 0.0
    for counts in histories:
        mean = sum(counts) / len(counts)
        variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
        over += variance - mean
        squares += max(0.0, mean**2 - variance / len(counts))
    return max(_LEAST_DISPERSION, over / squares) if squares > 0 else _LEAST_DISPERSION


def _upper_tail(count: int, mean: float, variance: float) -> float:
    """P(X >= count) of a negative binomial; summed upwards, because one minus what lies below would be all rounding."""
    if count == 0:
        return 1.0
    size = mean**2 / (variance - mean)
    log_p, log_q = math.log(size / (size + mean)), math.log(mean / (size + mean))
    summed = 0.0
    for k in range(count, count + _FAR):
        term = _probability(k, size, log_p, log_q)
        summed += term
        if k > mean and term < summed * 1e-9:
            break
    return min(1.0, summed)


def _probability(k: int, size: float, log_p: float, log_q: float) -> float:
    return math.exp(math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1) + size * log_p + k * log_q)
