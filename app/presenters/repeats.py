"""Whether somebody calls again: earlier tickets that fit the call at hand, and the call as 补充 or 催办 of one of them.

The store is asked on the thread "records" a moment after what it would be asked for has changed, never more often. Nothing is
merged by itself. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.call import CallEvent, CallState, FieldEdited, FieldReleased, Phase
from app.domain.errors import AppError
from app.domain.masking import Purpose
from app.domain.repeats import Facts, Reason, Repeat, facts_of
from app.domain.ticket_search import FollowUp
from app.presenters.errands import Errands
from app.presenters.record_parts import RecordParts
from app.presenters.ticket_lines import masked_row, minute
from app.services.repeated_callers import REPEATED_TAG

PAUSE_MS = 400


@dataclass(frozen=True, slots=True)
class RepeatView:
    """What the bar draws.

    Attributes:
        count: how many earlier tickets fit.
        place: which of them is shown, from 0.
        ticket_no: its number.
        at: when it was submitted, to the minute.
        days: how many days ago.
        title: masked by role.
        status: where it stands.
        percent: how well it fits.
        is_strong: well enough to propose following it up.
        reasons: why, the weightiest first.
        follow_up: what this call is to it or to another one: 补充, 催办, or empty.
        answers: the ticket that this call follows up.
        error_key: why the last act came to nothing.
        same_number: how many of them came from this calling number, or named it.
    """

    count: int = 0
    place: int = 0
    ticket_no: str = ""
    at: str = ""
    days: int = 0
    title: str = ""
    status: str = ""
    percent: int = 0
    is_strong: bool = False
    reasons: tuple[Reason, ...] = ()
    follow_up: str = ""
    answers: str = ""
    error_key: str = ""
    same_number: int = 0


class RepeatsPresenter(QObject):
    """Feeds the bar.

    Args:
        parts: ports.
        errands: the thread.
        post: takes the operator's events.
    """

    changed = Signal(object)
    opened = Signal(str)
    """Number of the earlier ticket that the operator wants to see."""

    def __init__(self, parts: RecordParts, errands: Errands, post: Callable[[CallEvent], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts, self._errands, self._post = parts, errands, post
        self._state: CallState | None = None
        self._facts = Facts()
        self._found: tuple[Repeat, ...] = ()
        self._place = 0
        self._error_key = ""
        self.view = RepeatView()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._look)

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        before, self._state = self._state, state
        if before is None or before.context.call_id != state.context.call_id:
            self._facts, self._found, self._place, self._error_key = Facts(), (), 0, ""
        elif before.draft is state.draft and before.phase is state.phase:
            return
        if state.phase in (Phase.IDLE, Phase.SUBMITTED):
            self._pause.stop()
            self._found = ()
        else:
            facts = facts_of(state.context, state.draft)
            if facts != self._facts:
                self._facts = facts
                self._pause.start()
        self._tell()

    @Slot()
    def next(self) -> None:
        """Show another one that fits."""
        if self._found:
            self._place = (self._place + 1) % len(self._found)
            self._tell()

    @Slot()
    def open(self) -> None:
        """Look at the earlier ticket."""
        if self.view.answers or self.view.ticket_no:
            self.opened.emit(self.view.answers or self.view.ticket_no)

    def follow_up(self, act: FollowUp) -> None:
        """This call's ticket adds to the earlier one, or presses for it."""
        state = self._state
        if state is None or not self._found:
            return
        row, draft = self._found[self._place].row, state.draft

        def decided(events: tuple[FieldEdited, ...]) -> None:
            if self._state is not None and self._state.context.call_id == state.context.call_id:
                self._error_key = ""
                for event in events:
                    self._post(event)

        self._errands.ask(lambda: self._parts.callers.follow_up(row, act, draft), decided, self._on_failed)

    @Slot()
    def undo(self) -> None:
        """This call's ticket stands by itself again."""
        state = self._state
        if state is None or not self.view.follow_up:
            return
        held = state.draft.get("tags").value
        tags = [str(each) for each in held if each != REPEATED_TAG] if isinstance(held, list) else []
        for event in (FieldReleased("prev_ticket_no"), FieldReleased("follow_up"),
                      FieldEdited("tags", tags) if tags else FieldReleased("tags")):
            self._post(event)

    def hide(self) -> None:
        """Nothing of an earlier ticket stays here: the store was locked."""
        self._pause.stop()
        self._facts, self._found = Facts(), ()
        self._tell()

    def look_again(self) -> None:
        """The store is open again."""
        if self._state is not None and self._state.phase not in (Phase.IDLE, Phase.SUBMITTED):
            self._pause.start()

    def stop(self) -> None:
        """No more timers."""
        self._pause.stop()

    @Slot()
    def _look(self) -> None:
        state = self._state
        if state is None:
            return

        def found(repeats: tuple[Repeat, ...]) -> None:
            if self._state is not None and self._state.context.call_id == state.context.call_id \
                    and self._state.phase not in (Phase.IDLE, Phase.SUBMITTED):
                shown = self._found[self._place].row.ticket_no if self._found else ""
                numbers = [each.row.ticket_no for each in repeats]
                self._place = numbers.index(shown) if self._place and shown in numbers else 0
                self._found = repeats
                self._tell()

        self._errands.ask(lambda: self._parts.callers.look(state.context, state.draft), found, lambda _: None)

    def _on_failed(self, error: AppError) -> None:
        self._error_key = error.key
        self._tell()

    def _tell(self) -> None:
        view = self._view()
        if view != self.view:
            self.view = view
            self.changed.emit(view)

    def _view(self) -> RepeatView:
        state = self._state
        answers = follow_up = ""
        if state is not None and state.phase not in (Phase.IDLE, Phase.SUBMITTED):
            follow_up = str(state.draft.get("follow_up").value or "")
            answers = str(state.draft.get("prev_ticket_no").value or "") if follow_up else ""
        if not self._found:
            return RepeatView(follow_up=follow_up, answers=answers, error_key=self._error_key)
        best = self._found[self._place]
        row = best.row
        view = RepeatView(
            len(self._found), self._place, row.ticket_no, minute(row.submitted_at), self._days(row.submitted_at),
            masked_row(row, self._parts.role, Purpose.LIST)["title"], row.status, round(best.score * 100), best.is_strong,
            best.reasons)
        same = sum(Reason.LINE in each.reasons or Reason.PHONE in each.reasons for each in self._found)
        return replace(view, follow_up=follow_up, answers=answers, error_key=self._error_key, same_number=same)

    def _days(self, submitted_at: str) -> int:
        try:
            return max(0, (self._parts.clock.now().date() - datetime.fromisoformat(submitted_at).date()).days)
        except ValueError:
            return 0
