"""The key to the operator's callbacks in the bottom line. Apart from the list, which is loaded when it is first asked for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from app.presenters.callbacks import CallbacksPresenter, CallbacksView
from widgets.language import told
from widgets.shortcuts import bind_key, keyed
from widgets.theme.icons import icon
from widgets.theme.palette import Theme


class CallbacksButton(QPushButton):
    """How many callbacks are due today or late; not there where there are none and no hub.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: CallbacksPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._theme = presenter, theme
        bind_key(self, "tickets.callbacks")
        presenter.changed.connect(self._on_view)
        theme.changed.connect(self._draw)
        self._draw()

    @Slot(object)
    def _on_view(self, _view: CallbacksView) -> None:
        self._draw()

    @Slot()
    def _draw(self) -> None:
        view, palette = self._presenter.view, self._theme.palette
        self.setVisible(view.has_hub and bool(view.lines))
        key = "button_late" if view.late else "button" if view.to_do else "button_none"
        words = told(f"callbacks.{key}", count=view.to_do, late=view.late)
        self.setText(keyed(self, f"{words}  Ctrl+Shift+Y"))
        self.setAccessibleName(words)
        self.setIcon(icon("answer", palette.wrong.ink if view.late else palette.text))

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._draw()
        super().changeEvent(event)
