"""``tingdan learn`` as a centre's person uses it: any file they have, every wrong one told, and the ticket shows what was learned."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from app.cli import main
from app.extraction import history_file
from app.extraction.history_file import read_history, request_type_of

UNITS = {"甲区路灯管护所": "路灯不亮", "乙区排水中心": "下水道堵了污水外溢", "丙局劳动监察": "老板拖欠工资不发"}
HEAD = ("受理时间", "内容", "承办单位", "诉求类型")


def rows(count: int = 180) -> list[tuple[str, ...]]:
    draw = random.Random(8)
    made = []
    for number in range(count):
        unit = draw.choice(sorted(UNITS))
        kind = "投诉件" if unit.startswith("丙") else "求助类"
        around = draw.choice(("在小区门口", "打过几次电话"))
        made.append((f"2026-{1 + number // 20:02}-11", f"{UNITS[unit]}，已经第{number}天了，{around}", unit, kind))
    return made


def csv_of(table: list[tuple[str, ...]]) -> str:
    return "\n".join(",".join(row) for row in [HEAD, *table]) + "\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TINGDAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TINGDAN_LANG", "en")
    return tmp_path


def test_what_was_learned_reaches_the_replayed_ticket_with_reasons(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEAD)  # type: ignore[union-attr]
    for when, *others in rows():
        book.active.append([datetime.fromisoformat(when), *others])  # type: ignore[union-attr]
    book.save(home / "settled.xlsx")
    assert main(["learn", str(home / "settled.xlsx")]) == 0
    told = capsys.readouterr().out
    assert "180 tickets read; 0 rows" in told and "3 values" in told
    script = {"call_time": "2026-11-20T09:00:00+08:00", "city": "广州市", "turns": [
        {"speaker": "operator", "text": "您好，请问有什么可以帮您？"},
        {"speaker": "citizen", "text": "我们这里下水道堵了，污水外溢，打过几次电话。"}]}
    (home / "call.json").write_text(json.dumps(script, ensure_ascii=False), "utf-8")
    assert main(["replay", "--text", str(home / "call.json"), "--json"]) == 0
    unit = json.loads(capsys.readouterr().out)["ticket"]["lead_unit"]
    assert unit["value"] == "乙区排水中心"
    assert unit["state"] == "filled"
    assert any("历史工单" in reason for reason in unit["reasons"])
    main(["doctor"])
    assert "learned from settled tickets: 3 units, 2 request types" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "content", "arguments", "words"), [
    ("a.csv", b"", (), "no text column"),
    ("a.csv", csv_of(rows(40)).encode(), ("--unit", "谁办的"), "no column 谁办的"),
    ("a.csv", csv_of([(*row[:2], "", "") for row in rows(40)]).encode(), (), "nothing to learn"),
    ("a.csv", csv_of([(*row[:2], row[1], "") for row in rows(40)]).encode(), (), "nothing to learn"),
    ("a.csv", "内容,承办单位\n\"".encode() + b"x" * 1_200_000, (), "is no whole CSV"),
    ("a.csv", bytes(range(256)) * 50, (), "is no whole CSV"),
    ("a.jsonl", b'{"text": ' + b"[" * 100_000 + b"\n", (), "is no whole CSV or JSON"),
    ("a.jsonl", '{"text": "灯坏", "unit": "\\ud800"}\n'.encode() * 9, (), "nothing to learn"),
    ("a.xlsx", b"PK\x03\x04 no workbook", (), "no sound XLSX"),
    ("a.xls", b"\xd0\xcf\x11\xe0", (), "only .csv, .xlsx and .jsonl"),
    ("a.csv", csv_of(rows(40)).encode(), ("--precision", "1.5"), "between 0.5 and 1"),
])
def test_every_unusable_history_is_told_and_nothing_is_written(home: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes,
                                                               arguments: tuple[str, ...], words: str) -> None:
    (home / name).write_bytes(content)
    assert main(["learn", str(home / name), *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not list((home / "home" / "data" / "learned").glob("*.npz"))


def test_a_failed_learning_leaves_what_was_learned_before(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "a.csv").write_text(csv_of(rows(60)), "utf-8")
    assert main(["learn", str(home / "a.csv")]) == 0
    folder = home / "home" / "data" / "learned"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (home / "b.csv").write_text(csv_of([(*row[:2], "", "") for row in rows(40)]), "utf-8")
    assert main(["learn", str(home / "b.csv")]) == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_of_a_long_history_the_newest_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_file, "MOST_TICKETS", 50)
    table = rows(180)
    random.Random(1).shuffle(table)
    (tmp_path / "a.csv").write_text(csv_of(table), "utf-8")
    read = read_history(tmp_path / "a.csv")
    assert (len(read.tickets), read.older) == (50, 130)
    assert min(ticket.date for ticket in read.tickets) >= sorted(row[0] for row in table)[130]


def test_a_value_that_no_ticket_can_hold_is_left_out(tmp_path: Path) -> None:
    lines = [{"text": "灯坏", "type": kind, "item": item, "unit": "甲" * long} for kind, item, long in
             (("咨询类", "010402", 3), ("其它情况", "999999", 3), ("投诉举报", "", 200))]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    read = read_history(tmp_path / "a.jsonl")
    assert [(t.request_type, t.item_code, t.unit) for t in read.tickets] == [("咨询", "010402", "甲甲甲"), ("", "", "甲甲甲")]
    assert (read.foreign, read.unusable) == (4, 1)
    assert request_type_of("市民求助") == "求助"
