"""The small tables on the sheet of a call: words in rows, read by the line, without grid and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem, QWidget

from widgets.lead_words import lead


def sheet_table(heads: Sequence[str], rows: Sequence[Sequence[str]], name: str, parent: QWidget) -> QTableWidget:
    """A table of ``rows`` under ``heads`` (codes of the lead's words), told as ``name`` by a screen reader."""
    table = QTableWidget(len(rows), len(heads), parent)
    table.setHorizontalHeaderLabels([lead(head if head.startswith("call") else f"col_{head}") for head in heads])
    table.setAccessibleName(name)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    for row, cells in enumerate(rows):
        for column, words in enumerate(cells):
            table.setItem(row, column, QTableWidgetItem(words))
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.horizontalHeader().setStretchLastSection(True)
    table.resizeColumnsToContents()
    table.resizeRowsToContents()
    return table


def height_of(table: QTableWidget, most_rows: int) -> int:
    """Pixels of its head and its first rows, ``most_rows`` at the most."""
    return table.horizontalHeader().sizeHint().height() + sum(table.rowHeight(row) for row in range(min(most_rows, table.rowCount())))
