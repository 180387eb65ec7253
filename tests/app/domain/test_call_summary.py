"""The running summary says what the form says, marks what is unsure, and is final when the call is over."""

from __future__ import annotations

from app.domain.call import CallState, Phase
from app.domain.call_summary import UNSURE, summary_of
from app.domain.dialogue import CallContext, Channel, Utterance
from app.domain.ticket import FieldState, FieldValue, TicketDraft

CONTEXT = CallContext("c", "2026-11-16T09:00:00+08:00", "广州市")
SURE, UNSETTLED = FieldState.FILLED, FieldState.SUGGESTED


def matter(**values: tuple[str, FieldState]) -> dict[str, FieldValue]:
    return {name: FieldValue(value, state, 0.9) for name, (value, state) in values.items()}


def test_each_matter_has_its_line_and_the_unsure_is_marked() -> None:
    draft = TicketDraft((
        matter(requester_name=("王", SURE), requester_title=("女士", SURE), title=("体育西路路灯不亮", SURE),
               demand=("请求派人维修路灯", UNSETTLED), urgency=("紧急", SURE)),
        matter(title=("天河公园健身器材损坏", UNSETTLED)),
    ))
    told = summary_of(CallState(CONTEXT, Phase.TALKING, draft=draft))
    first, second = told.text.split("\n")
    assert first == f"1. 【紧急】王女士，体育西路路灯不亮，请求派人维修路灯{UNSURE}。"
    assert second == f"2. 天河公园健身器材损坏{UNSURE}。"
    assert not told.is_final


def test_an_edit_is_told_without_doubt_and_the_end_makes_it_final() -> None:
    draft = TicketDraft((matter(title=("路灯", UNSETTLED)),)).edit("title", "江南大道路灯不亮")
    told = summary_of(CallState(CONTEXT, Phase.WRAP_UP, draft=draft))
    assert (told.text, told.is_final) == ("江南大道路灯不亮。", True)


def test_before_anything_stands_the_citizens_first_words_are_told() -> None:
    said = (Utterance(0, Channel.OPERATOR, 0, 1, "您好请问有什么可以帮您"), Utterance(1, Channel.CITIZEN, 1, 2, "我们这条路晚上黑漆漆的"))
    assert summary_of(CallState(CONTEXT, dialogue=said)).text == "我们这条路晚上黑漆漆的"
    assert summary_of(CallState(CONTEXT)).text == ""
