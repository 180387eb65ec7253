"""The audit trail cannot be changed unnoticed; what is removed is gone from the file, and the record proves which it was."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from app.domain.audit import ORIGIN, Action, Actor
from app.domain.errors import AppError, EnvironmentFault
from app.domain.retention import DataKind, Retention
from app.platform.clock import SystemClock
from app.store.backups import BackupThread
from app.store.connection import open_writer
from app.store.outbox import SqliteOutbox
from app.store.purging import Purge
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes
from tests.app.store.pages import clear_pages

DAYS = Retention(dict.fromkeys(DataKind, 100))


class ShiftedClock(SystemClock):
    """The real clock, set forward or back by days."""

    days = 0

    def now(self) -> datetime:
        return super().now() + timedelta(days=self.days)


@pytest.fixture
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture
def store(tmp_path: Path, clock: ShiftedClock) -> Iterator[SqliteTicketStore]:
    store = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, clock)
    store.actor = Actor("A017", "lead")
    yield store
    store.close()


def delivered(store: SqliteTicketStore) -> None:
    store.writing(lambda db: db.execute("UPDATE outbox SET state = 'delivered'") and None)


def test_who_did_what_stands_in_order(store: SqliteTicketStore, clock: ShiftedClock) -> None:
    records = SqliteRecords(store, clock)
    number = store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), {}).ticket_no
    records.ticket(number)
    records.set_state(number, "处理中")
    store.save_draft(scenes.context("open"), (), scenes.draft())
    store.flush()
    store.discard_draft("open")
    told = [(entry.action, entry.subject, entry.actor) for entry in records.entries()]
    who = Actor("A017", "lead")
    assert told == [("submitted", number, who), ("saw", number, who), ("changed", number, who), ("discarded", "open", who)]
    assert records.broken_at() is None
    assert [entry.action for entry in records.entries(subject=number)] == ["submitted", "saw", "changed"]


@pytest.mark.parametrize("statement", [
    "UPDATE audit SET actor = 'somebody else'", "DELETE FROM audit WHERE seq = 2", "DELETE FROM audit",
    "INSERT INTO audit SELECT 9, at, actor, role, action, subject, detail, previous, digest FROM audit WHERE seq = 1",
    "DELETE FROM audit_cuts", "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1",
])
def test_the_trail_refuses_changes(store: SqliteTicketStore, clock: ShiftedClock, statement: str) -> None:
    records = SqliteRecords(store, clock)
    for _ in range(3):
        records.note(Action.SAW, "1")
    store.writing(lambda db: db.execute("INSERT INTO audit_cuts VALUES (0, ?, 0, '')", [ORIGIN]) and None)
    with pytest.raises(sqlcipher.Error, match="append-only"):
        store.writing(lambda db: db.execute(statement) and None)
    assert (len(records.entries()), records.broken_at()) == (3, None)


@pytest.mark.parametrize(("statement", "at"), [
    ("UPDATE audit SET subject = '2' WHERE seq = 3", 3), ("DELETE FROM audit WHERE seq = 2", 3),
    ("UPDATE audit SET detail = x'ff' WHERE seq = 4", 4), ("DELETE FROM audit WHERE seq = 1", 2),
])
def test_what_was_changed_past_the_triggers_is_found(tmp_path: Path, clock: ShiftedClock, statement: str, at: int) -> None:
    path = tmp_path / "tickets.db"
    store = SqliteTicketStore(path, scenes.KEY, clock)
    for _ in range(5):
        SqliteRecords(store, clock).note(Action.SAW, "1")
    store.close()
    db = open_writer(path, scenes.KEY, clock)
    for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'").fetchall():
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute(statement)
    db.close()
    store = SqliteTicketStore(path, scenes.KEY, clock)
    assert SqliteRecords(store, clock).broken_at() == at
    store.close()


def test_what_is_removed_stands_in_no_page_of_the_file(store: SqliteTicketStore, clock: ShiftedClock) -> None:
    for number in range(12):
        store.submit(scenes.context(f"old-{number}"), scenes.dialogue(), scenes.draft(), {})
    delivered(store)
    clock.days = 200
    removed = Purge(store, clock).run(DAYS)
    assert {each.kind: each.count for each in removed} == {DataKind.DIALOGUE: 12, DataKind.TICKETS: 24, DataKind.AUDIT: 12}
    with store.reading() as db:
        for table in ("calls", "tickets", "fields", "utterances", "outbox", "listed", "listed_phones", "versions"):
            assert db[table].count == 0, table
    left = clear_pages(store.path, scenes.KEY)
    for word in (scenes.NAME, "欧阳", "阳改", scenes.PHONE, scenes.PHONE[::-1], scenes.ADDRESS, "试验", "天河"):
        assert word.encode() not in left, word


def test_the_search_of_pages_would_find_what_is_there(store: SqliteTicketStore) -> None:
    store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), {})
    store.tidy()
    held = clear_pages(store.path, scenes.KEY)
    assert scenes.PHONE.encode() in held
    assert "阳改".encode() in held


def test_the_record_proves_which_ones_went(store: SqliteTicketStore, clock: ShiftedClock) -> None:
    numbers: list[str] = []
    for each in range(3):
        ticket = store.submit(scenes.context(f"old-{each}"), (), scenes.draft(), {})
        numbers += [ticket.ticket_no, *ticket.children]
    delivered(store)
    clock.days = 200
    Purge(store, clock).run(DAYS, [DataKind.TICKETS])
    entry = SqliteRecords(store, clock).entries()[-1]
    assert (entry.action, entry.subject, entry.detail["count"]) == ("purged", "tickets", 6)
    assert entry.detail["digest"] == hashlib.sha256("".join(f"{each}\n" for each in sorted(numbers)).encode()).hexdigest()


def test_what_the_centre_has_not_got_stays(store: SqliteTicketStore, clock: ShiftedClock) -> None:
    store.submit(scenes.context("waits"), scenes.dialogue(), scenes.draft(), {})
    SqliteOutbox(store, clock).attach("waits", "clip.wav", "audio/wav", b"sound")
    clock.days = 200
    held_back = {each.kind: (each.count, each.held_back) for each in Purge(store, clock).run(DAYS)}
    assert held_back[DataKind.TICKETS] == (0, 1)
    assert held_back[DataKind.AUDIO] == (0, 1)
    assert len(store.tickets()) == 2
    assert store.dialogue("waits") == scenes.dialogue()


def test_each_kind_has_its_own_time(store: SqliteTicketStore, clock: ShiftedClock) -> None:
    store.submit(scenes.context("done"), scenes.dialogue(), scenes.draft(), {})
    SqliteOutbox(store, clock).attach("done", "clip.wav", "audio/wav", b"sound of a voice")
    store.save_draft(scenes.context("open"), scenes.dialogue(), scenes.draft())
    store.flush()
    delivered(store)
    clock.days = 50
    days = Retention({DataKind.DRAFTS: 30, DataKind.DIALOGUE: 40, DataKind.AUDIO: 45, DataKind.TICKETS: 0, DataKind.AUDIT: 60})
    assert Purge(store, clock).look(days) == tuple(
        each for each in Purge(store, clock).run(days) if each.count) + tuple(
        each for each in Purge(store, clock).look(days) if each.kind is DataKind.AUDIT)
    assert store.drafts() == ()
    assert store.dialogue("done") == ()
    assert len(store.tickets()) == 2
    with store.reading() as db:
        assert db["attachments"].count == 0
    assert b"sound of a voice" not in clear_pages(store.path, scenes.KEY)


def test_the_trail_is_cut_from_its_beginning_and_goes_on(store: SqliteTicketStore, clock: ShiftedClock) -> None:
    records = SqliteRecords(store, clock)
    for _ in range(4):
        records.note(Action.SAW, "1")
    clock.days = 90
    records.note(Action.SAW, "2")
    clock.days = 150
    Purge(store, clock).run(DAYS, [DataKind.AUDIT])
    assert [entry.seq for entry in records.entries()] == [5, 6]
    assert records.broken_at() is None
    assert records.entries()[-1].detail["count"] == 4


def test_every_transaction_of_a_removal_has_its_own_record(store: SqliteTicketStore, clock: ShiftedClock,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.purging._AT_ONCE", 2)
    for each in range(5):
        store.submit(scenes.context(f"old-{each}"), (), scenes.one_matter(), {})
    delivered(store)
    clock.days = 200
    asked: list[bool] = []

    def after_two() -> bool:
        asked.append(len(asked) >= 2)
        return asked[-1]

    Purge(store, clock).run(DAYS, [DataKind.TICKETS], after_two)  # the program ends in the middle
    purged = [entry.detail["count"] for entry in SqliteRecords(store, clock).entries() if entry.action == "purged"]
    assert purged == [2, 2]
    assert len(store.tickets()) == 1
    Purge(store, clock).run(DAYS, [DataKind.TICKETS])
    assert store.tickets() == ()
    assert SqliteRecords(store, clock).entries()[-1].detail["count"] == 1


def test_a_draft_taken_up_after_a_purge_has_all_its_words(store: SqliteTicketStore, clock: ShiftedClock) -> None:
    store.save_draft(scenes.context("open"), scenes.dialogue(4), scenes.draft())
    store.flush()
    clock.days = 200
    Purge(store, clock).run(DAYS, [DataKind.DRAFTS])  # as another program does beside a desk that has the call open
    store.save_draft(scenes.context("open"), scenes.dialogue(5), scenes.draft())
    store.flush()
    assert [said for _, said, _ in store.drafts()] == [scenes.dialogue(5)]


def test_the_desk_removes_what_is_old_once_a_day(store: SqliteTicketStore, clock: ShiftedClock) -> None:
    store.submit(scenes.context("old"), scenes.dialogue(), scenes.draft(), {})
    delivered(store)
    clock.days = 200
    ran = threading.Semaphore(0)
    told: list[AppError] = []

    def purge(is_stopping: Callable[[], bool]) -> None:
        Purge(store, clock).run(DAYS, is_stopping=is_stopping)
        ran.release()

    thread = BackupThread(lambda: None, told.append, purge, clock)
    thread.start()
    assert ran.acquire(timeout=10)
    thread.stop()
    assert store.tickets() == ()
    thread.stop()
    assert told == []


def test_a_hindered_daily_removal_is_told_and_the_backups_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.backups._LOOK_AGAIN_S", 0.01)
    made, tried = threading.Semaphore(0), list[int]()
    told: list[str] = []

    def fails_once(_is_stopping: Callable[[], bool]) -> None:
        tried.append(len(tried))
        if len(tried) == 1:
            raise EnvironmentFault("store.disk_full")

    thread = BackupThread(made.release, lambda fault: told.append(fault.key), fails_once, SystemClock())
    thread.start()
    for _ in range(5):
        assert made.acquire(timeout=10)
    thread.stop()
    assert told == ["store.disk_full"]
    assert tried == [0, 1]  # again at the next look, then not before tomorrow
