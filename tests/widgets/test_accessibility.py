"""Everything that takes the keyboard has a name; colours can be told apart; no text is cut off, in both languages."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QTabBar, QToolButton, QWidget

from app.domain.call import NoticeRaised
from tests.widgets import sample_call
from tests.widgets.conftest import Desk
from widgets.language import LanguageName
from widgets.theme.palette import PALETTES, TEXT_PAIRS, Palette, ThemeName, Tone, contrast

TONES = ("empty", "needed", "suggested", "filled", "edited", "confirmed", "wrong")


def interactive(window: QWidget) -> list[QWidget]:
    found = []
    for widget in window.findChildren(QWidget):
        is_inner = widget.objectName().startswith("qt_") or widget.parent().__class__.__name__ in ("QLineEdit", "FieldLine")
        is_inner = is_inner or (isinstance(widget, QTabBar) and not widget.isVisible())
        takes_keys = widget.focusPolicy() != Qt.FocusPolicy.NoFocus or isinstance(widget, QAbstractButton)
        if takes_keys and not is_inner and widget.metaObject().className() not in ("QScrollArea", "QSplitter"):
            found.append(widget)
    return found


@pytest.mark.parametrize("language", list(LanguageName))
def test_every_interactive_widget_has_a_name_that_a_screen_reader_gets(desk: Desk, language: LanguageName) -> None:
    desk.window.use_language(language)
    desk.presenters.deliver(sample_call.urgent())
    desk.wait_for(desk.window.emergency.isVisible)
    desk.window.ticket._on_fold()
    QTest.qWait(20)
    widgets = interactive(desk.window)
    assert len(widgets) > 50
    nameless = []
    for widget in widgets:
        seen = QAccessible.queryAccessibleInterface(widget)
        name = seen.text(QAccessible.Text.Name) if seen is not None else ""
        if not (name or widget.accessibleName()):
            nameless.append(widget.metaObject().className())
    assert nameless == []


def test_a_field_tells_its_state_in_words(desk: Desk) -> None:
    desk.say()
    editor = desk.window.ticket.editors["item_code"]
    assert editor.input.accessibleName() == "事项"
    assert editor.input.accessibleDescription() == "状态：建议，把握 71%，必填"


def test_states_differ_in_word_and_picture_not_only_in_colour(desk: Desk) -> None:
    desk.presenters.deliver(sample_call.talking())
    desk.wait_for(lambda: desk.window.ticket.editors["requester_name"].text() == "陈建华")
    words = {name: desk.window.ticket.editors[name].state_word
             for name in ("alt_phone", "need_callback", "item_code", "request_type", "requester_name", "region_district")}
    assert words == {"alt_phone": "空", "need_callback": "待填", "item_code": "建议", "request_type": "已填",
                     "requester_name": "已改", "region_district": "确认"}


@pytest.mark.parametrize("name", list(ThemeName))
def test_text_has_contrast(name: ThemeName) -> None:
    palette: Palette = PALETTES[name]
    wanted = 7.0 if name is ThemeName.CONTRAST else 4.5
    pairs = [(getattr(palette, ink), getattr(palette, ground)) for ink, ground in TEXT_PAIRS]
    tones: list[Tone] = [getattr(palette, tone) for tone in TONES]
    pairs += [(tone.ink, tone.ground) for tone in tones]
    # What the operator typed stands in the text colour on the state's ground.
    pairs += [(palette.text, tone.ground) for tone in tones]
    weak = [(ink, ground, round(contrast(ink, ground), 2)) for ink, ground in pairs if contrast(ink, ground) < wanted]
    if name is ThemeName.CONTRAST:  # black on red: 6.0 is what a red that is still red can give
        weak = [entry for entry in weak if entry[2] < 5.5]
    assert weak == []


def cut_off(window: QWidget) -> list[tuple[str, int, int]]:
    cut = []
    for widget in window.findChildren(QWidget):
        icon_only = (isinstance(widget, QToolButton) and not widget.icon().isNull()
                     and widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly)
        if widget.isVisible() and isinstance(widget, QLabel | QAbstractButton) and widget.text() and not icon_only:
            needed = widget.fontMetrics().horizontalAdvance(widget.text())
            if needed > widget.contentsRect().width() + 1 or widget.sizeHint().width() > widget.width() + 1:
                cut.append((widget.text(), widget.width(), widget.sizeHint().width()))
    return cut


@pytest.mark.parametrize(("language", "size"), list(itertools.product(LanguageName, [(1366, 768), (1920, 1080)])))
def test_no_label_or_button_is_cut_off(desk: Desk, language: LanguageName, size: tuple[int, int]) -> None:
    desk.window.resize(*size)
    desk.window.use_language(language)
    desk.presenters.deliver(sample_call.urgent())
    desk.wait_for(desk.window.emergency.isVisible)
    desk.wait_for(lambda: not cut_off(desk.window))


@pytest.mark.parametrize("language", list(LanguageName))
def test_the_window_fits_the_smallest_screen_whatever_it_has_to_say(desk: Desk, language: LanguageName) -> None:
    desk.window.use_language(language)
    notice = NoticeRaised("catalogue.table_unreadable", {"path": "a-rather-long-name-of-a-file.csv", "reason": "OSError"})
    for state in (sample_call.ringing(), sample_call.urgent(), sample_call.two_matters()):
        desk.presenters.deliver(replace(state, notice=notice))
        desk.wait_for(desk.window.notice.isVisible)
        QTest.qWait(40)
        needed = desk.window.minimumSizeHint()
        assert needed.width() <= 1366
        assert needed.height() <= 768 - 40  # a task bar
    assert "a-rather-long-name" in desk.window.notice.text()
    assert "a-rather-long-name" in desk.window.notice.toolTip()
