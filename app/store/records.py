"""``TicketRecords`` and ``AuditTrail`` on the encrypted store. Any thread; see the ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from app.domain.audit import Action, AuditEntry, head_words
from app.domain.dialogue import Utterance
from app.domain.json_values import Json
from app.domain.ticket_search import Found, TicketQuery, TicketRow
from app.platform import logs
from app.ports.ports import Clock, StoredTicket
from app.store import audit_rows, listing, rows
from app.store import search as searching
from app.store.ticket_store import SqliteTicketStore


class SqliteRecords:
    """See the module.

    Args:
        store: the ticket store; stays open as long as this is used. Its ``actor`` is who acts.
        clock: for stamps.
    """

    def __init__(self, store: SqliteTicketStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._log = logs.get("audit")

    def search(self, query: TicketQuery) -> Found:
        """Rows that hold all parts of the query, newest first."""
        with self._store.reading() as db:
            return searching.search(db, query)

    def row(self, ticket_no: str) -> TicketRow | None:
        """The list's row of one ticket by its whole number."""
        with self._store.reading() as db:
            found = listing.find(db, ticket_no)
        return None if found is None else found[1]

    def rows(self, numbers: Sequence[str]) -> tuple[TicketRow, ...]:
        """The list's rows of tickets by their whole numbers, in their order; unknown ones are left out."""
        with self._store.reading() as db:
            found = [listing.find(db, number) for number in numbers]
        return tuple(each[1] for each in found if each is not None)

    def ticket(self, ticket_no: str) -> StoredTicket | None:
        """One whole ticket; that it was seen goes to the audit trail."""
        with self._store.reading() as db:
            if not rows.ticket_exists(db, ticket_no):
                return None
            held = rows.get_ticket(db, ticket_no)
        self.note(Action.SAW, ticket_no)
        return held

    def stored(self, ticket_no: str) -> StoredTicket | None:
        """One whole ticket for an export, which is audited as a whole."""
        with self._store.reading() as db:
            return rows.get_ticket(db, ticket_no) if rows.ticket_exists(db, ticket_no) else None

    def numbers(self, since: datetime | None = None, until: datetime | None = None) -> tuple[str, ...]:
        """Numbers of all tickets submitted in a stretch of time, oldest first."""
        with self._store.reading() as db:
            return searching.numbers(db, since, until)

    def dialogue(self, call_id: str) -> tuple[Utterance, ...]:
        """What was said in a call."""
        return self._store.dialogue(call_id)

    def set_state(self, ticket_no: str, status: str, due_date: str | None = None) -> bool:
        """What the centre says of a ticket; False where there is no such ticket."""
        at = self._clock.now().isoformat()

        def work(db: Database) -> bool:
            done = listing.set_state(db, ticket_no, status, due_date)
            if done:
                audit_rows.add(db, at, self._store.actor, Action.CHANGED, ticket_no, {"fields": ["status"]})
            return done

        return self._store.writing(work)

    def note(self, action: str, subject: str, detail: Mapping[str, Json] | None = None) -> AuditEntry:
        """Write an entry of the audit trail; its digest goes to the log too."""
        at, actor = self._clock.now().isoformat(), self._store.actor
        entry = self._store.writing(lambda db: audit_rows.add(db, at, actor, action, subject, detail or {}))
        self._log.info("audit", seq=entry.seq, head=head_words(entry.digest))
        return entry

    def entries(self, newest: int | None = None, subject: str = "") -> tuple[AuditEntry, ...]:
        """Entries in order of time."""
        with self._store.reading() as db:
            return audit_rows.entries(db, newest, subject)

    def broken_at(self) -> int | None:
        """Number of the first entry at which the chain breaks, None where it is whole."""
        with self._store.reading() as db:
            return audit_rows.broken_at(db)
