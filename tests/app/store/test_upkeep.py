"""Look, copy, set aside: a backup opens with the same key, a damaged store is kept whole, nothing is overwritten."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault
from app.platform.clock import SystemClock
from app.store import upkeep
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.db"
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), {"engine": "1"})
    store.save_draft(scenes.context("open"), scenes.dialogue(), scenes.draft())
    store.close()
    return path


def test_verify_tells_what_is_in_a_whole_store(path: Path) -> None:
    report = upkeep.verify(path, scenes.KEY)
    assert (report.drafts, report.tickets, report.outbox) == (1, 2, 1)


def test_verify_tells_damage_wrong_key_and_absence(path: Path, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"store\.wrong_key"):
        upkeep.verify(path, os.urandom(32))
    with path.open("r+b") as file:
        file.seek(5 * 4096 + 100)
        file.write(b"damage")
    with pytest.raises(EnvironmentFault, match=r"store\.damaged"):
        upkeep.verify(path, scenes.KEY)
    with pytest.raises(EnvironmentFault, match=r"store\.missing"):
        upkeep.verify(tmp_path / "nowhere.db", scenes.KEY)
    assert not (tmp_path / "nowhere.db").exists()


def test_a_backup_of_a_store_in_use_is_whole_and_encrypted(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.submit(scenes.context(f"more-{number}"), scenes.dialogue(), scenes.draft(), {})

    desk = threading.Thread(target=work)
    desk.start()
    try:
        upkeep.back_up(path, scenes.KEY, target)
    finally:
        stop.set()
        desk.join()
        store.close()
    assert scenes.PHONE.encode() not in target.read_bytes()
    restored = SqliteTicketStore(target, scenes.KEY, SystemClock())
    tickets = restored.tickets()
    assert restored.drafts()[0][2] == scenes.draft()
    assert len(tickets) == 2 * len(restored.outbox())
    restored.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["backup.db", "tickets.db"]


def test_a_backup_overwrites_nothing(path: Path, tmp_path: Path) -> None:
    (tmp_path / "backup.db").write_text("mine")
    with pytest.raises(EnvironmentFault, match=r"store\.target_exists"):
        upkeep.back_up(path, scenes.KEY, tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_text() == "mine"


def test_a_damaged_store_is_not_backed_up_over_anything(path: Path, tmp_path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(5 * 4096 + 100)
        file.write(b"damage")
    with pytest.raises(EnvironmentFault, match=r"store\.damaged"):
        upkeep.back_up(path, scenes.KEY, tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()


def test_set_aside_keeps_every_byte_and_makes_room(path: Path) -> None:
    before = path.read_bytes()
    path.with_name("tickets.db-wal").write_bytes(b"a log that was left")
    aside = upkeep.set_aside(path, SystemClock())
    assert aside.read_bytes() == before
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"a log that was left"
    fresh = SqliteTicketStore(path, scenes.KEY, SystemClock())
    assert fresh.tickets() == ()
    fresh.close()
