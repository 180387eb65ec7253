"""Shares out of counts, each with what can be said of its sureness: precision, coverage, edit rate, calibration, harm.

Intervals are Wilson's score intervals at 95 % (E. B. Wilson, JASA 22 (1927) 209; recommended for small counts by Brown, Cai and
DasGupta, Statistical Science 16 (2001) 101). They take fields as independent: fields of one call are not quite, so that where a
decision rests on it (``lead_compare``, ``lead_alarms``) the clustering is counted in. Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from statistics import NormalDist

from app.domain.lead_counts import BINS, BinCount, CallCount, CardCount, OutcomeCount

Z_95 = NormalDist().inv_cdf(0.975)
#: A wrong field that stood filled is seen, emptied and written: about twice the work that a right one saves. So help pays where
#: at most a third of what stands filled is wrong.
BREAK_EVEN = 1 / 3
FALSE_DISCOVERIES = 0.1


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``total`` with a 95 % interval; without cases the share is None and the interval is 0 to 1."""

    hits: float
    total: float
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.hits / self.total if self.total else None


def share(hits: float, total: float, z: float = Z_95) -> Share:
    """A share with Wilson's interval."""
    if total <= 0:
        return Share(0, 0, 0.0, 1.0)
    p = hits / total
    spread = z * z / total
    centre, half = (p + spread / 2) / (1 + spread), z * math.sqrt(p * (1 - p) / total + spread / (4 * total)) / (1 + spread)
    return Share(hits, total, max(0.0, centre - half) if hits else 0.0, min(1.0, centre + half) if hits < total else 1.0)


def added(rows: Iterable[OutcomeCount], key: tuple[str, ...] = ()) -> OutcomeCount:
    """Sum of counts (``calls`` too: right where the rows are of different calls)."""
    sums: dict[str, float] = {}
    for row in rows:
        for each in fields(OutcomeCount):
            if each.name != "key":
                sums[each.name] = sums.get(each.name, 0) + getattr(row, each.name)
    return OutcomeCount(key, **sums)  # type: ignore[arg-type]


def filled(row: OutcomeCount) -> int:
    """Fields that stood filled."""
    return row.filled_taken + row.filled_edited + row.filled_cleared


def wrong(row: OutcomeCount) -> int:
    """Fields that stood filled and were edited or cleared."""
    return row.filled_edited + row.filled_cleared


def submitted(row: OutcomeCount) -> int:
    """Fields with a value on the submitted ticket."""
    return row.filled_taken + row.filled_edited + row.suggested_taken + row.suggested_edited + row.typed


def precision(row: OutcomeCount) -> Share:
    """Of what stood filled: submitted as it stood."""
    return share(row.filled_taken, filled(row))


def coverage(row: OutcomeCount) -> Share:
    """Of what was submitted: stood filled by itself, rightly or to be mended."""
    return share(row.filled_taken + row.filled_edited, submitted(row))


def edit_rate(row: OutcomeCount) -> Share:
    """Of what was submitted and had a proposal, filled or suggested: submitted otherwise."""
    edited = row.filled_edited + row.suggested_edited
    return share(edited, row.filled_taken + row.suggested_taken + edited)


def typed_rate(row: OutcomeCount) -> Share:
    """Of what was submitted: written by hand, nothing having been proposed."""
    return share(row.typed, submitted(row))


def suggestion_use(row: OutcomeCount) -> Share:
    """Of what was suggested only: taken."""
    return share(row.suggested_taken, row.suggested_taken + row.suggested_edited + row.suggested_left)


def mean_distance(row: OutcomeCount) -> float | None:
    """How far off edited fields were, 0 to 1; None where none was edited."""
    edited = row.filled_edited + row.suggested_edited
    return row.distance / edited if edited else None


# --- calibration ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """Proposals of near confidence: mean confidence, share that was right with its interval."""

    confidence: float
    right: Share


def merged_bins(rows: Iterable[BinCount]) -> tuple[BinCount, ...]:
    """All rows of a bin as one, in order of confidence; empty bins are left out."""
    sums = [[0, 0, 0.0] for _ in range(BINS)]
    for row in rows:
        held = sums[row.bin]
        held[0] += row.proposed
        held[1] += row.right
        held[2] += row.confidence
    return tuple(BinCount((), index, int(proposed), int(right), confidence)
                 for index, (proposed, right, confidence) in enumerate(sums) if proposed)


def calibration(rows: Iterable[BinCount], points: int = 10) -> tuple[CalibrationPoint, ...]:
    """At most so many points of about equal numbers of proposals, in order of confidence."""
    bins = merged_bins(rows)
    wanted = sum(each.proposed for each in bins) / points
    made: list[CalibrationPoint] = []
    held: list[BinCount] = []
    for each in bins:
        held.append(each)
        if sum(one.proposed for one in held) >= wanted:
            made.append(_point(held))
            held = []
    return (*made, _point(held)) if held else tuple(made)


