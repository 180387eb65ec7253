"""Puts a Chinese font into the application: the one the program brings, else the system's best.

Called once after the QApplication is made. Returns the family in use so that `doctor`-like checks in the window can say it.
"""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from app.platform.chinese_font import SYSTEM_FAMILIES, bundled_font_file
from widgets.theme.palette import SIZES


def install_fonts(app: QApplication, percent: int = 100) -> str:
    """Set the application's font; gives the Chinese family, "" where this PC has none.

    Args:
        app: the application.
        percent: type size, 90 to 200.
    """
    family = _chinese_family()
    font = QFont(family) if family else QFont(app.font())
    font.setPointSizeF(SIZES.base * percent / 100)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    app.setFont(font)
    return family


def _chinese_family() -> str:
    known = set(QFontDatabase.families())
    for family in SYSTEM_FAMILIES[:1]:
        if family in known:
            return family
    path = bundled_font_file()
    if path is not None:
        number = QFontDatabase.addApplicationFont(str(path))
        families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
        if families:
            return families[0]
    for family in SYSTEM_FAMILIES:
        if family in known:
            return family
    chinese = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    return chinese[0] if chinese else ""
