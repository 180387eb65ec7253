"""Choosing an item: one line to type into, what recognition proposes with its reasons, and the tree to browse.

Typing (characters, initials, pinyin, code) replaces proposals and tree by hits; Down goes into the list, Enter chooses, Esc leaves all as
it was.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QListView, QTreeView, QVBoxLayout, QWidget

from app.presenters.item_tree import CODE_ROLE, ItemRow, ItemRowsModel, ItemTreeModel
from app.presenters.ticket_form import ItemProposals, TicketPresenter
from widgets.theme.palette import SPACE

_SIZE = (620, 560)
_PROPOSAL_LINES = 9


class ItemPicker(QDialog):
    """See the module.

    Args:
        presenter: searches, and takes the choice.
        parent: the window.
    """

    chosen = Signal(str)
    """Code of the item."""

    def __init__(self, presenter: TicketPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.line = QLineEdit()
        self.line.setObjectName("search")
        self._label = QLabel()
        self._label.setProperty("role", "section")
        self.rows = ItemRowsModel(self)
        self.list, self.tree = QListView(), QTreeView()
        self.list.setModel(self.rows)
        self.list.setUniformItemSizes(False)
        self.list.setWordWrap(True)
        self.list.setObjectName("completions")
        self.tree.setObjectName("completions")
        self.tree.setModel(ItemTreeModel(presenter.taxonomy, self))
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        body = QVBoxLayout(self)
        body.setSpacing(SPACE.s)
        for widget in (self.line, self._label, self.list, self.tree):
            body.addWidget(widget)
        self.line.textChanged.connect(self._on_text)
        self.list.activated.connect(self._on_index)
        self.tree.activated.connect(self._on_index)
        self.setWindowTitle(self.tr("事项"))
        self.line.setPlaceholderText(self.tr("名称、首字母、拼音、代码或市民的说法"))
        self.line.setAccessibleName(self.tr("查事项"))
        self.list.setAccessibleName(self.tr("事项备选"))
        self.tree.setAccessibleName(self.tr("事项树"))
        self.resize(*_SIZE)
        self._show_proposals()

    def _show_proposals(self) -> None:
        held = self._presenter.item_proposals()
        self.rows.show_rows(self._proposal_rows(held))
        self._label.setText(self.tr("当前和备选"))
        self._label.setVisible(bool(self.rows.rows))
        self.list.setVisible(bool(self.rows.rows))
        self.list.setMaximumHeight(self.fontMetrics().lineSpacing() * _PROPOSAL_LINES)
        self.tree.show()
        model = self.tree.model()
        if isinstance(model, ItemTreeModel) and held.current:
            spot = model.index_of(held.current.code)
            self.tree.setCurrentIndex(spot)
            self.tree.scrollTo(spot, QTreeView.ScrollHint.PositionAtCenter)

    def _proposal_rows(self, held: ItemProposals) -> tuple[ItemRow, ...]:
        rows: list[ItemRow] = []
        if held.current is not None:
            why = self.tr("；").join(held.reasons)
            sure = self.tr("把握 {percent}%").format(percent=round(held.confidence * 100)) if held.confidence else ""
            text = self.tr("当前：{item}").format(item=held.current.label)
            rows.append(ItemRow(held.current.code, text, "　".join(filter(None, (sure, why)))))
        for item, confidence in held.others:
            note = self.tr("把握 {percent}%　{unit}").format(percent=round(confidence * 100), unit=item.first_unit)
            rows.append(ItemRow(item.code, item.label, note))
        return tuple(rows)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        if not text.strip():
            self._show_proposals()
            return
        self.rows.show_rows(self._presenter.item_rows(text))
        self._label.setText(self.tr("找到 {count} 项").format(count=len(self.rows.rows)))
        self._label.show()
        self.list.setMaximumHeight(16777215)
        self.list.show()
        self.tree.hide()
        self.list.setCurrentIndex(self.rows.index(0))

    @Slot(QModelIndex)
    def _on_index(self, index: QModelIndex) -> None:
        code = str(index.data(CODE_ROLE) or "")
        if code:
            self.chosen.emit(code)
            self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """From the line: Down into what is shown, Enter takes the first hit."""
        if self.line.hasFocus() and event.key() == Qt.Key.Key_Down:
            target = self.list if self.list.isVisible() else self.tree
            target.setFocus(Qt.FocusReason.TabFocusReason)
            if not target.currentIndex().isValid():
                target.setCurrentIndex(target.model().index(0, 0))
        elif self.line.hasFocus() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.line.text().strip() and self.rows.rows:
                self._on_index(self.list.currentIndex())
        else:
            super().keyPressEvent(event)
