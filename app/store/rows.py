"""The store's rows: every SQL statement on drafts, tickets, fields and the outbox stands here.

Functions take an open connection; those that write run inside the caller's transaction on the writer's thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from sqlite_utils import Database

from app.domain import json_form
from app.domain.dialogue import CallContext, Utterance
from app.domain.json_values import Json
from app.domain.ticket import FieldValue, TicketDraft
from app.domain.ticket_record import STAMPED_FIELDS, matter_fields, proposed_value, submitted_value
from app.ports.ports import StoredTicket

Fields = Mapping[str, FieldValue]
Draft = tuple[CallContext, tuple[Utterance, ...], TicketDraft]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A submission on its way to the centre's ticket system.

    Attributes:
        ticket_no: the first ticket's number; its children go with it.
        idempotency_key: the same at every attempt.
        created_at: ISO 8601.
        attempts: how often it was tried.
    """

    ticket_no: str
    idempotency_key: str
    created_at: str
    attempts: int


def all_matters(draft: TicketDraft) -> tuple[dict[str, FieldValue], ...]:
    """The fields of the ticket of every matter."""
    return tuple(matter_fields(draft, matter) for matter in range(max(1, len(draft.matters))))


def submitted_form(fields: Iterable[Fields]) -> Json:
    """What is submitted, without provenance and the system's stamps, in an order of its own: equal tickets look equal."""
    return [{name: submitted_value(held[name]) for name in sorted(held) if name not in STAMPED_FIELDS} for held in fields]


def put_draft(db: Database, context: CallContext, draft: TicketDraft, changed_at: str, saved_at: str) -> None:
    """Write a draft over its older self."""
    db.execute(
        "INSERT INTO drafts (call_id, context, draft, changed_at, saved_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (call_id) DO UPDATE SET context = excluded.context, draft = excluded.draft,"
        " changed_at = excluded.changed_at, saved_at = excluded.saved_at",
        [context.call_id, json_form.dumps(json_form.context_to_json(context)),
         json_form.dumps(json_form.draft_to_json(draft)), changed_at, saved_at])


def has_draft(db: Database, call_id: str) -> bool:
    """Whether a call has a draft."""
    return db.execute("SELECT 1 FROM drafts WHERE call_id = ?", [call_id]).fetchone() is not None


def remove_draft(db: Database, call_id: str) -> bool:
    """Remove a draft; its dialogue stays. Whether there was one."""
    return bool(db.execute("DELETE FROM drafts WHERE call_id = ?", [call_id]).rowcount)


def put_utterances(db: Database, call_id: str, placed: Iterable[tuple[int, Utterance]]) -> None:
    """Write utterances at their places in the dialogue."""
    for place, utterance in placed:
        db.execute("INSERT OR REPLACE INTO utterances (call_id, idx, body) VALUES (?, ?, ?)",
                   [call_id, place, json_form.dumps(json_form.utterance_to_json(utterance))])


def cut_dialogue(db: Database, call_id: str, length: int) -> None:
    """Remove what stands behind ``length`` utterances."""
    db.execute("DELETE FROM utterances WHERE call_id = ? AND idx >= ?", [call_id, length])


def remove_dialogue(db: Database, call_id: str) -> None:
    """Remove all of a call's utterances."""
    cut_dialogue(db, call_id, 0)


def remove_said(db: Database, call_id: str) -> None:
    """Remove the words of a call for good, and the questions that were taken from them."""
    remove_dialogue(db, call_id)
    db.execute("DELETE FROM kb_questions WHERE call_id = ?", [call_id])


def drafts(db: Database) -> list[Draft | ValueError]:
    """All drafts, newest first; a ValueError in place of one that cannot be read."""
    found: list[Draft | ValueError] = []
    held = db.execute("SELECT call_id, context, draft FROM drafts ORDER BY changed_at DESC, rowid DESC").fetchall()
    for call_id, context, draft in held:
        try:
            found.append((json_form.context_from_json(json_form.loads(context)), dialogue(db, call_id),
                          json_form.draft_from_json(json_form.loads(draft))))
        except ValueError as error:
            found.append(error)
    return found


def dialogue(db: Database, call_id: str) -> tuple[Utterance, ...]:
    """A call's utterances in order."""
    bodies = db.execute("SELECT body FROM utterances WHERE call_id = ? ORDER BY idx", [call_id])
    return tuple(json_form.utterance_from_json(json_form.loads(body)) for (body,) in bodies)


def is_submitted(db: Database, call_id: str) -> bool:
    """Whether the call has a ticket."""
    return submitted_digest(db, call_id) is not None


def submitted_digest(db: Database, call_id: str) -> str | None:
    """Digest of what was submitted for a call, or None."""
    row = db.execute("SELECT digest FROM calls WHERE call_id = ?", [call_id]).fetchone()
    return cast("str", row[0]) if row else None


