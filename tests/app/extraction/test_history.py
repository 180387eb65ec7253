"""Learning from a centre's history: units found again, thresholds kept, nothing invented where nothing was learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.dialogue import CallContext, Channel, Utterance
from app.domain.ticket import Hit
from app.extraction.dialogue_view import view_of
from app.extraction.history import Learned
from app.extraction.history_advice import pooled
from app.extraction.items import read_bank
from app.extraction.learning import Point, SettledTicket, curve_of, learn
from app.extraction.matters import TYPE_FILLED, find_matters
from app.extraction.reasons import joined_terms
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


LEAVES = ("010402", "010301", "090101", "050101", "080201")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """A history that states type, item and unit."""
    bank = read_bank(resource("items"))
    kinds = {"090101": "投诉", "050101": "举报"}
    columns = [[SettledTicket(text, UNITS[code], kinds.get(code, "求助"), code) for text in bank[code].sayings[:18]] for code in LEAVES]
    target = tmp_path_factory.mktemp("whole")
    learn([ticket for row in zip(*columns, strict=True) for ticket in row], target, precision=0.9)
    return Learned(target)


def test_learned_type_item_and_unit_reach_the_ticket_with_reasons(whole: Learned) -> None:
    talk = [Utterance(0, Channel.OPERATOR, 0, 1, "您好。"), Utterance(1, Channel.CITIZEN, 1, 2, "老板拖欠我们三个月工资不发。")]
    hits = find_matters(view_of(talk), CallContext("c", "2026-11-16T09:00:00+08:00", "广州市"), (), whole)
    told = {hit.name: hit for hit in hits if hit.rule.endswith(".history")}
    assert (told["item_code"].value, told["request_type"].value, told["lead_unit"].value) == ("090101", "投诉", "劳动监察大队")
    for hit in told.values():
        assert any("历史工单" in reason for reason in hit.reasons), hit
    assert any("工资" in reason for reason in told["item_code"].reasons)


def unit_of(learned: Learned, *turns: tuple[Channel, str]) -> Hit:
    talk = [Utterance(n, side, n, n + 1, words) for n, (side, words) in enumerate(turns)]
    hits = find_matters(view_of(talk), CallContext("c", "2026-11-16T09:00:00+08:00", "广州市"), (), learned)
    (unit,) = [hit for hit in hits if hit.name == "lead_unit"]
    return unit


def test_the_centres_own_unit_stands_before_the_item_tables_which_stays_a_candidate(whole: Learned) -> None:
    unit = unit_of(whole, (Channel.OPERATOR, "您好。"), (Channel.CITIZEN, "老板拖欠我们三个月工资不发。"))
    assert unit.value == "劳动监察大队"
    assert any("人社" in str(other.value) or "人力资源" in str(other.value) for other in unit.alternatives)


def test_what_the_operator_announced_wins_by_the_centres_name(whole: Learned) -> None:
    unit = unit_of(whole, (Channel.OPERATOR, "您好。"), (Channel.CITIZEN, "路口有人乱停车，车主说老板还拖欠他工资。"),
                   (Channel.OPERATOR, "好的，这边帮您登记，转人社部门处理。"))
    assert (unit.value, unit.rule) == ("劳动监察大队", "unit.announced")


def test_rules_and_history_that_contradict_each_other_leave_a_suggestion() -> None:
    joint = pooled([("求助", 0.96), ("投诉", 0.04)], [("投诉", 0.97), ("求助", 0.03)], frozenset({"求助", "投诉"}))
    assert joint[0][1] < TYPE_FILLED
    agreed = pooled([("求助", 0.96), ("投诉", 0.04)], [("求助", 0.97), ("投诉", 0.03)], frozenset({"求助", "投诉"}))
    assert agreed[0][0] == "求助" and agreed[0][1] > TYPE_FILLED


def test_a_value_that_the_history_does_not_know_keeps_the_rules_share() -> None:
    joint = dict(pooled([("表扬", 0.9), ("投诉", 0.1)], [("投诉", 1.0)], frozenset({"投诉"})))
    assert joint["表扬"] > joint["投诉"]


@pytest.mark.parametrize(("text", "pairs", "words"), [
    ("老板拖欠工资不发", ("工资", "拖欠", "欠工"), ["拖欠工资"]),
    ("路灯 坏了", ("灯坏", "路灯"), ["路灯"]),
    ("", ("路灯",), []),
])
def test_telling_pairs_are_shown_as_words(text: str, pairs: tuple[str, ...], words: list[str]) -> None:
    assert joined_terms(text, pairs) == words
