"""The machine's policy beats the user's file beats the default, and no file can stop the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform import messages
from app.platform.settings import REGISTRY, Setting, Settings, load_settings, markdown

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "config" / "settings.toml", tmp_path / "policy.toml"


def test_defaults_hold_without_any_file(files: tuple[Path, Path]) -> None:
    settings = Settings(*files)
    assert (settings.text("desk.city"), settings.whole("log.keep_files"), settings.notes) == ("广州市", 5, [])


def test_policy_beats_user_beats_default(files: tuple[Path, Path]) -> None:
    user, policy = files
    user.parent.mkdir()
    user.write_text('[desk]\ncity = "深圳市"\nagent_id = "A17"\n', "utf-8")
    policy.write_text('[desk]\ncity = "珠海市"\n', "utf-8")
    settings = Settings(user, policy)
    assert (settings.text("desk.city"), settings.text("desk.agent_id")) == ("珠海市", "A17")
    with pytest.raises(OperatorVisibleError, match=r"platform\.setting_locked"):
        settings.put("desk.city", "深圳市")


def test_what_is_put_is_there_at_the_next_start(files: tuple[Path, Path]) -> None:
    odd = 'a "quoted" \\ path\nof two lines 广州'
    Settings(*files).put("desk.agent_id", odd)
    Settings(*files).put("desk.language", "en")
    again = Settings(*files)
    assert (again.text("desk.agent_id"), again.text("desk.language"), again.notes) == (odd, "en", [])


@pytest.mark.parametrize(("content", "key"), [
    ('[desk]\ncity = 5\n', "platform.setting_bad"),
    ('[desk]\nlanguage = "fr"\n', "platform.setting_bad"),
    ('[desk]\ncolour = "red"\n', "platform.setting_unknown"),
    ('[log]\nmax_bytes = 70000\n', "platform.setting_locked"),
    ('[desk\ncity', "platform.settings_unreadable"),
    ('\x00', "platform.settings_unreadable"),
])
def test_a_wrong_file_is_told_and_the_default_holds(files: tuple[Path, Path], content: str, key: str) -> None:
    user, policy = files
    user.parent.mkdir()
    user.write_text(content, "utf-8")
    settings = Settings(user, policy)
    assert [note.key for note in settings.notes] == [key]
    assert "{" not in str(settings.notes[0])  # the sentence has all its parts
    assert (settings.text("desk.city"), settings.text("desk.language")) == ("广州市", "zh")
    assert settings.whole("log.max_bytes") == 1 << 20


def test_a_number_out_of_bounds_is_not_taken(files: tuple[Path, Path]) -> None:
    files[1].write_text("[log]\nkeep_files = 100000\n", "utf-8")
    settings = Settings(*files)
    assert settings.whole("log.keep_files") == 5
    assert settings.notes[0].params["wanted"] == "whole number >= 1 <= 100"


def test_true_is_not_one_and_one_is_a_number(files: tuple[Path, Path]) -> None:
    registry = (Setting("a.whole", 1, "."), Setting("a.share", 0.5, "."), Setting("a.flag", False, "."))
    files[1].write_text("[a]\nwhole = true\nshare = 1\nflag = 1\n", "utf-8")
    settings = Settings(*files, registry)
    assert (settings.whole("a.whole"), settings.number("a.share"), settings.flag("a.flag")) == (1, 1.0, False)


def test_a_damaged_user_file_is_put_aside_not_overwritten(files: tuple[Path, Path]) -> None:
    user, policy = files
    user.parent.mkdir()
    user.write_text("[desk\nmy notes", "utf-8")
    Settings(user, policy).put("desk.agent_id", "B2")
    assert user.with_suffix(".damaged").read_text("utf-8") == "[desk\nmy notes"
    assert Settings(user, policy).text("desk.agent_id") == "B2"


def test_settings_of_a_newer_version_survive_a_change(files: tuple[Path, Path]) -> None:
    user, policy = files
    user.parent.mkdir()
    user.write_text('[desk]\nfuture = "x"\n', "utf-8")
    Settings(user, policy).put("desk.agent_id", "B2")
    assert 'future = "x"' in user.read_text("utf-8")


def test_a_folder_in_place_of_the_file_is_told(files: tuple[Path, Path]) -> None:
    files[0].mkdir(parents=True)
    settings = Settings(*files)
    assert [note.key for note in settings.notes] == ["platform.settings_unreadable"]
    with pytest.raises((EnvironmentFault, OperatorVisibleError)):
        (files[0].with_suffix(".damaged")).mkdir()
        (files[0].with_suffix(".damaged") / "x").touch()
        settings.put("desk.agent_id", "x")


def test_the_users_file_lies_in_the_home(home: Path) -> None:
    load_settings().put("desk.agent_id", "C3")
    assert (home / "config" / "settings.toml").is_file()


def test_the_document_tells_every_setting() -> None:
    told = (REPOSITORY / "docs" / "settings.md").read_text("utf-8")
    assert markdown() in told


def test_the_document_tells_every_variable_the_program_reads() -> None:
    told = (REPOSITORY / "docs" / "settings.md").read_text("utf-8")
    read: set[str] = set()
    for room in ("app", "asr", "kb_cache", "widgets"):
        for source in (REPOSITORY / room).rglob("*.py"):
            read |= set(re.findall(r"TINGDAN_[A-Z_]+", source.read_text("utf-8")))
    assert {name for name in read if f"`{name}`" not in told} == set()


def test_every_key_is_once_and_has_both_parts() -> None:
    keys = [setting.key for setting in REGISTRY]
    assert len(keys) == len(set(keys))
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", key) for key in keys)


def test_every_message_of_these_rooms_has_both_languages() -> None:
    for source in (*(REPOSITORY / "app" / "store").glob("*.py"), *(REPOSITORY / "app" / "platform").glob("*.py")):
        for key in re.findall(r"\"((?:store|platform)\.[a-z_]+)\"", source.read_text("utf-8")):
            if key in ("store.file", "store.secrets"):  # names of checks
                continue
            for lang in ("zh", "en"):
                assert messages.text(key, {}, lang) != key, f"{key} has no text in {lang}"
