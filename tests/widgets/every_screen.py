"""Every screen of the desk, one after the other in one window: for pictures (``make pictures``) and for the tests of all texts.

``python -m tests.widgets.every_screen FOLDER`` draws each in both languages, light and dark, at 100 and 200 %. Look at them after a
change of the window; small ones of two looks are compared by a test (``golden_pictures``), so what they show stands still: the clock
of the notices and the ticket numbers too.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from unittest import mock

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.domain.call import CallState, NoticeRaised, Phase, noticed
from app.domain.dialogue import CallContext
from app.domain.open_drafts import OpenDraft
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.deadline_files import ChineseWorkCalendar, load_rules
from app.presenters.call_tools import CallTools
from app.presenters.desk import DeskPresenters
from app.store import ticket_store
from tests.widgets import records_desk, sample_call
from tests.widgets.silent_line import SilentLine, find_nothing
from tests.widgets.tool_pictures import _TOOLS, _open
from widgets.application import prepare_application
from widgets.desk_window import DeskWindow
from widgets.entry_view import Page
from widgets.language import Language, LanguageName
from widgets.passphrase_dialog import PassphraseDialog
from widgets.theme.fonts import install_fonts
from widgets.theme.palette import ThemeName

SETTLE_MS = 60
SIZES = {100: (1366, 768), 200: (1920, 1080)}


@dataclass(frozen=True)
class Look:
    """How a screen is drawn."""

    language: LanguageName = LanguageName.CHINESE
    theme: ThemeName = ThemeName.LIGHT
    percent: int = 100

    @property
    def name(self) -> str:
        """For a file."""
        return f"{self.language.value}-{self.theme.value}-{self.percent}"


LOOKS = tuple(Look(language, theme, percent) for percent, theme, language in
              itertools.product((100, 200), (ThemeName.LIGHT, ThemeName.DARK), LanguageName))


@contextmanager
def prepared(look: Look, language: Language) -> Iterator[None]:
    """Type size and language of a look; afterwards as before."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    flash = app.cursorFlashTime()
    app.setCursorFlashTime(0)
    install_fonts(app, look.percent)
    try:
        yield
    finally:
        language.use(LanguageName.CHINESE)
        install_fonts(app)
        app.setCursorFlashTime(flash)
        QTest.qWait(1)


def screens(look: Look, language: Language) -> Iterator[tuple[str, QWidget]]:
    """Name and widget of each screen, shown while it is held."""
    with prepared(look, language):
        presenters = DeskPresenters(lambda event: None, SilentLine(), lambda: None, find_nothing, load_taxonomy(), load_fields())
        presenters.use_tools(CallTools(rules=load_rules("广州市"), calendar=ChineseWorkCalendar(), today=lambda: date(2026, 11, 20)))
        presenters.notices._clock = records_desk.SetClock()  # each notice tells when it came
        window = DeskWindow(presenters, language, look.theme, look.percent)
        window.resize(*SIZES[look.percent])
        window.show()
        window.activateWindow()
        window.use_language(look.language)
        try:
            yield from _desk(window, presenters)
            yield from _knowledge(window, presenters)
            yield from _dialogs(window, presenters)
        finally:
            presenters.close()
            window.close()
            window.deleteLater()
            presenters.deleteLater()
        yield from _records(look, language)


def _desk(window: DeskWindow, presenters: DeskPresenters) -> Iterator[tuple[str, QWidget]]:
    presenters.deliver(CallState(CallContext("idle", "2026-11-16T09:00:00+08:00", "广州市"), Phase.IDLE))
    presenters.start.show_drafts((OpenDraft("d1", "2026-11-16T08:41:00+08:00", "天河区棠下街道棠德南路12号餐饮油烟"),
                                  OpenDraft("d2", "2026-11-15T17:20:00+08:00", "")))
    QTest.qWait(SETTLE_MS)
    yield "desk-idle", window
    presenters.start.show_drafts(())
    notices = sample_call.talking()
    for notice in (NoticeRaised("kb_update.expired_days", {"days": 3}), NoticeRaised("desk.hang_up_first")):
        notices = noticed(notices, notice)
    states = {"ringing": sample_call.ringing(), "talking": sample_call.talking(), "notices-line": notices, "urgent": sample_call.urgent(),
              "two-matters": sample_call.two_matters(), "wrap-up": sample_call.wrap_up()}
    for name, state in states.items():
        presenters.deliver(replace(state, context=replace(state.context, call_id=name)))
        QTest.qWait(SETTLE_MS)
        yield f"desk-{name}", window
    window.tools.layout.toggle_compact()
    QTest.qWait(SETTLE_MS)
    yield "desk-compact", window
    window.tools.layout.toggle_compact()
    QTest.qWait(SETTLE_MS)


def _knowledge(window: DeskWindow, presenters: DeskPresenters) -> Iterator[tuple[str, QWidget]]:
    presenters.deliver(replace(sample_call.talking(), context=replace(sample_call.CONTEXT, call_id="knowledge")))
    QTest.qWait(SETTLE_MS)
    presenters.knowledge.open_card(0)
    QTest.qWait(SETTLE_MS)
    yield "knowledge-card", window
    for page in Page:
        window.knowledge.view.turn_to(page)
        QTest.qWait(SETTLE_MS)
        if window.knowledge.view.page is page:
            yield f"knowledge-{page.name.lower()}", window


def _dialogs(window: DeskWindow, presenters: DeskPresenters) -> Iterator[tuple[str, QWidget]]:
    with tempfile.TemporaryDirectory() as folder:
        for tool in _TOOLS:
            shown = _open(window, presenters, tool, Path(folder))
            QTest.qWait(SETTLE_MS)
            yield tool, shown
            shown.close()
            if tool == "strip":
                window.show()
            QTest.qWait(1)
    window.activateWindow()
    window.ticket.choose_item()
    QTest.qWait(SETTLE_MS)
    picker = QApplication.activeModalWidget() or next(each for each in window.findChildren(QDialog) if each.isVisible())
    yield "item-tree", picker
    picker.close()
    for name, is_new in (("passphrase", False), ("passphrase-new", True)):
        asked = PassphraseDialog(is_new)
        asked.setStyleSheet(window.styleSheet())
        asked.show()
        QTest.qWait(SETTLE_MS)
        yield name, asked
        asked.close()
        asked.deleteLater()


def _records(look: Look, language: Language) -> Iterator[tuple[str, QWidget]]:
    from tests.widgets.refresh_pictures import _STAGES

    stages: dict[str, Callable[[records_desk.RecordsDesk], None]] = _STAGES
    for name, stage in stages.items():
        # A number's tail is random, and is shown: here it is the time of day said once more.
        with mock.patch.object(ticket_store, "new_number", lambda now: f"{now:%y%m%d%H%M%S%H%M%S}"), \
                tempfile.TemporaryDirectory() as folder, records_desk.opened(
                Path(folder) / "tickets.db", language, theme=look.theme, percent=look.percent) as desk:
            desk.window.resize(*SIZES[look.percent])
            desk.window.use_language(look.language)
            stage(desk)
            QTest.qWait(SETTLE_MS)
            yield f"tickets-{name}", desk.window


def draw(folder: Path, looks: tuple[Look, ...] = LOOKS) -> None:
    """All of them into files."""
    language = prepare_application(QApplication([]))
    folder.mkdir(parents=True, exist_ok=True)
    for look in looks:
        for name, widget in screens(look, language):
            QTest.qWait(SETTLE_MS)
            widget.grab().save(str(folder / f"{name}-{look.name}.png"))
        print(look.name, flush=True)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
