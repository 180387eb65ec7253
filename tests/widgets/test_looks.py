"""Theme, type size and language change at once; cards and answer stay where an operator left them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain.knowledge import Push, Ranked
from app.domain.ticket import FieldState, FieldValue, TicketDraft
from tests.widgets import sample_call
from tests.widgets.conftest import Desk
from widgets.field_inputs import FieldLine
from widgets.theme.fonts import install_fonts
from widgets.theme.palette import PALETTES, SIZES, ThemeName


@pytest.fixture(autouse=True)
def usual_size() -> object:
    yield
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    install_fonts(app)


def show(desk: Desk) -> None:
    desk.presenters.deliver(sample_call.talking())
    desk.wait_for(lambda: desk.window.ticket.editors["requester_name"].text() == "陈建华")
    QTest.qWait(30)


@pytest.mark.parametrize("name", list(ThemeName))
def test_a_theme_reaches_every_corner(desk: Desk, name: ThemeName) -> None:
    show(desk)
    kept: list[tuple[str, object]] = []
    desk.window.view_changed.connect(lambda key, value: kept.append((key, value)))
    desk.window.view_button.theme_chosen.emit(name.value)
    QTest.qWait(30)
    image = desk.window.grab().toImage()
    palette = PALETTES[name]
    assert image.pixelColor(1, 1) == QColor(palette.window)
    bar = desk.window.submit_bar.geometry()
    assert image.pixelColor(bar.center()) == QColor(palette.surface)
    assert kept == [("theme", name.value)]


def test_type_size_grows_by_key_and_nothing_overlaps(desk: Desk) -> None:
    desk.window.resize(1920, 1080)
    show(desk)
    before = desk.window.ticket.editors["contact_phone"].height()
    for _ in range(4):
        QTest.keyClick(desk.window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    QTest.qWait(50)
    assert QApplication.font().pointSizeF() == pytest.approx(SIZES.base * 1.75)
    editors = desk.window.ticket.editors
    assert editors["contact_phone"].height() > before * 1.3
    shown = [editor for editor in editors.values() if editor.isVisible()]
    for one in shown:
        for other in shown:
            assert one is other or not one.geometry().intersects(other.geometry()) or one.parent() is not other.parent()
    QTest.keyClick(desk.window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.font().pointSizeF() == pytest.approx(SIZES.base * 1.5)


def test_a_phone_is_never_cut_off_for_the_sake_of_a_word(desk: Desk) -> None:
    desk.window.resize(1366, 768)
    show(desk)
    desk.window.use_font_percent(150)
    QTest.qWait(50)
    line = desk.window.ticket.editors["contact_phone"].input
    assert not line.is_cut()  # type: ignore[union-attr]


def test_a_small_push_keeps_the_answers_before_it(desk: Desk) -> None:
    first, second, third = sample_call.entries()
    pushes = (Push(1, 0, (Ranked(second, 0.5), Ranked(third, 0.4))), Push(2, 1, (Ranked(first, 0.9),)))
    desk.presenters.deliver(replace(sample_call.talking(), pushes=pushes))
    desk.wait_for(lambda: desk.window.cards.places[0].card is not None)
    assert [place.card.entry.id for place in desk.window.cards.places if place.card] == ["k1", "k2", "k3"]


def test_the_best_answer_lies_ready_but_never_replaces_what_the_operator_reads(desk: Desk) -> None:
    state = sample_call.talking()
    first, second, _ = sample_call.entries()
    desk.presenters.deliver(replace(state, pushes=state.pushes[:1]))
    desk.wait_for(lambda: second.title in desk.window.knowledge.answer.toPlainText())
    QTest.keyClick(desk.window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    desk.presenters.deliver(state)
    desk.wait_for(lambda: desk.window.cards.places[0].card is not None
                  and desk.window.cards.places[0].card.entry.id == first.id)
    assert second.title in desk.window.knowledge.answer.toPlainText()
    other = replace(state, context=replace(state.context, call_id="next"))
    desk.presenters.deliver(other)
    desk.wait_for(lambda: first.title in desk.window.knowledge.answer.toPlainText())


def test_an_expired_entry_says_so_on_card_and_answer(desk: Desk) -> None:
    show(desk)
    QTest.keyClick(desk.window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert "已过期" in desk.window.knowledge.answer.toPlainText()
    assert "示例" in desk.window.knowledge.answer.toPlainText()


def test_an_identity_number_is_masked_unless_it_is_edited(desk: Desk) -> None:
    state = sample_call.talking()
    fields = {**state.draft.matters[0], "id_no": FieldValue("440106199001011234", FieldState.FILLED, 0.9)}
    desk.presenters.deliver(replace(state, draft=TicketDraft((fields,))))
    line = desk.window.ticket.editors["id_no"].input
    assert isinstance(line, FieldLine)
    desk.wait_for(lambda: line.text() != "")
    assert line.shown_text() == "4401**********1234"
    assert "199001" not in line.parentWidget().toolTip()
