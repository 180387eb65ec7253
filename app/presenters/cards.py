"""A knowledge entry as card and list show it, and the list model of such cards. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.assist import AssistOrigin
from app.domain.knowledge import KnowledgeEntry, Ranked, Status

SAMPLE_MARK = "示例"
CARD_ROLE = int(Qt.ItemDataRole.UserRole) + 1

Index = QModelIndex | QPersistentModelIndex


class Validity(StrEnum):
    """Whether an entry holds on the day of the call."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    UNSTATED = "unstated"


class UpdateMark(StrEnum):
    """What an update did to an entry that is on the desk. The call keeps its text; only a recalled one loses it at once."""

    NONE = "none"
    UPDATED = "updated"
    REMOVED = "removed"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Card:
    """An entry as a card shows it.

    ``matched`` are the words it was found by, ``moved_by`` what its use at this centre did to its place, ``origin`` how it came,
    ``update`` what an update did to it meanwhile.
    """

    entry: KnowledgeEntry
    score: float
    matched: tuple[str, ...]
    is_sample: bool
    validity: Validity
    moved_by: float = 0.0
    origin: AssistOrigin = AssistOrigin.PUSH
    update: UpdateMark = UpdateMark.NONE


def card_of(ranked: Ranked, day: str, origin: AssistOrigin, update: UpdateMark = UpdateMark.NONE) -> Card:
    """The card of a result.

    Args:
        ranked: the result.
        day: ISO date of the call, "" where there is none.
        origin: how it came.
        update: what an update did to it.
    """
    entry = ranked.entry
    is_sample = any(SAMPLE_MARK in text for text in (entry.source, entry.unit, *entry.tags))
    shown = withdrawn(entry) if update is UpdateMark.RECALLED else entry
    return Card(shown, ranked.score, ranked.matched, is_sample, validity_of(entry, day), ranked.moved_by, origin, update)


def withdrawn(entry: KnowledgeEntry) -> KnowledgeEntry:
    """An entry that must not be used any more: all that could be read out is taken away."""
    return replace(entry, speakable="", answer="", sections=(), steps=(), materials=(), places=(), phones=(), status=Status.WITHDRAWN)


def validity_of(entry: KnowledgeEntry, day: str) -> Validity:
    """Whether ``entry`` holds on ``day`` (ISO date, "" asks nothing)."""
    if not entry.valid_from and not entry.valid_to:
        return Validity.UNSTATED
    if entry.valid_to and day and entry.valid_to[:10] < day:
        return Validity.EXPIRED
    if entry.valid_from and day and entry.valid_from[:10] > day:
        return Validity.NOT_YET
    return Validity.VALID


class CardModel(QAbstractListModel):
    """Cards, best first; ``CARD_ROLE`` gives the ``Card``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[Card, ...] = ()

    @property
    def cards(self) -> tuple[Card, ...]:
        """All rows."""
        return self._cards

    def replace(self, cards: tuple[Card, ...]) -> bool:
        """Take over new cards; False where they are the ones shown already."""
        if cards == self._cards:
            return False
        if [card.entry.id for card in cards] == [card.entry.id for card in self._cards]:
            self._cards = cards
            self.dataChanged.emit(self.index(0), self.index(len(cards) - 1))
            return True
        self.beginResetModel()
        self._cards = cards
        self.endResetModel()
        return True

    def rowCount(self, parent: Index | None = None) -> int:
        """Cards."""
        return 0 if parent is not None and parent.isValid() else len(self._cards)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The card, or its title."""
        if not index.isValid():
            return None
        card = self._cards[index.row()]
        if role == CARD_ROLE:
            return card
        if role == Qt.ItemDataRole.DisplayRole:
            return card.entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{card.entry.title}。{card.entry.speakable}"
        return None
