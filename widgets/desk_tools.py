"""What belongs to the window rather than to a call: menu, command palette, sheet of keys, settings, layout, strip, tray.

Made by the window once all its widgets stand; dialogs are children of the window, so that the lock closes them, and are loaded where
they are asked for: the window's start does not wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.domain.training import Score
from app.platform.window_memory import WindowMemory
from app.presenters.commands import CommandsPresenter
from app.presenters.desk import DeskPresenters
from app.presenters.first_start import FirstStartPresenter
from app.presenters.settings import SettingsPresenter
from app.presenters.training import TrainingPresenter
from widgets.command_hub import CommandHub
from widgets.command_palette import CommandPalette
from widgets.desk_layout import DeskLayout
from widgets.language import LanguageName, present_language
from widgets.shortcuts import bind_act
from widgets.strip import Strip
from widgets.theme.palette import ThemeName
from widgets.tray import Tray

if TYPE_CHECKING:
    from widgets.desk_window import DeskWindow

KEYS = "desk.keys"
_FIRST_START_DONE = "first_start_done"
#: What the window calls a look, and the setting that keeps it.
LOOKS = {"theme": "desk.theme", "font_percent": "desk.font_percent", "language": "desk.language"}


class DeskTools(QObject):
    """See the module.

    Args:
        window: the desk.
        surface: the part of it that is hidden while the desk is locked.
        presenters: what the strip and the tray show.
    """

    def __init__(self, window: DeskWindow, surface: QWidget, presenters: DeskPresenters) -> None:
        super().__init__(window)
        self._window = window
        self._presenters = presenters
        self.commands = CommandsPresenter(parent=self)
        self.strip = Strip(presenters.strip, window.theme, window)
        self.layout = DeskLayout(window, window.panes, window.conversation, window.knowledge, self.strip)
        self.tray: Tray | None = None
        self._memory: WindowMemory | None = None
        acts = {
            "program.palette": self._ask_palette, "program.keys": self.show_keys, "window.light": self._light,
            "window.dark": self._dark, "window.contrast": self._contrast, "window.language": self._other_language,
            "window.toggle_conversation": self.layout.toggle_conversation, "window.toggle_knowledge": self.layout.toggle_knowledge,
            "window.compact": self.layout.toggle_compact, "window.strip": self.layout.toggle_strip,
            "window.reset": self.layout.reset,
        }
        for command, act in acts.items():
            bind_act(surface, command, act)
        self._settings: SettingsPresenter | None = None
        self._settings_key = bind_act(surface, "program.settings", self.show_settings)
        self._settings_key.setEnabled(False)
        self._training: TrainingPresenter | None = None
        self._training_key = bind_act(surface, "program.training", self.show_training)
        self._training_key.setEnabled(False)
        self._first_start: FirstStartPresenter | None = None
        self._first_start_key = bind_act(surface, "program.first_start", self.show_first_start)
        self._first_start_key.setEnabled(False)
        self.hub = CommandHub(window, self.commands)
        self.palette = CommandPalette(self.hub, window)
        window.menu_button.use(self.hub)

    def use_settings(self, settings: SettingsPresenter) -> None:
        """Settings that can be shown and changed here; a replay's window has none."""
        self._settings = settings
        self._settings_key.setEnabled(True)
        keys = settings.row(KEYS)
        self.commands.use(str(keys.value), bool(keys.lock))
        self.commands.keys_chosen.connect(self._keep_keys)
        settings.applied.connect(self._on_applied)
        self._window.view_changed.connect(self._on_view)

    def use_memory(self, memory: WindowMemory) -> None:
        """The window as it was left; put down again when it closes."""
        self._memory = memory
        self.layout.restore(memory)
        self.commands.recent = memory.texts("recent")
        self._window.closed.connect(self._on_closed)

    def use_tray(self) -> None:
        """The tray and the notifications that the settings ask for; where the desktop has a tray."""
        self.tray = Tray(self._window, self._window.theme.palette.accent)
        self.tray.raise_wanted.connect(self.layout.raise_window)
        self._presenters.bridge.state_changed.connect(self.tray.show_state)
        self._presenters.notices.came.connect(self.tray.show_notice)
        self._draw_tray()

    def _draw_tray(self) -> None:
        if self.tray is not None and self._settings is not None:
            self.tray.notifies = self._settings.row("desk.notify").value is True
            self.tray.show(self._settings.row("desk.tray").value is True)

    @Slot()
    def _on_closed(self) -> None:
        self.strip.hide()
        if self._memory is not None:
            self.layout.remember(self._memory)
            self._memory.put("recent", self.commands.recent)
            self._memory.save()

    def use_first_start(self, first_start: FirstStartPresenter) -> None:
        """The first start, to be shown at will."""
        self._first_start = first_start
        self._first_start_key.setEnabled(True)

    @Slot()
    def show_first_start(self) -> None:
        """Step by step through sound, model, knowledge, sign-in."""
        if self._first_start is not None:
            from widgets.first_start_dialog import FirstStartDialog  # noqa: PLC0415 - see the module

            dialog = FirstStartDialog(self._first_start, self._window)
            dialog.finished.connect(self._on_first_start_done)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def offer_first_start(self) -> None:
        """Show it where nobody has been through it, or left it, on this PC."""
        if self._memory is not None and not self._memory.flag(_FIRST_START_DONE):
            self.show_first_start()

    @Slot()
    def _on_first_start_done(self) -> None:
        if self._first_start is not None:
            self._first_start.stop()
        if self._memory is not None:
            self._memory.put(_FIRST_START_DONE, True)
            self._memory.save()

    def use_training(self, training: TrainingPresenter) -> None:
        """Training at this desk."""
        self._training = training
        self._training_key.setEnabled(True)
        training.scored.connect(self._show_score)

    @Slot()
    def show_training(self) -> None:
        """The choice of a question."""
        if self._training is not None and self._window.ticket.commit():
            from widgets.training_dialog import TrainingDialog  # noqa: PLC0415 - see the module

            dialog = TrainingDialog(self._training, self._window)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    @Slot(object)
    def _show_score(self, result: Score) -> None:
        if self._training is not None:
            from widgets.training_dialog import ScoreDialog  # noqa: PLC0415 - see the module

            dialog = ScoreDialog(result, self._training, self._window)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    @Slot()
    def show_settings(self) -> None:
        """The dialog."""
        if self._settings is not None:
            from widgets.settings_dialog import SettingsDialog  # noqa: PLC0415 - see the module

            dialog = SettingsDialog(self._settings, self._window)
            dialog.keys_wanted.connect(self.show_keys)
            dialog.sound_wanted.connect(self.show_first_start)
            dialog.sound_button.setVisible(self._first_start is not None)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    @Slot(str)
    def _keep_keys(self, line: str) -> None:
        if self._settings is not None:
            self._settings.put(KEYS, line)

    @Slot(str, object)
    def _on_applied(self, key: str, value: object) -> None:
        """What the window can do at once."""
        if key == LOOKS["theme"]:
            self._window.use_theme(str(value))
        elif key == LOOKS["language"]:
            self._window.use_language(str(value))
        elif key == LOOKS["font_percent"] and isinstance(value, int):
            self._window.use_font_percent(value)
        elif key in ("desk.notify", "desk.tray"):
            self._draw_tray()

    @Slot(str, object)
    def _on_view(self, look: str, value: object) -> None:
        if self._settings is not None and isinstance(value, str | int):
            self._settings.note(LOOKS[look], value)

    @Slot()
    def _ask_palette(self) -> None:
        self.palette.ask()

    @Slot()
    def show_keys(self) -> None:
        """The sheet of keys."""
        from widgets.keys_dialog import KeysDialog  # noqa: PLC0415 - see the module

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
