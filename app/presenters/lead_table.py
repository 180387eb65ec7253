"""A table of the lead's window as a Qt model: the words come from the window's language, sorting goes by the values themselves.

``CELL_ROLE`` gives the raw cell, ``AXIS_ROLE`` the common scale of a column with intervals (so that dots of one column can be
compared by eye), ``MARK_ROLE`` the row's mark, ``GAP_ROLE`` whether words begin right after a figure's end
and need some room before them. Where columns have no room for figure and interval side by side, the interval stands below the figure,
and the ends of the scale below the head (``is_stacked``): it never goes. Where even that is too wide, heads of several words stand
on two lines (``is_tight``).
"""

from __future__ import annotations

import math
from typing import Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.lead_figures import Share
from app.domain.lead_tables import Cell, Change, Column, Kind, Row, Table

Index = QModelIndex | QPersistentModelIndex
CELL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
AXIS_ROLE = CELL_ROLE + 1
MARK_ROLE = CELL_ROLE + 2
GAP_ROLE = CELL_ROLE + 3
_ROOT = QModelIndex()
_STEP = 0.05


class Words(Protocol):
    """What cells and columns are called."""

    def title(self, column: Column) -> str:
        """Head of a column."""

    def scaled(self, title: str, column: Column, axis: tuple[float, float], between: str) -> str:
        """Head of a column, then the ends of its scale."""

    def cell(self, column: Column, cell: Cell) -> str:
        """A cell as it is read."""

    def spoken(self, column: Column, cell: Cell) -> str:
        """A cell as it is said: with its interval."""


class LeadTableModel(QAbstractTableModel):
    """See the module."""

    def __init__(self, words: Words, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.table = Table("", (), ())
        self._rows: list[Row] = []
        self._axes: dict[int, tuple[float, float]] = {}
        self.is_stacked = self.is_tight = False
        self.gap = "　"  # in heads, as wide as the room before words in cells

    def show_table(self, table: Table) -> None:
        """Another table."""
        self.beginResetModel()
        self.table = table
        self._rows = list(table.rows)
        self._axes = {place: _axis(table, place) for place, column in enumerate(table.columns) if column.kind in (Kind.SHARE, Kind.CHANGE)}
        self.endResetModel()

    def place_of(self, wanted: Row) -> int:
        """Where a row of another count of the same table stands now; 0 where it is gone."""
        return next((place for place, row in enumerate(self._rows) if _is_same(row, wanted)), 0)

    def row(self, place: int) -> Row | None:
        """A row as sorted now."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def axis(self, place: int) -> tuple[float, float] | None:
        """Ends of the scale of a column, None where it has none."""
        return self._axes.get(place)

    def has_axes(self) -> bool:
        """Whether any column has a scale."""
        return bool(self._axes)

    def _has_gap(self, place: int) -> bool:
        """Whether the column begins at the left and the one before ends at the right."""
        plain = (Kind.TEXT, Kind.SHARE, Kind.CHANGE)
        columns = self.table.columns
        return place > 0 and columns[place].kind in plain and columns[place - 1].kind not in plain

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(self.table.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Cell of a row."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self.table.columns[index.column()]
        cell = row.cells[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words.cell(column, cell)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._words.spoken(column, cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(column.kind is not Kind.TEXT)
        held = {CELL_ROLE: cell, AXIS_ROLE: self.axis(index.column()), MARK_ROLE: row.mark, GAP_ROLE: self._has_gap(index.column())}
        return held.get(role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Heads of columns."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.table.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            title, axis = self._words.title(self.table.columns[section]), self.axis(section)
            title = _broken(title) if self.is_tight else title
            between = "\n" if self.is_stacked else "　"
            said = title if axis is None else self._words.scaled(title, self.table.columns[section], axis, between)
            gap = self.gap if self._has_gap(section) else ""
            return gap + said.replace("\n", f"\n{gap}")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(self.table.columns[section].kind not in (Kind.TEXT, Kind.SHARE, Kind.CHANGE))
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By the values of a column; empty cells last either way."""
        if not 0 <= column < len(self.table.columns):
            return
        self.layoutAboutToBeChanged.emit()
        is_down = order is Qt.SortOrder.DescendingOrder
        self._rows.sort(key=lambda row: _sortable(row.cells[column], is_down), reverse=is_down)
        self.layoutChanged.emit()


def _is_same(row: Row, other: Row) -> bool:
    """Whether two rows tell of the same thing, with whatever figures."""
    if row.record_id or row.ask:
        return (row.record_id, row.ask) == (other.record_id, other.ask)
    return (row.cells[0], row.cells[-1]) == (other.cells[0], other.cells[-1])


def _aligned(right: bool) -> int:
    return int(Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft))


def _broken(title: str) -> str:
    """A head of several words on two lines that are about as long."""
    breaks = [place for place, letter in enumerate(title) if letter == " "]
    if not breaks:
        return title
    middle = min(breaks, key=lambda place: abs(2 * place - len(title)))
    return f"{title[:middle]}\n{title[middle + 1:]}"


def _sortable(cell: Cell, is_down: bool) -> tuple[bool, float, str]:
    value = cell.value if isinstance(cell, Share | Change) else cell
    known = value is not None
    first = known if is_down else not known
    return first, float(value) if isinstance(value, int | float) else 0.0, value if isinstance(value, str) else ""


def _axis(table: Table, place: int) -> tuple[float, float]:
    """Scale that holds most intervals, in steps of five points: never so wide that a value of few cases flattens all the others."""
    ends = []
    for row in table.rows:
        cell = row.cells[place]
        if isinstance(cell, Change) or (isinstance(cell, Share) and cell.total):
            ends.append((cell.low, cell.high, cell.value or 0.0))
    is_change = table.columns[place].kind is Kind.CHANGE
    if not ends:
        return (-_STEP, _STEP) if is_change else (0.0, 1.0)
    low, high = min(value for _, _, value in ends), max(value for _, _, value in ends)
    spread = sorted(high - low for low, high, _ in ends)[len(ends) // 2]
    low, high = math.floor((low - spread / 2) / _STEP) * _STEP, math.ceil((high + spread / 2) / _STEP) * _STEP
    if is_change:
        reach = max(abs(low), abs(high), _STEP)
        return -reach, reach
    return max(0.0, low), min(1.0, max(high, low + _STEP))
