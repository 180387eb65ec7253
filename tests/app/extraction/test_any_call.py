"""What holds for any call through the real session and all rules: nothing raises, evidence lies in the text, a replay gives the
same draft, the other order of partials changes nothing, an edit survives everything."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.call import CallAnswered, CallReleased, FieldConfirmed, FieldEdited
from app.domain.dialogue import CallContext, Channel, HypothesisRevised, Utterance, UtteranceFinal
from app.domain.ticket import FieldState
from app.extraction.extractor import DialogueExtractor
from app.services.call_session import CallSession, NoPush
from tests.app.extraction.test_properties import dialogues

CONTEXT = CallContext("p", "2026-11-18T10:00:00+08:00", "广州市", "13500000000")
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def session_of(extractor: DialogueExtractor, dialogue: list[Utterance], events: dict[int, list[object]]) -> CallSession:
    session = CallSession(CONTEXT, extractor, NoPush())
    session.apply(CallAnswered())
    for place, utterance in enumerate(dialogue):
        for event in events.get(place, []):
            session.apply(event)  # type: ignore[arg-type]
        session.apply(UtteranceFinal(f"u{place}", utterance, utterance.end_ms))
    session.apply(CallReleased(len(dialogue) * 1000))
    return session


@QUICK
@given(dialogue=dialogues())
def test_all_rules_on_any_call(extractor: DialogueExtractor, dialogue: list[Utterance]) -> None:
    hits = extractor.extract(dialogue, CONTEXT)
    assert hits == extractor.extract(dialogue, CONTEXT)
    for hit in hits:
        assert 0.0 <= hit.confidence <= 1.0 and hit.rule and hit.matter >= 0
        assert all(0 <= e.start < e.end <= len(dialogue[e.utterance].text) for e in hit.evidence)


@QUICK
@given(dialogue=dialogues(), text=st.text(max_size=20))
def test_a_replay_and_partials_give_the_same_draft(extractor: DialogueExtractor, dialogue: list[Utterance], text: str) -> None:
    partials: dict[int, list[object]] = {
        place: [HypothesisRevised(f"u{place}", 1, utterance.channel, utterance.start_ms, 0, 0, 0.0, text)]
        for place, utterance in enumerate(dialogue)}
    plain = session_of(extractor, dialogue, {}).state.draft
    assert session_of(extractor, dialogue, partials).state.draft == plain
    assert session_of(extractor, dialogue, {}).state.draft == plain


@QUICK
@given(dialogue=dialogues(), at=st.integers(0, 7), name=st.sampled_from(["requester_name", "item_code", "demand", "contact_phone"]))
def test_an_edit_survives_everything(extractor: DialogueExtractor, dialogue: list[Utterance], at: int, name: str) -> None:
    dialogue = [*dialogue, Utterance(len(dialogue), Channel.CITIZEN, 10_000, 11_000, "我姓程电话是幺三五零零零零零零零零投诉路灯不亮")]
    edit = FieldEdited(name, "坐席写的")
    state = session_of(extractor, dialogue, {min(at, len(dialogue) - 1): [edit, FieldConfirmed("subject")]}).state
    assert state.draft.get(name).value == "坐席写的"
    assert state.draft.get(name).state is FieldState.EDITED


def test_a_very_long_utterance_and_odd_characters(extractor: DialogueExtractor) -> None:
    texts = ("路灯不亮天河区员村街道一百二十号" * 150, "\ud800\udfff\x00", "𠮷" * 300, "一" * 2000, "1" * 2000, " \n\t",
             "的" * 1500 + "号")
    for text in texts:
        dialogue = [Utterance(0, Channel.OPERATOR, 0, 1, "请问具体在哪里"), Utterance(1, Channel.CITIZEN, 1, 2, text)]
        extractor.extract(dialogue, CONTEXT)
