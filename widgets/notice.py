"""The newest thing the operator must know, in one line; hidden where there is none. A long one ends in …, whole in its tip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.platform import messages
from app.presenters.call_bar import CallBarPresenter, CallBarView
from widgets.elided_text import ElidedText
from widgets.theme.palette import SIZES, SPACE, Theme

_WIDEST_PX = 460


class Notice(QFrame):
    """One notice.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: CallBarPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._presenter = presenter
        self._theme = theme
        self.language = "zh"
        self._words = ElidedText(1, scale=SIZES.small / SIZES.base)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.s, SPACE.xs, SPACE.s, SPACE.xs)
        row.addWidget(self._words)
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    def text(self) -> str:
        """The whole notice."""
        return self._words.text()

    @Slot(object)
    def show_view(self, view: CallBarView) -> None:
        """Draw a new view."""
        words = messages.text(view.notice_key, view.notice_params, self.language) if view.notice_key else ""
        self._words.set_text(words)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.setFixedWidth(min(_WIDEST_PX, self._words.text_width() + 2 * SPACE.s + 4))
        self.setVisible(bool(words))

    @Slot()
    def _on_theme(self) -> None:
        self._words.set_colour(self._theme.palette.suggested.ink)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.show_view(self._presenter.view)
        super().changeEvent(event)
