"""Reads the field table and the item tree from their CSV files (``resources/`` or a folder the customer configures).

The files are the customer's own tables with Chinese column names, UTF-8 with or without a byte order mark. A table that
cannot be read is an EnvironmentFault that names the file and the line: a desk with half a form must not start.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator
from pathlib import Path

from app.domain.catalogue import FieldKind, FieldSpec, FieldTable, Item, Need, Taxonomy
from app.domain.errors import EnvironmentFault
from app.platform.resource_files import resource

_FIELD_COLUMNS = ("组", "字段(en)", "字段(zh)", "类型", "校验/取值", "必填")
_ITEM_COLUMNS = ("code", "一级", "二级", "三级", "典型说法", "常见诉求类型", "首派(属地/基层)", "市级主管", "提示")
_NEEDS = {"必填": Need.ALWAYS, "条件必填": Need.SOMETIMES, "选填": Need.OPTIONAL}
_LIST_BREAK = re.compile(r"[；;、,，]")


def load_fields(path: Path | None = None) -> FieldTable:
    """The field table.

    Args:
        path: another file than the shipped one.

    Raises:
        EnvironmentFault: missing, not UTF-8, a column missing, a field twice, an unknown need.
    """
    return _read_fields(path) if path is not None else _shipped_fields()


@functools.cache
def _shipped_fields() -> FieldTable:
    """Read once: several parts of a desk want it while it starts, and nobody changes it."""
    return _read_fields(resource("ticket_fields.csv"))


def _read_fields(path: Path) -> FieldTable:
    specs: list[FieldSpec] = []
    seen: set[str] = set()
    for line, row in _rows(path, _FIELD_COLUMNS):
        name = row["字段(en)"].strip()
        need = _NEEDS.get(row["必填"].strip())
        if not name or name in seen or need is None:
            raise EnvironmentFault("catalogue.table_row_bad", path=path.name, line=line)
        seen.add(name)
        specs.append(_field_spec(name, row, need))
    return FieldTable(tuple(specs))


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """The item tree.

    Args:
        path: another file than the shipped one.

    Raises:
        EnvironmentFault: missing, not UTF-8, a column missing, a code that is not six digits or stands twice.
    """
    return _read_taxonomy(path) if path is not None else _shipped_taxonomy()


@functools.cache
def _shipped_taxonomy() -> Taxonomy:
    """Read once, as the field table."""
    return _read_taxonomy(resource("taxonomy_gz.csv"))


def _read_taxonomy(path: Path) -> Taxonomy:
    items: list[Item] = []
    seen: set[str] = set()
    for line, row in _rows(path, _ITEM_COLUMNS):
        code = row["code"].strip()
        if not re.fullmatch(r"\d{6}", code) or code in seen:
            raise EnvironmentFault("catalogue.table_row_bad", path=path.name, line=line)
        seen.add(code)
        items.append(Item(
            code=code,
            path=tuple(row[level].strip() for level in ("一级", "二级", "三级")),
            sayings=_parts(row["典型说法"]),
            request_types=_parts(row["常见诉求类型"]),
            first_unit=row["首派(属地/基层)"].strip(),
            city_unit=row["市级主管"].strip(),
            hint=row["提示"].strip(),
        ))
    return Taxonomy(tuple(items))


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise EnvironmentFault("catalogue.table_column_missing", path=path.name, columns="、".join(missing))
            for row in reader:
                yield reader.line_num, {column: row.get(column) or "" for column in columns}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EnvironmentFault("catalogue.table_unreadable", path=path.name, reason=type(error).__name__) from error


def _field_spec(name: str, row: dict[str, str], need: Need) -> FieldSpec:
    letter, _, group_label = row["组"].strip().partition(" ")
    kind_text, rule = row["类型"].strip(), row["校验/取值"].strip()
    kind = _kind(kind_text)
    # Notes to a choice follow after " (": 自然人|法人|其他组织 (UI: ...).
    choices = tuple(rule.split(" (")[0].split("|")) if kind in (FieldKind.CHOICE, FieldKind.LIST) and "|" in rule else ()
    length = re.search(r"(?:str|text)[^\d]{0,2}(\d+)", kind_text)
    return FieldSpec(
        name=name, label=row["字段(zh)"].strip(), group=letter, group_label=group_label, kind=kind,
        choices=tuple(choice.strip() for choice in choices), need=need,
        max_chars=int(length.group(1)) if length else 0, rule=rule, is_masked="masked" in kind_text,
    )


def _kind(text: str) -> FieldKind:
    starts = (
        ("enum", FieldKind.CHOICE), ("bool", FieldKind.FLAG), ("text", FieldKind.LONG_TEXT), ("str", FieldKind.TEXT),
        ("date", FieldKind.TIME), ("int", FieldKind.NUMBER), ("decimal", FieldKind.NUMBER), ("set", FieldKind.LIST),
        ("list", FieldKind.LIST), ("json", FieldKind.OTHER),
    )
    for start, kind in starts:
        if text.startswith(start):
            return kind
    return FieldKind.TEXT  # a code (of a division, a unit) is text to the form


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _LIST_BREAK.split(cell) if part.strip())
