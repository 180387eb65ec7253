"""Texts for people outside the window: errors, doctor, command line; zh_CN (default) and English.

Each room keeps its texts in ``resources/messages/<room>.toml`` as tables ``[<room>.<name>]`` with ``zh`` and ``en``; a key is
``<room>.<name>`` ("asr.model_truncated"). Placeholders are named: ``{path}``. A missing key shows as itself, so that a
person can still report it.
"""

from __future__ import annotations

import functools
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from app.domain.errors import AppError
from app.platform.resource_files import resource


def language() -> str:
    """"en" or "zh": ``TINGDAN_LANG`` where set, else Chinese."""
    return "en" if os.environ.get("TINGDAN_LANG", "").lower().startswith("en") else "zh"


def text(key: str, params: Mapping[str, object] | None = None, lang: str | None = None) -> str:
    """The text of ``key`` with its placeholders filled; never raises."""
    entry = _of_room(key.partition(".")[0]).get(key) or _catalogue().get(key)
    if entry is None:
        return key
    template = entry.get(lang or language()) or entry.get("zh") or key
    try:
        return template.format_map(dict(params or {}))
    except (KeyError, IndexError, ValueError):
        return template


def describe(error: AppError, lang: str | None = None) -> str:
    """One error as one line for people."""
    return text(error.key, error.params, lang)


@functools.cache
def _of_room(room: str) -> dict[str, dict[str, str]]:
    """The texts in the room's own file: a start needs few rooms, and reading all of them takes as long as the window takes to paint."""
    path = resource("messages") / f"{room}.toml"
    return _read(path) if room.isidentifier() and path.is_file() else {}


@functools.cache
def _catalogue() -> dict[str, dict[str, str]]:
    """All of them: for a key that stands in no file of its room's name."""
    merged: dict[str, dict[str, str]] = {}
    for path in sorted(resource("messages").glob("*.toml")):
        merged |= _read(path)
    return merged


def _read(path: Path) -> dict[str, dict[str, str]]:
    tables = tomllib.loads(path.read_text("utf-8"))
    return {f"{room}.{key}": texts for room, keys in tables.items() for key, texts in keys.items()}
