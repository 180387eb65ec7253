"""Imports knowledge from a content editor's files: JSON Lines, CSV, XLSX, a folder of Markdown.

A reader (``importer_*``) gives rows; here columns become fields, rows become entries, and every row that is not taken is
reported with its place and the reason. Nothing is written here: a source that is cut off, hostile or not what it says
raises before any entry is handed on, and ``kb_cache.kb_folder`` writes in one switch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry
from app.platform.resource_files import resource
from kb_cache.column_mapping import Assignment, ColumnMapping, assign, load_mapping
from kb_cache.decoding import decoded
from kb_cache.foreign import Shape, load_shapes
from kb_cache.import_rows import Row, Table
from kb_cache.importer_csv import read_csv
from kb_cache.importer_markdown import read_markdown
from kb_cache.importer_xlsx import read_xlsx
from kb_cache.records import FIELDS, RecordError, Refusal, entry_of

MAX_SOURCE_BYTES = 512 * 1024 * 1024
FORMATS = ("jsonl", "csv", "xlsx", "markdown")
_BY_SUFFIX = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx"}


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What to import and how.

    Attributes:
        source: a file, or a folder of Markdown.
        form: one of ``FORMATS``; "" goes by the name.
        mapping: a mapping file.
        encoding: of text files; "" finds it out.
        sheet: of a workbook; "" is the first one that shows.
    """

    source: Path
    form: str = ""
    mapping: Path | None = None
    encoding: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it.

    Attributes:
        entries: taken, in the source's order; ids are unique.
        refusals: every row that was not taken.
        form: one of ``FORMATS``.
        encoding: of a text file, else "".
        unknown: columns that are no field of ours; their cells were left out.
        shape: name of the template mapping, "" where columns or our own keys were read.
        digest: SHA-256 of the source, hex.
    """

    entries: tuple[KnowledgeEntry, ...]
    refusals: tuple[Refusal, ...]
    form: str
    encoding: str
    unknown: tuple[str, ...]
    shape: str
    digest: str


def read_import(order: ImportOrder) -> Imported:
    """Read a source whole.

    Raises:
        OperatorVisibleError: not there, too large, damaged, cut off, of no known form, without the columns it needs, or
            without any usable row.
        EnvironmentFault: it cannot be read.
    """
    try:
        form = order.form or form_of(order.source)
        mapping = load_mapping(order.mapping) if order.mapping else None
        table = _table(order, form)
    except OSError as error:
        raise EnvironmentFault("kb_cache.unreadable", path=order.source.name, reason=error.strerror or "") from error
    shape = mapping if isinstance(mapping, Shape) else _known_shape(table) if mapping is None else None
    columns = None if isinstance(mapping, Shape) else mapping
    entries, refusals, unknown = _taken(table, shape, columns, order.source.name)
    if not entries:
        reason = refusals[0].reason if refusals else "-"
        raise OperatorVisibleError("kb_content.nothing_usable", path=order.source.name, refused=len(refusals), reason=reason)
    return Imported(tuple(entries.values()), tuple(sorted(refusals, key=lambda each: (each.file, each.line))), form,
                    table.encoding, unknown, shape.name if shape else "", table.digest)


def form_of(source: Path, must_exist: bool = True) -> str:
    """The form of a source, or of a file to be written, by its name.

    Raises:
        OperatorVisibleError: nothing there, or a name that tells no form.
    """
    if must_exist and not source.exists():
        raise OperatorVisibleError("kb_cache.not_found", path=source.name)
    if source.is_dir():
        return "markdown"
    form = _BY_SUFFIX.get(source.suffix.lower())
    if form is None:
        raise OperatorVisibleError("kb_content.form_unknown", path=source.name)
    return form


def _table(order: ImportOrder, form: str) -> Table:
    if form == "markdown":
        return read_markdown(order.source)
    size = order.source.stat().st_size
    if size == 0 or size > MAX_SOURCE_BYTES:
        raise OperatorVisibleError("kb_cache.empty" if size == 0 else "kb_cache.too_large", path=order.source.name)
    data = order.source.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if form == "xlsx":
        return Table(*read_xlsx(data, order.source.name, order.sheet), "", digest)
    text, encoding = decoded(data, order.source.name, order.encoding)
    if form == "csv":
        return Table(*read_csv(text, order.source.name), encoding, digest)
    return _json_lines(text, order.source.name, encoding, digest)


def _json_lines(text: str, name: str, encoding: str, digest: str) -> Table:
    """Records of JSON Lines; columns are all keys that occur."""
    rows: list[Row] = []
    columns: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise OperatorVisibleError("kb_cache.bad_line", path=name, line=number) from error
        if not isinstance(record, dict):
            raise OperatorVisibleError("kb_cache.bad_line", path=name, line=number)
        columns |= dict.fromkeys(record)
        rows.append(Row(number, record))
    return Table(tuple(columns), rows, (), encoding, digest, typed=True)


def _known_shape(table: Table) -> Shape | None:
    """The shipped mapping that fits the first row of JSON Lines or a table, None where our own names stand."""
    first = next(iter(table.rows), None)
    shapes = load_shapes(resource("knowledge", "shapes")) if first else ()
    return next((shape for shape in shapes if first and shape.fits(first.values)), None)


def _taken(table: Table, shape: Shape | None, columns: ColumnMapping | None,
           name: str) -> tuple[dict[str, KnowledgeEntry], list[Refusal], tuple[str, ...]]:
    entries: dict[str, KnowledgeEntry] = {}
    refusals = list(table.refusals)
    record_of_row, column_of, unknown = _reading(table, shape, columns, name)
    for row in table.rows:
        try:
            entry = entry_of(record_of_row(row.values))
            if entry.id in entries:
                raise RecordError("duplicate")
            entries[entry.id] = entry
        except RecordError as error:
            reason = str(error)
            refusals.append(Refusal(row.number, reason, column_of("id" if reason == "duplicate" else reason), row.file))
    return entries, refusals, unknown


def _reading(table: Table, shape: Shape | None, columns: ColumnMapping | None, name: str) -> tuple[
        Callable[[Mapping[str, object]], Mapping[str, object]], Callable[[str], str], tuple[str, ...]]:
    """How a row becomes a record, which column a field came from, and the columns that nobody reads."""
    if shape is not None:
        return shape.convert, lambda _field: "", ()
    if columns is None and table.typed and {"id", "title"} <= set(table.columns):
        return dict, str, tuple(key for key in table.columns if key not in FIELDS)
    assignment: Assignment = assign(table.columns, columns or ColumnMapping(), name)
    return assignment.record, assignment.column_of, assignment.unknown


def rows_of(imported: Imported) -> Iterator[dict[str, object]]:
    """The report's rows: file, line, column, reason (a stable word), for JSON and CSV."""
    for refusal in imported.refusals:
        yield {"file": refusal.file, "line": refusal.line, "column": refusal.column, "reason": refusal.reason}
