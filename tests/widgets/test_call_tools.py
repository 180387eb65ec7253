"""Beside reading: evidence to listen to, find, filter and flags in the conversation, the phone's keys, copying out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.domain.call import CallMuted, CallPaused, CallReleased, Consult, ConsultChanged, FieldConfirmed, Phase
from app.domain.dialogue import Channel
from app.domain.form_profile import order_profile, profile_of
from app.domain.listening import Stretch
from app.platform.area_codes import origin
from app.platform.catalogue_files import load_fields
from app.ports.phone import PhoneFeature
from app.presenters.call_tools import CallTools
from app.presenters.levels import LevelsPresenter
from tests.widgets import sample_call
from tests.widgets.conftest import Desk, Phone
from widgets.phone_keys import DialWindow, TransferWindow

CTRL, ALT, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def heard(desk: Desk) -> Iterator[list[Stretch]]:
    """What the desk asked to be played."""
    played: list[Stretch] = []
    desk.presenters.use_tools(CallTools(listen=played.append, hush=lambda: None))
    return iter([played]).__next__()


def test_the_focused_fields_evidence_lights_up_and_a_key_plays_it(desk: Desk, heard: list[Stretch]) -> None:
    desk.say()
    desk.window.ticket.go_to("contact_phone")
    assert desk.presenters.conversation.model.row(7).evidence
    assert "Alt+P" in desk.window.ticket.why.text()
    QTest.keyClick(desk.window, Qt.Key.Key_P, ALT)
    said = sample_call.dialogue()[7]
    first = said.tokens[said.text.index("幺")].start_ms
    assert len(heard) == 1
    assert 3000 <= heard[0][1] - heard[0][0] <= 5000
    assert heard[0][0] <= first <= heard[0][1]


def test_a_field_without_evidence_says_so_in_one_line(desk: Desk, heard: list[Stretch]) -> None:
    desk.say()
    desk.window.ticket.go_to("alt_phone")
    QTest.keyClick(desk.window, Qt.Key.Key_P, ALT)
    desk.wait_for(lambda: "没有可听的依据" in desk.window.notice.text())
    assert heard == []


def test_a_click_on_an_utterance_and_enter_on_it_play_it(desk: Desk, heard: list[Stretch]) -> None:
    desk.say()
    listed = desk.window.conversation.list
    QTest.qWait(50)
    spot = listed.visualRect(listed.model().index(9, 0)).center()
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, spot.y()))
    desk.wait_for(lambda: len(heard) == 1)
    assert heard[0][0] <= sample_call.dialogue()[9].start_ms <= heard[0][1]
    listed.setFocus()
    listed.setCurrentIndex(listed.model().index(1, 0))
    QTest.keyClick(listed, Qt.Key.Key_Return)
    assert heard[1][0] <= sample_call.dialogue()[1].start_ms


def test_only_the_citizen_is_shown_and_evidence_still_is(desk: Desk) -> None:
    desk.say()
    shown = desk.presenters.conversation.shown
    QTest.keyClick(desk.window, Qt.Key.Key_K, ALT)
    assert desk.window.conversation.citizen.isChecked()
    sides = {desk.presenters.conversation.model.row(shown.mapToSource(shown.index(n, 0)).row()).channel for n in range(shown.rowCount())}
    assert sides == {Channel.CITIZEN}
    before = shown.rowCount()
    desk.window.ticket.go_to("contact_phone")  # read back by the operator, too
    assert shown.rowCount() == before + 1
    desk.window.conversation.list.setFocus()
    QTest.keyClick(desk.window, Qt.Key.Key_K, ALT)
    assert shown.rowCount() == 10


def test_what_is_looked_for_is_marked_and_brought_into_view(desk: Desk) -> None:
    desk.say()
    QTest.keyClick(desk.window, Qt.Key.Key_F, CTRL)
    line = desk.window.conversation.find_line
    assert line.hasFocus()
    line.setText("13800607788")
    assert desk.window.conversation.found.text() == "2/2 处"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert desk.presenters.conversation.find_view.place == 1
    rows = desk.presenters.conversation.model.rows
    assert [number for number, row in enumerate(rows) if row.found] == [7, 8]
    start, end = rows[7].found[0]
    assert rows[7].text[start:end] == "13800607788"
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not any(row.found for row in desk.presenters.conversation.model.rows)
    assert desk.window.conversation.list.hasFocus()


def test_a_search_goes_on_in_what_is_said_later(desk: Desk) -> None:
    desk.say(3)
    desk.presenters.conversation.find("棠下")
    assert desk.presenters.conversation.find_view.count == 0
    desk.say(4)
    desk.wait_for(lambda: desk.presenters.conversation.find_view.count == 1)


def test_a_moment_is_flagged_shown_and_unflagged(desk: Desk) -> None:
    desk.say()
    QTest.keyClick(desk.window, Qt.Key.Key_B, ALT)
    desk.wait_for(lambda: len(desk.state.flags) == 1)
    assert desk.presenters.conversation.model.row(9).is_flagged
    desk.presenters.conversation.flag(3)
    desk.wait_for(lambda: desk.presenters.conversation.model.row(3).is_flagged)
    found: list[int] = []
    desk.presenters.conversation.row_located.connect(found.append)
    for after in (-1, 3, 9):
        desk.presenters.conversation.go_to_flag(after)
    assert found == [3, 9, 3]
    desk.presenters.conversation.flag(3)
    desk.wait_for(lambda: not desk.presenters.conversation.model.row(3).is_flagged)


def test_numbers_and_places_are_marked(desk: Desk) -> None:
    desk.say()
    rows = desk.presenters.conversation.model.rows
    assert [rows[7].text[start:end] for start, end in rows[7].numbers] == ["13800607788"]
    assert "天河区" in "".join(rows[3].text[start:end] for start, end in rows[3].places)
    assert rows[1].places == ()


@dataclass
class Line(Phone):
    """A telephone with a line."""

    features: frozenset[PhoneFeature] = field(default_factory=lambda: frozenset(PhoneFeature))

    def mute(self, is_muted: bool) -> None:
        self.asked.append(f"mute {is_muted}")

    def send_digit(self, digit: str) -> None:
        self.asked.append(f"digit {digit}")

    def transfer(self, number: str) -> None:
        self.asked.append(f"transfer {number}")


def test_a_recording_has_no_line_and_the_keys_say_so(desk: Desk) -> None:
    desk.say(2)
    assert desk.window.call_bar.phone.dial.isHidden()
    for button in filter(QPushButton.isVisible, desk.window.call_bar.phone.findChildren(QPushButton)):
        assert not button.isEnabled()
        assert "录音回放没有电话线路" in button.toolTip()
        assert "录音回放没有电话线路" in button.accessibleDescription()


def test_with_a_line_it_can_be_muted_dialled_and_transferred(desk: Desk) -> None:
    phone = desk.presenters.call_bar._control = Line()
    desk.say(2)
    keys = desk.window.call_bar.phone
    assert keys.mute.isEnabled()
    QTest.keyClick(desk.window, Qt.Key.Key_M, CTRL)
    assert not keys.mute.isChecked()  # not before it is true
    desk.runner.post(CallMuted(True))
    desk.wait_for(lambda: keys.mute.isChecked() and keys.mute.text() == "已静音")
    keys.keypad.click()
    pad = next(iter(keys._windows.values()))
    QTest.keyClick(pad, Qt.Key.Key_5)
    pad.keys["#"].click()  # type: ignore[union-attr]
    assert pad.sent.text() == "5#"  # type: ignore[union-attr]
    pad.close()
    keys.transfer.click()
    transfer = list(keys._windows.values())[-1]
    transfer.number.setText("8001")  # type: ignore[union-attr]
    QTest.keyClick(transfer.number, Qt.Key.Key_Return)  # type: ignore[union-attr]
    assert phone.asked == ["mute True", "digit 5", "digit #", "transfer 8001"]


@dataclass
class FullLine(Line):
    """A telephone that can ask a colleague first, hold a conference, and call."""

    can_dial: bool = False

    def consult(self, number: str) -> None:
        self.asked.append(f"consult {number}")

    def complete(self) -> None:
        self.asked.append("complete")

    def go_back(self) -> None:
        self.asked.append("go_back")

    def confer(self, number: str = "") -> None:
        self.asked.append(f"confer {number}".strip())

    def dial(self, number: str) -> None:
        self.asked.append(f"dial {number}")


def number_window(desk: Desk) -> TransferWindow:
    return desk.window.call_bar.phone.findChildren(TransferWindow)[-1]


def test_a_colleague_is_asked_first_and_then_gets_the_call_or_not(desk: Desk) -> None:
    phone = desk.presenters.call_bar._control = FullLine()
    desk.say(2)
    bar = desk.window.call_bar
    assert bar.consult.isHidden()
    QTest.keyClick(desk.window, Qt.Key.Key_I, CTRL | SHIFT)
    number_window(desk).number.setText("8001")
    number_window(desk).ask.click()
    desk.window.activateWindow()
    assert QTest.qWaitForWindowActive(desk.window)
    desk.runner.post(ConsultChanged(Consult("8001")))
    desk.wait_for(bar.consult.isVisible)
    assert "正在呼叫 8001" in bar.consult.words.text()
    assert [each.isEnabled() for each in (bar.consult.complete, bar.consult.go_back, bar.consult.confer)] == [False, True, False]
    assert not bar.phone.transfer.isEnabled(), "one at a time"
    desk.runner.post(ConsultChanged(Consult("8001", True)))
    desk.wait_for(bar.consult.complete.isEnabled)
    for key in (Qt.Key.Key_W, Qt.Key.Key_B, Qt.Key.Key_G):
        QTest.keyClick(desk.window, key, CTRL | SHIFT)
    desk.runner.post(ConsultChanged(None))
    desk.wait_for(bar.consult.isHidden)
    QTest.keyClick(desk.window, Qt.Key.Key_G, CTRL | SHIFT)
    number_window(desk).number.setText("110")
    number_window(desk).all.click()
    assert phone.asked == ["consult 8001", "complete", "go_back", "confer", "confer 110"]


def test_a_line_without_a_conference_room_greys_the_key_and_says_why(desk: Desk) -> None:
    desk.presenters.call_bar._control = FullLine(features=frozenset(PhoneFeature) - {PhoneFeature.CONFERENCE})
    desk.say(2)
    desk.window.call_bar.phone.transfer.click()
    assert not number_window(desk).all.isEnabled()
    assert "sip.conference" in number_window(desk).all.toolTip()
    number_window(desk).close()
    desk.presenters.call_bar._control = FullLine(features=frozenset({PhoneFeature.TRANSFER}))
    desk.say(3)
    desk.window.call_bar.phone.transfer.click()
    assert number_window(desk).all.isHidden()
    assert number_window(desk).ask.isHidden()


def test_after_the_call_its_number_is_dialled_by_a_key(desk: Desk) -> None:
    phone = desk.presenters.call_bar._control = FullLine(can_dial=True)
    desk.say(2)
    assert desk.window.call_bar.phone.dial.isHidden()
    desk.runner.post(CallReleased(9000))
    desk.wait_for(desk.window.call_bar.phone.dial.isVisible)
    QTest.keyClick(desk.window, Qt.Key.Key_D, CTRL | SHIFT)
    QTest.keyClick(desk.window.call_bar.phone.findChild(DialWindow).number, Qt.Key.Key_Return)
    assert phone.asked == [f"dial {sample_call.CONTEXT.caller_number}"]
    outgoing = replace(sample_call.ringing(), context=replace(sample_call.CONTEXT, call_id="next", is_outgoing=True))
    desk.presenters.deliver(outgoing)
    desk.wait_for(lambda: desk.window.call_bar._phase.text() == "呼出中")
    assert not desk.window.call_bar.answer.isEnabled()


def test_levels_light_the_meters_and_fall_with_the_call(desk: Desk) -> None:
    desk.say(2)
    desk.presenters.levels.deliver(Channel.CITIZEN, 0.7)
    desk.wait_for(lambda: desk.window.call_bar.citizen.lit == 7)
    assert desk.window.call_bar.operator.lit == 0
    desk.runner.post(CallPaused(3000))
    desk.wait_for(lambda: desk.window.call_bar.citizen.lit == 0)


def test_a_flood_of_levels_is_drawn_at_most_twenty_times_a_second(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    levels = LevelsPresenter()
    now = [0.0]
    monkeypatch.setattr("app.presenters.levels.time.monotonic", lambda: now[0])
    levels.show_state(replace(sample_call.talking(), phase=Phase.TALKING))
    drawn: list[object] = []
    levels.changed.connect(drawn.append)
    for number in range(400):
        levels.deliver(Channel.OPERATOR, (number % 90) / 100)
        QTest.qWait(0)
        now[0] += 0.0025
    assert 0 < len(drawn) <= 21


def test_the_ticket_is_copied_in_the_forms_order_without_what_nobody_took(desk: Desk) -> None:
    desk.say()
    QTest.keyClick(desk.window, Qt.Key.Key_C, ALT | Qt.KeyboardModifier.ShiftModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0] == "诉求类型：投诉"
    assert "联系电话：13800607788" in lines
    assert not any(line.startswith("事项") for line in lines)
    desk.runner.post(FieldConfirmed("item_code"))
    desk.wait_for(lambda: desk.state.draft.get("item_code").state == "confirmed")
    desk.presenters.copying.copy_all()
    assert "070101" in QApplication.clipboard().text()
    desk.wait_for(lambda: sum(notice.key == "copying.all_copied" for notice in desk.state.notices) == 2)
    desk.presenters.deliver(replace(sample_call.ringing(), context=replace(sample_call.CONTEXT, call_id="next")))
    desk.wait_for(lambda: QApplication.clipboard().text() == "")


def test_a_profile_copies_values_and_keys_and_steps_through_the_fields(desk: Desk) -> None:
    known = load_fields().__contains__
    steps = [{"field": "requester_name"}, {"key": "Tab"}, {"field": "contact_phone"}, {"key": "Enter"}, {"text": "12345"}]
    desk.presenters.use_tools(CallTools(profile=profile_of("旧系统", steps, known)))
    desk.say()
    desk.presenters.copying.copy_all()
    assert QApplication.clipboard().text() == "陈建华\t13800607788\n12345"
    given = []
    for _ in range(3):
        QTest.keyClick(desk.window, Qt.Key.Key_V, ALT)
        given.append(QApplication.clipboard().text())
    assert given == ["陈建华", "13800607788", "陈建华"]
    assert order_profile(("title", "content"), known).fields == ("title", "content")


def test_the_strip_copies_field_by_field_and_leaves_the_keyboard_where_it_is(desk: Desk) -> None:
    desk.presenters.use_tools(CallTools(profile=order_profile(("requester_name", "contact_phone"), load_fields().__contains__)))
    desk.say()
    strip = desk.window.tools.strip
    assert strip.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    desk.window.tools.layout.toggle_strip()
    given = []
    for place in (1, 2):
        strip.copy.click()
        given.append(QApplication.clipboard().text())
        desk.wait_for(lambda: f"{place}/2" in strip.text())  # noqa: B023
    assert given == ["陈建华", "13800607788"]
    desk.window.tools.layout.raise_window()


def test_one_field_is_copied_by_a_key(desk: Desk) -> None:
    desk.say()
    desk.window.ticket.go_to("address_detail")
    QTest.keyClick(desk.window, Qt.Key.Key_C, ALT)
    assert QApplication.clipboard().text() == "棠德南路12号一楼"


@pytest.mark.parametrize(("number", "words"), [
    ("13800200000", "广州市号码 · 本地来电"), ("01081234567", "北京市号码 · 广州市来电"), ("19900000000", "广州市来电")])
def test_the_number_tells_its_place_as_far_as_it_can(desk: Desk, number: str, words: str) -> None:
    desk.presenters.use_tools(CallTools(origin=origin))
    context = replace(desk.state.context, call_id=number, caller_number=number)
    desk.presenters.deliver(replace(desk.state, context=context))
    desk.wait_for(lambda: desk.window.call_bar.place.text() == words)
