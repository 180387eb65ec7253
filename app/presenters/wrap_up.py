"""After the call (or before its end, by a key): what is missing, what is unsure, the text to read back, when the ticket is due.

Everything follows from the state; the acts (take, edit, submit) are the form's and the bottom line's. GUI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.call import CallState, FieldConfirmed, Phase
from app.domain.catalogue import FieldTable, Taxonomy
from app.domain.completeness import to_settle
from app.domain.deadline_states import changes
from app.domain.deadlines import Deadline, Light, Term, term_for
from app.domain.read_back import ReadBack, read_back
from app.domain.ticket import FieldState
from app.presenters.call_tools import CallTools
from app.presenters.field_values import shown
from app.presenters.form_layout import DERIVED, form_slots


@dataclass(frozen=True, slots=True)
class Open:
    """A field that wants attention. ``text`` is the suggestion, empty where nothing is known; ``is_needed``: the ticket must have it."""

    matter: int
    name: str
    label: str
    text: str = ""
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """Term of the ticket, were it dispatched today: last day, working days, and the days on which its card changes."""

    due: Deadline
    days: int
    cards: tuple[tuple[Deadline, Light], ...] = ()


@dataclass(frozen=True, slots=True)
class WrapUpView:
    """What the panel draws.

    Attributes:
        is_over: the parties are apart.
        lacking: needed fields that are empty.
        unsure: suggestions that nobody took, needed ones first.
        read_back: the text for the citizen.
        due: None where the city has no table or the type is not known.
        ticket_no: set once submitted.
    """

    is_over: bool = False
    lacking: tuple[Open, ...] = ()
    unsure: tuple[Open, ...] = ()
    read_back: ReadBack = field(default_factory=ReadBack)
    due: Due | None = None
    ticket_no: str = ""


class WrapUpPresenter(QObject):
    """Feeds the panel.

    Args:
        fields: the field table.
        taxonomy: the item tree.
        tools: terms and today.
    """

    changed = Signal(object)
    copied = Signal(str)
    """The text to read back is for the clipboard."""
    confirmed = Signal(object)
    """A ``FieldConfirmed``: the citizen said that it is right."""
    agreed = Signal()
    """All that the citizen said yes to is part of the state."""
    wanted = Signal(bool)
    """Show the panel instead of the cards, or the cards again."""

    def __init__(self, fields: FieldTable, taxonomy: Taxonomy, tools: CallTools, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fields, self._taxonomy, self.tools = fields, taxonomy, tools
        self._state: CallState | None = None
        self._shown = frozenset(slot.name for slot in form_slots(fields)) - DERIVED
        self._matter = 0
        self._is_agreeing = False
        self.is_wanted = False
        self.view = WrapUpView()

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state; the end of the call brings the panel, the next call the cards."""
        before, self._state = self._state, state
        is_other = before is None or before.context.call_id != state.context.call_id
        if is_other:
            self._matter, self._is_agreeing = 0, False
        elif before is not None and before.draft is state.draft and before.phase is state.phase and before.ticket_no == state.ticket_no:
            return
        self._tell()
        if self._is_agreeing and not self.view.read_back.unsure:
            self._is_agreeing = False
            self.agreed.emit()
        if state.phase is Phase.WRAP_UP and (is_other or (before is not None and before.phase is not Phase.WRAP_UP)):
            self._want(True)
        elif is_other or state.phase is Phase.IDLE:
            self._want(False)

    @Slot(int, int)
    def show_matter(self, _count: int, matter: int) -> None:
        """The form shows another matter: its term is the one to preview."""
        self._matter = matter
        if self._state is not None:
            self._tell()

    @Slot()
    def toggle(self) -> None:
        """Read back now, or see the cards again."""
        if self._state is not None and self._state.phase not in (Phase.IDLE, Phase.RINGING):
            self._want(not self.is_wanted)

    @Slot()
    def copy(self) -> None:
        """The operator wants to send the text to the citizen."""
        if self.view.read_back.text:
            self.copied.emit(self.view.read_back.text)

    @Slot()
    def agree(self) -> None:
        """The text was read out and the citizen said yes: takes what it holds, nothing else. Only while it is to be seen."""
        if not self.is_wanted or self._state is None or self._state.phase is Phase.SUBMITTED:
            return
        said = self.view.read_back.unsure
        self._is_agreeing = bool(said)
        for matter, name in said:
            self.confirmed.emit(FieldConfirmed(name, matter))

    def _want(self, is_wanted: bool) -> None:
        if is_wanted != self.is_wanted:
            self.is_wanted = is_wanted
            self.wanted.emit(is_wanted)

    def _tell(self) -> None:
        state = self._state
        if state is None:
            return
        lacking, unsure = self._open(state)
        view = WrapUpView(state.phase in (Phase.WRAP_UP, Phase.SUBMITTED), lacking, unsure, read_back(state.draft), self._due(state),
                          state.ticket_no)
        if view != self.view:
            self.view = view
            self.changed.emit(view)

    def _open(self, state: CallState) -> tuple[tuple[Open, ...], tuple[Open, ...]]:
        if state.phase is Phase.IDLE:
            return (), ()
        lacking: list[Open] = []
        needed: list[Open] = []
        further: list[Open] = []
        for matter, held in enumerate(state.draft.matters):
            settle = to_settle(state.draft, self._fields, matter)
            for name in settle:
                if state.draft.get(name, matter).state is FieldState.SUGGESTED:
                    needed.append(self._opened(state, matter, name))
                else:
                    lacking.append(self._opened(state, matter, name))
            further += [self._opened(state, matter, name, is_needed=False) for name, value in held.items()
                        if value.state is FieldState.SUGGESTED and name not in settle and name in self._shown]
        return tuple(lacking), (*needed, *further)

    def _opened(self, state: CallState, matter: int, name: str, is_needed: bool = True) -> Open:
        spec = self._fields.get(name)
        text = shown(spec, state.draft.get(name, matter).value, self._taxonomy) if spec is not None else ""
        return Open(matter, name, self._fields.label(name), text, is_needed)

    def _due(self, state: CallState) -> Due | None:
        tools = self.tools
        kind = state.draft.get("request_type", self._matter).value
        if tools.rules is None or tools.calendar is None or tools.today is None or not isinstance(kind, str) or not kind:
            return None
        today = tools.today()
        term = term_for(tools.rules, kind, today, tools.calendar)
        if not isinstance(term, Term):
            return None
        cards = tuple((Deadline(day, term.due.estimated), light) for day, light in changes(term, today, tools.calendar, signed=True))
        return Due(term.due, term.days, cards)
