"""What is still to ask follows the form rules, not the table alone."""

from __future__ import annotations

from app.domain.completeness import is_needed, to_ask, to_settle
from app.domain.ticket import FieldState, FieldValue, TicketDraft, Value
from app.platform.catalogue_files import load_fields

FIELDS = load_fields()


def draft(*matters: dict[str, Value], state: FieldState = FieldState.FILLED) -> TicketDraft:
    return TicketDraft(tuple({name: FieldValue(value, state, 0.9) for name, value in held.items()} for held in matters))


def test_an_empty_ticket_asks_in_the_operators_order_and_never_for_an_identity_number() -> None:
    assert to_ask(draft({}), FIELDS) == ("request_type", "item_code", "region_district", "address_detail", "requester_name",
                                         "contact_phone", "need_callback")


def test_a_question_needs_no_address() -> None:
    assert "address_detail" not in to_ask(draft({"request_type": "咨询"}), FIELDS)
    assert "address_detail" in to_ask(draft({"request_type": "投诉"}), FIELDS)


def test_who_stays_anonymous_is_not_asked_for_name_and_phone() -> None:
    asked = to_ask(draft({"is_anonymous": True}), FIELDS)
    assert not {"requester_name", "contact_phone", "need_callback"} & set(asked)


def test_confidential_is_not_anonymous() -> None:
    assert "contact_phone" in to_ask(draft({"is_confidential": True}), FIELDS)


def test_a_report_names_whom_it_is_about_and_a_firm_its_name() -> None:
    assert "subject" in to_ask(draft({"request_type": "举报"}), FIELDS)
    assert "org_name" in to_ask(draft({"requester_type": "法人"}), FIELDS)


def test_an_anonymous_flag_of_false_still_asks() -> None:
    assert "requester_name" in to_ask(draft({"is_anonymous": False}), FIELDS)


def test_a_suggestion_is_not_asked_for_but_must_be_settled() -> None:
    held = draft({"request_type": "投诉", "title": "x"}, state=FieldState.SUGGESTED)
    assert "request_type" not in to_ask(held, FIELDS)
    assert {"request_type", "title", "content"} <= set(to_settle(held, FIELDS))


def test_a_further_matter_needs_only_what_is_its_own() -> None:
    held = draft({"request_type": "投诉", "address_detail": "某路1号", "region_district": "天河区"}, {})
    assert to_ask(held, FIELDS, 1) == ("item_code",)
    assert set(to_settle(held, FIELDS, 1)) == {"item_code", "title", "content"}


def test_an_emptied_field_is_asked_for_again() -> None:
    held = TicketDraft(({"region_district": FieldValue(None, FieldState.EDITED)},))
    assert "region_district" in to_ask(held, FIELDS)
    assert is_needed(held, FIELDS, "region_district")
    assert not is_needed(held, FIELDS, "id_no")
