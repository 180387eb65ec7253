"""The ports of delivery: ``Outbox`` (what waits, room: app.store) and ``Courier`` (how it travels, room: app.delivery).

``app.services.delivery`` stands between them. Rooms translate foreign exceptions into ``app.domain.errors``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.delivery import OutboxMessage, Outcome
from app.domain.dialogue import CallContext, Utterance
from app.domain.ticket import Value
from app.ports.ports import StoredTicket


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a call. ``attachment_id`` is 0 for one that is made for sending (the transcript)."""

    attachment_id: int
    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Consignment:
    """Everything a courier may put into one message.

    Attributes:
        message: the outbox row.
        tickets: the call's first ticket, then its children; mends are in their values.
        context: the call.
        dialogue: what was said.
        attachments: for a ticket those that wait to go with it, for an attachment that one.
        receipt: the number that the server gave the ticket, empty while there is none.
    """

    message: OutboxMessage
    tickets: tuple[StoredTicket, ...]
    context: CallContext
    dialogue: tuple[Utterance, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Mend:
    """A correction of one field of a refused ticket; None empties it."""

    ticket_no: str
    name: str
    value: Value | None


class Outbox(Protocol):
    """Messages to the ticket system, never lost (room: app.store). Any thread; writes are on the disk when they return."""

    def messages(self, open_only: bool = False, limit: int = 1000) -> tuple[OutboxMessage, ...]:
        """The newest messages, newest first; ``open_only``: what waits or was refused."""

    def of_tickets(self, numbers: Sequence[str]) -> tuple[OutboxMessage, ...]:
        """All messages of these tickets (numbers of calls' first tickets), newest first."""

    def due(self, now_s: float, latest_s: float, limit: int = 50) -> tuple[OutboxMessage, ...]:
        """What may go now, never tried ones before failed ones, oldest first, at most one of each ticket.

        Args:
            now_s: seconds since the epoch.
            latest_s: a next attempt beyond it is due too: the PC's clock was set back.
            limit: how many.
        """

    def next_due_s(self) -> float | None:
        """Seconds since the epoch of the earliest next attempt, None where nothing waits."""

    def consignment(self, row_id: int) -> Consignment:
        """All that a message may carry.

        Raises:
            OperatorVisibleError: there is no such row.
            EnvironmentFault: it cannot be read.
        """

    def settle(self, row_id: int, outcome: Outcome, due_s: float = 0.0, with_attachments: Sequence[int] = ()) -> None:
        """Keep what came of an attempt; one that was settled otherwise meanwhile (mended) stays as it is.

        Args:
            row_id: the message.
            outcome: what came of it.
            due_s: for ``Failed``: when to try again.
            with_attachments: for ``Delivered``: attachments that went with it.
        """

    def resend(self, row_id: int, mends: Sequence[Mend] = ()) -> OutboxMessage:
        """Queue a refused message again, or bring a waiting one's next attempt forward; with mends as a new revision.

        Raises:
            OperatorVisibleError: no such row, it is delivered, or a mend names no field of its tickets.
        """

    def attach(self, call_id: str, name: str, media_type: str, body: bytes) -> int:
        """Keep a file of a call; where its ticket is submitted it is queued behind it.

        Raises:
            OperatorVisibleError: it is too large.
        """

    def secret(self, name: str) -> str | None:
        """A password kept in the encrypted store, for a PC without a keyring."""

    def put_secret(self, name: str, value: str | None) -> None:
        """Keep one, or forget it (None)."""


class Courier(Protocol):
    """Takes one message to the ticket system (room: app.delivery). One thread at a time."""

    @property
    def name(self) -> str:
        """Where it goes, for people; no secrets."""

    def deliver(self, consignment: Consignment) -> Outcome:
        """One attempt; never raises for what a server, a network or a folder does."""

    def carried(self, consignment: Consignment) -> Sequence[int]:
        """Attachments that went inside a delivered ticket's own message."""

    def settled(self, consignment: Consignment) -> None:
        """The outcome is on the disk: whatever was remembered for repeating this message can be forgotten."""

    def close(self) -> None:
        """Free everything; safe to call twice."""
