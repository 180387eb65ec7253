"""What belongs to the window rather than to a call: menu, command palette, sheet of keys.

Made by the window once all its widgets stand; dialogs are children of the window, so that the lock closes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.presenters.commands import CommandsPresenter
from widgets.command_hub import CommandHub
from widgets.command_palette import CommandPalette
from widgets.keys_dialog import KeysDialog
from widgets.language import LanguageName, present_language
from widgets.shortcuts import bind_act
from widgets.theme.palette import ThemeName

if TYPE_CHECKING:
    from widgets.desk_window import DeskWindow


class DeskTools(QObject):
    """See the module.

    Args:
        window: the desk.
        surface: the part of it that is hidden while the desk is locked.
    """

    def __init__(self, window: DeskWindow, surface: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.commands = CommandsPresenter(parent=self)
        acts = {
            "program.palette": self._ask_palette, "program.keys": self.show_keys, "window.light": self._light,
            "window.dark": self._dark, "window.contrast": self._contrast, "window.language": self._other_language,
        }
        for command, act in acts.items():
            bind_act(surface, command, act)
        self.hub = CommandHub(window, self.commands)
        self.palette = CommandPalette(self.hub, window)
        window.menu_button.use(self.hub)

    @Slot()
    def _ask_palette(self) -> None:
        self.palette.ask()

    @Slot()
    def show_keys(self) -> None:
        """The sheet of keys."""
        dialog = KeysDialog(self.commands, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _light(self) -> None:
        self._window.ask_theme(ThemeName.LIGHT)

    @Slot()
    def _dark(self) -> None:
        self._window.ask_theme(ThemeName.DARK)

    @Slot()
    def _contrast(self) -> None:
        self._window.ask_theme(ThemeName.CONTRAST)

    @Slot()
    def _other_language(self) -> None:
        is_chinese = present_language() == LanguageName.CHINESE.value
        self._window.ask_language(LanguageName.ENGLISH if is_chinese else LanguageName.CHINESE)
