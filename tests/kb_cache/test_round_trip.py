"""What is exported comes back unchanged, in every form, whatever a content editor wrote."""

from __future__ import annotations

import dataclasses
import string
import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import OperatorVisibleError
from app.domain.knowledge import Choice, KnowledgeEntry, Phone, Place, Section, Sensitivity, Status, Step, Tier
from app.platform.resource_files import resource
from kb_cache.cells import cell_of, value_of
from kb_cache.exporter import export
from kb_cache.html_text import one_line, plain_text
from kb_cache.importer import FORMATS, ImportOrder, read_import
from kb_cache.kb_folder import read_content
from kb_cache.records import RecordError, entry_of, record_of

FULL = KnowledgeEntry(
    "=A-1", "=1+1 补办", "'+先说。再说。", "-第一行\n## 不是标题\n\\# 也不是\n按<办法>办理, \"引号\"；|", Tier.INTERPRETATION, "up",
    ("问法一", "- 问法二 => x", "[三]"), ("010101", "010102"), "甲市", "单位", "示例〔2026〕1号", "2026-01-01", "2027-01-01", 3,
    ("标签，有逗号", "@x"), (Section("## 头", "正文\n# 行"), Section("空", "")),
    (Step("a", "您参保了吗？\n再问一句", (Choice("是 => 吗", "b"), Choice("否"))), Step("b]", "带身份证来。")),
    ("身份证｜原件", "照片；两张"), (Place("大厅", "示范路1号", "", "020-00000000"), Place("只有｜名称")),
    (Phone("", "12345"), Phone("咨询：窗口", "020-00000000")), Status.DRAFT, 17, Sensitivity.INTERNAL, "2026-11-22")

pieces = st.text(st.one_of(st.sampled_from(list("#-=>[]｜|：；;,，\\'\"\n@+<>&{}*~!%`?。 \t" + string.digits)),
                           st.characters(codec="utf-8", exclude_categories=("Cc",))), max_size=30)
lines = pieces.map(one_line)
named = lines.filter(bool)
entries = st.builds(
    KnowledgeEntry, id=named, title=named, speakable=pieces.map(plain_text), answer=pieces.map(plain_text),
    tier=st.sampled_from(Tier), parent=lines, questions=st.lists(named, max_size=3).map(tuple),
    item_codes=st.lists(st.text(string.digits, min_size=6, max_size=6), max_size=2).map(tuple), region=lines, unit=lines, source=lines,
    valid_from=st.dates().map(str), valid_to=st.just(""), version=st.integers(1, 10**9), tags=st.lists(named, max_size=3).map(tuple),
    sections=st.lists(st.builds(Section, named, pieces.map(plain_text)), max_size=3).map(tuple),
    steps=st.lists(st.builds(Step, named, pieces.map(plain_text).filter(bool),
                             st.lists(st.builds(Choice, named, lines), max_size=2).map(tuple)),
                   max_size=3, unique_by=lambda step: step.id).map(tuple),
    materials=st.lists(named, max_size=3).map(tuple), places=st.lists(st.builds(Place, named, lines, lines, lines), max_size=2).map(tuple),
    phones=st.lists(st.builds(Phone, lines, named), max_size=2).map(tuple), status=st.sampled_from(Status), heat=st.integers(0, 10**9),
    sensitivity=st.sampled_from(Sensitivity), updated=st.dates().map(str))


def there_and_back(some: tuple[KnowledgeEntry, ...], form: str, folder: Path) -> tuple[KnowledgeEntry, ...]:
    target = folder / ("pages" if form == "markdown" else f"kb.{form}")
    export(some, target, form)
    imported = read_import(ImportOrder(target))
    assert not imported.refusals and not imported.unknown and imported.form == form
    return imported.entries


