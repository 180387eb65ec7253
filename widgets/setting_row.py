"""One setting in the dialog: name, the input that fits its type, what it does, when a change is felt, why it is closed or refused."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QCompleter,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.platform.settings import SettingValue
from app.presenters.settings import Refusal, SettingRow, SettingsPresenter
from widgets.language import present_language, told
from widgets.theme.palette import SPACE

_MOST_WHOLE = 2_147_483_647


class WheellessSpinBox(QSpinBox):
    """Scrolling past must not change a number."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Left to the page."""
        event.ignore()


class WheellessComboBox(QComboBox):
    """Scrolling past must not change a choice."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Left to the page."""
        event.ignore()


class SettingLine(QFrame):
    """See the module.

    Args:
        row: the setting.
        presenter: takes the new value.
    """

    refused = Signal(str)

    def __init__(self, row: SettingRow, presenter: SettingsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = row.key
        self._presenter = presenter
        language = present_language()
        name, about = QLabel(row.name(language)), QLabel(row.about(language))
        name.setProperty("role", "section")
        about.setProperty("role", "hint")
        self.note = QLabel(told(row.lock) if row.lock else told(f"settings.{row.effect.value}"))
        self.note.setProperty("role", "hint")
        self.fault = QLabel()
        self.fault.setObjectName("refusal")
        for label in (about, self.fault, self.note):
            label.setWordWrap(True)
        self.input = self._make(row)
        self.input.setAccessibleName(name.text())
        self.input.setAccessibleDescription(f"{about.text()} {self.note.text()}")
        self.input.setEnabled(not row.lock)
        line = QHBoxLayout()
        line.addWidget(self.input, 1)
        if row.picks and not row.lock:
            self.browse = QPushButton(told("settings.browse"))
            self.browse.setAccessibleName(told("settings.browse_for", name=name.text()))
            self.browse.clicked.connect(self._on_browse)
            line.addWidget(self.browse)
        self.reset = QPushButton(told("settings.reset"))
        self.reset.setAccessibleName(told("settings.reset_for", name=name.text()))
        self.reset.setVisible(not row.lock and row.value != row.setting.default)
        self.reset.clicked.connect(self._on_reset)
        line.addWidget(self.reset)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, SPACE.s, SPACE.m)
        body.setSpacing(SPACE.xs)
        body.addWidget(name)
        body.addLayout(line)
        for widget in (about, self.note, self.fault):
            body.addWidget(widget)
        self.fault.hide()
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)

    def _make(self, row: SettingRow) -> QWidget:
        if row.setting.choices:
            return self._choices(row)
        if isinstance(row.value, bool):
            box = QCheckBox(told("settings.yes"))
            box.setChecked(row.value)
            box.toggled.connect(self._on_toggled)
            return box
        if isinstance(row.value, int):
            number = WheellessSpinBox()
            number.setRange(int(row.setting.least or 0), int(row.setting.most if row.setting.most is not None else _MOST_WHOLE))
            number.setValue(row.value)
            number.setKeyboardTracking(False)
            number.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
            number.valueChanged.connect(self._on_number)
            return number
        text = QLineEdit(str(row.value))
        text.editingFinished.connect(self._on_text)
        if row.key == "desk.city":
            text.setCompleter(QCompleter(list(self._presenter.cities), text))
        return text

    def _choices(self, row: SettingRow) -> QComboBox:
        box = WheellessComboBox()
        for choice in row.setting.choices:
            box.addItem(row.choice(choice, present_language()), choice)
        box.setCurrentIndex(row.setting.choices.index(row.value))
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.activated.connect(self._on_choice)
        return box

    @Slot(bool)
    def _on_toggled(self, is_on: bool) -> None:
        self._put(is_on)

    @Slot(int)
    def _on_number(self, number: int) -> None:
        self._put(number)

    @Slot()
    def _on_choice(self) -> None:
        if isinstance(self.input, QComboBox):
            self._put(self.input.currentData())

    @Slot()
    def _on_text(self) -> None:
        if isinstance(self.input, QLineEdit):
            self._put(self.input.text())

    @Slot()
    def _on_browse(self) -> None:
        row = self._presenter.row(self.key)
        dialog = QFileDialog(self, told("settings.browse_for", name=row.name(present_language())))
        dialog.setFileMode(QFileDialog.FileMode.Directory if row.picks == "folder" else QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_picked)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_picked(self, path: str) -> None:
        if isinstance(self.input, QLineEdit):
            self.input.setText(path)
            self._put(path)

    @Slot()
    def _on_reset(self) -> None:
        self._told(self._presenter.reset(self.key))
        self._show(self._presenter.row(self.key).value)

    def _show(self, value: SettingValue) -> None:
        self.input.blockSignals(True)
        if isinstance(self.input, QLineEdit):
            self.input.setText(str(value))
        elif isinstance(self.input, QCheckBox):
            self.input.setChecked(bool(value))
        elif isinstance(self.input, QSpinBox):
            self.input.setValue(int(value))
        elif isinstance(self.input, QComboBox):
            self.input.setCurrentIndex(self.input.findData(value))
        self.input.blockSignals(False)

    def _put(self, value: SettingValue) -> None:
        self._told(self._presenter.put(self.key, value))

    def _told(self, refusal: Refusal) -> None:
        self.fault.setText(told(refusal.key, **refusal.params) if refusal.key else "")
        self.fault.setVisible(bool(refusal.key))
        row = self._presenter.row(self.key)
        self.reset.setVisible(not row.lock and row.value != row.setting.default)
        if refusal.key:
            self.refused.emit(self.fault.text())
