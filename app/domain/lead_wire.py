"""A lead's questions and the answers to them as they travel between window and hub: query parameters in, JSON rows out.

One description for both ends, so that they cannot disagree: ``GET {hub}/api/v1/lead/{method}`` with ``params_of_slice`` (and what
the method asks besides, by the names of its arguments), answered by ``{"rows": [...]}``, each row an object with the names of its
dataclass; ``behind`` is answered by one page, ``record`` by one call record or 404, ``scope`` by one object. Readers take exact types
only: a wrong type or a missing key is a ``ValueError``. Keys that a newer hub added are ignored. Pure; any thread.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar

from app.domain.call_record import FieldOutcome
from app.domain.json_values import Json
from app.domain.lead_counts import Behind, Dimension, Slice

PREFIX = "/api/v1/lead"
#: Most dimensions of a question (``matters``: one more).
MOST_BY = 3

_Row = TypeVar("_Row")


def params_of_slice(asked: Slice) -> list[tuple[str, str]]:
    """Query parameters; ``only`` occurs once for each (``only=field:contact_phone``)."""
    params = [("since", asked.since), ("until", asked.until)]
    if asked.hours != (0, 24):
        params.append(("hours", f"{asked.hours[0]}-{asked.hours[1]}"))
    params += [("only", f"{dimension.value}:{value}") for dimension, value in asked.only]
    return [(name, value) for name, value in params if value]


def slice_of_params(params: Sequence[tuple[str, str]]) -> Slice:
    """Inverse of ``params_of_slice``; parameters of other names are passed over; ValueError where one makes no sense."""
    given = dict(params)
    only = tuple(_filter(value) for name, value in params if name == "only")
    first, _, last = given.get("hours", "0-24").partition("-")
    hours = (int(first), int(last))
    if not 0 <= hours[0] <= hours[1] <= 24:
        raise ValueError("hours")
    return Slice(given.get("since", ""), given.get("until", ""), only, hours)


def by_to_param(by: Sequence[Dimension]) -> str:
    """``day,field``."""
    return ",".join(each.value for each in by)


def by_of_param(given: str, most: int = MOST_BY) -> tuple[Dimension, ...]:
    """Inverse of ``by_to_param``; ValueError for an unknown dimension or too many."""
    by = tuple(Dimension(each) for each in given.split(",") if each)
    if len(by) > most or len(set(by)) != len(by):
        raise ValueError("by")
    return by


def params_of_behind(which: Behind) -> list[tuple[str, str]]:
    """What narrows to the calls behind a number."""
    params = [(name, str(getattr(which, name))) for name in _BEHIND_TEXTS if getattr(which, name)]
    params += [("outcome", each.value) for each in which.outcomes]
    if which.bins is not None:
        params.append(("bins", f"{which.bins[0]}-{which.bins[1]}"))
    if which.unanswered:
        params.append(("unanswered", "true"))
    if which.wrong_from:
        params.append(("wrong_from", str(which.wrong_from)))
    return params


def behind_of_params(params: Sequence[tuple[str, str]]) -> Behind:
    """Inverse of ``params_of_behind``."""
    given = dict(params)
    first, dash, last = given.get("bins", "").partition("-")
    return Behind(
        outcomes=tuple(FieldOutcome(value) for name, value in params if name == "outcome"),
        bins=(int(first), int(last)) if dash else None,
        unanswered=given.get("unanswered", "") == "true",
        wrong_from=int(given.get("wrong_from", "0")),
        **{name: given.get(name, "") for name in _BEHIND_TEXTS},
    )


_BEHIND_TEXTS = ("field", "proposed", "choice", "offered_first", "submitted", "entry_id", "act", "finding", "degradation")


def row_to_json(row: object) -> Json:
    """A row (a frozen dataclass of plain values, tuples, enums and such rows) as an object."""
    if is_dataclass(row):
        return {each.name: row_to_json(getattr(row, each.name)) for each in fields(row)}
    if isinstance(row, Enum):
        return str(row.value)
    if isinstance(row, tuple):
        return [row_to_json(each) for each in row]
    if row is None or isinstance(row, str | bool | int | float):
        return row
    raise ValueError(type(row).__name__)


def row_from_json(kind: type[_Row], held: object) -> _Row:
    """Inverse of ``row_to_json``; ValueError where types or keys do not fit."""
    if not isinstance(held, Mapping):
        raise ValueError("a row is an object")
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        if each.name in held:
            values[each.name] = _value(hints[each.name], held[each.name])
        elif each.default is MISSING and each.default_factory is MISSING:
            raise ValueError(each.name)
    return kind(**values)


def rows_from_json(kind: type[_Row], held: object) -> tuple[_Row, ...]:
    """The rows of ``{"rows": [...]}``."""
    rows = held.get("rows") if isinstance(held, Mapping) else None
    if not isinstance(rows, list):
        raise ValueError("rows")
    return tuple(row_from_json(kind, each) for each in rows)


def _value(hint: Any, held: object) -> object:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(held)
    if is_dataclass(hint):
        return row_from_json(typing.cast("type[object]", hint), held)
    if typing.get_origin(hint) is tuple:
        return _tuple(typing.get_args(hint), held)
    if isinstance(hint, types.UnionType):
        raise ValueError("no unions in rows")
    if hint is float and isinstance(held, int) and not isinstance(held, bool):
        return float(held)
    if type(held) is not hint:
        raise ValueError(f"{hint} expected")
    return held


def _tuple(parts: tuple[Any, ...], held: object) -> tuple[object, ...]:
    if not isinstance(held, list):
        raise ValueError("an array is expected")
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(_value(parts[0], each) for each in held)
    if len(parts) != len(held):
        raise ValueError("length")
    return tuple(_value(part, each) for part, each in zip(parts, held, strict=True))


def _filter(given: str) -> tuple[Dimension, str]:
    name, colon, value = given.partition(":")
    if not colon:
        raise ValueError("only")
    return Dimension(name), value
