"""A centre's settled tickets from a file: CSV (UTF-8 or GB 18030, as spreadsheets save it) or JSON lines.

Columns are found by their usual headings (``USUAL``) or named by the person; several columns may make up the text. Rows
without text or without any value to learn are counted, never guessed. With a date column the rows are put in order of
time, so that the newest are held back. Nothing of the file is copied, logged or quoted.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.extraction.learning import SettledTicket

USUAL: Mapping[str, tuple[str, ...]] = {
    "text": ("标题", "工单标题", "诉求标题", "内容", "工单内容", "诉求内容", "诉求描述", "text", "title", "content"),
    "unit": ("处理单位", "承办单位", "主办单位", "责任单位", "部门", "lead_unit", "unit", "department"),
    "request_type": ("诉求类型", "工单类型", "信件类型", "request_type", "type"),
    "item_code": ("事项编码", "事项代码", "item_code", "item"),
    "date": ("日期", "受理时间", "受理日期", "来电时间", "提问日期", "创建时间", "date", "created_at"),
}
_CELL_LIMIT = 1 << 20
_DATE = re.compile(r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """What was read: tickets in order of time, the columns that were taken, rows that could not be used."""

    tickets: tuple[SettledTicket, ...]
    columns: Mapping[str, tuple[str, ...]]
    unusable: int


def read_history(path: Path, named: Mapping[str, Sequence[str]] | None = None) -> HistoryFile:
    """Read a history.

    Args:
        path: ``.csv``, ``.jsonl`` or ``.ndjson``.
        named: columns by what they hold (keys of ``USUAL``), where the usual headings do not fit.

    Raises:
        OperatorVisibleError: no such file, not in a format that is read, or no column for text or for anything to learn.
        EnvironmentFault: it cannot be read.
    """
    rows = _rows(path)
    present = list(dict.fromkeys(name for row in rows for name in row))
    columns = _columns(present, named or {}, path)
    tickets: list[SettledTicket] = []
    for row in rows:
        parts = {kind: " ".join(filter(None, (row.get(name, "").strip() for name in names))) for kind, names in columns.items()}
        ticket = SettledTicket(parts["text"], parts["unit"], parts["request_type"], parts["item_code"], _iso(parts["date"]))
        if ticket.text and (ticket.unit or ticket.request_type or ticket.item_code):
            tickets.append(ticket)
    return HistoryFile(tuple(sorted(tickets, key=lambda ticket: ticket.date)), columns, len(rows) - len(tickets))


def _iso(date: str) -> str:
    """2026-3-5 or 2026/03/05 as 2026-03-05; empty where it is no such date."""
    found = _DATE.match(date)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else ""


def _columns(present: Sequence[str], named: Mapping[str, Sequence[str]], path: Path) -> dict[str, tuple[str, ...]]:
    columns: dict[str, tuple[str, ...]] = {}
    for kind, usual in USUAL.items():
        wanted = tuple(named.get(kind, ()))
        absent = [name for name in wanted if name not in present]
        if absent:
            raise OperatorVisibleError("learn.no_such_column", column=absent[0], columns="、".join(present[:30]))
        found = wanted or tuple(name for name in usual if name in present)
        columns[kind] = found if kind == "text" else found[:1]
    if not columns["text"]:
        raise OperatorVisibleError("learn.no_text_column", path=path.name, columns="、".join(present[:30]))
    if not (columns["unit"] or columns["request_type"] or columns["item_code"]):
        raise OperatorVisibleError("learn.no_value_column", path=path.name, columns="、".join(present[:30]))
    return columns


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise OperatorVisibleError("learn.file_missing", path=str(path))
    kind = path.suffix.lower()
    if kind not in (".csv", ".jsonl", ".ndjson"):
        raise OperatorVisibleError("learn.format_unknown", path=path.name)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise EnvironmentFault("learn.file_unreadable", path=path.name, reason=type(error).__name__) from error
    try:
        text = _decoded(raw)
        return list(_from_csv(text)) if kind == ".csv" else list(_from_lines(text))
    except (ValueError, csv.Error) as error:
        raise OperatorVisibleError("learn.file_damaged", path=path.name) from error


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _from_csv(text: str) -> Iterable[dict[str, str]]:
    csv.field_size_limit(_CELL_LIMIT)
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield {name: value for name, value in row.items() if isinstance(name, str) and isinstance(value, str)}


def _from_lines(text: str) -> Iterable[dict[str, str]]:
    for line in text.splitlines():
        if line.strip():
            held = json.loads(line)
            if not isinstance(held, dict):
                raise ValueError("not an object")
            yield {str(name): str(value) for name, value in held.items() if value is not None}
