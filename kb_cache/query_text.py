"""From what a caller says to what is searched: fillers out, everyday words helped, rambling cut into windows."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import BugError
from app.platform.resource_files import resource
from kb_cache.terms import plain

WINDOW = 24
STEP = 12
SHORT = 30


@dataclass(frozen=True, slots=True)
class Speech:
    """How people talk: ``fillers`` are cut out, ``formal`` gives the words of office for everyday ones."""

    fillers: re.Pattern[str]
    everyday: re.Pattern[str]
    formal: Mapping[str, str]


@functools.cache
def speech(path: Path | None = None) -> Speech:
    """The shipped tables (``resources/knowledge/speech.toml``), read once.

    Raises:
        BugError: the shipped table is damaged.
    """
    where = path or resource("knowledge", "speech.toml")
    try:
        table = tomllib.loads(where.read_text("utf-8"))
        formal = {said: " ".join(meant) for said, meant in table["everyday"].items()}
        return Speech(_any_of(table["fillers"]), _any_of(formal), formal)
    except (OSError, KeyError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise BugError("kb_cache.mapping_damaged", name=where.name) from error


def content(text: str) -> str:
    """Plain text without fillers; what is left of a text of fillers only is ""."""
    return " ".join(speech().fillers.sub(" ", plain(text)).split())


def formal_words(text: str) -> str:
    """Words of office for the everyday words in a plain text, "" where it has none."""
    table = speech()
    return " ".join(dict.fromkeys(table.formal[found] for found in table.everyday.findall(text)))


def windows(text: str) -> list[str]:
    """The text where it is short, else overlapping stretches of it, so that rambling around a question does not count."""
    if len(text) <= SHORT:
        return [text]
    return [text[start:start + WINDOW] for start in range(0, max(1, len(text) - WINDOW + STEP), STEP)]


def _any_of(phrases: object) -> re.Pattern[str]:
    longest_first = sorted((str(phrase) for phrase in phrases), key=len, reverse=True)  # type: ignore[attr-defined]
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
