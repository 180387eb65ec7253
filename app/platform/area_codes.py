"""Where a telephone number is from: landlines by their area code, mobiles by where their beginning was given out.

``resources/area_codes.csv`` holds public facts of the numbering plan, written for this program; ``resources/mobile_places`` is converted
from libphonenumber's table (its LICENCE.md). A mobile number keeps its place for life: it is ported between carriers only. Where its
owner lives is another matter, so this is shown, never filled in. Unknown is an empty text, never a guess.
"""

from __future__ import annotations

import csv
import functools
import re

from app.platform.resource_files import resource

_PREFIX = re.compile(r"^(\+|00)86")
_MOBILE = re.compile(r"0?(1[3-9]\d{9})")
_BEGINNING, _LINE = 7, 11
"""Characters of a line of ``runs.txt``: seven digits, three of the place's number, the end of the line."""


def origin(number: str) -> str:
    """Official name of the place ("珠海市"; several share some codes: "西安市/咸阳市"), "" where the number does not tell."""
    digits = re.sub(r"\D", "", _PREFIX.sub("", number.strip()))
    if mobile := _MOBILE.fullmatch(digits):
        return _mobile_place(mobile[1][:_BEGINNING])
    if _PREFIX.match(number.strip()) and not digits.startswith("1"):
        digits = "0" + digits.removeprefix("0")
    if not digits.startswith("0") or len(digits) < 10:
        return ""
    return _codes().get(digits[:3]) or _codes().get(digits[:4]) or ""


def _mobile_place(beginning: str) -> str:
    """Place of the stretch in which a beginning lies: the last line that does not begin behind it."""
    runs, wanted = _runs(), beginning.encode()
    low, high = 0, len(runs) // _LINE
    while low < high:
        middle = (low + high) // 2
        if runs[middle * _LINE: middle * _LINE + _BEGINNING] <= wanted:
            low = middle + 1
        else:
            high = middle
    number = int(runs[low * _LINE - _LINE + _BEGINNING: low * _LINE - 1]) if low else 0
    return _places()[number - 1] if number else ""


@functools.lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    with resource("area_codes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["place"] for row in csv.DictReader(file)}


@functools.lru_cache(maxsize=1)
def _runs() -> bytes:
    return resource("mobile_places", "runs.txt").read_bytes().replace(b"\r\n", b"\n")


@functools.lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    return tuple(resource("mobile_places", "places.txt").read_text("utf-8").splitlines())
