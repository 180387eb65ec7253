"""A new key and a restored backup: killed at any moment the store opens with one key and holds everything."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault
from app.domain.ticket_search import TicketQuery
from app.platform import key_rotation, secrets
from app.platform.clock import SystemClock
from app.platform.passphrase import Cost
from app.store import replacing, upkeep
from app.store.page_check import fits
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

CHEAP = Cost(n=1 << 10)
KILLS = 25
TICKETS = 60
REPOSITORY = Path(__file__).resolve().parents[3]

# Imports once; forks a rotation for every line it reads, and says when it begins to work.
ROTATIONS = """
import os, sys
from pathlib import Path
from app.platform import key_rotation
from app.platform.passphrase import Cost
from app.store import replacing
path = Path(sys.argv[1])
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        pair = key_rotation.begin(path.parent, None, Cost(n=1 << 10))
        replacing.rekey(path, pair.present, pair.following)
        key_rotation.finish(path.parent)
        os._exit(0)
    os.write(1, f"{pid}\\n".encode())
    os.waitpid(pid, 0)
    os.write(1, b"ended\\n")
"""


def opened_key(path: Path) -> bytes:
    return secrets.open_secrets(path.parent, True, cost=CHEAP, opens=lambda key: fits(path, key)).store_key()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "a passphrase for this test")
    path = tmp_path / "data" / "tickets.db"
    key = secrets.open_secrets(path.parent, False, cost=CHEAP).store_key()
    store = SqliteTicketStore(path, key, SystemClock())
    for number in range(TICKETS):
        store.submit(scenes.context(f"call-{number}"), scenes.dialogue(), scenes.one_matter(), {})
    store.close()
    return path


@pytest.mark.skipif(os.name != "posix", reason="forks")
def test_killed_while_the_key_is_changed(path: Path) -> None:
    rotations = subprocess.Popen([sys.executable, "-c", ROTATIONS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True, cwd=REPOSITORY)
    assert rotations.stdin is not None
    assert rotations.stdout is not None
    keys, finished = set(), 0
    try:
        for number in range(KILLS):
            rotations.stdin.write("go\n")
            rotations.stdin.flush()
            pid = int(rotations.stdout.readline())
            threading.Event().wait(random.uniform(0.0, 0.4) if number else 5.0)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                finished += 1
            assert rotations.stdout.readline() == "ended\n"
            key = opened_key(path)
            keys.add(key)
            assert not key_rotation.is_pending(path.parent)
            assert upkeep.verify(path, key).tickets == TICKETS
    finally:
        rotations.stdin.close()
        rotations.wait(10)
        rotations.stdout.close()
    assert len(keys) > 1
    store = SqliteTicketStore(path, key, SystemClock())
    assert len(SqliteRecords(store, SystemClock()).search(TicketQuery(text="欧阳改正")).rows) == TICKETS
    assert SqliteRecords(store, SystemClock()).broken_at() is None
    store.close()


def rotated(path: Path) -> key_rotation.KeyPair:
    pair = key_rotation.begin(path.parent, None, CHEAP)
    replacing.rekey(path, pair.present, pair.following)
    key_rotation.finish(path.parent)
    return pair


def test_the_former_key_opens_the_store_no_more_and_old_backups_still(path: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    upkeep.back_up(path, opened_key(path), backup)
    pair = rotated(path)
    assert opened_key(path) == pair.following
    with pytest.raises(EnvironmentFault, match=r"wrong_key"):
        SqliteTicketStore(path, pair.present, SystemClock())
    former = key_rotation.former_keys(path.parent, None)
    assert former == (pair.present,)
    aside = replacing.restore(path, pair.following, former, backup, SystemClock())
    assert aside is not None
    assert upkeep.verify(path, pair.following).tickets == upkeep.verify(aside, pair.following).tickets == TICKETS
    assert key_rotation.forget_former(path.parent) == 1
    assert key_rotation.former_keys(path.parent, None) == ()
    assert opened_key(path) == pair.following


def test_a_new_passphrase_keeps_all_keys(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = rotated(path)
    secrets.change_passphrase(path.parent, "a passphrase for this test", "quite another one", CHEAP)
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "quite another one")
    assert opened_key(path) == pair.following
    assert key_rotation.former_keys(path.parent, None) == (pair.present,)


def test_a_store_in_use_is_not_replaced(path: Path, tmp_path: Path) -> None:
    key = opened_key(path)
    upkeep.back_up(path, key, tmp_path / "backup.db")
    store = SqliteTicketStore(path, key, SystemClock())
    for replace in (lambda: replacing.rekey(path, key, os.urandom(32)),
                    lambda: replacing.restore(path, key, (), tmp_path / "backup.db", SystemClock())):
        with pytest.raises(EnvironmentFault, match=r"store\.busy"):
            replace()
    store.submit(scenes.context("still-works"), (), scenes.one_matter(), {})
    store.close()
    assert upkeep.verify(path, key).tickets == TICKETS + 1
    assert not [each for each in path.parent.iterdir() if "replacing" in each.name or "aside" in each.name]


def test_a_program_whose_file_was_replaced_writes_nothing_into_the_old_one(path: Path, tmp_path: Path) -> None:
    key = opened_key(path)
    store = SqliteTicketStore(path, key, SystemClock())
    shutil.copy(path, tmp_path / "other.db")
    (tmp_path / "other.db").replace(path)  # as a restore by somebody who ignored the lock
    with pytest.raises(EnvironmentFault, match=r"store\.moved"):
        store.submit(scenes.context("late"), (), scenes.one_matter(), {})
    store.close()


def test_a_damaged_store_is_restored_and_kept_aside_whole(path: Path, tmp_path: Path) -> None:
    key = opened_key(path)
    upkeep.back_up(path, key, tmp_path / "backup.db")
    with path.open("r+b") as file:
        file.seek(3 * 4096 + 100)
        file.write(b"damage")
    before = path.read_bytes()
    aside = replacing.restore(path, key, (), tmp_path / "backup.db", SystemClock())
    assert aside is not None
    assert aside.read_bytes() == before
    assert upkeep.verify(path, key).tickets == TICKETS


@pytest.mark.parametrize("what", ["damaged", "of another", "nothing"])
def test_a_backup_that_is_no_good_changes_nothing(path: Path, tmp_path: Path, what: str) -> None:
    key, backup = opened_key(path), tmp_path / "backup.db"
    if what == "of another":
        other = SqliteTicketStore(backup, os.urandom(32), SystemClock())
        other.close()
    elif what == "damaged":
        upkeep.back_up(path, key, backup)
        with backup.open("r+b") as file:
            file.seek(9 * 4096 + 100)
            file.write(b"damage")
    before = path.read_bytes()
    with pytest.raises(EnvironmentFault) as raised:
        replacing.restore(path, key, (), backup, SystemClock())
    assert raised.value.key == {"damaged": "store.damaged", "of another": "store.wrong_key", "nothing": "store.missing"}[what]
    assert path.read_bytes() == before