def number_of_call(db: Database, call_id: str) -> str:
    """Number of the first ticket of a submitted call."""
    row = db.execute("SELECT ticket_no FROM tickets WHERE call_id = ? AND matter = 0", [call_id]).fetchone()
    return cast("str", row[0])


def ticket_exists(db: Database, number: str) -> bool:
    """Whether the number is taken."""
    return db.execute("SELECT 1 FROM tickets WHERE ticket_no = ?", [number]).fetchone() is not None


def put_call(db: Database, context: CallContext, at: str, digest: str) -> None:
    """Note a call as submitted."""
    db.execute("INSERT INTO calls (call_id, context, submitted_at, digest) VALUES (?, ?, ?, ?)",
               [context.call_id, json_form.dumps(json_form.context_to_json(context)), at, digest])


def put_ticket(db: Database, number: str, parent: str | None, call_id: str, matter: int, at: str) -> None:
    """One ticket, without its fields."""
    db.execute("INSERT INTO tickets (ticket_no, parent_no, call_id, matter, submitted_at) VALUES (?, ?, ?, ?, ?)",
               [number, parent, call_id, matter, at])


def put_fields(db: Database, number: str, fields: Fields) -> None:
    """Every field of a ticket: what was submitted, what was proposed, and where it was said."""
    for position, (name, held) in enumerate(fields.items()):
        db.execute(
            "INSERT INTO fields (ticket_no, name, position, submitted, proposed, state, confidence, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [number, name, position, json_form.dumps(submitted_value(held)), json_form.dumps(proposed_value(held)),
             held.state.value, held.confidence, json_form.dumps(json_form.field_to_json(held))])


def put_versions(db: Database, number: str, versions: Mapping[str, str]) -> None:
    """The models, vocabularies and knowledge behind a ticket."""
    for part, version in versions.items():
        db.execute("INSERT INTO versions (ticket_no, part, version) VALUES (?, ?, ?)", [number, part, version])


def put_outbox(db: Database, number: str, idempotency_key: str, at: str) -> None:
    """Queue a ticket (its children go with it) for delivery."""
    db.execute("INSERT INTO outbox (ticket_no, idempotency_key, state, created_at) VALUES (?, ?, 'waiting', ?)",
               [number, idempotency_key, at])


def waiting(db: Database) -> tuple[OutboxRow, ...]:
    """What waits for delivery, oldest first."""
    held = db.execute("SELECT ticket_no, idempotency_key, created_at, attempts FROM outbox"
                      " WHERE state = 'waiting' ORDER BY id")
    return tuple(OutboxRow(*row) for row in held)


def tickets(db: Database, limit: int) -> tuple[StoredTicket, ...]:
    """The newest tickets, newest first, children after their parent."""
    numbers = db.execute("SELECT ticket_no FROM tickets"
                         " ORDER BY submitted_at DESC, coalesce(parent_no, ticket_no) DESC, matter LIMIT ?",
                         [limit]).fetchall()
    return tuple(get_ticket(db, number) for (number,) in numbers)


def find_tickets(db: Database, number: str, limit: int) -> tuple[StoredTicket, ...]:
    """Tickets with this number, else those whose number begins or ends with it, newest first."""
    exact = db.execute("SELECT ticket_no FROM tickets WHERE ticket_no = ?", [number]).fetchall()
    numbers = exact or db.execute(
        "SELECT ticket_no FROM tickets WHERE parent_no IS NULL AND (substr(ticket_no, 1, ?) = ? OR substr(ticket_no, -?) = ?)"
        " ORDER BY submitted_at DESC LIMIT ?", [len(number), number, len(number), number, limit]).fetchall()
    return tuple(get_ticket(db, held) for (held,) in numbers)


def get_ticket(db: Database, number: str) -> StoredTicket:
    """One ticket that is known to exist; each field as {value, proposed, state, confidence, evidence, …}."""
    call_id, at, parent = db.execute("SELECT call_id, submitted_at, parent_no FROM tickets WHERE ticket_no = ?",
                                     [number]).fetchone()
    held = db.execute("SELECT name, submitted, proposed, body FROM fields WHERE ticket_no = ? ORDER BY position",
                      [number])
    fields: dict[str, object] = {}
    for name, submitted, proposed, body in held:
        whole = cast("dict[str, object]", json_form.loads(body))
        fields[name] = {**whole, "value": json_form.loads(submitted), "proposed": json_form.loads(proposed)}
    children = db.execute("SELECT ticket_no FROM tickets WHERE parent_no = ? ORDER BY matter", [number])
    versions = db.execute("SELECT part, version FROM versions WHERE ticket_no = ? ORDER BY part", [number])
    return StoredTicket(number, call_id, at, fields, parent_no=parent or "",
                        children=tuple(child for (child,) in children), versions=dict(versions.fetchall()))
