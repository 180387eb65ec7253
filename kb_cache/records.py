"""One record of our JSON Lines format to a ``KnowledgeEntry`` and back (docs/kb-format.md).

A record that breaks a rule is refused with the reason and its line, the others come in. Texts lose their HTML here, so
that nothing behind this door ever sees markup. ``entry_of(record_of(entry)) == entry`` for every entry that came in here.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from app.domain.knowledge import Choice, KnowledgeEntry, Phone, Place, Section, Sensitivity, Status, Step, Tier
from kb_cache.html_text import one_line, plain_text

MAX_TITLE = 200
MAX_TEXT = 20_000
MAX_LIST = 100
MAX_COUNT = 1_000_000_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
FIELDS = tuple(field.name for field in dataclasses.fields(KnowledgeEntry))
_DEFAULTS = {field.name: field.default for field in dataclasses.fields(KnowledgeEntry)}
_WRITTEN_ALWAYS = ("id", "title", "tier", "version")
_Made = TypeVar("_Made")
_Kind = TypeVar("_Kind", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was not taken: where it stood (counted from 1) and why (a short stable word).

    Attributes:
        line: line of the file or row of the table, from 1.
        reason: the field that broke a rule, or a word of its own ("duplicate", "columns", "formula").
        column: the source's own name of the column or cell, "" where it is the record as a whole.
        file: name of the file, where a source has several.
    """

    line: int
    reason: str
    column: str = ""
    file: str = ""


class RecordError(ValueError):
    """A record breaks a rule; the message is the short reason of a ``Refusal``."""


def entry_of(record: Mapping[str, object]) -> KnowledgeEntry:
    """The entry a record describes; keys that we do not know are left aside.

    Raises:
        RecordError: no id or title, a wrong type, tier or date, or a text beyond all measure.
    """
    key = record.get("id")
    if not isinstance(key, str) or len(key) > MAX_TITLE or not (key := one_line(key)):
        raise RecordError("id")
    title = _short(record, "title")
    if not title:
        raise RecordError("title")
    return KnowledgeEntry(
        id=key, title=title, speakable=_text(record, "speakable"), answer=_text(record, "answer"),
        tier=_kind(record, "tier", Tier.FAQ), parent=_short(record, "parent"), questions=_list(record, "questions"),
        item_codes=_list(record, "item_codes"), region=_short(record, "region"), unit=_short(record, "unit"),
        source=_short(record, "source"), valid_from=_date(record, "valid_from"), valid_to=_date(record, "valid_to"),
        updated=_date(record, "updated"), version=_count(record, "version", 1), tags=_list(record, "tags"),
        materials=_list(record, "materials"), sections=_parts(record, "sections", _section), steps=_steps(record),
        places=_parts(record, "places", _place), phones=_parts(record, "phones", _phone),
        status=_kind(record, "status", Status.IN_FORCE), heat=_count(record, "heat", 0),
        sensitivity=_kind(record, "sensitivity", Sensitivity.PUBLIC))


def record_of(entry: KnowledgeEntry) -> dict[str, object]:
    """The record of an entry: fields that say nothing are left out."""
    return {name: _plain(value) for name in FIELDS
            if (value := getattr(entry, name)) != _DEFAULTS[name] or name in _WRITTEN_ALWAYS}


def line_of(entry: KnowledgeEntry) -> str:
    """The entry as one line of our JSON Lines format."""
    return json.dumps(record_of(entry), ensure_ascii=False, separators=(",", ":"))


def brief_of(entry: KnowledgeEntry) -> str:
    """What decides an entry's place among results, as one line: an entry without its texts."""
    told = [entry.tier, entry.region, entry.item_codes, entry.status, entry.valid_from, entry.valid_to, entry.sensitivity]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def entry_of_brief(key: str, line: str) -> KnowledgeEntry:
    """The entry of a brief: without texts.

    Raises:
        ValueError: not what ``brief_of`` writes.
    """
    tier, region, items, status, valid_from, valid_to, sensitivity = json.loads(line)
    return KnowledgeEntry(key, "", tier=Tier(tier), region=region, item_codes=tuple(items), status=Status(status),
                          valid_from=valid_from, valid_to=valid_to, sensitivity=Sensitivity(sensitivity))


def _plain(value: object) -> object:
    """Dataclasses as objects without their empty keys, tuples as lists."""
    if isinstance(value, tuple):
        return [_plain(piece) for piece in value]
    if dataclasses.is_dataclass(value):
        named = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: _plain(each) for name, each in named if each not in ("", ())}
    return value


def _text(record: Mapping[str, object], name: str, longest: int = MAX_TEXT) -> str:
    value = record.get(name, "")
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or len(value) > longest:
        raise RecordError(name)
    return plain_text(value)


def _short(record: Mapping[str, object], name: str) -> str:
    value = record.get(name, "")
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or len(value) > MAX_TITLE:
        raise RecordError(name)
    return one_line(value)


def _date(record: Mapping[str, object], name: str) -> str:
    value = _short(record, name)
    if not value:
        return ""
    try:
        if not _DATE.fullmatch(value):
            raise RecordError(name)
        date.fromisoformat(value)
    except ValueError as error:
        raise RecordError(name) from error
    return value


def _sequence(record: Mapping[str, object], name: str) -> list[object]:
    value = record.get(name)
    if value is None or value == "":
        return []
    if not isinstance(value, list) or len(value) > MAX_LIST:
        raise RecordError(name)
    return value


def _list(record: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = []
    for piece in _sequence(record, name):
        if not isinstance(piece, str) or len(piece) > MAX_TITLE:
            raise RecordError(name)
        if clean := one_line(piece):
            found.append(clean)
    return tuple(found)


def _parts(record: Mapping[str, object], name: str, make: Callable[[Mapping[str, object]], _Made]) -> tuple[_Made, ...]:
    """Values of a list of objects; whatever is wrong inside is told by the list's name."""
    found = []
    for piece in _sequence(record, name):
        if not isinstance(piece, dict):
            raise RecordError(name)
        try:
            found.append(make(piece))
        except RecordError as error:
            raise RecordError(name) from error
    return tuple(found)


def _needed(record: Mapping[str, object], name: str) -> str:
    value = _short(record, name)
    if not value:
        raise RecordError(name)
    return value


def _section(record: Mapping[str, object]) -> Section:
    return Section(_needed(record, "title"), _text(record, "text"))


def _place(record: Mapping[str, object]) -> Place:
    return Place(_needed(record, "name"), *(_short(record, name) for name in ("address", "hours", "phone")))


def _phone(record: Mapping[str, object]) -> Phone:
    return Phone(_short(record, "label"), _needed(record, "number"))


def _choice(record: Mapping[str, object]) -> Choice:
    return Choice(_needed(record, "label"), _short(record, "next"))


def _step(record: Mapping[str, object]) -> Step:
    text = _text(record, "text", MAX_TITLE * 5)
    if not text:
        raise RecordError("text")
    return Step(_needed(record, "id"), text, _parts(record, "choices", _choice))


def _steps(record: Mapping[str, object]) -> tuple[Step, ...]:
    steps = _parts(record, "steps", _step)
    if len({step.id for step in steps}) != len(steps):
        raise RecordError("steps")
    return steps


def _kind(record: Mapping[str, object], name: str, default: _Kind) -> _Kind:
    value = record.get(name, default.value)
    if value is None or value == "":
        return default
    for each in type(default):
        if each.value == value:
            return each
    raise RecordError(name)


def _count(record: Mapping[str, object], name: str, least: int) -> int:
    value = record.get(name, least)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MAX_COUNT:
        raise RecordError(name)
    return value
