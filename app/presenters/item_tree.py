"""The item tree as models: three levels to browse, a flat list of what was searched for or is proposed, with reasons. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.catalogue import Item, Taxonomy

CODE_ROLE = int(Qt.ItemDataRole.UserRole) + 1

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One proposal or hit: code, what is shown, and why or who handles it."""

    code: str
    text: str
    note: str = ""


@dataclass(slots=True, eq=False)
class _Node:
    name: str
    code: str = ""
    parent: _Node | None = None
    place: int = 0
    children: list[_Node] = field(default_factory=list)


class ItemTreeModel(QAbstractItemModel):
    """Groups and leaves; ``CODE_ROLE`` gives a leaf's code, "" for a group. The tree never changes."""

    def __init__(self, taxonomy: Taxonomy, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = _Node("")
        self._leaves: dict[str, _Node] = {}
        groups: dict[tuple[str, ...], _Node] = {(): self._root}
        for item in taxonomy.items:
            above = self._root
            for depth in range(1, len(item.path)):
                path = item.path[:depth]
                if path not in groups:
                    groups[path] = _added(above, path[-1], "")
                above = groups[path]
            self._leaves[item.code] = _added(above, item.name, item.code)

    def index_of(self, code: str) -> QModelIndex:
        """Where a leaf stands; invalid where the tree does not hold it."""
        node = self._leaves.get(code)
        return self.createIndex(node.place, 0, node) if node is not None else QModelIndex()

    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        """A child."""
        children = self._node(parent).children
        return self.createIndex(row, column, children[row]) if 0 <= row < len(children) and column == 0 else QModelIndex()

    def parent(self, child: Index | None = None) -> QModelIndex:  # type: ignore[override]
        """The group above."""
        above = self._node(child).parent if child is not None and child.isValid() else None
        return self.createIndex(above.place, 0, above) if above is not None and above is not self._root else QModelIndex()

    def rowCount(self, parent: Index | None = None) -> int:
        """Children."""
        return len(self._node(parent).children)

    def columnCount(self, parent: Index | None = None) -> int:
        """One."""
        return 1

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Name (with the code of a leaf), or the code."""
        if not index.isValid():
            return None
        node = self._node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{node.code} {node.name}".strip()
        return node.code if role == CODE_ROLE else None

    def _node(self, index: Index | None) -> _Node:
        held = index.internalPointer() if index is not None and index.isValid() else None
        return held if isinstance(held, _Node) else self._root


class ItemRowsModel(QAbstractListModel):
    """Proposals or hits; the tool tip and the note tell why."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[ItemRow, ...] = ()

    def show_rows(self, rows: tuple[ItemRow, ...]) -> None:
        """Show these instead."""
        if rows != self.rows:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Rows; a list has no children."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Text with its note, or the code."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{row.text}\n{row.note}" if row.note else row.text
        if role == Qt.ItemDataRole.EditRole:  # what a completer writes into its line
            return row.text
        return row.code if role == CODE_ROLE else None


def row_of(item: Item) -> ItemRow:
    """A leaf as a row, with who handles it."""
    units = dict.fromkeys(filter(None, (item.first_unit, item.city_unit)))
    return ItemRow(item.code, item.label, "　".join(units))


def _added(above: _Node, name: str, code: str) -> _Node:
    node = _Node(name, code, above, len(above.children))
    above.children.append(node)
    return node
