"""The command palette (Ctrl+K): type characters, pinyin or initials, Enter runs. Shows every command's key, the recent ones first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHeaderView, QLineEdit, QTreeView, QVBoxLayout, QWidget

from app.presenters.commands import Column, CommandModel
from widgets.command_hub import CommandHub
from widgets.dialog_size import fit
from widgets.language import present_language, told
from widgets.shortcuts import key_text
from widgets.theme.palette import SPACE

_WIDTH_PX, _HEIGHT_PX = 640, 420
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CommandPalette(QDialog):
    """Open it with ``ask``; it closes itself before the command runs.

    Args:
        hub: the commands.
        parent: the window.
    """

    def __init__(self, hub: CommandHub, parent: QWidget) -> None:
        super().__init__(parent)
        self._hub = hub
        self.setModal(True)
        self.model = CommandModel(hub.presenter, key_text, parent=self)
        self.line = QLineEdit()
        self.list = command_view(self.model, self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the line keeps the cursor and hands the arrows on
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.m, SPACE.m, SPACE.m, SPACE.m)
        rows.addWidget(self.line)
        rows.addWidget(self.list)
        self.line.textChanged.connect(self._on_text)
        self.line.returnPressed.connect(self._run)
        self.list.clicked.connect(self._on_clicked)
        self.line.installEventFilter(self)
        self._retranslate()

    @Slot()
    def ask(self) -> None:
        """Show it, empty, over the window."""
        if self.isVisible():
            return
        self._retranslate()
        self.model.show("", present_language(), self._hub.alive())
        self.line.clear()
        self._stand_on_first()
        fit(self, _WIDTH_PX, _HEIGHT_PX)
        self.open()
        self.line.setFocus()

    @Slot(str)
    def _on_text(self, typed: str) -> None:
        self.model.show(typed, present_language())
        self._stand_on_first()

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        if index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self._run()

    @Slot()
    def _run(self) -> None:
        index = self.list.currentIndex()
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEnabled:
            command_id = str(index.data(CommandModel.IdRole))
            self.accept()
            self._hub.trigger(command_id)

    def _stand_on_first(self) -> None:
        first = self.model.index(0, Column.NAME)
        if first.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.list.setCurrentIndex(first)

    def _retranslate(self) -> None:
        self.setWindowTitle(told("keys.palette"))
        self.line.setPlaceholderText(told("keys.palette_hint"))
        self.line.setAccessibleName(told("keys.palette"))
        self.list.setAccessibleName(told("keys.palette_list"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows typed into the line move in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _MOVES:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)


def command_view(model: CommandModel, parent: QWidget) -> QTreeView:
    """A list of commands: name, group, keys."""
    view = QTreeView(parent)
    view.setObjectName("commands")
    view.setModel(model)
    view.setRootIsDecorated(False)
    view.setHeaderHidden(True)
    view.setUniformRowHeights(True)
    view.setAllColumnsShowFocus(True)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    head = view.header()
    head.setStretchLastSection(False)
    head.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
    for column in (Column.GROUP, Column.KEYS):
        head.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    return view
