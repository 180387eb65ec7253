"""Numbers: their shapes, digits swallowed by the transducer, and who is expected to say one."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain.dialogue import Channel, Utterance, UtteranceFinal
from asr.expectation import NumberTalk
from asr.zipformer.numbers import Shape, is_settled, length_prior, shape
from asr.zipformer.repeats import with_swallowed
from asr.zipformer.search import Step
from asr.zipformer.sound import Sound

OPERATOR, CITIZEN = Channel.OPERATOR, Channel.CITIZEN


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("幺三八零零零零五二幺七", Shape.WHOLE),
        ("幺三八零零零五二幺七", Shape.BROKEN),
        ("幺三八零零零零零五二幺七", Shape.BROKEN),
        ("洞二洞八三二幺六五四七", Shape.WHOLE),
        ("四四零幺零六幺九八零幺二三幺零零幺二", Shape.WHOLE),
        ("五二幺七", Shape.OPEN),
    ],
)
def test_a_row_of_digits_has_a_shape(row: str, expected: Shape) -> None:
    assert shape(row) is expected


def test_a_broken_number_counts_against_a_reading() -> None:
    assert length_prior("电话是幺三八零零零五二幺七") < length_prior("电话是幺三八零零零零五二幺七") == 0
    assert is_settled("电话幺三八零零零零五二幺七")
    assert not is_settled("我住在二楼")


TEXTS = ["幺", "二", "九", "七", "号"]


def spelled(words: list[tuple[int, int]]) -> list[Step]:
    """Steps of (word, frame); a word's one token bears its number."""
    return [step for word, frame in words for step in (Step(word, frame, 0.0), Step(-word - 1, frame, 0.0))]


def heard(peaks: dict[int, int], frames: int = 60) -> np.ndarray:
    """Token probabilities that peak at (frame: token)."""
    table = np.zeros((frames, len(TEXTS)), dtype=np.float32)
    for frame, token in peaks.items():
        table[frame, token] = 0.9
    return table


def test_a_long_digit_with_a_second_peak_was_said_twice() -> None:
    steps = spelled([(0, 5), (3, 10), (1, 15), (2, 24), (0, 29), (4, 34)])
    table = heard({15: 1, 20: 1, 24: 2})
    sound = Sound(np.zeros(60, dtype=np.float32))
    found = with_swallowed(steps, TEXTS, sound, lambda start, end: table[start:end])
    assert [TEXTS[-step.code - 1] for step in found if step.code < 0] == ["幺", "七", "二", "二", "九", "幺", "号"]
    assert [step.frame for step in found if step.code >= 0] == sorted(step.frame for step in found if step.code >= 0)


@pytest.mark.parametrize("peaks", [{15: 1}, {15: 1, 17: 1}])
def test_one_witness_is_not_enough(peaks: dict[int, int]) -> None:
    """A drawn-out digit without a peak, and a flickering one of usual length, stay one."""
    after = 24 if len(peaks) == 1 else 20
    steps = spelled([(0, 5), (3, 10), (1, 15), (2, after), (0, after + 5), (4, after + 10)])
    table = heard(peaks)
    sound = Sound(np.zeros(60, dtype=np.float32))
    assert with_swallowed(steps, TEXTS, sound, lambda start, end: table[start:end]) == steps


def test_a_pause_between_groups_is_no_length() -> None:
    steps = spelled([(0, 5), (3, 10), (1, 15), (2, 24), (0, 29), (4, 34)])
    loudness = np.zeros(60, dtype=np.float32)
    loudness[20:24] = -10.0
    table = heard({15: 1, 19: 1})
    assert with_swallowed(steps, TEXTS, Sound(loudness), lambda start, end: table[start:end]) == steps


def talk(*turns: tuple[Channel, str]) -> NumberTalk:
    result = NumberTalk()
    for i, (channel, text) in enumerate(turns):
        said = Utterance(-1, channel, 3000 * i, 3000 * i + 2000, text)
        result.hear(UtteranceFinal(f"{channel}-{i}", said))
    return result


@pytest.mark.parametrize(
    "question",
    ["请问您的联系电话是多少", "请留一个联系电话", "身份证号报一下", "车牌号还记得吗", "请提供一下您的工单编号", "联系方式呢",
     "最后四位是"],
)
def test_who_is_asked_for_a_number_is_expected_to_say_one(question: str) -> None:
    asked = talk((OPERATOR, question))
    assert asked.expects(CITIZEN)
    assert not asked.expects(OPERATOR)


def test_the_expectation_lasts_over_a_word_in_between_and_ends_with_other_talk() -> None:
    asked = talk((OPERATOR, "请问您的联系电话是多少"), (CITIZEN, "好你记一下"))
    assert asked.expects(CITIZEN)
    over = talk((OPERATOR, "请问您的联系电话是多少"), (CITIZEN, "不用了"), (CITIZEN, "谢谢"), (CITIZEN, "没有了"))
    assert not over.expects(CITIZEN)


def test_a_number_is_read_back_and_goes_on_after_a_pause() -> None:
    said = talk((CITIZEN, "幺三八零零零零"))
    assert said.expects(OPERATOR)
    assert said.expects(CITIZEN)
    assert not talk((CITIZEN, "楼下一直在施工")).expects(OPERATOR)


@pytest.mark.parametrize("text", ["请保持电话畅通再见", "我打过电话的", "感谢您的来电", "请问是什么时候开始的"])
def test_talk_about_telephones_asks_for_no_number(text: str) -> None:
    assert not talk((OPERATOR, text)).expects(CITIZEN)
