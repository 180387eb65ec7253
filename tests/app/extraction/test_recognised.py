"""Recognised talk: wrong characters of the right sound are mended where a rule can settle them, and else do not look sure."""

from __future__ import annotations

import time

from app.domain.dialogue import Alternative, CallContext, Channel, Utterance
from app.domain.ticket import FieldState, FieldValue, TicketDraft
from app.extraction.dialogue_view import view_of
from app.extraction.extractor import DialogueExtractor
from tests.app.extraction.talks import talks

OPERATOR, CITIZEN = Channel.OPERATOR, Channel.CITIZEN


def ticket(
    extractor: DialogueExtractor,
    *turns: tuple[Channel, str],
    city: str = "广州市",
    others: dict[int, tuple[str, ...]] | None = None,
):
    dialogue = [
        Utterance(
            place,
            speaker,
            place * 1000,
            place * 1000 + 900,
            text,
            confidence=0.9,
            alternatives=tuple(Alternative(other, 0.2) for other in (others or {}).get(place, ())),
        )
        for place, (speaker, text) in enumerate(turns)
    ]
    return TicketDraft().merge(extractor.fields(view_of(dialogue), CallContext("r", "2026-11-18T10:00:00+08:00", city)))


def held(draft: TicketDraft, name: str) -> FieldValue:
    return draft.get(name)


def test_street_and_community_by_sound(extractor: DialogueExtractor) -> None:
    draft = ticket(extractor, (OPERATOR, "在哪个街道"), (CITIZEN, "天河区车杯街道"))
    assert held(draft, "region_district").value == "天河区"
    assert held(draft, "region_street").value == "车陂街道"
    assert held(draft, "region_street").code == "440106003"


def test_spelled_name_settles_homophones(extractor: DialogueExtractor) -> None:
    draft = ticket(
        extractor, (OPERATOR, "请问您贵姓"), (CITIZEN, "我姓成耳冬成成国动国家的国栋梁的动"), (OPERATOR, "陈先生您好")
    )
    assert held(draft, "requester_name").value == "陈国栋"


def test_surname_without_spelling_is_only_suggested(extractor: DialogueExtractor) -> None:
    draft = ticket(extractor, (OPERATOR, "请问您怎么称呼"), (CITIZEN, "我叫章晓民"))
    assert held(draft, "requester_name").state is FieldState.SUGGESTED


def test_phone_agreed_by_both_sides_is_filled_and_a_lone_one_suggested(extractor: DialogueExtractor) -> None:
    both = ticket(
        extractor,
        (OPERATOR, "联系电话"),
        (CITIZEN, "幺三八零零六零五二幺七"),
        (OPERATOR, "幺三八零零六零五二幺七对吗"),
        (CITIZEN, "对"),
    )
    alone = ticket(extractor, (OPERATOR, "联系电话"), (CITIZEN, "幺三八零零六零五二幺七"), (OPERATOR, "好的再见"))
    assert held(both, "contact_phone").state is FieldState.FILLED
    assert held(alone, "contact_phone").state is FieldState.SUGGESTED


def test_dropped_double_digit_is_found_in_other_readings(extractor: DialogueExtractor) -> None:
    turns = (
        (OPERATOR, "联系电话呢"),
        (CITIZEN, "幺八六九五七零三八二"),
        (OPERATOR, "幺八六九五七零三八二对吗"),
        (CITIZEN, "对"),
    )
    draft = ticket(extractor, *turns, others={2: ("幺八六九五五七零三八二对吗",)})
    assert held(draft, "contact_phone").value == "18695570382"
    assert held(draft, "contact_phone").state is FieldState.SUGGESTED


def test_identity_number_is_mended_by_its_check_digit(extractor: DialogueExtractor) -> None:
    draft = ticket(
        extractor, (OPERATOR, "身份证号码是"), (CITIZEN, "四四零一零六幺九九零零三零七四五幺二"), (OPERATOR, "好的")
    )
    dropped = ticket(
        extractor, (OPERATOR, "身份证号码是"), (CITIZEN, "四零一零六幺九九零零三零七四五幺二"), (OPERATOR, "好的")
    )
    assert held(draft, "id_no").value == held(dropped, "id_no").value == "440106199003074512"
    assert held(dropped, "id_no").state is FieldState.SUGGESTED


def test_recognised_road_is_never_filled_and_takes_the_neighbourhoods_characters(extractor: DialogueExtractor) -> None:
    draft = ticket(extractor, (OPERATOR, "在什么位置"), (CITIZEN, "天河区员村街道原村二横路四十二号"))
    assert held(draft, "address_detail").value == "员村二横路42号"
    assert held(draft, "address_detail").state is FieldState.SUGGESTED


def test_a_final_is_read_in_time(extractor: DialogueExtractor) -> None:
    times = []
    for talk in talks():
        for end in range(1, len(talk.dialogue) + 1):
            begin = time.thread_time()
            extractor.fields(view_of(talk.dialogue[:end]), talk.context)
            times.append(time.thread_time() - begin)
    assert sorted(times)[int(len(times) * 0.95)] < 0.04, "20 ms is the aim on an idle machine"
