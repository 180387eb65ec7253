"""Submitting: what is still to settle, a first press that says so, a second that submits all the same.

No dialog: a missing field is named, focused, and the same key pressed again submits. That holds until the operator does something
to the ticket or a field opens that was not named; what recognition still finds after the call (a busy PC lags) takes nothing of it
back. Submitting itself is the call thread's and the store's work; its success comes back as ``CallState.ticket_no``, its failure as
a notice. ``submit`` is called only when everything that the operator wrote or took has come back in a state: the last word typed is
never left out, and what was just taken is not asked for. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.call import CallEvent, CallState, FieldConfirmed, FieldEdited, FieldReleased, MatterDropped, Phase
from app.domain.catalogue import FieldTable
from app.domain.completeness import to_settle
from app.domain.ticket import OPERATOR_STATES, FieldState, TicketDraft, Value


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
        self._warned_of: frozenset[tuple[int, str]] = frozenset()
        self._is_sending = False
        self._wants_submit = False
        self._on_the_way: dict[tuple[int, str], Value | None] = {}
        self._being_taken: set[tuple[int, str]] = set()
        self.view = SubmitView()

    def note(self, event: CallEvent) -> None:
        """An edit was sent, or a value taken; submitting waits until it is part of a state."""
        if isinstance(event, FieldEdited):
            self._on_the_way[event.matter, event.name] = event.value
        elif isinstance(event, FieldConfirmed):
            self._being_taken.add((event.matter, event.name))
        elif isinstance(event, FieldReleased):
            self._on_the_way.pop((event.matter, event.name), None)
            self._being_taken.discard((event.matter, event.name))
        elif isinstance(event, MatterDropped):  # the later ones move up: their numbers say nothing any more
            self._on_the_way = {key: value for key, value in self._on_the_way.items() if key[0] < event.matter}
            self._being_taken = {key for key in self._being_taken if key[0] < event.matter}

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        before, self._state = self._state, state
        if before is None or before.context.call_id != state.context.call_id:
            self._is_sending = self._wants_submit = False
            self._warned_of = frozenset()
            self._on_the_way.clear()
            self._being_taken.clear()
        elif self._warned_of and (not self._warned_of.issuperset(self._open_fields()) or _acts(before.draft) != _acts(state.draft)):
            self._warned_of = frozenset()
        if state.ticket_no or (before is not None and state.notice is not before.notice):
            self._is_sending = False
        self._forget_arrived(state)
        self._tell()
        if self._wants_submit and not self._is_waiting():
            self.submit()

    @Slot()
    def submit(self) -> None:
        """Submit, or say once what lacks."""
        if not self.view.can_submit or self._state is None:
            return
        self._wants_submit = self._is_waiting()
        if self._wants_submit:
            return  # called again from show_state
        open_fields = self._open_fields()
        if open_fields and not self._warned_of:
            self._warned_of = frozenset(open_fields)
            self._tell()
            self.field_wanted.emit(*open_fields[0])
            return
        self._is_sending = True
        self._tell()
        self._submit()

    def _is_waiting(self) -> bool:
        return bool(self._on_the_way or self._being_taken)

    def _forget_arrived(self, state: CallState) -> None:
        for (matter, name), value in list(self._on_the_way.items()):
            held = state.draft.get(name, matter)
            if held.value == value and held.state in OPERATOR_STATES:
                del self._on_the_way[matter, name]
        for matter, name in tuple(self._being_taken):
            held = state.draft.get(name, matter)
            if held.value is None or held.state in OPERATOR_STATES:  # recognition may have taken the value back: nothing to wait for
                self._being_taken.remove((matter, name))

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
            is_warned=bool(self._warned_of), is_sending=self._is_sending,
            ticket_no=state.ticket_no, is_wrap_up=state.phase is Phase.WRAP_UP,
        )
        if view != self.view:
            self.view = view
            self.changed.emit(view)


def _acts(draft: TicketDraft) -> tuple[dict[str, tuple[FieldState, Value | None]], ...]:
    """What the operator wrote or took, by matter."""
    return tuple({name: (held.state, held.value) for name, held in matter.items() if held.state in OPERATOR_STATES}
                 for matter in draft.matters)
