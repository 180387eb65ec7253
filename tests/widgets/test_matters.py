"""Several matters on one ticket: added by hand, turned to, thrown away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.call import TicketSubmitted
from tests.widgets.conftest import Desk

ALT = Qt.KeyboardModifier.AltModifier
ALT_SHIFT = ALT | Qt.KeyboardModifier.ShiftModifier


def test_a_further_matter_is_added_by_key_filled_and_thrown_away_at_the_second_press(desk: Desk) -> None:
    desk.say()
    ticket = desk.window.ticket
    assert ticket.drop.isHidden(), "the first matter is the call's own"
    QTest.keyClick(desk.window, Qt.Key.Key_N, ALT)
    desk.wait_for(lambda: ticket.tabs.count() == 2 and ticket.tabs.isVisible())
    assert desk.presenters.ticket.matter == 1
    desk.wait_for(ticket.editors["item_code"].input.hasFocus)
    desk.presenters.ticket.type_into("subject", "隔壁工地")
    desk.wait_for(lambda: desk.state.draft.get("subject", 1).value == "隔壁工地")
    QTest.keyClick(desk.window, Qt.Key.Key_N, ALT_SHIFT)
    desk.wait_for(lambda: "再按一次就删除诉求 2" in desk.window.notice.text())
    assert len(desk.state.draft.matters) == 2
    QTest.keyClick(desk.window, Qt.Key.Key_N, ALT_SHIFT)
    desk.wait_for(lambda: ticket.tabs.count() == 1)
    assert desk.presenters.ticket.matter == 0
    assert ticket.drop.isHidden()


def test_an_empty_one_goes_at_once_and_a_submitted_ticket_gets_none(desk: Desk) -> None:
    desk.say()
    ticket = desk.window.ticket
    ticket.add.click()
    desk.wait_for(lambda: ticket.tabs.count() == 2)
    ticket.drop.click()
    desk.wait_for(lambda: ticket.tabs.count() == 1)
    desk.runner.post(TicketSubmitted("1"))
    desk.wait_for(lambda: desk.state.ticket_no == "1")
    QTest.keyClick(desk.window, Qt.Key.Key_N, ALT)
    QTest.qWait(20)
    assert ticket.tabs.count() == 1
