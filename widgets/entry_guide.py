"""The guided flow of the open entry: the question to ask, its choices, the path so far, back, and the path into the ticket.

Choices are a list: arrows and Enter, a digit, or a click takes one; Backspace goes back. What is chosen is shown above in one line.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListView, QPushButton, QVBoxLayout, QWidget

from app.presenters.knowledge_entry import EntryPresenter
from widgets.announcing import announce
from widgets.elided_text import ElidedText
from widgets.theme.palette import SIZES, SPACE, Theme


class ChoiceList(QListView):
    """Choices of a question."""

    chosen = Signal(int)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rows")
        self.setWordWrap(True)
        self.setSpacing(1)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._labels = QStringListModel(self)
        self.setModel(self._labels)
        self.clicked.connect(self._on_clicked)

    def show_choices(self, labels: list[str]) -> None:
        """Other choices; each is told with the digit that takes it."""
        self._labels.setStringList([f"{number}　{label}" for number, label in enumerate(labels, 1)])
        if labels:
            self.setCurrentIndex(self._labels.index(0))

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and digits choose, Backspace goes back."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_Backspace:
            self.back_wanted.emit()
        elif event.text().isdecimal() and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.chosen.emit(int(event.text()) - 1)
        else:
            super().keyPressEvent(event)


class GuidePage(QFrame):
    """See the module.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: EntryPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._theme = presenter, theme
        self.path = ElidedText(2, scale=SIZES.small / SIZES.base)
        self.question = QLabel()
        self.question.setWordWrap(True)
        self.question.setProperty("role", "question")
        self.question.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.choices = ChoiceList()
        self.back, self.again, self.into_ticket = QPushButton(), QPushButton(), QPushButton()
        foot = QHBoxLayout()
        foot.setSpacing(SPACE.xs)
        for button in (self.back, self.again, self.into_ticket):
            button.setProperty("role", "tool")
            foot.addWidget(button)
        foot.addStretch(1)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE.xs)
        body.addWidget(self.path)
        body.addWidget(self.question)
        body.addWidget(self.choices, 1)
        body.addLayout(foot)
        self.choices.chosen.connect(presenter.choose)
        self.choices.back_wanted.connect(presenter.back)
        self.back.clicked.connect(presenter.back)
        self.again.clicked.connect(self._on_again)
        self.into_ticket.clicked.connect(presenter.put_into_ticket)
        presenter.walk_changed.connect(self._on_walk)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._retranslate()

    @Slot()
    def _on_again(self) -> None:
        self._presenter.back_to(0)

    @Slot()
    def _on_walk(self) -> None:
        self.draw()
        if self.isVisible():
            announce(self.question, self.question.text())

    def draw(self) -> None:
        """The present step."""
        walk = self._presenter.walk
        path = " › ".join(f"{each.step.text.rstrip('？?')}：{each.label}" for each in walk.taken)
        self.path.set_text(path)
        self.path.setToolTip(path)
        self.path.setVisible(bool(path))
        step = walk.step
        self.question.setText(step.text if step is not None else self.tr("流程到此结束。"))
        labels = [choice.label for choice in step.choices] if step is not None else []
        had_focus = self.choices.hasFocus()
        self.choices.show_choices(labels)
        self.choices.setVisible(bool(labels))
        self.into_ticket.setText(self.tr("写入工单"))
        for button in (self.back, self.again, self.into_ticket):
            button.setEnabled(bool(walk.taken))
        if had_focus and not labels:
            self.into_ticket.setFocus(Qt.FocusReason.OtherFocusReason)

    def note_taken(self) -> None:
        """The path stands in the ticket."""
        self.into_ticket.setText(self.tr("已写入"))
        announce(self.into_ticket, self.into_ticket.text())

    def take_focus(self) -> None:
        """To the choices; at the end to what can be done with the path."""
        (self.choices if self._presenter.walk.step is not None and not self._presenter.walk.is_over else self.into_ticket).setFocus(
            Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _on_theme(self) -> None:
        self.path.set_colour(self._theme.palette.muted)

    def _retranslate(self) -> None:
        self.back.setText(self.tr("上一步"))
        self.again.setText(self.tr("重来"))
        self.into_ticket.setToolTip(self.tr("把走过的流程追加到工单的“内容”；此后内容由您负责，识别不再改动。"))
        self.choices.setAccessibleName(self.tr("选项"))
        self.draw()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
