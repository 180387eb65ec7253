"""Delivery as values: where a message to the ticket system stands, and what came of an attempt.

A message (an outbox row) is WAITING until the server has it for certain. DELIVERED and MENDED are ends. REFUSED waits for a
person: the server answered that it will never take it as it is; it is mended (a new revision, the old row ends as MENDED)
or sent again. No state means "lost". Words of the server are other people's text: ``safe_words`` makes them harmless to show.
Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_WORDS = 500


class OutboxState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    MENDED = "mended"


class MessageKind(StrEnum):
    """What a message carries: a call's tickets, or one attachment of theirs."""

    TICKET = "ticket"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One row of the outbox, as a list shows it.

    Attributes:
        row_id: its number; rows of one ticket go out in this order.
        ticket_no: the call's first ticket.
        kind: what it carries.
        revision: 1, then one more with every mend.
        idempotency_key: the same at every attempt of one revision.
        state: where it stands.
        created_at: ISO 8601.
        attempts: how often it was tried.
        due_s: next attempt, seconds since the epoch; 0 for at once.
        next_at: the same as ISO 8601, empty for at once or where nothing is due.
        tried_at: last attempt, ISO 8601 or empty.
        settled_at: when it was delivered or refused, ISO 8601 or empty.
        reason: message key of why the last attempt failed, empty where none did.
        status: HTTP status of the last answer, 0 where there was none.
        words: the server's words, harmless to show as plain text; personal data may stand in them.
        receipt: the server's number, empty where it gave none.
        waits_for: row of the same ticket that must go first, 0 where none.
    """

    row_id: int
    ticket_no: str
    kind: MessageKind
    revision: int
    idempotency_key: str
    state: OutboxState
    created_at: str
    attempts: int = 0
    due_s: float = 0.0
    next_at: str = ""
    tried_at: str = ""
    settled_at: str = ""
    reason: str = ""
    status: int = 0
    words: str = ""
    receipt: str = ""
    waits_for: int = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """The server has it. ``was_known``: it had it already, from an attempt whose answer was lost."""

    receipt: str = ""
    was_known: bool = False
    status: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """The server will not take it as it is; a person decides."""

    reason: str
    words: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing is known, or not now: to be tried again.

    Attributes:
        reason: message key.
        words: the server's words, or what the network said.
        status: HTTP status, 0 without an answer.
        retry_after_s: what the server asked for, None where it asked for nothing.
        is_line: the fault lies with line, server or credentials, not with this message: others would meet it too.
    """

    reason: str
    words: str = ""
    status: int = 0
    retry_after_s: float | None = None
    is_line: bool = False


Outcome = Delivered | Refused | Failed


def safe_words(text: str, most: int = MOST_WORDS) -> str:
    """Other people's text as one line of plain text: nothing that steers a terminal, a direction or markup; capped."""
    flat = " ".join(text.split())
    kept = "".join(_safe(each) for each in flat[: most + 1])
    return kept if len(kept) <= most else kept[: most - 1] + "…"


def _safe(character: str) -> str:
    if character in "<>":
        return "＜" if character == "<" else "＞"
    return character if character.isprintable() else f"\\u{ord(character):04x}"
