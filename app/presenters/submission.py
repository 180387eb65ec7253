"""Submitting: what is still to settle, a first press that says so, a second that submits all the same.

No dialog: a missing field is named, focused, and the same key pressed again submits. Submitting itself is the call
thread's and the store's work; its success comes back as ``CallState.ticket_no``, its failure as a notice. ``submit`` is
called only when every edit sent so far has come back in a state: the last word typed is never left out. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.call import CallEvent, CallState, FieldEdited, FieldReleased, Phase
from app.domain.catalogue import FieldTable
from app.domain.completeness import to_settle
from app.domain.ticket import OPERATOR_STATES, FieldState, Value


@dataclass(frozen=True, slots=True)
class SubmitView:
    """What the bottom line draws.

    Attributes:
        can_submit: a ticket is there and not submitted.
        lacking: matter and label of needed fields that are empty.
        unsettled: matter and label of needed fields that hold a suggestion only.
        unsure: how many fields hold a suggestion that was not taken.
        is_warned: the operator pressed once and was told what lacks.
        is_sending: handed over, the answer is not there yet.
        ticket_no: set once submitted.
        is_wrap_up: the call is over.
    """

    can_submit: bool = False
    lacking: tuple[tuple[int, str], ...] = ()
    unsettled: tuple[tuple[int, str], ...] = ()
    unsure: int = 0
    is_warned: bool = False
    is_sending: bool = False
    ticket_no: str = ""
    is_wrap_up: bool = False


class SubmissionPresenter(QObject):
    """Feeds the bottom line.

    Args:
        submit: hands the ticket over; returns at once.
        fields: the field table.
    """

    changed = Signal(object)
    field_wanted = Signal(int, str)
    """Matter and name of the field to bring the operator to."""

    def __init__(self, submit: Callable[[], None], fields: FieldTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._submit = submit
        self._fields = fields
        self._state: CallState | None = None
        self._is_warned = False
        self._is_sending = False
        self._wants_submit = False
        self._on_the_way: dict[tuple[int, str], Value | None] = {}
        self.view = SubmitView()

    def note(self, event: CallEvent) -> None:
        """An edit was sent; submitting waits until it is part of a state."""
        if isinstance(event, FieldEdited):
            self._on_the_way[event.matter, event.name] = event.value
        elif isinstance(event, FieldReleased):
            self._on_the_way.pop((event.matter, event.name), None)

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        before, self._state = self._state, state
        if before is None or before.context.call_id != state.context.call_id:
            self._is_warned = self._is_sending = self._wants_submit = False
            self._on_the_way.clear()
        elif state.draft is not before.draft and state.draft != before.draft:
            self._is_warned = False
        if state.ticket_no or (before is not None and state.notice is not before.notice):
            self._is_sending = False
        self._forget_arrived(state)
        self._tell()
        if self._wants_submit and not self._on_the_way:
            self.submit()

    @Slot()
    def submit(self) -> None:
        """Submit, or say once what lacks."""
        if not self.view.can_submit or self._state is None:
            return
        self._wants_submit = bool(self._on_the_way)
        if self._wants_submit:
            return  # called again from show_state
        open_fields = self._open_fields()
        if open_fields and not self._is_warned:
            self._is_warned = True
            self._tell()
            self.field_wanted.emit(*open_fields[0])
            return
        self._is_sending = True
        self._tell()
        self._submit()

    def _forget_arrived(self, state: CallState) -> None:
        for (matter, name), value in list(self._on_the_way.items()):
            held = state.draft.get(name, matter)
            if held.value == value and held.state in OPERATOR_STATES:
                del self._on_the_way[matter, name]

    def _open_fields(self) -> tuple[tuple[int, str], ...]:
        if self._state is None or self._state.phase is Phase.IDLE:
            return ()
        draft = self._state.draft
        return tuple((matter, name) for matter in range(len(draft.matters))
                     for name in to_settle(draft, self._fields, matter))

    def _tell(self) -> None:
        state = self._state
        if state is None:
            return
        lacking: list[tuple[int, str]] = []
        unsettled: list[tuple[int, str]] = []
        for matter, name in self._open_fields():
            is_suggested = state.draft.get(name, matter).state is FieldState.SUGGESTED
            (unsettled if is_suggested else lacking).append((matter, self._fields.label(name)))
        unsure = sum(value.state is FieldState.SUGGESTED for held in state.draft.matters for value in held.values())
        view = SubmitView(
            can_submit=state.phase not in (Phase.IDLE, Phase.RINGING, Phase.SUBMITTED) and not self._is_sending,
            lacking=tuple(lacking), unsettled=tuple(unsettled), unsure=unsure,
            is_warned=self._is_warned, is_sending=self._is_sending,
            ticket_no=state.ticket_no, is_wrap_up=state.phase is Phase.WRAP_UP,
        )
        if view != self.view:
            self.view = view
            self.changed.emit(view)