def _point(held: Sequence[BinCount]) -> CalibrationPoint:
    proposed = sum(each.proposed for each in held)
    return CalibrationPoint(sum(each.confidence for each in held) / proposed, share(sum(each.right for each in held), proposed))


def calibration_error(rows: Iterable[BinCount]) -> float | None:
    """Expected calibration error over the confidence bins: mean distance between confidence and share right, weighted by proposals.

    Source: Naeini, Cooper, Hauskrecht, AAAI 2015. None without proposals.
    """
    bins = merged_bins(rows)
    total = sum(each.proposed for each in bins)
    return sum(abs(each.confidence - each.right) for each in bins) / total if total else None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """If only proposals from ``confidence`` up stood filled: the share of all proposals that would, and how many of them are right."""

    confidence: float
    coverage: float
    precision: Share


def coverage_precision(rows: Iterable[BinCount]) -> tuple[CurvePoint, ...]:
    """The curve, surest first (risk-coverage curve of El-Yaniv and Wiener, JMLR 11 (2010) 1605)."""
    bins = merged_bins(rows)
    total = sum(each.proposed for each in bins)
    made, proposed, right = [], 0, 0
    for each in reversed(bins):
        proposed, right = proposed + each.proposed, right + each.right
        made.append(CurvePoint(each.bin / BINS, proposed / total, share(right, proposed)))
    return tuple(made)


# --- harm ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Harm:
    """Where help costs more than it brings: ``key``, share wrong of what stood filled, and the test against ``BREAK_EVEN``."""

    key: tuple[str, ...]
    wrong: Share
    p_value: float
    proven: bool


def harmful(rows: Iterable[OutcomeCount], break_even: float = BREAK_EVEN) -> tuple[Harm, ...]:
    """Groups whose share of wrong filled fields lies above break-even, most surely first.

    ``proven``: an exact one-sided binomial test, with the false discoveries among all groups with filled fields held to one in
    ten (Benjamini and Hochberg, JRSS B 57 (1995) 289). The others only look so.
    """
    tested = [(row.key, share(wrong(row), filled(row)), binomial_tail(wrong(row), filled(row), break_even)) for row in rows if filled(row)]
    bound = discovery_bound([p for _, _, p in tested], FALSE_DISCOVERIES)
    found = [Harm(key, each, p, p <= bound) for key, each, p in tested if (each.value or 0) > break_even]
    return tuple(sorted(found, key=lambda harm: (harm.p_value, harm.key)))


def binomial_tail(hits: int, total: int, p: float) -> float:
    """P(X >= hits) of a binomial, exact."""
    if hits <= 0:
        return 1.0
    whole = math.lgamma(total + 1)
    summed = 0.0
    for k in range(hits, total + 1):
        term = math.exp(whole - math.lgamma(k + 1) - math.lgamma(total - k + 1) + k * math.log(p) + (total - k) * math.log1p(-p))
        summed += term
        if k > total * p and term < summed * 1e-15:
            break
    return min(1.0, summed)


def discovery_bound(p_values: Sequence[float], rate: float) -> float:
    """Largest p value that Benjamini and Hochberg's procedure takes; -1 where it takes none."""
    taken = -1.0
    for rank, p in enumerate(sorted(p_values), 1):
        if p <= rate * rank / len(p_values):
            taken = p
    return taken


# --- histograms, cards, calls ------------------------------------------------------------------------------------------------------


def percentile(histogram: Sequence[int], edges: Sequence[int], wanted: float) -> int | None:
    """Upper edge of the bin in which the percentile lies (at most this long); None without cases or beyond the last edge."""
    total, seen = sum(histogram), 0
    for count, edge in zip(histogram, edges, strict=False):
        seen += count
        if total and seen >= wanted * total:
            return edge
    return None


def card_worth(row: CardCount) -> float:
    """Uses less objections for each showing: used or spoken 1, dismissed -0.25, marked wrong -2; for sorting, not for reading."""
    shown = max(1, row.shown)
    return (max(row.used, row.spoken) - 0.25 * row.dismissed - 2.0 * row.wrong) / shown


def mean_wrap_up_s(row: CallCount) -> float | None:
    """Seconds of wrap-up a call that had one."""
    calls = sum(row.wrap_up)
    return row.wrap_up_ms / 1000 / calls if calls else None


def per_call(total: float, row: CallCount) -> float | None:
    """Mean of a sum over the calls."""
    return total / row.calls if row.calls else None
