"""The ticket form: one row a field with value, state, evidence and options; the operator's acts as intents.

Widgets draw ``FieldView`` values and call the intent methods; the answer comes back as a new state through the bridge,
never by a short cut, so the screen shows what the call thread holds. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from app.domain.call import (
    CallEvent,
    CallState,
    FieldConfirmed,
    FieldEdited,
    FieldReleased,
    MatterAdded,
    MatterDropped,
    NoticeRaised,
    Phase,
)
from app.domain.catalogue import FieldKind, FieldSpec, FieldTable, Item, Taxonomy
from app.domain.completeness import is_needed, to_ask, to_settle
from app.domain.ticket import Evidence, FieldState, TicketDraft, Value
from app.presenters.field_values import ITEM_FIELD, NO, YES, Typed, shown, typed
from app.presenters.form_layout import Section, form_slots
from app.presenters.item_search import ItemSearch
from app.presenters.item_tree import ItemRow, row_of

VIEW_ROLE = int(Qt.ItemDataRole.UserRole) + 1

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose. ``confidence`` is None for a plain choice of the table, else recognition's own."""

    text: str
    value: Value
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class FieldView:
    """All that a field's editor draws.

    Attributes:
        spec: row of the field table.
        section: block of the form.
        wide: takes the full width.
        text: the value as shown.
        state: see FieldState.
        confidence: recognition's, 0 to 1.
        evidence: where it was said.
        options: values to choose: a choice's in the table's order, else recognition's alternatives, best first.
        is_strict: only options (or what stands for one) may be typed.
        needed: the ticket must have it as things stand.
        inherited: text of the first matter, where a further matter has none of its own.
        locked: the ticket is submitted.
        reasons: why recognition put it there, in words.
    """

    spec: FieldSpec
    section: Section
    wide: bool = False
    text: str = ""
    state: FieldState = FieldState.EMPTY
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    options: tuple[Option, ...] = ()
    is_strict: bool = False
    needed: bool = False
    inherited: str = ""
    locked: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemProposals:
    """The item that stands in the field, why, and what else recognition thinks of."""

    current: Item | None = None
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()
    others: tuple[tuple[Item, float], ...] = ()


