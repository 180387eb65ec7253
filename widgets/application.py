"""Prepares the QApplication before the first window: style, fonts, language. Called once, by the composition root or a test."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QStyleFactory

from widgets.keyboard_home import KeyboardHome
from widgets.language import Language, LanguageName
from widgets.theme.fonts import install_fonts


def prepare_application(app: QApplication, language: LanguageName = LanguageName.CHINESE,
                        font_percent: int = 100) -> Language:
    """Make the application look and speak the same on every system.

    Args:
        app: the application.
        language: the window's first language.
        font_percent: type size, 90 to 200.

    Returns:
        The language switch; keep it as long as the application.
    """
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setApplicationName("tingdan")
    app.setApplicationDisplayName("听单")
    install_fonts(app, font_percent)
    KeyboardHome(app)
    switch = Language(app)
    switch.use(language)
    return switch
