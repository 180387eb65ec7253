"""Reads a JSON file key by key and says exactly which key (or line) is wrong; unknown keys are errors, for they are typos.

    OperatorVisibleError
    ├── delivery.mapping_missing        there is no such file (params: file)
    ├── delivery.mapping_syntax         not JSON (params: file, line, column)
    ├── delivery.mapping_key_missing    a needed key is not there (params: file, place)
    ├── delivery.mapping_key_unknown    a key that nothing reads (params: file, place)
    ├── delivery.mapping_kind           a value of the wrong kind (params: file, place, wanted)
    └── delivery.mapping_*              what a certain key asks for (params: file, place, …)

A place is a path of keys: ``request.headers.X-System``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from app.domain.errors import EnvironmentFault, OperatorVisibleError

T = TypeVar("T")
_LARGEST_BYTES = 4 << 20


class Form:
    """An object of the file. ``done`` at the end refuses what nobody asked for.

    Args:
        held: its keys.
        place: where it stands, "" for the whole file.
        file: the file's name, for messages.
    """

    def __init__(self, held: Mapping[str, object], place: str, file: str) -> None:
        self._held, self._place, self.file = held, place, file
        self._asked: set[str] = {"comment", "说明"}

    def at(self, key: str) -> str:
        """The place of one of its keys."""
        return f"{self._place}.{key}" if self._place else key

    def wrong(self, key: str, problem: str, **params: object) -> OperatorVisibleError:
        """The error ``delivery.mapping_<problem>`` at a key."""
        return self.wrong_at(self.at(key), problem, **params)

    def wrong_at(self, place: str, problem: str, **params: object) -> OperatorVisibleError:
        """The same at a place further inside."""
        return OperatorVisibleError(f"delivery.mapping_{problem}", file=self.file, place=place, **params)

    def __contains__(self, key: str) -> bool:
        return key in self._held

    def keys(self) -> tuple[str, ...]:
        """All keys, as free names: none of them is unknown any more."""
        names = tuple(key for key in self._held if key not in ("comment", "说明"))
        self._asked.update(names)
        return names

    def any(self, key: str) -> object:
        """A value of any kind; the key must be there."""
        self._asked.add(key)
        if key not in self._held:
            raise self.wrong(key, "key_missing")
        return self._held[key]

    def text(self, key: str, default: str | None = None, choices: tuple[str, ...] = ()) -> str:
        """A text; needed where there is no default."""
        held = self._of(key, default, lambda v: isinstance(v, str), "text")
        if choices and held not in choices:
            raise self.wrong(key, "choice", found=held, choices=", ".join(choices))
        return held

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        return self._of(key, default, lambda v: isinstance(v, bool), "true/false")

    def number(self, key: str, default: float, least: float = 0.0, most: float = 1e9) -> float:
        """A number within limits."""
        return float(self._of(key, default, lambda v: isinstance(v, int | float) and not isinstance(v, bool) and least <= v <= most,
                              f"{least:g} – {most:g}"))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty where the key is missing."""
        return tuple(self._of(key, (), lambda v: isinstance(v, list) and all(isinstance(each, str) for each in v), "[text, …]"))

    def whole_numbers(self, key: str) -> frozenset[int]:
        """A list of whole numbers."""
        return frozenset(self._of(key, (), lambda v: isinstance(v, list) and all(type(each) is int for each in v), "[number, …]"))

    def scalars(self, key: str) -> tuple[object, ...]:
        """A list of texts, numbers, true or false."""
        return tuple(self._of(key, (), lambda v: isinstance(v, list) and all(isinstance(each, str | int | float) for each in v),
                              "[…]"))

    def form(self, key: str) -> Form | None:
        """An object, None where the key is missing."""
        if key not in self._held:
            return None
        held = self._of(key, cast("dict[str, object]", {}), lambda v: isinstance(v, dict), "{…}")
        return Form(held, self.at(key), self.file)

    def needed(self, key: str) -> Form:
        """An object that must be there."""
        found = self.form(key)
        if found is None:
            raise self.wrong(key, "key_missing")
        return found

    def done(self) -> None:
        """Refuse keys that nothing asked for."""
        for key in self._held:
            if key not in self._asked:
                raise self.wrong(key, "key_unknown")

    def _of(self, key: str, default: T | None, fits: Callable[[object], bool], wanted: str) -> T:
        self._asked.add(key)
        if key not in self._held:
            if default is None:
                raise self.wrong(key, "key_missing")
            return default
        if not fits(self._held[key]):
            raise self.wrong(key, "kind", wanted=wanted)
        return cast("T", self._held[key])


def read_form(path: Path) -> Form:
    """The whole file.

    Raises:
        OperatorVisibleError: there is none, or it is no JSON object.
        EnvironmentFault: it cannot be read.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise OperatorVisibleError("delivery.mapping_missing", file=path.name) from error
    except OSError as error:
        raise EnvironmentFault("delivery.mapping_unreadable", file=path.name, reason=type(error).__name__) from error
    if len(raw) > _LARGEST_BYTES:
        raise OperatorVisibleError("delivery.mapping_syntax", file=path.name, line=1, column=1)
    try:
        held = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_no_twins)
    except json.JSONDecodeError as error:
        raise OperatorVisibleError("delivery.mapping_syntax", file=path.name, line=error.lineno, column=error.colno) from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise OperatorVisibleError("delivery.mapping_not_utf8", file=path.name, line=line) from error
    except _TwiceError as error:
        raise OperatorVisibleError("delivery.mapping_key_twice", file=path.name, place=str(error)) from error
    except RecursionError as error:
        raise OperatorVisibleError("delivery.mapping_syntax", file=path.name, line=1, column=1) from error
    if not isinstance(held, dict):
        raise OperatorVisibleError("delivery.mapping_kind", file=path.name, place="", wanted="{…}")
    return Form(held, "", path.name)


class _TwiceError(Exception):
    """A key stands twice in one object."""


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    held: dict[str, object] = {}
    for key, value in pairs:
        if key in held:
            raise _TwiceError(key)
        held[key] = value
    return held
