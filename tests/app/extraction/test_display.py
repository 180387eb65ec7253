"""Text for people: numbers written where their shape is clear, words left alone, punctuation kept or added."""

from __future__ import annotations

import pytest

from app.domain.dialogue import Channel, Token, Utterance
from app.extraction.extractor import DialogueExtractor


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我的电话是幺三八，零零六零，五二幺七。", "我的电话是13800605217。"),
        ("在昌岗中路一百二十号五栋。", "在昌岗中路120号5栋。"),
        ("一共三千六百八十块。", "一共3680块。"),
        ("晚上十一点半还在吵。", "晚上11点半还在吵。"),
        ("我咨询一下，万一不行怎么办？", "我咨询一下，万一不行怎么办？"),
        ("三心二意，一五一十地说。", "三心二意，一五一十地说。"),
        ("地铁三号线。", "地铁三号线。"),
    ],
)
def test_numbers(extractor: DialogueExtractor, said: str, shown: str) -> None:
    assert extractor.display(Utterance(0, Channel.CITIZEN, 0, 1, said)) == shown


def test_recognised_text_gets_commas_at_pauses_and_an_end(extractor: DialogueExtractor) -> None:
    text = "我要投诉楼下的饭店油烟太大"
    starts = [place * 200 + (1000 if place >= 9 else 0) for place in range(len(text))]
    tokens = tuple(Token(i, i + 1, at, at + 180, 0.9) for i, at in enumerate(starts))
    utterance = Utterance(0, Channel.CITIZEN, 0, 4000, text, tokens=tokens)
    assert extractor.display(utterance) == "我要投诉楼下的饭店，油烟太大。"
    assert extractor.display(Utterance(0, Channel.OPERATOR, 0, 1, "请问您贵姓")) == "请问您贵姓？"


def test_recognised_text_gets_commas_where_a_clause_is_over(extractor: DialogueExtractor) -> None:
    """A fifth of a second of silence is enough, a plain end of a clause needs none, a number is never torn apart."""
    assert extractor.display(Utterance(0, Channel.CITIZEN, 0, 1, "您好我想反映一下噪音")) == "您好，我想反映一下噪音。"
    assert extractor.display(Utterance(0, Channel.OPERATOR, 0, 1, "您方便吗我再核对一遍")) == "您方便吗，我再核对一遍。"
    text = "我家住在五楼号码是幺三八零零六零五二幺七"
    starts = [place * 200 + 230 * (place >= 6) + 400 * (place >= 12) for place in range(len(text))]
    tokens = tuple(Token(i, i + 1, at, at + 200, 0.9) for i, at in enumerate(starts))
    shown = extractor.display(Utterance(0, Channel.CITIZEN, 0, 9000, text, tokens=tokens))
    assert shown == "我家住在五楼，号码是13800605217。"
