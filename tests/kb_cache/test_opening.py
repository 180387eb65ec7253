"""The knowledge base opens from every shape it may come in, and says clearly why it does not."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery
from app.platform import messages
from app.platform.resource_files import resource
from kb_cache.opening import build_index, describe_source, open_default, open_kb

ENTRY = {"id": "a1", "title": "残疾人证遗失补办", "speakable": "可以补办。带身份证。", "questions": ["残疾证丢了怎么补"]}
GUIDE = {"TASK_CODE": "9144X0001", "TASK_NAME": "示范证件遗失补办", "matter_name": "示范证件", "matter_short": "无",
         "matter_daily": "补证，补发", "parentCatalogName": "示范证件核发", "DEPT_NAME": "示范局", "AREA_CODE_TEXT": "示范市",
         "material_intro": ["身份证", "照片"], "accept_standard": "按<示范办法>办理<script>alert(1)</script>",
         "handle_location": "办理地点：示范路一号", "theme_category": ["其他"], "TASK_TYPE_TEXT": "公共服务"}


def write(path: Path, *records: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
    return path


def first(path: Path, cache: Path, text: str) -> KnowledgeEntry:
    knowledge = open_kb(path, cache)
    try:
        return knowledge.search(KnowledgeQuery(text))[0].entry
    finally:
        knowledge.close()


def test_opens_our_json_lines_and_uses_the_cache_afterwards(tmp_path: Path) -> None:
    source, cache = write(tmp_path / "kb.jsonl", ENTRY), tmp_path / "cache"
    assert first(source, cache, "残疾证不见了").id == "a1"
    made = list(cache.glob("*.sqlite"))
    assert first(source, cache, "残疾证不见了").speakable == "可以补办。带身份证。"
    assert list(cache.iterdir()) == made


def test_a_changed_source_gets_a_new_index(tmp_path: Path) -> None:
    source, cache = write(tmp_path / "kb.jsonl", ENTRY), tmp_path / "cache"
    first(source, cache, "残疾证")
    write(source, ENTRY, {"id": "b2", "title": "结婚证补领"})
    assert first(source, cache, "结婚证").id == "b2"


def test_service_guides_keep_their_task_code_and_lose_their_markup(tmp_path: Path) -> None:
    entry = first(write(tmp_path / "guides.jsonl", GUIDE), tmp_path / "cache", "示范证件丢了")
    assert entry.id == "9144X0001"
    assert (entry.unit, entry.region) == ("示范局", "示范市")
    assert entry.questions == ("补证", "补发", "示范证件核发")
    assert "身份证、照片" in entry.speakable
    assert "<示范办法>" in entry.answer and "alert" not in entry.answer
    assert "办理地点：示范路一号" in entry.answer and "无" not in entry.answer


def test_a_built_index_opens_by_itself_and_from_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    build_index((KnowledgeEntry("x", "居住证办理进度查询"),), "v7", folder / "kb.sqlite")
    for path in (folder, folder / "kb.sqlite"):
        knowledge = open_kb(path, tmp_path / "cache")
        assert (knowledge.version, knowledge.size) == ("v7", 1)
        knowledge.close()
    assert [path.name for path in folder.iterdir()] == ["kb.sqlite"]


def test_every_refused_record_is_reported_and_the_others_come_in(tmp_path: Path) -> None:
    source = write(tmp_path / "kb.jsonl", ENTRY, {"title": "无编号"}, dict(ENTRY), {"id": "t", "title": ""},
                   {"id": "d", "title": "日期", "valid_from": "明天"}, {"id": "ok", "title": "另一条"})
    report = describe_source(source)
    assert report.entries == 2
    assert [(refusal.line, refusal.reason) for refusal in report.refusals] == [
        (2, "id"), (3, "duplicate"), (4, "title"), (5, "valid_from")]


@pytest.mark.parametrize(("content", "key"), [
    (b"", "kb_cache.empty"),
    (b"\xff\xfe\x00nonsense", "kb_cache.bad_line"),
    ('{"id": "a", "title": "第一条"}\n{"id": "b", "tit'.encode(), "kb_cache.bad_line"),
    (b"[1, 2]\n", "kb_cache.bad_line"),
    (b'{"name": "neither ours nor known"}\n', "kb_cache.no_entries"),
    (b"[" * 100_000, "kb_cache.bad_line"),
])
def test_a_damaged_source_is_told_in_plain_words(tmp_path: Path, content: bytes, key: str) -> None:
    source = tmp_path / "kb.jsonl"
    source.write_bytes(content)
    with pytest.raises(OperatorVisibleError) as caught:
        open_kb(source, tmp_path / "cache")
    assert caught.value.key == key
    assert "kb.jsonl" in messages.describe(caught.value) and "{" not in messages.describe(caught.value, "en")


def test_missing_and_ambiguous_places_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for path, key in ((tmp_path / "none", "kb_cache.not_found"), (folder, "kb_cache.folder_empty")):
        with pytest.raises(OperatorVisibleError) as caught:
            open_kb(path, tmp_path / "cache")
        assert caught.value.key == key
    write(folder / "a.jsonl", ENTRY)
    write(folder / "b.jsonl", ENTRY)
    with pytest.raises(OperatorVisibleError) as caught:
        open_kb(folder, tmp_path / "cache")
    assert caught.value.key == "kb_cache.folder_ambiguous"


def test_a_folder_whose_manifest_does_not_fit_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    shutil.copytree(resource("sample_kb"), folder)
    with (folder / "entries.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"id": "smuggled", "title": "不在清单里"}\n')
    with pytest.raises(EnvironmentFault) as caught:
        open_kb(folder, tmp_path / "cache")
    assert caught.value.key == "kb_cache.manifest_mismatch"


def test_the_cache_stays_small_and_loses_what_a_killed_program_left(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "part-dead.tmp").write_bytes(b"half")
    os.utime(cache / "part-dead.tmp", (1, 1))
    (cache / "part-busy.tmp").write_bytes(b"another program is at it")
    for version in range(9):
        first(write(tmp_path / "kb.jsonl", {**ENTRY, "version": version + 1}), cache, "残疾证")
    left = sorted(path.name for path in cache.iterdir())
    assert "part-busy.tmp" in left and "part-dead.tmp" not in left
    assert len(left) == 7


def test_two_programs_at_once_both_open(tmp_path: Path) -> None:
    source, cache = write(tmp_path / "kb.jsonl", ENTRY), tmp_path / "cache"
    code = ("import sys; from pathlib import Path; from kb_cache.opening import open_kb;"
            "kb = open_kb(Path(sys.argv[1]), Path(sys.argv[2])); print(kb.size)")
    running = [subprocess.Popen([sys.executable, "-c", code, str(source), str(cache)], stdout=subprocess.PIPE, text=True)
               for _ in range(2)]
    assert [program.communicate(timeout=60)[0].strip() for program in running] == ["1", "1"]
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "garbage"])
def test_a_damaged_cache_is_built_again(tmp_path: Path, damage: str) -> None:
    source, cache = write(tmp_path / "kb.jsonl", ENTRY), tmp_path / "cache"
    first(source, cache, "残疾证")
    index, = cache.glob("*.sqlite")
    spoil(index, damage)
    assert first(source, cache, "残疾证丢了").id == "a1"


@pytest.mark.parametrize("damage", ["truncate", "empty", "garbage"])
def test_a_damaged_index_given_by_hand_is_told(tmp_path: Path, damage: str) -> None:
    index = tmp_path / "kb.sqlite"
    build_index((KnowledgeEntry("x", "居住证办理进度查询"),), "v7", index)
    spoil(index, damage)
    with pytest.raises(AppError) as caught:
        open_kb(index, tmp_path / "cache")
    assert caught.value.key in {"kb_cache.index_damaged", "kb_cache.empty", "kb_cache.bad_line"}


def test_an_index_of_another_format_is_told(tmp_path: Path) -> None:
    index = tmp_path / "kb.sqlite"
    build_index((KnowledgeEntry("x", "居住证办理进度查询"),), "v7", index)
    with sqlite3.connect(index) as database:
        database.execute("UPDATE meta SET value='99' WHERE key='format'")
    database.close()
    with pytest.raises(OperatorVisibleError) as caught:
        open_kb(index, tmp_path / "cache")
    assert caught.value.key == "kb_cache.index_newer"


def test_the_default_is_the_installed_one_then_the_last_good_then_the_sample(tmp_path: Path) -> None:
    installed, cache = write(tmp_path / "kb.jsonl", ENTRY), tmp_path / "cache"
    opened = open_default(installed, cache)
    assert (opened.origin, opened.knowledge.size, opened.problem) == ("installed", 1, None)
    opened.knowledge.close()

    installed.write_bytes(b"{broken")
    opened = open_default(installed, cache)
    assert (opened.origin, opened.knowledge.size) == ("last_good", 1)
    assert opened.problem is not None and opened.problem.key == "kb_cache.bad_line"
    opened.knowledge.close()

    shutil.rmtree(cache)
    opened = open_default(installed, cache)
    assert opened.origin == "sample" and opened.knowledge.size >= 30
    opened.knowledge.close()


def test_the_sample_opens_even_where_the_cache_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    opened = open_default(None, blocked / "cache")
    assert opened.origin == "sample" and opened.problem is not None
    assert opened.knowledge.search(KnowledgeQuery("工地半夜施工"))
    opened.knowledge.close()


def spoil(path: Path, damage: str) -> None:
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes({
        "truncate": data[: len(data) - 4096], "empty": b"", "garbage": b"\0" * len(data),
        "flip": data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1:]}[damage])
