"""``TicketStore`` on an encrypted SQLite file: drafts that survive anything, tickets that are never lost.

A draft is out of the program's hands at most 0.1 s and one write after its last change, the newest state only. Of the
dialogue only what is new is written, so that an hour's call costs no more per change than a short one. ``submit`` is one
transaction: the ticket, a child ticket for every further matter (-01, -02, …), every field as proposed and as submitted,
the versions behind it, the outbox row with its idempotency key, and the end of the draft. What comes for a call after its
submission is not kept: the ticket stands.

Public methods may be called from any thread; writes happen on the writer's thread, reads on a connection of their own.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from app.domain import json_form
from app.domain.audit import Action, Actor
from app.domain.call_record import CallRecord
from app.domain.dialogue import CallContext, Utterance
from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.domain.ticket import TicketDraft
from app.platform import logs
from app.platform.key_memory import forget
from app.ports.ports import Clock, StoredTicket
from app.store import audit_rows, listing, page_check, rows
from app.store.call_record_rows import put_record
from app.store.connection import CHECK_AT_OPEN_BYTES, open_reader
from app.store.numbers import child_number, new_number
from app.store.outbox_rows import queue_ticket
from app.store.writer import HealthTold, Work, Writer

T = TypeVar("T")
FILE_NAME = "tickets.db"
_NUMBER_TRIES = 20
_LEAST_DIGITS = 4
_LIST_AT_ONCE = 500


class SqliteTicketStore:
    """See the module. Opening makes the file where there is none.

    Args:
        path: the database file.
        key: 32 raw bytes.
        clock: for stamps and waiting times.
        on_health: told a fault that keeps drafts from the disk (they stay in memory and are tried again), and None when
            it is over; also a damaged page found by the check in the background. Called on a thread of the store.

    Raises:
        EnvironmentFault: see ``app.store.faults``; the file is left as it is.
    """

    def __init__(self, path: Path, key: bytes, clock: Clock, on_health: HealthTold = lambda fault: None) -> None:
        self.path = path
        self._key, self._clock, self._on_health = key, clock, on_health
        self._log = logs.get("store")
        #: Told after something was queued for delivery, on the thread that queued it.
        self.on_queued: Callable[[], None] = lambda: None
        #: Who works with the store, for the audit trail.
        self.actor = Actor("", "operator")
        #: Whether the policy lets the masked words of calls that are submitted now go to the hub.
        self.shares_text = False
        self._closed = threading.Event()
        self._dialogues: dict[str, tuple[Utterance, ...]] = {}  # writer's thread only: what the disk holds
        self._key_in_use = threading.Lock()
        self._suspended: dict[str, Work[None]] | None = None  # drafts that came while the store was locked
        self._writer = self._started_writer()
        self._checker = threading.Thread(target=self._check, name="store-check", daemon=True)
        if self._list_some() or path.stat().st_size > CHECK_AT_OPEN_BYTES:
            self._checker.start()

    def save_draft(self, context: CallContext, dialogue: Sequence[Utterance], draft: TicketDraft) -> None:
        """Keep the newest state of a call; returns at once."""
        said, changed_at = tuple(dialogue), self._clock.now().isoformat()

        def work(db: Database) -> None:
            if rows.is_submitted(db, context.call_id):
                return
            self._sync_dialogue(db, context.call_id, said)
            rows.put_draft(db, context, draft, changed_at, self._clock.now().isoformat())

        suspended = self._suspended
        if suspended is not None:
            suspended[context.call_id] = work
        else:
            self._writer.keep(context.call_id, work)

    def submit(self, context: CallContext, dialogue: Sequence[Utterance], draft: TicketDraft,
               versions: dict[str, str], record: CallRecord | None = None) -> StoredTicket:
        """One transaction: ticket, children, outbox row, the lead's record, the draft removed. Returns when it is on the disk.

        The same ticket of the same call again gives the stored one (a second press of the button makes no second ticket).

        Raises:
            OperatorVisibleError: the call has a ticket with other contents.
            EnvironmentFault: the disk refuses; the draft is kept.
        """
        said, fields = tuple(dialogue), rows.all_matters(draft)
        digest = hashlib.sha256(json_form.dumps(rows.submitted_form(fields))).hexdigest()

        def work(db: Database) -> StoredTicket:
            held = rows.submitted_digest(db, context.call_id)
            if held is not None:
                number = rows.number_of_call(db, context.call_id)
                if held != digest:
                    raise OperatorVisibleError("store.already_submitted", ticket_no=number)
                return rows.get_ticket(db, number)
            self._sync_dialogue(db, context.call_id, said)
            number, at = self._free_number(db), self._clock.now().isoformat()
            rows.put_call(db, context, at, digest)
            for matter, held_fields in enumerate(fields):
                own = number if matter == 0 else child_number(number, matter)
                rows.put_ticket(db, own, number if matter else None, context.call_id, matter, at)
                rows.put_fields(db, own, held_fields)
                rows.put_versions(db, own, versions)
            queue_ticket(db, number, context.call_id, at)
            if record is not None:
                put_record(db, record, context.call_id, self.shares_text)
            listing.list_some(db, len(fields))
            audit_rows.add(db, at, self.actor, Action.SUBMITTED, number, {"matters": len(fields), "digest": digest})
            rows.remove_draft(db, context.call_id)
            self._dialogues.pop(context.call_id, None)
            return rows.get_ticket(db, number)

        begin_s = self._clock.monotonic_s()
        stored = self.writing(work, context.call_id)
        took_ms = round((self._clock.monotonic_s() - begin_s) * 1000)
        self.on_queued()
        self._log.info("submitted", ticket_no=stored.ticket_no, matters=len(fields), utterances=len(said), took_ms=took_ms)
        return stored

    def discard_draft(self, call_id: str) -> None:
        """Remove a draft with its dialogue for good, because the operator said so; nothing where there is none."""

        def work(db: Database) -> None:
            if not rows.is_submitted(db, call_id):
                rows.remove_said(db, call_id)
            if rows.remove_draft(db, call_id):
                audit_rows.add(db, self._clock.now().isoformat(), self.actor, Action.DISCARDED, call_id, {})
            self._dialogues.pop(call_id, None)

        self.writing(work, call_id)

    def drafts(self) -> tuple[tuple[CallContext, tuple[Utterance, ...], TicketDraft], ...]:
        """Drafts left open, newest first. One that cannot be read is left out and told through ``on_health``."""
        with self.reading() as db:
            found = rows.drafts(db)
        unreadable = sum(isinstance(each, ValueError) for each in found)
        if unreadable:
            self._on_health(EnvironmentFault("store.draft_unreadable", count=unreadable))
        return tuple(each for each in found if not isinstance(each, ValueError))

    def tickets(self, limit: int = 1000) -> tuple[StoredTicket, ...]:
        """The newest ``limit`` submitted tickets, newest first; a call's children follow its first ticket."""
        with self.reading() as db:
            return rows.tickets(db, limit)

    def find(self, ticket_no: str, limit: int = 5) -> tuple[StoredTicket, ...]:
        """Tickets with this number: the whole one, else those that begin or end with it, newest first; none for under 4 digits."""
        wanted = "".join(character for character in ticket_no if character.isalnum() or character == "-")
        if len(wanted) < _LEAST_DIGITS:
            return ()
        with self.reading() as db:
            return rows.find_tickets(db, wanted, limit)

    def dialogue(self, call_id: str) -> tuple[Utterance, ...]:
        """What was said in a call, draft or submitted; empty where it is unknown."""
        with self.reading() as db:
            return rows.dialogue(db, call_id)

    def outbox(self) -> tuple[rows.OutboxRow, ...]:
        """Submissions that wait for delivery, oldest first."""
        with self.reading() as db:
            return rows.waiting(db)

    def writing(self, work: Work[T], drops: str = "", durable: bool = True) -> T:
        """Do ``work`` in a durable transaction on the writer's thread, for the store's other modules; drops a kept draft."""
        self._refuse_suspended()
        return self._writer.run(work, drops, durable)

    def with_key(self, work: Callable[[bytes], T]) -> T:
        """Do ``work`` that needs the key itself (a backup); refused while it is forgotten."""
        with self._key_in_use:
            self._refuse_suspended()
            return work(self._key)

    def tidy(self, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """After a removal: drop emptied words from the index and empty the write-ahead log, as far as readers allow."""
        is_first = True
        while self.writing(partial(listing.tidy, is_first=is_first)) and not is_stopping():
            is_first = False
        self._refuse_suspended()
        self._writer.empty_log()

    @property
    def is_suspended(self) -> bool:
        """Whether the key was forgotten (``app.store.locking``)."""
        return self._suspended is not None

    def suspend(self) -> None:
        """Write what is kept, close, forget the key; until ``resume`` all but ``save_draft`` is refused (``store.locked``).

        Raises:
            EnvironmentFault: a draft could not be written; the store stays open.
        """
        if self._suspended is None:
            self._writer.flush()
            self._suspended = {}
            self._writer.close()
            self._dialogues.clear()
            with self._key_in_use:  # a backup in the making must not go on under a key of zeros
                forget(self._key)
                self._key = b""

    def resume(self, key: bytes) -> None:
        """Open again; drafts that came meanwhile are written.

        Raises:
            EnvironmentFault: it does not open; it stays suspended.
        """
        if self._suspended is None:
            return
        self._key = key
        try:
            self._writer = self._started_writer()
        except BaseException:
            self._key = b""
            raise
        waiting, self._suspended = self._suspended, None
        for call_id, work in waiting.items():
            self._writer.keep(call_id, work)

    def _started_writer(self) -> Writer:
        writer = Writer(self.path, self._key, self._clock, self._on_health, self._dialogues.clear)
        writer.start()
        return writer

    def _refuse_suspended(self) -> None:
        if self._suspended is not None:
            raise EnvironmentFault("store.locked")

    def flush(self) -> None:
        """Wait until all that was kept so far is on the disk; raises the fault that hinders it."""
        self._refuse_suspended()
        self._writer.flush()

    def close(self) -> None:
        """Write what is kept, then close; safe to call twice.

        Raises:
            EnvironmentFault: a draft could not be written and is lost with the program's end.
        """
        first = not self._closed.is_set()
        self._closed.set()
        lost = self._writer.close()
        if self._checker.is_alive():
            self._checker.join()
        if first and lost is not None:
            raise lost
        if first and self._suspended:
            raise EnvironmentFault("store.locked")

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """A connection of its own that only reads, for the store's other modules."""
        self._refuse_suspended()
        db = open_reader(self.path, self._key)
        try:
            yield db
        finally:
            db.close()

    def _sync_dialogue(self, db: Database, call_id: str, said: tuple[Utterance, ...]) -> None:
        """Write what the disk does not hold yet. Only on the writer's thread, inside a transaction."""
        held = self._dialogues.get(call_id)  # forgotten after every failed transaction: then all is written anew
        if held is None or not rows.has_draft(db, call_id):  # another program may have purged it
            rows.remove_dialogue(db, call_id)
            held = ()
        elif len(held) > len(said):
            rows.cut_dialogue(db, call_id, len(said))
        rows.put_utterances(db, call_id, (
            (place, utterance) for place, utterance in enumerate(said)
            if place >= len(held) or (held[place] is not utterance and held[place] != utterance)
        ))
        self._dialogues[call_id] = said

    def _free_number(self, db: Database) -> str:
        for _ in range(_NUMBER_TRIES):
            number = new_number(self._clock.now())
            if not rows.ticket_exists(db, number):
                return number
        raise EnvironmentFault("store.io", code="ticket_no")

    def _list_some(self) -> bool:
        """List tickets of a program that knew no list; whether there are more."""
        with self.reading() as db:
            if not listing.has_unlisted(db):
                return False
        return self.writing(lambda db: listing.list_some(db, _LIST_AT_ONCE)) == _LIST_AT_ONCE

    def _check(self) -> None:
        try:
            while not self._closed.is_set() and self._list_some():
                pass
        except AppError as fault:
            self._on_health(fault)
        try:
            bad = page_check.scan(self.path, self._key, self._closed)
        except OSError as error:
            self._on_health(EnvironmentFault("store.io", code=type(error).__name__))
            return
        if bad:
            self._on_health(EnvironmentFault("store.damaged", page=bad))


@contextmanager
def throwaway_store(key: bytes, clock: Clock, on_health: Callable[[AppError | None], None] = lambda fault: None,
                    ) -> Iterator[SqliteTicketStore]:
    """A store in a temporary folder that is deleted at the end: for a demonstration where no secret can be kept."""
    folder = Path(tempfile.mkdtemp(prefix="tingdan-"))
    try:
        store = SqliteTicketStore(folder / FILE_NAME, key, clock, on_health)
        try:
            yield store
        finally:
            store.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
