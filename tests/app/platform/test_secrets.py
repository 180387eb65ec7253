"""The store's key: kept by a real keyring or behind a passphrase, never in plain text, never silently replaced."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import keyring.backend
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backends import null

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform import os_keyring, secrets
from app.platform.passphrase import Cost, unwrap, wrap

CHEAP = Cost(n=1 << 10)
GOOD = "天河区 unlocks 42"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without keyring, whatever this one has; the real one is tested in a process of its own."""
    monkeypatch.delenv("TINGDAN_PASSPHRASE", raising=False)
    monkeypatch.setattr(keyring.backend, "get_all_keyring", list)


def test_the_same_passphrase_gives_the_same_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", GOOD)
    first = secrets.open_secrets(tmp_path, False, cost=CHEAP)
    assert first.backend == "passphrase"
    assert len(first.store_key()) == 32
    assert secrets.open_secrets(tmp_path, True).store_key() == first.store_key()


def test_a_wrong_passphrase_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", GOOD)
    secrets.open_secrets(tmp_path, False, cost=CHEAP)
    monkeypatch.setenv("TINGDAN_PASSPHRASE", GOOD + "!")
    with pytest.raises(OperatorVisibleError, match=r"passphrase_wrong"):
        secrets.open_secrets(tmp_path, True)


def test_without_keyring_and_passphrase_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"no_secrets"):
        secrets.open_secrets(tmp_path, False)
    assert not (tmp_path / "secrets.json").exists()
    assert secrets.backend_in_use(tmp_path) == "none"


def test_a_person_is_asked_three_times_at_most(tmp_path: Path) -> None:
    asked: list[bool] = []

    def prompt(new: bool) -> str | None:
        asked.append(new)
        return GOOD if new else "wrong one"

    key = secrets.open_secrets(tmp_path, False, prompt, CHEAP).store_key()
    with pytest.raises(OperatorVisibleError, match=r"passphrase_wrong"):
        secrets.open_secrets(tmp_path, True, prompt)
    assert asked == [True, False, False, False]
    assert secrets.open_secrets(tmp_path, True, lambda _: GOOD).store_key() == key


def test_a_person_may_give_up(tmp_path: Path) -> None:
    secrets.open_secrets(tmp_path, False, lambda _: GOOD, CHEAP)
    with pytest.raises(EnvironmentFault, match=r"passphrase_needed"):
        secrets.open_secrets(tmp_path, True, lambda _: None)


def test_a_short_passphrase_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "1234567")
    with pytest.raises(OperatorVisibleError, match=r"passphrase_short"):
        secrets.open_secrets(tmp_path, False)


def test_a_new_passphrase_keeps_the_key(tmp_path: Path) -> None:
    key = secrets.open_secrets(tmp_path, False, lambda _: GOOD, CHEAP).store_key()
    secrets.change_passphrase(tmp_path, GOOD, "another good one", CHEAP)
    assert secrets.open_secrets(tmp_path, True, lambda _: "another good one").store_key() == key
    with pytest.raises(OperatorVisibleError, match=r"passphrase_wrong"):
        secrets.open_secrets(tmp_path, True, lambda _: GOOD)


def test_neither_key_nor_passphrase_stands_in_the_record(tmp_path: Path) -> None:
    key = secrets.open_secrets(tmp_path, False, lambda _: GOOD, CHEAP).store_key()
    raw = (tmp_path / "secrets.json").read_bytes()
    assert key.hex().encode() not in raw
    assert b"unlocks" not in raw


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version": 2}', '{"version": 1, "passphrase": {"salt": 1}}'])
def test_a_damaged_record_is_told_and_left(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(EnvironmentFault, match=r"record_damaged"):
        secrets.open_secrets(tmp_path, True, lambda _: GOOD)
    assert (tmp_path / "secrets.json").read_text() == content


def test_a_lost_record_of_an_existing_store_is_told_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"record_missing"):
        secrets.open_secrets(tmp_path, True, lambda _: GOOD)
    assert not (tmp_path / "secrets.json").exists()


def test_a_planted_cost_cannot_take_all_memory(tmp_path: Path) -> None:
    secrets.open_secrets(tmp_path, False, lambda _: GOOD, CHEAP)
    form = json.loads((tmp_path / "secrets.json").read_text())
    form["passphrase"]["n"] = 1 << 40
    (tmp_path / "secrets.json").write_text(json.dumps(form))
    with pytest.raises(OperatorVisibleError, match=r"passphrase_wrong"):
        secrets.open_secrets(tmp_path, True, lambda _: GOOD)


