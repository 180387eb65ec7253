"""Removes what has been kept long enough (``app.domain.retention``) so that it cannot be read again, and writes down that it did.

A kind is removed in transactions of a few calls each, so that a desk at work waits for none of them; each carries its own
record in the audit trail, so that whatever stops the removal (a full disk, the program's end) nothing is gone without one.
Pages are overwritten with zeros (``secure_delete``), the index drops its words (FTS5 ``secure-delete``, then its parts are
merged, a piece at a time), and the write-ahead log is emptied at the end, as far as readers allow. Nothing goes whose ticket
has a message that still waits or was refused. Times are compared as instants, whatever their zone. Backups made before still
hold it; ``app.store.backups`` lets them go by number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlite_utils import Database

from app.domain.audit import Action
from app.domain.retention import DataKind, Removed, Retention, digest_of
from app.platform import logs
from app.ports.ports import Clock
from app.store import audit_rows, listing, rows
from app.store.call_record_rows import bound
from app.store.ticket_store import SqliteTicketStore

_AT_ONCE = 50
_log = logs.get("purge")
_OPEN_MESSAGE = "EXISTS (SELECT 1 FROM outbox o JOIN tickets t USING (ticket_no) WHERE t.call_id = c.call_id" \
                " AND o.state IN ('waiting', 'refused'))"


def old_enough(db: Database, kind: DataKind, before: datetime) -> tuple[list[str], int]:
    """Keys of what may go (calls, attachments, numbers of audit entries), and how many are held back."""
    stamp = before.timestamp()
    if kind is DataKind.DRAFTS:
        return [key for key, at in db.execute("SELECT call_id, changed_at FROM drafts") if _is_before(at, stamp)], 0
    if kind is DataKind.AUDIT:
        found = [seq for seq, at in db.execute("SELECT seq, at FROM audit ORDER BY seq") if _is_before(at, stamp)]
        return ([str(found[-1])] if found else []), 0
    if kind is DataKind.AUDIO:
        held = db.execute(
            "SELECT a.id, a.added_at, EXISTS (SELECT 1 FROM outbox o WHERE o.attachment = a.id"  # noqa: S608
            f" AND o.state IN ('waiting', 'refused')) OR EXISTS (SELECT 1 FROM calls c WHERE c.call_id = a.call_id AND {_OPEN_MESSAGE})"
            " FROM attachments a WHERE a.media_type LIKE 'audio/%'")
    else:
        spoken = "AND EXISTS (SELECT 1 FROM utterances u WHERE u.call_id = c.call_id)" if kind is DataKind.DIALOGUE else ""
        held = db.execute(f"SELECT c.call_id, c.submitted_at, {_OPEN_MESSAGE} FROM calls c WHERE 1 {spoken}")  # noqa: S608
    old = [(str(key), bool(is_open)) for key, at, is_open in held if _is_before(at, stamp)]
    return [key for key, is_open in old if not is_open], sum(is_open for _, is_open in old)


class Purge:
    """Removal on one store.

    Args:
        store: the ticket store; its ``actor`` is who removes.
        clock: for ages and stamps.
        waiting_kept: so many records that the hub has not got outlive their tickets, the newest; 0 where no hub waits for them.
    """

    def __init__(self, store: SqliteTicketStore, clock: Clock, waiting_kept: int = 0) -> None:
        self._store, self._clock, self._waiting_kept = store, clock, waiting_kept

    def look(self, retention: Retention, kinds: Sequence[DataKind] = tuple(DataKind)) -> tuple[Removed, ...]:
        """What would go; nothing is changed."""
        return tuple(removed for kind in kinds if (removed := self._found(kind, retention)[1]) is not None)

    def run(self, retention: Retention, kinds: Sequence[DataKind] = tuple(DataKind),
            is_stopping: Callable[[], bool] = lambda: False) -> tuple[Removed, ...]:
        """Remove it, for good; ``is_stopping`` ends it early, between two transactions.

        Raises:
            EnvironmentFault: the disk refuses; what is gone by then stands in the trail. Run it again for the rest.
        """
        done: list[Removed] = []
        for kind in kinds:
            keys, removed = self._found(kind, retention)
            if removed is None or (not keys and not removed.held_back):
                continue
            if keys:
                self._remove(kind, keys, removed, is_stopping)
            done.append(removed)
        if any(each.count for each in done) and not is_stopping():
            self._store.tidy(is_stopping)
        return tuple(done)

    def _found(self, kind: DataKind, retention: Retention) -> tuple[list[str], Removed | None]:
        before = retention.before(kind, self._clock.now())
        if before is None:
            return [], None
        with self._store.reading() as db:
            keys, held_back = old_enough(db, kind, before)
            names = _names(db, kind, keys)
            count = len(names) if kind is not DataKind.AUDIT else _entries_upto(db, keys)
        return keys, Removed(kind, before.isoformat(timespec="seconds"), count, digest_of(names), held_back)

    def _remove(self, kind: DataKind, keys: Sequence[str], removed: Removed, is_stopping: Callable[[], bool]) -> None:
        remove, before = _REMOVERS[kind], datetime.fromisoformat(removed.before)

        def work(db: Database, part: Sequence[str]) -> None:
            at = self._clock.now().isoformat()
            if kind is DataKind.DRAFTS:  # one may have been taken up again since we looked
                still_old = set(old_enough(db, kind, before)[0])
                part = [key for key in part if key in still_old]
            names = _names(db, kind, part)
            count = len(names) if kind is not DataKind.AUDIT else _entries_upto(db, part)
            for key in part:
                remove(db, key, at)
            if kind is DataKind.TICKETS and (dropped := bound(db, self._waiting_kept, at)) and self._waiting_kept:
                _log.warning("waiting_records_dropped", count=dropped)
            if part:
                audit_rows.add(db, at, self._store.actor, Action.PURGED, kind.value, {
                    "before": removed.before, "count": count, "digest": digest_of(names), "held_back": removed.held_back})

        for begin in range(0, len(keys), _AT_ONCE):
            if is_stopping():
                return
            self._store.writing(partial(work, part=keys[begin: begin + _AT_ONCE]))


def _remove_draft(db: Database, call_id: str, _at: str) -> None:
    if not rows.is_submitted(db, call_id):
        rows.remove_said(db, call_id)
    rows.remove_draft(db, call_id)


def _remove_dialogue(db: Database, call_id: str, _at: str) -> None:
    rows.remove_said(db, call_id)


def _remove_audio(db: Database, attachment: str, _at: str) -> None:
    db.execute("UPDATE outbox SET attachment = NULL WHERE attachment = ?", [int(attachment)])
    db.execute("DELETE FROM attachments WHERE id = ?", [int(attachment)])


def _remove_call(db: Database, call_id: str, _at: str) -> None:
    """A call with its tickets, children first."""
    numbers = [number for (number,) in
               db.execute("SELECT ticket_no FROM tickets WHERE call_id = ? ORDER BY matter DESC", [call_id]).fetchall()]
    for number in numbers:
        listing.remove(db, number)
        for table in ("outbox", "mends", "fields", "versions", "tickets"):
            db.execute(f"DELETE FROM {table} WHERE ticket_no = ?", [number])  # noqa: S608
    rows.remove_said(db, call_id)
    db.execute("DELETE FROM calls WHERE call_id = ?", [call_id])  # its attachments go with it


def _cut_audit(db: Database, upto: str, at: str) -> None:
    audit_rows.cut(db, int(upto), at)


_REMOVERS: dict[DataKind, Callable[[Database, str, str], None]] = {
    DataKind.DRAFTS: _remove_draft, DataKind.DIALOGUE: _remove_dialogue, DataKind.AUDIO: _remove_audio,
    DataKind.TICKETS: _remove_call, DataKind.AUDIT: _cut_audit,
}


def _names(db: Database, kind: DataKind, keys: Sequence[str]) -> Sequence[str]:
    """What the digest is made over: numbers of tickets, else the keys themselves."""
    return _ticket_numbers(db, keys) if kind is DataKind.TICKETS else keys


def _ticket_numbers(db: Database, calls: Sequence[str]) -> list[str]:
    return [number for call in calls for (number,) in db.execute("SELECT ticket_no FROM tickets WHERE call_id = ?", [call])]


def _entries_upto(db: Database, keys: Sequence[str]) -> int:
    return int(db.execute("SELECT count(*) FROM audit WHERE seq <= ?", [int(keys[0])]).fetchone()[0]) if keys else 0


def _is_before(at: str, stamp: float) -> bool:
    try:
        return datetime.fromisoformat(at).timestamp() < stamp
    except ValueError:  # a stamp that nobody can read is no reason to remove anything
        return False
