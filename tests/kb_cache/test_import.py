"""Imports take what is sound, tell why a row is not taken, and touch nothing where a file is damaged or hostile."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from app.cli import main
from app.domain.errors import OperatorVisibleError
from app.platform import messages
from app.platform.resource_files import resource
from kb_cache.importer import ImportOrder, read_import
from kb_cache.kb_folder import read_content
from kb_cache.opening import open_kb

HEAD = "编号,标题,口径,所需材料,生效日期\n"


def refused(source: Path, **options: object) -> str:
    with pytest.raises(OperatorVisibleError) as caught:
        read_import(ImportOrder(source, **options))  # type: ignore[arg-type]
    assert "{" not in messages.describe(caught.value, "zh") + messages.describe(caught.value, "en")
    assert messages.describe(caught.value, "en") != caught.value.key
    return caught.value.key.rpartition(".")[2]


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_tables_as_office_programs_write_them(tmp_path: Path, encoding: str, mark: str) -> None:
    text = 'a1,残疾人证遗失补办,"可以补办。\n带身份证。","身份证\n照片",2026/1/5\n'
    imported = read_import(ImportOrder(table(tmp_path / "kb.csv", (HEAD + text).replace(",", mark), encoding)))
    entry, = imported.entries
    assert (entry.id, entry.title, entry.materials, entry.valid_from) == ("a1", "残疾人证遗失补办", ("身份证", "照片"), "2026-01-05")
    assert imported.refusals == ()


def test_every_refused_row_is_told_with_row_column_and_reason(tmp_path: Path) -> None:
    source = table(tmp_path / "kb.csv", HEAD + "a,一,,,\n,无编号,,,\na,又一个,,,\nb,日期,,,2026-02-30\nc,少一格,\nd,=cmd|'/c calc',,,\n"
                   + f"e,太长,{'长' * 20_001},,\nf,好的,,,\n")
    imported = read_import(ImportOrder(source))
    assert [entry.id for entry in imported.entries] == ["a", "f"]
    assert [(each.line, each.reason, each.column) for each in imported.refusals] == [
        (3, "id", "编号"), (4, "duplicate", "编号"), (5, "valid_from", "生效日期"), (6, "columns", ""), (7, "formula", "标题"),
        (8, "speakable", "口径")]
    for refusal in imported.refusals:
        assert messages.text(f"kb_import.{refusal.reason}") != f"kb_import.{refusal.reason}"


def test_a_mapping_names_columns_values_defaults_and_marks(tmp_path: Path) -> None:
    mapping = table(tmp_path / "m.toml", 'ignore = ["备注"]\n[columns]\n"知识号" = "id"\n"叫什么" = "title"\n"分类" = "tier"\n"怎么问" = '
                    '"questions"\n"又怎么问" = "questions"\n[values.tier]\n"政策" = "政策文件"\n[defaults]\nregion = "甲市"\n'
                    '[separators]\n"*" = "；"\n')
    source = table(tmp_path / "kb.csv", "知识号,叫什么,分类,怎么问,又怎么问,备注,别的\n1,题,政策,甲；乙,丙,x,y\n")
    imported = read_import(ImportOrder(source, mapping=mapping))
    entry, = imported.entries
    assert (entry.tier.value, entry.questions, entry.region) == ("政策文件", ("甲", "乙", "丙"), "甲市")
    assert imported.unknown == ("别的",)


@pytest.mark.parametrize("text", ["[columns\n", '[columns]\n"a" = "nothing"\n', "[other]\n", "columns = 3\n", 'detect = ["x"]\n'])
def test_a_wrong_mapping_is_told(tmp_path: Path, text: str) -> None:
    mapping = table(tmp_path / "m.toml", text)
    assert refused(table(tmp_path / "kb.csv", HEAD + "a,b,,,\n"), mapping=mapping) == "mapping_bad"


@pytest.mark.parametrize(("data", "key"), [
    (b"", "empty"), (b"\n\n", "empty"), ((HEAD + 'a,"cut off').encode(), "csv_damaged"),
    ((HEAD + "a,一,,,\nb,二").encode(), "cut_off"), ((HEAD + "a,一\0,,,\n").encode(), "nul_bytes"),
    ((HEAD + "a,一,,,\n").encode()[:-7] + b"\xff\n", "encoding_damaged"),
    ((HEAD + "a,一,,,\n").encode("utf-16")[:-1], "encoding_damaged"),
    (bytes(range(128, 256)) * 4, "encoding_damaged"), ("名称,内容\na,b\n".encode(), "columns_missing"),
    ("编号,标题,标题\na,b,c\n".encode(), "head_twice"), ("编号,标题,名称\na,b,c\n".encode(), "column_twice"),
    ((HEAD + "a," + "x" * 140_000 + ",,,\n").encode(), "cell_huge"),
    (",".join(f"c{n}" for n in range(300)).encode(), "too_many_columns")])
def test_a_damaged_table_is_refused_whole(tmp_path: Path, data: bytes, key: str) -> None:
    source = tmp_path / "kb.csv"
    source.write_bytes(data)
    assert refused(source) == key


def test_damaged_utf8_never_passes_as_another_encoding(tmp_path: Path) -> None:
    whole = (HEAD + "a,这是一条知识,可以办理。,,\n" * 3).encode()
    for cut in range(len(HEAD.encode()) + 2, len(whole)):
        source = tmp_path / "kb.csv"
        source.write_bytes(whole[:cut] + b"\xc4\n")
        assert refused(source) in {"encoding_damaged", "cut_off", "nothing_usable"}


def test_workbooks_give_dates_numbers_and_refuse_formulas_errors_and_lost_digits(tmp_path: Path) -> None:
    source = workbook(tmp_path / "kb.xlsx", ["编号", "标题", "生效日期", "热度"], [1001, "数字编号", datetime(2026, 1, 5), 12],  # noqa: DTZ001
                      [1234567890123456789, "位数太多", None, None], ["b", "=1+1", None, None], [None, None, None, None],
                      ["c", "#REF!", None, None], ["d", "好的", "2026年2月1日", 3.5], ["e", "好的", "", "3"])
    imported = read_import(ImportOrder(source))
    assert [(entry.id, entry.valid_from, entry.heat) for entry in imported.entries] == [("1001", "2026-01-05", 12), ("e", "", 3)]
    assert [(each.line, each.reason, each.column) for each in imported.refusals] == [
        (3, "digits_lost", "编号 A3"), (4, "formula", "标题 B4"), (6, "error_cell", "标题 B6"), (7, "heat", "热度")]


def test_the_sheet_that_shows_is_read_and_another_by_its_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    for title, name in (("显示", "a"), ("另一张", "b")):
        sheet = book.create_sheet(title)
        sheet.append(["编号", "标题"])
        sheet.append([name, "题"])
    book.save(tmp_path / "kb.xlsx")
    assert read_import(ImportOrder(tmp_path / "kb.xlsx")).entries[0].id == "a"
    assert read_import(ImportOrder(tmp_path / "kb.xlsx", sheet="另一张")).entries[0].id == "b"
    assert refused(tmp_path / "kb.xlsx", sheet="没有") == "no_sheet"


def test_merged_cells_give_every_row_its_value_or_are_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["编号", "标题", "单位", "region"], ["a", "甲", "示范局", "示范区"], ["b", "乙"], ["c", "丙"], ["一、社保类"],
                ["d", "丁", "民政局"], ["e", "戊"]):
        book.active.append(row)
    for merged in ("C2:C4", "D2:D3", "A5:D5", "C6:C60"):
        book.active.merge_cells(merged)
    book.save(tmp_path / "kb.xlsx")
    imported = read_import(ImportOrder(tmp_path / "kb.xlsx"))
    assert [(entry.id, entry.unit, entry.region) for entry in imported.entries] == [
        ("a", "示范局", "示范区"), ("b", "示范局", "示范区"), ("c", "示范局", ""), ("d", "民政局", ""), ("e", "民政局", "")]
    assert [(each.line, each.reason, each.column) for each in imported.refusals] == [(5, "merged", "A5:D5")]
    two_lines = openpyxl.Workbook()
    for row in (["编号", "标题", "时间"], [None, None, "起"], ["a", "甲", "2026"]):
        two_lines.active.append(row)
    two_lines.active.merge_cells("A1:A2")
    two_lines.save(tmp_path / "head.xlsx")
    imported = read_import(ImportOrder(tmp_path / "head.xlsx"))
    assert ([entry.id for entry in imported.entries], [(each.line, each.reason) for each in imported.refusals]) == (["a"], [(2, "merged")])


def test_a_million_rows_and_a_huge_cell_of_a_workbook_are_refused_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = workbook(tmp_path / "good.xlsx", ["编号", "标题"], ["a", "题"], ["b", "长" * 30_000], ["c", "好"])
    imported = read_import(ImportOrder(good))
    assert [entry.id for entry in imported.entries] == ["a", "c"]
    assert [(each.line, each.reason, each.column) for each in imported.refusals] == [(3, "title", "标题")]
    monkeypatch.setattr("kb_cache.importer_xlsx.MAX_ROWS", 2)  # the real limit, one million, takes half a minute to reach
    monkeypatch.setattr("kb_cache.importer_csv.MAX_ROWS", 2)
    assert refused(good) == "too_many_rows"
    assert refused(table(tmp_path / "kb.csv", HEAD + "a,一,,,\n" * 3)) == "too_many_rows"


def rezipped(source: Path, target: Path, member: str, data: bytes) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, data if name == member else old.read(name))
    return target


@pytest.mark.parametrize("attack", ["bomb", "lying bomb", "entities", "external entity", "cut off", "garbage", "old xls", "a picture",
                                    "no sheet", "wide rows", "far row"])
def test_a_hostile_or_damaged_workbook_is_refused_fast(tmp_path: Path, attack: str) -> None:
    good = workbook(tmp_path / "good.xlsx", ["编号", "标题"], ["a", "题"])
    bad, sheet = tmp_path / "bad.xlsx", "xl/worksheets/sheet1.xml"
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    head = b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>title</t></is></c></row>'
    end = b"</sheetData></worksheet>"
    if attack in ("bomb", "lying bomb"):
        rezipped(good, bad, sheet, start + b" " * (60 * 1024 * 1024) + end)
        if attack == "lying bomb":  # the header claims 100 bytes
            data = bytearray(bad.read_bytes())
            size = (60 * 1024 * 1024 + len(start + end)).to_bytes(4, "little")
            bad.write_bytes(bytes(data).replace(size, (100).to_bytes(4, "little")))
    elif attack == "entities":
        laughs = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
        rezipped(good, bad, sheet, b'<!DOCTYPE x [<!ENTITY l0 "lol">' + laughs + b"]>" + start + b"&l9;" + end)
    elif attack == "external entity":
        rezipped(good, bad, sheet, b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + start + b"&e;" + end)
    elif attack == "wide rows":
        rezipped(good, bad, sheet, start + head + b'<row r="2"><c r="XFD2" t="inlineStr"><is><t>x</t></is></c></row>' + end)
    elif attack == "far row":
        rezipped(good, bad, sheet, start + head + b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row>' + end)
    elif attack == "no sheet":
        rezipped(good, bad, "xl/workbook.xml", b"<workbook/>")
    else:
        raw = good.read_bytes()
        bad.write_bytes({"cut off": raw[: len(raw) // 2], "garbage": os.urandom(5000), "old xls": b"\xd0\xcf\x11\xe0" + bytes(600),
                         "a picture": b"\x89PNG\r\n" + bytes(600)}[attack])
    assert refused(bad) in {"xlsx_bomb", "xlsx_damaged", "xlsx_hostile", "xls_old", "no_sheet", "blank_rows", "nothing_usable", "empty"}


def test_markdown_pages_with_and_without_front_matter(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    (folder / "社保").mkdir(parents=True)
    (folder / "社保" / "补卡.md").write_text("# 社保卡补办\n可以补办。\n\n## 材料\n身份证\n", "utf-8")
    front = "---\nid: 0123\ntitle: 题\nvalid_from: 2026-01-05\nregion: no\n问法:\n  - 一\n---\n"
    (folder / "a.md").write_text(front + "答案 <script>x</script>\n", "gb18030")
    (folder / "open.md").write_text("---\nid: x\n", "utf-8")
    (folder / "tag.md").write_text("---\n!!python/object/apply:os.system [echo]\n---\n", "utf-8")
    (folder / "laughs.md").write_text("---\n" + "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)) + "id: l\ntitle: l\nquestions: *a11\n---\n", "utf-8")
    (folder / "deep.md").write_text("---\nid: d\ntitle: d\ntags: " + "[" * 50_000 + "\n---\n", "utf-8")
    (folder / "zero.md").write_bytes(b"# \0\n")
    (tmp_path / "secret.md").write_text("# secret", "utf-8")
    (folder / "link.md").symlink_to(tmp_path / "secret.md")
    imported = read_import(ImportOrder(folder))
    first, second = imported.entries
    assert (first.id, first.region, first.valid_from, first.questions, first.answer) == ("0123", "no", "2026-01-05", ("一",), "答案")
    assert (second.id, second.title, second.answer) == ("社保/补卡", "社保卡补办", "可以补办。")
    assert [(section.title, section.text) for section in second.sections] == [("材料", "身份证")]
    assert {each.file: each.reason for each in imported.refusals} == {
        "open.md": "front_matter", "tag.md": "front_matter", "laughs.md": "front_matter", "deep.md": "front_matter", "zero.md": "nul_bytes"}


def test_service_guides_keep_their_code_and_the_desk_takes_them(shared: Path, tmp_path: Path, home: Path) -> None:
    source = shared / "data" / "guangdong_service_guides.jsonl"
    assert main(["kb", "import", str(source), "--out", str(tmp_path / "kb"), "--json"]) == 0
    codes = [json.loads(line)["TASK_CODE"] for line in source.read_text("utf-8").splitlines()]
    content = read_content(tmp_path / "kb")
    assert [entry.id for entry in content.entries] == codes
    assert sum(bool(entry.phones) for entry in content.entries) > 2_000
    knowledge = open_kb(tmp_path / "kb", tmp_path / "cache")
    assert knowledge.size == len(codes)
    knowledge.close()


def run(*words: object) -> int:
    return main(["kb", *map(str, words)])


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_failed_import_leaves_the_folder_as_it_was(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "kb"
    assert run("import", table(tmp_path / "one.csv", HEAD + "".join(f"k{n},题目{n},,,\n" for n in range(10))), "--out", target) == 0
    before = state(target)
    for name, text in (("cut.csv", HEAD + 'a,"x'), ("none.csv", HEAD), ("few.csv", HEAD + "k1,题目1,,,\n")):
        assert run("import", table(tmp_path / name, text), "--out", target) == 2
    assert run("import", table(tmp_path / "strict.csv", HEAD + "k1,题目,,,\n,x,,,\n"), "--out", target, "--strict", "--merge") == 2
    assert state(target) == before
    assert "--allow-removal" in capsys.readouterr().err
    other = tmp_path / "other"
    other.mkdir()
    (other / "work.txt").write_text("mine")
    assert run("import", tmp_path / "one.csv", "--out", other) == 2
    assert [path.name for path in other.iterdir()] == ["work.txt"]


def test_merging_keeps_the_rest_and_counts_versions_up(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target, report = tmp_path / "kb", tmp_path / "report.csv"
    run("import", table(tmp_path / "one.csv", HEAD + "a,甲,,,\nb,乙,,,\n"), "--out", target)
    capsys.readouterr()
    second = table(tmp_path / "two.csv", HEAD + "b,乙改,,,\nc,丙,,,\n,坏,,,\n")
    code = run("import", second, "--out", target, "--merge", "--json", "--report", report)
    told = json.loads(capsys.readouterr().out)
    assert code == 1 and (told["added"], told["changed"], told["refused"], told["entries"]) == (1, 1, 1, 3)
    assert [(entry.id, entry.title, entry.version) for entry in read_content(target).entries] == [
        ("a", "甲", 1), ("b", "乙改", 2), ("c", "丙", 1)]
    assert "没有编号" in report.read_text("utf-8-sig") and "no id" in report.read_text("utf-8-sig")
    assert run("diff", tmp_path / "two.csv", target) == 2  # a table is no knowledge base


def test_export_check_show_and_diff_as_a_user_runs_them(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(resource("sample_kb"), tmp_path / "kb")
    assert run("export", tmp_path / "kb", tmp_path / "kb.xlsx") == 0
    assert run("import", tmp_path / "kb.xlsx", "--out", tmp_path / "again") == 0
    assert run("check", tmp_path / "again", "--fail-on", "warning", "--date", "2026-11-22") == 0
    assert run("check", tmp_path / "again", "--date", "2126-01-01", "--json") in (0, 1)
    capsys.readouterr()
    assert run("diff", tmp_path / "kb", tmp_path / "again", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"added": [], "removed": [], "changed": []}
    assert run("show", tmp_path / "kb", "SP-NOISE-P") == 0
    assert "夜间施工" in capsys.readouterr().out
    assert run("show", tmp_path / "kb", "none") == 2


def test_a_manifest_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    (tmp_path / "entries.jsonl").write_text('{"id": "a", "title": "b"}\n')
    for name in ("../entries.jsonl", "none.jsonl", 3):
        (folder / "manifest.json").write_text(json.dumps({"version": "1", "file": name}))
        with pytest.raises(OperatorVisibleError) as caught:
            open_kb(folder, tmp_path / "cache")
        assert caught.value.key == "kb_cache.bad_manifest"


def test_a_crash_before_the_switch_and_a_disk_that_refuses_keep_the_old_knowledge(tmp_path: Path, home: Path) -> None:
    target = tmp_path / "kb"
    assert run("import", table(tmp_path / "one.csv", HEAD + "a,甲,,,\n"), "--out", target) == 0
    (target / "entries-000000000000.jsonl").write_text('{"id": "half", "ti')  # written, the manifest not yet
    (target / ".manifest.json.x1").write_text("{")
    assert [entry.id for entry in read_content(target).entries] == ["a"]
    before = state(target)
    manifest = target / "manifest.json"
    (target / "aside").mkdir()
    manifest.rename(target / "aside" / "manifest.json")
    manifest.mkdir()  # the rename of the manifest is refused by the system
    assert run("import", table(tmp_path / "two.csv", HEAD + "a,乙,,,\n"), "--out", target, "--allow-removal") in (2, 3)
    manifest.rmdir()
    (target / "aside" / "manifest.json").rename(manifest)
    (target / "aside").rmdir()
    assert [entry.title for entry in read_content(target).entries] == ["甲"]
    assert before["manifest.json"] == manifest.read_bytes()
    assert run("import", tmp_path / "one.csv", "--out", tmp_path / "one.csv" / "below") == 3


def test_json_lines_under_other_names_go_through_the_columns(tmp_path: Path) -> None:
    source = table(tmp_path / "kb.jsonl", '{"编号": "a", "标题": "题", "问法": ["一", "二"], "有效期起": "2026/1/5", "别的": 3}\n'
                   '{"编号": "b", "标题": 7}\n')
    imported = read_import(ImportOrder(source))
    assert (imported.entries[0].questions, imported.entries[0].valid_from, imported.unknown) == (("一", "二"), "2026-01-05", ("别的",))
    assert [(each.line, each.reason, each.column) for each in imported.refusals] == [(2, "title", "标题")]
