"""The store's key, fetched ahead: the same key, or none where somebody has to be asked or something has to be told."""

from __future__ import annotations

from pathlib import Path

import keyring.backend
import pytest

from app.domain.errors import EnvironmentFault
from app.platform import secrets
from app.platform.key_ahead import KeyAhead
from app.platform.passphrase import Cost
from app.platform.secret_record import Record, read_record, write_record

CHEAP = Cost(n=1 << 10)
GOOD = "天河区 unlocks 42"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", GOOD)
    monkeypatch.setattr(keyring.backend, "get_all_keyring", list)


def taken(folder: Path) -> secrets.HeldSecrets | None:
    ahead = KeyAhead(lambda: folder)
    ahead.start()
    found = ahead.take()
    assert ahead.take() is None  # not kept
    return found


def test_it_is_the_key_of_the_store(tmp_path: Path) -> None:
    key = secrets.open_secrets(tmp_path, False, cost=CHEAP).store_key()
    found = taken(tmp_path)
    assert found is not None
    assert (found.store_key(), found.backend) == (key, "passphrase")


def test_no_key_is_made_where_there_is_none(tmp_path: Path) -> None:
    assert taken(tmp_path) is None
    assert not list(tmp_path.glob("*.json"))


def test_a_wrong_passphrase_a_person_and_a_fault_are_left_to_who_can_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets.open_secrets(tmp_path, False, cost=CHEAP)
    monkeypatch.setenv("TINGDAN_PASSPHRASE", GOOD + "!")
    assert taken(tmp_path) is None
    monkeypatch.delenv("TINGDAN_PASSPHRASE")
    assert taken(tmp_path) is None
    (tmp_path / "secrets.json").write_text("{")
    assert taken(tmp_path) is None

    def unwritable() -> Path:
        raise EnvironmentFault("platform.folder_unwritable")

    ahead = KeyAhead(unwritable)
    ahead.start()
    assert ahead.take() is None


def test_a_rotation_that_was_cut_off_is_settled_by_who_opens_the_store(tmp_path: Path) -> None:
    secrets.open_secrets(tmp_path, False, cost=CHEAP)
    record = read_record(tmp_path)
    assert record is not None
    following, _ = secrets.new_place(record.present, GOOD, CHEAP)
    write_record(tmp_path, Record(record.present, following))
    assert taken(tmp_path) is None
    assert read_record(tmp_path) == Record(record.present, following)
