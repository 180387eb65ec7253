"""The page of two versions: over all fields by three measures, then precision field by field, like with like.

The clusters of the intervals are operators, or days where there are few; the strata are items, and operators' items where both versions
were worked with by the same people (``app.domain.lead_compare``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain import lead_compare as comparing
from app.domain import lead_figures as figures
from app.domain.errors import OperatorVisibleError
from app.domain.lead_compare import Comparison, Ratio, Verdict
from app.domain.lead_counts import Dimension, OutcomeCount, Slice
from app.domain.lead_figures import Share
from app.domain.lead_tables import Change, Names, PageView, Row, Table, Told, columns
from app.ports.lead import LeadSource
from app.services.lead_views import Options, narrow

COMPARED = (Dimension.MODEL, Dimension.VOCABULARY, Dimension.KNOWLEDGE, Dimension.PROGRAM, Dimension.RULES)
#: So much of each version's fields must be of people who worked with both, if operators are to be strata.
_SAME_PEOPLE = 0.8
#: From so many percentage points on it is told what harder items and other people made of a difference.
_TOLD_POINTS = 0.5
_TOO_WIDE = ("lead.too_wide", "hub.slice_too_wide")
_CHANGE = "first second change verdict"
_MARKS = {"better": "good", "worse": "bad"}


@dataclass(frozen=True, slots=True)
class Measure:
    """A share of fields to compare: its key, what counts, out of what, and whether more is better."""

    name: str
    higher_is_better: bool

    def ratio(self, row: OutcomeCount) -> Ratio:
        """Hits and total."""
        made: Share = {"precision": figures.precision, "coverage": figures.coverage, "edit_rate": figures.edit_rate}[self.name](row)
        return Ratio(made.hits, made.total)


MEASURES = (Measure("precision", True), Measure("coverage", True), Measure("edit_rate", False))


@dataclass(frozen=True, slots=True)
class _Counted:
    """Rows by version, cluster and item.

    Attributes:
        rows: keyed so.
        clusters: ``operator``, ``day``, or ``day_many`` where there are too many calls to go by operator.
        strata: ``item``, ``person`` (each operator's items) or ``none``.
    """


    rows: tuple[OutcomeCount, ...]
    clusters: str
    strata: str

    def compared(self, measure: Measure, first: str, second: str) -> Comparison:
        """The two versions by one measure."""
        strata: dict[str, tuple[dict[str, Ratio], dict[str, Ratio]]] = defaultdict(lambda: ({}, {}))
        for row in self.rows:
            version, cluster, item = row.key
            if version not in (first, second):
                continue
            side = strata[f"{cluster} {item}" if self.strata == "person" else item][version == second]
            more, held = measure.ratio(row), side.get(cluster, Ratio(0, 0))
            side[cluster] = Ratio(held.hits + more.hits, held.total + more.total)
        return comparing.compare_within(strata, measure.higher_is_better)


def versions_seen(source: LeadSource, asked: Slice, part: Dimension) -> tuple[str, ...]:
    """Versions of a part in the slice, those with most calls first."""
    rows = sorted(source.calls(asked, (part,)), key=lambda row: (-row.calls, row.key))
    return tuple(row.key[0] for row in rows if row.key[0])


def compare_versions(source: LeadSource, asked: Slice, options: Options) -> PageView:
    """Two versions beside each other."""
    part = options.dimension if options.dimension in COMPARED else Dimension.MODEL
    seen = versions_seen(source, asked, part)
    choices = {"dimension": tuple(each.value for each in COMPARED), "first": seen, "second": seen}
    ordered = sorted(seen)
    first = options.first if options.first in seen else ordered[0] if ordered else ""
    second = options.second if options.second in seen else ordered[-1] if ordered else ""
    if not first or first == second:
        return PageView(told=(Told("one_version", {"version": first or "-"}),), choices=choices)
    both = replace(asked, only=(*asked.only, (part, first), (part, second)))
    counted = _counted(source, both, part)
    made = [(measure, counted.compared(measure, first, second)) for measure in MEASURES]
    table = Table("compare", columns(f"measure {_CHANGE}"), tuple(_row(measure.name, result) for measure, result in made))
    by_field, has_items = _by_field(source, both, part, first, second)
    worse = [measure.name for measure, result in made[1:] if result.verdict is Verdict.WORSE]
    told = _told(made[0][1], worse, counted, first, second)
    told = told if has_items or counted.strata == "none" else (*told, Told("fields_without_items"))
    if any(row.mark for row in by_field.rows):
        told = (*told, Told("fields_each", {"fields": len(by_field.rows)}))
    return PageView((), told, (), (table, by_field), {**choices, "chosen": (first, second)})


def _told(head: Comparison, worse: Sequence[str], counted: _Counted, first: str, second: str) -> tuple[Told, ...]:
    """The verdict goes by precision; what is worse by another measure (``worse``) is told right below it, not hidden behind a "better"."""
    told = [Told(f"verdict_{head.verdict.value}", {"first": first, "second": second}, _MARKS.get(head.verdict.value, ""))]
    if head.verdict is not Verdict.WORSE:
        told += [Told("verdict_but", {"measure": (Names.CODE, name)}, "bad") for name in worse]
    if head.verdict is Verdict.UNSURE and head.shared < comparing.LEAST_SHARED and None not in (head.first, head.second):
        told.append(Told("little_shared", {"shared": f"{100 * head.shared:.0f}"}))
    elif head.verdict is Verdict.UNSURE and head.more:
        told.append(Told("verdict_more", {"more": math.ceil(head.more)}))
    told.append(Told(f"within_{counted.strata}", {"shared": f"{100 * head.shared:.0f}"}))
    plain = 100 * ((head.second or 0.0) - (head.first or 0.0))
    if head.clusters and abs(plain - 100 * head.difference) >= _TOLD_POINTS:
        told.append(Told("mix_made", {"plain": f"{plain:+.1f}", "like": f"{100 * head.difference:+.1f}"}))
    return (*told, Told(f"clustered_{counted.clusters}", {"clusters": head.clusters}))


def _counted(source: LeadSource, both: Slice, part: Dimension) -> _Counted:
    """By operator and item; by day and item where there are few operators; without items where a hub finds that too wide."""
    try:
        rows = source.outcomes(both, (part, Dimension.OPERATOR, Dimension.ITEM))
        people: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in rows:
            people[row.key[0]][row.key[1]] += figures.filled(row)
        if people and all(sum(count > 0 for count in held.values()) >= comparing.FEWEST for held in people.values()):
            return _Counted(rows, "operator", "person" if _are_same_people(list(people.values())) else "item")
        return _Counted(source.outcomes(both, (part, Dimension.DAY, Dimension.ITEM)), "day", "item")
    except OperatorVisibleError as error:
        if error.key not in _TOO_WIDE:
            raise
        return _too_many(source, both, part)


def _too_many(source: LeadSource, both: Slice, part: Dimension) -> _Counted:
    """What a hub has summed beforehand: by version, day and item; from one of an earlier version by version and day, all items as one."""
    try:
        return _Counted(source.outcomes(both, (part, Dimension.DAY, Dimension.ITEM)), "day_many", "item")
    except OperatorVisibleError as error:
        if error.key not in _TOO_WIDE:
            raise
    rows = source.outcomes(both, (part, Dimension.DAY))
    return _Counted(tuple(replace(row, key=(row.key[0], row.key[1], "")) for row in rows), "day_many", "none")


def _are_same_people(people: Sequence[dict[str, int]]) -> bool:
    """Whether nearly all of each version's fields are of people who worked with all of them."""
    both = set.intersection(*({name for name, count in held.items() if count} for held in people))
    return all(sum(held[name] for name in both) >= _SAME_PEOPLE * sum(held.values()) for held in people)


def _by_field(source: LeadSource, both: Slice, part: Dimension, first: str, second: str) -> tuple[Table, bool]:
    """The table, and whether all fields could be compared within items."""
    fields = sorted({row.key[0] for row in source.outcomes(both, (Dimension.FIELD,))})
    counted = {name: _counted(source, narrow(both, Dimension.FIELD, name), part) for name in fields}
    rows = tuple(_row(name, held.compared(MEASURES[0], first, second)) for name, held in counted.items())
    return Table("compare_fields", columns(f"by_field {_CHANGE}"), rows), all(held.strata != "none" for held in counted.values())


def _row(name: str, result: Comparison) -> Row:
    change = Change(result.difference, result.low, result.high) if result.clusters > 1 and result.low > -1 else None
    return Row((name, result.first, result.second, change, result.verdict.value), mark=_MARKS.get(result.verdict.value, ""))
