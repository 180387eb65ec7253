"""Knowledge on the desk: the cards of the newest push, everything pushed in this call, and the operator's own search.

The search runs on its own worker thread ("kb-search", always the same one, so it may own a database connection); one
query is under way at most and the newest waiting one wins. Results come back through a queued signal and are dropped
when the operator typed on meanwhile. All else runs on the GUI thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal, Slot

from app.domain.assist import AssistAct, AssistOrigin
from app.domain.call import CallState
from app.domain.errors import AppError
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Ranked
from app.platform.worker_thread import WorkerThread

CARDS = 3
RESULTS = 20
TYPING_PAUSE_MS = 60
SAMPLE_MARK = "示例"
CARD_ROLE = int(Qt.ItemDataRole.UserRole) + 1

Index = QModelIndex | QPersistentModelIndex
Search = Callable[[KnowledgeQuery], tuple[Ranked, ...]]


class Validity(StrEnum):
    """Whether an entry holds on the day of the call."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    UNSTATED = "unstated"


@dataclass(frozen=True, slots=True)
class Card:
    """An entry as a card shows it.

    ``matched`` are the words it was found by, ``moved_by`` what its use at this centre did to its place, ``origin`` how it came.
    """

    entry: KnowledgeEntry
    score: float
    matched: tuple[str, ...]
    is_sample: bool
    validity: Validity
    moved_by: float = 0.0
    origin: AssistOrigin = AssistOrigin.PUSH


