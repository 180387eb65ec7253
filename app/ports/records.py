"""The ports on what was submitted: ``TicketRecords`` (find, look at, follow up) and ``AuditTrail``; room: app.store.

Any thread; reads have connections of their own, writes are on the disk when they return.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.domain.audit import AuditEntry
from app.domain.dialogue import Utterance
from app.domain.json_values import Json
from app.domain.ticket_search import Found, TicketQuery, TicketRow
from app.ports.ports import StoredTicket


class TicketRecords(Protocol):
    """Submitted tickets as lists and as wholes."""

    def search(self, query: TicketQuery) -> Found:
        """Rows that hold all parts of the query, newest first; not audited (see ``AuditTrail.note``)."""

    def row(self, ticket_no: str) -> TicketRow | None:
        """The list's row of one ticket by its whole number."""

    def rows(self, numbers: Sequence[str]) -> tuple[TicketRow, ...]:
        """The list's rows of tickets by their whole numbers, in their order; unknown ones are left out."""

    def ticket(self, ticket_no: str) -> StoredTicket | None:
        """One whole ticket; that it was seen goes to the audit trail."""

    def dialogue(self, call_id: str) -> tuple[Utterance, ...]:
        """What was said in a call."""

    def set_state(self, ticket_no: str, status: str, due_date: str | None = None) -> bool:
        """What the centre says of a ticket (None leaves the date as it is); False where there is no such ticket."""


class AuditTrail(Protocol):
    """Who did what, append-only and chained."""

    def note(self, action: str, subject: str, detail: Mapping[str, Json] | None = None) -> AuditEntry:
        """Write an entry in the name of whoever works with the store. No personal data in it."""

    def entries(self, newest: int | None = None, subject: str = "") -> tuple[AuditEntry, ...]:
        """Entries in order of time; the newest so many, those of one subject."""

    def broken_at(self) -> int | None:
        """Number of the first entry at which the chain breaks, None where it is whole."""
