"""What recognition got wrong by a character: stock phrases, digits in a run, names of roads beside a named street."""

from __future__ import annotations

import pytest

from app.domain.dialogue import Alternative, CallContext, Channel, Utterance
from app.extraction.dialogue_view import view_of
from app.extraction.extractor import DialogueExtractor
from app.extraction.heard_phrases import heard_phrases

CONTEXT = CallContext("c", "2026-11-20T10:00:00+08:00", "广州市")
SIDES = (Channel.OPERATOR, Channel.CITIZEN)


@pytest.fixture(scope="module")
def extractor() -> DialogueExtractor:
    return DialogueExtractor.load(strict=True)


def talk(*texts: str, confidence: float = 0.9) -> list[Utterance]:
    return [Utterance(n, SIDES[n % 2], n * 1000, n * 1000 + 900, text, confidence=confidence) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("处理结果需要回坊吗", "处理结果需要回访吗"),
        ("请问您怎么称互", "请问您怎么称呼"),
        ("您的联系电华是", "您的联系电话是"),
        ("幺三八二七嗓零五五幺四", "幺三八二七三零五五幺四"),
    ],
)
def test_a_misheard_phrase_is_read_by_its_sound(heard: str, said: str) -> None:
    assert heard_phrases().mended(heard, [0.9] * len(heard))[0] == said


@pytest.mark.parametrize("text", ["我理解您的心情", "林女士联系电话是", "不是六二是二六九幺二六", "司徒美玲", "仑头路六十七号二栋九零二"])
def test_what_may_well_be_right_stays(text: str) -> None:
    assert heard_phrases().mended(text, [0.9] * len(text)) == (text, (0.9,) * len(text))


def test_a_script_and_a_sure_character_stay() -> None:
    assert view_of(talk("处理结果需要回坊吗", confidence=1.0)).turns[0].text == "处理结果需要回坊吗"
    assert heard_phrases().mended("需要回坊吗", [1.0] * 5)[0] == "需要回坊吗"


def test_a_misheard_question_still_asks_for_the_callback_and_shows_what_was_heard(extractor: DialogueExtractor) -> None:
    dialogue = talk("您好请问有什么可以帮您", "我们小区垃圾好几天没人收臭得很", "好的处理结果需要回坊吗", "不用了")
    hit = next(hit for hit in extractor.extract(dialogue, CONTEXT) if hit.name == "need_callback")
    assert hit.value is False
    assert "回坊" in dialogue[2].text[hit.evidence[-1].start : hit.evidence[-1].end]
    assert "回坊" in extractor.display(dialogue[2])


def test_a_road_beside_a_named_street_takes_its_character_from_another_reading(extractor: DialogueExtractor) -> None:
    dialogue = talk("您好请问有什么可以帮您", "有个厂半夜排废气", "请问在什么位置", "在黄埔区云埔街道普南路十六号")
    other = Alternative("在黄埔区云埔街道埔南路十六号", 0.1)
    dialogue[3] = Utterance(3, Channel.CITIZEN, 3000, 3900, dialogue[3].text, confidence=0.9, alternatives=(other,))
    hit = next(hit for hit in extractor.extract(dialogue, CONTEXT) if hit.name == "address_detail")
    assert (hit.value, str(hit.state)) == ("埔南路16号", "suggested")
