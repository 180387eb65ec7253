"""Two versions beside each other: the difference of a share, its interval, and what may be said of it in one word.

The fields of one operator are alike (the same hand, headset and matters), so fields are not independent draws and the plain test of
two shares is far too sure. Here the operators are the draws: the variance of the difference is that of leaving out one of them at a
time (the jackknife over clusters; Cochran, Sampling Techniques, 3rd ed. 1977, ch. 6; Wolter, Introduction to Variance Estimation, 2nd ed.
2007, ch. 4), with Student's t and one degree of freedom less than clusters. An operator who worked with both versions is one cluster of
both, so pairing is used where there is any. With fewer than ``FEWEST`` operators the days are the clusters (the verdict is then about
these operators only).

Nor are items alike: a version that came when easier matters were asked about must not be called better for that. So like is compared with
like, within each item and, where both versions were worked with by the same people, within each operator. The differences are added with
the weights of Mantel and Haenszel (for differences: Greenland and Robins, Biometrics 41 (1985) 55), which need no many cases in a
stratum; what only one of the versions met counts for nothing. Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

FEWEST = 8
#: A difference of less than half a percentage point changes nobody's work.
MATTERS = 0.005
#: Where less of the cases can be compared like with like, nothing is said.
LEAST_SHARED = 0.5


class Verdict(StrEnum):
    """What may be said of the second version against the first."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Hits and total of one cluster under one version."""

    hits: float
    total: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Shares of the first and the second version, ``second - first`` with its 95 % interval, and the verdict.

    Attributes:
        first: share, None without cases.
        second: share, None without cases.
        difference: of the shares.
        low: lower end of the interval.
        high: upper end.
        clusters: how many operators (or days) the variance comes from.
        verdict: see ``Verdict``; ``same`` where the whole interval lies within ``MATTERS``.
        more: about how many times as many calls are needed until a difference of this size would be sure; 0 where it is.
        shared: share of the cases that lie in strata which both versions met.
    """

    first: float | None
    second: float | None
    difference: float
    low: float
    high: float
    clusters: int
    verdict: Verdict
    more: float = 0.0
    shared: float = 1.0


def compare(first: Mapping[str, Ratio], second: Mapping[str, Ratio], higher_is_better: bool = True, is_paired: bool = False) -> Comparison:
    """Compare shares by cluster.

    Args:
        first: cluster to its counts under the first version.
        second: the same under the second.
        higher_is_better: false for rates that should fall (edit rate).
        is_paired: the very same calls went through both (a rehearsal), so that what both do alike counts for nothing.
    """
    strata = {"": ({**first}, {**second})}
    return compare_within(strata, higher_is_better, is_paired)


#: The clusters of a stratum under the first and the second version.
Stratum = tuple[Mapping[str, Ratio], Mapping[str, Ratio]]


def compare_within(strata: Mapping[str, Stratum], higher_is_better: bool = True, is_paired: bool = False) -> Comparison:
    """Compare shares within strata (items, operators' items), by cluster.

    ``first`` and ``second`` are the shares as they were, ``difference`` is that of like with like.

    Args:
        strata: name to its clusters.
        higher_is_better: false for rates that should fall (edit rate).
        is_paired: as of ``compare``.
    """
    sums = {name: (_sum(first.values()), _sum(second.values())) for name, (first, second) in strata.items()}
    totals = [_sum(held[side] for held in sums.values()) for side in (0, 1)]
    shares = [_ratio(each) for each in totals]
    parts = {name: _weighed(*held) for name, held in sums.items()}
    whole = math.fsum(weight for weight, _ in parts.values())
    if not whole:
        return Comparison(shares[0], shares[1], 0.0, -1.0, 1.0, 0, Verdict.UNSURE, shared=0.0)
    difference = math.fsum(pull for _, pull in parts.values()) / whole
    met = [name for name, (weight, _) in parts.items() if weight]
    shared = math.fsum(sums[name][side].total for name in met for side in (0, 1)) / (totals[0].total + totals[1].total)
    without = _without_each({name: strata[name] for name in met}, sums, parts)
    clusters = len(without)
    if clusters < 2 or None in without:
        return Comparison(shares[0], shares[1], difference, -1.0, 1.0, clusters, Verdict.UNSURE, shared=shared)
    error = math.sqrt((clusters - 1) / clusters * math.fsum((each - difference) ** 2 for each in without if each is not None))
    floor = 0.0 if is_paired else _floor([_share(each) for each in totals], [(parts[name][0] / whole, *sums[name]) for name in met])
    half = student_t(0.975, clusters - 1) * max(error, floor)
    low, high = difference - half, difference + half
    verdict = _verdict(low, high, higher_is_better) if shared >= LEAST_SHARED else Verdict.UNSURE
    more = max(1.0, (half / abs(difference)) ** 2) if verdict is Verdict.UNSURE and difference else 0.0
    return Comparison(shares[0], shares[1], difference, low, high, clusters, verdict, more, shared)


def _weighed(first: Ratio, second: Ratio) -> tuple[float, float]:
    """A stratum's weight, and weight times difference; nothing where one version did not meet it."""
    if first.total <= 0 or second.total <= 0:
        return 0.0, 0.0
    weight = first.total * second.total / (first.total + second.total)
    return weight, weight * (_share(second) - _share(first))


def _without_each(strata: Mapping[str, Stratum], sums: Mapping[str, tuple[Ratio, Ratio]],
                  parts: Mapping[str, tuple[float, float]]) -> list[float | None]:
    """The difference without each of the clusters; None where nothing would be left to compare."""
    whole = [math.fsum(each[place] for each in parts.values()) for place in (0, 1)]
    moved: dict[str, list[float]] = {}
    for name, (first, second) in strata.items():
        for cluster in {*first, *second}:
            left = [_less(held, side.get(cluster)) for held, side in zip(sums[name], (first, second), strict=True)]
            sum_of = moved.setdefault(cluster, [*whole])
            for place, (after, before) in enumerate(zip(_weighed(*left), parts[name], strict=True)):
                sum_of[place] += after - before
    return [pull / weight if weight > whole[0] * 1e-9 else None for weight, pull in moved.values()]


def _less(whole: Ratio, part: Ratio | None) -> Ratio:
    return whole if part is None else Ratio(whole.hits - part.hits, whole.total - part.total)


def clusters_of(rows: Iterable[tuple[str, str, str, float, float]]) -> tuple[dict[str, dict[str, Ratio]], str]:
    """Rows of (version, operator, day, hits, total) as version to cluster to counts; and what the clusters are.

    ``operator`` where each version has ``FEWEST`` operators, else ``day``.
    """
    held = list(rows)
    operators: dict[str, set[str]] = {}
    for version, operator, _, _, total in held:
        if total:
            operators.setdefault(version, set()).add(operator)
    kind = "operator" if operators and all(len(each) >= FEWEST for each in operators.values()) else "day"
    made: dict[str, dict[str, Ratio]] = {}
    for version, operator, day, hits, total in held:
        groups = made.setdefault(version, {})
        name = operator if kind == "operator" else day
        before = groups.get(name, Ratio(0, 0))
        groups[name] = Ratio(before.hits + hits, before.total + total)
    return made, kind


def student_t(p: float, degrees: int) -> float:
    """Quantile of Student's t: exact for one and two degrees, else Abramowitz and Stegun 26.7.5 (0.004 low at three degrees, then less)."""
    if degrees == 1:
        return math.tan(math.pi * (p - 0.5))
    if degrees == 2:
        return (2 * p - 1) * math.sqrt(2 / (4 * p * (1 - p)))
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / degrees ** (power + 1) for power, term in enumerate(terms))


