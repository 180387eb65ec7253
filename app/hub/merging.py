"""Counts of portions of the calls become counts of all of them: rows of equal keys add up, field by field. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar, cast

Row = TypeVar("Row")

#: What tells rows apart, by names of their dataclasses' fields; all else adds up.
_KEYS = frozenset({"key", "bin", "rank", "proposed", "submitted", "entry_id", "code", "wrong_fields"})


def merged(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows of one dataclass, each key once, in the order of their keys."""
    if not rows:
        return ()
    kind: Any = type(rows[0])
    names = [each.name for each in fields(kind)]
    keys = [name for name in names if name in _KEYS and (name != "proposed" or isinstance(getattr(rows[0], name), str))]
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(getattr(row, name) for name in keys)
        held = found.get(key)
        if held is None:
            found[key] = {name: getattr(row, name) for name in names}
        else:
            for name in names:
                if name not in keys:
                    held[name] = _sum(held[name], getattr(row, name))
    return tuple(cast("Row", kind(**found[key])) for key in sorted(found, key=lambda key: cast("tuple[str, ...]", key)))


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, tuple):
        return tuple(a + b for a, b in zip(one, other, strict=True))
    return one + other

