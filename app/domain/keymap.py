"""Which keys a command has: the usual ones, or those that the operator chose. Conflicts, and the one line that settings keep.

Pure. The line is ``call.answer=F2;window.larger=Ctrl++`` with "," between several keys of one command and nothing after "="
for none; ";" and "," as keys are written ``Semicolon`` and ``Comma``. What a line says wrongly is left out, the rest holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.commands import COMMANDS, Command

_ESCAPES = ((";", "Semicolon"), (",", "Comma"), ("=", "Equal"))
#: Without a modifier these would swallow what somebody types.
_LONE_KEYS = frozenset(f"F{number}" for number in range(1, 25)) | {"?", "Pause", "Ins", "Help"}


@dataclass(frozen=True, slots=True)
class Keymap:
    """Keys of all commands. ``changed`` holds the operator's own: command id to keys."""

    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    commands: tuple[Command, ...] = COMMANDS

    def keys(self, command_id: str) -> tuple[str, ...]:
        """Keys of a command, the first one to be shown; () for none or an unknown command."""
        if command_id in self.changed:
            return self.changed[command_id]
        return next((command.keys for command in self.commands if command.id == command_id), ())

    def with_key(self, command_id: str, key: str) -> Keymap:
        """The same with another key for a command, "" for none."""
        return self._with(command_id, (key,) if key else ())

    def without_change(self, command_id: str) -> Keymap:
        """The same with the usual keys of a command."""
        return Keymap({known: keys for known, keys in self.changed.items() if known != command_id}, self.commands)

    def conflicts(self, command_id: str, key: str) -> tuple[Command, ...]:
        """Other commands that have this key where this command is alive."""
        own = next(command for command in self.commands if command.id == command_id)
        return tuple(other for other in self.commands
                     if other.id != command_id and key in self.keys(other.id) and own.place.meets(other.place))

    def dump(self) -> str:
        """The line for the settings; "" where nothing was changed."""
        return ";".join(f"{known}={','.join(_escaped(key) for key in keys)}" for known, keys in sorted(self.changed.items()))

    def _with(self, command_id: str, keys: tuple[str, ...]) -> Keymap:
        usual = Keymap({}, self.commands).keys(command_id)
        if keys == usual:
            return self.without_change(command_id)
        return Keymap({**self.changed, command_id: keys}, self.commands)


def read_keymap(line: str, commands: tuple[Command, ...] = COMMANDS) -> Keymap:
    """The keymap that a line of the settings says; unknown and fixed commands, unusable and taken keys are left out."""
    made = Keymap({}, commands)
    changeable = {command.id for command in commands if not command.is_fixed}
    wanted: dict[str, tuple[str, ...]] = {}
    for entry in line.split(";"):
        command_id, sign, told = entry.partition("=")
        if sign and command_id.strip() in changeable:
            wanted[command_id.strip()] = tuple(_plain(key.strip()) for key in told.split(",") if key.strip())
    # All at once first: two commands may have changed places.
    made = Keymap(wanted, commands)
    for command_id, keys in wanted.items():
        if any(not is_usable(key) or made.conflicts(command_id, key) for key in keys):
            made = made.without_change(command_id)
    return made


def is_usable(key: str) -> bool:
    """Whether a key may be given to a command: with Ctrl, Alt or Meta, or a key that types nothing."""
    return key in _LONE_KEYS or key.removeprefix("Shift+") in _LONE_KEYS or \
        any(part in ("Ctrl", "Alt", "Meta") for part in key.split("+")[:-1])


def _escaped(key: str) -> str:
    for sign, name in _ESCAPES:
        key = key.replace(sign, name)
    return key


def _plain(key: str) -> str:
    for sign, name in _ESCAPES:
        key = key.replace(name, sign)
    return key
