"""A whole call by keyboard in the real window on a virtual screen, driven from outside with xdotool, to a stored ticket."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.platform.secrets import open_secrets
from app.store.ticket_store import FILE_NAME, SqliteTicketStore

COMMAND = Path(sys.executable).with_name("tingdan")
SCRIPT = resource("sample_calls") / "night-construction.json"
PASSPHRASE = "correct horse battery"
DEADLINE_S = 60.0


@pytest.fixture
def screen() -> Iterator[str]:
    """A virtual screen of its own; gives its DISPLAY."""
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (installer/system-packages.txt)")
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x900x24", "-nolisten", "tcp"],
                              pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        display = f":{told.readline().strip()}"
    yield display
    server.terminate()
    server.wait(10)


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does."""
    pause = threading.Event()
    for _ in range(int(DEADLINE_S / 0.2)):
        if holds():
            return
        pause.wait(0.2)
    pytest.fail(f"not within {DEADLINE_S:.0f} s: {what}")


def test_answer_listen_and_submit_by_keyboard(screen: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", PASSPHRASE)
    env = {**os.environ, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
    desk = subprocess.Popen([str(COMMAND), "replay", "--text", str(SCRIPT), "--window", "--speed", "max"],
                            env=env, stderr=subprocess.PIPE, text=True)

    def xdotool(*arguments: str) -> str:
        done = subprocess.run(["xdotool", *arguments], env=env, capture_output=True, text=True, check=False, timeout=30)
        return done.stdout.strip()

    def stored() -> list[dict[str, object]]:
        path = home / "data" / FILE_NAME
        if not path.exists():
            return []
        store = SqliteTicketStore(path, open_secrets(home / "data", store_exists=True).store_key(), SystemClock())
        try:
            return [ticket.fields for ticket in store.tickets()]
        finally:
            store.close()

    def drafted() -> bool:
        path = home / "data" / FILE_NAME
        if not path.exists():
            return False
        store = SqliteTicketStore(path, open_secrets(home / "data", store_exists=True).store_key(), SystemClock())
        try:
            return any(draft.get("need_callback").value is not None for _, _, draft in store.drafts())
        finally:
            store.close()

    try:
        until(lambda: bool(xdotool("search", "--onlyvisible", "--pid", str(desk.pid))), "the window is on the screen")
        window = xdotool("search", "--onlyvisible", "--pid", str(desk.pid)).splitlines()[0]
        xdotool("windowfocus", "--sync", window)
        xdotool("key", "--window", window, "F2")
        until(drafted, "the call is understood and its draft is on the disk")
        for _ in range(3):  # a first press may only name what is still to settle
            if stored():
                break
            xdotool("key", "ctrl+Return")
            threading.Event().wait(1.0)
        until(lambda: bool(stored()), "the ticket is in the store")
        fields = stored()[0]
        assert "13800605217" in str(fields)
        assert "程思远" in str(fields)
        xdotool("key", "ctrl+q")
        assert desk.wait(20) == 0
        assert desk.stderr is not None
        assert "Traceback" not in desk.stderr.read()
    finally:
        desk.kill()
        desk.wait()
        if desk.stderr is not None:
            desk.stderr.close()