def test_two_programs_at_their_first_start_agree_on_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []

    def start() -> None:
        keys.append(secrets.open_secrets(tmp_path, False, lambda _: GOOD, CHEAP).store_key())

    both = [threading.Thread(target=start) for _ in range(4)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(keys) == 4
    assert len(set(keys)) == 1


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.text(min_size=1), st.text(min_size=1))
def test_only_the_passphrase_unwraps(key: bytes, passphrase: str, other: str) -> None:
    wrapped = wrap(key, passphrase, Cost(n=2))
    assert unwrap(wrapped, passphrase) == key
    if secrets_equal(passphrase, other):
        return
    assert unwrap(wrapped, other) is None


def secrets_equal(a: str, b: str) -> bool:
    return unicodedata.normalize("NFKC", a) == unicodedata.normalize("NFKC", b)


def test_the_key_never_shows_in_a_representation() -> None:
    held = secrets.ephemeral_secrets()
    assert held.store_key().hex() not in repr(held)
    assert repr(held) == "HeldSecrets(ephemeral)"
    assert secrets.ephemeral_secrets().store_key() != held.store_key()


class PlainKeyring(keyring.backend.KeyringBackend):
    """A backend that works and keeps secrets readable, as ``keyrings.alt`` has them."""

    priority = 20
    kept: dict[tuple[str, str], str] = {}  # noqa: RUF012

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.mark.parametrize("name", ["null", "plain"])
def test_a_backend_that_keeps_nothing_or_keeps_it_readable_is_not_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str,
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    ring = null.Keyring() if name == "null" else PlainKeyring()
    monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: [ring])
    assert os_keyring.accepted_keyring() is None
    with pytest.raises(EnvironmentFault, match=r"no_secrets"):
        secrets.open_secrets(tmp_path, False)
    assert PlainKeyring.kept == {}


IN_A_SESSION = """
import sys
from pathlib import Path
from app.domain.errors import AppError
from app.platform import secrets
folder, act = Path(sys.argv[1]), sys.argv[2]
try:
    if act == "forget":
        from app.platform import os_keyring
        import json
        ring = os_keyring.accepted_keyring()
        ring.delete_password("tingdan", json.loads((folder / "secrets.json").read_text())["keyring_entry"])
    held = secrets.open_secrets(folder, act != "first")
    print(held.backend, held.store_key().hex())
except AppError as error:
    print(error.key)
"""


def in_session(tmp_path: Path, act: str, unlock: bool = True, bus: bool = True) -> list[str]:
    """Run the script under a session bus of its own with a real, unlocked gnome-keyring."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "TINGDAN_PASSPHRASE", "WAYLAND_DISPLAY")}
    environment |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "XDG_DATA_HOME": str(tmp_path / "xdg")}
    daemon = "printf 'login' | gnome-keyring-daemon --unlock --components=secrets >/dev/null;" if unlock else ""
    command = ["sh", "-c", f'{daemon} exec "$0" -c "$1" "$2" "$3"', sys.executable, IN_A_SESSION, str(tmp_path), act]
    done = subprocess.run((["dbus-run-session", "--"] if bus else []) + command, env=environment, timeout=60,
                          capture_output=True, text=True, check=True)
    return done.stdout.split()


needs_keyring = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="needs a real keyring: apt-get install gnome-keyring dbus")


@needs_keyring
def test_a_real_keyring_keeps_the_key_over_sessions(tmp_path: Path) -> None:
    backend, key = in_session(tmp_path, "first")
    assert backend == "keyring:SecretService"
    assert in_session(tmp_path, "again") == [backend, key]
    # Nothing the program or the keyring wrote holds the key readable.
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert key.encode() not in file.read_bytes(), file


@needs_keyring
def test_a_key_lost_from_the_keyring_is_told_not_replaced(tmp_path: Path) -> None:
    in_session(tmp_path, "first")
    assert in_session(tmp_path, "forget") == ["platform.key_missing"]


@needs_keyring
def test_a_session_without_the_keyring_is_told(tmp_path: Path) -> None:
    in_session(tmp_path, "first")
    assert in_session(tmp_path, "again", unlock=False, bus=False) == ["platform.keyring_gone"]


@needs_keyring
def test_a_keyring_nobody_can_unlock_counts_as_none_at_first_use_and_is_told_later(tmp_path: Path) -> None:
    assert in_session(tmp_path, "first", unlock=False) == ["platform.no_secrets"]
    in_session(tmp_path, "first")
    assert in_session(tmp_path, "again", unlock=False) == ["platform.keyring_failed"]
