"""``Lockable`` over the ticket store: locked, the key is forgotten and nothing can be read; drafts wait in memory.

Locking and unlocking stand in the audit trail. Deliveries wait, too: they need the store's key.
"""

from __future__ import annotations

from collections.abc import Callable

from app.domain.audit import Action
from app.ports.records import AuditTrail
from app.store.ticket_store import SqliteTicketStore


class StoreLock:
    """See the module.

    Args:
        store: the ticket store.
        key_of: fetches the key again, asking keyring or a person; gives a new bytes object every time.
        trail: the audit trail of the same store.
    """

    def __init__(self, store: SqliteTicketStore, key_of: Callable[[], bytes], trail: AuditTrail) -> None:
        self._store, self._key_of, self._trail = store, key_of, trail

    @property
    def is_locked(self) -> bool:
        """Whether it is."""
        return self._store.is_suspended

    def lock(self) -> None:
        """Write what is kept, close, forget the key; see the port."""
        if not self._store.is_suspended:
            self._trail.note(Action.LOCKED, "store")
            self._store.suspend()

    def unlock(self) -> None:
        """Fetch the key again and open; see the port."""
        if self._store.is_suspended:
            self._store.resume(self._key_of())
            self._trail.note(Action.UNLOCKED, "store")
