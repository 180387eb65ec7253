"""Entries of a folder of Markdown, one file each: front matter (YAML between ``---``) and the answer.

What stands before the first ``## `` head is the answer, every ``## `` begins a section; other marks stay as they are
written. Without an id in the front matter the file's path is the id, without a title the first ``# `` head is the
title. Front matter holds texts, lists and simple objects only; YAML's own kinds (dates, numbers, 是/no) are not guessed.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import yaml

from app.domain.errors import OperatorVisibleError
from kb_cache.decoding import decoded
from kb_cache.import_rows import Row, Table
from kb_cache.records import RecordError, Refusal

MAX_FILE_BYTES = 1024 * 1024
MAX_FILES = 200_000
MAX_DEPTH = 6
_FENCE = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.S | re.M)
_GUARDED = re.compile(r"\\+#")
_UNGUARDED = re.compile(r"\\*#")
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_markdown(folder: Path) -> Table:
    """Rows of all ``*.md`` files below a folder, by their paths; links to elsewhere are not followed.

    Raises:
        OperatorVisibleError: no folder, no file, too many.
        OSError: the disk refuses.
    """
    files = sorted(path for path in folder.rglob("*.md") if path.is_file() and not path.is_symlink()
                   and path.resolve().is_relative_to(folder.resolve()))
    if not files or len(files) > MAX_FILES:
        key = "kb_content.too_many_rows" if files else "kb_content.no_markdown"
        raise OperatorVisibleError(key, path=folder.name, most=MAX_FILES)
    rows: list[Row] = []
    refusals: list[Refusal] = []
    columns: dict[str, None] = {}
    digest = hashlib.sha256()
    for path in files:
        name = path.relative_to(folder).as_posix()
        try:
            values = _values(path, name, digest)
        except RecordError as error:
            refusals.append(Refusal(1, str(error), "", name))
            continue
        columns |= dict.fromkeys(values)
        rows.append(Row(1, values, name))
    return Table(tuple(columns), rows, refusals, "", digest.hexdigest())


def guarded_line(line: str) -> str:
    """A line of an answer that is no head; ``unguarded_line`` gives it back."""
    return f"\\{line}" if _UNGUARDED.match(line) else line


def unguarded_line(line: str) -> str:
    """A line without the mark that kept it from being a head."""
    return line[1:] if _GUARDED.match(line) else line


def _values(path: Path, name: str, digest: Any) -> dict[str, object]:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise RecordError("file_large")
    data = path.read_bytes()
    digest.update(f"{name}\0{len(data)}\0".encode())
    digest.update(data)
    try:
        text = decoded(data, name)[0].replace("\r\n", "\n").replace("\r", "\n")
    except OperatorVisibleError as error:
        raise RecordError(error.key.rpartition(".")[2]) from error
    front, body = _parted(text)
    values = _body(body)
    title = values.pop("# ", "")
    return {"id": name[: -len(".md")], **({"title": title} if title else {}), **values, **front}


def _parted(text: str) -> tuple[dict[str, object], str]:
    if not text.startswith("---"):
        return {}, text
    fence = _FENCE.match(text)
    if fence is None:
        raise RecordError("front_matter")
    try:
        _check_shallow(fence[1])
        front = yaml.load(fence[1], Loader=_LOADER)  # noqa: S506  # a base loader: makes texts, lists, objects only
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise RecordError("front_matter") from error
    if front in (None, ""):
        front = {}
    if not isinstance(front, dict) or not all(isinstance(key, str) for key in front):
        raise RecordError("front_matter")
    return front, text[fence.end():]


def _check_shallow(text: str) -> None:
    """Refuse references and deep nesting before anything is built: libyaml's composer recurses and crashes the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH or isinstance(event, yaml.AliasEvent):
            raise RecordError("front_matter")


def _body(text: str) -> dict[str, object]:
    title = ""
    answer: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        if line.startswith("## "):
            sections.append((line[3:].strip(), []))
        elif line.startswith("# ") and not title and not sections:
            title = line[2:].strip()
        else:
            (sections[-1][1] if sections else answer).append(unguarded_line(line))
    values: dict[str, object] = {"# ": title, "answer": "\n".join(answer).strip()}
    if sections:
        values["sections"] = [{"title": head, "text": "\n".join(lines).strip()} for head, lines in sections]
    return values
