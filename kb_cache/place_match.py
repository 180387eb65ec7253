"""Whether an entry of some region suits a call from some place; names are those of the gazetteer.

A region names a city, a district, both, or more than a city (a province: suits everywhere in it). An entry of the call's district stands
before one of its city, and one of another district or city steps back.
"""

from __future__ import annotations

import functools
import re

from app.platform.place_files import districts_by_city

IN_DISTRICT, IN_CITY, ELSEWHERE = 1.08, 1.03, 0.9
_CITY = re.compile("[市区县州盟]$")


def suits_place(region: str, city: str, district: str) -> float:
    """A factor for the score.

    Args:
        region: the entry's, "" for any.
        city: official name of the call's city, "" where it is not known.
        district: official name of the district that the call is about, "" where it is not known.
    """
    if not region or not city:
        return 1.0
    named, part = _parts(region, city)
    if named and named != city:
        return ELSEWHERE
    if part:
        return 1.0 if not district else IN_DISTRICT if part == district else ELSEWHERE
    if named:
        return IN_CITY
    return ELSEWHERE if _CITY.search(region) and not city.startswith(region) else 1.0


@functools.lru_cache(maxsize=4096)
def _parts(region: str, city: str) -> tuple[str, str]:
    """City and district that a region names, "" for what it does not name; a district of the call's city needs no city beside it."""
    known = districts_by_city()
    named = next((name for name in (city, *known) if name in region), "")
    own = known.get(named or city, ())
    part = next((name for name in own if region.endswith(name)), "")
    return (named or city, part) if part else (named, "")
