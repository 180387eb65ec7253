"""`tingdan doctor` tells what is missing and the command that mends it, whatever state the machine is in."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault
from app.domain.health import Check
from app.platform import machine_health, secrets
from app.platform.clock import SystemClock
from app.services import doctor
from app.store.health import store_checks
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes


def find(checks: Sequence[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_missing_libraries_are_named_with_the_exact_apt_line() -> None:
    check = machine_health.library_check(lambda name: name not in ("libEGL.so.1", "libglib-2.0.so.0", "libgthread-2.0.so.0"))
    assert not check.ok
    assert check.remedy == "sudo apt-get install libegl1 libglib2.0-0"
    assert "libEGL.so.1" in doctor.render_text((check,), "en")


def test_what_the_loader_cannot_find_is_missing() -> None:
    assert machine_health.loads_library("libc.so.6")
    assert not machine_health.loads_library("libtingdan-nowhere.so.9")


@pytest.mark.qt
def test_the_lists_hold_every_system_library_of_the_installed_qt() -> None:
    assert machine_health.library_check().ok == machine_health.qt_check().ok


def test_a_screen_is_only_asked_for_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    assert machine_health.screen_check(lambda _: False).key == "doctor.screen_none"
    monkeypatch.setenv("DISPLAY", ":0")
    check = machine_health.screen_check(lambda name: name != "libxcb-cursor.so.0")
    assert (check.ok, check.remedy) == (False, "sudo apt-get install libxcb-cursor0")


def test_the_machine_is_told_in_whole_sentences_in_both_languages(home: Path) -> None:
    checks = doctor.examine([("machine", doctor.machine_checks)])
    for lang in ("zh", "en"):
        told = doctor.render_text(checks, lang)
        assert "doctor." not in told
        assert "{" not in told
    held = json.loads(doctor.render_json(checks))
    assert held["format"] == "tingdan-doctor/1"
    assert {check["name"] for check in held["checks"]} >= {"program.python", "window.pyside6", "store.secrets", "disk.space"}
    assert find(checks, "folder.log").ok


def test_without_keyring_and_passphrase_it_says_how_to_mend_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(secrets.PASSPHRASE_VARIABLE, raising=False)
    monkeypatch.setattr(secrets, "accepted_keyring", lambda: None)
    check = find(doctor.machine_checks(), "store.secrets")
    assert not check.ok
    assert check.remedy
    monkeypatch.setenv(secrets.PASSPHRASE_VARIABLE, "long enough")
    assert find(doctor.machine_checks(), "store.secrets").key == "doctor.secrets_passphrase"


def test_a_home_that_cannot_be_made_is_a_finding_not_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TINGDAN_HOME", str(tmp_path / "file"))
    checks = doctor.examine([("machine", doctor.machine_checks)])
    assert [check.name for check in checks if check.key == "platform.folder_unwritable"] == [
        "folder.data", "folder.config", "folder.log", "folder.cache"]


def test_a_wrong_settings_file_is_told(home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "settings.toml").write_text("[desk]\ncity = 1\n")
    check = find(doctor.machine_checks(), "settings")
    assert (check.ok, check.key) == (False, "platform.setting_bad")


def test_a_provider_that_fails_is_a_finding() -> None:
    def broken() -> Sequence[Check]:
        raise ZeroDivisionError

    def faulty() -> Sequence[Check]:
        raise EnvironmentFault("store.disk_full")

    checks = doctor.examine([("speech", broken), ("store", faulty)])
    assert [(check.name, check.ok) for check in checks] == [("speech", False), ("store", False)]
    assert not doctor.is_healthy(checks)
    assert "ZeroDivisionError" in doctor.render_text(checks)


def test_the_store_is_looked_at_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "tickets.db"
    asked: list[bool] = []

    def key_of() -> bytes:
        asked.append(True)
        return scenes.KEY

    assert store_checks(path, key_of)[0].key == "store.not_yet"
    assert not path.exists()
    assert not asked
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), {})
    store.close()
    assert store_checks(path, key_of)[0].params == {"drafts": 0, "tickets": 2, "outbox": 1}
    assert store_checks(path, lambda: os.urandom(32))[0].key == "store.wrong_key"
