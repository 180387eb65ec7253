"""What desks and people send besides records, read strictly; and the schemas of it for the OpenAPI document.

Wrong types, missing keys, texts that are too long or cannot be printed, numbers out of range: ``ValueError``, which becomes 422. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.call_record_form import MOST
from app.domain.json_values import array_at, number_of, object_of, text_at, whole_of
from app.domain.knowledge_update import UpdateReceipt
from app.hub.desks import FloorNote, Heartbeat

MOST_CHARACTERS = 120
MOST_RECEIPTS = 200
_MOST_VERSIONS = 20
_MOST_ALERTS = 20
_DESK = re.compile(r"[0-9A-Za-z_.:-]{1,64}")


def enrolment_of(held: object) -> tuple[str, str, str]:
    """Code, desk, program."""
    keys = object_of(held)
    desk = text_at(keys, "desk")
    if not _DESK.fullmatch(desk):
        raise ValueError("desk")
    return _text(keys, "code"), desk, _text(keys, "program", "")


def records_of(held: object, most: int) -> list[object] | None:
    """The batch; None where it holds more than ``most``."""
    records = array_at(object_of(held), "records")
    return None if len(records) > most else list(records)


def heartbeat_of(held: object) -> Heartbeat:
    """A desk's word of itself."""
    keys = object_of(held)
    versions = object_of(keys.get("versions", {}))
    if len(versions) > _MOST_VERSIONS:
        raise ValueError("versions")
    return Heartbeat({_printable(part): _text(versions, part) for part in versions}, _time(keys, "at"), _text(keys, "state", ""),
                     _whole(keys.get("waiting", 0)), _whole(keys.get("refused", 0)), _whole(keys.get("oldest_s", 0)))


def floor_of(held: object) -> FloorNote:
    """What goes on at a desk."""
    keys = object_of(held)
    alerts = array_at(keys, "alerts", ())
    if len(alerts) > _MOST_ALERTS:
        raise ValueError("alerts")
    return FloorNote(_time(keys, "at"), _text(keys, "phase"), _time(keys, "since") if keys.get("since") else "",
                     tuple(_printable(each) for each in alerts), _text(keys, "agent", ""))


def receipts_of(held: object, desk: str) -> list[UpdateReceipt]:
    """Receipts of a desk; what another desk is said to have received is refused."""
    receipts = array_at(object_of(held), "receipts")
    if len(receipts) > MOST_RECEIPTS:
        raise ValueError("receipts")
    return [_receipt(object_of(each), desk) for each in receipts]


def log_in_of(held: object) -> tuple[str, str]:
    """Name and password."""
    keys = object_of(held)
    password = text_at(keys, "password")
    if len(password) > MOST_CHARACTERS * 2:
        raise ValueError("password")
    return _text(keys, "name"), password


def passwords_of(held: object) -> tuple[str, str]:
    """Old and new password."""
    keys = object_of(held)
    old, new = text_at(keys, "password"), text_at(keys, "new_password")
    if max(len(old), len(new)) > MOST_CHARACTERS * 2:
        raise ValueError("password")
    return old, new


def _receipt(keys: dict[str, object], desk: str) -> UpdateReceipt:
    if text_at(keys, "desk") != desk:
        raise ValueError("desk")
    details = object_of(keys.get("details", {}))
    if len(details) > _MOST_VERSIONS:
        raise ValueError("details")
    took = number_of(keys.get("took_s", 0))
    return UpdateReceipt(desk, _time(keys, "at"), _text(keys, "result"), _text(keys, "version", ""), _whole(keys.get("release", 0)),
                         _whole(keys.get("from_release", 0)), min(max(took, 0.0), float(MOST)), _whole(keys.get("fetched_bytes", 0)),
                         {_printable(name): _whole(value) for name, value in details.items()})


def _text(keys: Mapping[str, object], name: str, missing: str | None = None) -> str:
    return _printable(keys.get(name, missing))


def _printable(held: object) -> str:
    if not isinstance(held, str) or len(held) > MOST_CHARACTERS or not held.isprintable():
        raise ValueError("no short printable text")
    return held


def _time(keys: Mapping[str, object], name: str) -> str:
    text = _text(keys, name)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not 2000 <= moment.year <= 2200:
        raise ValueError(name)
    return text


def _whole(held: object) -> int:
    number = whole_of(held)
    if not 0 <= number <= MOST * 1000:
        raise ValueError("out of range")
    return number


# --- schemas ---------------------------------------------------------------------------------------------------------------------

_SHORT = {"type": "string", "maxLength": MOST_CHARACTERS}
_TIME = {"type": "string", "format": "date-time"}
_COUNT = {"type": "integer", "minimum": 0}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def body(schema: dict[str, Any]) -> dict[str, Any]:
    """What the OpenAPI document says of a body."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


ENROLMENT = _object(["code", "desk"], code=_SHORT, desk={"type": "string", "pattern": "^[0-9A-Za-z_.:-]{1,64}$"}, program=_SHORT)
RECORDS = _object(["records"], records={
    "type": "array", "maxItems": 500, "items": {"description": "a call record (app/domain/call_record_form.py)"}})
HEARTBEAT = _object(["at"], versions={"type": "object", "additionalProperties": _SHORT, "maxProperties": _MOST_VERSIONS}, at=_TIME,
                    state=_SHORT, waiting=_COUNT, refused=_COUNT, oldest_s=_COUNT)
FLOOR = _object(["at", "phase"], at=_TIME, phase=_SHORT, since={"type": "string"}, agent=_SHORT,
                alerts={"type": "array", "maxItems": _MOST_ALERTS, "items": _SHORT})
RECEIPTS = _object(["receipts"], receipts={"type": "array", "maxItems": MOST_RECEIPTS, "items": _object(
    ["desk", "at", "result"], desk=_SHORT, at=_TIME, result=_SHORT, version=_SHORT, release=_COUNT, from_release=_COUNT,
    took_s={"type": "number"}, fetched_bytes=_COUNT, details={"type": "object"})})
LOG_IN = _object(["name", "password"], name=_SHORT, password={"type": "string", "maxLength": MOST_CHARACTERS * 2})
PASSWORD = _object(["password", "new_password"], password={"type": "string"}, new_password={"type": "string"})
