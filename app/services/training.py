"""Questions for training: one from a call script with gold, many from a bank (JSONL or XLSX); and the extractor that prefills nothing.

A bank's row names a recording or call script (path beside the bank) and the right values:

    JSONL  {"title": "…", "call": "a.flac", "gold": {"contact_phone": "…"}, "evidence": {"contact_phone": "words that carry it"}}
    XLSX   first row: 题目 | 录音 | labels or names of fields; a row a question. "title" and "call" do as well.

Everything is read, nothing written.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.domain.catalogue import FieldTable
from app.domain.dialogue import CallContext, Utterance
from app.domain.errors import OperatorVisibleError
from app.domain.ticket import Hit, Value
from app.domain.training import GOLD_FIELDS, Question
from app.ports.ports import Extractor

MOST_QUESTIONS = 2000
_MOST_BYTES = 20_000_000
_TITLE, _CALL = frozenset({"title", "题目", "标题名"}), frozenset({"call", "录音", "通话"})
_YES, _NO = frozenset({"是", "true", "1", "yes"}), frozenset({"否", "false", "0", "no"})


class NoPrefill:
    """Port ``Extractor``: shows what was said, fills in nothing.

    Args:
        extractor: writes utterances for people.
    """

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor

    def extract(self, dialogue: Sequence[Utterance], context: CallContext) -> tuple[Hit, ...]:
        """Nothing: the trainee fills in."""
        return ()

    def display(self, utterance: Utterance) -> str:
        """As in any call."""
        return self._extractor.display(utterance)


def script_question(path: Path, call: Path | None = None) -> Question:
    """A call script with ``gold`` (docs/training.md).

    Args:
        path: the script.
        call: what is heard instead of the script's turns.

    Raises:
        OperatorVisibleError: it is no call script or has no gold.
    """
    held = _json(path)
    gold, turns = held.get("gold"), held.get("turns")
    if not isinstance(gold, dict) or not isinstance(turns, list):
        raise OperatorVisibleError("training.no_gold", path=path.name)
    told = held.get("evidence")
    evidence = {}
    for key, numbers in (told.items() if isinstance(told, dict) else ()):
        said = [str(turns[number].get("text", "")) for number in numbers if isinstance(number, int) and 0 <= number < len(turns)]
        evidence[_field_of(key)] = " / ".join(said)
    also = gold.get("item_code_also")
    title = held.get("title")
    return Question(title if isinstance(title, str) and title else path.stem, call or path, _matters(gold), evidence,
                    {"item_code": tuple(str(each) for each in also)} if isinstance(also, list) else {})


def read_bank(path: Path, fields: FieldTable) -> tuple[Question, ...]:
    """All questions of a bank.

    Raises:
        OperatorVisibleError: unreadable, too large, or a row that names no call or no field.
    """
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        raise OperatorVisibleError("training.bank_unusable", path=path.name, row=0)
    rows = _xlsx_rows(path, fields) if path.suffix.lower() == ".xlsx" else _jsonl_rows(path)
    questions = []
    for number, row in enumerate(rows[:MOST_QUESTIONS], 1):
        call = row.get("call")
        gold = row.get("gold")
        if not isinstance(call, str) or not call or not isinstance(gold, dict) or not gold:
            raise OperatorVisibleError("training.bank_unusable", path=path.name, row=number)
        heard = path.parent / call
        if not heard.is_file():
            raise OperatorVisibleError("training.no_call", path=call, row=number)
        told = row.get("evidence")
        evidence = {_field_of(str(key)): str(words) for key, words in told.items()} if isinstance(told, dict) else {}
        questions.append(Question(str(row.get("title") or heard.stem), heard, _matters(gold), evidence))
    if not questions:
        raise OperatorVisibleError("training.bank_unusable", path=path.name, row=0)
    return tuple(questions)


def _jsonl_rows(path: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    try:
        for line in path.read_text("utf-8-sig").splitlines():
            if line.strip():
                held = json.loads(line)
                rows.append(held if isinstance(held, dict) else {})
    except (OSError, ValueError) as error:
        raise OperatorVisibleError("training.bank_unusable", path=path.name, row=len(rows) + 1) from error
    return rows


def _xlsx_rows(path: Path, fields: FieldTable) -> list[dict[str, object]]:
    import openpyxl  # noqa: PLC0415  # 0.2 s to load, for an import only

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles that it leaves out
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        cells = [[str(cell).strip() if cell is not None else "" for cell in row]
                 for row in book.worksheets[0].iter_rows(values_only=True, max_row=MOST_QUESTIONS + 1)]
        book.close()
    except Exception as error:  # openpyxl raises whatever it stumbles over in a damaged part
        raise OperatorVisibleError("training.bank_unusable", path=path.name, row=0) from error
    names = {spec.label: spec.name for spec in fields.specs}
    rows: list[dict[str, object]] = []
    for line in cells[1:]:
        if any(line):
            row: dict[str, object] = {"gold": {}}
            for head, cell in zip(cells[0], line, strict=False):
                if head.lower() in _TITLE:
                    row["title"] = cell
                elif head.lower() in _CALL:
                    row["call"] = cell
                elif cell:
                    row["gold"] = {**_dict(row["gold"]), names.get(head, head): cell}
            rows.append(row)
    return rows


def _matters(gold: Mapping[str, object]) -> tuple[Mapping[str, Value], ...]:
    first = _values({key: value for key, value in gold.items() if key != "items"})
    items = gold.get("items")
    if not isinstance(items, list) or not items:
        return (first,)
    return tuple({**first, **_values(item)} for item in items if isinstance(item, dict))


def _values(gold: Mapping[str, object]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key, value in gold.items():
        if key == "event_time" and isinstance(value, dict):
            values["event_time_text"] = str(value.get("text", ""))
        elif isinstance(value, bool):
            values[_field_of(key)] = value
        elif isinstance(value, str | int | float):
            text = str(value)
            is_switch = key.startswith(("is_", "need_"))
            values[_field_of(key)] = text.lower() in _YES if is_switch and text.lower() in _YES | _NO else text
    return values


def _field_of(key: str) -> str:
    return "event_time_text" if key == "event_time" else GOLD_FIELDS.get(key, key)


def _dict(held: object) -> dict[str, object]:
    return held if isinstance(held, dict) else {}


def _json(path: Path) -> dict[str, object]:
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise OperatorVisibleError("training.no_gold", path=path.name) from error
    return _dict(held)
