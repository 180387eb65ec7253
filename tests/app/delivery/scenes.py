"""Mappings and consignments for the tests of delivery; all persons and numbers are invented."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import Any

from app.delivery.opening import open_courier
from app.domain.delivery import MessageKind, OutboxMessage, OutboxState
from app.domain.dialogue import CallContext, Channel, Utterance
from app.platform.catalogue_files import load_fields
from app.platform.clock import SystemClock
from app.ports.outbox import Attachment, Consignment
from app.ports.ports import StoredTicket

fields = functools.cache(load_fields)

MAPPING: dict[str, Any] = {
    "format": 1, "kind": "http", "name": "试验平台",
    "request": {"url": "", "payload": {"key": "{{idempotency_key}}", "no": "{{ticket_no}}", "title": "{{title}}",
                                       "children": {"$each": "children", "item": {"no": "{{ticket_no}}"}}}},
    "answer": {"accept": {"path": "code", "in": [0]}, "receipt": "data.no", "message": "msg"},
    "timeouts": {"connect_s": 2, "read_s": 0.5, "whole_s": 1.0}, "proxy": "none",
}


def mapping(url: str = "http://127.0.0.1:9/orders", **changes: Any) -> dict[str, Any]:
    """The usual mapping with some of its parts changed; a change None removes."""
    held = copy.deepcopy(MAPPING)
    held["request"]["url"] = url
    for key, value in changes.items():
        *path, last = key.split("__")
        at = held
        for step in path:
            at = at.setdefault(step, {})
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return held


def written(folder: Path, held: dict[str, Any]) -> Path:
    path = folder / "mapping.json"
    path.write_text(json.dumps(held, ensure_ascii=False), "utf-8")
    return path


def courier(folder: Path, held: dict[str, Any], secrets: dict[str, str] | None = None) -> Any:
    return open_courier(written(folder, held), fields(), (secrets or {}).get, SystemClock())


def consignment(values: dict[str, object] | None = None, kind: MessageKind = MessageKind.TICKET,
                attachments: tuple[Attachment, ...] = (), receipt: str = "") -> Consignment:
    now = "2026-11-21T09:30:00+08:00"
    held: dict[str, object] = {name: {"value": value} for name, value in
                               {"title": "反映路灯不亮", "request_type": "投诉", "is_anonymous": False, "tags": ["群体", "重复"],
                                "event_time_start": now, **(values or {})}.items()}
    first = StoredTicket("T1", "call-1", now, held, children=("T1-01",))
    child = StoredTicket("T1-01", "call-1", now, {"title": {"value": "第二件"}}, parent_no="T1")
    message = OutboxMessage(1, "T1", kind, 1, "key1", OutboxState.WAITING, now)
    said = (Utterance(0, Channel.OPERATOR, 0, 900, "您好", "您好。", 1.0), Utterance(1, Channel.CITIZEN, 1000, 1900, "路灯", "路灯。", 1.0))
    return Consignment(message, (first, child), CallContext("call-1", now, "广州市", "13800000000"), said, attachments, receipt)
