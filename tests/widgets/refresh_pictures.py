"""Pictures of the desk for the documents and for comparison: ``python -m tests.widgets.refresh_pictures``.

Draws the sample call offscreen into ``docs/pictures``. Look at them after every change of the window: a test compares what
the window draws with these files, with a tolerance, and cannot tell ugly from fine.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain.call import CallState
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.deadline_files import ChineseWorkCalendar, load_rules
from app.presenters.call_tools import CallTools
from app.presenters.desk import DeskPresenters
from tests.widgets import records_desk, sample_call
from tests.widgets.silent_line import SilentLine, find_nothing
from tests.widgets.tool_pictures import TOOL_PICTURES, ToolPicture, take_tool
from widgets import screenshot
from widgets.application import prepare_application
from widgets.desk_window import DeskWindow
from widgets.language import Language, LanguageName
from widgets.theme.fonts import install_fonts
from widgets.theme.palette import ThemeName

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"


@dataclass(frozen=True)
class Picture:
    """One picture. ``focus`` is the field that has the cursor."""

    name: str
    state: CallState
    size: tuple[int, int] = (1366, 768)
    theme: ThemeName = ThemeName.LIGHT
    language: LanguageName = LanguageName.CHINESE
    focus: str = ""
    opens_card: bool = True
    percent: int = 100


PICTURES = (
    Picture("desk-light", sample_call.talking(), focus="contact_phone"),
    Picture("desk-dark-urgent", sample_call.urgent(), theme=ThemeName.DARK, focus="address_detail"),
    Picture("desk-contrast", sample_call.talking(), theme=ThemeName.CONTRAST, focus="item_code"),
    Picture("desk-english", sample_call.talking(), language=LanguageName.ENGLISH, focus="contact_phone"),
    Picture("desk-ringing", sample_call.ringing(), opens_card=False),
    Picture("desk-wide-two-matters", sample_call.two_matters(), size=(1920, 1080), focus="event_time_text"),
    Picture("desk-wrap-up", sample_call.wrap_up(), focus="item_code"),
    Picture("desk-wrap-up-dark-english", sample_call.wrap_up(), theme=ThemeName.DARK, language=LanguageName.ENGLISH, focus="item_code"),
    Picture("desk-200-percent", sample_call.wrap_up(), size=(1920, 1080), theme=ThemeName.DARK, percent=200),
)


@dataclass(frozen=True)
class RecordsPicture:
    """A picture of a panel on submitted tickets: "page", "mend", "repeat" or "lock"."""

    name: str
    panel: str
    theme: ThemeName = ThemeName.LIGHT
    language: LanguageName = LanguageName.CHINESE


RECORDS_PICTURES = (
    RecordsPicture("tickets-light", "page"),
    RecordsPicture("tickets-mend-dark-english", "mend", ThemeName.DARK, LanguageName.ENGLISH),
    RecordsPicture("tickets-contrast", "page", ThemeName.CONTRAST),
    RecordsPicture("repeat-light", "repeat"),
    RecordsPicture("repeat-dark-english", "repeat", ThemeName.DARK, LanguageName.ENGLISH),
    RecordsPicture("lock-light", "lock"),
    RecordsPicture("lock-dark-english", "lock", ThemeName.DARK, LanguageName.ENGLISH),
)


def take(picture: Picture, language: Language, path: Path) -> None:
    """Draw one picture into a file."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    flash = app.cursorFlashTime()
    app.setCursorFlashTime(0)
    install_fonts(app, picture.percent)
    presenters = DeskPresenters(lambda event: None, SilentLine(), lambda: None, find_nothing, load_taxonomy(), load_fields())
    presenters.use_tools(CallTools(rules=load_rules("广州市"), calendar=ChineseWorkCalendar(), today=lambda: date(2026, 11, 20)))
    window = DeskWindow(presenters, language, picture.theme, picture.percent)
    window.resize(*picture.size)
    window.show()
    window.activateWindow()
    window.use_language(picture.language)
    presenters.deliver(picture.state)
    QTest.qWait(120)
    if picture.opens_card:
        presenters.knowledge.open_card(0)
    if picture.focus:
        window.ticket.go_to(picture.focus)
    QTest.qWait(120)
    screenshot.save(window, path)
    presenters.close()
    window.close()
    window.use_language(LanguageName.CHINESE)
    window.deleteLater()
    presenters.deleteLater()
    install_fonts(app)
    app.setCursorFlashTime(flash)
    QTest.qWait(1)