class FieldModel(QAbstractListModel):
    """One row a field of the form; ``VIEW_ROLE`` gives its ``FieldView``. Rows never come or go."""

    def __init__(self, views: list[FieldView], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views = views

    @property
    def views(self) -> tuple[FieldView, ...]:
        """All rows."""
        return tuple(self._views)

    def replace(self, views: list[FieldView]) -> None:
        """Take over new rows of the same fields; only those that differ are told."""
        for number, view in enumerate(views):
            if view != self._views[number]:
                self._views[number] = view
                index = self.index(number)
                self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index | None = None) -> int:
        """Fields of the form."""
        return 0 if parent is not None and parent.isValid() else len(self._views)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The view, or its text."""
        if not index.isValid():
            return None
        view = self._views[index.row()]
        if role == VIEW_ROLE:
            return view
        if role == Qt.ItemDataRole.DisplayRole:
            return view.text
        return None


class TicketPresenter(QObject):
    """Feeds the ticket form and turns the operator's acts into events.

    Args:
        intents: takes events; returns at once, any thread.
        taxonomy: the item tree.
        fields: the field table.
    """

    matters_changed = Signal(int, int)
    """How many matters there are, and which one is shown."""
    asks_changed = Signal(object)
    """Names and labels of the fields to ask for: ``tuple[tuple[str, str], ...]``."""
    matter_opened = Signal()
    """The matter that the operator asked for is there and shown."""
    call_changed = Signal()
    """Another call: what was typed for the one before must not reach it."""
    evidence_asked = Signal(object)
    """Evidence of the focused field, for the conversation."""
    focus_changed = Signal(str)
    """Name of the field that has the cursor, "" for none."""

    def __init__(self, intents: Callable[[CallEvent], None], taxonomy: Taxonomy, fields: FieldTable,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._intents = intents
        self._taxonomy = self.taxonomy = taxonomy
        self._search = ItemSearch(taxonomy)
        self._fields = fields
        self._slots = form_slots(fields)
        self._state: CallState | None = None
        self._matter = 0
        self._matters = 1
        self._is_adding = False
        self._dropping: tuple[int, TicketDraft] | None = None
        self._asks: tuple[tuple[str, str], ...] = ()
        self._focused = ""
        self._shown_evidence: tuple[Evidence, ...] = ()
        self.model = FieldModel(self._views(TicketDraft(), locked=False), self)

    @property
    def matter(self) -> int:
        """The matter on the screen, from 0."""
        return self._matter

    @property
    def asks(self) -> tuple[tuple[str, str], ...]:
        """Name and label of each field to ask for."""
        return self._asks

    def to_settle(self) -> tuple[tuple[int, str], ...]:
        """Matter and name of each needed field that is empty or only suggested."""
        if self._state is None:
            return ()
        draft = self._state.draft
        return tuple((matter, name) for matter in range(len(draft.matters))
                     for name in to_settle(draft, self._fields, matter))

    def open_elsewhere(self) -> tuple[int, str] | None:
        """A field of another matter that is needed and not settled, the next matter's first; None where there is none."""
        found = [(matter, name) for matter, name in self.to_settle() if matter != self._matter]
        return min(found, key=lambda each: (each[0] < self._matter, each[0]), default=None)

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        before = self._state
        self._state = state
        if before is not None and before.context.call_id != state.context.call_id:
            self._matter, self._is_adding = 0, False
            self.call_changed.emit()
        if before is not None and before.draft is state.draft and before.phase is state.phase:
            return
        count = max(1, len(state.draft.matters))
        is_opened = self._is_adding and count > self._matters
        self._matter = count - 1 if is_opened else min(self._matter, count - 1)
        self._redraw()
        if count != self._matters:
            self._matters = count
            self.matters_changed.emit(count, self._matter)
        if is_opened:
            self._is_adding = False
            self.matter_opened.emit()

    @Slot(int)
    def show_matter(self, matter: int) -> None:
        """The operator turned to another matter."""
        if 0 <= matter < self._matters and matter != self._matter:
            self._matter = matter
            self._redraw()
            self.matters_changed.emit(self._matters, matter)

    @property
    def can_add_matter(self) -> bool:
        """Whether there is a ticket that is not submitted."""
        return self._state is not None and self._state.phase not in (Phase.IDLE, Phase.SUBMITTED)

    @Slot()
    def add_matter(self) -> None:
        """The operator wants a further matter: it is shown as soon as it is there."""
        if self.can_add_matter:
            self._is_adding = True
            self._intents(MatterAdded())

    @Slot()
    def drop_matter(self) -> None:
        """Throw away the matter that is shown; what holds something is asked about first and goes at the second press."""
        if self._state is None or not self._matter or not self.can_add_matter:
            return
        draft = self._state.draft
        is_asked = self._dropping is not None and self._dropping[0] == self._matter and self._dropping[1] is draft
        if is_asked or not any(held.value is not None for held in draft.matters[self._matter].values()):
            self._dropping = None
            self._intents(MatterDropped(self._matter))
        else:
            self._dropping = (self._matter, draft)
            self._intents(NoticeRaised("desk.drop_matter_again", {"number": self._matter + 1}))

    def type_into(self, name: str, text: str) -> str | None:
        """The operator wrote ``text``; gives the value as shown, or None (and sends nothing) where it is no value."""
        spec = self._fields.get(name)
        if spec is None:
            return None
        meant = typed(spec, text, self._taxonomy)
        if not meant.is_valid and name == ITEM_FIELD:
            hits = self._search.find(text, most=2)  # initials or a saying that only one item fits
            meant = Typed(hits[0].code) if len(hits) == 1 else meant
        if not meant.is_valid:
            return None
        self._intents(FieldEdited(name, meant.value, self._matter))
        return shown(spec, meant.value, self._taxonomy)

    def tell_no_value(self, label: str) -> None:
        """The operator wanted to go on, but what stands in a field is none of its values."""
        self._intents(NoticeRaised("desk.no_value", {"label": label}))

    def choose(self, name: str, option: Option) -> None:
        """The operator chose a value: it counts as the operator's own."""
        self._intents(FieldEdited(name, option.value, self._matter))

    def take(self, name: str) -> bool:
        """The operator takes what stands in the field; False where nothing stands there."""
        if self._state is None or self._state.draft.get(name, self._matter).value is None:
            return False
        self._intents(FieldConfirmed(name, self._matter))
        return True

    def item_rows(self, text: str) -> tuple[ItemRow, ...]:
        """Items that fit what was typed, best first, with who handles them."""
        return tuple(row_of(item) for item in self._search.find(text))

    def item_proposals(self) -> ItemProposals:
        """What stands in the item field of the matter on the screen, and recognition's other ideas."""
        if self._state is None:
            return ItemProposals()
        held = self._state.draft.get(ITEM_FIELD, self._matter)
        others = ((self._taxonomy.get(str(c.value)), c.confidence) for c in held.alternatives)
        return ItemProposals(self._taxonomy.get(str(held.value)), held.confidence, held.reasons,
                             tuple((item, confidence) for item, confidence in others if item is not None))

    def choose_item(self, code: str) -> None:
        """The operator chose an item of the tree."""
        self._intents(FieldEdited(ITEM_FIELD, code, self._matter))

    def clear(self, name: str) -> None:
        """The operator empties the field; recognition will not fill it again."""
        self._intents(FieldEdited(name, None, self._matter))

    def give_back(self, name: str) -> None:
        """The operator gives the field back to recognition."""
        self._intents(FieldReleased(name, self._matter))

    def focus(self, name: str) -> None:
        """The field has the focus ("" for none): its evidence lights up."""
        self._focused = name
        self._show_evidence()
        self.focus_changed.emit(name)

    def _redraw(self) -> None:
        if self._state is None:
            return
        draft = self._state.draft
        self.model.replace(self._views(draft, locked=self._state.phase is Phase.SUBMITTED))
        asks = tuple((name, self._fields.label(name)) for name in to_ask(draft, self._fields, self._matter))
        if asks != self._asks:
            self._asks = asks
            self.asks_changed.emit(asks)
        if self._focused:
            self._show_evidence()

    def _show_evidence(self) -> None:
        held = self._state.draft.get(self._focused, self._matter) if self._state and self._focused else None
        evidence = held.evidence if held is not None else ()
        if evidence != self._shown_evidence:
            self._shown_evidence = evidence
            self.evidence_asked.emit(evidence)

    def _views(self, draft: TicketDraft, locked: bool) -> list[FieldView]:
        views: list[FieldView] = []
        for slot in self._slots:
            spec = self._fields.get(slot.name)
            if spec is None:
                continue
            held = draft.get(spec.name, self._matter)
            inherited = draft.get(spec.name, 0).value if self._matter and held.value is None else None
            views.append(FieldView(
                spec=spec, section=slot.section, wide=slot.wide,
                text=shown(spec, held.value, self._taxonomy), state=held.state, confidence=held.confidence,
                evidence=held.evidence, options=self._options(spec, draft),
                is_strict=spec.name == ITEM_FIELD or spec.kind in (FieldKind.CHOICE, FieldKind.FLAG),
                needed=is_needed(draft, self._fields, spec.name, self._matter),
                inherited=shown(spec, inherited, self._taxonomy), locked=locked, reasons=held.reasons,
            ))
        return views

    def _options(self, spec: FieldSpec, draft: TicketDraft) -> tuple[Option, ...]:
        held = draft.get(spec.name, self._matter)
        ranked = tuple(Option(shown(spec, c.value, self._taxonomy), c.value, c.confidence) for c in held.alternatives)
        if spec.kind is FieldKind.FLAG:
            return _marked((Option(YES, True), Option(NO, False)), ranked)
        if spec.kind is FieldKind.CHOICE:
            return _marked(tuple(Option(choice, choice) for choice in spec.choices), ranked)
        return ranked


def _marked(choices: tuple[Option, ...], ranked: tuple[Option, ...]) -> tuple[Option, ...]:
    """Choices in the table's order, because their numbers are typed; recognition's confidence beside its alternatives."""
    confidence = {option.text: option.confidence for option in ranked}
    return tuple(replace(choice, confidence=confidence.get(choice.text)) for choice in choices)
