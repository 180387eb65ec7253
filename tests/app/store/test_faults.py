"""When disk, key or file fail: a clear word, nothing destroyed, nothing lost that could be kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.errors import AppError, BugError, EnvironmentFault
from app.domain.retention import DataKind, Retention
from app.domain.ticket import TicketDraft
from app.platform.clock import SystemClock
from app.store import backups, page_check, replacing, upkeep
from app.store.connection import open_writer
from app.store.purging import Purge
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

PAGE = page_check.PAGE_BYTES


class LaterClock(SystemClock):
    """The real clock, set forward by days."""

    days = 0

    def now(self) -> datetime:
        return super().now() + timedelta(days=self.days)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed store with 40 tickets and one draft."""
    path = tmp_path / "data" / "tickets.db"
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    for number in range(40):
        store.submit(scenes.context(f"call-{number}"), scenes.dialogue(), scenes.one_matter(), {"engine": "1"})
    store.save_draft(scenes.context("open"), scenes.dialogue(), scenes.draft())
    store.close()
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refused(path: Path, key: bytes = scenes.KEY) -> EnvironmentFault:
    """Open a store that must be refused; the file must not change by a byte."""
    before = digest(path)
    with pytest.raises(EnvironmentFault) as raised:
        SqliteTicketStore(path, key, SystemClock())
    assert digest(path) == before
    return raised.value


def damage(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE + 200)
        held = file.read(8)
        file.seek((page - 1) * PAGE + 200)
        file.write(bytes(byte ^ 0xFF for byte in held))


def test_a_wrong_key_is_told_and_nothing_is_destroyed(path: Path) -> None:
    assert refused(path, os.urandom(32)).key == "store.wrong_key"


@pytest.mark.parametrize("page", [1, 2, 7])
def test_a_damaged_page_is_told_with_its_number(path: Path, page: int) -> None:
    damage(path, page)
    fault = refused(path)
    assert (fault.key, fault.params["page"]) == ("store.damaged", page)


def test_a_cut_file_is_told(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 1000)
    assert refused(path).key == "store.damaged"


def test_the_last_page_cut_away_is_told(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - PAGE)
    assert refused(path).key == "store.damaged"


@pytest.mark.parametrize("content", [b"PK\x03\x04 some document", b"x" * 50_000])
def test_another_file_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tickets.db"
    path.write_bytes(content)
    assert refused(path).key in ("store.not_a_store", "store.wrong_key")


def test_an_unencrypted_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE t (a)")
    plain.commit()
    plain.close()
    assert refused(path).key == "store.not_a_store"


def test_an_encrypted_database_of_another_program_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    db = open_writer(path, scenes.KEY, SystemClock())
    db.execute("PRAGMA application_id = 77")
    db.close()
    assert refused(path).key == "store.not_a_store"


def test_a_newer_schema_is_refused_with_both_numbers(path: Path) -> None:
    db = open_writer(path, scenes.KEY, SystemClock())
    db.execute("PRAGMA user_version = 2")
    db.close()
    fault = refused(path)
    assert (fault.key, fault.params) == ("store.newer_schema", {"found": 2, "known": 1})


