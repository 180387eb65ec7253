"""Each screen looks as its golden picture does; a panel that is gone, a cut text or another theme would be found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListView, QWidget

from tests.widgets.every_screen import Look, screens
from tests.widgets.golden_pictures import LOOKS, drawn_with, made_with, unlike
from widgets.desk_window import DeskWindow
from widgets.language import Language
from widgets.theme.palette import ThemeName

#: Rounds of 50 ms in which screens of one walk may still settle, on a busy machine.
ROUNDS = 600


@pytest.fixture(autouse=True)
def _same_font(application: Language) -> None:
    if drawn_with() != made_with():
        pytest.skip("the golden pictures were drawn with another font")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_screen_looks_like_its_golden_picture(application: Language, look: Look) -> None:
    rounds, faults, seen = iter(range(ROUNDS)), [], 0
    for name, widget in screens(look, application):
        faults += unlike(name, look, widget, rounds)
        seen += 1
    assert seen > 20
    assert faults == [], "look at it; where it is meant: python -m tests.widgets.golden_pictures"


def test_what_a_person_would_see_is_found(application: Language) -> None:
    look = LOOKS[0]
    found = {}
    for name, widget in screens(look, application):
        if name == "desk-talking":
            found = {fault: bool(unlike(name, look, widget, iter(()))) for fault in _planted(widget)}
            break
    assert found == {"a text is cut": True, "a panel is gone": True, "another theme": True}


def _planted(window: QWidget) -> Iterator[str]:
    """One fault after the other; each is shown while its name is held."""
    assert isinstance(window, DeskWindow)
    shown = [label for label in window.findChildren(QLabel) if label.isVisible() and not label.visibleRegion().isEmpty()]
    longest = max(shown, key=lambda label: len(label.text()))
    words = longest.text()
    longest.setText(words[:3] + "…")
    yield "a text is cut"
    longest.setText(words)
    QTest.qWait(50)
    seen = [view for view in window.findChildren(QListView) if view.isVisible()]
    panel = max(seen, key=lambda view: view.width() * view.height())
    panel.hide()
    QTest.qWait(50)
    yield "a panel is gone"
    panel.show()
    window.use_theme(ThemeName.DARK)
    yield "another theme"