class Order(StrEnum):
    """How the list of results stands."""

    BEST = "best"
    UPDATED = "updated"
    HEAT = "heat"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the worker gives back: results, or the key of what went wrong."""

    number: int
    ranked: tuple[Ranked, ...] = ()
    error_key: str = ""


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


class KnowledgePresenter(QObject):
    """Feeds the cards and the knowledge panel.

    Args:
        search: ranked entries for a query; called on the thread "kb-search" only.
    """

    results_changed = Signal(object)
    """Text that was searched for ("" : the list shows what was pushed)."""
    search_failed = Signal(str)
    """Message key."""
    card_opened = Signal(object)
    call_changed = Signal()
    """Another call: what was opened is of no interest any more."""
    _answered = Signal(object)

    noted = Signal(object, object, object)
    """Act, entry, origin: to be recorded (``app.services.knowledge_use``)."""
    favourite_changed = Signal(str, bool)
    judged = Signal(object, object)
    """Act and card: the operator's verdict was taken."""
    held_changed = Signal(bool)
    """Newer cards wait until the pointer or the focus leaves the ones shown."""
    quiet_requested = Signal(bool)
    quiet_changed = Signal(bool)

    def __init__(self, search: Search, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search = search
        self._is_held = self._is_quiet = False
        self._order, self._tier = Order.BEST, ""
        self._shown: tuple[Card, ...] = ()
        self.heat: Mapping[str, float] = {}
        self.favourites: tuple[str, ...] = ()
        self.cards = CardModel(self)
        self.results = CardModel(self)
        self._pushed: tuple[Card, ...] = ()
        self._call_id = ""
        self._pushes = 0
        self._day = ""
        self._items: tuple[str, ...] = ()
        self._text = ""
        self._number = 0
        self._under_way = False
        self._worker: WorkerThread[tuple[int, KnowledgeQuery]] = WorkerThread(
            "kb-search", self._run, capacity=2, on_failure=self._on_worker_failed)
        self._is_started = False
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._ask)
        self._answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        new_call = state.context.call_id != self._call_id
        if state.is_quiet != self._is_quiet:
            self._is_quiet = state.is_quiet
            self.quiet_changed.emit(self._is_quiet)
        item = state.draft.get("item_code").value
        self._items = (item,) if isinstance(item, str) and item else ()
        if not new_call and len(state.pushes) == self._pushes:
            return
        self._call_id, self._pushes, self._day = state.context.call_id, len(state.pushes), state.context.call_time[:10]
        seen: dict[str, Card] = {}
        for push in reversed(state.pushes):
            for ranked in push.ranked:
                seen.setdefault(ranked.entry.id, self._card(ranked))
        self._pushed = tuple(seen.values())
        # The newest push stands first; what it leaves free keeps the answers before it.
        if new_call or not self._is_held:
            self.cards.replace(self._pushed[:CARDS])
        elif self._pushed[:CARDS] != self.cards.cards:
            self.held_changed.emit(True)
        if new_call:
            self.call_changed.emit()
        if not self._text:
            self._show_pushed()

    @Slot(str)
    def type_query(self, text: str) -> None:
        """The operator typed into the search box; searched after a short pause."""
        self._text = text.strip()
        self._number += 1
        if self._text:
            self._typing.start()
        else:
            self._typing.stop()
            self._show_pushed()

    @Slot()
    def search_now(self) -> None:
        """The operator does not want to wait for the pause."""
        if self._text:
            self._ask()

    def hold_cards(self, held: bool) -> None:
        """While the pointer or the focus is on a card nothing moves under it; what is newer comes when it leaves."""
        self._is_held = held
        if not held:
            self.cards.replace(self._pushed[:CARDS])
            self.held_changed.emit(False)

    @Slot()
    def toggle_quiet(self) -> None:
        """No further cards in this call, or cards again."""
        self.quiet_requested.emit(not self._is_quiet)

    def order_by(self, order: Order, tier: str = "") -> None:
        """Sort the list, and show one tier only ("" for all)."""
        self._order, self._tier = order, tier
        self._arrange()

    def judge(self, act: AssistAct, card: Card) -> None:
        """The operator's verdict by one key."""
        self.noted.emit(act, card.entry, card.origin)
        self.judged.emit(act, card)

    def copied(self, card: Card) -> None:
        """Words of the answer went to the clipboard."""
        self.noted.emit(AssistAct.COPIED, card.entry, card.origin)

    def toggle_favourite(self, card: Card) -> bool:
        """Mark or unmark; True where it is one now."""
        key = card.entry.id
        wanted = key not in self.favourites
        self.favourites = (key, *self.favourites) if wanted else tuple(other for other in self.favourites if other != key)
        self.favourite_changed.emit(key, wanted)
        return wanted

    def open(self, card: Card) -> None:
        """Show the full answer of a card."""
        self.noted.emit(AssistAct.OPENED, card.entry, card.origin)
        self.card_opened.emit(card)

    def open_card(self, number: int) -> bool:
        """Show the full answer of the n-th card beside the call controls; False where there is none."""
        if not 0 <= number < len(self.cards.cards):
            return False
        self.open(self.cards.cards[number])
        return True

    def close(self) -> None:
        """End the search thread; safe to call twice."""
        self._typing.stop()
        self._number += 1
        if self._is_started:
            self._worker.stop()

    @Slot()
    def _ask(self) -> None:
        self._typing.stop()
        if self._under_way:
            return  # asked again from _on_answered, with the newest text
        if not self._is_started:
            self._worker.start()
            self._is_started = True
        self._under_way = True
        self._worker.post((self._number, KnowledgeQuery(self._text, item_codes=self._items, limit=RESULTS, is_typed=True)))

    def _run(self, asked: tuple[int, KnowledgeQuery]) -> None:
        number, query = asked
        try:
            answer = _Answer(number, self._search(query))
        except AppError as error:
            answer = _Answer(number, error_key=error.key)
        self._answered.emit(answer)

    def _on_worker_failed(self, error: BaseException) -> None:
        """On the search thread, which ends: the bug goes to the log, the operator is told."""
        threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread())))
        self._answered.emit(_Answer(self._number, error_key="desk.search_broken"))

    @Slot(object)
    def _on_answered(self, answer: _Answer) -> None:
        self._under_way = False
        if answer.number != self._number:
            if self._text and not self._typing.isActive():
                self._ask()
            return
        if answer.error_key:
            self.search_failed.emit(answer.error_key)
            return
        self._shown = tuple(self._card(ranked, AssistOrigin.SEARCH) for ranked in answer.ranked)
        self._arrange()

    def _show_pushed(self) -> None:
        self._shown = self._pushed
        self._arrange()

    def _arrange(self) -> None:
        """The list in the wanted order; equal ones keep the order of the search."""
        kept = [card for card in self._shown if not self._tier or card.entry.tier == self._tier]
        if self._order is Order.NAME:
            kept.sort(key=lambda card: card.entry.title)
        elif self._order is Order.UPDATED:
            kept.sort(key=lambda card: (card.entry.valid_from, card.entry.version), reverse=True)
        elif self._order is Order.HEAT:
            kept.sort(key=lambda card: -self.heat.get(card.entry.id, 0.0))
        self.results.replace(tuple(kept))
        self.results_changed.emit(self._text)

    def _card(self, ranked: Ranked, origin: AssistOrigin = AssistOrigin.PUSH) -> Card:
        entry = ranked.entry
        is_sample = any(SAMPLE_MARK in text for text in (entry.source, entry.unit, *entry.tags))
        return Card(entry, ranked.score, ranked.matched, is_sample, _validity(entry, self._day), ranked.moved_by, origin)


def _validity(entry: KnowledgeEntry, day: str) -> Validity:
    if not entry.valid_from and not entry.valid_to:
        return Validity.UNSTATED
    if entry.valid_to and day and entry.valid_to[:10] < day:
        return Validity.EXPIRED
    if entry.valid_from and day and entry.valid_from[:10] > day:
        return Validity.NOT_YET
    return Validity.VALID
