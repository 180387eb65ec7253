"""The quality check: each rule of the shipped file breached and kept, with the words that carry it; nothing of a well led call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.dialogue import Channel, Token, Utterance
from app.domain.quality import check, due, indicators
from app.domain.ticket import FieldState, Hit, TicketDraft
from app.platform import messages
from app.platform.quality_files import load_quality_rules

RULES = load_quality_rules().rules
WELL = [
    ("o", "您好政府热线工号八零一六请问有什么可以帮您"), ("c", "你好我要反映我们小区楼下半夜施工噪音很大"), ("o", "好的请问具体在什么位置"),
    ("c", "在车陂街道试验路十八号"), ("o", "请问您怎么称呼"), ("c", "免贵姓陈"), ("o", "陈先生联系电话是多少"),
    ("c", "幺三五六七八九零幺二三"), ("o", "幺三五六七八九零幺二三对吗"), ("c", "对的"), ("o", "好的已经登记感谢您的来电再见"),
]


def dialogue(turns: list[tuple[str, str]]) -> tuple[Utterance, ...]:
    said, at_ms = [], 0
    for index, (who, text) in enumerate(turns):
        end_ms = at_ms + 200 * len(text)
        said.append(Utterance(index, Channel.OPERATOR if who == "o" else Channel.CITIZEN, at_ms, end_ms, text))
        at_ms = end_ms + 500
    return tuple(said)


def ticket(request_type: str = "投诉", phone: str = "13567890123") -> TicketDraft:
    hits = [Hit("request_type", request_type, FieldState.FILLED, 0.9)] if request_type else []
    return TicketDraft().merge([*hits, *([Hit("contact_phone", phone, FieldState.FILLED, 0.9)] if phone else [])])


def found(turns: list[tuple[str, str]], draft: TicketDraft | None = None) -> list[str]:
    return [finding.rule for finding in check(RULES, dialogue(turns), draft or ticket()).findings]


def without(place: int, text: str = "嗯") -> list[tuple[str, str]]:
    return [(who, text if at == place else said) for at, (who, said) in enumerate(WELL)]


def test_a_call_that_is_well_led_has_all_points() -> None:
    whole = check(RULES, dialogue(WELL), ticket())
    assert (whole.findings, whole.score) == ((), 100.0)
    assert [due(RULES, dialogue(WELL)[:length], ticket()) for length in range(9, len(WELL))] == [(), ()]


@pytest.mark.parametrize(("turns", "rule"), [
    (without(0, "喂你好请讲"), "greeting"),
    ([turn for at, turn in enumerate(WELL) if at not in (4, 5)], "name_asked"),
    (without(8, "好的记下了"), "phone_read_back"),
    (without(8, "幺三五对吗"), "phone_read_back"),
    (without(10, "行就这样吧"), "closing"),
    (without(6, "说了多少遍了电话报一下"), "forbidden_words"),
])
def test_what_is_missing_or_must_not_fall_is_found_and_costs_points(turns: list[tuple[str, str]], rule: str) -> None:
    whole = check(RULES, dialogue(turns), ticket())
    assert [finding.rule for finding in whole.findings] == [rule]
    assert whole.score == 100.0 - whole.findings[0].points < 100.0


def test_the_evidence_is_the_words_themselves() -> None:
    finding, = check(RULES, dialogue(without(6, "电话报一下你急什么")), ticket()).findings
    span = finding.evidence[0]
    assert dialogue(without(6, "电话报一下你急什么"))[span.utterance].text[span.start:span.end] == "急什么"
    dictated = check(RULES, dialogue(without(8, "好的")), ticket()).findings[0].evidence[0]
    assert WELL[dictated.utterance][1][dictated.start:dictated.end] == "幺三五六七八九零幺二三"


def test_secrecy_is_for_those_who_report() -> None:
    assert found(WELL, ticket("举报")) == ["secrecy_told"]
    assert found(without(2, "好的会为您保密请问在什么位置"), ticket("举报")) == []
    assert found(WELL, ticket("求助")) == []


def test_what_recognition_writes_otherwise_counts_by_its_sound() -> None:
    said = dialogue(without(0, "您好政府热线公号八零一六请讲"))
    assert [finding.rule for finding in check(RULES, said, ticket()).findings] == ["greeting"]
    sounds = ["nin2", "hao3", "zheng4", "fu3", "re4", "xian4", "gong1", "hao4", "ba1", "ling2", "yi1", "liu4", "qing3", "jiang3"]
    tokens = tuple(Token(at, at + 1, 0, 1, 0.9, sound) for at, sound in enumerate(sounds))
    assert check(RULES, (replace(said[0], tokens=tokens), *said[1:]), ticket()).findings == ()


def test_a_number_counts_as_read_back_in_pieces_and_with_one_digit_misheard() -> None:
    pieces = [*WELL[:8], ("o", "幺三五六七"), ("c", "嗯"), ("o", "八九零幺二三对吗"), ("c", "对"), WELL[10]]
    assert found(pieces) == []
    assert found(without(8, "幺三五六八八九零幺二三对吗")) == []


def test_a_rule_that_does_not_apply_says_nothing() -> None:
    assert found(without(7, "就是打来的这个号码"), ticket(phone="")) == []
    assert found([turn for at, turn in enumerate(WELL) if at not in (4, 5)], ticket("其他")) == []
    anonymous = [*WELL[:4], ("c", "我要匿名"), *WELL[6:]]
    assert "name_asked" not in found(anonymous)
    assert check(RULES, (), ticket()).score == -1.0
    assert check(RULES, dialogue([("c", "喂喂")]), ticket()).score == -1.0


def test_one_interruption_is_human_and_a_second_is_told() -> None:
    said = list(dialogue(WELL))

    def cut(place: int) -> None:
        said[place] = replace(said[place], start_ms=said[place - 1].end_ms - 1000)

    cut(2)
    assert check(RULES, tuple(said), ticket()).findings == ()
    cut(8)
    finding, = check(RULES, tuple(said), ticket()).findings
    assert (finding.rule, finding.evidence[0].utterance) == ("interruptions", 8)


def test_silence_counts_unless_a_hold_was_announced() -> None:
    def paused(turns: list[tuple[str, str]], after: int, pause_ms: int) -> list[str]:
        said = tuple(each if each.index <= after else replace(each, start_ms=each.start_ms + pause_ms, end_ms=each.end_ms + pause_ms)
                     for each in dialogue(turns))
        return [finding.rule for finding in check(RULES, said, ticket()).findings]

    assert paused(WELL, 2, 25_000) == ["long_silence"]
    late = tuple(each if each.index <= 2 else replace(each, start_ms=each.start_ms + 60_000, end_ms=each.end_ms + 60_000)
                 for each in dialogue(WELL))
    held = (late[2].end_ms + 1000, late[3].start_ms - 1000)
    assert check(RULES, late, ticket(), [held]).findings == ()  # on hold by the telephone's own key
    assert paused(without(2, "请您稍等我帮您查一下"), 2, 25_000) == []
    assert paused(without(2, "请您稍等我帮您查一下"), 2, 95_000) == ["long_silence"]


def test_what_can_still_be_mended_is_due_while_the_citizen_is_there() -> None:
    forgotten = [*WELL[:8], ("o", "好的"), ("c", "嗯"), ("o", "诉求是什么"), ("c", "不要夜里施工")]
    assert due(RULES, dialogue(forgotten[:9]), ticket()) == ()
    assert due(RULES, dialogue(forgotten), ticket()) == ("phone_read_back",)
    assert due(RULES, dialogue([*forgotten, ("o", "幺三五六七八九零幺二三对吗")]), ticket()) == ()
    assert due(RULES, dialogue(forgotten), ticket("举报")) == ("phone_read_back", "secrecy_told")


def test_who_asks_for_the_name_after_the_phone_is_not_reminded() -> None:
    turns = [*WELL[:4], *WELL[6:10], ("o", "请问您怎么称呼"), ("c", "免贵姓陈"), WELL[10]]
    assert not [length for length in range(1, len(turns) + 1) if due(RULES, dialogue(turns[:length]), ticket())]
    forgotten = [*turns[:8], ("o", "诉求是什么"), ("c", "不要施工")]
    assert due(RULES, dialogue(forgotten[:8]), ticket()) == ()
    assert due(RULES, dialogue(forgotten), ticket()) == ("name_asked",)
    early = dialogue([*WELL[:4], ("o", "请讲"), ("o", "好的")])
    assert due(RULES, early, ticket()) == ("name_asked",)  # the phone stood on the ticket before: that of the caller


@pytest.mark.parametrize(("said", "is_asked"), [
    ("他们在外卖平台上叫什么名字", False), ("那家店叫什么名字", False), ("对方姓什么", False), ("负责人的姓名和电话有吗", False),
    ("请问您叫什么名字", True), ("请问叫什么名字", True), ("您姓什么", True), ("留一下姓名和电话", True), ("请问贵姓", True),
])
def test_to_ask_for_somebody_elses_name_is_not_to_ask_for_the_citizens(said: str, is_asked: bool) -> None:
    turns = [WELL[at] for at in range(len(WELL)) if at not in (4, 5)]
    assert (found([*turns[:4], ("o", said), ("c", "小陈"), *turns[4:]]) == []) is is_asked


def test_voice_indicators_are_figures() -> None:
    told = indicators(dialogue(WELL))
    assert (told.operator_rate, told.overlap_ms, told.longest_silence_ms) == (5.0, 0, 500)
    assert told.silence_ms == 5000
    assert 0.5 < told.operator_share < 0.8
    assert indicators(()).operator_rate == 0.0


def test_every_rule_has_its_words_in_both_languages() -> None:
    for rule in RULES:
        for language in ("zh", "en"):
            assert messages.text(f"quality.{rule.id}", lang=language) != f"quality.{rule.id}"
        if rule.remind:
            assert messages.text(f"quality.remind_{rule.id}", lang="en") != f"quality.remind_{rule.id}"


