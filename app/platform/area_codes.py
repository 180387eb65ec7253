"""Where a landline is from, by its area code (``resources/area_codes.csv``: public facts of the numbering plan, written for this program).

A mobile number says nothing here: tables of mobile prefixes are large, dated within months by number portability, and none that is kept
may be shipped in full. Unknown is an empty text, never a guess.
"""

from __future__ import annotations

import csv
import functools
import re

from app.platform.resource_files import resource

_PREFIX = re.compile(r"^(\+|00)86")


def origin(number: str) -> str:
    """Official name of the area ("珠海市"; several share some codes: "西安市/咸阳市"), "" where the number does not tell."""
    digits = re.sub(r"\D", "", _PREFIX.sub("", number.strip()))
    if _PREFIX.match(number.strip()) and not digits.startswith("1"):
        digits = "0" + digits.removeprefix("0")
    if not digits.startswith("0") or len(digits) < 10:
        return ""
    return _codes().get(digits[:3]) or _codes().get(digits[:4]) or ""


@functools.lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    with resource("area_codes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["place"] for row in csv.DictReader(file)}