def test_a_large_store_is_checked_in_the_background(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.ticket_store.CHECK_AT_OPEN_BYTES", 0)
    monkeypatch.setattr("app.store.connection.CHECK_AT_OPEN_BYTES", 0)
    last = path.stat().st_size // PAGE
    damage(path, last)
    told: list[AppError | None] = []
    noticed = threading.Event()

    def on_health(fault: AppError | None) -> None:
        told.append(fault)
        noticed.set()

    store = SqliteTicketStore(path, scenes.KEY, SystemClock(), on_health)
    try:
        assert noticed.wait(10)
    finally:
        store.close()
    assert [(fault.key, fault.params) for fault in told if fault] == [("store.damaged", {"page": last})]


def test_the_background_check_of_a_store_in_use_finds_no_damage(path: Path) -> None:
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    stop, found = threading.Event(), []

    def scan() -> None:
        while not stop.is_set():
            found.append(page_check.scan(path, scenes.KEY, stop))

    scanner = threading.Thread(target=scan)
    scanner.start()
    try:
        for number in range(60):
            store.submit(scenes.context(f"more-{number}"), scenes.dialogue(20), scenes.one_matter(), {})
    finally:
        stop.set()
        scanner.join()
        store.close()
    assert set(found) == {0}


AS_NOBODY = """
import os, sys
from pathlib import Path
from app.domain.errors import AppError
from app.platform.clock import SystemClock
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    SqliteTicketStore(Path(sys.argv[1]), scenes.KEY, SystemClock())
    print("opened")
except AppError as error:
    print(error.key)
"""


@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_read_only_disk_is_told(path: Path, which: str) -> None:
    # As another user: root may write everything.
    for parent in path.parents:
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    path.chmod(0o444 if which == "file" else 0o666)
    path.parent.chmod(0o777 if which == "file" else 0o555)
    before = digest(path)
    done = subprocess.run([sys.executable, "-c", AS_NOBODY, str(path)], capture_output=True, text=True, check=False, timeout=60,
                          cwd=Path(__file__).parents[3])
    path.parent.chmod(0o755)
    assert done.stdout.strip() == "store.read_only", done.stderr
    assert digest(path) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.name != "posix" or os.geteuid() != 0 or mount is None:
        pytest.skip("needs root to mount a small disk")
    command = [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_heals_by_itself(small_disk: Path) -> None:
    told: list[AppError | None] = []
    store = SqliteTicketStore(small_disk / "tickets.db", scenes.KEY, SystemClock(), told.append)
    store.submit(scenes.context("first"), scenes.dialogue(), scenes.one_matter(), {})
    ballast = small_disk / "ballast"
    fill(ballast)

    said = scenes.dialogue(400)
    store.save_draft(scenes.context("open"), said, scenes.draft())
    with pytest.raises(EnvironmentFault, match=r"store\.disk_full"):
        store.flush()
    assert [fault.key for fault in told if fault] == ["store.disk_full"]
    with pytest.raises(EnvironmentFault, match=r"store\.disk_full"):
        store.submit(scenes.context("second"), said, scenes.one_matter(), {})
    assert [ticket.call_id for ticket in store.tickets()] == ["first"]

    ballast.unlink()
    waited_s = time.monotonic()
    while told[-1] is not None:  # without anybody calling anything
        assert time.monotonic() - waited_s < 5
        threading.Event().wait(0.05)
    assert store.drafts() == ((scenes.context("open"), said, scenes.draft()),)
    store.submit(scenes.context("second"), said, scenes.one_matter(), {})
    store.close()


def test_closing_on_a_full_disk_says_that_a_draft_is_lost(small_disk: Path) -> None:
    store = SqliteTicketStore(small_disk / "tickets.db", scenes.KEY, SystemClock())
    fill(small_disk / "ballast")
    store.save_draft(scenes.context("open"), scenes.dialogue(400), scenes.draft())
    with pytest.raises(EnvironmentFault, match=r"store\.disk_full"):
        store.close()
    store.close()
    (small_disk / "ballast").unlink()
    SqliteTicketStore(small_disk / "tickets.db", scenes.KEY, SystemClock()).close()


@pytest.mark.parametrize("doing", ["purge", "rekey", "back up", "restore"])
def test_a_full_disk_stops_upkeep_and_destroys_nothing(small_disk: Path, tmp_path: Path, doing: str) -> None:
    path, backup, clock = small_disk / "tickets.db", tmp_path / "backup.db", LaterClock()
    store = SqliteTicketStore(path, scenes.KEY, clock)
    for number in range(8):
        store.submit(scenes.context(f"call-{number}"), scenes.dialogue(4), scenes.one_matter(), {})
    store.writing(lambda db: db.execute("UPDATE outbox SET state = 'delivered'") and None)
    store.close()
    upkeep.back_up(path, scenes.KEY, backup)
    open_store = SqliteTicketStore(path, scenes.KEY, clock) if doing == "purge" else None
    ballast = small_disk / "ballast"
    fill(ballast)
    clock.days = 200
    with pytest.raises(EnvironmentFault, match=r"store\.disk_full"):
        if open_store is not None:
            Purge(open_store, clock).run(Retention(dict.fromkeys(DataKind, 100)), [DataKind.TICKETS])
        elif doing == "rekey":
            replacing.rekey(path, scenes.KEY, os.urandom(32))
        elif doing == "restore":
            replacing.restore(path, scenes.KEY, (), backup, clock)
        else:
            backups.back_up_now(path, scenes.KEY, backups.BackupRules(small_disk / "backups"), clock)
    ballast.unlink()
    left = {each.name for each in small_disk.rglob("*") if each.is_file()}
    assert left <= {"tickets.db", "tickets.db-wal", "tickets.db-shm"}
    if open_store is not None:  # the same again, with room
        gone = sum(int(str(entry.detail["count"])) for entry in SqliteRecords(open_store, clock).entries() if entry.action == "purged")
        assert len(open_store.tickets()) + gone == 8
        Purge(open_store, clock).run(Retention(dict.fromkeys(DataKind, 100)), [DataKind.TICKETS])
        assert open_store.tickets() == ()
        open_store.close()
    assert upkeep.verify(path, scenes.KEY).tickets == (0 if open_store is not None else 8)


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return


def test_a_file_moved_away_under_the_program_is_told_and_the_draft_kept(path: Path) -> None:
    told: list[AppError | None] = []
    store = SqliteTicketStore(path, scenes.KEY, SystemClock(), told.append)
    path.rename(path.with_name("elsewhere.db"))
    store.save_draft(scenes.context("new"), scenes.dialogue(), scenes.draft())
    with pytest.raises(EnvironmentFault, match=r"store\.moved"):
        store.flush()
    path.with_name("elsewhere.db").rename(path)
    store.flush()
    store.close()
    again = SqliteTicketStore(path, scenes.KEY, SystemClock())
    assert {context.call_id for context, _, _ in again.drafts()} == {"new", "open"}
    again.close()


def test_a_draft_that_cannot_be_read_does_not_hide_the_others(path: Path) -> None:
    told: list[AppError | None] = []
    db = open_writer(path, scenes.KEY, SystemClock())
    db.execute("INSERT INTO drafts VALUES ('broken', ?, ?, '2026-01-01', '2026-01-01')", [b"{}", b"[]"])
    db.close()
    store = SqliteTicketStore(path, scenes.KEY, SystemClock(), told.append)
    assert [context.call_id for context, _, _ in store.drafts()] == ["open"]
    assert [(fault.key, fault.params) for fault in told if fault] == [("store.draft_unreadable", {"count": 1})]
    store.close()


def test_a_bug_in_one_draft_does_not_stop_the_others(path: Path) -> None:
    told: list[AppError | None] = []
    store = SqliteTicketStore(path, scenes.KEY, SystemClock(), told.append)
    store.save_draft(scenes.context("bad"), (), TicketDraft(({"title": object()},)))  # type: ignore[dict-item]
    store.save_draft(scenes.context("good"), scenes.dialogue(), scenes.draft())
    store.flush()
    assert {context.call_id for context, _, _ in store.drafts()} == {"good", "open"}
    assert [type(fault) for fault in told] == [BugError]
    store.close()


def test_a_listener_that_fails_does_not_end_the_writing(path: Path) -> None:
    def on_health(fault: AppError | None) -> None:
        raise RuntimeError(fault)

    store = SqliteTicketStore(path, scenes.KEY, SystemClock(), on_health)
    store.save_draft(scenes.context("bad"), (), TicketDraft(({"title": object()},)))  # type: ignore[dict-item]
    store.save_draft(scenes.context("good"), scenes.dialogue(), scenes.draft())
    store.flush()
    assert {context.call_id for context, _, _ in store.drafts()} == {"good", "open"}
    store.close()


def test_a_closed_store_takes_no_more(path: Path) -> None:
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    store.close()
    store.save_draft(scenes.context("late"), (), TicketDraft())
    with pytest.raises(BugError):
        store.submit(scenes.context("late"), (), TicketDraft(), {})
