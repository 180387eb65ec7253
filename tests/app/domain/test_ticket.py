"""Matters that an operator adds or throws away, and flags, in the draft and through its stored form."""

from __future__ import annotations

from app.domain import json_form
from app.domain.ticket import FieldState, Hit, TicketDraft


def found(matter: int, code: str) -> Hit:
    return Hit("item_code", code, FieldState.FILLED, 0.95, matter=matter)


def codes(draft: TicketDraft) -> list[object]:
    return [draft.get("item_code", matter).value for matter in range(len(draft.matters))]


def test_a_matter_added_by_hand_stays_while_it_is_empty_and_takes_what_is_found_later() -> None:
    draft = TicketDraft().merge([found(0, "a")]).add_matter()
    assert codes(draft.merge([found(0, "a")])) == ["a", None]
    assert codes(draft.merge([found(0, "a"), found(1, "b")])) == ["a", "b"]


def test_a_matter_thrown_away_does_not_come_back_and_the_next_one_moves_up() -> None:
    hits = [found(0, "a"), found(1, "wrong"), found(2, "c")]
    draft = TicketDraft().merge(hits).drop_matter(1)
    assert codes(draft) == ["a", "c"]
    assert codes(draft.merge(hits)) == ["a", "c"]
    again = draft.drop_matter(1).merge(hits)
    assert codes(again) == ["a"]
    assert again.by_operator() == ({},)


def test_an_empty_matter_by_hand_goes_without_forbidding_a_real_one() -> None:
    draft = TicketDraft().merge([found(0, "a")]).add_matter().drop_matter(1)
    assert codes(draft) == ["a"]
    assert codes(draft.merge([found(0, "a"), found(1, "b")])) == ["a", "b"]
    assert TicketDraft().drop_matter(0) == TicketDraft(), "the first one holds the call's own fields"


def test_what_the_operator_wrote_is_told_by_extraction_s_own_numbers() -> None:
    hits = [found(0, "a"), found(1, "wrong"), found(2, "c")]
    draft = TicketDraft().merge(hits).drop_matter(1).edit("subject", "房东", 1)
    assert draft.by_operator() == ({}, {}, {"subject": "房东"})
    assert draft.merge(hits).get("subject", 1).value == "房东"


def test_flags_and_matters_come_back_from_the_store_and_plain_drafts_keep_their_old_form() -> None:
    plain = TicketDraft().edit("subject", "房东")
    assert isinstance(json_form.draft_to_json(plain), list)
    rich = plain.merge([found(1, "b")]).drop_matter(1).add_matter().flag(4000).flag(900)
    assert rich.flags == (900, 4000)
    assert json_form.draft_from_json(json_form.loads(json_form.dumps(json_form.draft_to_json(rich)))) == rich
    assert rich.flag(900).flags == (4000,)
