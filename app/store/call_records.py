"""``CallRecords`` and ``RecordOutbox`` on the encrypted store: what this desk recorded of its calls, and what of it the hub has got.

A record is written in the transaction of its ticket (``SqliteTicketStore.submit``): there is no ticket without it and none twice.
What the hub acknowledged stays here, as long as its ticket does; what it has not got outlives its ticket (``app.store.call_text_schema``).
A row that cannot be read costs itself, never the others: on the way to the hub it is set aside (``refused``, reason ``damaged``), so that
it hides nothing that stands behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlite_utils import Database

from app.domain import json_form
from app.domain.call_record import CallRecord
from app.domain.call_record_form import from_json
from app.platform import logs
from app.ports.ports import Clock
from app.store import rows
from app.store.ticket_store import SqliteTicketStore

_AT_ONCE = 500
#: Reason of what cannot be read.
DAMAGED = "damaged"


class SqliteCallRecords:
    """See the module.

    Args:
        store: the ticket store; it stays open as long as this is used.
        clock: for stamps.
    """

    def __init__(self, store: SqliteTicketStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._log = logs.get("call_records")
        self._set_aside = 0

    def records(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[CallRecord]:
        """Records of a stretch of time, oldest first; see the port. No connection stays open between two of them."""
        bounds = [since.timestamp() if since else float("-inf"), until.timestamp() if until else float("inf")]
        after: tuple[float, int] = (float("-inf"), 0)
        while True:
            with self._store.reading() as db:
                held = db.execute("SELECT at_s, id, body FROM call_records WHERE at_s >= ? AND at_s < ? AND (at_s, id) > (?, ?)"
                                  " ORDER BY at_s, id LIMIT ?", [*bounds, *after, _AT_ONCE]).fetchall()
            yield from self._read(body for _, _, body in held)
            if len(held) < _AT_ONCE:
                return
            after = (held[-1][0], held[-1][1])

    def record(self, record_id: str) -> CallRecord | None:
        """One record."""
        return next(iter(self._some("WHERE record_id = ?", [record_id])), None)

    def newest(self, count: int) -> tuple[CallRecord, ...]:
        """The newest so many, newest first."""
        return self._some("ORDER BY id DESC LIMIT ?", [count])

    def call_of(self, record_id: str) -> str:
        """Id of the call behind a record, "" where it is not on this desk."""
        with self._store.reading() as db:
            row = db.execute("SELECT call_id FROM call_records WHERE record_id = ?", [record_id]).fetchone()
        return str(row[0]) if row else ""

    def ticket_of(self, record_id: str) -> str:
        """Number of the first ticket of the call behind a record, "" where it is not on this desk."""
        call_id = self.call_of(record_id)
        with self._store.reading() as db:
            return rows.number_of_call(db, call_id) if call_id and rows.is_submitted(db, call_id) else ""

    def due(self, limit: int) -> tuple[CallRecord, ...]:
        """Those that the hub has not got, oldest first; none only where none waits. What cannot be read is set aside."""
        while True:
            with self._store.reading() as db:
                held = db.execute("SELECT id, body FROM call_records WHERE state = 'new' ORDER BY id LIMIT ?", [limit]).fetchall()
            found, damaged = list[CallRecord](), list[int]()
            for row_id, body in held:
                record = next(self._read([body]), None)
                if record is not None:
                    found.append(record)
                else:
                    damaged.append(row_id)
            self._put_aside(damaged)
            if found or not held:
                return tuple(found)

    def damaged(self) -> int:
        """How many ``due`` set aside since this was made; one thread at a time."""
        return self._set_aside

    def _put_aside(self, row_ids: Sequence[int]) -> None:
        told = [(self._clock.now().isoformat(timespec="seconds"), DAMAGED, row_id) for row_id in row_ids]
        statement = "UPDATE call_records SET state = 'refused', settled_at = ?, reason = ? WHERE id = ? AND state = 'new'"
        if told:
            self._store.writing(lambda db: db.conn.executemany(statement, told), durable=False)
            self._set_aside += len(told)

    def waiting(self) -> int:
        """How many the hub has not got."""
        return self._count("new")

    def refused(self) -> int:
        """How many the hub will never take."""
        return self._count("refused")

    def oldest(self) -> str:
        """When the oldest call was submitted whose record the hub has not got (ISO 8601), "" where none waits."""
        with self._store.reading() as db:
            row = db.execute("SELECT at FROM call_records WHERE state = 'new' ORDER BY id LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def last_sent(self) -> str:
        """When the hub last took a record (ISO 8601), "" for never."""
        with self._store.reading() as db:
            row = db.execute("SELECT max(settled_at) FROM call_records WHERE state = 'sent'").fetchone()
        return str(row[0] or "")

    def reasons(self) -> Mapping[str, int]:
        """Why the hub will never take records, and how many for each reason."""
        with self._store.reading() as db:
            return dict(db.execute("SELECT reason, count(*) FROM call_records WHERE state = 'refused' GROUP BY reason ORDER BY reason")
                        .fetchall())

    def lost(self) -> tuple[int, str]:
        """How many records were dropped before the hub had them, and the newest day among them."""
        with self._store.reading() as db:
            count, newest = db.execute("SELECT coalesce(sum(count), 0), coalesce(max(newest), '') FROM call_record_losses").fetchone()
        return int(count), str(newest)[:10]

    def retry(self) -> int:
        """Offer once more what the hub refused, because a person mended the reason; how many."""
        return self._store.writing(lambda db: int(db.execute(
            "UPDATE call_records SET state = 'new', settled_at = '', reason = '' WHERE state = 'refused'").rowcount))

    def settle(self, sent: Sequence[str], refused: Sequence[tuple[str, str]] = ()) -> None:
        """The hub has these, and will never take those; see the port."""
        at = self._clock.now().isoformat(timespec="seconds")
        told = [("sent", at, "", each) for each in sent] + [("refused", at, reason[:200], each) for each, reason in refused]
        if not told:
            return

        def work(db: Database) -> None:
            db.conn.executemany("UPDATE call_records SET state = ?, settled_at = ?, reason = ? WHERE record_id = ? AND state = 'new'", told)
            db.execute("DELETE FROM call_records WHERE call_id = '' AND state = 'sent'")  # it outlived its ticket for the hub's sake only

        self._store.writing(work, durable=False)  # what a power cut forgets is sent again, and known there

    def _some(self, clause: str, values: Sequence[object]) -> tuple[CallRecord, ...]:
        with self._store.reading() as db:
            held = db.execute(f"SELECT body FROM call_records {clause}", values).fetchall()  # noqa: S608
        return tuple(self._read(body for (body,) in held))

    def _count(self, state: str) -> int:
        with self._store.reading() as db:
            return cast("int", db.execute("SELECT count(*) FROM call_records WHERE state = ?", [state]).fetchone()[0])

    def _read(self, bodies: Iterable[bytes]) -> Iterator[CallRecord]:
        for body in bodies:
            try:
                yield from_json(json_form.loads(body))
            except ValueError as error:
                self._log.error("unreadable", error)
