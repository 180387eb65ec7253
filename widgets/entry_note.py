"""The operator's own note on the open entry. Kept in the encrypted store of this PC and sent nowhere; written after a pause in typing
and when the focus leaves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.presenters.knowledge_entry import EntryPresenter
from widgets.theme.palette import SPACE

TYPING_PAUSE_MS = 700
MOST_CHARACTERS = 2_000


class NoteText(QPlainTextEdit):
    """The input; tells when the focus left it."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The focus went."""
        super().focusOutEvent(event)
        self.left.emit()


class NotePage(QFrame):
    """See the module.

    Args:
        presenter: feeds it and takes the note.
    """

    def __init__(self, presenter: EntryPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._entry_id = ""
        self._is_dirty = self._is_setting = False
        self.text = NoteText()
        self.text.setObjectName("knowledgeNote")
        self.text.setTabChangesFocus(True)
        self._hint = QLabel()
        self._hint.setProperty("role", "hint")
        self._hint.setWordWrap(True)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE.xs)
        body.addWidget(self.text, 1)
        body.addWidget(self._hint)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.keep)
        self.text.textChanged.connect(self._on_typed)
        self.text.left.connect(self.keep)
        presenter.changed.connect(self._on_changed)
        presenter.context_changed.connect(self._on_context)
        self._retranslate()

    def take_focus(self) -> None:
        """Put the cursor in."""
        self.text.setFocus()

    @Slot()
    def keep(self) -> None:
        """Send what was typed."""
        self._pause.stop()
        if self._is_dirty:
            self._is_dirty = False
            self._presenter.write_note(self._entry_id, self.text.toPlainText()[:MOST_CHARACTERS])

    @Slot()
    def _on_typed(self) -> None:
        if not self._is_setting:
            self._is_dirty = True
            self._pause.start()

    @Slot()
    def _on_changed(self) -> None:
        self.keep()  # of the entry before
        card = self._presenter.card
        self._entry_id = card.entry.id if card is not None else ""
        self._set()

    @Slot()
    def _on_context(self) -> None:
        if not self._is_dirty and not self.text.hasFocus():
            self._set()

    def _set(self) -> None:
        self._is_setting = True
        if self.text.toPlainText().strip() != self._presenter.note:
            self.text.setPlainText(self._presenter.note)
        self.text.setEnabled(bool(self._entry_id))
        self._is_setting = False

    def _retranslate(self) -> None:
        self.text.setAccessibleName(self.tr("我的备注"))
        self.text.setPlaceholderText(self.tr("记下这条知识的要点"))
        self._hint.setText(self.tr("只加密保存在这台电脑上，不发出。"))

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page, another list, or the window closes."""
        self.keep()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
