"""Calls and tickets as plain JSON values and back, without loss: ``X_from_json(json.loads(json.dumps(X_to_json(x)))) == x``.

Used by the store (drafts must come back exactly as they were) and by whatever exports a ticket. Tokens are arrays, not
objects: a call of an hour has tens of thousands of them. Readers take values of equal meaning only: a wrong type, an
unknown state or a missing key is a ``ValueError``, so that a damaged draft is told and never half read. Keys that a newer
minor version added are ignored. Pure; any thread.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from app.domain.dialogue import Alternative, CallContext, Channel, Token, Utterance
from app.domain.json_values import Json, array_at, number_of, object_of, row_of, text_at, text_of, whole_at, whole_of
from app.domain.ticket import Candidate, Evidence, FieldState, FieldValue, TicketDraft, Value


def dumps(held: Json) -> bytes:
    """UTF-8 without spaces; lone surrogates (a paste from outside can bring them) survive."""
    return json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def loads(raw: bytes) -> object:
    """Inverse of ``dumps``; ValueError where it is no JSON."""
    return json.loads(raw.decode("utf-8", "surrogatepass"))


def context_to_json(context: CallContext) -> dict[str, Json]:
    """A call's context as an object."""
    held: dict[str, Json] = {"call_id": context.call_id, "call_time": context.call_time, "city": context.city,
                             "caller_number": context.caller_number}
    return {**held, "outgoing": True} if context.is_outgoing else held


def context_from_json(held: object) -> CallContext:
    """Inverse of ``context_to_json``; ValueError where it is none."""
    keys = object_of(held)
    return CallContext(text_at(keys, "call_id"), text_at(keys, "call_time"), text_at(keys, "city"), text_at(keys, "caller_number"),
                       keys.get("outgoing") is True)


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
    keys = object_of(held)
    return Utterance(
        whole_at(keys, "index"), Channel(text_at(keys, "channel")), whole_at(keys, "start_ms"), whole_at(keys, "end_ms"),
        text_at(keys, "text"), text_at(keys, "display"), number_of(keys.get("confidence")),
        tuple(_token(each) for each in array_at(keys, "tokens")),
        tuple(_alternative(each) for each in array_at(keys, "alternatives")),
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
    if value.proposed_state is not FieldState.EMPTY:
        held["proposed_state"] = value.proposed_state.value
    return held


def field_from_json(held: object) -> FieldValue:
    """Inverse of ``field_to_json``; ValueError where it is none."""
    keys = object_of(held)
    return FieldValue(
        _value_or_none(keys.get("value")), FieldState(text_at(keys, "state")), number_of(keys.get("confidence")),
        tuple(_evidence(each) for each in array_at(keys, "evidence")), text_at(keys, "rule", ""), text_at(keys, "code", ""),
        tuple(_candidate(each) for each in array_at(keys, "alternatives", ())), _value_or_none(keys.get("proposed")),
        tuple(text_of(each) for each in array_at(keys, "reasons", ())),
        FieldState(text_at(keys, "proposed_state", FieldState.EMPTY.value)),
    )


def draft_to_json(draft: TicketDraft) -> Json:
    """All matters, each an object of fields by name; an object around them where there is more to keep."""
    matters: list[Json] = [{name: field_to_json(value) for name, value in matter.items()} for matter in draft.matters]
    if draft == TicketDraft(draft.matters):
        return matters  # also what was written before there was more to keep
    return {"matters": matters, "flags": list(draft.flags), "least": draft.least, "dropped": list(draft.dropped)}


def draft_from_json(held: object) -> TicketDraft:
    """Inverse of ``draft_to_json``; ValueError where it is none."""
    keys: dict[str, object] = {"matters": held} if isinstance(held, list) else object_of(held)
    matters = tuple({name: field_from_json(value) for name, value in object_of(each).items()} for each in array_at(keys, "matters"))
    flags, dropped = (tuple(whole_of(each) for each in array_at(keys, name, ())) for name in ("flags", "dropped"))
    return TicketDraft(matters, flags, whole_of(keys.get("least", 1)), dropped)


def evidence_to_json(evidence: Sequence[Evidence]) -> list[Json]:
    """Spans as [utterance, start, end]."""
    return [[span.utterance, span.start, span.end] for span in evidence]


def _token(held: object) -> Token:
    start, end, start_ms, end_ms, confidence, syllable = row_of(held, 6)
    return Token(whole_of(start), whole_of(end), whole_of(start_ms), whole_of(end_ms), number_of(confidence), text_of(syllable))


def _alternative(held: object) -> Alternative:
    text, confidence = row_of(held, 2)
    return Alternative(text_of(text), number_of(confidence))


def _candidate(held: object) -> Candidate:
    value, confidence = row_of(held, 2)
    return Candidate(_value(value), number_of(confidence))


def _evidence(held: object) -> Evidence:
    utterance, start, end = row_of(held, 3)
    return Evidence(whole_of(utterance), whole_of(start), whole_of(end))


def _value(held: object) -> Value:
    if isinstance(held, str | bool | int):
        return held
    if isinstance(held, list) and all(isinstance(each, str) for each in held):
        return cast("list[str]", held)
    raise ValueError("not a field value")


def _value_or_none(held: object) -> Value | None:
    return None if held is None else _value(held)
