"""``tingdan learn``: an invented history becomes units on tickets; nothing readable is kept; every bad file is told."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from app.domain.dialogue import CallContext, Channel, Utterance
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.extraction.extractor import DialogueExtractor
from app.extraction.history import Learned
from app.extraction.history_file import read_history
from app.extraction.learning import LearnedTarget, SettledTicket, curve_of, learn, threshold_for

SUBJECTS = {
    "甲区路灯管护所": ("路灯不亮", "路灯坏了", "灯杆倾斜", "整条路没有灯"),
    "乙区排水中心": ("下水道堵了", "井盖不见了", "污水外溢", "排水管爆裂"),
    "丙局劳动监察": ("拖欠工资", "不签劳动合同", "加班费没有发", "辞退不给补偿"),
}
AROUND = ("麻烦尽快处理", "已经一个星期了", "在小区门口", "晚上出行不安全", "打过几次电话", "希望给个答复")


def history(count: int = 240) -> list[SettledTicket]:
    draw = random.Random(4)
    tickets = []
    for number in range(count):
        unit = draw.choice(sorted(SUBJECTS))
        text = f"{draw.choice(AROUND)}，{draw.choice(SUBJECTS[unit])}，{draw.choice(AROUND)}，{draw.choice(SUBJECTS[unit])}"
        tickets.append(SettledTicket(text, unit, date=f"2026-{1 + number // 24:02}-05"))
    return tickets


@pytest.fixture(scope="module")
def learned_in(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LearnedTarget]:
    folder = tmp_path_factory.mktemp("learned")
    return folder, learn(history(), folder)[0]


def test_the_centres_unit_stands_on_the_ticket_with_reasons(learned_in: tuple[Path, LearnedTarget]) -> None:
    folder, report = learned_in
    assert (report.target, report.labels, report.tickets) == ("unit", 3, 240)
    assert report.top1 > 0.97
    assert report.threshold < 1 and report.coverage > 0.8
    learned = Learned(folder)
    talk = [Utterance(0, Channel.OPERATOR, 0, 1, "您好请问有什么可以帮您"),
            Utterance(1, Channel.CITIZEN, 1, 2, "我们这边下水道堵了污水外溢已经一个星期了")]
    hits = DialogueExtractor.load(strict=True, learned=learned).extract(talk, CallContext("c", "2026-11-20T09:00:00+08:00", "广州市"))
    units = {hit.rule: hit.value for hit in hits if hit.name == "lead_unit"}
    assert units["unit.history"] == "乙区排水中心"
    reasons = learned.reasons("unit", [(talk[1].text, 1.0)], "乙区排水中心")
    assert reasons.similar > reasons.of / 2
    assert set(reasons.terms) & {"下水", "水道", "污水", "外溢", "道堵", "堵了"}


def test_learning_again_replaces_and_leaves_one_file_a_target(learned_in: tuple[Path, LearnedTarget], tmp_path: Path) -> None:
    for _ in range(2):
        learn(history(60), tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npz"]
    assert Learned(tmp_path).targets == ("unit",)


def test_no_sentence_of_a_ticket_can_be_read_in_the_files(learned_in: tuple[Path, LearnedTarget]) -> None:
    for path in learned_in[0].iterdir():
        raw = path.read_bytes()
        assert all(text.encode() not in raw for saying in SUBJECTS.values() for text in (*saying, *AROUND))


def test_a_damaged_model_is_told(learned_in: tuple[Path, LearnedTarget], tmp_path: Path) -> None:
    for path in learned_in[0].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes() if path.suffix == ".json" else path.read_bytes()[:1000])
    with pytest.raises(EnvironmentFault) as caught:
        Learned(tmp_path)
    assert caught.value.key == "learn.model_damaged"
    assert Learned(tmp_path / "absent").targets == ()


def test_the_threshold_keeps_the_wanted_precision_and_never_guesses() -> None:
    curve = curve_of([(0.9 - 0.001 * n, n % 50 != 49) for n in range(500)])
    assert threshold_for(curve, 500, 0.9) == min(point.threshold for point in curve)
    assert threshold_for(curve, 500, 0.999) > 1
    assert threshold_for(curve[:10], 500, 0.5) > 1


def test_files_as_spreadsheets_save_them(tmp_path: Path) -> None:
    rows = "受理时间,标题,内容,承办单位,诉求类型\n2026/3/5,灯坏,路灯不亮,甲所,求助\n2026-1-20,管爆,水管爆了,乙所,投诉\n,,,甲所,\n"
    (tmp_path / "a.csv").write_bytes(rows.encode("gb18030"))
    (tmp_path / "b.csv").write_text(rows, "utf-8-sig")
    for name in ("a.csv", "b.csv"):
        read = read_history(tmp_path / name)
        assert [(t.date, t.text, t.unit, t.request_type) for t in read.tickets] == [
            ("2026-01-20", "管爆 水管爆了", "乙所", "投诉"), ("2026-03-05", "灯坏 路灯不亮", "甲所", "求助")]
        assert read.unusable == 1
    lines = [json.dumps({"说的": "路灯不亮", "谁": "甲所"}, ensure_ascii=False)]
    (tmp_path / "c.jsonl").write_text("\n".join(lines), "utf-8")
    assert read_history(tmp_path / "c.jsonl", {"text": ("说的",), "unit": ("谁",)}).tickets == (SettledTicket("路灯不亮", "甲所"),)


@pytest.mark.parametrize(("name", "content", "key"), [
    ("none.csv", None, "learn.file_missing"), ("a.xlsx", b"PK", "learn.format_unknown"), ("a.csv", b"x,y\n1,2\n", "learn.no_text_column"),
    ("a.csv", "内容,x\n1,2\n".encode(), "learn.no_value_column"), ("a.jsonl", b"{", "learn.file_damaged"),
    ("a.csv", b"\xff\xff\xff", "learn.file_damaged"), ("a.jsonl", b"[1]", "learn.file_damaged"),
])
def test_every_unusable_file_is_told(tmp_path: Path, name: str, content: bytes | None, key: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(OperatorVisibleError) as caught:
        read_history(tmp_path / name)
    assert caught.value.key == key
