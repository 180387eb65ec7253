"""Whether the call is being transcribed now, said in words and by colour; pressing it (or its key) pauses that and goes on again."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Slot
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.domain.call import Phase
from app.presenters.call_bar import CallBarPresenter, CallBarView
from widgets.language import told
from widgets.shortcuts import bind_key


class ListeningBadge(QPushButton):
    """See the module.

    Args:
        presenter: feeds it and takes the act.
    """

    def __init__(self, presenter: CallBarPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setObjectName("listening")
        self.setProperty("role", "chip")
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        bind_key(self, "call.pause_recognition")
        self.clicked.connect(self._on_clicked)
        presenter.changed.connect(self.show_view)
        self.show_view(presenter.view)

    @Slot(object)
    def show_view(self, view: CallBarView) -> None:
        """Draw a new view."""
        words = told(f"live.{_state(view)}")
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(told("live.what_is_kept"))
        self.setAccessibleDescription(told("live.what_is_kept"))
        self.setEnabled(view.phase in (Phase.TALKING, Phase.PAUSED))
        self.setVisible(view.phase not in (Phase.IDLE, Phase.SUBMITTED))

    @Slot()
    def _on_clicked(self) -> None:
        self._presenter.toggle_recognition()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.show_view(self._presenter.view)
        super().changeEvent(event)


def _state(view: CallBarView) -> str:
    if view.phase not in (Phase.TALKING, Phase.PAUSED):
        return "not_transcribing"
    if view.is_recognition_paused:
        return "paused"
    return "held" if view.phase is Phase.PAUSED else "transcribing"
