"""The open entry: its text, guided flow, rows to copy, relatives in the three tiers, what changed, the operator's note.

What is read keeps its text until the operator wants the newer one: an update only sets a mark. GUI thread only; what stands around
the entry (``EntryContext``) is read elsewhere and handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from app.domain.guide import Walk, walk_of
from app.domain.knowledge import KnowledgeEntry, Status
from app.domain.knowledge_diff import EntryChange, change_of
from app.presenters.cards import Card, UpdateMark, withdrawn
from app.services.knowledge_library import EntryContext

ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1

Index = QModelIndex | QPersistentModelIndex


class DetailKind(StrEnum):
    """What a row tells."""

    MATERIAL = "material"
    PLACE = "place"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class DetailRow:
    """Something to be said or copied: the words, and for a place or a phone what belongs to it in a second line."""

    kind: DetailKind
    text: str
    more: str = ""

    @property
    def whole(self) -> str:
        """What is copied."""
        return f"{self.text} {self.more}".strip()


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """An entry of the three tiers: ``depth`` counts from the document, ``is_here`` is the open one."""

    entry: KnowledgeEntry
    depth: int
    is_here: bool = False


class RowModel(QAbstractListModel):
    """Rows that never change one by one; ``ROW_ROLE`` gives the row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[DetailRow | FamilyRow, ...] = ()

    @property
    def rows(self) -> tuple[DetailRow | FamilyRow, ...]:
        """All rows."""
        return self._rows

    def replace(self, rows: tuple[DetailRow | FamilyRow, ...]) -> None:
        """Take over new rows."""
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The row, or its words."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.whole if isinstance(row, DetailRow) else f"{row.entry.tier.value} {row.entry.title}"
        return None


class EntryPresenter(QObject):
    """Feeds the lower half of the knowledge pane."""

    changed = Signal()
    """Another entry is open, or another text of it."""
    context_changed = Signal()
    """What stands around it is known, or was marked."""
    walk_changed = Signal()
    ticket_note = Signal(str)
    """The path through the guided flow, to be put into the ticket."""
    note_written = Signal(str, str)
    """Entry id and the operator's note."""
    copied = Signal(object)
    """Words of this card went to the clipboard."""
    relative_wanted = Signal(object)
    """An entry of the family is to be opened."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.card: Card | None = None
        self.context: EntryContext | None = None
        self.walk = Walk()
        self.details = RowModel(self)
        self.family = RowModel(self)
        self.note = ""

    @property
    def mark(self) -> UpdateMark:
        """What an update did to the open entry."""
        if self.card is None or self.card.update is UpdateMark.RECALLED or self.context is None:
            return self.card.update if self.card is not None else UpdateMark.NONE
        if self.context.newest is None:
            return UpdateMark.REMOVED
        return UpdateMark.UPDATED if change_of(self.card.entry, self.context.newest).matters else UpdateMark.NONE

    def change(self) -> EntryChange | None:
        """From the text that is read to the newer one where there is one, else from the version before to this; None where unknown."""
        if self.card is None or self.context is None or self.mark is UpdateMark.RECALLED:
            return None
        if self.mark is UpdateMark.UPDATED and self.context.newest is not None:
            return change_of(self.card.entry, self.context.newest)
        return change_of(self.context.former, self.card.entry) if self.context.former is not None else None

    def show(self, card: Card | None) -> None:
        """Open an entry, or none."""
        if card == self.card:
            return
        is_other = card is None or self.card is None or card.entry != self.card.entry
        if card is None or self.card is None or card.entry.id != self.card.entry.id:
            self.context, self.note = None, ""
        self.card = card
        if is_other:
            self._lay_out()
        self.changed.emit()

    def take(self, context: EntryContext) -> None:
        """What stands around the open entry is known."""
        if self.card is None or context.entry_id != self.card.entry.id:
            return
        self.context, self.note = context, context.note
        here = FamilyRow(self.card.entry, len(context.ancestors), True)
        self.family.replace((*(FamilyRow(entry, depth) for depth, entry in enumerate(context.ancestors)), here,
                             *(FamilyRow(entry, here.depth + 1) for entry in context.children)))
        self._borrow_steps(context)
        self.context_changed.emit()

    def _borrow_steps(self, context: EntryContext) -> None:
        """An answer without steps of its own takes those of the nearest entry above it that has some: FAQ cards come up, their
        interpretations hold the guided flow."""
        if self.card is None or self.card.entry.steps or self.card.update is UpdateMark.RECALLED:
            return
        steps = next((entry.steps for entry in reversed(context.ancestors) if entry.steps and entry.status is Status.IN_FORCE), ())
        if steps != self.walk.steps:
            self._walk_to(walk_of(steps))

    def recall(self) -> None:
        """The open entry must not be used any more: its words go at once."""
        if self.card is not None and self.card.update is not UpdateMark.RECALLED:
            self.show(replace(self.card, entry=withdrawn(self.card.entry), update=UpdateMark.RECALLED))

    @Slot()
    def use_newest(self) -> None:
        """The operator wants the newer text; what it changed can still be looked at."""
        if self.card is None or self.context is None or self.context.newest is None or self.mark is not UpdateMark.UPDATED:
            return
        before, newest = self.card.entry, self.context.newest
        self.context = replace(self.context, former=before)
        self.card = replace(self.card, entry=newest, update=UpdateMark.NONE)
        self._lay_out()
        self.changed.emit()
        self.take(self.context)

    @Slot(int)
    def choose(self, place: int) -> None:
        """A choice of the guided flow."""
        self._walk_to(self.walk.choose(place))

    @Slot()
    def back(self) -> None:
        """The question before."""
        self._walk_to(self.walk.back())

    @Slot(int)
    def back_to(self, place: int) -> None:
        """A question of the path again."""
        self._walk_to(self.walk.back_to(place))

    @Slot()
    def put_into_ticket(self) -> None:
        """The path through the flow is worth writing down."""
        if self.card is not None and self.walk.taken:
            self.ticket_note.emit(f"【{self.card.entry.title}】{self.walk.told()}")

    def write_note(self, entry_id: str, text: str) -> None:
        """Keep the operator's own note on an entry, which may be shown no more; "" removes it."""
        if self.card is not None and entry_id == self.card.entry.id:
            self.note = text.strip()
        self.note_written.emit(entry_id, text.strip())

    def note_copied(self) -> None:
        """Words of the entry went to the clipboard."""
        if self.card is not None:
            self.copied.emit(self.card)

    def open_relative(self, row: FamilyRow) -> None:
        """Open another entry of the family."""
        if not row.is_here:
            self.relative_wanted.emit(row.entry)

    def _walk_to(self, walk: Walk) -> None:
        if walk != self.walk:
            self.walk = walk
            self.walk_changed.emit()

    def _lay_out(self) -> None:
        entry = self.card.entry if self.card is not None else None
        self.walk = walk_of(entry.steps) if entry is not None else Walk()
        self.details.replace(_details(entry) if entry is not None else ())
        if self.context is None:
            self.family.replace(())
        self.walk_changed.emit()


def _details(entry: KnowledgeEntry) -> tuple[DetailRow, ...]:
    places = (DetailRow(DetailKind.PLACE, place.name, " ".join(filter(None, (place.address, place.hours, place.phone))))
              for place in entry.places)
    return (*(DetailRow(DetailKind.MATERIAL, text) for text in entry.materials), *places,
            *(DetailRow(DetailKind.PHONE, phone.number, phone.label) for phone in entry.phones))
