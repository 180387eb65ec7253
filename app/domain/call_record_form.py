"""``CallRecord`` as a plain JSON value and back, without loss: ``from_json(json.loads(json.dumps(to_json(x)))) == x``.

It travels from desks to the hub, so the reader trusts nothing: a wrong type, a missing key, an unknown word, a number out of
its range, a text that is too long or cannot be printed is a ``ValueError``, and never a record that is half right. Keys that a newer
program added within the same form are ignored; a newer form is refused. What stands at its default is left out. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any, TypeVar, cast

from app.domain.assist import AssistAct, AssistOrigin
from app.domain.call_record import (
    RECORD_FORM,
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
from app.domain.json_values import Json, array_at, number_of, object_of, text_of, truth_of, whole_of

#: Longest text of a code, a name or a version. A text that needs more is none of these.
MOST_CHARACTERS = 120
#: Most parts of one kind in a record.
MOST_PARTS = 1000
#: Whole numbers fit an INTEGER column of any database.
MOST = 2**31 - 1
#: Characters a second and semitones that no voice reaches.
MOST_RATE, MOST_SEMITONES = 100.0, 60.0
DISMISSED = "dismissed"
CARD_ACTS = frozenset({*(str(act) for act in AssistAct), DISMISSED})
_MOST_OFFERED = 5
_RECORD_ID = re.compile(r"[0-9a-f]{32}")

_DEFAULTS: dict[type[Any], tuple[tuple[str, object], ...]] = {}
_AS_THEY_ARE = frozenset({str, int, float, bool})
T = TypeVar("T")
Reader = Callable[[object], object]
_Part = CallRecord | FieldRecord | ChoiceRecord | CardRecord | SoundRecord | Effort | QualityRecord | VoiceRecord


def to_json(record: CallRecord) -> dict[str, Json]:
    """A record as an object."""
    return _written(record)


def from_json(held: object) -> CallRecord:
    """Inverse of ``to_json``; ValueError where it is no record of this or an earlier form."""
    keys = object_of(held)
    form = _whole(1)(keys.get("form", RECORD_FORM))
    if form > RECORD_FORM:
        raise ValueError("a record of a newer form")
    return _read(CallRecord, _RECORD, keys)


def _written(part: _Part) -> dict[str, Json]:
    """A part with all that differs from its default; ``form`` always."""
    held: dict[str, Json] = {}
    for name, default in _defaults(type(part)):
        value = getattr(part, name)
        if value != default or name == "form":
            held[name] = value if type(value) in _AS_THEY_ARE else _plain(value)
    return held


def _defaults(kind: type[Any]) -> tuple[tuple[str, object], ...]:
    """Names and defaults of a part, which are only compared, never given away: looked up once, as a hub writes thousands a second."""
    found = _DEFAULTS.get(kind)
    if found is None:
        found = _DEFAULTS[kind] = tuple(
            (each.name, each.default_factory() if each.default_factory is not MISSING else each.default) for each in fields(kind))
    return found


def _plain(value: object) -> Json:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)  # an enum as its word
    if isinstance(value, Mapping):
        return {str(key): str(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return _written(cast("_Part", value))


def _read(kind: type[T], readers: Mapping[str, Reader], held: object) -> T:
    keys = object_of(held)
    taken: dict[str, object] = {}
    for name, reader in readers.items():
        if name in keys:
            try:
                taken[name] = reader(keys[name])
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
    try:
        return kind(**taken)
    except TypeError:
        raise ValueError(f"{kind.__name__} lacks a key") from None


def _text(held: object) -> str:
    text = text_of(held)
    if len(text) > MOST_CHARACTERS or not text.isprintable():
        raise ValueError("no code, name or version")
    return text


def _word(allowed: frozenset[str]) -> Callable[[object], str]:
    def read(held: object) -> str:
        if (text := text_of(held)) not in allowed:
            raise ValueError("an unknown word")
        return text

    return read


def _record_id(held: object) -> str:
    text = text_of(held)
    if not _RECORD_ID.fullmatch(text):
        raise ValueError("not 32 hexadecimal digits")
    return text


def _time(held: object) -> str:
    text = _text(held)
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a time without its offset")
    return text


def _whole(least: int = 0, most: int = MOST) -> Callable[[object], int]:
    def read(held: object) -> int:
        if not least <= (number := whole_of(held)) <= most:
            raise ValueError(f"not from {least} to {most}")
        return number

    return read


def _number(least: float, most: float) -> Callable[[object], float]:
    def read(held: object) -> float:
        if not least <= (number := number_of(held)) <= most:
            raise ValueError(f"not from {least} to {most}")
        return number

    return read


def _several(reader: Callable[[object], T], most: int = MOST_PARTS) -> Callable[[object], tuple[T, ...]]:
    def read(held: object) -> tuple[T, ...]:
        parts: Sequence[object] = array_at({"": held}, "")
        if len(parts) > most:
            raise ValueError(f"more than {most}")
        return tuple(reader(each) for each in parts)

    return read


def _part(kind: type[T], readers: Mapping[str, Reader]) -> Callable[[object], T]:
    return lambda held: _read(kind, readers, held)


def _versions(held: object) -> dict[str, str]:
    keys = object_of(held)
    if len(keys) > MOST_PARTS:
        raise ValueError(f"more than {MOST_PARTS}")
    return {_text(part): _text(version) for part, version in keys.items()}


_share = _number(0.0, 1.0)
_level = _number(-200.0, 20.0)
_matter = _whole(0, 99)

_FIELD: Mapping[str, Reader] = {
    "name": _text, "outcome": lambda held: FieldOutcome(text_of(held)), "proposed": _word(frozenset({"", "filled", "suggested"})),
    "confidence": _share, "distance": _share, "rule": _text, "matter": _matter, "confirmed": truth_of,
}
_CHOICE: Mapping[str, Reader] = {
    "name": _text, "submitted": _text, "offered": _several(_text, _MOST_OFFERED), "rank": _whole(0, _MOST_OFFERED),
    "confidence": _share, "matter": _matter,
}
_CARD: Mapping[str, Reader] = {
    "entry_id": _text, "entry_version": _whole(), "origin": _word(frozenset(str(each) for each in AssistOrigin)),
    "acts": _several(_word(CARD_ACTS), len(CARD_ACTS)), "rank": _whole(), "delay_ms": _whole(-1), "at_ms": _whole(),
}
_SOUND: Mapping[str, Reader] = {
    "side": _word(frozenset({"citizen", "agent"})), "confidence": _share, "speech_ms": _whole(), "utterances": _whole(),
    "level_dbfs": _level, "noise_dbfs": _level, "clipped_share": _share, "final_p95_ms": _whole(),
    "rate": _number(0.0, MOST_RATE), "pitch_semitones": _number(0.0, MOST_SEMITONES),
}
_EFFORT: Mapping[str, Reader] = {"keys": _whole(), "clicks": _whole(), "wrap_up_ms": _whole()}
_QUALITY: Mapping[str, Reader] = {"rule": _text, "is_breach": truth_of, "points": _number(-100.0, 100.0), "at_ms": _whole()}
_VOICE: Mapping[str, Reader] = {"overlap_ms": _whole(), "silence_ms": _whole(), "longest_silence_ms": _whole()}
_RECORD: Mapping[str, Reader] = {
    "record_id": _record_id, "at": _time, "desk": _text, "agent": _text, "kind": lambda held: CallKind(text_of(held)),
    "form": _whole(1), "duration_ms": _whole(), "city": _text, "district": _text, "street": _text, "matters": _whole(1, 100),
    "versions": _versions, "fields": _several(_part(FieldRecord, _FIELD)), "choices": _several(_part(ChoiceRecord, _CHOICE)),
    "cards": _several(_part(CardRecord, _CARD)), "unanswered": _whole(), "sound": _several(_part(SoundRecord, _SOUND), 2),
    "degradations": _several(_text), "effort": _part(Effort, _EFFORT), "quality": _several(_part(QualityRecord, _QUALITY)),
    "quality_score": _number(-1.0, 100.0), "voice": _part(VoiceRecord, _VOICE),
}
