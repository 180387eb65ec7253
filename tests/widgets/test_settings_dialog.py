"""The settings dialog: every setting is in it with words, checked, applied at once, closed where the policy decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QSpinBox

from app.platform.settings import REGISTRY, Settings
from app.presenters.settings import GROUPS, SettingsPresenter
from tests.widgets.conftest import Desk
from widgets.settings_dialog import SettingsDialog


def now(job: Callable[[], None]) -> None:
    job()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    policy = tmp_path / "policy.toml"
    policy.write_text('[knowledge]\npush = "fewer"\n', "utf-8")
    return Settings(tmp_path / "settings.toml", policy)


@pytest.fixture
def dialog(desk: Desk, settings: Settings) -> SettingsDialog:
    desk.window.tools.use_settings(SettingsPresenter(settings, now, desk.window))
    QTest.keyClick(desk.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    shown = QApplication.activeModalWidget()
    assert isinstance(shown, SettingsDialog)
    return shown


def words(dialog: SettingsDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_every_setting_is_in_the_dialog_with_words_in_both_languages(desk: Desk, settings: Settings) -> None:
    presenter = SettingsPresenter(settings, now, desk.window)
    rows = [row for group in GROUPS for row in presenter.rows(group)]
    assert {row.key for row in rows} == {setting.key for setting in REGISTRY} - {"desk.keys"}
    for language in ("zh", "en"):
        lacking = [row.key for row in rows if row.name(language).startswith("settings.") or row.about(language).startswith("settings.")]
        assert lacking == [], "resources/messages/settings.toml"
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in row.about("zh")) for row in rows)


def test_a_look_is_applied_at_once_and_kept(desk: Desk, dialog: SettingsDialog, settings: Settings) -> None:
    theme = dialog.lines["desk.theme"].input
    assert isinstance(theme, QComboBox)
    theme.setFocus()
    QTest.keyClick(theme, Qt.Key.Key_Down)
    assert desk.window.theme.name.value == "dark"
    assert settings.text("desk.theme") == "dark"
    language = dialog.lines["desk.language"].input
    assert isinstance(language, QComboBox)
    language.setFocus()
    QTest.keyClick(language, Qt.Key.Key_Down)
    desk.wait_for(lambda: "Work number" in words(dialog))
    assert desk.window.call_bar.answer.text() == "Answer F2"
    assert dialog.windowTitle() == "Settings"
    dialog.accept()


def test_the_policy_greys_and_says_why(dialog: SettingsDialog) -> None:
    dialog.show_group("knowledge")
    assert not dialog.lines["knowledge.push"].input.isEnabled()
    assert "策略" in dialog.lines["knowledge.push"].note.text()
    dialog.show_group("retention")
    assert not any(line.input.isEnabled() for line in dialog.lines.values())
    assert all("管理员" in line.note.text() for line in dialog.lines.values())
    dialog.accept()


def test_a_value_that_does_not_fit_is_refused_where_it_stands(dialog: SettingsDialog, settings: Settings) -> None:
    city = dialog.lines["desk.city"]
    assert isinstance(city.input, QLineEdit)
    city.input.setText("亚特兰蒂斯")
    city.input.editingFinished.emit()
    assert "地名" in city.fault.text()
    assert settings.text("desk.city") == "广州市"
    city.input.setText("深圳市")
    city.input.editingFinished.emit()
    assert city.fault.isHidden()
    assert settings.text("desk.city") == "深圳市"
    dialog.show_group("delivery")
    mapping = dialog.lines["delivery.mapping"]
    assert isinstance(mapping.input, QLineEdit)
    mapping.input.setText("/no/such/file")
    mapping.input.editingFinished.emit()
    assert not mapping.fault.isHidden()
    dialog.accept()


def test_numbers_ticks_and_defaults(dialog: SettingsDialog, settings: Settings) -> None:
    dialog.show_group("backup")
    keep = dialog.lines["backup.keep"]
    assert isinstance(keep.input, QSpinBox)
    keep.input.setValue(9)
    assert settings.whole("backup.keep") == 9
    keep.reset.click()
    assert (settings.whole("backup.keep"), keep.input.value()) == (7, 7)
    dialog.show_group("desk")
    notify = dialog.lines["desk.notify"].input
    assert isinstance(notify, QCheckBox)
    notify.click()
    assert settings.flag("desk.notify")
    dialog.accept()


def test_search_finds_by_characters_and_initials_over_all_groups(dialog: SettingsDialog) -> None:
    dialog.search.setText("bf")
    assert {"backup.folder", "backup.keep"} <= set(dialog.lines)
    dialog.search.setText("工号")
    assert "desk.agent_id" in dialog.lines
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.search.text() == ""
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_keys_that_were_chosen_hold_at_the_next_start(desk: Desk, settings: Settings, tmp_path: Path) -> None:
    desk.window.tools.use_settings(SettingsPresenter(settings, now, desk.window))
    desk.window.tools.commands.set_key("call.answer", "F10")
    again = SettingsPresenter(Settings(tmp_path / "settings.toml", tmp_path / "policy.toml"), now, desk.window)
    desk.window.tools.use_settings(again)
    assert desk.window.tools.commands.keymap.keys("call.answer") == ("F10",)
