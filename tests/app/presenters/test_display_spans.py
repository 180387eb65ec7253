"""Spans of spoken text stand where the written text shows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.presenters.display_spans import display_spans


@pytest.mark.parametrize(("text", "display", "words", "shown"), [
    ("电话是幺三八零零六零七七八八", "电话是13800607788。", "幺三八零零六零七七八八", "13800607788"),
    ("棠德南路一百二十号三栋", "棠德南路120号3栋", "棠德南路一百二十号", "棠德南路120号"),
    ("从上个月开始的每天晚上十一点以后最严重", "从上个月开始的，每天晚上11点以后最严重。", "每天晚上十一点以后",
     "每天晚上11点以后"),
    ("嗯那个就是楼下很吵", "楼下很吵。", "楼下很吵", "楼下很吵"),
    ("一样的", "一样的", "一样", "一样"),
])
def test_a_span_follows_its_words(text: str, display: str, words: str, shown: str) -> None:
    start = text.index(words)
    spans = display_spans(text, display, [(start, start + len(words))])
    assert [display[a:b] for a, b in spans] == [shown]


def test_what_is_not_shown_has_no_span() -> None:
    assert display_spans("嗯你好", "你好。", [(0, 1)]) == ()


@given(st.text("一二三幺零号路你好，12 ", max_size=30), st.text("一二三幺零号路你好，12 ", max_size=30),
       st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40)), max_size=4))
def test_spans_are_always_inside_sorted_and_apart(text: str, display: str, spans: list[tuple[int, int]]) -> None:
    found = display_spans(text, display, spans)
    last = -1
    for start, end in found:
        assert last < start < end <= len(display)
        last = end
