"""What a call's recogniser is told: words of the city and the knowledge base, and what the operator wrote."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.call import CallState
from app.domain.dialogue import CallContext
from app.domain.ticket import FieldState, Hit, TicketDraft
from app.platform.place_files import place_phrases
from app.services.call_words import CallWords, spoken_number, terms

CONTEXT = CallContext("c1", "2026-11-16T09:12:00+08:00", "广州市")


def test_titles_become_terms_without_the_words_of_every_question() -> None:
    assert terms(["居住证怎么办理？", "灵活就业人员的社保补贴申请条件", "居住证"]) == ("居住证", "灵活就业人员", "社保补贴")


def test_numbers_are_told_as_they_are_said() -> None:
    assert spoken_number("138-0000-1234") == "幺三八零零零零幺二三四"
    assert spoken_number("110") == ""


def test_only_what_the_operator_wrote_or_confirmed_is_fed_back() -> None:
    told: list[Sequence[str]] = []
    words = CallWords(told.append, ("天河区 place 20",))
    draft = TicketDraft().merge([Hit("requester_name", "陈小明", FieldState.FILLED, 0.9),
                                 Hit("landmark", "珠村牌坊", FieldState.SUGGESTED, 0.5)])
    words.follow(CallState(CONTEXT, draft=draft))
    assert told == [], "recognition does not confirm itself"
    draft = draft.confirm("requester_name").edit("address_detail", "棠德南路12号").edit("contact_phone", "13800001234")
    words.follow(CallState(CONTEXT, draft=draft))
    assert told == [("天河区 place 20", "陈小明 100", "棠德南路 100", "幺三八零零零零幺二三四 100")]
    words.follow(CallState(CONTEXT, draft=draft.edit("title", "路灯不亮")))
    assert len(told) == 1, "nothing new to tell"


def test_a_citys_places_come_as_people_say_them() -> None:
    places = place_phrases("广州市")
    assert {"天河区 place 20", "车陂街道 place 4"} <= set(places)
    assert not [place for place in places if "居民委员会" in place]
    assert len(places) > 2_500
    assert place_phrases("天上市") == ()
