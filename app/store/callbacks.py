"""``CallbackStore`` on the encrypted store. Any thread; see the port.

A row that cannot be read costs itself, never the others: a result is set aside (without its case, which is then shown as the hub has it).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from sqlite_utils import Database

from app.domain import callback_form
from app.domain.callbacks import CallbackResult
from app.domain.cases import Case, CaseState
from app.domain.json_values import Json
from app.platform import logs
from app.ports.callbacks import CallbackList
from app.store.ticket_store import SqliteTicketStore

T = TypeVar("T")
#: Results that can be read; of the others the case is taken out.
_WHOLE = "case_id <> ''"


class SqliteCallbacks:
    """See the module.

    Args:
        store: the ticket store; it stays open as long as this is used.
    """

    def __init__(self, store: SqliteTicketStore) -> None:
        self._store = store
        self._log = logs.get("callbacks")
        self._set_aside = 0

    def listed(self) -> CallbackList:
        """The list."""
        with self._store.reading() as db:
            look = db.execute("SELECT agent, at FROM callback_look").fetchone() or ("", "")
            bodies = [body for (body,) in db.execute("SELECT body FROM callbacks").fetchall()]
            held = db.execute(f"SELECT case_id FROM callback_results WHERE {_WHOLE}").fetchall()  # noqa: S608
            waiting = frozenset(str(case_id) for (case_id,) in held)
        return CallbackList(str(look[0]), tuple(self._read(bodies, callback_form.callback_of)), waiting, str(look[1]))

    def replace(self, agent: str, cases: Sequence[Case], at: str) -> None:
        """The hub's list."""
        def work(db: Database) -> None:
            db.execute("DELETE FROM callbacks WHERE case_id NOT IN (SELECT case_id FROM callback_results)")
            db.conn.executemany("INSERT OR IGNORE INTO callbacks (case_id, body) VALUES (?, ?)",
                                [(case.case_id, _packed(callback_form.callback_json(case))) for case in cases])
            db.execute("INSERT OR REPLACE INTO callback_look (id, agent, at) VALUES (1, ?, ?)", [agent, at])

        self._store.writing(work, durable=False)  # what a power cut forgets is asked for again

    def keep(self, agent: str, result: CallbackResult, after: Case) -> None:
        """A result to be sent."""
        def work(db: Database) -> None:
            db.execute("INSERT OR IGNORE INTO callback_results (result_id, case_id, agent, body) VALUES (?, ?, ?, ?)",
                       [result.result_id, result.case_id, agent, _packed(callback_form.result_json(result))])
            db.execute("INSERT OR REPLACE INTO callbacks (case_id, body) VALUES (?, ?)",
                       [after.case_id, _packed(callback_form.callback_json(after))])

        self._store.writing(work)

    def due(self, limit: int) -> tuple[tuple[str, CallbackResult], ...]:
        """Results that the hub has not got, oldest first."""
        question = f"SELECT id, agent, body FROM callback_results WHERE {_WHOLE} ORDER BY id LIMIT ?"  # noqa: S608
        while True:
            with self._store.reading() as db:
                held = db.execute(question, [limit]).fetchall()
            found, damaged = list[tuple[str, CallbackResult]](), list[tuple[int]]()
            for row_id, agent, body in held:
                result = next(self._read([body], callback_form.result_of), None)
                if result is not None:
                    found.append((str(agent), result))
                else:
                    damaged.append((row_id,))
            if damaged:
                self._put_aside(damaged)
            if found or not held:
                return tuple(found)

    def damaged(self) -> int:
        """How many ``due`` set aside since this was made; one thread at a time."""
        return self._set_aside

    def damaged_in_all(self) -> int:
        """How many lie here that cannot be read."""
        with self._store.reading() as db:
            return int(db.execute(f"SELECT count(*) FROM callback_results WHERE NOT {_WHOLE}").fetchone()[0])  # noqa: S608

    def _put_aside(self, row_ids: Sequence[tuple[int]]) -> None:
        self._store.writing(lambda db: db.conn.executemany("UPDATE callback_results SET case_id = '' WHERE id = ?", row_ids))
        self._set_aside += len(row_ids)

    def settle(self, result_ids: Sequence[str]) -> None:
        """These need not be sent again; a case that ended here leaves the list."""
        def work(db: Database) -> None:
            for result_id in result_ids:
                row = db.execute("SELECT case_id FROM callback_results WHERE result_id = ?", [result_id]).fetchone()
                db.execute("DELETE FROM callback_results WHERE result_id = ?", [result_id])
                if row is not None and not self._is_to_do(db, row[0]):
                    db.execute("DELETE FROM callbacks WHERE case_id = ?", [row[0]])

        if result_ids:
            self._store.writing(work, durable=False)  # sent again it is known there

    def _is_to_do(self, db: Database, case_id: str) -> bool:
        if db.execute("SELECT 1 FROM callback_results WHERE case_id = ?", [case_id]).fetchone() is not None:
            return True
        bodies = [body for (body,) in db.execute("SELECT body FROM callbacks WHERE case_id = ?", [case_id]).fetchall()]
        return any(case.state is CaseState.PLANNED for case in self._read(bodies, callback_form.callback_of))

    def _read(self, bodies: Iterable[bytes], of: Callable[[object], T]) -> Iterator[T]:
        for body in bodies:
            try:
                yield of(json.loads(body))
            except ValueError as error:
                self._log.error("unreadable", error)


def _packed(held: Json) -> bytes:
    return json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()
