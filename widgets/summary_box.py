"""The running summary under the conversation: one line, all of it by a key, and a key that copies it.

Folded it is one line that ends in …; its head says whether the call still runs and whether something in it is unchecked, because
the marks may be behind the …. Hidden where nothing was told.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.presenters.summary import SummaryPresenter, SummaryView
from widgets.elided_text import ElidedText
from widgets.shortcuts import bind_act, bind_key
from widgets.theme.palette import SPACE, Theme

_LINES = 5


class SummaryBox(QFrame):
    """See the module.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: SummaryPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._theme = presenter, theme
        self.fold, self.copy = QPushButton(), QPushButton()
        self.fold.setProperty("role", "fold")
        self.line = ElidedText(1)
        self.whole = QPlainTextEdit()
        self.whole.setReadOnly(True)
        self.whole.setTabChangesFocus(True)
        bind_key(self.fold, "call.summary")
        self.fold.clicked.connect(self._on_fold)
        self.copy.clicked.connect(presenter.copy)
        # On the box, not on the button: it copies while folded, too.
        bind_act(self, "call.copy_summary", presenter.copy)
        row = QHBoxLayout()
        row.setSpacing(SPACE.s)
        row.addWidget(self.fold)
        row.addWidget(self.line, 1)
        row.addStretch(0)
        row.addWidget(self.copy)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, SPACE.s, 0)
        body.setSpacing(SPACE.xs)
        body.addLayout(row)
        body.addWidget(self.whole)
        self.whole.hide()
        self.copy.hide()
        self.hide()
        presenter.changed.connect(self.show_view)
        presenter.call_changed.connect(self._on_call)
        presenter.wanted.connect(self._on_wanted)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._retranslate()

    @Slot(object)
    def show_view(self, view: SummaryView) -> None:
        """Draw a new view."""
        self.line.set_text(view.text.replace("\n", "　"))
        self.setToolTip(view.text)
        if self.whole.toPlainText() != view.text:
            bar = self.whole.verticalScrollBar()
            place = bar.value()  # whoever reads further down stays there
            self.whole.setPlainText(view.text)
            bar.setValue(place)
        self._draw_head()
        self.setVisible(bool(view.text))

    def _draw_head(self) -> None:
        view = self._presenter.view
        words = self.tr("小结（已定）") if view.is_final else self.tr("小结（进行中）")
        if view.is_unsure:
            words = self.tr("小结（已定，有待核）") if view.is_final else self.tr("小结（进行中，有待核）")
        self.fold.setText(f"{'▸' if self.whole.isHidden() else '▾'} {words}")
        self.fold.setAccessibleName(words)
        self.fold.setAccessibleDescription(view.text)

    def _open(self, is_open: bool) -> None:
        if is_open:
            self.whole.setFixedHeight(self.whole.fontMetrics().lineSpacing() * _LINES + SPACE.m)
        self.whole.setVisible(is_open)
        self.copy.setVisible(is_open)
        self.line.setVisible(not is_open)
        self._draw_head()

    @Slot()
    def _on_fold(self) -> None:
        self._open(self.whole.isHidden())

    @Slot()
    def _on_wanted(self) -> None:
        self._open(True)

    @Slot()
    def _on_call(self) -> None:
        self._open(False)

    @Slot()
    def _on_theme(self) -> None:
        self.line.set_colour(self._theme.palette.text)

    def _retranslate(self) -> None:
        self.copy.setText(self.tr("复制"))
        self.copy.setAccessibleName(self.tr("复制小结"))
        self.copy.setToolTip("Ctrl+Shift+C")
        self.whole.setAccessibleName(self.tr("通话小结"))
        self._draw_head()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
