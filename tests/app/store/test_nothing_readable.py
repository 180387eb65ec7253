"""What a citizen said stands in no file of the program in readable form: store, its log, program log, crash report."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault
from app.platform import paths, secrets
from app.platform.clock import SystemClock
from app.platform.passphrase import Cost
from app.store.ticket_store import FILE_NAME, SqliteTicketStore
from tests.app.store import scenes

#: Made for this test; the check digit is right.
IDENTITY = "11010519491231002X"
PLANTED = (scenes.NAME, "欧阳改正", scenes.PHONE, scenes.ADDRESS, scenes.PHONE[-8:], IDENTITY, IDENTITY[:17], "幺三九幺二三四")
REPOSITORY = Path(__file__).resolve().parents[3]


def readable(folder: Path) -> list[str]:
    """Files below ``folder`` in which one of the planted words stands, in any usual encoding."""
    found: list[str] = []
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        raw = file.read_bytes()
        for word in PLANTED:
            forms = {word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "unicode_escape")}
            found += [f"{file.name}: {word}" for form in forms if form in raw]
    return found


# Works with a call while a wrong thing happens, then dies with everything open.
A_CALL = """
import os, sys, threading
from app.platform import crash, logs, paths, secrets
from app.platform.clock import SystemClock
from app.platform.passphrase import Cost
from app.store.ticket_store import FILE_NAME, SqliteTicketStore
from tests.app.store import scenes
from tests.app.store.test_nothing_readable import IDENTITY

clock = SystemClock()
crash.install()
logs.start(paths.log_dir(), clock)
log = logs.get("session")
key = secrets.open_secrets(paths.data_dir(), False, cost=Cost(n=1 << 10)).store_key()
store = SqliteTicketStore(paths.data_dir() / FILE_NAME, key, clock)
told = f"我叫{scenes.NAME}身份证{IDENTITY}电话幺三九幺二三四五六七八住在{scenes.ADDRESS}"
said = tuple(scenes.utterance(number, told) for number in range(40))
for length in range(1, 41):
    store.save_draft(scenes.context("open"), said[:length], scenes.draft())
    log.info("said", call_id="open", utterances=length, text=said[length - 1].text)
store.flush()
ticket = store.submit(scenes.context("done"), said, scenes.draft(), {"engine": "1"})
log.info("submitted", ticket_no=ticket.ticket_no, phone=scenes.PHONE)
def fail():
    raise ValueError(f"cannot file {scenes.NAME} {scenes.PHONE} {scenes.ADDRESS} {IDENTITY}")
thread = threading.Thread(target=fail); thread.start(); thread.join()
os._exit(9)
"""


def test_a_call_with_a_crash_leaves_nothing_readable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "a passphrase for this test")
    monkeypatch.setenv("TMPDIR", str(home))
    done = subprocess.run([sys.executable, "-c", A_CALL], cwd=REPOSITORY, capture_output=True, timeout=60, check=False)
    assert done.returncode == 9, done.stderr.decode()
    names = {file.name for file in home.rglob("*") if file.is_file()}
    assert {"tickets.db", "tickets.db-wal", "secrets.json", "tingdan.jsonl", "stacks.txt"} <= names
    (report,) = (home / "log" / "crash").glob("*.json")
    assert "ValueError" in report.read_text("utf-8")
    assert readable(home) == []
    for word in PLANTED:
        assert word.encode() not in done.stderr + done.stdout
    # And it is all there for whoever has the key.
    key = secrets.open_secrets(paths.data_dir(), True).store_key()
    store = SqliteTicketStore(paths.data_dir() / FILE_NAME, key, SystemClock())
    assert len(store.drafts()[0][1]) == 40
    assert len(store.tickets()) == 2
    store.close()


def test_the_search_would_find_what_is_readable(tmp_path: Path) -> None:
    plain = sqlite3.connect(tmp_path / "plain.db")
    plain.execute("CREATE TABLE t (a)")
    plain.execute("INSERT INTO t VALUES (?)", [scenes.utterance(1).text])
    plain.commit()
    plain.close()
    (tmp_path / "utf16.txt").write_text(scenes.PHONE, "utf-16")
    assert {each.partition(":")[0] for each in readable(tmp_path)} == {"plain.db", "utf16.txt"}


def test_a_copied_store_opens_nowhere_else(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "the passphrase of this PC")
    key = secrets.open_secrets(paths.data_dir(), False, cost=Cost(n=1 << 10)).store_key()
    store = SqliteTicketStore(paths.data_dir() / FILE_NAME, key, SystemClock())
    store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), {})
    store.close()
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("TINGDAN_HOME", str(elsewhere))
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "the passphrase of another PC")
    shutil.copy(home / "data" / FILE_NAME, paths.data_dir() / FILE_NAME)
    with pytest.raises(EnvironmentFault, match=r"record_missing"):
        secrets.open_secrets(paths.data_dir(), True)
    other = secrets.open_secrets(tmp_path / "fresh", False, cost=Cost(n=1 << 10)).store_key()
    with pytest.raises(EnvironmentFault, match=r"wrong_key"):
        SqliteTicketStore(paths.data_dir() / FILE_NAME, other, SystemClock())


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX files")
def test_only_the_user_may_read_the_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "a passphrase for this test")
    key = secrets.open_secrets(paths.data_dir(), False, cost=Cost(n=1 << 10)).store_key()
    store = SqliteTicketStore(paths.data_dir() / FILE_NAME, key, SystemClock())
    try:
        open_to_others = [file.name for file in (home / "data").rglob("*") if file.stat().st_mode & 0o077]
        assert open_to_others == []
    finally:
        store.close()
