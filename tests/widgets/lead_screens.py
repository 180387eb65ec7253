"""Every page of the lead's window with the sample: both languages, light and dark, at 100 and 200 % (``make pictures``). To be looked at.

``python -m tests.widgets.lead_screens FOLDER``; the guide's own pictures are drawn anew as well.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest

from app.assembly_lead import LeadOrder
from app.lead_desk import opened_lead, wait_for_page
from app.platform.clock import SystemClock
from app.presenters.lead import Page
from widgets import screenshot
from widgets.language import LanguageName
from widgets.theme.palette import ThemeName

SIZES = {100: (1366, 820), 200: (1920, 1080)}
GUIDES = {Page.BY: Path("docs/pictures/lead.png"), Page.CASES: Path("docs/pictures/cases.png")}
SETTLE_MS = 80


def draw(folder: Path) -> None:
    """Save all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with opened_lead(LeadOrder(sample=True), SystemClock()) as desk:
        window = desk.window
        for percent, theme, language in itertools.product(SIZES, (ThemeName.LIGHT, ThemeName.DARK), LanguageName):
            window.resize(*SIZES[percent])
            window.use_language(language)
            window.use_theme(theme.value)
            window.use_percent(percent)
            for page in Page:
                desk.presenter.show_page(page)
                wait_for_page(desk.presenter)
                QTest.qWait(SETTLE_MS)
                screenshot.save(window, folder / f"lead-{page.value}-{language.value}-{theme.value}-{percent}.png")
                if page in GUIDES and (theme, percent, language) == (ThemeName.LIGHT, 100, LanguageName.CHINESE):
                    screenshot.save(window, GUIDES[page])


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
