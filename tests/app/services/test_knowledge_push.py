"""Cards come when they help and keep quiet else: the real policy over the real sample knowledge base."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.dialogue import Channel, HypothesisRevised, Utterance
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Push, Ranked, Sensitivity, Status
from app.platform.resource_files import resource
from app.services.knowledge_push import KnowledgePush, PushSettings
from kb_cache.index_reader import IndexedKnowledge
from kb_cache.opening import build_index, open_kb

GREETING = "您好，示范一二三四五，工号零零零一，请问有什么可以帮您？"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexedKnowledge]:
    opened = open_kb(resource("sample_kb"), tmp_path_factory.mktemp("cache"))
    yield opened
    opened.close()


def dialogue(*said: str) -> tuple[Utterance, ...]:
    """Utterances, the operator begins; "+" in front lets the same side go on."""
    found: list[Utterance] = []
    channel = Channel.CITIZEN
    for index, text in enumerate(said):
        if not text.startswith("+"):
            channel = Channel.OPERATOR if channel is Channel.CITIZEN else Channel.CITIZEN
        found.append(Utterance(index, channel, index * 5000, index * 5000 + 4000, text.removeprefix("+")))
    return tuple(found)


def ask(knowledge: IndexedKnowledge, *said: str, already: tuple[Push, ...] = (), partial: str = "", items: tuple[str, ...] = (),
        settings: PushSettings | None = None, operator_speaks: bool = False) -> Push | None:
    heard = dialogue(*said)
    hypothesis = HypothesisRevised("u", 1, Channel.CITIZEN, 0, 0, 0, 0.0, partial) if partial else None
    return KnowledgePush(knowledge, settings).choose(heard, hypothesis, items, len(heard) * 5000, already, operator_speaks)


def ids(push: Push | None) -> list[str]:
    return [ranked.entry.id for ranked in push.ranked] if push else []


@pytest.mark.parametrize(("said", "expected"), [
    ("你好，我想问一下，我老公那个身份证啊，不知道掉哪里了，要怎么补？", "SP-IDCARD-Q1"),
    ("我要投诉，我们小区对面那个工地，天天半夜打桩，吵得睡不着", "SP-NOISE-Q1"),
    ("喂，我昨天坐的士，手机落在车上了，能不能帮我找找", "SP-TRANSIT-Q1"),
    ("公司拖了我三个月工资没发，老板电话也不接", "SP-WAGE-Q1"),
    ("公斯托欠工资三个月了我想投素", "SP-WAGE-Q1"),
])
def test_the_first_matter_brings_its_card(knowledge: IndexedKnowledge, said: str, expected: str) -> None:
    push = ask(knowledge, GREETING, said)
    assert push is not None and ids(push)[0] == expected
    assert push.after_utterance == 1 and push.at_ms == 10_000
    assert push.ranked[0].entry.speakable.count("。") == 2
    assert 0.3 <= push.ranked[0].score <= 1.0


@pytest.mark.parametrize("said", [
    (GREETING, "喂，喂，听得到吗？"),
    (GREETING, "我要投诉工地半夜打桩", "请问您贵姓？", "免贵姓示，示范的示，示范明"),
    (GREETING, "我要投诉工地半夜打桩", "方便留一个联系电话吗？", "幺三八，零零零零，一二三四"),
    (GREETING, "我要投诉工地半夜打桩", "具体在哪里？", "在示范区示范街道，示范二横路四十二号"),
    (GREETING, "我要投诉工地半夜打桩", "已经帮您登记，感谢来电，再见。", "好的，谢谢，再见"),
    (GREETING,),
    (),
])
def test_names_numbers_addresses_and_greetings_ask_nothing(knowledge: IndexedKnowledge, said: tuple[str, ...]) -> None:
    assert ask(knowledge, *said) is None


def test_no_card_twice(knowledge: IndexedKnowledge) -> None:
    said = (GREETING, "我想问一下身份证丢了怎么补办")
    first = ask(knowledge, *said)
    assert first is not None
    assert ask(knowledge, *said, "+就是身份证不见了，怎么补办啊", already=(first,)) is None


def test_a_new_question_brings_a_new_card_at_once(knowledge: IndexedKnowledge) -> None:
    said = (GREETING, "我想问一下身份证丢了怎么补办", "带户口簿到派出所就可以。",
            "好，第二个我想问，外地的养老保险怎么转到这边来")
    first = ask(knowledge, *said[:2])
    assert first is not None
    assert ids(ask(knowledge, *said, already=(first,)))[0] == "SP-PENSION-Q1"


def test_a_question_without_its_matter_takes_it_from_before(knowledge: IndexedKnowledge) -> None:
    said = (GREETING, "我们那栋楼八层没电梯，老人下不了楼，大家商量想装个电梯", "好的，您请说。",
            "对，就是去哪个部门报，要准备什么资料")
    assert ids(ask(knowledge, *said))[0].startswith("SP-LIFT-")


def test_what_the_operator_restates_is_searched(knowledge: IndexedKnowledge) -> None:
    push = ask(knowledge, GREETING, "喂，那个，我老伴的那个证啊", "您是想咨询残疾人证遗失补办，对吗？")
    assert ids(push)[0] == "SP-DISABLE-Q1"


def test_nothing_while_the_operator_speaks(knowledge: IndexedKnowledge) -> None:
    assert ask(knowledge, GREETING, "我想问一下身份证丢了怎么补办", operator_speaks=True) is None


def test_a_partial_needs_more_and_brings_one_push_a_turn(knowledge: IndexedKnowledge) -> None:
    push = ask(knowledge, GREETING, partial="你好我想问一下身份证丢了怎么补办")
    assert push is not None and push.after_utterance == 0
    assert ask(knowledge, GREETING, partial="你好我想问一下身份证丢了怎么补办居住证怎么办", already=(push,)) is None
    never = PushSettings(partial_score=1.1)
    assert ask(knowledge, GREETING, partial="你好我想问一下身份证丢了怎么补办", settings=never) is None


def test_a_call_shows_at_most_so_many_pushes(knowledge: IndexedKnowledge) -> None:
    shown = Push(0, 0, (Ranked(KnowledgeEntry("other", "别的"), 0.9),))
    already = tuple(replace(shown, at_ms=at) for at in range(6))
    assert ask(knowledge, GREETING, "我想问一下身份证丢了怎么补办", already=already) is None


def test_the_item_on_the_ticket_settles_what_the_words_leave_open(knowledge: IndexedKnowledge) -> None:
    said = (GREETING, "我想问一下，那个费用能不能退，怎么退")
    push = ask(knowledge, *said, items=("060501",), settings=PushSettings(ask_score=0.0, least=0.0))
    assert push is not None and "060501" in push.ranked[0].entry.item_codes


def test_the_same_call_replays_exactly(knowledge: IndexedKnowledge) -> None:
    said = (GREETING, "我想问问低保怎么申请，家里困难")
    assert ask(knowledge, *said) == ask(knowledge, *said)


@pytest.mark.parametrize(("kept", "comes"), [
    ({}, True), ({"status": Status.DRAFT}, False), ({"status": Status.WITHDRAWN}, False),
    ({"valid_to": "2026-11-15"}, False), ({"valid_to": "2026-11-16"}, True), ({"valid_from": "2026-11-17"}, False),
    ({"valid_from": "2026-11-16"}, True), ({"sensitivity": Sensitivity.INTERNAL}, False), ({"sensitivity": Sensitivity.RESTRICTED}, False)])
def test_only_what_may_be_said_today_comes_unasked(tmp_path: Path, kept: dict[str, str], comes: bool) -> None:
    title = "极光观测许可证补办"
    entry = replace(KnowledgeEntry("k", title, "带身份证。", questions=("极光观测许可证丢了怎么补",)), **kept)
    others = tuple(KnowledgeEntry(f"o{n}", text) for n, text in enumerate(("路灯报修", "公积金提取", "居住证办理", "停水通知")))
    build_index((entry, *others), "v", tmp_path / "kb.sqlite")
    opened = open_kb(tmp_path / "kb.sqlite", tmp_path)
    push = ask(opened, GREETING, "我想问一下，极光观测许可证丢了怎么补办", settings=PushSettings(day="2026-11-16"))
    found = opened.search(KnowledgeQuery("极光观测许可证", is_typed=True))
    opened.close()
    assert ids(push)[:1] == (["k"] if comes else [])
    assert found[0].entry == entry  # who looks for it finds it, marked by what it says of itself


def test_the_district_on_the_ticket_puts_its_entry_first(tmp_path: Path) -> None:
    entries = tuple(KnowledgeEntry(district, "街道办事处居住证办理", region=district) for district in ("天河区", "越秀区", "广州市海珠区"))
    build_index((*entries, KnowledgeEntry("路灯", "路灯报修")), "v", tmp_path / "kb.sqlite")
    opened = open_kb(tmp_path / "kb.sqlite", tmp_path)
    first = [opened.search(KnowledgeQuery("居住证怎么办理", region="广州市", district=district))[0].entry.id
             for district in ("天河区", "越秀区", "海珠区")]
    elsewhere = opened.search(KnowledgeQuery("居住证怎么办理", region="深圳市"))
    opened.close()
    assert first == ["天河区", "越秀区", "广州市海珠区"]
    assert [ranked.entry.id for ranked in elsewhere]
