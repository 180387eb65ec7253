"""Names without a Chinese surname, rare and compound surnames, and how people spell them."""

from __future__ import annotations

import pytest

from app.domain.dialogue import CallContext, Channel, Utterance
from app.extraction.extractor import DialogueExtractor

CONTEXT = CallContext("c", "2026-11-20T10:00:00+08:00", "广州市")


def name_of(extractor: DialogueExtractor, *turns: str) -> dict[str, object]:
    """Name and title from turns, the operator first."""
    sides = (Channel.OPERATOR, Channel.CITIZEN)
    dialogue = [Utterance(n, sides[n % 2], n * 1000, n * 1000 + 900, text) for n, text in enumerate(turns)]
    hits = extractor.extract(dialogue, CONTEXT)
    return {hit.name: hit.value for hit in hits if hit.name in ("requester_name", "requester_title")}


@pytest.fixture(scope="module")
def extractor() -> DialogueExtractor:
    return DialogueExtractor.load(strict=True)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("我叫买买提艾力。", "买买提艾力"),
        ("买买提·艾力。", "买买提·艾力"),
        ("阿依古丽，阿姨的阿去掉女字旁，依靠的依。", "阿依古丽"),
        ("我的名字叫约翰史密斯，美国人。", "约翰史密斯"),
        ("我叫扎西多吉，藏族的。", "扎西多吉"),
        ("我叫乌云其其格。", "乌云其其格"),
        ("吐尔逊江，就是吐鲁番的吐。", "吐尔逊江"),
        ("欧阳晓峰，欧阳修的欧阳，春晓的晓，山峰的峰。", "欧阳晓峰"),
        ("我姓司马，司马光的司马，司马文静，文化的文，安静的静。", "司马文静"),
        ("免贵姓尉迟，尉迟恭的尉迟，单名一个朗，明朗的朗。", "尉迟朗"),
        ("买买提江，吐尔逊。", "买买提江吐尔逊"),
        ("陈大明，大小的大，明天的明。", "陈大明"),
    ],
)
def test_a_name_is_taken_whole(extractor: DialogueExtractor, answer: str, wanted: str) -> None:
    found = name_of(extractor, "您好，请问有什么可以帮您？", "我想投诉楼下的烧烤店，油烟很大。", "请问您怎么称呼？", answer)
    assert str(found["requester_name"]).replace("·", "") == wanted.replace("·", "")


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("我叫司徒明远我住在天河区棠下街道", "司徒明远"),
        ("您好我叫欧阳建国想反映一个问题", "欧阳建国"),
        ("我叫欧阳明想反映一个问题", "欧阳明"),
        ("免贵姓诸葛我叫诸葛志强", "诸葛志强"),
        ("令狐晓雨就这个号码", "令狐晓雨"),
        ("我叫宗政，电话是13800138000。", "宗政"),  # 宗 and 政, not the compound surname
        ("我叫陈明想反映一个问题", "陈明"),
        ("我叫李想想反映一个问题", "李想"),
    ],
)
def test_a_name_said_without_a_pause_ends_where_it_ends(extractor: DialogueExtractor, answer: str, wanted: str) -> None:
    found = name_of(extractor, "您好，请问有什么可以帮您？", "我想投诉楼下的烧烤店，油烟很大。", "请问您怎么称呼？", answer)
    assert found["requester_name"] == wanted


def test_who_is_called_by_a_part_of_the_name_has_a_title(extractor: DialogueExtractor) -> None:
    found = name_of(
        extractor, "您好，请问有什么可以帮您？", "我要投诉，店里的煤气罐被人拉走了。", "请问您怎么称呼？", "我叫帕提古丽买买提。",
        "好的，帕提古丽女士，联系电话是多少？", "就是这个号码。",
    )
    assert found == {"requester_name": "帕提古丽买买提", "requester_title": "女士"}


def test_a_sentence_is_no_foreign_name(extractor: DialogueExtractor) -> None:
    found = name_of(extractor, "您好，请问有什么可以帮您？", "我想问养老金怎么算。", "请问您贵姓？", "不用了，我自己上网查。")
    assert "requester_name" not in found
