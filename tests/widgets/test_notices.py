"""No notice is lost: two at once, a passing one over an important one, and a list of all that were."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain.call import NoticeRaised, noticed
from tests.widgets import sample_call
from tests.widgets.conftest import Desk
from widgets.notice import NoticesDialog

FAULT = NoticeRaised("kb_update.expired_days", {"days": 3})
PASSING = NoticeRaised("desk.hang_up_first")


def test_two_notices_in_one_state_are_both_told(desk: Desk) -> None:
    desk.presenters.deliver(noticed(noticed(sample_call.talking(), FAULT), PASSING))
    desk.wait_for(desk.window.notice.isVisible)
    line = desk.window.notice
    assert line.text() == "请先挂断这通电话。" or "挂断" in line.text()
    assert line.more.text() == "+1"
    assert [told.key for told in desk.presenters.notices.model.notices] == [PASSING.key, FAULT.key]


@pytest.mark.parametrize("notice", [NoticeRaised("copying.nothing"), NoticeRaised("platform.internal_error", {"report": "20261122-" * 8})])
def test_a_notice_never_lies_below_its_key(desk: Desk, notice: NoticeRaised) -> None:
    desk.presenters.deliver(noticed(sample_call.talking(), notice))
    line = desk.window.notice
    desk.wait_for(line.isVisible)
    desk.wait_for(lambda: line._words.geometry().right() < line.more.geometry().left())
    desk.wait_for(lambda: line.more.width() <= line.more.sizeHint().width())


def test_an_important_notice_comes_back_and_stays_until_it_was_seen(desk: Desk) -> None:
    state = noticed(noticed(sample_call.talking(), FAULT), PASSING)
    desk.presenters.deliver(state)
    desk.wait_for(desk.window.notice.isVisible)
    desk.presenters.notices._passing.timeout.emit()  # the clock: eight seconds went by
    assert "3" in desk.window.notice.text()
    desk.presenters.deliver(replace(state, notice=None))  # the next call begins
    QTest.qWait(60)
    assert "3" in desk.window.notice.text()
    desk.window.activateWindow()
    assert QTest.qWaitForWindowActive(desk.window)
    QTest.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, NoticesDialog)
    shown = [str(dialog.list.model().index(row, 0).data()) for row in range(dialog.list.model().rowCount())]
    assert "挂断" in shown[0]
    assert "3" in shown[1]
    dialog.accept()
    assert desk.window.notice.isHidden()


def test_the_same_again_is_counted_not_listed_twice_and_the_list_does_not_grow_for_ever(desk: Desk) -> None:
    state = sample_call.talking()
    for _ in range(3):
        state = noticed(state, NoticeRaised(PASSING.key))
    desk.presenters.deliver(state)
    desk.wait_for(desk.window.notice.isVisible)
    assert [told.times for told in desk.presenters.notices.model.notices] == [3]
    for days in range(150):
        state = noticed(state, NoticeRaised(FAULT.key, {"days": days}))
        desk.presenters.notices.show_state(state)
    assert len(desk.presenters.notices.model.notices) == 100
    assert len(state.notices) == 32
