"""Training: choose a question or import a bank; after the call, the result field by field with the words that carry each answer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.domain.training import Score
from app.presenters.training import Column, ScoreModel, TrainingPresenter
from widgets.dialog_size import fit
from widgets.language import present_language, told
from widgets.theme.palette import SPACE

_CHOICE_SIZE, _RESULT_SIZE = (560, 420), (1000, 560)


class TrainingDialog(QDialog):
    """The choice of a question; made anew each time.

    Args:
        presenter: questions.
        parent: the window.
    """

    def __init__(self, presenter: TrainingPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        self._presenter = presenter
        self.setWindowTitle(told("training.title"))
        about = QLabel(told("training.about"))
        about.setWordWrap(True)
        about.setProperty("role", "hint")
        self._titles = QStringListModel(self)
        self.list = QListView()
        self.list.setObjectName("commands")
        self.list.setModel(self._titles)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName(told("training.questions"))
        self.fault = QLabel()
        self.fault.setObjectName("refusal")
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.start_button, self.import_button = QPushButton(told("training.start")), QPushButton(told("training.import"))
        self.start_button.setProperty("role", "primary")
        self.start_button.setDefault(True)
        self.start_button.clicked.connect(self._on_start)
        self.import_button.clicked.connect(self._on_import)
        self.list.activated.connect(self._on_activated)
        presenter.questions_changed.connect(self._fill)
        keys = QHBoxLayout()
        keys.addWidget(self.import_button)
        keys.addStretch(1)
        keys.addWidget(self.start_button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        for widget in (about, self.list, self.fault):
            rows.addWidget(widget)
        rows.addLayout(keys)
        fit(self, *_CHOICE_SIZE)
        self._fill()
        self.list.setFocus()

    def take_bank(self, path: str) -> None:
        """Import a bank, or say why not."""
        fault = self._presenter.import_bank(Path(path))
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))

    @Slot()
    def _fill(self) -> None:
        self._titles.setStringList([self._presenter.title(question.title, present_language()) for question in self._presenter.questions])
        self.list.setCurrentIndex(self._titles.index(self._titles.rowCount() - 1 if self._titles.rowCount() > 2 else 0))

    @Slot(QModelIndex)
    def _on_activated(self, _index: QModelIndex) -> None:
        self._on_start()

    @Slot()
    def _on_start(self) -> None:
        place = self.list.currentIndex().row()
        self.accept()
        self._presenter.begin(place)

    @Slot()
    def _on_import(self) -> None:
        dialog = QFileDialog(self, told("training.import"))
        dialog.setNameFilter(told("training.bank_files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take_bank)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class ScoreDialog(QDialog):
    """One result.

    Args:
        result: what came of a question.
        presenter: labels.
        parent: the window.
    """

    def __init__(self, result: Score, presenter: TrainingPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(told("training.result"))
        self.sum = QLabel(told("training.sum", title=presenter.title(result.title, present_language()), percent=result.percent))
        self.sum.setProperty("role", "heading")
        self.sum.setTextFormat(Qt.TextFormat.PlainText)
        self.table = QTableView()
        self.table.setObjectName("ticketFields")
        self.table.setModel(ScoreModel(result, presenter.fields, present_language(), self))
        self.table.setAccessibleName(told("training.result"))
        self.table.verticalHeader().hide()
        self.table.setWordWrap(True)
        self.table.setTabKeyNavigation(False)
        head = self.table.horizontalHeader()
        for column in (Column.FIELD, Column.VERDICT):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        for column in (Column.GIVEN, Column.WANTED, Column.EVIDENCE):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.close_button = QPushButton(told("settings.close"))
        self.close_button.clicked.connect(self.accept)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.addWidget(self.sum)
        rows.addWidget(self.table, 1)
        rows.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        fit(self, *_RESULT_SIZE)
        self.table.resizeRowsToContents()
        self.table.setFocus()
