"""Exports entries to the forms that an import reads: JSON Lines, CSV, XLSX, a folder of Markdown.

What comes out goes in again unchanged (tests hold this for generated entries). A table never holds a formula: texts that an
office program would take for one are marked. Files appear whole or not at all; a folder of Markdown is made new.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import yaml
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry
from app.platform.atomic_file import write_atomically
from kb_cache.cells import row_of
from kb_cache.column_mapping import label
from kb_cache.importer_csv import guarded
from kb_cache.importer_markdown import guarded_line
from kb_cache.records import FIELDS, line_of, record_of

_CELL_CHARS = 32_767
_WIDE = {"title": 30, "questions": 36, "speakable": 50, "answer": 60, "sections": 50, "steps": 40, "places": 36, "materials": 30}
_WIDTH = 14
_UNSAFE = re.compile(r'[^\w\-.一-鿿]+')
_TOO_LONG_NAME = 80
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LISTED = ("questions", "item_codes", "tags", "materials", "places", "phones", "steps")


def export(entries: Sequence[KnowledgeEntry], target: Path, form: str) -> None:
    """Write all entries to ``target`` (which must not exist yet) in a form of ``kb_cache.importer.FORMATS``.

    Raises:
        OperatorVisibleError: the target exists, or a text is too long for a cell of a workbook.
        EnvironmentFault: the disk refuses.
    """
    if target.exists():
        raise OperatorVisibleError("kb_content.target_exists", path=target.name)
    writers: dict[str, Callable[[Sequence[KnowledgeEntry]], bytes]] = {"jsonl": _json_lines, "csv": _csv, "xlsx": _xlsx}
    try:
        if form == "markdown":
            _markdown(entries, target)
        else:
            write_atomically(target, writers[form](entries))
    except OSError as error:
        raise EnvironmentFault("kb_content.unwritable", path=target.name, reason=error.strerror or "") from error


def _json_lines(entries: Sequence[KnowledgeEntry]) -> bytes:
    return "".join(f"{line_of(entry)}\n" for entry in entries).encode()


def _csv(entries: Sequence[KnowledgeEntry]) -> bytes:
    """UTF-8 with a byte order mark, as office programs in China need it to see UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([label(name) for name in FIELDS])
    for entry in entries:
        cells = row_of(entry)
        writer.writerow([guarded(cells.get(name, "")) for name in FIELDS])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(entries: Sequence[KnowledgeEntry]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("知识")
    sheet.freeze_panes = "C2"
    for position, name in enumerate(FIELDS, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = _WIDE.get(name, _WIDTH)
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet.append([_text_cell(sheet, label(name), font=bold) for name in FIELDS])
    for entry in entries:
        cells = row_of(entry)
        for name, text in cells.items():
            if len(text.encode("utf-16-le")) > _CELL_CHARS * 2:
                raise OperatorVisibleError("kb_content.cell_too_long", id=entry.id, field=label(name), most=_CELL_CHARS)
        sheet.append([_text_cell(sheet, cells[name], alignment=wrapped) if name in cells else None for name in FIELDS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_cell(sheet: Any, text: str, **style: Any) -> Any:
    """A cell that holds text whatever it begins with: "=1+1" is no formula."""
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    for name, value in style.items():
        setattr(cell, name, value)
    return cell


def _markdown(entries: Sequence[KnowledgeEntry], target: Path) -> None:
    """All files into a folder beside the target, which then gets its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        digits = len(str(len(entries)))
        for number, entry in enumerate(entries, start=1):
            name = _UNSAFE.sub("_", entry.id)[:_TOO_LONG_NAME].strip(".")
            (aside / f"{number:0{digits}}-{name}.md").write_text(_page(entry), "utf-8", newline="\n")
        aside.chmod(0o755)
        aside.rename(target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _page(entry: KnowledgeEntry) -> str:
    record = record_of(entry)
    front: dict[str, object] = {}
    for name, value in record.items():
        if name not in ("answer", "sections"):
            front[name] = value if name in _LISTED or isinstance(value, int) else str(value)
    head = yaml.dump(front, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=10_000)
    parts = [_guarded(entry.answer)] if entry.answer else []
    parts += [f"## {section.title}\n\n{_guarded(section.text)}".rstrip() for section in entry.sections]
    return f"---\n{head}---\n\n" + "\n\n".join(parts) + "\n"


def _guarded(text: str) -> str:
    return "\n".join(guarded_line(line) for line in text.split("\n"))
