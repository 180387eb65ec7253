"""The running summary under the conversation: what the call came to so far, final once the parties are apart.

The words are ``app.domain.call_summary``'s; they are made again only when something they are made of has changed. Handing the call over
asks for the whole of it, because whoever takes over has to be told. GUI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.call import CallState, Phase
from app.domain.call_summary import UNSURE, summary_of


@dataclass(frozen=True, slots=True)
class SummaryView:
    """What the box draws.

    Attributes:
        text: the summary, a matter a line; empty where nothing was told.
        is_final: the call is over.
        is_unsure: something in it was not checked; marked (待核) where it stands.
    """

    text: str = ""
    is_final: bool = False
    is_unsure: bool = False


class SummaryPresenter(QObject):
    """Feeds the box."""

    changed = Signal(object)
    call_changed = Signal()
    """Another call: what was opened for the last one folds."""
    copied = Signal(str)
    """The words are for the clipboard."""
    wanted = Signal()
    """The call is handed over: show all of it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state: CallState | None = None
        self.view = SummaryView()

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        before, self._state = self._state, state
        is_other = before is None or before.context.call_id != state.context.call_id
        if is_other:
            self.call_changed.emit()
        elif before is not None and before.draft is state.draft and before.dialogue is state.dialogue and before.phase is state.phase:
            return
        summary = summary_of(state)
        text = "" if state.phase is Phase.IDLE else summary.text
        view = SummaryView(text, summary.is_final, UNSURE in text)
        if view != self.view:
            self.view = view
            self.changed.emit(view)

    @Slot(str)
    def hand_over(self, _number: str) -> None:
        """The call goes to somebody else, who has to be told what it is about."""
        if self.view.text:
            self.wanted.emit()

    @Slot()
    def copy(self) -> None:
        """The operator wants to paste it somewhere."""
        if self.view.text:
            self.copied.emit(self.view.text)
