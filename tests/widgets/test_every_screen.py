"""Over all screens, in both languages, at 100 and 200 %: no text is cut off, nothing needs more than
the screen's width, and nothing stays Chinese in an English window.

What the window shows of other people's words (knowledge, a ticket's values, recordings' names) is data and may be Chinese; labels
and buttons that hold such words say so (``holdsData``). Message tables are looked at as a whole.
"""

from __future__ import annotations

import re
import tomllib

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QTabBar, QToolButton, QWidget

from app.platform.resource_files import resource
from tests.widgets import sample_call
from tests.widgets.every_screen import LOOKS, SIZES, Look, screens
from widgets.language import Language, LanguageName
from widgets.theme.palette import ThemeName

HAN = re.compile(r"[\u4e00-\u9fff]")
RICH = re.compile(r"</\w+>|<br")
MNEMONIC = re.compile(r"&(.)")
#: Words of faults that were seen and are not mended yet.
KNOWN: tuple[str, ...] = ()
LIGHT_LOOKS = [look for look in LOOKS if look.theme is ThemeName.LIGHT]


def plain(text: str) -> str:
    """A button's words without the mark of its access key."""
    return MNEMONIC.sub(r"\1", text)


def is_cut(widget: QWidget) -> bool:
    """Whether a label's or button's words need more room than it has."""
    room = widget.contentsRect()
    if isinstance(widget, QToolButton) and widget.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly and not widget.icon().isNull():
        return False
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width()) > widget.height() + 2
    if isinstance(widget, QLabel | QAbstractButton):
        lines = plain(widget.text()).splitlines() or [""]
        if RICH.search(widget.text()):
            document = QTextDocument()
            document.setDefaultFont(widget.font())
            document.setHtml(widget.text())
            lines = document.toPlainText().splitlines() or [""]
        needed = max(widget.fontMetrics().horizontalAdvance(line) for line in lines)
        return needed > room.width() + 1 or widget.fontMetrics().height() * len(lines) > widget.height() + 2
    return False


def cut_off(root: QWidget) -> list[tuple[str, int, int]]:
    """Words, width and wanted width of what is cut off and to be seen."""
    cut = [(widget.text(), widget.width(), widget.sizeHint().width())
           for kind in (QLabel, QAbstractButton) for widget in root.findChildren(kind)
           if widget.isVisible() and widget.text() and not any(word in widget.text() for word in KNOWN) and is_cut(widget)]
    for tabs in root.findChildren(QTabBar):
        for place in range(tabs.count() if tabs.isVisible() else 0):
            needed = tabs.fontMetrics().horizontalAdvance(tabs.tabText(place))
            if needed > tabs.tabRect(place).width():
                cut.append((tabs.tabText(place), tabs.tabRect(place).width(), needed))
    return cut


def chinese_left(root: QWidget) -> list[str]:
    """Chinese words of an English window that are no data."""
    data = known_data()
    return [widget.text() for kind in (QLabel, QAbstractButton) for widget in root.findChildren(kind)
            if widget.isVisible() and HAN.search(widget.text()) and not widget.property("holdsData")
            and not any(word in widget.text() for word in data)]


def known_data() -> set[str]:
    """Words of the sample call and its knowledge."""
    entries = sample_call.entries()
    words = {"广州市", "contactPhone", "中文", "听单", *(section.title for entry in entries for section in entry.sections)}
    steps = [step for entry in entries for step in entry.steps]
    words |= {step.text for step in steps} | {choice.label for step in steps for choice in step.choices}
    return words | {entry.title for entry in entries}


@pytest.mark.parametrize("look", LIGHT_LOOKS, ids=lambda look: look.name)
def test_no_text_of_any_screen_is_cut_off_too_wide_or_left_untranslated(application: Language, look: Look) -> None:
    faults: dict[str, list[object]] = {}
    seen = set()
    for name, widget in screens(look, application):
        seen.add(name)
        for _ in range(50):  # a layout may need several rounds
            cut = cut_off(widget)
            if not cut:
                break
            QTest.qWait(10)
        if cut:
            faults[f"{name}: cut off"] = list(cut)
        if (least := widget.minimumSizeHint().width()) > SIZES[look.percent][0]:
            faults[f"{name}: wider than the screen"] = [least]
        if look.language is LanguageName.ENGLISH and (left := chinese_left(widget)):
            faults[f"{name}: still Chinese"] = list(left)
    assert len(seen) > 20
    assert faults == {}


def test_every_message_has_both_languages() -> None:
    lacking = []
    for path in sorted(resource("messages").glob("*.toml")):
        for room, table in tomllib.loads(path.read_text("utf-8")).items():
            for key, held in table.items():
                texts = held if isinstance(held, dict) else {}
                is_whole = bool(str(texts.get("zh", "")).strip()) and bool(str(texts.get("en", "")).strip())
                if not is_whole:
                    lacking.append(f"{path.name}: {room}.{key}")
    assert lacking == []
