"""What is read back to the citizen: spoken order, phone in groups, unsure pieces marked, nothing where nothing stands."""

from __future__ import annotations

import pytest

from app.domain.read_back import read_back, spoken_phone
from app.domain.ticket import FieldState, FieldValue, TicketDraft

SURE, UNSURE = FieldState.FILLED, FieldState.SUGGESTED


def draft(state: FieldState = SURE, **values: object) -> TicketDraft:
    return TicketDraft(({name: FieldValue(value, state, 0.9) for name, value in values.items()},))  # type: ignore[arg-type]


@pytest.mark.parametrize(("number", "spoken"), [
    ("13800607788", "138 0060 7788"), ("02081234567", "020 8123 4567"), ("07561234567", "0756 123 4567"), ("12345", "12345")])
def test_phones_are_grouped_as_people_say_them(number: str, spoken: str) -> None:
    assert spoken_phone(number) == spoken


def test_an_empty_ticket_has_nothing_to_read() -> None:
    assert read_back(TicketDraft()).text == ""


def test_a_title_is_not_said_twice_and_a_place_that_the_title_tells_neither() -> None:
    text = read_back(draft(requester_name="陈女士", requester_title="女士", title="天河区试验路噪声扰民", region_district="天河区",
                           address_detail="试验路8号", request_type="投诉")).text
    assert text == "跟您核对一下：您是陈女士；您要投诉的是天河区试验路噪声扰民；地点是试验路8号；请问对吗？"


def test_what_is_only_suggested_is_marked_and_the_rest_is_not() -> None:
    assert "试验路噪声（待核）" in read_back(draft(UNSURE, title="试验路噪声")).text
    assert "待核" not in read_back(draft(FieldState.EDITED, title="试验路噪声")).text


def test_wishes_are_read_only_where_they_were_told() -> None:
    assert "不用回访" in read_back(draft(title="试验", need_callback=False)).text
    assert "回访" not in read_back(draft(title="试验")).text
    assert "您要求匿名" in read_back(draft(title="试验", is_anonymous=True, requester_name="陈试验")).text
    assert "陈试验" not in read_back(draft(title="试验", is_anonymous=True, requester_name="陈试验")).text


def test_further_matters_are_counted() -> None:
    two = TicketDraft((draft(title="甲").matters[0], draft(title="乙").matters[0]))
    assert "第1件，您反映的是甲；第2件，您反映的是乙；" in read_back(two).text


def test_a_sure_title_that_holds_an_unsure_place_is_marked_and_names_the_place() -> None:
    held = draft(title="试验路8号噪声扰民", region_district="天河区").matters[0]
    ticket = TicketDraft(({**held, "address_detail": FieldValue("试验路8号", UNSURE, 0.5), "demand": FieldValue("停工", UNSURE, 0.5)},))
    told = read_back(ticket)
    assert "试验路8号噪声扰民（待核）" in told.text
    assert told.unsure == ((0, "address_detail"), (0, "demand"))
