"""Which column of somebody's table is which field of ours, by the shipped names and a mapping file.

A mapping file (TOML, docs/kb-format.md) names columns, defaults, values to translate and marks that part a list; what it does
not name is found by the shipped names in ``resources/knowledge/columns.toml``. A file with ``detect`` is a mapping by templates
(``kb_cache.foreign``) instead.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.errors import BugError, EnvironmentFault, OperatorVisibleError
from app.platform.resource_files import resource
from kb_cache.cells import value_of
from kb_cache.foreign import Shape, shape_of
from kb_cache.records import FIELDS

MAX_MAPPING_BYTES = 1_000_000
_JOINED = ("questions", "item_codes", "tags", "materials", "answer", "speakable", "places", "phones")
_TABLES = {"columns", "defaults", "values", "separators", "ignore"}


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What a mapping file says; all parts may be empty.

    Attributes:
        columns: their column -> our field.
        defaults: our field -> text where the cell is empty or the column missing.
        values: our field -> their word -> ours.
        separators: our field -> characters that part its list, "*" for all lists.
        ignore: columns that are left out without a word.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A mapping applied to the columns of one source.

    Attributes:
        fields: column -> our field, in the source's order.
        unknown: columns that are no field of ours.
        mapping: the rules for values.
    """

    fields: Mapping[str, str]
    unknown: tuple[str, ...]
    mapping: ColumnMapping

    def record(self, values: Mapping[str, object]) -> dict[str, object]:
        """Our record of a row; texts become values of their field's kind.

        Raises:
            RecordError: a cell cannot be understood; the message is the field.
        """
        texts: dict[str, object] = {}
        for column, name in self.fields.items():
            value = values.get(column)
            if isinstance(value, str):
                value = self._translated(name, value)
            if value in ("", None, []):
                continue
            before = texts.get(name)
            texts[name] = f"{before}\n{value}" if isinstance(before, str) and isinstance(value, str) else value
        for name, default in self.mapping.defaults.items():
            texts.setdefault(name, default)
        return {name: self._typed(name, value) for name, value in texts.items()}

    def column_of(self, name: str) -> str:
        """The source's columns for a field of ours, "" where it has none."""
        return "、".join(column for column, each in self.fields.items() if each == name)

    def _translated(self, name: str, value: str) -> str:
        return self.mapping.values.get(name, {}).get(value.strip(), value)

    def _typed(self, name: str, value: object) -> object:
        separators = self.mapping.separators.get(name) or self.mapping.separators.get("*", "")
        return value_of(name, value, separators) if isinstance(value, str) else value


def assign(columns: Iterable[str], mapping: ColumnMapping, source: str) -> Assignment:
    """Find the field of every column.

    Args:
        columns: heads as they stand in the source; blank ones are left out.
        mapping: the user's mapping, which goes before the shipped names.
        source: name of the file, for errors.

    Raises:
        OperatorVisibleError: no column for id or title, or two columns for a field that takes one.
    """
    heads = [column for column in dict.fromkeys(columns) if column.strip()]
    named = {_key(column): name for column, name in mapping.columns.items()}
    shipped = {key: name for key, name in known_names().items() if name not in mapping.columns.values()}
    ignored = {_key(column) for column in mapping.ignore}
    found = {column: name for column in heads
             if _key(column) not in ignored and (name := named.get(_key(column)) or shipped.get(_key(column)))}
    missing = [column for column in mapping.columns if _key(column) not in {_key(head) for head in heads}]
    needed = [name for name in ("id", "title") if name not in found.values() and name not in mapping.defaults]
    if missing or needed:
        raise OperatorVisibleError("kb_content.columns_missing", path=source, columns="、".join(missing or map(label, needed)),
                                   found="、".join(heads[:30]) or "-")
    for name in set(found.values()):
        twice = [column for column, each in found.items() if each == name]
        if len(twice) > 1 and name not in _JOINED:
            raise OperatorVisibleError("kb_content.column_twice", path=source, columns="、".join(twice), field=label(name))
    unknown = tuple(column for column in heads if column not in found and _key(column) not in ignored)
    return Assignment(found, unknown, mapping)


def load_mapping(path: Path) -> ColumnMapping | Shape:
    """A mapping file: of columns, or by templates where it has ``detect``.

    Raises:
        OperatorVisibleError: not TOML, an unknown table or field.
        EnvironmentFault: it cannot be read.
    """
    try:
        if path.stat().st_size > MAX_MAPPING_BYTES:
            raise OperatorVisibleError("kb_content.mapping_bad", path=path.name, reason="> 1 MB")
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        return shape_of(table) if "detect" in table else _mapping_of(table)
    except OSError as error:
        raise EnvironmentFault("kb_cache.unreadable", path=path.name, reason=error.strerror or "") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperatorVisibleError("kb_content.mapping_bad", path=path.name, reason=str(error)[:200]) from error


def known_names() -> dict[str, str]:
    """Every shipped name of a column, simplified -> field."""
    return {_key(name): field_name for field_name, names in _shipped().items() for name in (field_name, *names)}


def label(name: str) -> str:
    """The Chinese name of a field as exports write it."""
    return _shipped()[name][0]


def _shipped() -> dict[str, list[str]]:
    table: dict[str, list[str]] = tomllib.loads(resource("knowledge", "columns.toml").read_text("utf-8"))
    if set(table) != set(FIELDS):
        raise BugError("kb_cache.mapping_damaged", name="columns.toml")
    return table


def _key(column: str) -> str:
    return re.sub(r"[\s*＊:：]+", "", unicodedata.normalize("NFKC", column)).lower()


def _mapping_of(table: Mapping[str, object]) -> ColumnMapping:
    unknown = set(table) - _TABLES
    if unknown:
        raise ValueError(f"unknown: {sorted(unknown)}")
    columns, defaults = _texts(table.get("columns", {})), _texts(table.get("defaults", {}))
    values = {name: _texts(words) for name, words in _table(table.get("values", {})).items()}
    separators = _texts(table.get("separators", {}))
    ignore = table.get("ignore", [])
    strange = {*columns.values(), *defaults, *values, *separators} - {*FIELDS, "*"}
    if strange or not isinstance(ignore, list):
        raise ValueError(f"no field: {sorted(strange)}")
    return ColumnMapping(columns, defaults, values, separators, tuple(str(each) for each in ignore))


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("a table is expected")
    return value


def _texts(value: object) -> dict[str, str]:
    table = _table(value)
    if not all(isinstance(each, str) for each in table.values()):
        raise TypeError("texts are expected")
    return {key: str(each) for key, each in table.items()}
