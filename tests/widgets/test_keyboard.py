"""An operator's whole call by keyboard only, through a real window and the real call thread."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.domain.call import CallPaused, CallReleased, TicketSubmitted
from app.domain.ticket import Candidate, FieldState, FieldValue, TicketDraft
from tests.widgets import sample_call
from tests.widgets.conftest import Desk
from widgets.item_picker import ItemPicker

NONE, CTRL, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None, "nothing has the focus"
    QTest.keyClick(focused, key, modifiers)


def type_text(text: str) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    for letter in text:
        QTest.keyClick(focused, letter) if letter.isascii() else _input_method(focused, letter)


def _input_method(widget: QWidget, text: str) -> None:
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


def focused_field(desk: Desk) -> str:
    return next((name for name, editor in desk.window.ticket.editors.items() if editor.input.hasFocus()), "")


def held(desk: Desk, name: str) -> tuple[object, FieldState]:
    value = desk.state.draft.get(name)
    return value.value, value.state


def test_a_whole_call_by_keys_alone(desk: Desk) -> None:
    press(Qt.Key.Key_F2)
    assert desk.phone.asked == ["answer"]
    desk.say()
    # A suggestion is taken by one key, and the next open field comes by another.
    press(Qt.Key.Key_F7)
    assert focused_field(desk) == "item_code"
    press(Qt.Key.Key_Return)
    desk.wait_for(lambda: held(desk, "item_code") == ("070101", FieldState.CONFIRMED))
    assert focused_field(desk) == "subject"
    # Typing edits.
    press(Qt.Key.Key_A, CTRL)
    type_text("老黎烧烤")
    assert desk.window.ticket.editors["subject"].state_word == "在改"
    press(Qt.Key.Key_Return)
    desk.wait_for(lambda: held(desk, "subject") == ("老黎烧烤", FieldState.EDITED))
    # A key clears, recognition does not fill it again; a key gives it back.
    desk.window.ticket.go_to("landmark")
    press(Qt.Key.Key_Delete, CTRL)
    desk.wait_for(lambda: held(desk, "landmark") == (None, FieldState.EDITED))
    press(Qt.Key.Key_R, CTRL)
    desk.wait_for(lambda: held(desk, "landmark") == ("棠下地铁站旁边", FieldState.FILLED))
    # A choice by its number.
    desk.window.ticket.go_to("need_callback")
    type_text("1")
    press(Qt.Key.Key_Return)
    desk.wait_for(lambda: held(desk, "need_callback") == (True, FieldState.EDITED))
    assert desk.window.ticket.editors["need_callback"].text() == "是"
    press(Qt.Key.Key_F8)
    desk.runner.post(CallReleased(60_000))
    desk.wait_for(lambda: desk.window.submit_bar.state.text() == "待确认：标题、内容")
    for _ in range(3):
        assert focused_field(desk) in ("demand", "title", "content")
        press(Qt.Key.Key_Return)
    desk.wait_for(lambda: "必填项齐了" in desk.window.submit_bar.state.text())
    press(Qt.Key.Key_Return, CTRL)
    desk.wait_for(lambda: len(desk.submitted) == 1)
    assert desk.phone.asked == ["answer", "hang_up"]
    desk.runner.post(TicketSubmitted("261116091200000001"))
    desk.wait_for(lambda: "261116091200000001" in desk.window.submit_bar.state.text())
    assert not desk.window.submit_bar.button.isEnabled()


def test_what_was_typed_last_is_submitted(desk: Desk) -> None:
    desk.say()
    desk.window.ticket.go_to("contact_phone")
    press(Qt.Key.Key_A, CTRL)
    type_text("13900001111")
    press(Qt.Key.Key_Return, CTRL)
    press(Qt.Key.Key_Return, CTRL)
    desk.wait_for(lambda: bool(desk.submitted) or desk.presenters.submission.view.is_warned)
    press(Qt.Key.Key_Return, CTRL)
    desk.wait_for(lambda: bool(desk.submitted))
    assert desk.submitted[0].draft.get("contact_phone").value == "13900001111"
    assert len(desk.submitted) == 1


def test_a_word_that_is_no_choice_is_refused_and_kept_on_screen(desk: Desk) -> None:
    desk.say()
    desk.window.ticket.go_to("request_type")
    press(Qt.Key.Key_A, CTRL)
    type_text("abc")
    press(Qt.Key.Key_Return)
    editor = desk.window.ticket.editors["request_type"]
    assert (editor.text(), editor.state_word) == ("abc", "无效")
    assert focused_field(desk) == "request_type"
    press(Qt.Key.Key_Escape)
    assert (editor.text(), editor.state_word) == ("投诉", "已填")
    assert held(desk, "request_type") == ("投诉", FieldState.FILLED)


def test_recognition_never_touches_what_is_being_typed(desk: Desk) -> None:
    desk.say(3)
    desk.window.ticket.go_to("address_detail")
    type_text("123")
    desk.say(10)
    desk.wait_for(lambda: desk.state.draft.get("address_detail").value is not None)
    assert desk.window.ticket.editors["address_detail"].text() == "123"


def test_alternatives_open_by_key_and_are_chosen(desk: Desk) -> None:
    desk.say()
    desk.window.ticket.go_to("item_code")
    press(Qt.Key.Key_Down, ALT)
    menu = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMenu) and widget.isVisible())
    assert "010101" in menu.actions()[0].text()
    assert "12%" in menu.actions()[0].text()
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    desk.wait_for(lambda: held(desk, "item_code") == ("010101", FieldState.EDITED))


@pytest.mark.parametrize("typed", ["道路破损", "dlps", "010403"])
def test_an_item_is_found_by_its_name_its_initials_and_its_code(desk: Desk, typed: str) -> None:
    desk.say(1)
    desk.window.ticket.go_to("item_code")
    type_text(typed)
    editor = desk.window.ticket.editors["item_code"]
    popup = editor.input.completer().popup()  # type: ignore[union-attr]
    desk.wait_for(popup.isVisible)
    assert popup.model().index(0, 0).data().startswith("010403 ")
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    desk.wait_for(lambda: held(desk, "item_code") == ("010403", FieldState.EDITED))


def test_initials_that_only_one_item_fits_are_taken_by_enter_alone(desk: Desk) -> None:
    desk.say(1)
    desk.window.ticket.go_to("item_code")
    assert desk.presenters.ticket.type_into("item_code", "餐饮油烟扰") is None
    type_text("canyinyouyan")
    assert desk.window.ticket.editors["item_code"].commit()
    desk.wait_for(lambda: held(desk, "item_code") == ("070101", FieldState.EDITED))


def test_the_item_tree_opens_at_the_present_item_and_a_leaf_is_chosen_by_keys(desk: Desk) -> None:
    desk.say()
    press(Qt.Key.Key_I, ALT)
    picker = desk.window.findChild(ItemPicker)
    assert picker is not None
    assert picker.tree.currentIndex().data().startswith("070101 ")
    assert [row.code for row in picker.rows.rows] == ["070101", "010101", "070202"]
    QTest.keyClick(picker.line, Qt.Key.Key_Z)
    QTest.keyClick(picker.line, Qt.Key.Key_S)
    assert picker.tree.isHidden()
    codes = [row.code for row in picker.rows.rows]
    assert "070202" in codes
    QTest.keyClick(picker.line, Qt.Key.Key_Down)
    for _ in range(codes.index("070202")):
        QTest.keyClick(picker.list, Qt.Key.Key_Down)
    QTest.keyClick(picker.list, Qt.Key.Key_Return)
    desk.wait_for(lambda: held(desk, "item_code") == ("070202", FieldState.EDITED))


def test_submitting_an_incomplete_ticket_says_what_lacks_and_goes_there(desk: Desk) -> None:
    desk.say(2)
    press(Qt.Key.Key_Return, CTRL)
    assert desk.submitted == []
    assert "再按一次" in desk.window.submit_bar.state.text()
    assert focused_field(desk) == "item_code"
    press(Qt.Key.Key_Return, CTRL)
    desk.wait_for(lambda: len(desk.submitted) == 1)


def test_the_emergency_keys_live_only_while_the_ticket_is_urgent(desk: Desk) -> None:
    desk.say()
    press(Qt.Key.Key_F1, CTRL)
    assert desk.phone.asked == []
    desk.window.ticket.go_to("urgency")
    type_text("3")
    press(Qt.Key.Key_Return)
    desk.wait_for(desk.window.emergency.isVisible)
    press(Qt.Key.Key_F3, CTRL)
    assert desk.phone.asked == ["120"]


def test_hold_is_one_key_for_both_ways(desk: Desk) -> None:
    desk.say(1)
    press(Qt.Key.Key_F4)
    desk.runner.post(CallPaused(2000))
    desk.wait_for(lambda: desk.presenters.call_bar.view.can_resume)
    press(Qt.Key.Key_F4)
    assert desk.phone.asked == ["pause", "resume"]


def test_search_by_key_runs_off_the_gui_thread(desk: Desk) -> None:
    desk.say(1)
    press(Qt.Key.Key_F3)
    assert desk.window.knowledge.search.hasFocus()
    type_text("油烟")
    desk.wait_for(lambda: len(desk.presenters.knowledge.results.cards) == 1)
    assert desk.searched_on == {"kb-search"}
    press(Qt.Key.Key_Return)
    assert desk.window.knowledge.results.hasFocus()
    press(Qt.Key.Key_Return)
    assert "镇街综合执法队" in desk.window.knowledge.answer.toPlainText()


def test_the_number_in_the_menu_is_the_number_that_may_be_typed(desk: Desk) -> None:
    held_value = FieldValue("投诉", FieldState.SUGGESTED, 0.6, alternatives=(Candidate("举报", 0.3),))
    state = sample_call.talking()
    desk.presenters.deliver(replace(state, draft=TicketDraft(({"request_type": held_value},))))
    editor = desk.window.ticket.editors["request_type"]
    desk.wait_for(lambda: editor.text() == "投诉")
    menu = editor._made_menu()
    numbered = [action.text() for action in menu.actions() if action.text().startswith("&")]
    assert numbered[3] == "&4  举报　30%"
    assert len(numbered) == 7
    desk.window.ticket.go_to("request_type")
    type_text("4")
    assert editor.commit()
    assert editor.text() == "举报"


def test_what_was_typed_for_one_call_never_reaches_the_next(desk: Desk) -> None:
    desk.say(1)
    desk.window.ticket.go_to("requester_name")
    type_text("abc")
    posted = []
    desk.presenters.ticket._intents = posted.append
    desk.presenters.deliver(replace(sample_call.ringing(), context=replace(sample_call.CONTEXT, call_id="next")))
    desk.wait_for(lambda: desk.state.context.call_id == "next")
    assert desk.window.ticket.editors["requester_name"].text() == ""
    desk.window.knowledge.focus_search()
    assert posted == []
