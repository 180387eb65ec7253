"""``TextOutbox`` on the encrypted store: words of submitted calls, masked as they are read, until the hub has them.

Only calls that were submitted while the policy shared words stand here, and only after their record is at the hub. Nothing masked is
kept: what is sent is made of the stored words with all that the call's tickets, proposed and submitted, say of persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from sqlite_utils import Database

from app.domain.pseudonyms import Pseudonyms
from app.domain.shared_text import SharedText, shared_text
from app.domain.ticket import Value
from app.platform import logs
from app.ports.ports import Clock
from app.store import rows
from app.store.ticket_store import SqliteTicketStore

#: Never sent: secret, or no words any more.
KEPT = "kept"
DAMAGED = "damaged"


class SqliteCallTexts:
    """See the module.

    Args:
        store: the ticket store; it stays open as long as this is used.
        clock: for stamps.
        hiding: finds what is personal.
    """

    def __init__(self, store: SqliteTicketStore, clock: Clock, hiding: Pseudonyms) -> None:
        self._store, self._clock, self._hiding = store, clock, hiding
        self._log = logs.get("call_texts")

    def due(self) -> SharedText | None:
        """The words of the oldest call whose record the hub has; what may not leave is passed over for good."""
        while True:
            with self._store.reading() as db:
                row = db.execute("SELECT t.record_id, t.call_id FROM call_texts t JOIN call_records r USING (record_id)"
                                 " WHERE t.state = 'new' AND r.state = 'sent' ORDER BY r.id LIMIT 1").fetchone()
                if row is None:
                    return None
                try:
                    dialogue, tickets = rows.dialogue(db, row[1]), _tickets(db, row[1])
                except (ValueError, KeyError, TypeError) as error:  # a damaged row hides nothing that stands behind it
                    self._log.error("unreadable", error)
                    dialogue = None
            text = shared_text(row[0], dialogue, tickets, self._hiding) if dialogue is not None else None
            if text is not None:
                return text
            self.settle(row[0], KEPT if dialogue is not None else DAMAGED)

    def text(self, record_id: str) -> SharedText | None:
        """The words of any call of this desk as they would leave."""
        with self._store.reading() as db:
            row = db.execute("SELECT call_id FROM call_records WHERE record_id = ?", [record_id]).fetchone()
            if row is None or not row[0]:
                return None
            dialogue, tickets = rows.dialogue(db, row[0]), _tickets(db, row[0])
        return shared_text(record_id, dialogue, tickets, self._hiding)

    def settle(self, record_id: str, state: str, reason: str = "") -> None:
        """The hub has it (``sent``), will never take it (``refused``), or it never leaves (``kept``)."""
        told = [state, self._clock.now().isoformat(timespec="seconds"), reason[:200], record_id]
        self._store.writing(lambda db: db.execute(
            "UPDATE call_texts SET state = ?, settled_at = ?, reason = ? WHERE record_id = ? AND state = 'new'", told), durable=False)

    def counts(self) -> Mapping[str, int]:
        """How many stand in each state."""
        with self._store.reading() as db:
            return dict(db.execute("SELECT state, count(*) FROM call_texts GROUP BY state").fetchall())


def _tickets(db: Database, call_id: str) -> Sequence[Mapping[str, Value | None]]:
    """Submitted and proposed values of each ticket of a call: what was proposed and not taken names a person as well."""
    numbers = db.execute("SELECT ticket_no FROM tickets WHERE call_id = ? ORDER BY matter", [call_id]).fetchall()
    found: list[Mapping[str, Value | None]] = []
    for (number,) in numbers:
        fields = cast("dict[str, dict[str, Value | None]]", rows.get_ticket(db, number).fields)
        submitted, proposed = ({name: held.get(which) for name, held in fields.items()} for which in ("value", "proposed"))
        found += [submitted, {name: value for name, value in proposed.items() if value and value != submitted[name]}]
    return found
