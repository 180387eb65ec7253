"""Keys of commands, bound in one line; which key it is stands in ``app/domain/commands.py`` and may be changed by the operator.

``QAbstractButton.setShortcut`` plays a click of 100 ms first and loses the key with every change of the text; a QShortcut
on the button does neither. It is dead while its button is disabled or hidden. ``widgets.command_hub`` finds all of them in
the window, changes their keys and triggers them from menu and palette.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.domain.commands import BY_ID
from widgets.language import told

#: Property of a QShortcut: the id of its command.
COMMAND = "command"
#: Property of a window: the keys that its operator has changed, by command.
CHANGED_KEYS = "changedKeys"


def bind_key(button: QAbstractButton, command_id: str) -> QShortcut:
    """Let a command's key press ``button``, wherever in its window the focus is."""
    return bind_act(button, command_id, button.click)


def bind_act(widget: QWidget, command_id: str, act: Callable[[], object], repeats: bool = False) -> QShortcut:
    """Let a command's key call ``act`` (a slot of a QObject) while ``widget`` is visible and enabled.

    ``command_id`` may be a bare key ("F2") while a command is being written; a test fails on one that stays.
    """
    shortcut = QShortcut(widget)
    known = BY_ID.get(command_id)
    shortcut.setProperty(COMMAND, command_id)
    set_keys(shortcut, present_keys(widget, command_id) if known is not None else (command_id,))
    shortcut.setAutoRepeat(repeats)
    shortcut.activated.connect(act)
    return shortcut


def set_keys(shortcut: QShortcut, keys: tuple[str, ...]) -> None:
    """Change the keys of a shortcut; portable text."""
    shortcut.setKeys([QKeySequence(key, QKeySequence.SequenceFormat.PortableText) for key in keys])


def key_text(key: str) -> str:
    """A key as it is written on the keyboard of this system; "" for none."""
    return QKeySequence(key, QKeySequence.SequenceFormat.PortableText).toString(QKeySequence.SequenceFormat.NativeText)


def present_keys(widget: QWidget, command_id: str) -> tuple[str, ...]:
    """Keys of a command where ``widget`` stands, portable text: the usual ones, or what the operator of its window has made of them."""
    holder: QWidget | None = widget
    while holder is not None:
        changed = holder.property(CHANGED_KEYS)
        if isinstance(changed, dict) and command_id in changed:
            return tuple(changed[command_id])
        holder = holder.parentWidget()
    return BY_ID[command_id].keys


def with_keys(widget: QWidget, text: str, *command_ids: str) -> str:
    """``text`` that names the usual keys of commands ("按 F2 接听", "搜索（F3）"), with the keys that they have now.

    Where a command has no key any more its name stands there, to be found in the palette.
    """
    for command_id in command_ids:
        usual, present = BY_ID[command_id].keys[0], present_keys(widget, command_id)
        if not present or present[0] != usual:
            words = key_text(present[0]) if present else f"“{told(BY_ID[command_id].words_key)}”"
            text = re.sub(rf"(?<![\w+]){re.escape(usual)}(?![\w+])", words.replace("\\", "\\\\"), text, flags=re.ASCII)
    return text


def keyed(widget: QWidget, text: str) -> str:
    """``text`` of a button, whose last word is the usual key of its command ("接听 F2"), with the key that it has now."""
    shortcut = widget.findChild(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly)
    known = BY_ID.get(str(shortcut.property(COMMAND))) if shortcut is not None else None
    if shortcut is None or known is None or not known.keys or shortcut.key() == QKeySequence(known.keys[0]):
        return text
    words = text.rsplit(" ", 1)[0].rstrip()
    present = shortcut.key().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{words} {present}" if present else words


def portable(combination: QKeyCombination) -> str:
    """The portable text of pressed keys."""
    return QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)
