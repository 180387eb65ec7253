"""Numbers as Whisper writes them, back to what was said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.spoken_form import by_digit, cardinal, spoken


@pytest.mark.parametrize(("written", "said"), [
    ("你好,我的电话是13800605217,住在120号3栋602。", "你好我的电话是幺三八零零六零五二幺七住在一百二十号三栋六零二"),
    ("138-0060-5217 A座，020-83881234", "幺三八零零六零五二幺七A座零二零八三八八幺二三四"),
    ("2023年3月15日下午2:30,涨了50%,3.5元", "二零二三年三月十五日下午两点三十涨了百分之五十三点五元"),
    ("广州12345,工号0327", "广州一二三四五工号零三二七"),
    ("2个人、12号、10000元、1,200块", "两个人十二号一万元一千二百块"),
    ("120，300个", "一二零三百个"),
    ("电话是１３８。", "电话是一三八"),
    ("", ""),
    ("……？！", ""),
])
def test_known_ways_of_writing(written: str, said: str) -> None:
    assert spoken(written) == said


@pytest.mark.parametrize(("value", "said"), [
    (0, "零"), (10, "十"), (15, "十五"), (20, "二十"), (105, "一百零五"), (110, "一百一十"), (1005, "一千零五"), (2000, "两千"),
    (10010, "一万零一十"), (12345, "一万两千三百四十五"), (100000, "十万"), (1000000, "一百万"), (10**13, "一" + "零" * 13),
])
def test_cardinals(value: int, said: str) -> None:
    assert cardinal(value) == said


@given(st.text(alphabet="一二你好号元个年月日点0123456789,.:%-，。 A", max_size=40))
def test_no_digit_and_no_punctuation_is_left(text: str) -> None:
    assert all(c.isalpha() and not c.isdigit() for c in spoken(text))


@given(st.integers(0, 10**12 - 1))
def test_a_number_said_digit_by_digit_keeps_its_length(value: int) -> None:
    assert len(by_digit(str(value))) == len(str(value))
    assert cardinal(value)
