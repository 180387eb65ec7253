"""The first start, step by step; every step can be skipped, the dialog can be left and opened again (Ctrl+K)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.presenters.first_start import ADDRESS, AGENT, PATH, STEPS, FirstStartPresenter, FirstStartView, words_of
from app.presenters.settings import Refusal
from widgets.dialog_size import fit
from widgets.language import present_language, told
from widgets.theme.palette import SPACE

_SIZE = (600, 380)


class FirstStartDialog(QDialog):
    """Made anew each time.

    Args:
        presenter: does and tells.
        parent: the window.
    """

    def __init__(self, presenter: FirstStartPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        self._presenter = presenter
        self.setWindowTitle(told("first_start.title"))
        self.heading, self.number, about = QLabel(), QLabel(), QLabel(told("first_start.about"))
        self.heading.setProperty("role", "heading")
        self.number.setProperty("role", "hint")
        about.setProperty("role", "hint")
        about.setWordWrap(True)
        self.pages = QStackedWidget()
        self.sound, self.model, self.knowledge, self.fault = QLabel(), QLabel(), QLabel(), QLabel()
        self.agent, self.address = QLineEdit(), QLineEdit()
        for page in (self._sound_page(), self._model_page(), self._knowledge_page(), self._agent_page()):
            self.pages.addWidget(page)
        self.fault.setObjectName("refusal")
        for label in (self.sound, self.model, self.knowledge, self.fault):
            label.setWordWrap(True)
        self.fault.hide()
        self.later_button, self.back_button = _button("later", self.reject), _button("back", self._back)
        self.next_button = _button("next", self._next)
        self.next_button.setProperty("role", "primary")
        self.next_button.setDefault(True)
        keys = QHBoxLayout()
        keys.addWidget(self.later_button)
        keys.addStretch(1)
        keys.addWidget(self.back_button)
        keys.addWidget(self.next_button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.setSpacing(SPACE.m)
        for widget in (self.number, self.heading, self.pages, self.fault, about):
            rows.addWidget(widget, 1 if widget is self.pages else 0)
        rows.addLayout(keys)
        fit(self, *_SIZE)
        presenter.changed.connect(self.show_view)
        self.show_view(presenter.view)
        self._stand_on(0)
        presenter.check()

    def _sound_page(self) -> QWidget:
        self.play_button, self.again_button = _button("sound_play", self._presenter.play), _button("again", self._presenter.check)
        self.try_button = _button("sound_try", self._presenter.try_sound)
        self.try_button.setVisible(self._presenter.can_try)
        return _page(self.sound, self.play_button, self.try_button, self.again_button)

    def _model_page(self) -> QWidget:
        self.download_button = _button("model_download", self._presenter.download)
        self.take_button = _button("model_import", self._choose_model)
        self.stop_button = _button("model_cancel", self._presenter.stop)
        return _page(self.model, self.download_button, self.take_button, self.stop_button)

    def _knowledge_page(self) -> QWidget:
        settings = self._presenter.settings
        path, address = str(settings.row(PATH).value), str(settings.row(ADDRESS).value)
        self.knowledge.setText("\n".join((told("first_start.knowledge_path", path=path) if path else told("first_start.knowledge_sample"),
                                          told("first_start.knowledge_note"))))
        self.choose_button = _button("knowledge_choose", self._choose_knowledge)
        self.choose_button.setEnabled(not settings.row(PATH).lock)
        self.address.setText(address)
        self.address.setPlaceholderText(told("first_start.knowledge_address"))
        self.address.setAccessibleName(told("first_start.knowledge_address"))
        self.address.setEnabled(not settings.row(ADDRESS).lock)
        return _page(self.knowledge, self.choose_button, line=self.address)

    def _agent_page(self) -> QWidget:
        row = self._presenter.settings.row(AGENT)
        self.agent.setText(str(row.value))
        self.agent.setPlaceholderText(told("first_start.agent"))
        self.agent.setAccessibleName(told("first_start.agent"))
        self.agent.setEnabled(not row.lock)
        note = QLabel(told("first_start.locked" if row.lock else "first_start.agent_note"))
        note.setWordWrap(True)
        return _page(note, line=self.agent)

    @Slot(object)
    def show_view(self, view: FirstStartView) -> None:
        """Draw a new view."""
        self.sound.setText("\n".join(words_of(line, present_language()) for line in (view.sound, *view.tried)))
        self.try_button.setEnabled(not view.is_trying)
        self.model.setText(words_of(view.model, present_language()))
        self.play_button.setEnabled(view.has_sound)
        self.download_button.setVisible(not view.has_model and not view.is_busy)
        self.take_button.setVisible(not view.has_model and not view.is_busy)
        self.stop_button.setVisible(view.is_busy)

    def _stand_on(self, place: int) -> None:
        self.pages.setCurrentIndex(place)
        self.number.setText(told("first_start.step", number=place + 1))
        self.heading.setText(told(f"first_start.{STEPS[place]}"))
        self.back_button.setEnabled(place > 0)
        self.next_button.setText(told("first_start.finish" if place == len(STEPS) - 1 else "first_start.next"))
        self._tell(Refusal())
        {"knowledge": self.address, "sign_in": self.agent}.get(STEPS[place], self.next_button).setFocus()

    @Slot()
    def _next(self) -> None:
        place = self.pages.currentIndex()
        refusal = Refusal()
        if STEPS[place] == "knowledge" and self.address.isEnabled():
            refusal = self._presenter.use_address(self.address.text())
        elif STEPS[place] == "sign_in" and self.agent.isEnabled():
            refusal = self._presenter.sign_in(self.agent.text())
        if refusal.key:
            self._tell(refusal)
        elif place == len(STEPS) - 1:
            self.accept()
        else:
            self._stand_on(place + 1)

    @Slot()
    def _back(self) -> None:
        self._stand_on(self.pages.currentIndex() - 1)

    @Slot()
    def _choose_model(self) -> None:
        dialog = QFileDialog(self, told("first_start.file"))
        dialog.fileSelected.connect(self._on_model)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_model(self, path: str) -> None:
        self._presenter.take(Path(path))

    @Slot()
    def _choose_knowledge(self) -> None:
        dialog = QFileDialog(self, told("first_start.knowledge_choose"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_knowledge)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_knowledge(self, path: str) -> None:
        refusal = self._presenter.use_knowledge(path)
        self._tell(refusal)
        if not refusal.key:
            self.knowledge.setText(told("first_start.knowledge_path", path=path))

    def _tell(self, refusal: Refusal) -> None:
        self.fault.setText(told(refusal.key, **refusal.params) if refusal.key else "")
        self.fault.setVisible(bool(refusal.key))


def _button(name: str, act: Callable[[], object]) -> QPushButton:
    button = QPushButton(told(f"first_start.{name}"))
    button.setAutoDefault(False)
    button.clicked.connect(act)
    return button


def _page(words: QLabel, *buttons: QPushButton, line: QLineEdit | None = None) -> QWidget:
    page = QWidget()
    rows = QVBoxLayout(page)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.addWidget(words)
    if line is not None:
        rows.addWidget(line)
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    rows.addLayout(row)
    rows.addStretch(1)
    return page
