"""Put this folder first on PYTHONPATH and PySide6 is not installed, in this process and in those it starts.

Python imports ``sitecustomize`` by itself at start-up. From then on the path finder finds neither PySide6 nor shiboken6:
importing them raises the very ModuleNotFoundError, and ``importlib.util.find_spec`` gives the very None, of a machine
without them.
`make non-qt` imports and tests the rooms below the presenters this way: the proof that they carry no Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

BLOCKED = frozenset({"PySide6", "shiboken6"})

_find_any = PathFinder.find_spec


def _find_spec(
    _finder: type[PathFinder], name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
) -> ModuleSpec | None:
    return None if name.partition(".")[0] in BLOCKED else _find_any(name, path, target)


# A class method again: others (pytest's import hook) keep what `PathFinder.find_spec` gives and call it.
PathFinder.find_spec = classmethod(_find_spec)  # type: ignore[method-assign,assignment]
