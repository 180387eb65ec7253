"""A key for a button that acts at once.

``QAbstractButton.setShortcut`` plays a click of 100 ms first and loses the key with every change of the text; a QShortcut
on the button does neither. It is dead while its button is disabled or hidden.
"""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton


def bind_key(button: QAbstractButton, key: str) -> QShortcut:
    """Let ``key`` ("F2") press ``button``, wherever in its window the focus is."""
    shortcut = QShortcut(QKeySequence(key), button)
    shortcut.setAutoRepeat(False)
    shortcut.activated.connect(button.click)
    return shortcut
