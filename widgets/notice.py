"""What the operator must know, in one line, with a key to all of it; hidden where there is none. A long one ends in …, whole in its tip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.platform import messages
from app.presenters.notices import NoticesPresenter, NoticesView
from widgets.dialog_size import fit
from widgets.elided_text import ElidedText
from widgets.icon_label import IconLabel
from widgets.language import told
from widgets.shortcuts import bind_key
from widgets.theme.palette import SIZES, SPACE, Theme

_WIDEST_PX = 460
_LIST_SIZE = (620, 360)


class Notice(QFrame):
    """The line.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: NoticesPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._presenter = presenter
        self._theme = theme
        self.language = "zh"
        self._icon = IconLabel()
        self._words = ElidedText(1, scale=SIZES.small / SIZES.base)
        self.more = QPushButton()
        self.more.clicked.connect(self.show_all)
        bind_key(self.more, "program.notices")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.s, SPACE.xs, SPACE.xs, SPACE.xs)
        row.setSpacing(SPACE.xs)
        for fixed in (self._icon, self.more):  # what is left over is the words', never a wide button over them
            fixed.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self.more)
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    def text(self) -> str:
        """The whole notice in the line."""
        return self._words.text()

    @Slot(object)
    def show_view(self, view: NoticesView) -> None:
        """Draw a new view."""
        line = view.line
        words = messages.text(line.key, line.params, self.language) if line is not None else ""
        self._words.set_text(words)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self._icon.setVisible(line is not None and line.is_important)
        self.more.setText(f"+{view.unseen}" if view.unseen else "…")
        self.more.setAccessibleName(told("notices.more", count=view.unseen))
        self.more.setToolTip(told("notices.more", count=view.unseen))
        self._words.setVisible(bool(words))  # before its width: a hidden widget's new width does not reach the layout
        self._words.setFixedWidth(min(_WIDEST_PX, self._words.text_width() + 4))
        self.updateGeometry()
        self.setVisible(bool(words) or view.unseen > 0)

    @Slot()
    def show_all(self) -> None:
        """All notices, newest first; they count as seen."""
        dialog = NoticesDialog(self._presenter, self.window(), self.language)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _on_theme(self) -> None:
        ink = self._theme.palette.suggested.ink
        self._words.set_colour(ink)
        self._icon.show_icon("alert", ink)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.show_view(self._presenter.view)
        super().changeEvent(event)


class NoticesDialog(QDialog):
    """The list.

    Args:
        presenter: feeds it; told that everything was seen.
        parent: the window.
        language: of the texts.
    """

    def __init__(self, presenter: NoticesPresenter, parent: QWidget, language: str) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(told("notices.title"))
        presenter.model.language = language
        self.list = QListView()
        self.list.setObjectName("commands")
        self.list.setModel(presenter.model)
        self.list.setWordWrap(True)
        self.list.setAccessibleName(told("notices.title"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.close_button = QPushButton(told("settings.close"))
        self.close_button.clicked.connect(self.accept)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.addWidget(self.list)
        rows.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        fit(self, *_LIST_SIZE)
        self.list.setCurrentIndex(presenter.model.index(0))
        self.list.setFocus()
        presenter.see_all()
