"""Every shipped schema opens in this program; a migration is done wholly or not at all.

``schemas`` holds stores as programs wrote them (key and contents of ``scenes``), kept as they were: ``v1.db`` by the first version,
``m002.db`` and so on by the ones whose newest migration was 2, 4, 5, 6 and 7.
"""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from app.domain.ticket import FieldState, TicketDraft
from app.domain.ticket_search import TicketQuery
from app.platform.clock import SystemClock
from app.store import schema
from app.store.connection import APPLICATION_ID, open_reader, open_writer
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes


def _as_told_then(draft: TicketDraft) -> TicketDraft:
    """Without what programs up to m005 did not keep."""
    return replace(draft, matters=tuple({name: replace(value, proposed_state=FieldState.EMPTY) for name, value in matter.items()}
                                        for matter in draft.matters))


SHIPPED = sorted((Path(__file__).parent / "schemas").glob("*.db"))


def test_a_file_of_every_version_is_kept() -> None:
    stems = [path.stem for path in SHIPPED]
    assert {f"v{number}" for number in range(1, schema.MAJOR + 1)} <= set(stems)
    newest = schema.MIGRATIONS[-1].__name__[:4]
    assert newest in stems, f"keep a file as this program writes it: tests/app/store/schemas/{newest}.db"


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda path: path.stem)
def test_a_store_of_every_shipped_version_opens_with_all_it_held(shipped: Path, tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    shutil.copy(shipped, path)
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    try:
        assert [context.call_id for context, _, _ in store.drafts()] == ["open"]
        said, draft = store.drafts()[0][1:]
        assert (said, _as_told_then(draft)) == (scenes.dialogue(), _as_told_then(scenes.draft()))
        parent, child = store.tickets()
        assert (parent.children, child.parent_no) == ((child.ticket_no,), parent.ticket_no)
        assert parent.versions == {"engine": "1"}
        assert store.dialogue("done") == scenes.dialogue()
        assert [row.ticket_no for row in store.outbox()] == [parent.ticket_no]
        found = SqliteRecords(store, SystemClock()).search(TicketQuery(text="欧阳改正")).rows
        assert {row.ticket_no for row in found} == {parent.ticket_no, child.ticket_no}
        store.submit(scenes.context("open"), scenes.dialogue(), scenes.draft(), {})
    finally:
        store.close()


def m999_breaks(db: Database) -> None:
    """A migration that fails half way."""
    db.execute("CREATE TABLE half (a)")
    db.execute("INSERT INTO nowhere VALUES (1)")


def test_a_failing_migration_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tickets.db"
    SqliteTicketStore(path, scenes.KEY, SystemClock()).close()
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, m999_breaks))
    with pytest.raises(Exception, match=r"nowhere"):
        SqliteTicketStore(path, scenes.KEY, SystemClock())
    monkeypatch.undo()
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    store.close()
    db = open_writer(path, scenes.KEY, SystemClock())
    names = {row[0] for row in db.execute("SELECT name FROM migrations").fetchall()}
    assert not db["half"].exists()
    assert names == {step.__name__ for step in schema.MIGRATIONS}
    db.close()


def test_migrations_run_once(tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    db = open_writer(path, scenes.KEY, SystemClock())
    assert schema.migrate(db, SystemClock(), APPLICATION_ID) == ()
    db.close()


def test_two_programs_opening_a_new_store_at_once_both_find_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    failures: list[BaseException] = []

    def start() -> None:
        try:
            SqliteTicketStore(path, scenes.KEY, SystemClock()).close()
        except BaseException as error:
            failures.append(error)

    starts = [threading.Thread(target=start) for _ in range(4)]
    for each in starts:
        each.start()
    for each in starts:
        each.join()
    assert failures == []
    db = open_reader(path, scenes.KEY)
    assert db["migrations"].count == len(schema.MIGRATIONS)
    db.close()
