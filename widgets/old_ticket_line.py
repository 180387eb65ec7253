"""The old ticket that the call names, in one line of the ticket panel: found, with a key to see it, or not on this PC."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from app.presenters.old_ticket import OldTicketPresenter, OldTicketView
from widgets.elided_text import ElidedText
from widgets.shortcuts import bind_key, keyed
from widgets.theme.palette import SPACE, Theme
from widgets.ticket_words import status_words


class OldTicketLine(QFrame):
    """See the module; hidden where no number was said.

    Args:
        presenter: feeds it and takes the act.
        theme: colours.
    """

    def __init__(self, presenter: OldTicketPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._theme = presenter, theme
        self.words = ElidedText(1)
        self.see = QPushButton()
        bind_key(self.see, "ticket.see_named")
        self.see.clicked.connect(presenter.open)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, SPACE.s, 0)
        row.setSpacing(SPACE.s)
        row.addWidget(self.words, 1)
        row.addWidget(self.see)
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self.hide()
        self._on_theme()
        self._retranslate()

    @Slot(object)
    def show_view(self, view: OldTicketView) -> None:
        """Draw a new view."""
        words = self._words(view)
        self.words.set_text(words)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.see.setVisible(bool(view.ticket_no))
        self._on_theme()
        self.setVisible(bool(view.asked))

    def _words(self, view: OldTicketView) -> str:
        if not view.asked:
            return ""
        if not view.ticket_no:
            return self.tr("旧单 {number}：本机没有").format(number=view.asked)
        found = self.tr("找到旧单 {number}").format(number=view.ticket_no)
        others = self.tr("尾号相同的另有 {count} 张").format(count=view.others) if view.others else ""
        # The title comes late: it may end in …, the date and where it stands may not.
        return "　".join(filter(None, (found, view.at[:10], status_words(view.status), view.title, others)))

    @Slot()
    def _on_theme(self) -> None:
        palette = self._theme.palette
        self.words.set_colour(palette.text if self._presenter.view.ticket_no else palette.suggested.ink)

    def _retranslate(self) -> None:
        self.see.setText(keyed(self.see, self.tr("看旧单 Ctrl+F9")))
        self.see.setAccessibleName(self.tr("看说到的旧单"))
        self.show_view(self._presenter.view)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
