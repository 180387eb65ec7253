"""A locked store: nothing can be read, drafts wait, the key is no more in memory; backups are made and rotated."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault
from app.platform.clock import BEIJING, SystemClock
from app.platform.key_memory import forget
from app.store import backups, upkeep
from app.store.locking import StoreLock
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

REPOSITORY = Path(__file__).resolve().parents[3]


def fresh_key() -> bytes:
    """An object of its own, which may be overwritten."""
    return bytes(bytearray(scenes.KEY))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tickets.db"


def test_locked_nothing_is_read_and_drafts_wait(path: Path) -> None:
    store = SqliteTicketStore(path, fresh_key(), SystemClock())
    records = SqliteRecords(store, SystemClock())
    lock = StoreLock(store, fresh_key, records)
    store.save_draft(scenes.context("before"), scenes.dialogue(), scenes.draft())
    lock.lock()
    lock.lock()
    assert lock.is_locked
    for read in (store.drafts, store.tickets, store.flush, records.entries,
                 lambda: store.submit(scenes.context(), (), scenes.draft(), {}), lambda: store.discard_draft("before")):
        with pytest.raises(EnvironmentFault, match=r"store\.locked"):
            read()
    store.save_draft(scenes.context("meanwhile"), scenes.dialogue(), scenes.draft())
    lock.unlock()
    store.flush()
    assert {context.call_id for context, _, _ in store.drafts()} == {"before", "meanwhile"}
    assert [entry.action for entry in records.entries()] == ["locked", "unlocked"]
    store.close()


def test_a_wrong_key_leaves_it_locked(path: Path) -> None:
    store = SqliteTicketStore(path, fresh_key(), SystemClock())
    keys = [os.urandom(32), fresh_key()]
    lock = StoreLock(store, lambda: keys.pop(0), SqliteRecords(store, SystemClock()))
    lock.lock()
    with pytest.raises(EnvironmentFault, match=r"wrong_key"):
        lock.unlock()
    assert lock.is_locked
    lock.unlock()
    assert store.drafts() == ()
    store.close()


# Opens a store, works, locks it; then looks for the key's bytes in all of its own memory.
SEARCH_OF_MEMORY = """
import gc, os, re, sys
from pathlib import Path
from app.platform.clock import SystemClock
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

def times(pattern):
    count = 0
    with open("/proc/self/mem", "rb", 0) as memory:
        for line in open("/proc/self/maps"):
            if "r" not in line.split()[1] or "[v" in line:
                continue
            begin, end = (int(each, 16) for each in line.split()[0].split("-"))
            try:
                memory.seek(begin)
                held = memory.read(end - begin)
            except (OSError, OverflowError):
                continue
            count += sum(1 for _ in re.finditer(pattern, held))
    return count

key = os.urandom(32)
masked = bytes(each ^ 0x5A for each in key)
def pattern():  # never holds the key itself
    return b"".join(b"[\\\\x%02x]" % (each ^ 0x5A) for each in masked)
store = SqliteTicketStore(Path(sys.argv[1]), key, SystemClock())
store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), {})
before = times(re.compile(pattern(), re.DOTALL))
del key
store.suspend()
gc.collect()
after = times(re.compile(pattern(), re.DOTALL))
print(before, after)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_key_is_not_in_memory_any_more(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SEARCH_OF_MEMORY, str(path)], capture_output=True, text=True, check=False,
                          cwd=REPOSITORY, timeout=60)
    before, after = (int(each) for each in done.stdout.split())
    assert before > 0, done.stderr
    assert after == 0


def test_only_a_key_is_overwritten() -> None:
    key = os.urandom(32)
    assert forget(key)
    assert key == bytes(32)
    assert forget(b"short") is False


class GivenClock(SystemClock):
    """A clock that is set by hand."""

    at = datetime(2026, 11, 22, 9, 0, tzinfo=BEIJING)

    def now(self) -> datetime:
        return self.at


def test_backups_are_made_when_due_and_the_oldest_go(path: Path, tmp_path: Path) -> None:
    clock, rules = GivenClock(), backups.BackupRules(tmp_path / "backups", 24, 3)
    store = SqliteTicketStore(path, fresh_key(), clock)
    store.submit(scenes.context(), (), scenes.one_matter(), {})
    made = []
    for hours in (0, 1, 23, 1, 24, 24, 24):
        clock.at += timedelta(hours=hours)
        made.append(backups.back_up_if_due(store, rules, clock))
    assert [each is not None for each in made] == [True, False, True, False, True, True, True]
    kept = backups.backups(rules.folder)
    assert kept == tuple(reversed([each for each in made if each is not None][-3:]))
    assert all(upkeep.verify(each, scenes.KEY).tickets == 1 for each in kept)
    if os.name == "posix":
        assert not [each for each in rules.folder.iterdir() if each.stat().st_mode & 0o077]
    clock.at -= timedelta(days=400)  # the PC's clock was wrong: a backup from the future hinders none
    assert backups.is_due(rules, clock)
    store.close()
    assert not backups.is_due(backups.BackupRules(rules.folder, 0), clock)


def test_two_backups_in_a_second_are_two(path: Path, tmp_path: Path) -> None:
    clock, rules = GivenClock(), backups.BackupRules(tmp_path / "backups")
    SqliteTicketStore(path, fresh_key(), clock).close()
    first, second = (backups.back_up_now(path, scenes.KEY, rules, clock) for _ in range(2))
    assert set(backups.backups(rules.folder)) == {first, second}


def test_a_damaged_store_costs_no_good_backup(path: Path, tmp_path: Path) -> None:
    clock, rules = GivenClock(), backups.BackupRules(tmp_path / "backups", 24, 1)
    store = SqliteTicketStore(path, fresh_key(), clock)
    store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), {})
    store.close()
    good = backups.back_up_now(path, scenes.KEY, rules, clock)
    with path.open("r+b") as file:
        file.seek(6 * 4096 + 100)
        file.write(b"damage")
    clock.at += timedelta(days=2)
    with pytest.raises(EnvironmentFault, match=r"damaged"):
        backups.back_up_now(path, scenes.KEY, rules, clock)
    assert backups.backups(rules.folder) == (good,)
