"""Keys of commands, bound in one line; which key it is stands in ``app/domain/commands.py`` and may be changed by the operator.

``QAbstractButton.setShortcut`` plays a click of 100 ms first and loses the key with every change of the text; a QShortcut
on the button does neither. It is dead while its button is disabled or hidden. ``widgets.command_hub`` finds all of them in
the window, changes their keys and triggers them from menu and palette.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.domain.commands import BY_ID

#: Property of a QShortcut: the id of its command.
COMMAND = "command"


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
    set_keys(shortcut, known.keys if known is not None else (command_id,))
    shortcut.setAutoRepeat(repeats)
    shortcut.activated.connect(act)
    return shortcut


def set_keys(shortcut: QShortcut, keys: tuple[str, ...]) -> None:
    """Change the keys of a shortcut; portable text."""
    shortcut.setKeys([QKeySequence(key, QKeySequence.SequenceFormat.PortableText) for key in keys])


def key_text(key: str) -> str:
    """A key as it is written on the keyboard of this system; "" for none."""
    return QKeySequence(key, QKeySequence.SequenceFormat.PortableText).toString(QKeySequence.SequenceFormat.NativeText)


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
