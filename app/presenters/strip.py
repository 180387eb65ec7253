"""The strip: one line for whoever works in another window: caller, state, what the ticket lacks, the newest card. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.call import CallState, Phase
from app.presenters.submission import SubmitView

COPIED = "copying.step_copied"


@dataclass(frozen=True, slots=True)
class StripView:
    """What the strip draws.

    Attributes:
        caller: the calling number, "" for none.
        phase: where the call is.
        lacking: labels of fields that are missing or not settled.
        card: title of the newest best card.
        is_locked: the desk is locked: nothing of the call is shown.
        copied: label, place and count of the field that was copied last, while that is the newest news.
    """

    caller: str = ""
    phase: Phase = Phase.IDLE
    lacking: tuple[str, ...] = ()
    card: str = ""
    is_locked: bool = False
    copied: tuple[str, int, int] | None = None


class StripPresenter(QObject):
    """See the module."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = StripView()

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        newest = state.pushes[-1].ranked if state.pushes else ()
        notice = state.notice
        told = notice.params if notice is not None and notice.key == COPIED else None
        copied = (str(told["field"]), int(str(told["place"])), int(str(told["count"]))) if told else None
        self._tell(replace(self.view, caller=state.context.caller_number, phase=state.phase,
                           card=newest[0].entry.title if newest else "", copied=copied))

    @Slot(object)
    def show_submission(self, view: SubmitView) -> None:
        """What the ticket lacks now."""
        self._tell(replace(self.view, lacking=tuple(label for _, label in (*view.lacking, *view.unsettled))))

    def lock(self, is_locked: bool) -> None:
        """The desk is locked, or open again."""
        self._tell(replace(self.view, is_locked=is_locked))

    def _tell(self, view: StripView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
