"""The commands of the window: what the palette finds, what the sheet of keys lists, and the operator's own keys.

The table is ``app.domain.commands``; which of them are alive right now the window tells (``widgets.command_hub``). GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from app.domain.commands import BY_ID, COMMANDS, GROUPS, Command
from app.domain.keymap import Keymap, is_usable, read_keymap
from app.platform import messages
from app.presenters.command_search import CommandIndex

KEEPS_RECENT = 12
_LANGUAGES = ("zh", "en")
_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns of the model."""

    NAME = 0
    GROUP = 1
    KEYS = 2


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """What came of a new key: "" where it is set, else a message key with parameters.

    Attributes:
        fault: message key.
        owner: the command that has the key, where that is the reason.
    """

    fault: str = ""
    owner: str = ""


class CommandsPresenter(QObject):
    """Keys and recent commands.

    Args:
        line: the operator's keys as the settings hold them.
        is_locked: the machine's policy decides the keys.
        recent: ids of commands that ran lately, newest first.
    """

    keys_changed = Signal()
    keys_chosen = Signal(str)
    """The operator's own keys are others now: the line to keep."""

    def __init__(self, line: str = "", is_locked: bool = False, recent: tuple[str, ...] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.keymap = read_keymap(line)
        self.is_locked = is_locked
        self.recent = tuple(known for known in recent if known in BY_ID)
        self._index: CommandIndex | None = None

    def use(self, line: str, is_locked: bool) -> None:
        """Keys from the settings."""
        self.is_locked = is_locked
        self._take(read_keymap(line))

    def ran(self, command_id: str) -> None:
        """A command was run from palette or menu."""
        others = (known for known in self.recent if known != command_id)
        self.recent = (command_id, *others)[:KEEPS_RECENT]

    def found(self, typed: str) -> tuple[Command, ...]:
        """Commands for what was typed: the recent ones first, then the best, then the table's order."""
        if self._index is None:
            self._index = CommandIndex({command.id: tuple(messages.text(command.words_key, lang=lang) for lang in _LANGUAGES)
                                        for command in COMMANDS})
        ranks = self._index.rank(typed)
        recent = {known: place for place, known in enumerate(self.recent)}
        order = {command.id: place for place, command in enumerate(COMMANDS)}
        ids = sorted(ranks, key=lambda known: (ranks[known] >= 20, recent.get(known, KEEPS_RECENT), ranks[known], order[known]))
        return tuple(BY_ID[known] for known in ids)

    def set_key(self, command_id: str, key: str, takes_over: bool = False) -> KeyAnswer:
        """Give a command another key, "" for none; from another command only where ``takes_over``."""
        if self.is_locked or BY_ID[command_id].is_fixed:
            return KeyAnswer("keys.locked" if self.is_locked else "keys.fixed")
        if key and not is_usable(key):
            return KeyAnswer("keys.unusable")
        keymap = self.keymap
        for other in keymap.conflicts(command_id, key) if key else ():
            if other.is_fixed:
                return KeyAnswer("keys.taken_fixed", other.id)
            if not takes_over:
                return KeyAnswer("keys.taken", other.id)
            keymap = keymap.with_key(other.id, "")
        self._take(keymap.with_key(command_id, key), is_kept=True)
        return KeyAnswer()

    def reset(self, command_id: str = "") -> KeyAnswer:
        """The usual keys of one command, or of all; one whose usual key another command has is told, not set."""
        if self.is_locked:
            return KeyAnswer("keys.locked")
        made = self.keymap.without_change(command_id) if command_id else Keymap()
        for key in made.keys(command_id):
            if owners := made.conflicts(command_id, key):
                return KeyAnswer("keys.taken", owners[0].id)
        self._take(made, is_kept=True)
        return KeyAnswer()

    def _take(self, keymap: Keymap, is_kept: bool = False) -> None:
        if keymap != self.keymap:
            self.keymap = keymap
            self.keys_changed.emit()
            if is_kept:
                self.keys_chosen.emit(keymap.dump())


_SHOWN = int(Qt.ItemDataRole.DisplayRole)
_TOLD = frozenset({_SHOWN, int(Qt.ItemDataRole.AccessibleTextRole), int(Qt.ItemDataRole.UserRole) + 1})


class CommandModel(QAbstractTableModel):
    """Commands with group and keys, for the palette and the sheet.

    Args:
        presenter: the commands.
        key_text: writes a key as people read it.
        by_group: in the table's order, group by group, instead of the recent ones first.
    """

    IdRole = Qt.ItemDataRole.UserRole + 1

    def __init__(self, presenter: CommandsPresenter, key_text: Callable[[str], str], by_group: bool = False,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._key_text, self._by_group = presenter, key_text, by_group
        self._alive: frozenset[str] | None = None
        self._typed, self._language = "", "zh"
        self.commands: tuple[Command, ...] = ()
        presenter.keys_changed.connect(self._on_keys)

    def show(self, typed: str, language: str, alive: frozenset[str] | None = None) -> None:
        """Fill: what was typed, in which language, and which commands are alive (None: as before)."""
        self.beginResetModel()
        self._typed, self._language = typed, language
        self._alive = alive if alive is not None else self._alive
        found = self._presenter.found(typed)
        if self._by_group:
            order = {command.id: place for place, command in enumerate(COMMANDS)}
            found = tuple(sorted(found, key=lambda command: (GROUPS.index(command.group), order[command.id])))
        elif self._alive is not None:
            found = tuple(sorted(found, key=lambda command: command.id not in (self._alive or ())))
        self.commands = found
        self.endResetModel()

    def row_of(self, command_id: str) -> int:
        """Where a command stands, -1 for nowhere."""
        return next((row for row, command in enumerate(self.commands) if command.id == command_id), -1)

    @Slot()
    def _on_keys(self) -> None:
        if self.commands:
            self.dataChanged.emit(self.index(0, Column.KEYS), self.index(len(self.commands) - 1, Column.KEYS))

    def rowCount(self, parent: _Index | None = None) -> int:
        """Commands that were found."""
        return 0 if parent is not None and parent.isValid() else len(self.commands)

    def columnCount(self, _parent: _Index | None = None) -> int:
        """See ``Column``."""
        return len(Column)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, group or keys; the id."""
        if role not in _TOLD or not index.isValid():  # a view asks for fonts and colours thousands of times while it measures columns
            return None
        command = self.commands[index.row()]
        if role == self.IdRole:
            return command.id
        if role == _SHOWN:
            return self._words(command, index.column())
        return " ".join(self._words(command, column) for column in Column)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """What is not alive can be seen, not run."""
        usual = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if self._alive is None or not index.isValid() or self.commands[index.row()].id in self._alive:
            return usual
        return Qt.ItemFlag.NoItemFlags

    def _words(self, command: Command, column: int) -> str:
        if column == Column.NAME:
            return messages.text(command.words_key, lang=self._language)
        if column == Column.GROUP:
            return messages.text(f"commands.group_{command.group}", lang=self._language)
        written = (self._key_text(key) for key in self._presenter.keymap.keys(command.id))
        return "  ".join(dict.fromkeys(written))  # both Enter keys are written alike
