"""All keys (``?``): a sheet that can be searched, and the editor: press a new key, see whose it is, take it or leave it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.commands import BY_ID
from app.presenters.commands import Column, CommandModel, CommandsPresenter, KeyAnswer
from widgets.command_palette import command_view
from widgets.dialog_size import fit
from widgets.language import present_language, told
from widgets.shortcuts import key_text
from widgets.theme.palette import SPACE

_SIZE = (760, 560)


class KeysDialog(QDialog):
    """Made anew each time it is wanted.

    Args:
        presenter: keys.
        parent: the window.
    """

    def __init__(self, presenter: CommandsPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        self._presenter = presenter
        self.setWindowTitle(told("keys.sheet"))
        self.model = CommandModel(presenter, key_text, by_group=True, parent=self)
        self.search = QLineEdit()
        self.search.setPlaceholderText(told("keys.palette_hint"))
        self.search.setAccessibleName(told("keys.sheet_search"))
        self.search.setClearButtonEnabled(True)
        self.list = command_view(self.model, self)
        self.list.setAccessibleName(told("keys.sheet"))
        self.chosen = QLabel()
        self.answer = QLabel()
        self.answer.setObjectName("refusal")
        self.answer.setWordWrap(True)
        self.key = QKeySequenceEdit()
        self.key.setMaximumSequenceLength(1)
        self.key.setAccessibleName(told("keys.new_key"))
        self.set_button, self.none_button = QPushButton(told("keys.set")), QPushButton(told("keys.none"))
        self.reset_button, self.reset_all = QPushButton(told("keys.reset")), QPushButton(told("keys.reset_all"))
        self._lay_out()
        self._connect()
        self.model.show("", present_language())
        self.list.setCurrentIndex(self.model.index(0, Column.NAME))
        fit(self, *_SIZE)
        self.search.setFocus()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.chosen, 1)
        for widget in (self.key, self.set_button, self.none_button, self.reset_button):
            row.addWidget(widget)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(self.reset_all)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.addWidget(self.search)
        rows.addWidget(self.list, 1)
        rows.addLayout(row)
        rows.addWidget(self.answer)
        rows.addLayout(last)
        for button in (self.set_button, self.none_button, self.reset_button, self.reset_all):
            button.setAutoDefault(False)  # Enter in the search box must not change a key

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_search)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.key.keySequenceChanged.connect(self._on_key)
        self.set_button.clicked.connect(self._on_set)
        self.none_button.clicked.connect(self._on_none)
        self.reset_button.clicked.connect(self._on_reset)
        self.reset_all.clicked.connect(self._on_reset_all)

    def _command(self) -> str:
        index = self.list.currentIndex()
        return str(index.data(CommandModel.IdRole)) if index.isValid() else ""

    @Slot(str)
    def _on_search(self, typed: str) -> None:
        self.model.show(typed, present_language())
        self.list.setCurrentIndex(self.model.index(0, Column.NAME))

    @Slot()
    def _on_current(self) -> None:
        command = BY_ID.get(self._command())
        self.chosen.setText(told(command.words_key) if command is not None else "")
        is_open = command is not None and not command.is_fixed and not self._presenter.is_locked
        for widget in (self.key, self.set_button, self.none_button, self.reset_button):
            widget.setEnabled(is_open)
        self.reset_all.setEnabled(not self._presenter.is_locked)
        self.key.clear()
        self._tell(KeyAnswer("keys.locked" if self._presenter.is_locked else "keys.fixed" if command is not None and not is_open else ""))

    @Slot()
    def _on_key(self) -> None:
        """A key that another command has is said before it is taken."""
        owners = self._presenter.keymap.conflicts(self._command(), self._pressed()) if self._command() and self._pressed() else ()
        self._tell(KeyAnswer("keys.taken_fixed" if owners[0].is_fixed else "keys.taken", owners[0].id) if owners else KeyAnswer())
        self.set_button.setText(told("keys.take" if owners and not owners[0].is_fixed else "keys.set"))

    def _pressed(self) -> str:
        return self.key.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    @Slot()
    def _on_set(self) -> None:
        if self._pressed():
            is_seen = self.answer.property("fault") == "keys.taken"
            self._done(self._presenter.set_key(self._command(), self._pressed(), takes_over=is_seen))

    @Slot()
    def _on_none(self) -> None:
        self._done(self._presenter.set_key(self._command(), ""))

    @Slot()
    def _on_reset(self) -> None:
        self._done(self._presenter.reset(self._command()))

    @Slot()
    def _on_reset_all(self) -> None:
        self._done(self._presenter.reset())

    def _done(self, answer: KeyAnswer) -> None:
        if not answer.fault:
            self.key.clear()
        self._tell(answer)

    def _tell(self, answer: KeyAnswer) -> None:
        owner = told(BY_ID[answer.owner].words_key) if answer.owner else ""
        self.answer.setProperty("fault", answer.fault)
        self.answer.setText(told(answer.fault, command=owner) if answer.fault else "")
        self.answer.setVisible(bool(answer.fault))
        self.set_button.setText(told("keys.take" if answer.fault == "keys.taken" else "keys.set"))
