"""The outbox's rows: every SQL statement on messages, mends and attachments stands here.

Functions take an open connection; those that write run inside the caller's transaction on the writer's thread.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from sqlite_utils import Database

from app.domain import json_form
from app.domain.delivery import Delivered, Failed, MessageKind, OutboxMessage, Refused
from app.domain.dialogue import CallContext
from app.domain.errors import OperatorVisibleError
from app.domain.ticket import Value
from app.ports.outbox import Attachment, Mend
from app.ports.ports import StoredTicket
from app.store import rows

OPEN = "('waiting', 'refused')"
COLUMNS = """o.id, o.ticket_no, o.kind, o.revision, o.idempotency_key, o.state, o.created_at, o.attempts, o.due_s, o.tried_at,
 o.settled_at, o.reason, o.status, o.words, o.receipt, coalesce((SELECT min(e.id) FROM outbox e
 WHERE e.ticket_no = o.ticket_no AND e.id < o.id AND e.state IN ('waiting', 'refused')), 0)"""
FREE = """NOT EXISTS (SELECT 1 FROM outbox e
 WHERE e.ticket_no = o.ticket_no AND e.id < o.id AND e.state IN ('waiting', 'refused'))"""


def queue_attachment(db: Database, ticket_no: str, attachment: int, at: str) -> None:
    """A row for one attachment, behind what is there of its ticket."""
    key = uuid.uuid4().hex
    db.execute("INSERT INTO outbox (ticket_no, idempotency_key, state, created_at, kind, attachment)"
               " VALUES (?, ?, 'waiting', ?, 'attachment', ?)", [ticket_no, key, at, attachment])


def queue_ticket(db: Database, ticket_no: str, call_id: str, at: str) -> None:
    """The rows of a submission: its tickets, then the attachments that the call has so far. Inside the caller's transaction."""
    rows.put_outbox(db, ticket_no, uuid.uuid4().hex, at)
    for (attachment,) in db.execute("SELECT id FROM attachments WHERE call_id = ? ORDER BY id", [call_id]).fetchall():
        queue_attachment(db, ticket_no, attachment, at)


def mended(db: Database, ticket: StoredTicket) -> StoredTicket:
    """The ticket with the newest mend of each field as its value; what had been submitted stays as ``before_mend``."""
    held = db.execute("SELECT name, value FROM mends WHERE ticket_no = ? ORDER BY revision", [ticket.ticket_no]).fetchall()
    if not held:
        return ticket
    fields = dict(ticket.fields)
    for name, value in held:
        whole = cast("dict[str, object]", fields.get(name, {"value": None, "proposed": None, "state": "edited"}))
        fields[name] = {"before_mend": whole.get("value"), **whole, "value": cast("Value | None", json_form.loads(value))}
    return replace(ticket, fields=fields)


def find(db: Database, row_id: int) -> Sequence[object]:
    """One row by its number; OperatorVisibleError where there is none."""
    row = db.execute(f"SELECT {COLUMNS} FROM outbox o WHERE o.id = ?", [row_id]).fetchone()  # noqa: S608
    if row is None:
        raise OperatorVisibleError("delivery.no_such_row", row=row_id)
    return cast("Sequence[object]", row)


def attachments_for(db: Database, message: OutboxMessage, call_id: str) -> tuple[Attachment, ...]:
    """What may go with a message: the attachments of its call that wait, or the one that it is."""
    if message.kind is MessageKind.ATTACHMENT:
        held = db.execute("SELECT a.id, a.name, a.media_type, a.body FROM attachments a JOIN outbox o ON o.attachment = a.id"
                          " WHERE o.id = ?", [message.row_id])
    else:
        held = db.execute("SELECT a.id, a.name, a.media_type, a.body FROM attachments a JOIN outbox o ON o.attachment = a.id"
                          " WHERE a.call_id = ? AND o.state = 'waiting' ORDER BY a.id", [call_id])
    return tuple(Attachment(*row) for row in held.fetchall())


