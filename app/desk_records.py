"""The window's panels on submitted tickets, put together from store and settings: for ``app.desk``."""

from __future__ import annotations

from app.assembly_records import store_key
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.masking import Role
from app.domain.open_drafts import OpenDraft, open_draft
from app.platform import paths
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.deadline_files import ChineseWorkCalendar, load_rules
from app.platform.key_memory import forget
from app.platform.place_files import districts_by_city
from app.platform.secrets import backend_in_use, passphrase_in_environment
from app.platform.settings import Settings, load_settings
from app.ports.ports import Clock
from app.presenters.record_parts import CallbackHere, LockParts, RecordParts, Terms
from app.services.repeated_callers import RepeatedCallers
from app.store.call_records import SqliteCallRecords
from app.store.callbacks import SqliteCallbacks
from app.store.locking import StoreLock
from app.store.outbox import SqliteOutbox
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore


class TypedKey:
    """The store's key with what was typed on the lock page, where a passphrase is needed: one try."""

    def __init__(self) -> None:
        self._given = ""

    def give(self, passphrase: str) -> None:
        """What was typed; an empty text forgets it."""
        self._given = passphrase

    def fetch(self) -> bytes:
        """The key, a new object every time.

        Raises:
            OperatorVisibleError: the passphrase is wrong.
            EnvironmentFault: keyring or passphrase are out of reach.
        """
        tries = iter([self._given] if self._given else [])
        try:
            return store_key(lambda is_new: next(tries, None))
        except EnvironmentFault as fault:
            if fault.key == "platform.passphrase_needed" and self._given:
                raise OperatorVisibleError("platform.passphrase_wrong") from fault
            raise

    def prove(self) -> None:
        """Fetch it and forget it."""
        forget(self.fetch())

    def is_needed(self) -> bool:
        """Whether somebody must type a passphrase."""
        return passphrase_in_environment() is None and backend_in_use(paths.data_dir()) == "passphrase"


def record_parts(store: SqliteTicketStore, clock: Clock, settings: Settings) -> RecordParts:
    """Everything the panels need.

    Args:
        store: open; must outlive them.
        clock: time.
        settings: role, window of repeated callers, minutes until the lock, city.

    Raises:
        EnvironmentFault: the table of terms cannot be read.
    """

    def drafts() -> tuple[OpenDraft, ...]:
        return tuple(open_draft(context, draft) for context, _, draft in store.drafts())

    records, key = SqliteRecords(store, clock), TypedKey()
    callers = RepeatedCallers(records, records, clock, settings.whole("repeat.window_days"))
    lock = LockParts(StoreLock(store, key.fetch, records), settings.whole("privacy.lock_after_min") * 60.0, key.is_needed, key.give,
                     key.prove)
    terms = Terms(load_rules(settings.text("desk.city")), ChineseWorkCalendar())
    here = CallbackHere(SqliteCallbacks(store), lambda: load_settings().text("desk.agent_id"), SqliteCallRecords(store, clock).ticket_of,
                        lambda: districts_by_city().get(settings.text("desk.city"), ()))
    return RecordParts(records, records, SqliteOutbox(store, clock), drafts, callers, terms, clock,
                       Role(settings.text("privacy.role")), load_fields(), load_taxonomy(), lock, here)
