"""Calls and tickets as plain JSON values and back, without loss: ``X_from_json(json.loads(json.dumps(X_to_json(x)))) == x``.

Used by the store (drafts must come back exactly as they were) and by whatever exports a ticket. Tokens are arrays, not
objects: a call of an hour has tens of thousands of them. Readers take values of equal meaning only: a wrong type, an
unknown state or a missing key is a ``ValueError``, so that a damaged draft is told and never half read. Keys that a newer
minor version added are ignored. Pure; any thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from app.domain.dialogue import Alternative, CallContext, Channel, Token, Utterance
from app.domain.ticket import Candidate, Evidence, FieldState, FieldValue, TicketDraft, Value

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


def dumps(held: Json) -> bytes:
    """UTF-8 without spaces; lone surrogates (a paste from outside can bring them) survive."""
    return json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def loads(raw: bytes) -> object:
    """Inverse of ``dumps``; ValueError where it is no JSON."""
    return json.loads(raw.decode("utf-8", "surrogatepass"))


def context_to_json(context: CallContext) -> dict[str, Json]:
    """A call's context as an object."""
    return {"call_id": context.call_id, "call_time": context.call_time, "city": context.city,
            "caller_number": context.caller_number}


def context_from_json(held: object) -> CallContext:
    """Inverse of ``context_to_json``; ValueError where it is none."""
    keys = _object(held)
    return CallContext(_str(keys, "call_id"), _str(keys, "call_time"), _str(keys, "city"), _str(keys, "caller_number"))


def utterance_to_json(utterance: Utterance) -> dict[str, Json]:
    """An utterance as an object; tokens as [start, end, start_ms, end_ms, confidence, syllable]."""
    return {
        "index": utterance.index, "channel": utterance.channel.value, "start_ms": utterance.start_ms,
        "end_ms": utterance.end_ms, "text": utterance.text, "display": utterance.display,
        "confidence": utterance.confidence,
        "tokens": [[t.start, t.end, t.start_ms, t.end_ms, t.confidence, t.syllable] for t in utterance.tokens],
        "alternatives": [[a.text, a.confidence] for a in utterance.alternatives],
    }


def utterance_from_json(held: object) -> Utterance:
    """Inverse of ``utterance_to_json``; ValueError where it is none."""
    keys = _object(held)
    return Utterance(
        _int(keys, "index"), Channel(_str(keys, "channel")), _int(keys, "start_ms"), _int(keys, "end_ms"),
        _str(keys, "text"), _str(keys, "display"), _number(keys.get("confidence")),
        tuple(_token(each) for each in _array(keys, "tokens")),
        tuple(_alternative(each) for each in _array(keys, "alternatives")),
    )


def field_to_json(value: FieldValue) -> dict[str, Json]:
    """A field with its provenance; parts that say nothing are left out."""
    held: dict[str, Json] = {"value": value.value, "state": value.state.value, "confidence": value.confidence,
                             "evidence": evidence_to_json(value.evidence)}
    if value.rule:
        held["rule"] = value.rule
    if value.code:
        held["code"] = value.code
    if value.alternatives:
        held["alternatives"] = [[candidate.value, candidate.confidence] for candidate in value.alternatives]
    if value.proposed is not None:
        held["proposed"] = value.proposed
    if value.reasons:
        held["reasons"] = list(value.reasons)
    return held


def field_from_json(held: object) -> FieldValue:
    """Inverse of ``field_to_json``; ValueError where it is none."""
    keys = _object(held)
    return FieldValue(
        _value_or_none(keys.get("value")), FieldState(_str(keys, "state")), _number(keys.get("confidence")),
        tuple(_evidence(each) for each in _array(keys, "evidence")), _str(keys, "rule", ""), _str(keys, "code", ""),
        tuple(_candidate(each) for each in _array(keys, "alternatives", ())), _value_or_none(keys.get("proposed")),
        tuple(_text(each) for each in _array(keys, "reasons", ())),
    )


def draft_to_json(draft: TicketDraft) -> list[Json]:
    """All matters, each an object of fields by name."""
    return [{name: field_to_json(value) for name, value in matter.items()} for matter in draft.matters]


def draft_from_json(held: object) -> TicketDraft:
    """Inverse of ``draft_to_json``; ValueError where it is none."""
    if not isinstance(held, list):
        raise ValueError("a draft is an array of matters")
    return TicketDraft(tuple({name: field_from_json(value) for name, value in _object(each).items()} for each in held))


def evidence_to_json(evidence: Sequence[Evidence]) -> list[Json]:
    """Spans as [utterance, start, end]."""
    return [[span.utterance, span.start, span.end] for span in evidence]


def _token(held: object) -> Token:
    start, end, start_ms, end_ms, confidence, syllable = _row(held, 6)
    return Token(_whole(start), _whole(end), _whole(start_ms), _whole(end_ms), _number(confidence), _text(syllable))


def _alternative(held: object) -> Alternative:
    text, confidence = _row(held, 2)
    return Alternative(_text(text), _number(confidence))


def _candidate(held: object) -> Candidate:
    value, confidence = _row(held, 2)
    return Candidate(_value(value), _number(confidence))


def _evidence(held: object) -> Evidence:
    utterance, start, end = _row(held, 3)
    return Evidence(_whole(utterance), _whole(start), _whole(end))


def _value(held: object) -> Value:
    if isinstance(held, str | bool | int):
        return held
    if isinstance(held, list) and all(isinstance(each, str) for each in held):
        return cast("list[str]", held)
    raise ValueError("not a field value")


def _value_or_none(held: object) -> Value | None:
    return None if held is None else _value(held)


def _object(held: object) -> dict[str, object]:
    if not isinstance(held, dict):
        raise ValueError("not an object")
    return cast("dict[str, object]", held)


def _array(keys: dict[str, object], name: str, missing: Sequence[object] | None = None) -> Sequence[object]:
    held = keys.get(name, missing)
    if not isinstance(held, list | tuple):
        raise ValueError(f"{name} is not an array")
    return held


def _row(held: object, length: int) -> list[object]:
    if not isinstance(held, list) or len(held) != length:
        raise ValueError(f"not a row of {length}")
    return held


def _str(keys: dict[str, object], name: str, missing: str | None = None) -> str:
    return _text(keys.get(name, missing))


def _int(keys: dict[str, object], name: str) -> int:
    return _whole(keys.get(name))


def _text(held: object) -> str:
    if not isinstance(held, str):
        raise ValueError("not a text")
    return held


def _whole(held: object) -> int:
    if not isinstance(held, int) or isinstance(held, bool):
        raise ValueError("not a whole number")
    return held


def _number(held: object) -> float:
    if not isinstance(held, int | float) or isinstance(held, bool):
        raise ValueError("not a number")
    return float(held)
