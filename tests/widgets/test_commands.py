"""Menu, palette, sheet and keys come from one table: what is bound is in it, what is chosen runs, a changed key works at once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from app.domain.commands import BY_ID, COMMANDS
from app.presenters.commands import Column
from tests.widgets.conftest import Desk
from widgets.keys_dialog import KeysDialog
from widgets.language import LanguageName
from widgets.shortcuts import COMMAND, bind_act, present_keys, with_keys

CTRL = Qt.KeyboardModifier.ControlModifier


def ask(desk: Desk, typed: str) -> list[str]:
    desk.window.activateWindow()
    assert QTest.qWaitForWindowActive(desk.window)
    QTest.keyClick(desk.window, Qt.Key.Key_K, CTRL)
    palette = desk.window.tools.palette
    desk.wait_for(palette.isVisible)
    palette.line.setText(typed)
    return [palette.model.commands[row].id for row in range(palette.model.rowCount())]


def sheet(desk: Desk) -> KeysDialog:
    desk.window.tools.show_keys()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, KeysDialog)
    return dialog


def test_every_key_of_the_window_is_a_command_and_every_command_is_bound(desk: Desk) -> None:
    bound = {str(shortcut.property(COMMAND) or shortcut.key().toString()) for shortcut in desk.window.findChildren(QShortcut)}
    assert sorted(bound - set(BY_ID)) == [], "put it into app/domain/commands.py (docs/development.md: A new key or command)"
    elsewhere = {"tickets", "program"}  # panels on submitted tickets are not in this window
    lost = [command.id for command in COMMANDS if command.id not in bound and not command.is_fixed
            and command.group not in elsewhere and not command.id.startswith("ticket.")]
    assert lost == []


def test_the_palette_finds_by_characters_pinyin_and_initials_and_runs(desk: Desk) -> None:
    for typed in ("接听", "jieting", "answer"):
        assert ask(desk, typed)[0] == "call.answer"
        desk.window.tools.palette.reject()
    found = ask(desk, "jt")
    assert found[0] == "call.answer"
    assert desk.window.tools.palette.model.index(0, Column.KEYS).data() == "F2"
    QTest.keyClick(desk.window.tools.palette.line, Qt.Key.Key_Return)
    assert desk.phone.asked == ["answer"]
    assert not desk.window.tools.palette.isVisible()
    assert ask(desk, "")[0] == "call.answer", "the recent ones come first"


def test_what_is_not_possible_now_is_listed_but_does_not_run(desk: Desk) -> None:
    ask(desk, "guaduan")
    QTest.keyClick(desk.window.tools.palette.line, Qt.Key.Key_Return)
    assert desk.phone.asked == []
    assert desk.window.tools.palette.isVisible()


def test_a_new_key_works_at_once_and_is_written_on_the_button(desk: Desk) -> None:
    kept: list[str] = []
    desk.window.tools.commands.keys_chosen.connect(kept.append)
    dialog = sheet(desk)
    QTest.keyClicks(dialog.search, "jieting")
    dialog.key.setKeySequence(QKeySequence("F8"))
    assert "挂断" in dialog.answer.text(), "whose key it is"
    dialog.key.setKeySequence(QKeySequence("Ctrl+J"))
    dialog.set_button.click()
    dialog.accept()
    desk.window.activateWindow()
    assert QTest.qWaitForWindowActive(desk.window)
    QTest.keyClick(desk.window, Qt.Key.Key_F2)
    QTest.keyClick(desk.window, Qt.Key.Key_J, CTRL)
    assert desk.phone.asked == ["answer"]
    assert kept == ["call.answer=Ctrl+J"]
    desk.wait_for(lambda: desk.window.call_bar.answer.text() == "接听 Ctrl+J")
    desk.window.tools.commands.reset()
    desk.wait_for(lambda: desk.window.call_bar.answer.text() == "接听 F2")


def test_hints_say_the_present_key_and_what_is_made_later_gets_it(desk: Desk) -> None:
    window, keys = desk.window, desk.window.tools.commands
    assert keys.set_key("knowledge.search", "Ctrl+Alt+S").fault == ""
    assert keys.set_key("ticket.next_open", "").fault == ""
    desk.wait_for(lambda: "Ctrl+Alt+S" in window.knowledge.search.placeholderText())
    assert "F3" not in window.knowledge.search.placeholderText()
    desk.wait_for(lambda: any("Ctrl+Del" in label.text() and "F7" not in label.text() for label in window.ticket.findChildren(QLabel)))
    pressed: list[bool] = []
    late = QWidget(window.ticket)
    shortcut = bind_act(late, "knowledge.search", lambda: pressed.append(True))
    assert [key.toString() for key in QShortcut.keys(shortcut)] == ["Ctrl+Alt+S"]
    assert present_keys(late, "ticket.next_open") == ()
    assert with_keys(late, "F1 F11 Ctrl+F1 按F3", "knowledge.search") == "F1 F11 Ctrl+F1 按Ctrl+Alt+S"
    shortcut.deleteLater()


def test_enter_presses_the_button_that_has_the_focus(desk: Desk) -> None:
    desk.window.call_bar.answer.setFocus()
    QTest.keyClick(desk.window.call_bar.answer, Qt.Key.Key_Return)
    assert desk.phone.asked == ["answer"]
    QTest.simulateEvent(desk.window.call_bar.answer, True, int(Qt.Key.Key_Return), Qt.KeyboardModifier.NoModifier, "\r", True)
    assert desk.phone.asked == ["answer"], "a held key presses nothing again"


def test_a_taken_key_changes_hands_only_when_that_was_seen(desk: Desk) -> None:
    commands = desk.window.tools.commands
    assert commands.set_key("call.answer", "F8").owner == "call.hang_up"
    dialog = sheet(desk)
    QTest.keyClicks(dialog.search, "jieting")
    dialog.key.setKeySequence(QKeySequence("F8"))
    dialog.set_button.click()
    assert (commands.keymap.keys("call.answer"), commands.keymap.keys("call.hang_up")) == (("F8",), ())
    assert commands.reset("call.hang_up").owner == "call.answer"
    dialog.reset_all.click()
    assert commands.keymap.keys("call.hang_up") == ("F8",)
    dialog.reject()


def test_the_policy_greys_the_editor_and_says_why(desk: Desk) -> None:
    desk.window.tools.commands.use("", is_locked=True)
    dialog = sheet(desk)
    assert not dialog.set_button.isEnabled()
    assert "策略" in dialog.answer.text()
    assert desk.window.tools.commands.set_key("call.answer", "F10").fault == "keys.locked"
    dialog.reject()


def test_palette_and_sheet_are_named_and_nothing_in_them_is_cut_off(desk: Desk) -> None:
    for language in LanguageName:
        desk.window.use_language(language)
        ask(desk, "")
        desk.window.tools.palette.reject()
        dialog = sheet(desk)
        QTest.qWait(20)
        for widget in dialog.findChildren(QWidget):
            if isinstance(widget, QLabel | QAbstractButton) and widget.isVisible() and not getattr(widget, "wordWrap", bool)():
                assert widget.sizeHint().width() <= widget.width() + 1, widget
        assert dialog.search.accessibleName()
        assert dialog.key.accessibleName()
        dialog.reject()