@pytest.mark.parametrize("form", FORMATS)
def test_an_entry_with_everything_and_the_sample_come_back(form: str, tmp_path: Path) -> None:
    some = (FULL, *read_content(resource("sample_kb")).entries[:40])
    assert there_and_back(some, form, tmp_path) == some
    assert {field.name for field in dataclasses.fields(KnowledgeEntry)
            if getattr(FULL, field.name) == field.default} == set(), "the full entry has every field"


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40)
@given(some=st.lists(entries, min_size=1, max_size=3, unique_by=lambda entry: entry.id))
def test_generated_entries_come_back(form: str, some: list[KnowledgeEntry]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert there_and_back(tuple(some), form, Path(folder)) == tuple(some)


@settings(max_examples=150)
@given(entry=entries)
def test_a_record_is_its_entry_and_a_cell_is_its_value(entry: KnowledgeEntry) -> None:
    record = record_of(entry)
    assert entry_of(record) == entry
    for name, value in record.items():
        back = value_of(name, cell_of(name, value))
        assert back == value or (isinstance(value, str) and back == value.strip())


@settings(max_examples=300)
@given(text=st.text(st.sampled_from(list("<>/&;\"'=! abpriscsvgt#x0-\n\t\r\u200b\u3000办法"))))
def test_clean_text_is_a_fixed_point_without_markup(text: str) -> None:
    clean = plain_text(text)
    assert plain_text(clean) == clean
    assert "<script" not in clean.lower() and "<svg" not in clean.lower() and "\u200b" not in clean


def test_a_workbook_holds_no_formula_and_a_table_none_that_excel_would_run(tmp_path: Path) -> None:
    export((FULL,), tmp_path / "kb.xlsx", "xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "kb.xlsx").worksheets[0]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet["A2"].value == "=A-1" and sheet["A1"].value == "编号"
    export((FULL,), tmp_path / "kb.csv", "csv")
    row = (tmp_path / "kb.csv").read_text("utf-8-sig").splitlines()[1]
    assert row.startswith("'=A-1,'=1+1 补办")


def test_an_export_never_writes_over_something(tmp_path: Path) -> None:
    (tmp_path / "kb.csv").write_text("mine")
    with pytest.raises(OperatorVisibleError) as caught:
        export((FULL,), tmp_path / "kb.csv", "csv")
    assert caught.value.key == "kb_content.target_exists"
    assert (tmp_path / "kb.csv").read_text() == "mine" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(("field", "text", "value"), [
    ("valid_from", "2026/1/5", "2026-01-05"), ("valid_to", "2026年12月31日", "2026-12-31"), ("updated", "20260105", "2026-01-05"),
    ("valid_from", "2026-01-05 00:00:00", "2026-01-05"), ("heat", "", 0), ("version", "2.0", 2),
    ("item_codes", "010101、010102", ["010101", "010102"]), ("questions", " 一\n\n二 ", ["一", "二"]),
    ("phones", "咨询｜12345\n窗口：020-1", [{"label": "咨询", "number": "12345"}, {"label": "窗口", "number": "020-1"}]),
    ("places", "大厅|示范路1号", [{"name": "大厅", "address": "示范路1号"}]),
    ("steps", "[a] 参保了吗？\n- 是 => b\n- 否\n[b] 带身份证来。", [
        {"id": "a", "text": "参保了吗？", "choices": [{"label": "是", "next": "b"}, {"label": "否"}]},
        {"id": "b", "text": "带身份证来。"}]),
    ("sections", "## 条件\n年满\n## 时限", [{"title": "条件", "text": "年满"}, {"title": "时限"}])])
def test_cells_as_editors_write_them(field: str, text: str, value: object) -> None:
    assert value_of(field, text) == value


@pytest.mark.parametrize(("field", "text"), [
    ("version", "二"), ("heat", "-1"), ("steps", "- 没有步骤"), ("sections", "没有标题"),
    ("places", "a|b|c|d|e"), ("phones", "[{bad json")])
def test_cells_that_cannot_be_understood(field: str, text: str) -> None:
    with pytest.raises(RecordError) as caught:
        value_of(field, text)
    assert str(caught.value) == field
