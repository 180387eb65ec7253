"""The reducer keeps the promises an operator relies on: his edits stay, partials never fill, replays agree."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from app.domain.call import (
    CallAnswered,
    CallEvent,
    CallPaused,
    CallReleased,
    CallResumed,
    CallState,
    FieldConfirmed,
    FieldEdited,
    FieldReleased,
    Phase,
    TicketSubmitted,
)
from app.domain.dialogue import CallContext, Channel, ChannelFinished, HypothesisRevised, Utterance, UtteranceFinal
from app.domain.ticket import Evidence, FieldState, Hit
from app.services.call_session import CallRunner, CallSession, NoPush

CONTEXT = CallContext("call-1", "2026-11-16T09:12:00+08:00", "广州市")


class LastWord:
    """A tiny real extractor: the name is what the citizen said last."""

    def extract(self, dialogue: Sequence[Utterance], context: CallContext) -> tuple[Hit, ...]:
        said = [u for u in dialogue if u.channel is Channel.CITIZEN]
        if not said:
            return ()
        last = said[-1]
        span = Evidence(last.index, 0, len(last.text))
        return (Hit("requester_name", last.text, FieldState.FILLED, 0.9, (span,), "test"),)

    def display(self, utterance: Utterance) -> str:
        return utterance.text + "。"


def final(number: int, text: str, channel: Channel = Channel.CITIZEN) -> UtteranceFinal:
    utterance = Utterance(-1, channel, number * 1000, number * 1000 + 900, text)
    return UtteranceFinal(f"u{number}", utterance, number * 1000 + 1500)


def partial(number: int, revision: int, text: str) -> HypothesisRevised:
    return HypothesisRevised(f"u{number}", revision, Channel.CITIZEN, 0, 500, 400, 1.0, text)


def run(events: Sequence[CallEvent]) -> CallState:
    session = CallSession(CONTEXT, LastWord(), NoPush())
    for event in events:
        session.apply(event)
    return session.state


def test_a_call_from_ring_to_ticket() -> None:
    state = run([CallAnswered(), final(1, "王"), final(2, "您好", Channel.OPERATOR), CallReleased(5000)])
    assert state.phase is Phase.WRAP_UP
    assert [u.index for u in state.dialogue] == [0, 1]
    assert state.dialogue[0].display == "王。"
    assert state.draft.get("requester_name").evidence == (Evidence(0, 0, 1),)
    assert state.position_ms == 5000
    session = CallSession(CONTEXT, LastWord(), NoPush())
    assert session.apply(TicketSubmitted("261116091200000001")).phase is Phase.SUBMITTED


def test_news_of_the_telephone_that_comes_late_does_not_set_a_finished_call_back() -> None:
    talked = [CallAnswered(), final(1, "王"), CallReleased(5000)]
    for late in (CallAnswered(), CallPaused(5000), CallResumed(5000), CallReleased(5100)):
        assert run([*talked, late]).phase is Phase.WRAP_UP
        assert run([*talked, TicketSubmitted("261116091200000001"), late]).phase is Phase.SUBMITTED
    assert run([CallAnswered(), CallResumed(10)]).phase is Phase.TALKING
    assert run([CallAnswered(), CallPaused(10), CallAnswered()]).phase is Phase.PAUSED


def test_an_edit_outlives_everything_that_is_said_later() -> None:
    state = run([final(1, "王"), FieldEdited("requester_name", "黄"), final(2, "汪")])
    assert state.draft.get("requester_name").value == "黄"
    assert state.draft.get("requester_name").state is FieldState.EDITED
    state = run([final(1, "王"), FieldConfirmed("requester_name"), final(2, "汪")])
    assert state.draft.get("requester_name").value == "王"
    emptied = run([final(1, "王"), FieldEdited("requester_name", None), final(2, "汪")])
    assert emptied.draft.get("requester_name").value is None


def test_a_released_field_takes_what_is_recognised_at_once() -> None:
    state = run([final(1, "王"), FieldEdited("requester_name", "黄"), FieldReleased("requester_name")])
    assert state.draft.get("requester_name").value == "王"
    assert state.draft.get("requester_name").state is FieldState.FILLED


def test_partials_show_but_never_fill_and_go_with_their_final() -> None:
    state = run([partial(1, 1, "我姓"), partial(1, 2, "我姓王")])
    assert state.partials[Channel.CITIZEN].text == "我姓王"
    assert state.draft.get("requester_name").state is FieldState.EMPTY
    assert run([partial(1, 2, "新"), partial(1, 1, "旧")]).partials[Channel.CITIZEN].text == "新"
    assert not run([partial(1, 1, "我姓"), final(1, "我姓王")]).partials
    assert not run([partial(1, 1, "我姓"), ChannelFinished(Channel.CITIZEN, 900)]).partials


@given(st.lists(st.sampled_from([
    final(1, "王"), final(2, "您好", Channel.OPERATOR), partial(3, 1, "嗯"), FieldEdited("requester_name", "黄"),
    FieldConfirmed("title"), FieldReleased("requester_name"), CallReleased(9), FieldEdited("demand", None, 1),
]), max_size=12))
def test_the_same_events_give_the_same_state(events: list[CallEvent]) -> None:
    assert run(events) == run(events)


def test_the_call_thread_handles_all_it_was_given_before_it_ends() -> None:
    told: list[CallState] = []
    session = CallSession(CONTEXT, LastWord(), NoPush())
    runner = CallRunner(session, lambda state, _event: told.append(state))
    runner.start()
    for number in range(200):
        runner.post(final(number, "王"))
    assert runner.stop()
    assert len(told) == 200
    assert [u.index for u in told[-1].dialogue] == list(range(200))
