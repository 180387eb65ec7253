"""Passwords by name in a real keyring: kept, replaced, forgotten, and in no file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path
from app.platform import secrets
from app.platform.named_secrets import NamedSecrets

class Refuses:
    def secret(self, name): raise AssertionError("the keyring holds it")
    def put_secret(self, name, value): raise AssertionError("the keyring holds it")

folder = Path(sys.argv[1])
secrets.open_secrets(folder, False)
held = NamedSecrets(folder, Refuses())
held.put("centre", "first-geheim"); held.put("centre", "second-geheim")
print(held.is_keyring, held("centre"), held("other"))
held.put("centre", None)
print(held("centre"))
"""


@pytest.mark.skipif(not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
                    reason="needs a real keyring: apt-get install gnome-keyring dbus")
def test_the_keyring_holds_them(tmp_path: Path) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "TINGDAN_PASSPHRASE", "WAYLAND_DISPLAY")}
    environment |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "XDG_DATA_HOME": str(tmp_path / "xdg")}
    start = "printf 'login' | gnome-keyring-daemon --unlock --components=secrets >/dev/null;"
    command = ["dbus-run-session", "--", "sh", "-c", f'{start} exec "$0" -c "$1" "$2"', sys.executable, SCRIPT, str(tmp_path)]
    done = subprocess.run(command, env=environment, timeout=120, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True second-geheim None", "None"]
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"geheim" not in file.read_bytes(), file
