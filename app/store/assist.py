"""``AssistStore`` on the encrypted store. Events need not survive a power cut of the last second: writes do not wait for the disk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlite_utils import Database

from app.domain.assist import HALF_LIFE_DAYS, AssistAct, AssistEvent, AssistOrigin, EntryUse, OpenQuestion
from app.ports.ports import Clock
from app.store.ticket_store import SqliteTicketStore

_COLUMNS = "at, call_id, entry_id, entry_version, act, origin, kb_version, at_ms, agent_id"
_DAY_S = 86_400.0
_COUNTED_DAYS = 8 * HALF_LIFE_DAYS


class SqliteAssist:
    """See the module.

    Args:
        store: the ticket store; it stays open as long as this is used.
        clock: for stamps and ages.
    """

    def __init__(self, store: SqliteTicketStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def add(self, events: Sequence[AssistEvent], questions: Sequence[OpenQuestion] = ()) -> None:
        """Keep events and questions in one transaction; see the port."""
        rows = [(event.at, datetime.fromisoformat(event.at).timestamp(), event.call_id, event.entry_id, event.entry_version,
                 str(event.act), str(event.origin), event.kb_version, event.at_ms, event.agent_id) for event in events]

        def work(db: Database) -> None:
            db.conn.executemany("INSERT INTO kb_events (at, at_s, call_id, entry_id, entry_version, act, origin, kb_version,"
                                " at_ms, agent_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            db.conn.executemany("INSERT INTO kb_questions (at, call_id, text, kb_version) VALUES (?, ?, ?, ?)",
                                [(asked.at, asked.call_id, asked.text, asked.kb_version) for asked in questions])

        self._store.writing(work, durable=False)

    def uses(self) -> tuple[EntryUse, ...]:
        """What was done with each entry; an event of ``HALF_LIFE_DAYS`` ago counts half."""
        now_s = self._clock.now().timestamp()
        counts: dict[str, dict[AssistAct, float]] = {}
        last: dict[str, str] = {}
        known = {str(act): act for act in AssistAct}
        with self._store.reading() as db:
            held = db.execute("SELECT entry_id, act, CAST((? - at_s) / ? AS INTEGER), count(*), max(at) FROM kb_events"
                              " WHERE at_s > ? GROUP BY 1, 2, 3", [now_s, _DAY_S, now_s - _COUNTED_DAYS * _DAY_S]).fetchall()
        for entry_id, act, days, count, at in cast("list[tuple[str, str, int, int, str]]", held):
            if act not in known:
                continue
            mine = counts.setdefault(entry_id, {})
            mine[known[act]] = mine.get(known[act], 0.0) + count * 0.5 ** (max(days, 0) / HALF_LIFE_DAYS)
            last[entry_id] = max(at, last.get(entry_id, ""))
        return tuple(EntryUse(entry_id, mine, last[entry_id]) for entry_id, mine in sorted(counts.items()))

    def events(self, entry_id: str = "", call_id: str = "", limit: int = 1000) -> tuple[AssistEvent, ...]:
        """Newest first."""
        with self._store.reading() as db:
            held = db.execute(f"SELECT {_COLUMNS} FROM kb_events WHERE (?1 = '' OR entry_id = ?1)"  # noqa: S608
                              " AND (?2 = '' OR call_id = ?2) ORDER BY id DESC LIMIT ?3", [entry_id, call_id, limit]).fetchall()
        return tuple(AssistEvent(at, call, entry, version, AssistAct(act), AssistOrigin(origin), kb_version, at_ms, agent)
                     for at, call, entry, version, act, origin, kb_version, at_ms, agent in held)

    def calls_shown(self, entry_id: str) -> tuple[tuple[str, str], ...]:
        """(call id, time first shown), newest first."""
        with self._store.reading() as db:
            held = db.execute("SELECT call_id, min(at) FROM kb_events WHERE entry_id = ? AND call_id <> ''"
                              " GROUP BY call_id ORDER BY min(id) DESC", [entry_id]).fetchall()
        return tuple((str(call_id), str(at)) for call_id, at in held)

    def recent(self, limit: int = 20) -> tuple[str, ...]:
        """Ids of the entries opened last."""
        with self._store.reading() as db:
            held = db.execute("SELECT entry_id FROM kb_events WHERE act = ? GROUP BY entry_id ORDER BY max(id) DESC LIMIT ?",
                              [str(AssistAct.OPENED), limit]).fetchall()
        return tuple(str(row[0]) for row in held)

    def questions(self, limit: int = 10_000) -> tuple[OpenQuestion, ...]:
        """Questions without an answer, newest first."""
        with self._store.reading() as db:
            held = db.execute("SELECT at, call_id, text, kb_version FROM kb_questions ORDER BY id DESC LIMIT ?", [limit]).fetchall()
        return tuple(OpenQuestion(*row) for row in held)

    def favourites(self) -> tuple[str, ...]:
        """Ids, newest first."""
        with self._store.reading() as db:
            return tuple(str(row[0]) for row in db.execute("SELECT entry_id FROM kb_favourites ORDER BY added_at DESC, entry_id"))

    def set_favourite(self, entry_id: str, wanted: bool) -> None:
        """Mark or unmark."""
        at = self._clock.now().isoformat()

        def work(db: Database) -> None:
            if wanted:
                db.execute("INSERT OR IGNORE INTO kb_favourites VALUES (?, ?)", [entry_id, at])
            else:
                db.execute("DELETE FROM kb_favourites WHERE entry_id = ?", [entry_id])

        self._store.writing(work, durable=False)

    def note(self, entry_id: str) -> str:
        """The operator's own note."""
        with self._store.reading() as db:
            row = db.execute("SELECT text FROM kb_notes WHERE entry_id = ?", [entry_id]).fetchone()
        return str(row[0]) if row else ""

    def set_note(self, entry_id: str, text: str) -> None:
        """Keep or remove it."""
        at = self._clock.now().isoformat()

        def work(db: Database) -> None:
            db.execute("DELETE FROM kb_notes WHERE entry_id = ?", [entry_id])
            if text.strip():
                db.execute("INSERT INTO kb_notes VALUES (?, ?, ?)", [entry_id, text.strip(), at])

        self._store.writing(work, durable=False)
