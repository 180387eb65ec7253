"""``Outbox`` on the encrypted store: what waits for delivery, in the order of each ticket, and what became of it.

A row is due when its time has come and no earlier row of its ticket is open (waiting or refused): a refused one holds up its
own ticket only. Every change is a durable transaction on the store's writer thread, reads have connections of their own;
any thread may call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import cast

from sqlite_utils import Database

from app.domain.delivery import Delivered, Failed, MessageKind, OutboxMessage, OutboxState, Outcome, Refused
from app.domain.errors import OperatorVisibleError
from app.ports.outbox import Consignment, Mend
from app.ports.ports import Clock
from app.store import outbox_rows, rows
from app.store.outbox_rows import COLUMNS, FREE, OPEN
from app.store.ticket_store import SqliteTicketStore

MOST_ATTACHMENT_BYTES = 20 << 20


class SqliteOutbox:
    """See the module.

    Args:
        store: the ticket store; it stays open as long as this is used.
        clock: for stamps.
    """

    def __init__(self, store: SqliteTicketStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def messages(self, open_only: bool = False, limit: int = 1000) -> tuple[OutboxMessage, ...]:
        """The newest messages, newest first; ``open_only``: what waits or was refused."""
        only = f"WHERE o.state IN {OPEN}" if open_only else ""
        with self._store.reading() as db:
            held = db.execute(f"SELECT {COLUMNS} FROM outbox o {only} ORDER BY o.id DESC LIMIT ?", [limit])  # noqa: S608
            return tuple(self._message(row) for row in held)

    def of_tickets(self, numbers: Sequence[str]) -> tuple[OutboxMessage, ...]:
        """All messages of these tickets, newest first; see the port."""
        found: list[OutboxMessage] = []
        with self._store.reading() as db:
            for number in dict.fromkeys(numbers):
                held = db.execute(f"SELECT {COLUMNS} FROM outbox o WHERE o.ticket_no = ? ORDER BY o.id DESC", [number])  # noqa: S608
                found += (self._message(row) for row in held)
        return tuple(sorted(found, key=lambda message: -message.row_id))

    def due(self, now_s: float, latest_s: float, limit: int = 50) -> tuple[OutboxMessage, ...]:
        """What may go now: never tried ones first, oldest first, at most one of each ticket; see the port."""
        with self._store.reading() as db:
            held = db.execute(
                f"SELECT {COLUMNS} FROM outbox o WHERE o.state = 'waiting' AND (o.due_s <= ? OR o.due_s > ?)"  # noqa: S608
                f" AND {FREE} ORDER BY o.due_s, o.id LIMIT ?", [now_s, latest_s, limit])
            return tuple(self._message(row) for row in held)

    def next_due_s(self) -> float | None:
        """Seconds since the epoch of the earliest next attempt, None where nothing waits."""
        with self._store.reading() as db:
            row = db.execute(f"SELECT min(o.due_s) FROM outbox o WHERE o.state = 'waiting' AND {FREE}").fetchone()  # noqa: S608
            return cast("float | None", row[0])

    def consignment(self, row_id: int) -> Consignment:
        """All that a message may carry; see the port."""
        with self._store.reading() as db:
            db.execute("BEGIN")  # one moment of the store
            message = self._message(outbox_rows.find(db, row_id))
            first = rows.get_ticket(db, message.ticket_no)
            numbers = (message.ticket_no, *first.children)
            tickets = tuple(outbox_rows.mended(db, rows.get_ticket(db, number)) for number in numbers)
            context = outbox_rows.context_of(db, first.call_id)
            dialogue = rows.dialogue(db, first.call_id)
            attachments = outbox_rows.attachments_for(db, message, first.call_id)
            receipt = outbox_rows.receipt_of(db, message.ticket_no)
        return Consignment(message, tickets, context, dialogue, attachments, receipt)

    def settle(self, row_id: int, outcome: Outcome, due_s: float = 0.0, with_attachments: Sequence[int] = ()) -> None:
        """Keep what came of an attempt; see the port."""
        at = self._clock.now().isoformat()

        def work(db: Database) -> None:
            if not outbox_rows.count_attempt(db, row_id, at):
                return
            if isinstance(outcome, Delivered):
                outbox_rows.deliver(db, row_id, outcome, at, with_attachments)
            elif isinstance(outcome, Refused):
                outbox_rows.refuse(db, row_id, outcome, at)
            else:
                outbox_rows.put_off(db, row_id, outcome, due_s)

        # A failure that a power cut forgets is one attempt too many; a draft must not wait for the disk because of it.
        self._store.writing(work, durable=not isinstance(outcome, Failed))

    def resend(self, row_id: int, mends: Sequence[Mend] = ()) -> OutboxMessage:
        """Queue a refused message again, or bring a waiting one's next attempt forward; see the port."""
        at = self._clock.now().isoformat()

        def work(db: Database) -> int:
            message = self._message(outbox_rows.find(db, row_id))
            if message.state not in (OutboxState.REFUSED, OutboxState.WAITING):
                raise OperatorVisibleError("delivery.settled_already", row=row_id)
            if mends:
                outbox_rows.revise(db, message, mends, at)
                return row_id
            db.execute("UPDATE outbox SET state = 'waiting', due_s = 0, settled_at = '' WHERE id = ?", [row_id])
            return row_id

        queued = self._store.writing(work)
        self._store.on_queued()
        with self._store.reading() as db:
            return self._message(outbox_rows.find(db, queued))

    def attach(self, call_id: str, name: str, media_type: str, body: bytes) -> int:
        """Keep a file of a call; see the port."""
        if len(body) > MOST_ATTACHMENT_BYTES:
            raise OperatorVisibleError("delivery.attachment_too_large", most_mb=MOST_ATTACHMENT_BYTES >> 20)
        at = self._clock.now().isoformat()

        def work(db: Database) -> int:
            held = db.execute("INSERT INTO attachments (call_id, name, media_type, body, added_at) VALUES (?, ?, ?, ?, ?)",
                              [call_id, name, media_type, body, at])
            attachment = int(held.lastrowid or 0)
            if rows.is_submitted(db, call_id):
                outbox_rows.queue_attachment(db, rows.number_of_call(db, call_id), attachment, at)
            return attachment

        attachment = self._store.writing(work)
        self._store.on_queued()
        return attachment

    def secret(self, name: str) -> str | None:
        """A password kept in the encrypted store."""
        with self._store.reading() as db:
            row = db.execute("SELECT value FROM delivery_secrets WHERE name = ?", [name]).fetchone()
            return cast("str", row[0]) if row else None

    def put_secret(self, name: str, value: str | None) -> None:
        """Keep one, or forget it (None)."""

        def work(db: Database) -> None:
            db.execute("DELETE FROM delivery_secrets WHERE name = ?", [name])
            if value is not None:
                db.execute("INSERT INTO delivery_secrets (name, value) VALUES (?, ?)", [name, value])

        self._store.writing(work)

    def _message(self, row: Sequence[object]) -> OutboxMessage:
        (row_id, ticket_no, kind, revision, key, state, created_at, attempts, due_s, tried_at, settled_at, reason, status, words,
         receipt, waits_for) = cast("tuple[int, str, str, int, str, str, str, int, float, str, str, str, int, str, str, int]", row)
        is_planned = state == OutboxState.WAITING and due_s > 0
        return OutboxMessage(
            row_id, ticket_no, MessageKind(kind), revision, key, OutboxState(state), created_at, attempts, due_s,
            _iso(due_s, self._clock.now().tzinfo) if is_planned else "", tried_at, settled_at, reason, status, words, receipt,
            waits_for)


def _iso(epoch_s: float, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(epoch_s, zone).isoformat(timespec="seconds")
