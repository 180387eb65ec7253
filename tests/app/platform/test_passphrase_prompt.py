"""A person at a real terminal sets a passphrase and is asked for it; it never shows."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

ASKING = """
import sys
from pathlib import Path
from app.domain.errors import AppError
from app.platform import secrets
from app.platform.passphrase import Cost
from app.platform.passphrase_prompt import terminal_prompt
secrets.accepted_keyring = lambda: None
try:
    held = secrets.open_secrets(Path(sys.argv[1]), False, terminal_prompt(), Cost(n=1 << 10))
    print("key", held.store_key().hex())
except AppError as error:
    print("told", error.key)
"""


def at_terminal(folder: Path, typed: list[str]) -> str:
    """What the screen shows while somebody types the lines, each after a prompt."""
    ours, theirs = os.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "TINGDAN_PASSPHRASE"}
    program = subprocess.Popen([sys.executable, "-c", ASKING, str(folder)], stdin=theirs, stdout=theirs, stderr=theirs,
                               env=environment | {"TINGDAN_LANG": "en"}, start_new_session=True)
    os.close(theirs)
    screen, begin_s, left = "", time.monotonic(), list(typed)
    asked = 0
    while time.monotonic() - begin_s < 30:
        if not select.select([ours], [], [], 0.2)[0]:
            continue
        try:
            got = os.read(ours, 4096).decode()
        except OSError:  # Linux: the other end is closed
            break
        if not got:
            break
        screen += got
        if screen.count(": ") > asked and left:
            asked = screen.count(": ")
            os.write(ours, left.pop(0).encode() + b"\n")
    program.wait(10)
    os.close(ours)
    return screen


def test_a_passphrase_is_set_once_and_asked_for_later(tmp_path: Path) -> None:
    first = at_terminal(tmp_path, ["a good passphrase", "a good passphrase"])
    again = at_terminal(tmp_path, ["a good passphrase"])
    assert "no system keyring" in first
    assert "Once more" in first
    assert first.split("key ")[-1] == again.split("key ")[-1]
    assert "good" not in first + again


def test_a_slip_is_told_and_giving_up_is_possible(tmp_path: Path) -> None:
    screen = at_terminal(tmp_path, ["a good passphrase", "a bad passphrase", ""])
    assert "not the same" in screen
    assert "told platform.no_secrets" in screen
    assert not (tmp_path / "secrets.json").exists()


def test_without_a_terminal_nobody_is_asked() -> None:
    done = subprocess.run([sys.executable, "-c", "from app.platform.passphrase_prompt import terminal_prompt as t; print(t())"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert done.stdout == "None\n"
