"""The window's language: Chinese is the source, English comes from ``resources/translations/desk_en.qm``.

Switched without a restart. ``python -m tests.widgets.refresh_translations`` refreshes the files; a test fails on a string
that has no translation. Qt's own texts (context menus) come from the translations that Qt ships.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app.domain.errors import BugError
from app.platform import messages
from app.platform.resource_files import resource


class LanguageName(StrEnum):
    """Languages of the window; the values are those of ``app.platform.messages``."""

    CHINESE = "zh"
    ENGLISH = "en"

    @property
    def own_name(self) -> str:
        """The language's name in itself."""
        return {"zh": "中文", "en": "English"}[self.value]


_PROPERTY = "tingdan_language"


def present_language() -> str:
    """The window's language now ("zh", "en"): what ``tr`` answers in."""
    app = QCoreApplication.instance()
    return str(app.property(_PROPERTY) or LanguageName.CHINESE.value) if app is not None else LanguageName.CHINESE.value


def told(key: str, **params: object) -> str:
    """A text of ``resources/messages`` in the window's language; for names that other rooms know too (commands, settings)."""
    return messages.text(key, params, present_language())


class Language:
    """Holds the installed translators; one for the application.

    Args:
        app: the application.
    """

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._translators: list[QTranslator] = []
        self.name = LanguageName.CHINESE

    def use(self, name: LanguageName) -> None:
        """Switch; every widget hears a LanguageChange event."""
        for translator in self._translators:
            self._app.removeTranslator(translator)
        self._translators = []
        self.name = name
        self._app.setProperty(_PROPERTY, name.value)  # before the translators: their event makes widgets ask for it
        if name is LanguageName.ENGLISH:
            self._install(QTranslator(), str(resource("translations", "desk_en.qm")), is_ours=True)
            QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.China))
        else:
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            self._install(QTranslator(), f"{folder}/qtbase_zh_CN.qm", is_ours=False)
            QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))

    def _install(self, translator: QTranslator, path: str, is_ours: bool) -> None:
        if translator.load(path):
            self._app.installTranslator(translator)
            self._translators.append(translator)
        elif is_ours:
            raise BugError("desk.translation_missing", path=path)