def _verdict(low: float, high: float, higher_is_better: bool) -> Verdict:
    if low >= -MATTERS and high <= MATTERS:
        return Verdict.SAME
    if low > 0 or high < 0:
        return Verdict.BETTER if (low > 0) is higher_is_better else Verdict.WORSE
    return Verdict.UNSURE


def _floor(shares: list[float], strata: Iterable[tuple[float, Ratio, Ratio]]) -> float:
    """Standard error as if all were independent: the clustered one may come out smaller by chance only. ``strata``: weight, totals."""
    held = list(strata)
    variance = 0.0
    for p, sides in zip(shares, ([(weight, one) for weight, one, _ in held], [(weight, other) for weight, _, other in held]), strict=True):
        least = 0.25 / math.fsum(ratio.total for _, ratio in sides)
        variance += max(p * (1 - p), least) * math.fsum(weight**2 / ratio.total for weight, ratio in sides)
    return math.sqrt(variance)


def _share(part: Ratio) -> float:
    return part.hits / part.total


def _sum(parts: Iterable[Ratio]) -> Ratio:
    held = list(parts)
    return Ratio(math.fsum(each.hits for each in held), math.fsum(each.total for each in held))


def _ratio(part: Ratio) -> float | None:
    return part.hits / part.total if part.total else None
