"""After the call: what is open, what to read back, when it is due, and one key that takes, submits and clears the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.domain.call import CallReleased, FieldConfirmed, FieldEdited, MatterAdded, MatterDropped, TicketSubmitted
from app.domain.read_back import UNSURE
from app.domain.ticket import FieldState
from app.platform.deadline_files import ChineseWorkCalendar, load_rules
from app.presenters.call_tools import CallTools
from tests.widgets import sample_call
from tests.widgets.conftest import Desk
from widgets.language import LanguageName

ENTER = Qt.Key.Key_Return


@pytest.fixture
def wrapped(desk: Desk) -> Desk:
    """The call of the sample was talked and hung up; the operator was reading, not typing."""
    desk.presenters.use_tools(CallTools(rules=load_rules("广州市"), calendar=ChineseWorkCalendar(), today=lambda: date(2026, 11, 20)))
    desk.window.conversation.list.setFocus()
    desk.say()
    desk.runner.post(CallReleased(60_000))
    desk.wait_for(desk.window.work.panel.isVisible)
    return desk


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def focused_field(desk: Desk) -> str:
    return next((name for name, editor in desk.window.ticket.editors.items() if editor.input.hasFocus()), "")


def test_the_end_of_the_call_shows_what_is_open_and_goes_there(wrapped: Desk) -> None:
    view = wrapped.presenters.wrap_up.view
    assert [each.name for each in view.lacking] == ["need_callback"]
    assert [each.name for each in view.unsure][:3] == ["item_code", "title", "content"]
    assert {each.name for each in view.unsure[3:]} == {"subject", "demand"}
    assert focused_field(wrapped) == "item_code"
    assert not wrapped.window.cards.isVisible()
    chips = wrapped.window.work.panel.chips.findChildren(QPushButton)
    assert any("回访" in chip.text() for chip in chips)


def test_one_key_takes_submits_and_clears_the_desk(wrapped: Desk) -> None:
    wrapped.runner.post(FieldEdited("need_callback", True))
    wrapped.wait_for(lambda: not wrapped.presenters.wrap_up.view.lacking)
    pressed = 0
    while not wrapped.window.work.panel.go.hasFocus():
        left = len(wrapped.presenters.wrap_up.view.unsure)
        press(ENTER)
        pressed += 1
        assert pressed <= 5, "five suggestions, five keys"
        wrapped.wait_for(lambda most=left: len(wrapped.presenters.wrap_up.view.unsure) < most)  # type: ignore[misc]
    wrapped.wait_for(lambda: not wrapped.presenters.wrap_up.view.unsure)
    press(ENTER)
    wrapped.wait_for(lambda: len(wrapped.submitted) == 1)
    wrapped.runner.post(TicketSubmitted("261120091200000001"))
    wrapped.wait_for(lambda: "下一通" in wrapped.window.work.panel.go.text())
    assert wrapped.window.work.panel.go.hasFocus()
    asked: list[bool] = []
    wrapped.window.work.panel.next_requested.connect(lambda: asked.append(True))
    press(ENTER)
    assert asked == [True]


def test_one_key_takes_what_was_read_out_and_nothing_else(wrapped: Desk) -> None:
    unsure = {each.name for each in wrapped.presenters.wrap_up.view.unsure}
    read = {name for _, name in wrapped.presenters.wrap_up.view.read_back.unsure}
    assert read == {"title", "demand"}
    QTest.keyClick(wrapped.window, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    wrapped.wait_for(lambda: {each.name for each in wrapped.presenters.wrap_up.view.unsure} == unsure - read)
    assert UNSURE not in wrapped.window.work.panel.text.toPlainText()
    assert not wrapped.window.work.panel.right.isEnabled()
    wrapped.wait_for(lambda: focused_field(wrapped) in unsure - read)
    QTest.keyClick(wrapped.window, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)  # the cards again
    wrapped.presenters.wrap_up.agree()
    assert {each.name for each in wrapped.presenters.wrap_up.view.unsure} == unsure - read, "nobody reads what is not to be seen"


def submit_key(desk: Desk) -> None:
    QTest.keyClick(desk.window, ENTER, Qt.KeyboardModifier.ControlModifier)


def test_what_was_just_taken_is_not_asked_for_by_the_submit_key(wrapped: Desk) -> None:
    wrapped.presenters.post(FieldEdited("need_callback", True))
    for name in ("item_code", "content"):
        wrapped.presenters.post(FieldConfirmed(name))
    QTest.keyClick(wrapped.window, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    submit_key(wrapped)  # nothing of it has come back in a state yet
    assert not wrapped.presenters.submission.view.is_warned
    wrapped.wait_for(lambda: len(wrapped.submitted) == 1)
    assert wrapped.submitted[0].draft.get("title").state is FieldState.CONFIRMED


def test_what_recognition_finds_late_takes_the_warning_not_back(wrapped: Desk) -> None:
    submit_key(wrapped)
    assert "再按一次仍然提交" in wrapped.window.submit_bar.state.text()
    late = replace(wrapped.state, draft=type(wrapped.state.draft)(({**wrapped.state.draft.matters[0], "landmark": replace(
        wrapped.state.draft.get("landmark"), value="地铁站B口")},)))
    wrapped.presenters.deliver(late)
    wrapped.wait_for(lambda: wrapped.window.ticket.editors["landmark"].text() == "地铁站B口")
    assert "再按一次仍然提交" in wrapped.window.submit_bar.state.text()
    submit_key(wrapped)
    wrapped.wait_for(lambda: len(wrapped.submitted) == 1)


def test_what_opens_after_the_warning_and_what_the_operator_does_are_told_anew(wrapped: Desk) -> None:
    submit_key(wrapped)
    draft = wrapped.state.draft
    held = {name: value for name, value in draft.matters[0].items() if name != "request_type"}
    wrapped.presenters.deliver(replace(wrapped.state, draft=type(draft)((held,))))  # recognition takes the type back
    wrapped.wait_for(lambda: not wrapped.presenters.submission.view.is_warned)
    submit_key(wrapped)
    assert "还缺：诉求类型" in wrapped.window.submit_bar.state.text()
    wrapped.runner.post(FieldEdited("need_callback", True))
    wrapped.wait_for(lambda: not wrapped.presenters.submission.view.is_warned)
    submit_key(wrapped)
    assert "再按一次仍然提交" in wrapped.window.submit_bar.state.text()
    assert wrapped.submitted == []


def test_a_submit_key_that_a_word_which_is_no_value_stops_says_so(wrapped: Desk) -> None:
    wrapped.window.ticket.go_to("urgency")
    QTest.keyClicks(wrapped.window.ticket.editors["urgency"].input, "zs")
    submit_key(wrapped)
    wrapped.wait_for(lambda: "“紧急程度”里填的不是可选的内容" in wrapped.window.notice.text())
    assert focused_field(wrapped) == "urgency"
    assert not wrapped.presenters.submission.view.is_warned
    press(Qt.Key.Key_Escape)
    submit_key(wrapped)
    wrapped.wait_for(lambda: wrapped.presenters.submission.view.is_warned)


def test_a_matter_that_was_thrown_away_keeps_no_ticket_waiting(wrapped: Desk) -> None:
    wrapped.presenters.post(MatterAdded())
    wrapped.wait_for(lambda: len(wrapped.state.draft.matters) == 2)
    wrapped.presenters.post(FieldEdited("landmark", "门口", 1))
    wrapped.presenters.post(MatterDropped(1))
    wrapped.wait_for(lambda: len(wrapped.state.draft.matters) == 1)
    submit_key(wrapped)
    wrapped.wait_for(lambda: wrapped.presenters.submission.view.is_warned)
    submit_key(wrapped)
    wrapped.wait_for(lambda: len(wrapped.submitted) == 1)


def test_a_key_that_is_held_submits_nothing(wrapped: Desk) -> None:
    go = wrapped.window.work.panel.go
    go.setFocus()
    asked: list[bool] = []
    wrapped.window.work.panel.submit_requested.connect(lambda: asked.append(True))
    QTest.simulateEvent(go, True, int(ENTER), Qt.KeyboardModifier.NoModifier, "\r", True)
    assert asked == []
    press(ENTER)
    assert asked == [True]


def test_whoever_types_at_the_end_of_the_call_is_not_torn_away(desk: Desk) -> None:
    desk.say()
    desk.window.ticket.go_to("landmark")
    QTest.keyClick(desk.window.ticket.editors["landmark"].input, Qt.Key.Key_X)
    desk.runner.post(CallReleased(60_000))
    desk.wait_for(desk.window.work.panel.isVisible)
    assert focused_field(desk) == "landmark"
    assert desk.window.ticket.editors["landmark"].text() == "x"


def test_the_text_to_read_back_marks_what_nobody_confirmed(wrapped: Desk) -> None:
    text = wrapped.window.work.panel.text.toPlainText()
    assert "陈建华先生，电话138 0060 7788" in text
    assert "老李烧烤油烟扰民（待核）" in text
    wrapped.runner.post(FieldConfirmed("title"))
    wrapped.wait_for(lambda: "扰民（待核）" not in wrapped.window.work.panel.text.toPlainText())
    wrapped.window.work.panel.copy.click()
    assert QApplication.clipboard().text() == wrapped.window.work.panel.text.toPlainText()
    wrapped.presenters.deliver(replace(sample_call.ringing(), context=replace(sample_call.CONTEXT, call_id="next")))
    wrapped.wait_for(lambda: QApplication.clipboard().text() == "")


def test_the_term_is_previewed_with_the_days_of_its_cards_and_follows_the_type(wrapped: Desk) -> None:
    words = wrapped.window.work.panel.due.text()
    assert "期限 12-11" in words
    assert "15 个工作日" in words
    assert [word for word in ("预警 12-11", "黄牌 12-14", "红牌 12-15") if word not in words] == []
    days = wrapped.presenters.wrap_up.view.due.days  # type: ignore[union-attr]
    wrapped.runner.post(FieldEdited("request_type", "咨询"))
    wrapped.wait_for(lambda: wrapped.presenters.wrap_up.view.due.days != days)  # type: ignore[union-attr]


def test_the_text_can_be_read_back_before_the_end_and_the_cards_come_back(desk: Desk) -> None:
    desk.say()
    QTest.keyClick(desk.window, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert desk.window.work.panel.isVisible()
    assert "138 0060 7788" in desk.window.work.panel.text.toPlainText()
    QTest.keyClick(desk.window, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert desk.window.cards.isVisible()


def test_the_next_call_begins_with_the_cards(wrapped: Desk) -> None:
    wrapped.presenters.deliver(replace(sample_call.ringing(), context=replace(sample_call.CONTEXT, call_id="next")))
    wrapped.wait_for(wrapped.window.cards.isVisible)


def test_a_further_matter_is_reached_by_the_same_key(desk: Desk) -> None:
    state = sample_call.two_matters()
    settled = {name: replace(value, state=FieldState.CONFIRMED) for name, value in state.draft.matters[0].items()}
    settled["need_callback"] = replace(settled["title"], value=True)
    desk.presenters.deliver(replace(state, draft=type(state.draft)((settled, state.draft.matters[1]))))
    desk.wait_for(lambda: desk.window.ticket.tabs.count() == 2)
    assert desk.window.ticket.go_to_next_open()
    assert desk.presenters.ticket.matter == 1
    assert focused_field(desk) == "item_code"


@pytest.mark.parametrize("language", list(LanguageName))
def test_nothing_of_the_panel_is_cut_off_or_nameless(wrapped: Desk, language: LanguageName) -> None:
    wrapped.window.resize(1366, 768)
    wrapped.window.use_language(language)
    panel = wrapped.window.work.panel

    def cut_or_nameless() -> list[str]:
        shown = [button for button in panel.findChildren(QPushButton) if button.isVisible()]
        return [button.text() for button in shown if not button.accessibleName() or button.sizeHint().width() > button.width() + 1]

    wrapped.wait_for(lambda: not cut_or_nameless())
    assert panel.height() <= wrapped.window.call_bar.height() + 1
    assert wrapped.window.minimumSizeHint().width() <= 1366
