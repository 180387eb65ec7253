"""What a granted appeal takes back: the findings of its rule in its call, and the points that they cost.

The record stays as it was found; beside it stands what is left of it. Both are counted by the same code, and what lies between the two
counts is what appeals took back (``GrantedCount``), so that every figure can be shown as found and after appeals. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from app.domain.call_record import CallRecord
from app.domain.lead_counts import CallCount, FindingCount

_WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class GrantedCount:
    """What granted appeals took back, by the values of the dimensions asked by.

    Rows of a rule (``code``): ``calls`` that no longer breach it, ``findings`` and ``points`` less. The row without a code: ``calls`` with
    any granted appeal, and by how much the sum of their scores rises (``score``).
    """

    key: tuple[str, ...]
    code: str = ""
    calls: int = 0
    findings: int = 0
    points: float = 0.0
    score: float = 0.0


def without(record: CallRecord, rules: Collection[str]) -> CallRecord:
    """A record without its findings of some rules, scored anew."""
    left = tuple(each for each in record.quality if each.rule not in rules)
    return replace(record, quality=left, quality_score=score_without(record, rules))


def score_without(record: CallRecord, rules: Collection[str]) -> float:
    """The score that a call has left without its findings of some rules; -1 stays -1. Points beyond 100 cost nothing."""
    if record.quality_score < 0:
        return record.quality_score
    breaches = [each for each in record.quality if each.is_breach]
    found = min(_WHOLE, sum(each.points for each in breaches))
    left = min(_WHOLE, sum(each.points for each in breaches if each.rule not in rules))
    return min(_WHOLE, record.quality_score + found - left)


def taken_back(found: tuple[Iterable[CallCount], Iterable[FindingCount]],
               left: tuple[Iterable[CallCount], Iterable[FindingCount]]) -> tuple[GrantedCount, ...]:
    """What lies between two counts of the same calls, as found and after appeals; in the order of keys and rules."""
    calls_left = {row.key: row for row in left[0]}
    findings_left = {(row.key, row.code): row for row in left[1]}
    rows = [GrantedCount(row.key, "", row.calls, score=calls_left[row.key].score - row.score) for row in found[0]]
    for row in found[1]:
        rest = findings_left.get((row.key, row.code), FindingCount(row.key, row.code, 0, 0))
        if row.calls != rest.calls:
            rows.append(GrantedCount(row.key, row.code, row.calls - rest.calls, row.findings - rest.findings, row.points - rest.points))
    return tuple(sorted(rows, key=lambda row: (row.key, row.code)))


def mended(rows: Iterable[FindingCount], granted: Iterable[GrantedCount]) -> tuple[FindingCount, ...]:
    """Findings after appeals; what nothing is left of goes."""
    less = {(row.key, row.code): row for row in granted if row.code}
    made = (_less(row, less.get((row.key, row.code))) for row in rows)
    return tuple(row for row in made if row.findings)


def _less(row: FindingCount, granted: GrantedCount | None) -> FindingCount:
    if granted is None:
        return row
    return replace(row, calls=row.calls - granted.calls, findings=row.findings - granted.findings, points=row.points - granted.points)


#: Counts calls and findings of records that were handed over.
Counted = Callable[[Iterable[CallRecord]], tuple[Iterable[CallCount], Iterable[FindingCount]]]


def granted_counts(records: Iterable[tuple[CallRecord, Collection[str]]], count: Counted) -> tuple[GrantedCount, ...]:
    """What appeals took back from records (each with the rules whose appeals were granted), counted twice by ``count``."""
    held = list(records)
    if not held:
        return ()
    return taken_back(count([record for record, _ in held]), count([without(record, rules) for record, rules in held]))
