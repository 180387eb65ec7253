"""The window is found as it was left; compact mode, strip and tray keep to what they promise."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest

from app.domain.call import Phase
from app.platform.window_memory import WindowMemory
from tests.widgets import sample_call
from tests.widgets.conftest import Desk

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def talk(desk: Desk) -> None:
    desk.presenters.deliver(sample_call.talking())
    desk.wait_for(lambda: desk.window.ticket.editors["requester_name"].text() == "陈建华")


def test_size_panes_and_recent_commands_are_found_again(desk: Desk, tmp_path: Path) -> None:
    talk(desk)
    tools, file = desk.window.tools, tmp_path / "window.json"
    tools.use_memory(WindowMemory(file))
    desk.window.resize(1500, 800)
    QTest.keyClick(desk.window, Qt.Key.Key_F3, CTRL_SHIFT)
    assert not desk.window.knowledge.isVisible()
    tools.hub.trigger("window.dark")
    tools._on_closed()
    tools.layout.reset()
    desk.window.resize(1366, 768)
    tools.commands.recent = ()
    tools.use_memory(WindowMemory(file))
    assert desk.window.size() != QSize(1366, 768), "as it was; Qt fits it to the screen, which is small here"
    assert not desk.window.knowledge.isVisible()
    assert tools.commands.recent[0] == "window.dark"
    QTest.keyClick(desk.window, Qt.Key.Key_F3)  # search: the pane is needed
    assert desk.window.knowledge.isVisible()
    assert "13800" not in file.read_text("utf-8")


def test_a_broken_memory_costs_nothing(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "window.json"
    file.write_text('{"geometry": 7, "panes": "not base64", "aside": ["no such pane"], "compact": "yes"}', "utf-8")
    desk.window.tools.use_memory(WindowMemory(file))
    assert desk.window.knowledge.isVisible()
    file.write_text("{", "utf-8")
    desk.window.tools.use_memory(WindowMemory(file))


def test_compact_mode_leaves_call_bar_and_form_and_gives_the_size_back(desk: Desk) -> None:
    talk(desk)
    before = desk.window.size()
    QTest.keyClick(desk.window, Qt.Key.Key_M, CTRL_SHIFT)
    QTest.qWait(30)
    assert not desk.window.conversation.isVisible()
    assert not desk.window.knowledge.isVisible()
    assert desk.window.ticket.isVisible()
    assert desk.window.width() < before.width()
    desk.window.activateWindow()
    assert QTest.qWaitForWindowActive(desk.window)
    QTest.keyClick(desk.window, Qt.Key.Key_M, CTRL_SHIFT)
    QTest.qWait(30)
    assert desk.window.conversation.isVisible()
    assert desk.window.size() == before


def test_the_strip_says_in_one_line_who_calls_what_lacks_and_which_card(desk: Desk) -> None:
    strip = desk.window.tools.strip
    assert strip.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    talk(desk)
    desk.window.tools.layout.toggle_strip()
    assert strip.isVisible()
    line = strip.text()
    state = sample_call.talking()
    assert state.context.caller_number in line
    assert "通话中" in line
    assert "回访" in line
    assert state.pushes[-1].ranked[0].entry.title in line
    desk.presenters.strip.lock(True)
    assert state.context.caller_number not in strip.text()
    desk.presenters.strip.lock(False)
    strip.back.click()
    assert not strip.isVisible()
    assert not desk.window.isMinimized()


def test_notifications_come_only_when_asked_for_and_without_personal_data(desk: Desk) -> None:
    desk.window.tools.use_tray()
    tray = desk.window.tools.tray
    assert tray is not None
    told: list[str] = []
    tray.icon.showMessage = lambda title, words, *rest: told.append(words)  # type: ignore[method-assign,assignment]
    tray.icon.isVisible = lambda: True  # type: ignore[method-assign]
    desk.window.hide()  # another program is in front
    tray.tell("x")
    assert told == []
    tray.notifies, tray._phase = True, Phase.IDLE
    tray.show_state(sample_call.ringing())
    assert told == ["有来电，请接听。"]
