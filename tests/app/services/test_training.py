"""Question banks: JSONL and XLSX as a teacher writes them, the sample scripts, and what is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from app.domain.errors import OperatorVisibleError
from app.platform.catalogue_files import load_fields
from app.platform.resource_files import resource
from app.services.training import read_bank, script_question

SCRIPT = resource("sample_calls") / "night-construction.json"


def test_a_call_script_is_a_question_with_the_words_that_carry_each_answer() -> None:
    question = script_question(SCRIPT)
    assert question.matters[0]["region_district"] == "天河区"
    assert question.matters[0]["need_callback"] is True
    assert question.evidence["contact_phone"]


def test_banks_in_both_formats_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(SCRIPT.read_bytes())
    row = {"title": "第一题", "call": "a.json", "gold": {"contact_phone": "13800001111", "district": "天河区", "need_callback": True}}
    (tmp_path / "bank.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n\n", "utf-8")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    fields = load_fields()
    sheet.append(["题目", "录音", fields.label("contact_phone"), fields.label("region_district"), "need_callback"])
    sheet.append(["第一题", "a.json", "13800001111", "天河区", "是"])
    book.save(tmp_path / "bank.xlsx")
    one, other = read_bank(tmp_path / "bank.jsonl", fields), read_bank(tmp_path / "bank.xlsx", fields)
    assert one == other
    assert one[0].title == "第一题"


@pytest.mark.parametrize(("content", "key"), [
    ('{"call": "a.json"}', "bank_unusable"), ("no json", "bank_unusable"), ('{"call": "no.flac", "gold": {"subject": "x"}}', "no_call"),
    ("", "bank_unusable"), ("[]", "bank_unusable")])
def test_a_bad_bank_is_refused_with_its_row(tmp_path: Path, content: str, key: str) -> None:
    (tmp_path / "a.json").write_text("{}", "utf-8")
    (tmp_path / "bank.jsonl").write_text(content, "utf-8")
    with pytest.raises(OperatorVisibleError, match=key):
        read_bank(tmp_path / "bank.jsonl", load_fields())
    (tmp_path / "bank.xlsx").write_bytes(b"PK no workbook")
    with pytest.raises(OperatorVisibleError, match="bank_unusable"):
        read_bank(tmp_path / "bank.xlsx", load_fields())
