"""Strict readers of plain JSON values: a wrong type is a ``ValueError``, so that what is damaged is told and never half read.

For the forms that stand beside it (``json_form``, ``call_record_form``). ``bool`` is no number, a number that is no number (NaN)
is none either. Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


def object_of(held: object) -> dict[str, object]:
    """An object with its keys."""
    if not isinstance(held, dict):
        raise ValueError("not an object")
    return cast("dict[str, object]", held)


def array_at(keys: dict[str, object], name: str, missing: Sequence[object] | None = None) -> Sequence[object]:
    """An array under a key; ``missing`` stands for one that is not there."""
    held = keys.get(name, missing)
    if not isinstance(held, list | tuple):
        raise ValueError(f"{name} is not an array")
    return held


def row_of(held: object, length: int) -> list[object]:
    """An array of so many values."""
    if not isinstance(held, list) or len(held) != length:
        raise ValueError(f"not a row of {length}")
    return held


def text_at(keys: dict[str, object], name: str, missing: str | None = None) -> str:
    """A text under a key; ``missing`` stands for one that is not there."""
    return text_of(keys.get(name, missing))


def whole_at(keys: dict[str, object], name: str) -> int:
    """A whole number under a key."""
    return whole_of(keys.get(name))


def text_of(held: object) -> str:
    """A text."""
    if not isinstance(held, str):
        raise ValueError("not a text")
    return held


def whole_of(held: object) -> int:
    """A whole number."""
    if not isinstance(held, int) or isinstance(held, bool):
        raise ValueError("not a whole number")
    return held


def number_of(held: object) -> float:
    """A finite number."""
    if not isinstance(held, int | float) or isinstance(held, bool):
        raise ValueError("not a number")
    try:
        number = float(held)
    except OverflowError:
        raise ValueError("not a number") from None
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def truth_of(held: object) -> bool:
    """True or false."""
    if not isinstance(held, bool):
        raise ValueError("not true or false")
    return held
