"""Values of entries as text in a table's cell or in front matter, and back.

A content editor reads and writes lists one thing a line, places as 名称｜地址｜时间｜电话, phones as 名称｜号码, sections under
``## `` heads, a guided flow as ``[step] question`` with ``- choice => next step`` below. Where a value cannot be
written so without loss the cell holds JSON; ``value_of(field, cell_of(field, value)) == value`` for every value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from app.domain.knowledge import KnowledgeEntry
from kb_cache.records import MAX_TEXT, RecordError, record_of

BAR = "｜"
_LISTS = ("questions", "item_codes", "tags", "materials")
_COUNTS = ("version", "heat")
_DATES = ("valid_from", "valid_to", "updated")
_BARRED = {"places": ("name", "address", "hours", "phone"), "phones": ("label", "number")}
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.0+)?)?)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_STEP = re.compile(r"\[([^\[\]]+)\]\s*(.+)")
_CHOICE = re.compile(r"-\s+(.+?)(?:\s+=>\s*(.*))?")
_SEPARATORS = re.compile(r"[；;、,，]")
_NUMBER = re.compile(r"\d{1,10}(?:\.0)?")


def row_of(entry: KnowledgeEntry) -> dict[str, str]:
    """The entry as field -> cell text; fields that say nothing are left out."""
    return {name: cell_of(name, value) for name, value in record_of(entry).items()}


def cell_of(field: str, value: object) -> str:
    """A value of a record as the text of a cell."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    written = _written(field, value)
    try:
        if written and value_of(field, written) == value:
            return written
    except RecordError:
        pass  # it looks like something else: JSON tells it exactly
    return json.dumps(value, ensure_ascii=False)


def value_of(field: str, text: str, separators: str = "") -> object:
    """The value of a record from a cell's text.

    Args:
        field: our name of the field.
        text: what stands in the cell.
        separators: characters that part a list, beside line breaks.

    Raises:
        RecordError: it cannot be understood; the message is the field.
    """
    text = text.strip()
    if field in _COUNTS:
        return _count(field, text)
    if field in _DATES:
        return iso_date(text)
    if field not in _READERS:
        return text
    if len(text) > MAX_TEXT * 2:
        raise RecordError(field)
    if text.startswith(("[{", '["')):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RecordError(field) from error
    if field in _LISTS and separators:
        text = re.sub(f"[{re.escape(separators)}]", "\n", text)
    try:
        return _READERS[field](text)
    except RecordError as error:
        raise RecordError(field) from error


def iso_date(text: str) -> str:
    """2026/1/5, 2026年1月5日, 20260105 and a date with a time as 2026-01-05; anything else stays (and is refused later)."""
    found = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text


def _count(field: str, text: str) -> int | None:
    if not text:
        return 1 if field == "version" else 0
    if not _NUMBER.fullmatch(text):
        raise RecordError(field)
    return int(text.partition(".")[0])


def _written(field: str, value: object) -> str:
    pieces = value if isinstance(value, list) else []
    if field in _BARRED:
        return "\n".join(BAR.join(str(piece.get(name, "")) for name in _BARRED[field]).rstrip(BAR) for piece in pieces)
    if field == "sections":
        return "\n".join(f"## {piece['title']}\n{piece.get('text', '')}".rstrip() for piece in pieces)
    if field == "steps":
        return "\n".join(_written_step(piece) for piece in pieces)
    return "\n".join(str(piece) for piece in pieces)


def _written_step(step: Mapping[str, object]) -> str:
    lines = [f"[{step['id']}] {step['text']}"]
    choices = step.get("choices", [])
    assert isinstance(choices, list)
    lines += [f"- {choice['label']}" + (f" => {choice['next']}" if choice.get("next") else "") for choice in choices]
    return "\n".join(lines)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _codes(text: str) -> list[str]:
    """Item codes may stand beside each other, parted by any mark."""
    return _lines(_SEPARATORS.sub("\n", text))


def _places(text: str) -> list[dict[str, str]]:
    return [_barred("places", line) for line in _lines(text)]


def _phones(text: str) -> list[dict[str, str]]:
    found = []
    for line in _lines(text):
        if BAR in line or "|" in line:
            found.append(_barred("phones", line))
        else:
            label, mark, number = line.rpartition("：")
            found.append({"label": label, "number": number} if mark and label else {"number": line})
    return found


def _barred(field: str, line: str) -> dict[str, str]:
    names, pieces = _BARRED[field], [piece.strip() for piece in line.replace("|", BAR).split(BAR)]
    if len(pieces) > len(names):
        raise RecordError(field)
    return {name: piece for name, piece in zip(names, pieces, strict=False) if piece}


def _sections(text: str) -> list[dict[str, str]]:
    found: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("## "):
            found.append([line[3:].strip()])
        elif found:
            found[-1].append(line)
        elif line.strip():
            raise RecordError("sections")
    parts = ((title, "\n".join(lines).strip()) for title, *lines in found)
    return [{"title": title, "text": told} if told else {"title": title} for title, told in parts]


def _steps(text: str) -> list[dict[str, object]]:
    steps: list[dict[str, object]] = []
    for line in _lines(text):
        choice, step = _CHOICE.fullmatch(line), _STEP.fullmatch(line)
        if step:
            steps.append({"id": step[1].strip(), "text": step[2].strip()})
        elif choice and steps:
            listed = steps[-1].setdefault("choices", [])
            assert isinstance(listed, list)
            listed.append({"label": choice[1].strip()} | ({"next": choice[2].strip()} if choice[2] else {}))
        elif steps and "choices" not in steps[-1]:
            steps[-1]["text"] = f"{steps[-1]['text']}\n{line}"
        else:
            raise RecordError("steps")
    return steps


_READERS: dict[str, Callable[[str], object]] = {
    "questions": _lines, "tags": _lines, "materials": _lines, "item_codes": _codes, "places": _places,
    "phones": _phones, "sections": _sections, "steps": _steps}
