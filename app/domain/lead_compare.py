"""Two versions beside each other: the difference of a share, its interval, and what may be said of it in one word.

The fields of one operator are alike (the same hand, headset and matters), so fields are not independent draws and the plain test of
two shares is far too sure. Here the operators are the draws: the difference of two ratios with the linearised ("sandwich") variance
over clusters (Cochran, Sampling Techniques, 3rd ed. 1977, ch. 6; Rao and Scott, Biometrics 48 (1992) 577 for binary data), and
Student's t with one degree of freedom less than clusters. An operator who worked with both versions is one cluster of both, so
pairing is used where there is any. With fewer than ``FEWEST`` operators the days are the clusters (the verdict is then about these
operators only). Pure; any thread.
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
    """

    first: float | None
    second: float | None
    difference: float
    low: float
    high: float
    clusters: int
    verdict: Verdict
    more: float = 0.0


def compare(first: Mapping[str, Ratio], second: Mapping[str, Ratio], higher_is_better: bool = True, is_paired: bool = False) -> Comparison:
    """Compare shares by cluster.

    Args:
        first: cluster to its counts under the first version.
        second: the same under the second.
        higher_is_better: false for rates that should fall (edit rate).
        is_paired: the very same calls went through both (a rehearsal), so that what both do alike counts for nothing.
    """
    totals = [_sum(each.values()) for each in (first, second)]
    if not all(each.total for each in totals):
        return Comparison(_ratio(totals[0]), _ratio(totals[1]), 0.0, -1.0, 1.0, 0, Verdict.UNSURE)
    shares = [each.hits / each.total for each in totals]
    names = sorted({*first, *second})
    pulls = [_pull(second.get(name), totals[1]) - _pull(first.get(name), totals[0]) for name in names]
    clusters, difference = len(names), shares[1] - shares[0]
    if clusters < 2:
        return Comparison(shares[0], shares[1], difference, -1.0, 1.0, clusters, Verdict.UNSURE)
    error = math.sqrt(clusters / (clusters - 1) * math.fsum(pull * pull for pull in pulls))
    half = student_t(0.975, clusters - 1) * max(error, 0.0 if is_paired else _floor(shares, totals))
    low, high = difference - half, difference + half
    verdict = _verdict(low, high, higher_is_better)
    more = (half / abs(difference)) ** 2 if verdict is Verdict.UNSURE and difference else 0.0
    return Comparison(shares[0], shares[1], difference, low, high, clusters, verdict, more)


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


def _floor(shares: list[float], totals: list[Ratio]) -> float:
    """Standard error as if all were independent: the clustered one may come out smaller by chance only."""
    return math.sqrt(sum(max(p * (1 - p), 0.25 / each.total) / each.total for p, each in zip(shares, totals, strict=True)))


def _pull(cluster: Ratio | None, whole: Ratio) -> float:
    """How much a cluster moves the ratio."""
    return 0.0 if cluster is None else (cluster.hits - whole.hits / whole.total * cluster.total) / whole.total


def _sum(parts: Iterable[Ratio]) -> Ratio:
    held = list(parts)
    return Ratio(math.fsum(each.hits for each in held), math.fsum(each.total for each in held))


def _ratio(part: Ratio) -> float | None:
    return part.hits / part.total if part.total else None
