"""The running summary under the conversation, and the old ticket that a call names: real window, real store, real look-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.domain.call import CallEvent, Phase
from app.domain.dialogue import CallContext
from app.services.old_tickets import OldTicketLookup
from tests.widgets import sample_call
from tests.widgets.conftest import Desk
from tests.widgets.records_desk import RecordsDesk, draft, opened
from widgets.language import Language, LanguageName

CTRL, SHIFT, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def records(application: Language, tmp_path: Path) -> Iterator[RecordsDesk]:
    with opened(tmp_path / "tickets.db", application) as made:
        yield made
        made.window.use_language(LanguageName.CHINESE)


def test_the_summary_runs_with_the_call_says_what_is_unsure_and_is_final_after_it(desk: Desk) -> None:
    box = desk.window.summary
    assert not box.isVisible()
    desk.presenters.deliver(sample_call.talking())
    desk.wait_for(box.isVisible)
    assert box.fold.accessibleName() == "小结（进行中，有待核）"
    assert box.line.isVisible() and not box.whole.isVisible()
    assert "陈建华" in box.line.text() and "（待核）" in box.line.text()
    desk.presenters.deliver(sample_call.wrap_up())
    desk.wait_for(lambda: box.fold.accessibleName().startswith("小结（已定"))
    desk.window.use_language(LanguageName.ENGLISH)
    desk.wait_for(lambda: box.fold.accessibleName().startswith("Summary (final"))
    desk.window.use_language(LanguageName.CHINESE)


def test_a_key_opens_it_another_copies_it_and_the_next_call_folds_it(desk: Desk) -> None:
    box = desk.window.summary
    desk.presenters.deliver(sample_call.talking())
    desk.wait_for(box.isVisible)
    QTest.keyClick(desk.window, Qt.Key.Key_C, CTRL | SHIFT)
    assert QGuiApplication.clipboard().text() == desk.presenters.summary.view.text != ""
    QTest.keyClick(desk.window, Qt.Key.Key_S, ALT)
    assert box.whole.isVisible() and box.copy.isVisible() and not box.line.isVisible()
    assert box.whole.toPlainText() == desk.presenters.summary.view.text
    QGuiApplication.clipboard().clear()
    box.copy.click()
    assert QGuiApplication.clipboard().text() == box.whole.toPlainText()
    talking = sample_call.talking()
    desk.presenters.deliver(replace(talking, context=replace(talking.context, call_id="next")))
    desk.wait_for(lambda: not box.whole.isVisible())
    desk.wait_for(lambda: QGuiApplication.clipboard().text() == "")


def test_handing_the_call_over_shows_all_of_it(desk: Desk) -> None:
    desk.presenters.deliver(sample_call.urgent())
    desk.wait_for(lambda: desk.window.emergency.isVisible() and desk.window.summary.isVisible())
    QTest.keyClick(desk.window, Qt.Key.Key_F3, CTRL)
    assert desk.phone.asked == ["120"]
    assert desk.window.summary.whole.isVisible()


def name_a_ticket(records: RecordsDesk, number: str) -> None:
    """A call in which a ticket number was said, looked up in the store as the call thread does it."""
    records.ring(CallContext("now", "2026-11-20T10:20:00+08:00", "广州市"), draft(prev_ticket_no=number), Phase.TALKING)
    session = records.runner.session
    told: list[CallEvent] = []
    OldTicketLookup(records.store, told.append).seen(session.state)
    for event in told:
        session.apply(event)
    records.presenters.deliver(session.state)


def test_the_ticket_that_the_call_names_is_told_and_opens_by_a_key(records: RecordsDesk) -> None:
    line = records.window.records.old_ticket  # type: ignore[union-attr]
    name_a_ticket(records, records.numbers[1])
    records.wait_for(line.isVisible)
    assert records.numbers[1] in line.words.text() and "2026-10-29" in line.words.text()
    QTest.keyClick(records.window, Qt.Key.Key_F9, CTRL)
    records.wait_for(records.window.records.page.isVisible)  # type: ignore[union-attr]
    records.wait_for(lambda: records.records.detail.view.line is not None and records.records.detail.view.line.number == records.numbers[1])


def test_a_number_that_is_not_here_says_so_and_leaves_with_the_number(records: RecordsDesk) -> None:
    line = records.window.records.old_ticket  # type: ignore[union-attr]
    name_a_ticket(records, "99999999")
    records.wait_for(line.isVisible)
    assert line.words.text() == "旧单 99999999：本机没有"
    assert not line.see.isVisible()
    records.window.use_language(LanguageName.ENGLISH)
    records.wait_for(lambda: line.words.text() == "Old ticket 99999999: not on this PC")
    records.ring(CallContext("now", "2026-11-20T10:20:00+08:00", "广州市"), draft(), Phase.TALKING)
    records.wait_for(lambda: not line.isVisible())
