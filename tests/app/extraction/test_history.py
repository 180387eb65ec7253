"""Learning from a centre's history: units found again, thresholds kept, nothing invented where nothing was learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.dialogue import CallContext, Channel, Utterance
from app.extraction.dialogue_view import view_of
from app.extraction.history import Learned
from app.extraction.items import read_bank
from app.extraction.learning import Point, SettledTicket, curve_of, learn
from app.extraction.matters import find_matters
from app.platform.resource_files import resource

UNITS = {"010402": "路灯管理所", "010301": "环卫所", "090101": "劳动监察大队", "050101": "交警大队", "080201": "排水公司"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models of a small history of five units."""
    bank = read_bank(resource("items"))
    columns = [[SettledTicket(text, UNITS[code]) for text in bank[code].sayings[:18]] for code in UNITS]
    history = [ticket for row in zip(*columns, strict=True) for ticket in row]
    target = tmp_path_factory.mktemp("learned")
    (report,) = learn(history, target, precision=0.95)
    assert (report.target, report.labels, report.tickets) == ("unit", 5, 90)
    assert report.top3 >= report.top1 >= 0.6
    return target


def test_the_unit_of_like_tickets_is_found(folder: Path) -> None:
    ranking = Learned(folder).rank("unit", [("我们这条路晚上黑漆漆的，路灯都坏了", 1.0)])
    assert ranking is not None
    assert ranking.codes[0] == "路灯管理所"


def test_what_was_not_learned_gives_nothing(folder: Path, tmp_path: Path) -> None:
    assert Learned(folder).rank("item_code", [("路灯坏了", 1.0)]) is None
    assert Learned(tmp_path).rank("unit", [("路灯坏了", 1.0)]) is None


def test_a_call_is_given_the_unit_of_the_history(folder: Path) -> None:
    talk = [Utterance(0, Channel.OPERATOR, 0, 1, "您好。"), Utterance(1, Channel.CITIZEN, 1, 2,
        "老板拖欠我们三个月工资不发，我要投诉。")]
    hits = find_matters(view_of(talk), CallContext("c", "2026-11-16T09:00:00+08:00", "广州市"), (), Learned(folder))
    units = {hit.rule: hit.value for hit in hits if hit.name == "lead_unit"}
    assert units["unit.history"] == "劳动监察大队"


def test_a_coverage_precision_curve_counts_from_the_surest() -> None:
    curve = curve_of([(0.9, True), (0.8, True), (0.7, False), (0.6, True)])
    assert curve[1] == Point(0.8, 0.5, 1.0)
    assert curve[-1] == Point(0.6, 1.0, 0.75)
