"""The settings as the dialog shows them: grouped, found by what is typed, checked, kept; what the policy decides is closed.

A change is checked here at once and written on another thread (``later``); who has to act on it hears ``applied``. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.domain.errors import AppError
from app.platform import messages
from app.platform.place_files import city_names
from app.platform.settings import Setting, Settings, SettingValue
from app.presenters.command_search import CommandIndex

GROUPS = ("desk", "call", "cti", "sip", "audio", "speech", "knowledge", "program", "delivery", "hub", "quality", "privacy", "repeat",
          "backup", "models", "retention", "log")
#: Shown elsewhere: the editor of keys.
_ELSEWHERE = frozenset({"desk.keys"})
_FILES = frozenset({"knowledge.ca_file", "delivery.mapping", "cti.mapping", "hub.ca_file", "quality.rules"})
_FOLDERS = frozenset({"speech.model_folder", "backup.folder"})
_EITHER = frozenset({"knowledge.path"})
_LANGUAGES = ("zh", "en")


class Effect(StrEnum):
    """When a change is felt; the values are message keys."""

    NOW = "now"
    NEXT_CALL = "next_call"
    NEXT_START = "next_start"


_NOW = frozenset({"desk.agent_id", "desk.language", "desk.theme", "desk.font_percent", "desk.notify", "desk.tray", "models.mirror",
                  "backup.folder", "backup.every_hours", "backup.keep"})
_NEXT_CALL = frozenset({"desk.city", "knowledge.push", "knowledge.pushes_a_call"})


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting with its value.

    Attributes:
        setting: its entry in the registry.
        value: in force, or asked for since the dialog opened.
        lock: message key of why it cannot be changed, "" where it can.
        effect: when a change is felt.
        picks: "file" or "folder" where a path is wanted, else "".
    """

    setting: Setting
    value: SettingValue
    lock: str
    effect: Effect
    picks: str

    @property
    def key(self) -> str:
        """The setting's key."""
        return self.setting.key

    @property
    def group(self) -> str:
        """Part before the dot."""
        return self.key.partition(".")[0]

    def name(self, language: str) -> str:
        """What it is called."""
        return messages.text(f"settings.{self.key.replace('.', '_')}", lang=language)

    def about(self, language: str) -> str:
        """One sentence on what it does."""
        return messages.text(f"settings.{self.key.replace('.', '_')}_about", lang=language)

    def choice(self, value: SettingValue, language: str) -> str:
        """What a choice is called; a product's name stays as it is."""
        key = f"settings.choice_{self.key.partition('.')[2]}_{value}"
        words = messages.text(key, lang=language)
        return str(value) if words == key else words


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value was not taken: message key and parameters; "" where it was."""

    key: str = ""
    params: dict[str, object] = field(default_factory=dict)


class SettingsPresenter(QObject):
    """See the module.

    Args:
        settings: the settings in force; after this read and written on one thread only, ``later``'s.
        later: does something on that thread; its AppErrors become notices.
    """

    applied = Signal(str, object)
    """A setting has another value now."""

    def __init__(self, settings: Settings, later: Callable[[Callable[[], None]], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._later = settings, later
        self._registry = {setting.key: setting for setting in settings.registry}
        self._values = {key: settings.value(key) for key in self._registry}
        self._locks = {setting.key: ("settings.machine_only" if setting.machine_only else "settings.locked")
                       for setting in settings.registry if settings.is_locked(setting.key)}
        self._index: CommandIndex | None = None
        self.cities = _cities()

    def row(self, key: str) -> SettingRow:
        """One setting."""
        effect = Effect.NOW if key in _NOW else Effect.NEXT_CALL if key in _NEXT_CALL else Effect.NEXT_START
        picks = "file" if key in _FILES | _EITHER else "folder" if key in _FOLDERS else ""
        return SettingRow(self._registry[key], self._values[key], self._locks.get(key, ""), effect, picks)

    def rows(self, group: str) -> tuple[SettingRow, ...]:
        """Settings of a group, in the registry's order."""
        return tuple(self.row(key) for key in self._registry if key.partition(".")[0] == group and key not in _ELSEWHERE)

    def found(self, typed: str) -> tuple[SettingRow, ...]:
        """Settings whose name or sentence holds what was typed, in the order of the groups."""
        if self._index is None:
            self._index = CommandIndex({key: tuple(text for lang in _LANGUAGES for text in
                                                   (self.row(key).name(lang), self.row(key).about(lang), key))
                                        for key in self._registry if key not in _ELSEWHERE})
        ranks = self._index.rank(typed)
        return tuple(row for group in GROUPS for row in self.rows(group) if ranks.get(row.key, 99) < 20)

    def note(self, key: str, value: SettingValue) -> None:
        """A value that another place (the view menu, the editor of keys) has set and kept."""
        self._values[key] = value

    def put(self, key: str, value: SettingValue) -> Refusal:
        """Set a value: checked, told, written soon. Nothing happens where it is the value already."""
        row = self.row(key)
        if row.lock:
            return Refusal(row.lock)
        if value == row.value:
            return Refusal()
        if isinstance(value, str):
            value = value.strip()
        if (refusal := self._fault(row, value)).key:
            return refusal
        self._values[key] = value
        self._later(lambda: self._settings.put(key, value))
        self.applied.emit(key, value)
        return Refusal()

    def reset(self, key: str) -> Refusal:
        """The default again."""
        return self.put(key, self._registry[key].default)

    def _fault(self, row: SettingRow, value: SettingValue) -> Refusal:
        if not row.setting.accepts(value):
            return Refusal("settings.bad_value", {"wanted": row.setting.wanted})
        if row.key == "desk.city" and self.cities and value not in self.cities:
            return Refusal("settings.no_such_city")
        is_path = row.key in _FILES | _FOLDERS | _EITHER
        # A folder for backups is made when it is needed; all else must be there.
        if is_path and value and row.key != "backup.folder" and not Path(str(value)).expanduser().exists():
            return Refusal("settings.no_such_path")
        return Refusal()


def _cities() -> tuple[str, ...]:
    try:
        return city_names()
    except AppError:  # doctor says so; a dialog of settings stays usable
        return ()
