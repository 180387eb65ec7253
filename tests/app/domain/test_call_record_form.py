"""The JSON form of call records: lossless, strict, and patient with what a newer program adds."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.call_record import (
    CallKind,
    CallRecord,
    CardRecord,
    ChoiceRecord,
    Effort,
    FieldOutcome,
    FieldRecord,
    QualityRecord,
    SoundRecord,
    VoiceRecord,
)
from app.domain.call_record_form import from_json, to_json

WHOLE = CallRecord(
    "0123456789abcdef0123456789abcdef", "2026-11-20T09:30:00+08:00", "d1e2", "8016", CallKind.REPLAY, 1, 185_000,
    "广州市", "天河区", "车陂街道", 2, {"program": "0.4.0", "knowledge": "2026.11"},
    (FieldRecord("requester_name", FieldOutcome.EDITED, "filled", 0.93, 0.5, "name.stated", 1, True),
     FieldRecord("title", FieldOutcome.TYPED)),
    (ChoiceRecord("item_code", "010203", ("010201", "010203"), 2, 0.61, 1),),
    (CardRecord("kb-1", 3, "push", ("shown", "dismissed"), 1, 950, 20_400),), 1,
    (SoundRecord("citizen", 0.87, 64_000, 12, -24.5, -61.0, 0.001, 640, 4.2, 7.5),), ("overload",), Effort(120, 14, 21_000),
    (QualityRecord("greeting", True, -5.0, 1_000),), 95.0, VoiceRecord(1_200, 30_000, 9_000))
BARE = CallRecord("f" * 32, "2026-11-20T09:30:00+08:00", "d1e2")


def through(record: CallRecord) -> CallRecord:
    return from_json(json.loads(json.dumps(to_json(record))))


def test_a_record_comes_back_as_it_was() -> None:
    assert through(WHOLE) == WHOLE
    assert through(BARE) == BARE
    assert to_json(BARE) == {"record_id": "f" * 32, "at": "2026-11-20T09:30:00+08:00", "desk": "d1e2", "form": 1}


_codes = st.text(st.characters(categories=["L", "N", "P"]), max_size=20)
_shares = st.floats(0, 1)
_counts = st.integers(0, 2**31 - 1)
_records = st.builds(
    CallRecord, st.from_regex(r"[0-9a-f]{32}", fullmatch=True), st.just("2026-11-20T09:30:00.5+08:00"), _codes, _codes,
    st.sampled_from(CallKind), st.just(1), _counts, _codes, _codes, _codes, st.integers(1, 100),
    st.dictionaries(_codes, _codes, max_size=4),
    st.lists(st.builds(FieldRecord, _codes, st.sampled_from(FieldOutcome), st.sampled_from(("", "filled", "suggested")), _shares, _shares,
                       _codes, st.integers(0, 99), st.booleans()), max_size=4).map(tuple),
    st.lists(st.builds(ChoiceRecord, _codes, _codes, st.lists(_codes, max_size=5).map(tuple), st.integers(0, 5), _shares),
             max_size=3).map(tuple))


@settings(max_examples=40, deadline=None)
@given(_records)
def test_any_record_comes_back(record: CallRecord) -> None:
    assert through(record) == record


def test_what_a_newer_program_adds_is_ignored_and_a_newer_form_is_refused() -> None:
    held: dict[str, Any] = json.loads(json.dumps(to_json(WHOLE)))
    held["mood"] = "good"
    held["fields"][0]["seconds"] = 4
    assert from_json(held) == WHOLE
    with pytest.raises(ValueError):
        from_json({**held, "form": 2})


def test_a_record_of_a_program_that_knew_no_voice_is_read_and_one_of_ours_by_such_a_program() -> None:
    held: dict[str, Any] = json.loads(json.dumps(to_json(WHOLE)))
    del held["voice"], held["sound"][0]["rate"], held["sound"][0]["pitch_semitones"]
    old = from_json(held)
    assert (old.voice, old.sound[0].rate, old.sound[0].pitch_semitones) == (None, 0.0, 0.0)
    assert to_json(old) == held
    assert to_json(WHOLE)["form"] == 1


@pytest.mark.parametrize(("key", "value"), [
    ("record_id", "F" * 32), ("record_id", "f" * 31), ("record_id", None), ("at", "2026-11-20T09:30:00"), ("at", "yesterday"),
    ("desk", 7), ("agent", "x" * 121), ("agent", "a\nb"), ("agent", "a\x00"), ("agent", "\ud800"), ("kind", "training"),
    ("form", 0), ("form", True), ("duration_ms", -1), ("duration_ms", 1.5), ("duration_ms", 2**31), ("duration_ms", 10**400),
    ("quality_score", 10**400), ("quality_score", math.nan), ("quality_score", math.inf), ("quality_score", 101), ("matters", 0),
    ("versions", []), ("versions", {"program": 1}), ("fields", {}), ("fields", [1]), ("fields", [{"name": "a"}]),
    ("fields", [{"name": "a", "outcome": "lost"}]), ("fields", [{"name": "a", "outcome": "taken"}] * 1001),
    ("fields", [{"name": "a", "outcome": "taken", "confidence": 1.01}]),
    ("fields", [{"name": "a", "outcome": "taken", "confirmed": 1}]),
    ("fields", [{"name": "a", "outcome": "taken", "proposed": "edited"}]),
    ("choices", [{"name": "a", "submitted": "", "offered": ["x"] * 6}]),
    ("cards", [{"entry_id": "a", "entry_version": 1, "origin": "push", "acts": ["eaten"]}]),
    ("cards", [{"entry_id": "a", "entry_version": 1, "origin": "luck", "acts": []}]), ("sound", [{"side": "third"}]),
    ("voice", []), ("voice", {"overlap_ms": -1}),
    ("sound", [{"side": "agent", "confidence": 1, "speech_ms": 1, "utterances": 1, "rate": 101}]),
    ("degradations", "overload"), ("effort", None), ("unanswered", "1"),
])
def test_anything_odd_is_a_value_error(key: str, value: object) -> None:
    with pytest.raises(ValueError):
        from_json({**to_json(WHOLE), key: value})


@pytest.mark.parametrize("held", [None, [], "", 1, {}, {"record_id": "f" * 32}])
def test_what_is_no_record_at_all_is_a_value_error(held: object) -> None:
    with pytest.raises(ValueError):
        from_json(held)


def test_a_subclassed_word_is_written_as_the_word() -> None:
    assert to_json(replace(BARE, kind=CallKind.REPLAY))["kind"] == "replay"
