"""JSON templates: what the ticket system wants to hear, written down with placeholders, checked before the first ticket.

A text that is one placeholder (``"{{is_anonymous}}"``) gives the value with its type; placeholders within a text give text.
Filters follow a bar: ``{{request_type | map:types}}``, ``{{event_time_start | date:%Y-%m-%d %H:%M}}``, ``{{is_anonymous |
yesno:是,否}}``, ``join:、``, ``max:200``, ``default:无``, ``text``, ``required``. ``{"$each": "children", "item": …}`` gives a
list with one item a child ticket, utterance or attachment; inside, names mean those of the item.

A name or filter that does not exist is an error of the mapping, at ``compile_template``. A value that the ticket does not have or
the enumeration does not know is a ``Unrenderable`` of that ticket: a person must mend it. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from app.delivery.form import Form
from app.domain.json_values import Json

Enumeration = Mapping[str, object]

_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Unrenderable(Exception):  # noqa: N818 (says what a ticket is, not what failed in the program)
    """A ticket that the template has no words for: ``reason`` (message key), ``name`` of the field and what stands there."""

    def __init__(self, reason: str, name: str, found: str = "") -> None:
        super().__init__(reason)
        self.reason, self.name, self.found = reason, name, found


@dataclass(frozen=True, slots=True)
class Scope:
    """What a template may name: values, and lists of further scopes."""

    values: Mapping[str, object]
    lists: Mapping[str, Sequence[Scope]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names that exist: values, lists with the names of their items, enumerations."""

    names: frozenset[str]
    lists: Mapping[str, frozenset[str]]
    enumerations: Mapping[str, Enumeration]


Template = Callable[[Scope], Json]
TextTemplate = Callable[[Scope], str]
_Filter = Callable[[object, str], object]


def compile_template(held: object, place: str, words: Vocabulary, form: Form, omit_empty: bool = False) -> Template:
    """A template from its JSON form; OperatorVisibleError naming the key where a name or filter does not exist."""
    if isinstance(held, str):
        return _text(held, place, words, form)
    if isinstance(held, list):
        parts = [compile_template(each, f"{place}[{number}]", words, form, omit_empty) for number, each in enumerate(held)]
        return lambda scope: [part(scope) for part in parts]
    if isinstance(held, dict):
        if "$each" in held:
            return _each(held, place, words, form, omit_empty)
        keys = {key: compile_template(each, f"{place}.{key}", words, form, omit_empty) for key, each in held.items()
                if key not in ("comment", "说明")}
        return lambda scope: _object(keys, scope, omit_empty)
    scalar = cast("Json", held)
    return lambda scope: scalar


def compile_text(held: str, place: str, words: Vocabulary, form: Form) -> TextTemplate:
    """A template that always gives text."""
    template = _text(held, place, words, form)
    return lambda scope: as_text(template(scope))


def as_text(value: object) -> str:
    """A value inside a text: nothing for None, 是 and 否 for flags, lists with 、."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(as_text(each) for each in value)
    return str(value)


def _object(keys: Mapping[str, Template], scope: Scope, omit_empty: bool) -> Json:
    made = {key: template(scope) for key, template in keys.items()}
    return {key: value for key, value in made.items() if value not in (None, "", [], {})} if omit_empty else made


def _each(held: Mapping[str, object], place: str, words: Vocabulary, form: Form, omit_empty: bool) -> Template:
    name = held["$each"]
    if set(held) != {"$each", "item"} or not isinstance(name, str):
        raise form.wrong_at(place, "each")
    if name not in words.lists:
        raise form.wrong_at(place, "name_unknown", found=name)
    inner = Vocabulary(words.names | words.lists[name], {}, words.enumerations)
    item = compile_template(held["item"], f"{place}.item", inner, form, omit_empty)

    def render(scope: Scope) -> Json:
        return [item(Scope({**scope.values, **each.values})) for each in scope.lists.get(name, ())]

    return render


def _text(held: str, place: str, words: Vocabulary, form: Form) -> Template:
    parts: list[Callable[[Scope], object] | str] = []
    end = 0
    for found in _PLACEHOLDER.finditer(held):
        if found.start() > end:
            parts.append(held[end:found.start()])
        parts.append(_placeholder(found.group(1), place, words, form))
        end = found.end()
    if end < len(held):
        parts.append(held[end:])
    if any(isinstance(part, str) and ("{{" in part or "}}" in part) for part in parts):
        raise form.wrong_at(place, "braces")
    if len(parts) == 1 and not isinstance(parts[0], str):
        return cast("Template", parts[0])
    return lambda scope: "".join(part if isinstance(part, str) else as_text(part(scope)) for part in parts)


def _placeholder(inside: str, place: str, words: Vocabulary, form: Form) -> Callable[[Scope], object]:
    name, *asked = (part.strip() for part in inside.split("|"))
    if not _NAME.fullmatch(name) or name not in words.names:
        raise form.wrong_at(place, "name_unknown", found=name)
    filters = [_filter(each, place, words, form) for each in asked]

    def render(scope: Scope) -> object:
        value = scope.values.get(name)
        for apply in filters:
            value = apply(value, name)
        return value

    return render


def _filter(asked: str, place: str, words: Vocabulary, form: Form) -> _Filter:
    kind, _, argument = asked.partition(":")
    if kind == "map":
        if argument not in words.enumerations:
            raise form.wrong_at(place, "enumeration_unknown", found=argument)
        return _mapped(words.enumerations[argument])
    if (kind == "max" and not argument.isascii()) or (kind == "max" and not argument.isdigit()):
        raise form.wrong_at(place, "filter", found=asked)
    makers: Mapping[str, Callable[[str], _Filter]] = {
        "date": _dated, "yesno": _yesno, "join": _joined, "max": _capped, "default": _defaulted,
        "text": lambda _: lambda value, name: as_text(value), "required": lambda _: _required,
    }
    if kind not in makers or (kind in ("date", "yesno") and not argument):
        raise form.wrong_at(place, "filter", found=asked)
    return makers[kind](argument)


def _mapped(table: Enumeration) -> _Filter:
    def one(value: object, name: str) -> object:
        key = as_text(value)
        if key in table:
            return table[key]
        if "*" in table:
            return table["*"]
        if value is None:
            return None
        raise Unrenderable("delivery.value_unmapped", name, key)

    return lambda value, name: [one(each, name) for each in value] if isinstance(value, list) else one(value, name)


def _dated(form: str) -> _Filter:
    def apply(value: object, name: str) -> object:
        if value is None or value == "":
            return value
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise Unrenderable("delivery.value_no_date", name, str(value)) from error
        return str(int(at.timestamp() * 1000)) if form == "ms" else at.strftime(form)

    return apply


def _yesno(words: str) -> _Filter:
    yes, _, no = words.partition(",")
    return lambda value, name: None if value is None else (yes if value is True else no)


def _joined(between: str) -> _Filter:
    return lambda value, name: between.join(as_text(each) for each in value) if isinstance(value, list) else value


def _capped(most: str) -> _Filter:
    return lambda value, name: as_text(value)[: int(most)] if value is not None else None


def _defaulted(word: str) -> _Filter:
    return lambda value, name: word if value in (None, "", []) else value


def _required(value: object, name: str) -> object:
    if value in (None, "", []):
        raise Unrenderable("delivery.field_missing", name)
    return value

