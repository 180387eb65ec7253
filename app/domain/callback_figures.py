"""Counts of callbacks (回访) as a lead reads them: reached, satisfied, solved, each with Wilson's interval; why not. Pure; any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.cases import DISSATISFIED, REASONS, SATISFACTION, CaseState
from app.domain.lead_figures import Share, share


class CallbackBy(StrEnum):
    """By what callbacks are counted; ITEM and DISTRICT are known where the call is, or where a desk told them ("" else)."""

    OPERATOR = "operator"
    TEAM = "team"
    ITEM = "item"
    DISTRICT = "district"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class CallbackCount:
    """Callbacks planned in a stretch of days that stand alike: ``key`` of what they are counted by; answers as last given, "" none."""

    key: str
    state: CaseState
    satisfaction: str = ""
    solved: str = ""
    reason: str = ""
    count: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class CallbackFigures:
    """What counts say.

    Attributes:
        key: of what they are counted by.
        all: callbacks.
        late: open ones whose day is over.
        open: planned or done anew.
        done: ended as done.
        reached: of those with an end or an answer: somebody answered.
        satisfied: of those who said: very, quite or fairly satisfied.
        solved: of those who said: the matter is solved.
    """

    key: str
    all: int
    late: int
    open: int
    done: int
    reached: Share
    satisfied: Share
    solved: Share


def figures(rows: Iterable[CallbackCount], key: str = "") -> CallbackFigures:
    """Shares with Wilson's intervals out of counts."""
    held = tuple(rows)

    def many(is_so: Callable[[CallbackCount], bool]) -> int:
        return sum(row.count for row in held if is_so(row))

    answered = many(lambda row: bool(row.satisfaction))
    vain = many(lambda row: not row.satisfaction and row.state is CaseState.UNREACHED)
    return CallbackFigures(
        key, many(lambda row: True), sum(row.late for row in held), many(lambda row: row.state in (CaseState.PLANNED, CaseState.REDO)),
        many(lambda row: row.state is CaseState.DONE), share(answered, answered + vain),
        share(many(lambda row: bool(row.satisfaction) and row.satisfaction not in DISSATISFIED), answered),
        share(many(lambda row: row.solved == "yes"), many(lambda row: bool(row.solved))))


def figures_by(rows: Iterable[CallbackCount]) -> tuple[CallbackFigures, ...]:
    """The same for each key, those with most callbacks first."""
    grouped: dict[str, list[CallbackCount]] = {}
    for row in rows:
        grouped.setdefault(row.key, []).append(row)
    return tuple(sorted((figures(held, key) for key, held in grouped.items()), key=lambda each: (-each.all, each.key)))


def counted(rows: Sequence[CallbackCount], what: str) -> dict[str, int]:
    """How many of each code of ``state``, ``satisfaction`` or ``reason``, in the usual order; those of nobody are left out."""
    order: Mapping[str, Sequence[str]] = {"satisfaction": SATISFACTION, "reason": sorted(REASONS),
                                          "state": [CaseState.PLANNED, CaseState.REDO, CaseState.DONE, CaseState.UNREACHED]}
    sums = dict.fromkeys(order[what], 0)
    for row in rows:
        code = str(getattr(row, what))
        if code:
            sums[code] = sums.get(code, 0) + row.count
    return {str(code): count for code, count in sums.items() if count}
