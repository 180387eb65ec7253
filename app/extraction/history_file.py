"""A centre's settled tickets from a file: CSV (UTF-8 or GB 18030, as spreadsheets save it) or JSON lines, read row by row.

Columns are found by their usual headings (``USUAL``) or named by the person; several columns may make up the text. Rows
without text or without any value to learn are counted, never guessed; so are values that no ticket can hold (a request type
that is none, an item outside the tree). Of a history beyond ``MOST_TICKETS`` the newest are taken, so that a file of a million
rows needs no more memory than they do. Nothing of the file is copied, logged or quoted. Workbooks come as rows through ``tickets_of``.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.extraction.history import LONGEST
from app.extraction.items import tree
from app.extraction.learning import SettledTicket
from app.extraction.request_types import TYPES

USUAL: Mapping[str, tuple[str, ...]] = {
    "text": ("标题", "工单标题", "诉求标题", "内容", "工单内容", "诉求内容", "诉求描述", "text", "title", "content"),
    "unit": ("处理单位", "承办单位", "主办单位", "责任单位", "部门", "lead_unit", "unit", "department"),
    "request_type": ("诉求类型", "工单类型", "信件类型", "request_type", "type"),
    "item_code": ("事项编码", "事项代码", "item_code", "item"),
    "date": ("日期", "受理时间", "受理日期", "来电时间", "提问日期", "创建时间", "date", "created_at"),
}
MOST_TICKETS = 60_000
MOST_COLUMNS = 500
LONGEST_VALUE = 80
_CELL_LIMIT = 1 << 20
_LONGEST_LINE = 4 << 20
_LOOKED_AT = 1000  # objects of JSON lines whose names are its columns
_CHUNK = 1 << 20
_DATE = re.compile(r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_VALUES = ("unit", "request_type", "item_code")
Rows = Iterable[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """What was read.

    Attributes:
        tickets: in order of time.
        columns: which columns were taken.
        unusable: rows without text or without any value to learn.
        foreign: request types and items that no ticket can hold.
        older: tickets beyond ``MOST_TICKETS`` that were left out.
    """

    tickets: tuple[SettledTicket, ...]
    columns: Mapping[str, tuple[str, ...]]
    unusable: int
    foreign: int = 0
    older: int = 0


def read_history(path: Path, named: Mapping[str, Sequence[str]] | None = None) -> HistoryFile:
    """Read a history.

    Args:
        path: ``.csv``, ``.jsonl`` or ``.ndjson``.
        named: columns by what they hold (keys of ``USUAL``), where the usual headings do not fit.

    Raises:
        OperatorVisibleError: no such file, not in a format that is read, or no column for text or for anything to learn.
        EnvironmentFault: it cannot be read.
    """
    kind = checked_kind(path)
    try:
        encoding = _encoding(path)
        with path.open(encoding=encoding, newline="") as lines:
            present, rows = _from_csv(lines) if kind == ".csv" else _from_lines(lines)
            return tickets_of(present, rows, named or {}, path.name)
    except OSError as error:
        raise EnvironmentFault("learn.file_unreadable", path=path.name, reason=type(error).__name__) from error
    except (ValueError, RecursionError, csv.Error) as error:
        raise OperatorVisibleError("learn.file_damaged", path=path.name) from error


def checked_kind(path: Path, kinds: Sequence[str] = (".csv", ".jsonl", ".ndjson")) -> str:
    """The file's suffix.

    Raises:
        OperatorVisibleError: no such file, or not one of ``kinds``.
    """
    if not path.is_file():
        raise OperatorVisibleError("learn.file_missing", path=str(path))
    if path.suffix.lower() not in kinds:
        raise OperatorVisibleError("learn.format_unknown", path=path.name)
    return path.suffix.lower()


def tickets_of(present: Sequence[str], rows: Rows, named: Mapping[str, Sequence[str]], name: str, refused: int = 0) -> HistoryFile:
    """Settled tickets of rows.

    Args:
        present: the columns' headings.
        rows: cells by heading; read once.
        named: as for ``read_history``.
        name: of the file, for errors.
        refused: rows that could not be read at all.

    Raises:
        OperatorVisibleError: no column for text or for anything to learn.
    """
    columns = _columns(present, named, name)
    codes = frozenset(item.code for item in tree().items)
    tickets: list[SettledTicket] = []
    unusable, foreign, older = refused, 0, 0
    for row in rows:
        ticket, strange = _ticket(row, columns, codes)
        foreign += strange
        if not ticket.text or not (ticket.unit or ticket.request_type or ticket.item_code):
            unusable += 1
            continue
        tickets.append(ticket)
        if len(tickets) >= 2 * MOST_TICKETS:
            older += len(tickets) - MOST_TICKETS
            tickets = _newest(tickets)
    older += max(0, len(tickets) - MOST_TICKETS)
    return HistoryFile(tuple(_newest(tickets)), columns, unusable, foreign, older)


def _newest(tickets: list[SettledTicket]) -> list[SettledTicket]:
    """The newest ones in order of time; those without a date count as older than all others, in the file's order."""
    return sorted(tickets, key=lambda ticket: ticket.date)[-MOST_TICKETS:]


