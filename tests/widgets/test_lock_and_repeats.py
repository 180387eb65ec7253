"""The lock page hides everything and forgets the key; who calls again is told; what was not sent is counted: real window, real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QWidget

from app.domain.call import NoticeRaised, Phase
from app.domain.delivery import Failed
from app.domain.repeats import Reason
from app.services.delivery import Attempt
from app.store.records import SqliteRecords
from tests.widgets import sample_call
from tests.widgets.records_desk import PASSPHRASE, TICKETS, RecordsDesk, opened, ticket
from tests.widgets.test_accessibility import interactive
from widgets.language import Language, LanguageName

CTRL = Qt.KeyboardModifier.ControlModifier
NAME, PHONE = "陈试验", "13900001111"
AGAIN = replace(sample_call.CONTEXT, call_id="now", caller_number=PHONE)


@pytest.fixture
def desk(application: Language, tmp_path: Path) -> Iterator[RecordsDesk]:
    with opened(tmp_path / "tickets.db", application) as made:
        yield made
        made.window.use_language(LanguageName.CHINESE)


def held() -> object:
    return ticket(NAME, PHONE, "天河区试验路夜间施工噪声")


def texts(desk: RecordsDesk) -> str:
    """All that can be read on the screen."""
    shown = [widget for widget in desk.window.findChildren(QWidget) if widget.isVisible()]
    return " ".join(str(widget.property("text") or "") for widget in shown)


def idle_for(desk: RecordsDesk, seconds: float) -> None:
    """Time passes, and the one timer comes to its end."""
    desk.clock.run(seconds)
    desk.records.idle._timer.start(1)
    QTest.qWait(30)


def lock(desk: RecordsDesk) -> None:
    idle_for(desk, 601)
    desk.wait_for(lambda: desk.records.idle.view.is_locked)


def unlock(desk: RecordsDesk, passphrase: str) -> None:
    page = desk.window.records.lock  # type: ignore[union-attr]
    QTest.keyClicks(page.passphrase, passphrase)
    QTest.keyClick(page.passphrase, Qt.Key.Key_Return)
    desk.wait_for(lambda: not desk.records.idle.view.is_opening)


def test_after_the_time_everything_is_hidden_the_key_is_gone_and_a_passphrase_opens(desk: RecordsDesk) -> None:
    desk.ring(AGAIN, held(), Phase.WRAP_UP)  # type: ignore[arg-type]
    desk.wait_for(lambda: NAME in [editor.text() for editor in desk.window.findChildren(QLineEdit)])
    assert PHONE in texts(desk)
    lock(desk)
    assert desk.store.is_suspended
    assert desk.store._key == b""
    assert not any(word in texts(desk) for word in (NAME, PHONE, "试验路"))
    visible = [widget for widget in desk.window.findChildren(QWidget) if widget.isVisible()]
    assert all(desk.window.records.lock.isAncestorOf(widget) or widget.isAncestorOf(desk.window.records.lock)  # type: ignore[union-attr]
               or widget is desk.window.records.lock for widget in visible)  # type: ignore[union-attr]
    unlock(desk, "something else")
    assert desk.records.idle.view.error_key == "platform.passphrase_wrong"
    assert desk.records.idle.view.is_locked
    unlock(desk, PASSPHRASE)
    assert not desk.records.idle.view.is_locked
    assert not desk.store.is_suspended
    assert PHONE in texts(desk)
    assert desk.window.records.lock.passphrase.text() == ""  # type: ignore[union-attr]
    acts = [entry.action for entry in SqliteRecords(desk.store, desk.clock).entries(subject="store")]
    assert acts == ["locked", "unlocked"]


def test_keys_of_the_desk_are_dead_while_it_is_locked_and_dialogs_are_closed(desk: RecordsDesk) -> None:
    desk.open_page()
    desk.records.detail.select(desk.records.tickets.model.line(1))
    desk.window.records.page.details.choose_file()  # type: ignore[union-attr]
    assert any(dialog.isVisible() for dialog in desk.window.findChildren(QFileDialog))
    lock(desk)
    assert not any(dialog.isVisible() for dialog in desk.window.findChildren(QFileDialog))
    desk.wait_for(desk.window.isActiveWindow)
    for key in (Qt.Key.Key_T, Qt.Key.Key_O, Qt.Key.Key_I):
        QTest.keyClick(desk.window, key, CTRL)
    for key in (Qt.Key.Key_F3, Qt.Key.Key_F6, Qt.Key.Key_F9):
        QTest.keyClick(desk.window, key)
    QTest.qWait(20)
    assert desk.window.findChild(QFileDialog) is None or not desk.window.findChild(QFileDialog).isVisible()  # type: ignore[union-attr]
    assert QApplication.focusWidget() is desk.window.records.lock.passphrase  # type: ignore[union-attr]
    unlock(desk, PASSPHRASE)
    assert not desk.records.idle.view.is_locked


def test_a_locked_desk_can_be_closed_by_its_key(desk: RecordsDesk) -> None:
    lock(desk)
    told: list[bool] = []
    desk.window.closed.connect(lambda: told.append(True))
    QTest.keyClick(desk.window.records.lock.passphrase, Qt.Key.Key_Q, CTRL)  # type: ignore[union-attr]
    desk.wait_for(lambda: told == [True])


def test_never_in_a_call_and_every_key_or_movement_counts_as_work(desk: RecordsDesk) -> None:
    assert desk.records.idle._timer.isSingleShot()
    desk.ring(AGAIN, held(), Phase.TALKING)  # type: ignore[arg-type]
    desk.wait_for(lambda: desk.records.idle._phase is Phase.TALKING)
    idle_for(desk, 7200)
    QTest.qWait(50)
    assert not desk.records.idle.view.is_locked
    desk.ring(AGAIN, held(), Phase.WRAP_UP)  # type: ignore[arg-type]
    desk.wait_for(lambda: desk.records.idle._phase is Phase.WRAP_UP)
    desk.clock.run(599)
    QTest.mouseMove(desk.window.windowHandle(), desk.window.rect().center())
    idle_for(desk, 599)
    desk.clock.run(0)
    QTest.keyClick(desk.window.windowHandle(), Qt.Key.Key_Shift)
    idle_for(desk, 599)
    assert not desk.records.idle.view.is_locked
    lock(desk)


def test_a_draft_of_a_locked_desk_is_not_lost_and_a_call_is_told_without_its_number(desk: RecordsDesk) -> None:
    lock(desk)
    desk.ring(AGAIN, held(), Phase.RINGING)  # type: ignore[arg-type]
    desk.wait_for(lambda: desk.records.idle.view.is_ringing)
    assert PHONE not in texts(desk)
    desk.store.save_draft(AGAIN, (), held())  # type: ignore[arg-type]
    unlock(desk, PASSPHRASE)
    desk.store.flush()
    assert "now" in [context.call_id for context, _, _ in desk.store.drafts()]


def test_who_calls_again_is_told_with_reasons_and_one_key_opens_the_earlier_ticket(desk: RecordsDesk) -> None:
    desk.ring(AGAIN, held())  # type: ignore[arg-type]
    bar = desk.window.records.repeat  # type: ignore[union-attr]
    desk.wait_for(bar.isVisible)
    view = desk.records.repeats.view
    assert view.ticket_no == desk.numbers[0]
    assert view.is_strong
    assert {Reason.LINE, Reason.NAME, Reason.PLACE, Reason.ITEM} <= set(view.reasons)
    assert f"旧单 {view.same_number}" in desk.window.call_bar.place.text()
    assert view.same_number >= 1
    words = bar.words.text()
    assert "24 天前来过" in words
    assert f"{view.percent}%" in words
    assert "同一来电号码" in words
    assert NAME not in words
    QTest.keyClick(desk.window, Qt.Key.Key_F9)
    desk.wait_for(lambda: (line := desk.records.detail.view.line) is not None and line.number == desk.numbers[0])
    assert desk.window.panes.isHidden()


@pytest.mark.parametrize(("key", "act"), [(Qt.Key.Key_F11, "补充"), (Qt.Key.Key_F12, "催办")])
def test_one_key_makes_the_call_a_follow_up_and_it_can_be_undone(desk: RecordsDesk, key: Qt.Key, act: str) -> None:
    desk.ring(AGAIN, held())  # type: ignore[arg-type]
    bar = desk.window.records.repeat  # type: ignore[union-attr]
    desk.wait_for(bar.isVisible)
    QTest.keyClick(desk.window, key)
    desk.wait_for(lambda: desk.records.repeats.view.follow_up == act)
    draft = desk.runner.session.state.draft
    assert draft.get("prev_ticket_no").value == desk.numbers[0]
    assert draft.get("tags").value == ["重复"]
    assert desk.numbers[0] in bar.words.text()
    assert not bar.add.isVisible()
    merged = SqliteRecords(desk.store, desk.clock).entries(subject=desk.numbers[0])[-1]
    assert (merged.action, merged.detail["act"]) == ("merged", act)
    bar.undo.click()
    desk.wait_for(lambda: desk.records.repeats.view.follow_up == "")
    assert desk.runner.session.state.draft.get("prev_ticket_no").value is None


def test_a_stranger_brings_no_bar_and_the_next_call_takes_it_away(desk: RecordsDesk) -> None:
    bar = desk.window.records.repeat  # type: ignore[union-attr]
    desk.ring(AGAIN, held())  # type: ignore[arg-type]
    desk.wait_for(bar.isVisible)
    desk.ring(replace(sample_call.CONTEXT, call_id="other", caller_number="13012341234"))
    desk.wait_for(lambda: not bar.isVisible())
    QTest.qWait(600)
    assert not bar.isVisible()


def test_the_bottom_line_says_how_many_were_not_sent_and_why_and_nothing_of_what_is_on_its_way(desk: RecordsDesk) -> None:
    button = desk.window.records.button  # type: ignore[union-attr]
    desk.wait_for(lambda: desk.records.unsent.view.refused == 1)
    assert button.text() == "1 张未送达 · 1 张被拒收  Ctrl+T"
    message = next(each for each in desk.outbox.messages() if each.ticket_no == desk.numbers[3])
    desk.records.unsent.note_attempt(Attempt(message, Failed("delivery.unreachable", is_line=True)))
    desk.wait_for(lambda: "起断线" in button.text())
    assert "10:30 起断线" in button.text()
    assert "连不上工单系统" in button.toolTip()


@pytest.mark.parametrize("language", list(LanguageName))
def test_panels_have_names_and_nothing_is_cut_off_on_the_smallest_screen(desk: RecordsDesk, language: LanguageName) -> None:
    desk.window.resize(1366, 768)
    desk.window.use_language(language)
    desk.ring(AGAIN, ticket(NAME, PHONE, "天河区试验路夜间施工噪声", urgency="特急"))
    desk.presenters.deliver(replace(desk.runner.session.state, notice=NoticeRaised("delivery.was_refused", {"ticket_no": "1" * 18})))
    desk.wait_for(lambda: desk.window.records.repeat.isVisible() and desk.window.emergency.isVisible())  # type: ignore[union-attr]
    for _ in range(2):
        QTest.qWait(50)
        needed = desk.window.minimumSizeHint()
        assert needed.width() <= 1366
        assert needed.height() <= 768 - 40
        assert desk.window.height() <= 768
        cut = [(widget.text(), widget.width(), widget.sizeHint().width()) for widget in desk.window.findChildren(QWidget)
               if widget.isVisible() and isinstance(widget, QLabel) and not widget.wordWrap() and widget.text()
               and widget.fontMetrics().horizontalAdvance(widget.text()) > widget.contentsRect().width() + 1]
        assert cut == []
        nameless = [widget.metaObject().className() for widget in interactive(desk.window)
                    if widget.isVisible() and not (widget.accessibleName() or str(widget.property("text") or ""))]
        assert nameless == []
        desk.open_page()


def test_all_lines_of_the_sample_are_there(desk: RecordsDesk) -> None:
    assert len(desk.numbers) == len(TICKETS)
