"""The operator's own values are what title, content and unit are told from; his title and content are never written over."""

from __future__ import annotations

from app.domain.call import FieldConfirmed, FieldEdited, FieldReleased, MatterAdded
from app.domain.dialogue import UtteranceFinal
from app.domain.ticket import FieldState
from app.extraction.extractor import DialogueExtractor
from app.services.call_session import CallSession, NoPush
from tests.app.extraction.test_matters import CONTEXT, LAMP, dialogue


def told(extractor: DialogueExtractor, lines: tuple[str, ...] = LAMP) -> CallSession:
    session = CallSession(CONTEXT, extractor, NoPush())
    say(session, lines)
    return session


def say(session: CallSession, lines: tuple[str, ...], first: int = 0) -> None:
    for number, utterance in enumerate(dialogue(*lines)):
        session.apply(UtteranceFinal(f"u{first + number}", utterance, utterance.end_ms))


def text(session: CallSession, name: str, matter: int = 0) -> str:
    return str(session.state.draft.get(name, matter).value)


def test_title_content_and_unit_follow_a_corrected_place(extractor: DialogueExtractor) -> None:
    session = told(extractor, LAMP[:-2])
    assert "车陂路" in text(session, "title")
    session.apply(FieldEdited("address_detail", "黄村大道9号"))
    session.apply(FieldEdited("region_street", "黄村街道"))
    session.apply(FieldEdited("landmark", "地铁站旁"))
    for name in ("title", "content"):
        assert "黄村大道9号" in text(session, name)
        assert "车陂" not in text(session, name)
    assert "地铁站旁" in text(session, "content")
    say(session, ("C快点来修，谢谢。",), 50)
    assert "黄村大道9号" in text(session, "title"), "what is said later does not bring the old place back"
    session.apply(FieldEdited("address_detail", None))
    assert "黄村大道" not in text(session, "title")
    session.apply(FieldReleased("address_detail"))
    assert "车陂路" in text(session, "title")


def test_another_item_changes_title_unit_and_how_sure_the_record_is(extractor: DialogueExtractor) -> None:
    session = told(extractor, LAMP[:-1])
    before = text(session, "title"), text(session, "lead_unit")
    session.apply(FieldEdited("item_code", "070101"))
    assert text(session, "title") != before[0]
    assert text(session, "lead_unit") != before[1]
    assert session.state.draft.get("title").state is FieldState.FILLED, "it rests on the operator's own item"


def test_what_the_operator_wrote_into_the_title_stands(extractor: DialogueExtractor) -> None:
    session = told(extractor)
    session.apply(FieldEdited("title", "路灯不亮，请修"))
    session.apply(FieldConfirmed("content"))
    content = text(session, "content")
    session.apply(FieldEdited("address_detail", "黄村大道9号"))
    say(session, ("C快点来修，谢谢。",), 50)
    assert text(session, "title") == "路灯不亮，请修"
    assert text(session, "content") == content


def test_a_matter_added_by_hand_gets_title_content_and_unit_of_its_item_and_place(extractor: DialogueExtractor) -> None:
    session = told(extractor)
    first = text(session, "title")
    session.apply(MatterAdded())
    session.apply(FieldEdited("item_code", "070101", 1))
    assert session.state.draft.get("request_type", 1).state is FieldState.SUGGESTED
    assert "车陂路" in text(session, "title", 1), "without a place of its own it has the call's"
    session.apply(FieldEdited("region_district", "越秀区", 1))
    session.apply(FieldEdited("subject", "老王烧烤", 1))
    assert "越秀区" in text(session, "title", 1)
    assert "车陂路" not in text(session, "title", 1)
    assert "老王烧烤" in text(session, "content", 1)
    assert session.state.draft.get("lead_unit", 1).value
    assert text(session, "title") == first
    say(session, ("C谢谢，再见。",), 50)
    assert "老王烧烤" in text(session, "content", 1)


def test_by_hand_alone_before_a_word_is_said(extractor: DialogueExtractor) -> None:
    session = CallSession(CONTEXT, extractor, NoPush())
    session.apply(FieldEdited("item_code", "010402"))
    session.apply(FieldEdited("region_district", "天河区"))
    assert text(session, "title").startswith("天河区")
    assert "路灯" in text(session, "title")
