"""The conversation: evidence lights up and is brought into view; a reader is never scrolled away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from app.domain.call import CallState
from app.domain.dialogue import Channel, HypothesisRevised, UtteranceFinal
from app.presenters.conversation import ROW_ROLE, ConversationRow
from tests.widgets import sample_call
from tests.widgets.conftest import Desk


def rows(desk: Desk) -> list[ConversationRow]:
    model = desk.presenters.conversation.model
    return [model.index(number).data(ROW_ROLE) for number in range(model.rowCount())]


def scroll(desk: Desk) -> tuple[int, int]:
    bar = desk.window.conversation.list.verticalScrollBar()
    return bar.value(), bar.maximum()


def partial(revision: int, text: str) -> HypothesisRevised:
    return HypothesisRevised("c99", revision, Channel.CITIZEN, 90_000, 91_000, 90_900, 5.0, text)


def test_focus_lights_up_what_was_said_in_both_places(desk: Desk) -> None:
    desk.say()
    desk.window.ticket.go_to("contact_phone")
    marked = [(row.channel, [row.text[a:b] for a, b in row.evidence]) for row in rows(desk) if row.evidence]
    assert marked == [(Channel.CITIZEN, ["13800607788"]), (Channel.OPERATOR, ["13800607788"])]
    desk.window.ticket.go_to("address_detail")
    marked = [(row.channel, [row.text[a:b] for a, b in row.evidence]) for row in rows(desk) if row.evidence]
    assert marked == [(Channel.CITIZEN, ["棠德南路12号一楼"])]
    desk.window.knowledge.focus_search()
    assert not any(row.evidence for row in rows(desk))


def test_evidence_is_painted_on_its_own_ground(desk: Desk) -> None:
    desk.say()
    desk.window.ticket.go_to("request_type")
    QTest.qWait(50)
    view = desk.window.conversation.list
    spot: QRect = view.visualRect(view.model().index(1, 0))
    picture = view.viewport().grab(spot).toImage()
    wanted = QColor(desk.window.theme.palette.evidence)
    assert any(picture.pixelColor(x, y) == wanted for x in range(0, picture.width(), 3) for y in range(picture.height()))


def test_evidence_out_of_sight_is_brought_into_view_and_the_view_follows_again_after(desk: Desk) -> None:
    desk.window.resize(1366, 620)
    desk.say()
    QTest.qWait(50)
    view = desk.window.conversation.list
    assert view.is_following
    desk.window.ticket.go_to("request_type")
    QTest.qWait(30)
    assert view.viewport().rect().intersects(view.visualRect(view.model().index(1, 0)))
    assert desk.window.conversation.latest.isVisible()
    desk.window.knowledge.focus_search()
    QTest.qWait(30)
    assert view.is_following
    assert not desk.window.conversation.latest.isVisible()


def test_new_words_leave_a_reader_where_they_are(desk: Desk) -> None:
    desk.window.resize(1366, 620)
    desk.say(9)
    QTest.qWait(50)
    bar = desk.window.conversation.list.verticalScrollBar()
    bar.setValue(30)
    for revision in range(1, 6):
        desk.runner.post(partial(revision, "还有就是" * revision))
    utterance = sample_call.dialogue()[9]
    desk.runner.post(UtteranceFinal("u9", utterance, utterance.end_ms))
    desk.wait_for(lambda: len(desk.state.dialogue) == 10)
    QTest.qWait(150)
    assert bar.value() == 30
    assert desk.window.conversation.latest.isVisible()
    desk.window.conversation.latest.click()
    QTest.qWait(30)
    assert scroll(desk)[0] == scroll(desk)[1]
    assert not desk.window.conversation.latest.isVisible()


def test_the_newest_words_stay_in_view_for_who_follows(desk: Desk) -> None:
    desk.window.resize(1366, 620)
    for count in (4, 7, 10):
        desk.say(count)
        QTest.qWait(60)
        value, maximum = scroll(desk)
        assert value == maximum


def test_a_partial_becomes_its_final_in_place(desk: Desk) -> None:
    desk.say(1)
    model = desk.presenters.conversation.model
    removed: list[int] = []
    model.rowsRemoved.connect(lambda parent, first, last: removed.append(first))
    desk.runner.post(partial(1, "你好我要"))
    desk.wait_for(lambda: model.rowCount() == 2)
    assert not rows(desk)[1].is_final
    utterance = sample_call.dialogue()[1]
    desk.runner.post(UtteranceFinal("c99", utterance, utterance.end_ms))
    desk.wait_for(lambda: rows(desk)[1].is_final)
    assert model.rowCount() == 2
    assert removed == []


def test_unsure_words_are_marked_in_the_written_text(desk: Desk) -> None:
    desk.say()
    row = rows(desk)[3]
    assert [row.text[a:b] for a, b in row.unsure] == ["老李"]


@pytest.mark.parametrize("state", [sample_call.two_matters()])
def test_matters_are_tabs_with_their_own_values(desk: Desk, state: CallState) -> None:
    desk.presenters.deliver(replace(state, context=replace(state.context, call_id="two")))
    desk.wait_for(desk.window.ticket.tabs.isVisible)
    assert desk.window.ticket.tabs.count() == 2
    desk.window.ticket.show_next_matter()
    editors = desk.window.ticket.editors
    assert editors["item_code"].text().startswith("080101")
    assert editors["region_district"].text() == ""
    assert "天河区" in editors["region_district"].input.placeholderText()