def _ticket(row: Mapping[str, object], columns: Mapping[str, tuple[str, ...]], codes: frozenset[str]) -> tuple[SettledTicket, int]:
    """The ticket of a row, and how many of its values no ticket can hold."""
    parts = {kind: " ".join(filter(None, (_cell(row.get(name)) for name in names))) for kind, names in columns.items()}
    said = {kind: parts[kind] if len(parts[kind]) <= LONGEST_VALUE else "" for kind in _VALUES}
    code = said["item_code"] if said["item_code"] in codes else ""
    kept = {**said, "request_type": request_type_of(said["request_type"]), "item_code": code}
    strange = sum(bool(parts[kind]) and not kept[kind] for kind in _VALUES)
    return SettledTicket(parts["text"][:LONGEST], kept["unit"], kept["request_type"], kept["item_code"], _iso(parts["date"])), strange


def request_type_of(told: str) -> str:
    """The request type that a centre's own word means (咨询类, 投诉件); empty where it is none, or two."""
    found = [kind for kind in TYPES if kind in told]
    return found[0] if len(found) == 1 else ""


def _cell(value: object) -> str:
    return _UNREADABLE.sub(" ", str(value)).strip() if value is not None else ""


def _iso(date: str) -> str:
    """2026-3-5 or 2026/03/05 as 2026-03-05; empty where it is no such date."""
    found = _DATE.match(date)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else ""


def _columns(present: Sequence[str], named: Mapping[str, Sequence[str]], path: str) -> dict[str, tuple[str, ...]]:
    columns: dict[str, tuple[str, ...]] = {}
    told = "、".join(name[:LONGEST_VALUE] for name in present[:30])
    for kind, usual in USUAL.items():
        wanted = tuple(named.get(kind, ()))
        absent = [name for name in wanted if name not in present]
        if absent:
            raise OperatorVisibleError("learn.no_such_column", column=absent[0], columns=told)
        found = wanted or tuple(name for name in usual if name in present)
        columns[kind] = found if kind == "text" else found[:1]
    if not columns["text"]:
        raise OperatorVisibleError("learn.no_text_column", path=path, columns=told)
    if not any(columns[kind] for kind in _VALUES):
        raise OperatorVisibleError("learn.no_value_column", path=path, columns=told)
    return columns


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is, else GB 18030 where the whole file is.

    Raises:
        ValueError: neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as raw:
                while chunk := raw.read(_CHUNK):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise ValueError("encoding")


def _from_csv(lines: Iterable[str]) -> tuple[tuple[str, ...], Rows]:
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(lines)
    head = tuple(name.strip() for name in next(reader, []))
    if len(head) > MOST_COLUMNS:
        raise ValueError("columns")
    return head, (dict(zip(head, cells, strict=False)) for cells in reader if cells)


def _from_lines(lines: Iterable[str]) -> tuple[tuple[str, ...], Rows]:
    objects = _objects(lines)
    first = list(itertools.islice(objects, _LOOKED_AT))
    present = tuple(dict.fromkeys(str(name) for held in first for name in itertools.islice(held, MOST_COLUMNS)))
    return present, itertools.chain(first, objects)


def _objects(lines: Iterable[str]) -> Iterator[Mapping[str, object]]:
    for line in lines:
        if len(line) > _LONGEST_LINE:
            raise ValueError("line")
        if line.strip():
            held = json.loads(line)
            if not isinstance(held, dict):
                raise ValueError("not an object")
            yield held
