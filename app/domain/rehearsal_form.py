"""A rehearsal's pass as JSON and back, so that one version of the program can be held against another. Holds nothing personal.

Readers are strict: anything of another meaning is a ``ValueError``. Pure.
"""

from __future__ import annotations

from app.domain.json_values import Json, array_at, object_of, row_of, text_at, text_of, truth_of, whole_of
from app.domain.rehearsal import CallSeen, CardSeen, FieldSeen, Pass, Standing

FORMAT = "tingdan-rehearsal/1"


def pass_to_json(held: Pass) -> dict[str, Json]:
    """A pass as an object; fields are rows of name, matter, standing, mark, whether it was submitted."""
    return {"format": FORMAT, "versions": dict(held.versions), "calls": [_call(call) for call in held.calls]}


def pass_from_json(held: object) -> Pass:
    """Inverse of ``pass_to_json``; ValueError where it is none."""
    keys = object_of(held)
    if keys.get("format") != FORMAT:
        raise ValueError("format")
    versions = {part: text_of(version) for part, version in object_of(keys.get("versions")).items()}
    return Pass(versions, tuple(_call_from(object_of(call)) for call in array_at(keys, "calls")))


def _call(call: CallSeen) -> dict[str, Json]:
    return {
        "call": call.call, "fault": call.fault, "helped": sorted(call.helped),
        "fields": [[each.name, each.matter, each.standing.value, each.mark, each.is_sent] for each in call.fields],
        "ranks": [[matter, rank] for matter, rank in sorted(call.ranks.items())],
        "cards": [[card.entry_id, card.rank, card.at_ms] for card in call.cards],
    }


def _call_from(keys: dict[str, object]) -> CallSeen:
    return CallSeen(
        text_at(keys, "call"), tuple(_field(each) for each in array_at(keys, "fields")),
        {whole_of(matter): whole_of(rank) for matter, rank in (row_of(each, 2) for each in array_at(keys, "ranks"))},
        tuple(_card(each) for each in array_at(keys, "cards")),
        frozenset(text_of(each) for each in array_at(keys, "helped")), text_at(keys, "fault"))


def _field(held: object) -> FieldSeen:
    name, matter, standing, mark, is_sent = row_of(held, 5)
    return FieldSeen(text_of(name), whole_of(matter), Standing(text_of(standing)), text_of(mark), truth_of(is_sent))


def _card(held: object) -> CardSeen:
    entry_id, rank, at_ms = row_of(held, 3)
    return CardSeen(text_of(entry_id), whole_of(rank), whole_of(at_ms))
