"""Chooses in a combo box as a person does, so that what Qt makes of the data on its way is part of the test."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox


def pick(box: QComboBox, code: str | None) -> None:
    """Open the box, walk to the entry that holds the code, Enter."""
    place = next(index for index in range(box.count()) if box.itemData(index) == code)
    box.setFocus()
    box.showPopup()
    QTest.qWait(1)
    box.view().setCurrentIndex(box.model().index(place, 0))
    QTest.keyClick(box.view(), Qt.Key.Key_Return)
    QTest.qWait(1)
