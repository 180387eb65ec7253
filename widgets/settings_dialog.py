"""The settings: groups at the left, the group's settings at the right, one search over all. A change is taken at once, without OK."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.presenters.settings import GROUPS, SettingRow, SettingsPresenter
from widgets.dialog_size import fit
from widgets.language import told
from widgets.setting_row import SettingLine
from widgets.theme.palette import SPACE

_SIZE = (860, 620)
_GROUPS_WIDTH = 170


class SettingsDialog(QDialog):
    """Made anew each time it is wanted.

    Args:
        presenter: the settings.
        parent: the window.
    """

    keys_wanted = Signal()
    sound_wanted = Signal()

    def __init__(self, presenter: SettingsPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        self._presenter = presenter
        self.lines: dict[str, SettingLine] = {}
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self._group_model = QStringListModel(self)
        self.groups = QListView()
        self.groups.setObjectName("commands")
        self.groups.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.groups.setModel(self._group_model)
        self.groups.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.keys_button, self.sound_button, self.close_button = QPushButton(), QPushButton(), QPushButton()
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._lay_out()
        self.search.textChanged.connect(self._on_search)
        self.groups.selectionModel().currentChanged.connect(self._on_group)
        self.keys_button.clicked.connect(self.keys_wanted)
        self.sound_button.clicked.connect(self.sound_wanted)
        self.close_button.clicked.connect(self.accept)
        self._retranslate()
        fit(self, *_SIZE)
        self.search.setFocus()

    def show_group(self, group: str) -> None:
        """Go to a group."""
        self.groups.setCurrentIndex(self._group_model.index(GROUPS.index(group)))

    def _lay_out(self) -> None:
        self.groups.setMinimumWidth(_GROUPS_WIDTH)
        left = QVBoxLayout()
        left.addWidget(self.groups, 1)
        left.addWidget(self.sound_button)
        left.addWidget(self.keys_button)
        middle = QHBoxLayout()
        middle.setSpacing(SPACE.l)
        middle.addLayout(left)
        middle.addWidget(self._area, 1)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(self.close_button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.setSpacing(SPACE.m)
        rows.addWidget(self.search)
        rows.addLayout(middle, 1)
        rows.addLayout(last)
        for button in (self.keys_button, self.sound_button, self.close_button):
            button.setAutoDefault(False)  # Enter in a field ends the field, not the dialog

    @Slot(QModelIndex)
    def _on_group(self, index: QModelIndex) -> None:
        if index.isValid():
            self._show(self._presenter.rows(GROUPS[index.row()]), has_headings=False)

    @Slot(str)
    def _on_search(self, typed: str) -> None:
        if typed.strip():
            self._show(self._presenter.found(typed), has_headings=True)
        else:
            self._on_group(self.groups.currentIndex())

    def _show(self, rows: tuple[SettingRow, ...], has_headings: bool) -> None:
        focused = next((key for key, line in self.lines.items() if line.input.hasFocus()), "")
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(0, 0, SPACE.s, 0)
        self.lines = {}
        group = ""
        for row in rows:
            if has_headings and row.group != group:
                group = row.group
                heading = QLabel(told(f"settings.group_{group}"))
                heading.setProperty("role", "heading")
                body.addWidget(heading)
            self.lines[row.key] = SettingLine(row, self._presenter)
            body.addWidget(self.lines[row.key])
        if not rows:
            body.addWidget(QLabel(told("settings.nothing")))
        body.addStretch(1)
        before = self._area.takeWidget()
        self._area.setWidget(page)
        if before is not None:
            before.hide()
            before.deleteLater()  # not at once: it may be one of its inputs that asked for this
        if focused in self.lines:
            self.lines[focused].input.setFocus()

    def _retranslate(self) -> None:
        row = max(0, self.groups.currentIndex().row())
        self.setWindowTitle(told("settings.title"))
        self.search.setPlaceholderText(told("settings.search"))
        self.search.setAccessibleName(told("settings.search"))
        self.groups.setAccessibleName(told("settings.groups"))
        self.keys_button.setText(told("settings.keys"))
        self.sound_button.setText(told("settings.sound"))
        self.close_button.setText(told("settings.close"))
        self._group_model.setStringList([told(f"settings.group_{group}") for group in GROUPS])
        self.groups.setCurrentIndex(self._group_model.index(row))
        self.groups.setMinimumWidth(max(_GROUPS_WIDTH, self.groups.sizeHintForColumn(0) + 2 * SPACE.xl))  # the widest name is seen whole

    def changeEvent(self, event: QEvent) -> None:
        """Language changed: the dialog itself may have changed it."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc in a filled search box empties it; else it closes."""
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return
        super().keyPressEvent(event)
