"""Reads the deadline tables (``resources/deadlines/<city>.toml`` or a centre's folder); knows the working days of China.

The working-day table is the package ``chinesecalendar``, which covers whole years up to some year; beyond it the answer is
"not known" and ``app.domain.deadlines`` counts weekdays and marks the result.
"""

from __future__ import annotations

import functools
import tomllib
from datetime import date
from pathlib import Path

from app.domain.deadlines import DeadlineRules
from app.domain.errors import EnvironmentFault
from app.platform.resource_files import resource

PROVINCE = "广东省"


class ChineseWorkCalendar:
    """Working days with their shifts, as far as the package knows them."""

    def is_workday(self, day: date) -> bool | None:
        """True or False; None in a year that the package does not know."""
        return _known(day)


@functools.lru_cache(maxsize=4096)
def _known(day: date) -> bool | None:
    import chinese_calendar  # noqa: PLC0415 - 60 ms at start that only deadlines need

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def load_rules(city: str, folder: Path | None = None) -> DeadlineRules:
    """The table of a city; the province's where the city has none.

    Args:
        city: official name (珠海市).
        folder: a centre's own folder of tables.

    Raises:
        EnvironmentFault: the table cannot be read or misses a figure.
    """
    folder = folder or resource("deadlines")
    safe = city.replace("/", "").replace("\\", "").replace("..", "")
    path = folder / f"{safe}.toml"
    if not safe or not path.is_file():
        path = folder / f"{PROVINCE}.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        days = {str(kind): _days(value) for kind, value in data["days"].items()}
        choices = tuple(_days(value) for value in data.get("review_choices", []))
        return DeadlineRules(str(data["city"]), days, _days(data["other_days"]), _days(data["check_days"]), choices,
                             str(data.get("source", "")))
    except (OSError, UnicodeDecodeError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise EnvironmentFault("deadlines.table_unreadable", path=path.name, reason=type(error).__name__) from error


@functools.lru_cache(maxsize=64)
def rules_of(city: str) -> DeadlineRules | None:
    """A city's shipped table, read once; a damaged one costs the preview, not the ticket."""
    try:
        return load_rules(city)
    except EnvironmentFault:
        return None


def _days(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 365:
        raise ValueError(value)
    return value
