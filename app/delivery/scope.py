"""What a mapping may name: every field of the field table, and what the program knows of message, call and files.

``vocabulary`` says which names exist, ``scope_of`` what they are for one consignment. A name of the field table gives the submitted
(or mended) value, None where nothing was submitted. Pure; any thread.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from app.delivery.template import Enumeration, Scope, Vocabulary
from app.domain.catalogue import FieldTable
from app.domain.dialogue import Channel, Utterance
from app.ports.outbox import Attachment, Consignment
from app.ports.ports import StoredTicket

#: Known of every ticket beside its fields.
TICKET_NAMES = frozenset({"ticket_no", "parent_no", "submitted_at", "matter_no"})
#: Known of the message; the only names that a header or an address may hold, for no citizen's words stand in them.
MESSAGE_NAMES = frozenset({"ticket_no", "parent_no", "idempotency_key", "revision", "attempt", "receipt", "attachment_name"})
_CALL_NAMES = frozenset({"call_id", "caller_number", "city", "transcript", "child_count", "attachment_count"})
_UTTERANCE_NAMES = frozenset({"utterance_no", "speaker", "said", "start_ms", "end_ms"})
_ATTACHMENT_NAMES = frozenset({"attachment_name", "media_type", "size_bytes", "sha256", "content_base64"})
_SPEAKERS = {Channel.OPERATOR: "坐席", Channel.CITIZEN: "市民"}


def vocabulary(table: FieldTable, enumerations: Mapping[str, Enumeration]) -> Vocabulary:
    """All names that a payload may hold."""
    fields = frozenset(spec.name for spec in table.specs)
    ticket = fields | TICKET_NAMES
    return Vocabulary(ticket | MESSAGE_NAMES | _CALL_NAMES | _ATTACHMENT_NAMES,
                      {"children": ticket, "utterances": _UTTERANCE_NAMES, "attachments": _ATTACHMENT_NAMES}, enumerations)


def message_vocabulary() -> Vocabulary:
    """All names that a header or an address may hold."""
    return Vocabulary(MESSAGE_NAMES, {}, {})


def scope_of(consignment: Consignment, matter: int = 0, attachment: Attachment | None = None) -> Scope:
    """The values of one message.

    Args:
        consignment: what is delivered.
        matter: which of its tickets stands at the top.
        attachment: the file that the message carries, for a message of its own.
    """
    message, ticket = consignment.message, consignment.tickets[matter]
    key = message.idempotency_key if matter == 0 else f"{message.idempotency_key}.{matter:02d}"
    children = consignment.tickets[1:] if matter == 0 else ()
    values: dict[str, object] = {
        **_ticket(ticket, matter), "idempotency_key": key, "revision": message.revision, "attempt": message.attempts + 1,
        "receipt": consignment.receipt, "call_id": consignment.context.call_id,
        "caller_number": consignment.context.caller_number or None, "city": consignment.context.city,
        "transcript": transcript(consignment.dialogue), "child_count": len(children),
        "attachment_count": len(consignment.attachments),
    }
    if attachment is not None:
        values |= _attachment(attachment)
    return Scope(values, {
        # what a child does not have is empty: it never borrows from the first ticket
        "children": [Scope({**dict.fromkeys(ticket.fields), **_ticket(child, number)}) for number, child in enumerate(children, 1)],
        "utterances": [Scope(_utterance(each)) for each in consignment.dialogue],
        "attachments": [Scope(_attachment(each)) for each in consignment.attachments],
    })


def transcript(dialogue: tuple[Utterance, ...]) -> str:
    """The conversation as people read it, a line a turn."""
    return "\n".join(f"{_SPEAKERS[each.channel]}：{each.display or each.text}" for each in dialogue)


def _ticket(ticket: StoredTicket, matter: int) -> dict[str, object]:
    fields = {name: held.get("value") for name, held in ticket.fields.items() if isinstance(held, dict)}
    return {**fields, "ticket_no": ticket.ticket_no, "parent_no": ticket.parent_no or None, "submitted_at": ticket.submitted_at,
            "matter_no": matter + 1}


def _utterance(each: Utterance) -> dict[str, object]:
    return {"utterance_no": each.index + 1, "speaker": _SPEAKERS[each.channel], "said": each.display or each.text,
            "start_ms": each.start_ms, "end_ms": each.end_ms}


def _attachment(each: Attachment) -> dict[str, object]:
    return {"attachment_name": each.name, "media_type": each.media_type, "size_bytes": len(each.body),
            "sha256": hashlib.sha256(each.body).hexdigest(), "content_base64": base64.b64encode(each.body).decode()}
