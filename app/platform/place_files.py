"""Names of a city's divisions from ``resources/gazetteer``, as people say them, for the recogniser's vocabulary."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from pathlib import Path

from app.domain.errors import EnvironmentFault
from app.platform.resource_files import resource

_COMMITTEE = re.compile("(居民委员会|村民委员会|居委会|村委会|村村民委员会)$")
_CITY, _DISTRICT, _STREET = 4, 6, 9
_WEIGHTS = {_DISTRICT: 20, _STREET: 4}
"""A district is said as often as many communities together."""


@lru_cache(maxsize=4)
def place_phrases(city: str) -> tuple[str, ...]:
    """Districts, streets and communities of a city as phrases of class place, weighted; nothing for a city that is not shipped.

    Raises:
        EnvironmentFault: the gazetteer is damaged.
    """
    folder = resource("gazetteer")
    rows = _rows(folder / "divisions.csv")
    code = next((code for code, name in rows if len(code) == _CITY and name == city), "")
    if not code:
        return ()
    communities = folder / "communities" / f"{code}.csv"
    rows = [row for row in rows if row[0].startswith(code)] + (_rows(communities) if communities.exists() else [])
    names = {_COMMITTEE.sub("", name): _WEIGHTS.get(len(number), 1) for number, name in rows if len(number) > _CITY}
    return tuple(f"{name} place {weight}" for name, weight in names.items() if len(name) > 1)


def city_names() -> tuple[str, ...]:
    """Official names of all cities that the gazetteer knows.

    Raises:
        EnvironmentFault: the gazetteer is damaged.
    """
    return tuple(name for code, name in _rows(resource("gazetteer") / "divisions.csv") if len(code) == _CITY)


@lru_cache(maxsize=1)
def districts_by_city() -> dict[str, tuple[str, ...]]:
    """Official names of the districts of each city that the gazetteer knows.

    Raises:
        EnvironmentFault: the gazetteer is damaged.
    """
    rows = _rows(resource("gazetteer") / "divisions.csv")
    names = {code: name for code, name in rows if len(code) == _CITY}
    return {city: tuple(name for code, name in rows if len(code) == _DISTRICT and code.startswith(number))
            for number, city in names.items()}


@lru_cache(maxsize=4)
def streets_of(city: str) -> frozenset[str]:
    """Official names of the streets and towns of a city; none for a city that is not shipped.

    Raises:
        EnvironmentFault: the gazetteer is damaged.
    """
    rows = _rows(resource("gazetteer") / "divisions.csv")
    code = next((code for code, name in rows if len(code) == _CITY and name == city), "")
    return frozenset(name for number, name in rows if code and len(number) == _STREET and number.startswith(code))


def _rows(file: Path) -> list[tuple[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            return [(row[0], row[1]) for row in csv.reader(stream) if len(row) > 1]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EnvironmentFault("catalogue.file_unreadable", path=file.name) from error
