"""One record of our JSON Lines format to a ``KnowledgeEntry`` and back (docs/kb-format.md).

A record that breaks a rule is refused with the reason and its line, the others come in. Texts lose their HTML here, so
that nothing behind this door ever sees markup.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.knowledge import KnowledgeEntry, Tier
from kb_cache.html_text import plain_text

MAX_TITLE = 200
MAX_TEXT = 20_000
MAX_LIST = 100
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXTS = ("title", "speakable", "answer", "parent", "region", "unit", "source", "valid_from", "valid_to")
_FIELDS = tuple(field.name for field in dataclasses.fields(KnowledgeEntry))
_LISTS = ("questions", "item_codes", "tags")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was not taken: where it stood (counted from 1) and why (a short stable word)."""

    line: int
    reason: str


class RecordError(ValueError):
    """A record breaks a rule; the message is the short reason of a ``Refusal``."""


def entry_of(record: Mapping[str, object]) -> KnowledgeEntry:
    """The entry a record describes.

    Raises:
        RecordError: no id or title, a wrong type, tier or date, or a text beyond all measure.
    """
    key = record.get("id")
    if not isinstance(key, str) or not key.strip() or len(key) > MAX_TITLE:
        raise RecordError("id")
    texts = {name: _text(record, name) for name in _TEXTS}
    if not texts["title"] or len(texts["title"]) > MAX_TITLE:
        raise RecordError("title")
    for name in ("valid_from", "valid_to"):
        if texts[name] and not _DATE.fullmatch(texts[name]):
            raise RecordError(name)
    lists = {name: _list(record, name) for name in _LISTS}
    return KnowledgeEntry(
        id=key.strip(), tier=_tier(record), version=_version(record), questions=lists["questions"],
        item_codes=lists["item_codes"], tags=lists["tags"], **texts)


def record_of(entry: KnowledgeEntry) -> dict[str, object]:
    """The record of an entry: empty fields are left out."""
    full = {name: getattr(entry, name) for name in _FIELDS}
    return {name: value for name, value in full.items() if value not in ("", ())}


def line_of(entry: KnowledgeEntry) -> str:
    """The entry as one line of our JSON Lines format."""
    return json.dumps(record_of(entry), ensure_ascii=False, separators=(",", ":"))


def _text(record: Mapping[str, object], name: str) -> str:
    value = record.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise RecordError(name)
    return plain_text(value)


def _list(record: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = record.get(name) or []
    if not isinstance(value, list) or len(value) > MAX_LIST or not all(isinstance(piece, str) for piece in value):
        raise RecordError(name)
    if any(len(piece) > MAX_TITLE for piece in value):
        raise RecordError(name)
    return tuple(clean for piece in value if (clean := plain_text(piece)))


def _tier(record: Mapping[str, object]) -> Tier:
    known = {tier.value: tier for tier in Tier}
    value = record.get("tier", Tier.FAQ.value)
    if not isinstance(value, str) or value not in known:
        raise RecordError("tier")
    return known[value]


def _version(record: Mapping[str, object]) -> int:
    value = record.get("version", 1)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise RecordError("version")
    return value
