"""A field's value as text for people, and what people type as a value. Pure functions, no Qt.

Typing is generous where it is unambiguous (a choice by its number or first characters, an item by its code) and refuses
the rest: a wrong value that looks sure is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from app.domain.catalogue import FieldKind, FieldSpec, Taxonomy
from app.domain.ticket import Value

YES, NO = "是", "否"
ITEM_FIELD = "item_code"
_YES_WORDS = frozenset({YES, "1", "y", "yes", "要", "需要", "true"})
_NO_WORDS = frozenset({NO, "2", "n", "no", "不要", "不需要", "false"})
_TIME_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
_LIST_BREAK = re.compile(r"[、,，;；|\s]+")


@dataclass(frozen=True, slots=True)
class Typed:
    """What typing came to: a value (None: emptied), or not a value of this field at all."""

    value: Value | None = None
    is_valid: bool = True


NOT_A_VALUE = Typed(None, is_valid=False)


def shown(spec: FieldSpec, value: Value | None, taxonomy: Taxonomy) -> str:
    """The value as the form shows it; an empty string for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return "、".join(value)
    text = str(value)
    if spec.name == ITEM_FIELD:
        return taxonomy.label(text)
    if spec.kind is FieldKind.TIME:
        return _short_time(text)
    return text


def typed(spec: FieldSpec, text: str, taxonomy: Taxonomy, utc_offset: str = "+08:00") -> Typed:
    """What ``text`` means in this field.

    Args:
        spec: the field.
        text: as typed; outer spaces do not count.
        taxonomy: the item tree, for the item field.
        utc_offset: offset that typed times are in.
    """
    text = text.strip()
    if not text:
        return Typed(None)
    if spec.name == ITEM_FIELD:
        return _typed_item(text, taxonomy)
    if spec.kind is FieldKind.CHOICE:
        return _typed_choice(spec.choices, text)
    if spec.kind is FieldKind.FLAG:
        return _typed_flag(text)
    if spec.kind is FieldKind.TIME:
        return _typed_time(text, utc_offset)
    if spec.kind is FieldKind.NUMBER:
        return _typed_number(spec, text)
    if spec.kind is FieldKind.LIST:
        return Typed([part for part in _LIST_BREAK.split(text) if part])
    return Typed(text)


def _typed_item(text: str, taxonomy: Taxonomy) -> Typed:
    code = text[:6]
    if code in taxonomy:
        return Typed(code)
    named = [item.code for item in taxonomy.items if text in (item.name, item.path_name)]
    return Typed(named[0]) if len(named) == 1 else NOT_A_VALUE


def _typed_choice(choices: tuple[str, ...], text: str) -> Typed:
    if not choices or text in choices:
        return Typed(text)
    if text.isdecimal() and 1 <= int(text) <= len(choices):
        return Typed(choices[int(text) - 1])
    starting = [choice for choice in choices if choice.startswith(text)]
    return Typed(starting[0]) if len(starting) == 1 else NOT_A_VALUE


def _typed_flag(text: str) -> Typed:
    word = text.lower()
    if word in _YES_WORDS:
        return Typed(True)
    return Typed(False) if word in _NO_WORDS else NOT_A_VALUE


def _typed_time(text: str, utc_offset: str) -> Typed:
    plain = text.replace("T", " ").replace("/", "-")
    for form in _TIME_FORMATS:
        try:
            moment = datetime.strptime(plain, form)  # noqa: DTZ007  the offset is added as text below
        except ValueError:
            continue
        return Typed(moment.strftime("%Y-%m-%dT%H:%M:%S") + utc_offset)
    return NOT_A_VALUE


def _typed_number(spec: FieldSpec, text: str) -> Typed:
    plain = text.replace(",", "").replace("，", "").removesuffix("元").removesuffix("人")
    if not re.fullmatch(r"\d{1,14}(\.\d{1,2})?", plain):
        return NOT_A_VALUE
    if spec.name == "people_count":
        return Typed(int(plain)) if plain.isdecimal() and int(plain) > 0 else NOT_A_VALUE
    return Typed(plain)


def _short_time(text: str) -> str:
    match = re.match(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})", text)
    if match is None:
        return text
    return match.group(1) if match.group(2) == "00:00" else f"{match.group(1)} {match.group(2)}"