def receipt_of(db: Database, ticket_no: str) -> str:
    """The newest number that the server gave the ticket, or empty."""
    row = db.execute("SELECT receipt FROM outbox WHERE ticket_no = ? AND kind = 'ticket' AND state = 'delivered'"
                     " ORDER BY id DESC LIMIT 1", [ticket_no]).fetchone()
    return cast("str", row[0]) if row else ""


def count_attempt(db: Database, row_id: int, at: str) -> bool:
    """Note an attempt; False where the row does not wait (any more)."""
    done = db.execute("UPDATE outbox SET attempts = attempts + 1, tried_at = ? WHERE id = ? AND state = 'waiting'", [at, row_id])
    return done.rowcount == 1


def deliver(db: Database, row_id: int, outcome: Delivered, at: str, with_attachments: Sequence[int]) -> None:
    """The server has it, and the attachments that went inside."""
    db.execute("UPDATE outbox SET state = 'delivered', settled_at = ?, receipt = ?, status = ?, reason = '', words = '',"
               " due_s = 0 WHERE id = ?", [at, outcome.receipt, outcome.status, row_id])
    for attachment in with_attachments:
        db.execute("UPDATE outbox SET state = 'delivered', settled_at = ?, receipt = ?, due_s = 0"
                   " WHERE attachment = ? AND state = 'waiting'", [at, outcome.receipt, attachment])


def refuse(db: Database, row_id: int, outcome: Refused, at: str) -> None:
    """A person decides what becomes of it."""
    db.execute("UPDATE outbox SET state = 'refused', settled_at = ?, reason = ?, status = ?, words = ? WHERE id = ?",
               [at, outcome.reason, outcome.status, outcome.words, row_id])


def put_off(db: Database, row_id: int, outcome: Failed, due_s: float) -> None:
    """Try again later."""
    db.execute("UPDATE outbox SET due_s = ?, reason = ?, status = ?, words = ? WHERE id = ?",
               [due_s, outcome.reason, outcome.status, outcome.words, row_id])


def revise(db: Database, message: OutboxMessage, mends: Sequence[Mend], at: str) -> None:
    """The row gets its next revision in its place, before what waits behind it; a copy of what it was stays, as mended."""
    if message.kind is not MessageKind.TICKET:
        raise OperatorVisibleError("delivery.no_such_ticket", ticket_no=message.ticket_no)
    revision = message.revision + 1
    known = {number for (number,) in db.execute("SELECT ticket_no FROM tickets WHERE ticket_no = ? OR parent_no = ?",
                                                [message.ticket_no, message.ticket_no])}
    for mend in mends:
        if mend.ticket_no not in known:
            raise OperatorVisibleError("delivery.no_such_ticket", ticket_no=mend.ticket_no)
        db.execute("INSERT OR REPLACE INTO mends (ticket_no, name, revision, value, mended_at) VALUES (?, ?, ?, ?, ?)",
                   [mend.ticket_no, mend.name, revision, json_form.dumps(mend.value), at])
    base = message.idempotency_key.partition("-")[0]
    db.execute("UPDATE outbox SET idempotency_key = ?, revision = ?, state = 'waiting', due_s = 0, attempts = 0, tried_at = '',"
               " settled_at = '', reason = '', status = 0, words = '' WHERE id = ?",
               [f"{base}-{revision}", revision, message.row_id])
    db.execute("INSERT INTO outbox (ticket_no, idempotency_key, state, created_at, attempts, kind, revision, tried_at, settled_at,"
               " reason, status, words) VALUES (?, ?, 'mended', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
               [message.ticket_no, message.idempotency_key, message.created_at, message.attempts, message.kind, message.revision,
                message.tried_at, at, message.reason, message.status, message.words])


def context_of(db: Database, call_id: str) -> CallContext:
    """The context of a submitted call."""
    row = db.execute("SELECT context FROM calls WHERE call_id = ?", [call_id]).fetchone()
    return json_form.context_from_json(json_form.loads(row[0]))
