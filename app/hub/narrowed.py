"""A slice as it holds for one visitor: what they may not see is taken out before anything is counted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.lead_counts import Dimension, Slice, weekday_of
from app.hub.rights import Role, Visitor


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Days (inclusive, "" for open) and wanted values by dimension; WEEKDAY stands apart, as no table has it."""

    since: str
    until: str
    only: Mapping[Dimension, frozenset[str]]
    weekdays: frozenset[str]

    def has_day(self, day: str) -> bool:
        """Whether a day's weekday is wanted."""
        return not self.weekdays or weekday_of(day) in self.weekdays


def narrowed(asked: Slice, visitor: Visitor) -> Narrowed | None:
    """The slice for this visitor; None where nothing is left of it."""
    wanted: dict[Dimension, set[str]] = {}
    for dimension, value in asked.only:
        wanted.setdefault(dimension, set()).add(value)
    right = _right(visitor)
    if right is None:
        return None
    for dimension, value in right:
        wanted[dimension] = wanted.get(dimension, {value}) & {value}
    if asked.hours != (0, 24):
        hours = {f"{hour:02}" for hour in range(*asked.hours)}
        wanted[Dimension.HOUR] = wanted.get(Dimension.HOUR, hours) & hours
    if not all(wanted.values()):
        return None
    weekdays = wanted.pop(Dimension.WEEKDAY, set())
    return Narrowed(asked.since, asked.until, {key: frozenset(values) for key, values in wanted.items()}, frozenset(weekdays))


def _right(visitor: Visitor) -> tuple[tuple[Dimension, str], ...] | None:
    """What a visitor's right adds to a slice; None for one who sees no calls."""
    if visitor.role is Role.HEAD:
        return ()
    if visitor.role is Role.LEAD and visitor.team:
        return ((Dimension.TEAM, visitor.team),)
    if visitor.role is Role.OPERATOR and visitor.agent:
        return ((Dimension.OPERATOR, visitor.agent),)
    return None