def take_records(picture: RecordsPicture, language: Language, path: Path) -> None:
    """Draw one picture of a panel on submitted tickets into a file."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    flash = app.cursorFlashTime()
    app.setCursorFlashTime(0)
    install_fonts(app)
    with tempfile.TemporaryDirectory() as folder, records_desk.opened(Path(folder) / "tickets.db", language, theme=picture.theme) as desk:
        desk.window.resize(1366, 768)
        desk.window.use_language(picture.language)
        _STAGES[picture.panel](desk)
        QTest.qWait(200)
        screenshot.save(desk.window, path)
        desk.window.use_language(LanguageName.CHINESE)
    app.setCursorFlashTime(flash)


def _stage_page(desk: records_desk.RecordsDesk) -> None:
    desk.open_page()
    assert desk.window.records is not None
    desk.window.records.page.list.stand_on(desk.records.tickets.model.place(desk.numbers[2]))
    desk.wait_for(lambda: desk.records.unsent.view.refused == 1 and desk.records.tickets.due == 3)


def _stage_mend(desk: records_desk.RecordsDesk) -> None:
    _stage_page(desk)
    desk.records.detail.show_whole()
    desk.wait_for(lambda: desk.records.detail.view.can_mend)
    table = desk.records.detail.fields
    row = next(place for place, each in enumerate(table.rows) if each.name == "subject")
    table.setData(table.index(row, 1), "测试大道路灯")


def _stage_repeat(desk: records_desk.RecordsDesk) -> None:
    context = replace(sample_call.CONTEXT, call_id="now", caller_number="13900001111")
    desk.ring(context, records_desk.ticket("陈试验", "13900001111", "天河区试验路夜间施工噪声"))
    desk.wait_for(lambda: desk.records.repeats.view.count > 0 and desk.records.unsent.view.refused == 1)


def _stage_lock(desk: records_desk.RecordsDesk) -> None:
    desk.records.idle.lock_now()
    desk.wait_for(lambda: desk.records.idle.view.is_locked)


_STAGES = {"page": _stage_page, "mend": _stage_mend, "repeat": _stage_repeat, "lock": _stage_lock}


def flatten(path: Path) -> None:
    """Keep 256 colours, each other one as its nearest: plenty for a window, a third of the bytes."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    colours, where, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    parts = np.stack([colours >> shift & 0xFF for shift in (16, 8, 0)], axis=1).astype(np.int32)
    kept = list(np.argsort(counts)[::-1][:96])
    # The rest where most would be missed: frequent and far from what is kept.
    far = ((parts[:, None, :] - parts[None, kept, :]) ** 2).sum(axis=2).min(axis=1)
    while len(kept) < min(256, len(colours)):
        kept.append(int((far * counts).argmax()))
        far = np.minimum(far, ((parts - parts[kept[-1]]) ** 2).sum(axis=1))
    nearest = ((parts[:, None, :] - parts[None, kept, :]) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    flat = np.ascontiguousarray(nearest[where].reshape(pixels.shape))
    made = QImage(flat.data, image.width(), image.height(), image.width(), QImage.Format.Format_Indexed8)
    made.setColorTable([int(colour) for colour in colours[kept]])
    made.save(str(path), quality=0)


if __name__ == "__main__":
    switch = prepare_application(QApplication([]))
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = sys.argv[1:]  # none: all of them
    every: tuple[Picture | RecordsPicture | ToolPicture, ...] = (*PICTURES, *RECORDS_PICTURES, *TOOL_PICTURES)
    for wanted in every:
        if names and wanted.name not in names:
            continue
        path = FOLDER / f"{wanted.name}.png"
        if isinstance(wanted, RecordsPicture):
            take_records(wanted, switch, path)
        elif isinstance(wanted, ToolPicture):
            take_tool(wanted, switch, path)
        else:
            take(wanted, switch, path)
        flatten(path)
        print(path.name, path.stat().st_size)
