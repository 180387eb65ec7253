"""Plan callbacks: ticket numbers typed, pasted or read from a file, and who calls back; and the key for calls of the Calls page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.presenters.lead_callbacks import LeadCallbacksPresenter
from widgets.case_page import NoteLabel, said
from widgets.dialog_size import fit
from widgets.language import told
from widgets.theme.palette import SPACE

_SIZE = (560, 460)


class PlanDialog(QDialog):
    """See the module; made anew each time.

    Args:
        presenter: takes the numbers.
        parent: the page.
    """

    def __init__(self, presenter: LeadCallbacksPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setPalette(parent.window().palette())  # a window of its own has the application's ground otherwise
        self._presenter = presenter
        self.setWindowTitle(told("callbacks.plan_title"))
        about = QLabel(told("callbacks.plan_about"))
        about.setWordWrap(True)
        about.setProperty("role", "hint")
        self.numbers = QPlainTextEdit()
        self.numbers.setTabChangesFocus(True)
        self.numbers.setAccessibleName(told("callbacks.plan_about"))
        self.agent = QLineEdit()
        self.agent.setAccessibleName(told("callbacks.plan_agent"))
        self.fault = NoteLabel()
        self.file_button, self.plan_button = QPushButton(told("callbacks.plan_file")), QPushButton(told("callbacks.plan_do"))
        self.plan_button.setProperty("role", "primary")
        self.plan_button.setDefault(True)
        self.plan_button.clicked.connect(self._on_plan)
        self.file_button.clicked.connect(self._on_file)
        label = QLabel(told("callbacks.plan_agent"))
        label.setBuddy(self.agent)
        keys = QHBoxLayout()
        keys.addWidget(self.file_button)
        keys.addStretch(1)
        keys.addWidget(self.plan_button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.setSpacing(SPACE.s)
        for widget in (about, self.numbers, label, self.agent, self.fault):
            rows.addWidget(widget)
        rows.addLayout(keys)
        fit(self, *_SIZE)
        self.numbers.setFocus()

    @Slot(str)
    def take_file(self, path: str) -> None:
        """Numbers of a file, to be looked at before they are planned."""
        text = self._presenter.read(Path(path))
        if text:
            self.numbers.setPlainText(text)
        else:
            self._tell()

    @Slot()
    def _on_plan(self) -> None:
        if self._presenter.plan_text(self.numbers.toPlainText(), self.agent.text().strip()):
            self.accept()
        else:
            self._tell()

    @Slot()
    def _on_file(self) -> None:
        dialog = QFileDialog(self, told("callbacks.plan_title"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _tell(self) -> None:
        note = self._presenter.state.note
        self.fault.tell(said(note) if note else "", "bad")


class PlanCallsButton(QPushButton):
    """Plans callbacks about the calls that are shown, each by who took it; asked once more, in place: it may be two hundred of them.

    Args:
        presenter: takes them.
        shown: ids of the records in sight.
    """

    planned = Signal(str)
    """What came of it, or is asked, in words."""

    def __init__(self, presenter: LeadCallbacksPresenter, shown: Callable[[], tuple[str, ...]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._shown = presenter, shown
        self._asked: tuple[str, ...] = ()
        QShortcut(QKeySequence("Ctrl+B"), self, self.click)
        self.clicked.connect(self._on_clicked)
        presenter.changed.connect(self._on_told)
        self.retell()

    @Slot()
    def retell(self) -> None:
        """Other calls are shown, or another language."""
        shown = self._shown()
        if shown != self._asked:
            self._asked = ()
        self.setEnabled(bool(shown))
        self.setText(told("callbacks.plan_sure" if self._asked else "callbacks.plan_calls", count=len(shown)))

    @Slot()
    def _on_told(self) -> None:
        note = self._presenter.state.note
        if note is not None and self.isVisible():
            self.planned.emit(said(note))

    @Slot()
    def _on_clicked(self) -> None:
        shown = self._shown()
        is_sure, self._asked = shown == self._asked, () if shown == self._asked else shown
        self.retell()
        if is_sure:
            self._presenter.plan_calls(shown)
        else:
            self.planned.emit(self.text())

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retell()
        super().changeEvent(event)
