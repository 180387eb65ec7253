"""Records of a foreign shape to ours, by a mapping in ``resources/knowledge/shapes/*.toml``.

A mapping names the keys by which its shape is known (``detect``), templates for our fields, and the values that mean
"nothing" there. A template with a blank key gives nothing, so that no sentence with a hole reaches an operator.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import BugError
from kb_cache.cells import BAR, value_of
from kb_cache.records import MAX_LIST, MAX_TITLE

_LABEL = re.compile(r"^(?:办理地点|地点|地址)[:：]\s*")
_PAIRS = str.maketrans({"(": "（", ")": "）"})
_NUMBER = re.compile(r"(?<!\d)(?:0\d{2,3}-?)?\d{5,11}(?:(?:转|-)\d{1,6})?(?!\d)")
MAX_SPOKEN = 90
_FIELDS = ("id", "title", "tier", "unit", "region", "source")


@dataclass(frozen=True, slots=True)
class Shape:
    """A foreign record shape; fields as in the TOML file."""

    name: str
    detect: tuple[str, ...]
    blank: frozenset[str]
    fields: Mapping[str, str]
    questions: tuple[str, ...]
    cut: str
    tags: tuple[str, ...]
    speakable: tuple[str, ...]
    speakable_sentences: int
    answer: tuple[str, ...]
    materials: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    def fits(self, record: Mapping[str, object]) -> bool:
        """True where the record has every key of ``detect``."""
        return all(key in record for key in self.detect)

    def convert(self, record: Mapping[str, object]) -> dict[str, object]:
        """The record in our format (not yet validated)."""
        values = {key: self._value(value) for key, value in record.items()}
        ours: dict[str, object] = {name: _filled(template, values) for name, template in self.fields.items()}
        title = str(ours.get("title", ""))
        ours["questions"] = self._questions(values, title)
        ours["tags"] = [tag for template in self.tags if (tag := _filled(template, values))]
        spoken = [_short(sentence) for template in self.speakable if (sentence := _filled(template, values))]
        ours["speakable"] = "".join(spoken[: self.speakable_sentences])
        ours["answer"] = "\n".join(line for template in self.answer if (line := _filled(template, values)))
        ours["materials"] = self._materials(record)
        ours["places"] = value_of("places", "\n".join(_filled(template, values) for template in self.places))
        lines = (_filled(template, values).partition(BAR) for template in self.phones)
        ours["phones"] = [{"label": who, "number": number} for who, _, told in lines for number in _NUMBER.findall(told)]
        return ours

    def _materials(self, record: Mapping[str, object]) -> list[str]:
        """A list of the record comes one thing each, a text at its list marks."""
        found: dict[str, None] = {}
        for name in self.materials:
            value = record.get(name)
            pieces = value if isinstance(value, list) else re.split(r"[\n;；]", self._value(value))
            found |= dict.fromkeys(text for piece in pieces if (text := self._value(piece)[:MAX_TITLE]))
        return list(found)[:MAX_LIST]

    def _value(self, value: object) -> str:
        if isinstance(value, list):
            return "、".join(text for piece in value if (text := self._value(piece)))
        text = "" if value is None else str(value).strip()
        text = _LABEL.sub("", text)
        return "" if text in self.blank else text

    def _questions(self, values: Mapping[str, str], title: str) -> list[str]:
        found: dict[str, None] = {}
        for template in self.questions:
            for piece in re.split(f"[{re.escape(self.cut)}]", _filled(template, values)):
                if piece.strip() and piece.strip() != title:
                    found[piece.strip()] = None
        return list(found)


def load_shapes(folder: Path) -> tuple[Shape, ...]:
    """All mappings of a folder, sorted by file name.

    Raises:
        BugError: a shipped mapping is damaged.
    """
    return tuple(_shape(path) for path in sorted(folder.glob("*.toml")))


def shape_of(table: Mapping[str, Any]) -> Shape:
    """The mapping a TOML table describes.

    Raises:
        KeyError: a part is missing.
        ValueError: a template is damaged.
    """
    fields: dict[str, str] = {name: table[name] for name in _FIELDS if name in table}
    pieces = (*fields.values(), *table["questions"], *table["tags"], *table["speakable"], *table["answer"],
              *table.get("materials", ()), *table.get("places", ()), *table.get("phones", ()))
    for template in pieces:
        for _ in string.Formatter().parse(template):
            pass  # raises where a brace is left open
    return Shape(
        name=table["name"], detect=tuple(table["detect"]), blank=frozenset(table["blank"]), fields=fields,
        questions=tuple(table["questions"]), cut=table["cut"], tags=tuple(table["tags"]),
        speakable=tuple(table["speakable"]), speakable_sentences=table["speakable_sentences"],
        answer=tuple(table["answer"]), materials=tuple(table.get("materials", ())),
        places=tuple(table.get("places", ())), phones=tuple(table.get("phones", ())))


def _shape(path: Path) -> Shape:
    try:
        return shape_of(tomllib.loads(path.read_text("utf-8")))
    except (KeyError, ValueError) as error:
        raise BugError("kb_cache.mapping_damaged", name=path.name) from error


def _filled(template: str, values: Mapping[str, str]) -> str:
    keys = [name for _, name, _, _ in string.Formatter().parse(template) if name]
    if any(not values.get(key) for key in keys):
        return ""
    return template.format_map({key: values[key] for key in keys})


def _short(sentence: str) -> str:
    """A sentence cut at a list mark where it is too long to be said."""
    if len(sentence) <= MAX_SPOKEN:
        return sentence.translate(_PAIRS)
    head = sentence[:MAX_SPOKEN]
    cut = max(head.rfind("、"), head.rfind("，"), head.rfind("；"))
    return (head[:cut] if cut > MAX_SPOKEN // 3 else head).translate(_PAIRS) + "等。"
