"""Every short talk gives its fields, with punctuation (text) and without (as from sound)."""

from __future__ import annotations

import pytest

from app.domain.dialogue import Utterance
from app.domain.ticket import TicketDraft
from app.extraction.dialogue_view import view_of
from app.extraction.extractor import DialogueExtractor
from tests.app.extraction.talks import Talk, talks

ALL = talks()


@pytest.mark.parametrize("spoken", [False, True], ids=["text", "unpunctuated"])
@pytest.mark.parametrize("talk", ALL, ids=[talk.name for talk in ALL])
def test_talk(extractor: DialogueExtractor, talk: Talk, spoken: bool) -> None:
    dialogue: list[Utterance] = talk.without_punctuation() if spoken else talk.dialogue
    draft = TicketDraft().merge(extractor.fields(view_of(dialogue), talk.context))
    got = {name: str(draft.get(name).value) for name in talk.wanted}
    assert got == talk.wanted
    assert {name: draft.get(name).value for name in talk.empty} == dict.fromkeys(talk.empty)
