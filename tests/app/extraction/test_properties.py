"""What holds for any dialogue: nothing raises, evidence lies in the text, equal dialogues give equal hits, edits survive."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.dialogue import Alternative, CallContext, Channel, Token, Utterance
from app.domain.ticket import FieldState, TicketDraft
from app.extraction.dialogue_view import view_of
from app.extraction.extractor import DialogueExtractor
from tests.app.extraction.talks import talks

CONTEXT = CallContext("p", "2026-11-18T10:00:00+08:00", "广州市", "13500000000")
PIECES = [
    "我姓",
    "免贵姓",
    "欧阳",
    "程",
    "前程的程",
    "弓长张",
    "幺三八",
    "两个八",
    "三个零",
    "零零六零",
    "不是",
    "不对",
    "说错了",
    "是",
    "对",
    "天河区",
    "员村街道",
    "社区",
    "员村二横路",
    "四十二号",
    "三栋",
    "首层",
    "门口",
    "跟",
    "路口",
    "昨天晚上",
    "八点半",
    "从",
    "开始",
    "每天",
    "上个星期三",
    "一百二十块",
    "粤A",
    "D九零二六三",
    "身份证号",
    "电话是",
    "就是这个号码",
    "匿名",
    "保密",
    "不用回访",
    "着火",
    "，",
    "。",
    "？",
    " ",
    "A",
    "X",
    "1",
    "138",
    "请问您贵姓",
    "联系电话",
    "在哪里",
    "什么时候",
    "工单编号",
    "车牌号",
    "地铁站B出口旁边",
    "二",
    "十",
    "万",
    "点",
    "号",
    "的",
    "嗯",
    "呃",
    "𠮷",
    "é",
    "\n",
    "社区居委会",
    "从北站上的车",
    "下车",
    "月",
    "三十五",
    "四五零八二幺",
    "对面的",
    "加油站对面",
    "村",
    "第六经济社",
    "我住",
    "幺四零三",
    "您是",
    "新村",
    "三零二房",
    "B座",
    "的丰乐荟",
    "河堤",
    "，对吗？",
    "交界的天桥",
    "收费站上",
    "出口下",
    "母亲的身份证号",
    "最多赔",
    "一百块",
    "念反了",
    "没变",
    "加一个耳朵旁",
    "读秦的",
    "·",
    "应该是",
    "停到现在",
    "礼拜",
    "后年",
]
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.text(max_size=40))


@st.composite
def dialogues(draw: st.DrawFn) -> list[Utterance]:
    found = []
    for place in range(draw(st.integers(0, 8))):
        text = draw(TEXTS)
        tokens: tuple[Token, ...] = ()
        if draw(st.booleans()):
            tokens = tuple(
                Token(i, i + 1, i * 200, i * 200 + 150, draw(st.floats(0, 1)), "ma1") for i in range(len(text))
            )
        others = tuple(Alternative(draw(TEXTS), 0.1) for _ in range(draw(st.integers(0, 2))))
        found.append(
            Utterance(
                place,
                draw(st.sampled_from(list(Channel))),
                place * 1000,
                place * 1000 + 900,
                text,
                confidence=draw(st.floats(0, 1)),
                tokens=tokens,
                alternatives=others,
            )
        )
    return found


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(dialogue=dialogues())
def test_any_dialogue(extractor: DialogueExtractor, dialogue: list[Utterance]) -> None:
    hits = extractor.fields(view_of(dialogue), CONTEXT)
    assert hits == extractor.fields(view_of(dialogue), CONTEXT)
    for hit in hits:
        assert 0.0 <= hit.confidence <= 1.0
        assert hit.state in (FieldState.FILLED, FieldState.SUGGESTED)
        assert hit.rule
        for evidence in hit.evidence:
            assert 0 <= evidence.start < evidence.end <= len(dialogue[evidence.utterance].text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=TEXTS,
    city=st.sampled_from(["广州市", "", "北京市"]),
    time=st.sampled_from(["2026-11-18T10:00:00+08:00", "", "x"]),
)
def test_any_context_and_display(extractor: DialogueExtractor, text: str, city: str, time: str) -> None:
    utterance = Utterance(0, Channel.CITIZEN, 0, 1, text)
    extractor.fields(view_of([utterance]), CallContext("p", time, city))
    shown = extractor.display(utterance)
    assert shown.strip() or not text.strip()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(dialogue=dialogues(), extra=TEXTS)
def test_another_order_of_events_gives_the_same_fields(extractor: DialogueExtractor, dialogue: list[Utterance], extra: str) -> None:
    """What is extracted depends on the dialogue alone: not on what this extractor saw before, nor on how it came."""
    wanted = extractor.fields(view_of(dialogue), CONTEXT)
    extractor.fields(view_of([Utterance(0, Channel.CITIZEN, 0, 1, extra)]), CallContext("q", "2025-01-01T00:00:00+08:00", "珠海市"))
    for end in range(len(dialogue)):
        extractor.fields(view_of(dialogue[:end]), CONTEXT)
    assert extractor.fields(view_of(dialogue), CONTEXT) == wanted
    draft = TicketDraft().merge(wanted)
    assert draft.merge(wanted) == draft


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(dialogue=dialogues(), at=st.integers(0, 7), name=st.sampled_from(sorted({
    "requester_name", "address_detail", "requester_address", "landmark", "region_street", "contact_phone", "amount", "event_time_text"})))
def test_an_edit_stays_whatever_is_said_later(extractor: DialogueExtractor, dialogue: list[Utterance], at: int, name: str) -> None:
    draft = TicketDraft()
    for end in range(len(dialogue) + 1):
        draft = draft.merge(extractor.fields(view_of(dialogue[:end]), CONTEXT))
        if end == min(at, len(dialogue)):
            draft = draft.edit(name, "坐席写的")
    assert draft.get(name).value == "坐席写的"
    assert draft.get(name).state is FieldState.EDITED


def test_prefixes_end_in_the_same_ticket_and_an_edit_survives(extractor: DialogueExtractor) -> None:
    for talk in talks():
        draft = TicketDraft()
        for end in range(1, len(talk.dialogue) + 1):
            draft = draft.merge(extractor.fields(view_of(talk.dialogue[:end]), talk.context))
            if end == 1:
                draft = draft.edit("contact_phone", "020-12345678")
        whole = TicketDraft().merge(extractor.fields(view_of(talk.dialogue), talk.context))
        assert draft.get("contact_phone").value == "020-12345678"
        names = set(whole.matters[0]) - {"contact_phone"}
        assert {name: draft.get(name).value for name in names} == {name: whole.get(name).value for name in names}


def test_a_broken_rule_costs_its_own_fields_only(extractor: DialogueExtractor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    talk = next(talk for talk in talks() if talk.name == "whole-noise")
    lenient = DialogueExtractor.load()
    monkeypatch.setattr("app.extraction.extractor.phones", broken)
    names = {hit.name for hit in lenient.fields(view_of(talk.dialogue), talk.context)}
    assert "contact_phone" not in names
    assert {"requester_name", "region_street", "address_detail"} <= names
    with pytest.raises(RuntimeError):
        extractor.fields(view_of(talk.dialogue), talk.context)
