"""Is the help getting worse? A sequential test on the share of wrong fields, with a stated rate of false alarms.

A threshold on a day's share either cries on every quiet day with few calls or sleeps for weeks. Here evidence is added up. The
reference days give the usual share ``p0`` of wrong among filled fields and how much days differ (beta-binomial with intraclass
correlation ``rho``, by moments). Each later batch (a day; the running day so far) has a likelihood ratio of "worse" against "as
usual", the mean over five sizes of worse (odds 1.1 to 4 times). The statistic is Shiryaev's and Roberts's, ``R = (1 + R) * ratio``,
in the form of an e-detector (Shin, Ramdas and Rinaldo, "E-detectors", 2023, arXiv:2203.03532): because a ratio has mean one while
nothing changed, an alarm at ``R >= c`` comes by chance at most once in ``c`` batches on average, whatever the sizes of the batches; no
simulation stands behind the bound, and looking often costs nothing. ``c`` is ``QUIET_DAYS`` times the number of series watched at once.

What the bound takes for granted is the reference: it is estimated, so ``p0`` is taken at the upper end of its 80 % interval and
``rho`` never below ``LEAST_RHO``; ``make bench-lead`` counts false alarms with all of that in it. Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

#: At most one false alarm in so many days of all series together.
QUIET_DAYS = 180
#: Odds of a wrong field against usual, each as likely to begin with.
ODDS = (1.1, 1.25, 1.6, 2.5, 4.0)
LEAST_RHO = 0.00002
MOST_RHO = 0.2
#: Reference days that are needed, and how many wrong and filled fields.
FEWEST_DAYS = 7
FEWEST_FILLED = 200
#: Days with their levels.
Levels = tuple[tuple[str, float], ...]
_UPPER = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True, slots=True)
class Batch:
    """Wrong of filled fields in one stretch of time, named by its day.

    ``offset``: by how much the logarithm of the odds of a wrong field should differ from usual, the day's items being harder or
    easier (``lead_mix``).
    """

    day: str
    wrong: int
    filled: int
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual: share wrong (upper end of what the reference leaves possible), its plain estimate, correlation within days."""

    p: float
    estimate: float
    rho: float


@dataclass(frozen=True, slots=True)
class Watched:
    """A series under watch.

    Attributes:
        days: day and level after it: 0 nothing, 1 alarm (logarithm of the statistic over that of the bound).
        alarm_day: when it was alarmed, "" while it is not.
        since_day: when it most likely began (maximum likelihood).
        usual: the reference.
        now: share wrong since ``since_day``, None without fields.
        bound: what the statistic must reach.
    """

    days: tuple[tuple[str, float], ...]
    alarm_day: str
    since_day: str
    usual: Usual
    now: float | None
    bound: float


def learn_usual(reference: Sequence[Batch]) -> Usual | None:
    """Usual share and how much days differ; None where the reference is too small.

    ``rho`` by Kleinman's method of moments (JASA 68 (1973) 46) for batches of unequal size. A share without any wrong field is taken
    for half a field.
    """
    held = [each for each in reference if each.filled]
    total = sum(each.filled for each in held)
    if len(held) < FEWEST_DAYS or total < FEWEST_FILLED:
        return None
    p = max(0.5, sum(each.wrong for each in held)) / total
    rho = _rho(held, total, p)
    variance = p * (1 - p) * sum(each.filled * (1 + (each.filled - 1) * rho) for each in held) / total**2
    return Usual(min(0.95, p + _UPPER * math.sqrt(variance)), p, rho)


def _rho(held: Sequence[Batch], total: int, p: float) -> float:
    squares = math.fsum(each.filled * (each.wrong / each.filled - shifted(p, each.offset)) ** 2 for each in held)
    by_chance = p * (1 - p) * (len(held) - 1)
    more = total - math.fsum(each.filled**2 for each in held) / total - (len(held) - 1)
    return min(MOST_RHO, max(LEAST_RHO, (squares - by_chance) / (p * (1 - p) * more) if more > 0 else 0.0))


def watch(batches: Sequence[Batch], usual: Usual, series: float = 1, quiet_days: float = QUIET_DAYS) -> Watched:
    """Add the evidence up, batch after batch, until the alarm or the end.

    Args:
        batches: in order of time, after the reference.
        usual: from ``learn_usual``.
        series: how many series are watched at once; where they are not of one weight, the inverse of this one's share.
        quiet_days: at most one false alarm in so many, over all series.
    """
    days, alarm_day, change = add_up([each.day for each in batches], (_log_ratios(each, usual) for each in batches), len(ODDS),
                                     math.log(quiet_days * max(1.0, series)))
    held = batches[change:len(days)]
    filled = sum(each.filled for each in held)
    now = sum(each.wrong for each in held) / filled if filled else None
    return Watched(days, alarm_day, held[0].day if held else "", usual, now, quiet_days * max(1.0, series))


def add_up(names: Sequence[str], logs: Iterable[Sequence[float]], width: int, bound: float) -> tuple[Levels, str, int]:
    """Shiryaev's and Roberts's statistic over batches, the mean over several kinds of change.

    Args:
        names: days of the batches.
        logs: of each batch, the logarithm of the likelihood ratio of each kind of change.
        width: how many kinds.
        bound: logarithm of what the statistic must reach.

    Returns:
        Day and level (``Watched.days``) up to the alarm or the end; the alarm's day or ""; place of the batch with which it began.
    """
    parts = [-math.inf] * width
    days, ratios = [], []
    for name, each in zip(names, logs, strict=False):
        ratios.append(each)
        parts = [_softplus(held) + log for held, log in zip(parts, each, strict=True)]
        level = _mean_exp(parts)
        days.append((name, max(0.0, level) / bound))
        if level >= bound:
            return tuple(days), name, _change(ratios, width)
    return tuple(days), "", _change(ratios, width)


def _change(ratios: Sequence[Sequence[float]], width: int) -> int:
    """Where the change most likely lies: the start whose evidence up to the end is greatest over the sizes of worse."""
    best, place = -math.inf, 0
    sums = [0.0] * width
    for index in range(len(ratios) - 1, -1, -1):
        sums = [held + each for held, each in zip(sums, ratios[index], strict=True)]
        if max(sums) > best:
            best, place = max(sums), index
    return place


def _log_ratios(batch: Batch, usual: Usual) -> list[float]:
    if not batch.filled:
        return [0.0] * len(ODDS)
    p = shifted(usual.p, batch.offset)
    null = _log_likelihood(batch, p, usual.rho)
    odds = p / (1 - p)
    return [_log_likelihood(batch, odds * times / (1 + odds * times), usual.rho) - null for times in ODDS]


def shifted(p: float, offset: float) -> float:
    """A share whose odds are ``exp(offset)`` times as great."""
    odds = p / (1 - p) * math.exp(offset)
    return odds / (1 + odds)


def _log_likelihood(batch: Batch, p: float, rho: float) -> float:
    """Of a beta-binomial, but for what does not depend on ``p``."""
    size = 1 / rho - 1
    a, b = p * size, (1 - p) * size
    right = batch.filled - batch.wrong
    return math.lgamma(a + batch.wrong) - math.lgamma(a) + math.lgamma(b + right) - math.lgamma(b)


def _softplus(log_r: float) -> float:
    """log(1 + exp(log_r))."""
    return max(0.0, log_r) + math.log1p(math.exp(-abs(log_r))) if log_r != -math.inf else 0.0


def _mean_exp(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(math.fsum(math.exp(each - top) for each in logs) / len(logs))
