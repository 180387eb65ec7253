"""An invented ticket with two matters and a child, for trying a mapping: every field has a value that its table allows.

All of it is marked as a test (测试) and points to nobody. Pure; any thread.
"""

from __future__ import annotations

from app.domain.catalogue import FieldKind, FieldSpec, FieldTable
from app.domain.delivery import MessageKind, OutboxMessage, OutboxState
from app.domain.dialogue import CallContext, Channel, Utterance
from app.domain.ticket import Value
from app.ports.outbox import Attachment, Consignment
from app.ports.ports import Clock, StoredTicket

_NUMBER = "000000000000000000"
_TEXTS: dict[str, str] = {
    "title": "【测试】请勿受理：接口联调", "content": "【测试】本工单由听单的接口测试生成，不含任何市民信息，请勿受理。",
    "demand": "【测试】无", "requester_name": "测试", "contact_phone": "13800000000", "caller_number": "13800000000",
    "item_code": "040201", "region_city": "广州市", "region_district": "天河区", "agent_id": "TEST",
}


def sample_consignment(table: FieldTable, clock: Clock) -> Consignment:
    """What an invented call would send."""
    now = clock.now().isoformat(timespec="seconds")
    fields: dict[str, object] = {spec.name: {"value": _value(spec, now)} for spec in table.specs}
    first = StoredTicket(_NUMBER, "test-call", now, fields, children=(f"{_NUMBER}-01",))
    child = StoredTicket(f"{_NUMBER}-01", "test-call", now, {**fields, "title": {"value": "【测试】第二件事"}}, parent_no=_NUMBER)
    message = OutboxMessage(0, _NUMBER, MessageKind.TICKET, 1, "test-" + f"{clock.now():%Y%m%d%H%M%S}", OutboxState.WAITING, now)
    dialogue = (Utterance(0, Channel.OPERATOR, 0, 900, "您好测试", "您好，测试。", 1.0),
                Utterance(1, Channel.CITIZEN, 1000, 1900, "测试", "测试。", 1.0))
    attachment = Attachment(0, "test.txt", "text/plain", "测试".encode())
    return Consignment(message, (first, child), CallContext("test-call", now, "广州市", "13800000000"), dialogue, (attachment,))


def _value(spec: FieldSpec, now: str) -> Value:
    if spec.name in _TEXTS:
        return _TEXTS[spec.name]
    plain: dict[FieldKind, Value] = {FieldKind.FLAG: False, FieldKind.NUMBER: 1, FieldKind.TIME: now}
    if spec.kind in plain:
        return plain[spec.kind]
    if spec.kind is FieldKind.LIST:
        return list(spec.choices[:1])
    return spec.choices[0] if spec.choices else "测试"
