"""Drafts come back from JSON exactly as they were, whatever was said or written in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import json_form
from app.domain.dialogue import Alternative, CallContext, Channel, Token, Utterance
from app.domain.json_values import Json
from app.domain.ticket import Candidate, Evidence, FieldState, FieldValue, TicketDraft

NUMBERS = st.integers(0, 2**40)
SHARES = st.floats(0, 1)
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=20)  # lone surrogates too: a paste can bring them
VALUES = st.one_of(TEXTS, st.booleans(), st.integers(-2**53, 2**53), st.lists(TEXTS, max_size=3))
TOKENS = st.builds(Token, NUMBERS, NUMBERS, NUMBERS, NUMBERS, SHARES, TEXTS)
UTTERANCES = st.builds(
    Utterance, st.integers(-1, 10**6), st.sampled_from(Channel), NUMBERS, NUMBERS, TEXTS, TEXTS, SHARES,
    st.lists(TOKENS, max_size=4).map(tuple), st.lists(st.builds(Alternative, TEXTS, SHARES), max_size=2).map(tuple),
)
FIELDS = st.builds(
    FieldValue, st.none() | VALUES, st.sampled_from(FieldState), SHARES,
    st.lists(st.builds(Evidence, NUMBERS, NUMBERS, NUMBERS), max_size=3).map(tuple), TEXTS, TEXTS,
    st.lists(st.builds(Candidate, VALUES, SHARES), max_size=3).map(tuple), st.none() | VALUES,
    st.lists(TEXTS, max_size=2).map(tuple), st.sampled_from(FieldState),
)
DRAFTS = st.lists(st.dictionaries(TEXTS, FIELDS, max_size=4), max_size=3).map(lambda each: TicketDraft(tuple(each)))


def through_json(held: Json) -> object:
    return json_form.loads(json_form.dumps(held))


@given(UTTERANCES)
def test_utterances_come_back(utterance: Utterance) -> None:
    back = json_form.utterance_from_json(through_json(json_form.utterance_to_json(utterance)))
    assert back == utterance


@given(DRAFTS)
def test_drafts_come_back_with_evidence_and_types(draft: TicketDraft) -> None:
    back = json_form.draft_from_json(through_json(json_form.draft_to_json(draft)))
    assert back == draft
    for was, now in zip(draft.matters, back.matters, strict=True):
        # True == 1 in Python: compare the types as well, a flag must not come back as a number.
        assert {k: type(v.value) for k, v in was.items()} == {k: type(v.value) for k, v in now.items()}


@given(st.builds(CallContext, TEXTS, TEXTS, TEXTS, TEXTS))
def test_contexts_come_back(context: CallContext) -> None:
    assert json_form.context_from_json(through_json(json_form.context_to_json(context))) == context


def test_a_newer_minor_version_may_add_keys() -> None:
    held = {**json_form.field_to_json(FieldValue("a", FieldState.FILLED, 0.5)), "shade": "blue"}
    assert json_form.field_from_json(held) == FieldValue("a", FieldState.FILLED, 0.5)


@pytest.mark.parametrize("damage", [
    {"state": "sure"}, {"confidence": "1"}, {"confidence": True}, {"evidence": [[0, 1]]}, {"evidence": [["0", 1, 2]]},
    {"value": {"a": 1}}, {"value": 1.5}, {"value": [1]}, {"rule": 3}, {"evidence": None}, {"alternatives": "x"},
])
def test_a_damaged_field_is_told(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        json_form.field_from_json({"value": "a", "state": "filled", "confidence": 1, "evidence": [], **damage})
