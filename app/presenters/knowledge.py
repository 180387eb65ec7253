"""Knowledge on the desk: cards of the newest push, lists (this call, favourites, recent), and the operator's own search.

Nothing moves under the pointer or the focus: while somebody points at cards or list, newer ones wait and are only counted; so do
cards that the call holds back while the operator speaks. Searching runs on the thread "kb-search"
(``app.presenters.knowledge_reader``); ``tell_news`` and ``tell_age`` may be called from any thread; all else is for the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from PySide6.QtCore import QCollator, QLocale, QObject, Qt, QTimer, Signal, Slot

from app.domain.assist import AssistAct, AssistOrigin
from app.domain.call import CallState
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Push, Ranked
from app.domain.knowledge_update import KnowledgeAge, UpdateNews
from app.presenters.cards import Card, CardModel, UpdateMark, card_of, withdrawn
from app.presenters.knowledge_entry import EntryPresenter
from app.presenters.knowledge_reader import Kind, KnowledgeReader
from app.services.knowledge_library import EntryContext, KnowledgeLibrary

CARDS = 3
RESULTS = 20
RECENT = 20
TYPING_PAUSE_MS = 60

Search = Callable[[KnowledgeQuery], tuple[Ranked, ...]]


class Order(StrEnum):
    """How the list of results stands."""

    BEST = "best"
    UPDATED = "updated"
    HEAT = "heat"
    NAME = "name"


class Shelf(StrEnum):
    """What the list shows while nothing is searched for."""

    CALL = "call"
    FAVOURITES = "favourites"
    RECENT = "recent"


class KnowledgePresenter(QObject):
    """Feeds the cards and the knowledge panel.

    Args:
        search: ranked entries for a query; called on the thread "kb-search" only. A ``KnowledgeLibrary`` also tells what stands
            around an open entry and finds favourites.
    """

    results_changed = Signal(object)
    """Text that was searched for ("" : the list shows a shelf)."""
    search_failed = Signal(str)
    """Message key."""
    card_opened = Signal(object)
    call_changed = Signal()
    """Another call: what was opened is of no interest any more."""
    noted = Signal(object, object, object)
    """Act, entry, origin: to be recorded (``app.services.knowledge_use``)."""
    favourite_changed = Signal(str, bool)
    judged = Signal(object, object)
    """Act and card: the operator's verdict was taken."""
    waiting_changed = Signal(int)
    """So many newer cards wait: until the pointer or the focus leaves the ones shown, or the operator is done speaking."""
    dismissed = Signal(str)
    """Entry of a card that the operator waved away."""
    quiet_requested = Signal(bool)
    quiet_changed = Signal(bool)
    shelf_changed = Signal()
    age_changed = Signal()
    _news_came = Signal(object)
    _age_came = Signal(object)

    def __init__(self, search: Search, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search = search
        self._library = search if isinstance(search, KnowledgeLibrary) else None
        self._are_cards_held = self._is_list_held = self._is_quiet = False
        self.order, self.tier, self.shelf = Order.BEST, "", Shelf.CALL
        self._collator = QCollator(QLocale(QLocale.Language.Chinese))
        self._shown: tuple[Card, ...] = ()
        self.heat: Mapping[str, float] = {}
        self.favourites: tuple[str, ...] = ()
        self.recent: tuple[str, ...] = ()
        self.age, self.base_version = KnowledgeAge(), ""
        self.waiting = 0
        self.cards, self.results = CardModel(self), CardModel(self)
        self.entry = EntryPresenter(self)
        self._pushes: tuple[Push, ...] = ()
        self._held: Push | None = None
        self._early: tuple[Ranked, ...] = ()
        self._pushed: tuple[Card, ...] = ()
        self._waved: set[str] = set()
        self._news: dict[str, UpdateMark] = {}
        self._call_id = self._day = self._text = ""
        self._items: tuple[str, ...] = ()
        self._reader = KnowledgeReader(self)
        self._reader.answered.connect(self._on_answered)
        self._reader.failed.connect(self._on_failed)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._ask)
        self._news_came.connect(self._on_news, Qt.ConnectionType.QueuedConnection)
        self._age_came.connect(self._on_age, Qt.ConnectionType.QueuedConnection)
        self.entry.copied.connect(self.copied)
        self.entry.relative_wanted.connect(self._open_relative)

    # ------------------------------------------------------------------ the call

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        new_call = state.context.call_id != self._call_id
        if state.is_quiet != self._is_quiet:
            self._is_quiet = state.is_quiet
            self.quiet_changed.emit(self._is_quiet)
        item = state.draft.get("item_code").value
        self._items = (item,) if isinstance(item, str) and item else ()
        if not new_call and len(state.pushes) == len(self._pushes) and state.waiting is self._held:
            return
        if new_call:
            self._news, self._early = {}, ()
            self._waved = set()
            if self.shelf is not Shelf.CALL:
                self.shelf = Shelf.CALL
                self.shelf_changed.emit()
        self._call_id, self._day = state.context.call_id, state.context.call_time[:10]
        self._pushes, self._held = state.pushes, state.waiting
        self._refresh(forced=new_call)
        if new_call:
            self.call_changed.emit()

    @Slot()
    def show_waiting(self) -> None:
        """The operator wants to see what waits now."""
        if self._held is not None:
            shown = {card.entry.id for card in self._pushed}
            early = tuple(ranked for ranked in self._held.ranked if ranked.entry.id not in shown)
            self._early = (*early, *self._early)
            for ranked in early:
                self.noted.emit(AssistAct.SHOWN, ranked.entry, AssistOrigin.PUSH)
        self._refresh(forced=True)

    def hold_cards(self, held: bool) -> None:
        """While the pointer or the focus is on a card nothing moves under it; what is newer comes when it leaves."""
        if held != self._are_cards_held:
            self._are_cards_held = held
            self._refresh()

    def hold_list(self, held: bool) -> None:
        """The same for the list of what was pushed."""
        if held != self._is_list_held:
            self._is_list_held = held
            self._refresh()

    @Slot()
    def toggle_quiet(self) -> None:
        """No further cards in this call, or cards again."""
        self.quiet_requested.emit(not self._is_quiet)

    def open_card(self, number: int) -> bool:
        """Show the full answer of the n-th card beside the call controls; False where there is none."""
        if not 0 <= number < len(self.cards.cards):
            return False
        self.open(self.cards.cards[number])
        return True

    def dismiss(self, number: int) -> bool:
        """Wave the n-th card away: its place goes to the next one, the list keeps it; False where there is none."""
        if not 0 <= number < len(self.cards.cards):
            return False
        key = self.cards.cards[number].entry.id
        self._waved.add(key)
        self.dismissed.emit(key)
        left = [card for card in self.cards.cards if card.entry.id != key]
        shown = {card.entry.id for card in left}
        late = [card for card in self._best() if card.entry.id not in shown]
        self.cards.replace((*left, *late)[:CARDS])
        self._count_waiting()
        return True

    def _best(self) -> tuple[Card, ...]:
        """What the places for cards hold: the newest that were not waved away."""
        return tuple(card for card in self._pushed if card.entry.id not in self._waved)[:CARDS]

    def _refresh(self, forced: bool = False) -> None:
        """Cards and list by what was pushed; what is pointed at stays and what would have come is counted."""
        seen: dict[str, Card] = {}
        # The newest push stands first; what it leaves free keeps the answers before it.
        for ranked in (*self._early, *(ranked for push in reversed(self._pushes) for ranked in push.ranked)):
            key = ranked.entry.id
            seen.setdefault(key, card_of(ranked, self._day, AssistOrigin.PUSH, self._news.get(key, UpdateMark.NONE)))
        self._pushed = tuple(seen.values())
        if forced or not self._are_cards_held:
            self.cards.replace(self._best())
        else:  # marks may come under the pointer: they move nothing
            self.cards.replace(tuple(seen[card.entry.id] for card in self.cards.cards if card.entry.id in seen))
        if not self._text and self.shelf is Shelf.CALL:
            if forced or not self._is_list_held:
                self._shown = self._pushed
            else:
                self._shown = tuple(seen[card.entry.id] for card in self._shown if card.entry.id in seen)
            self._arrange()
        self._count_waiting()

    def _count_waiting(self) -> None:
        shown = {card.entry.id for card in self.cards.cards}
        late = {card.entry.id for card in self._best()} - shown if self._are_cards_held else set()
        known = {card.entry.id for card in self._pushed}
        held = {ranked.entry.id for ranked in self._held.ranked} - known if self._held is not None else set()
        waiting = len(late | held)
        if waiting != self.waiting:
            self.waiting = waiting
            self.waiting_changed.emit(waiting)

    # ------------------------------------------------------------------ lists and search

    @Slot(str)
    def type_query(self, text: str) -> None:
        """The operator typed into the search box; searched after a short pause."""
        self._text = text.strip()
        self._reader.forget(Kind.SEARCH)
        if self._text:
            self._typing.start()
        else:
            self._typing.stop()
            self._show_shelf()

    @Slot()
    def search_now(self) -> None:
        """The operator does not want to wait for the pause."""
        if self._text:
            self._ask()

    def turn_to(self, shelf: Shelf) -> None:
        """Show another list; a search that stands in the box gives way."""
        self.shelf = shelf
        self._text = ""
        self._typing.stop()
        self._reader.forget(Kind.SEARCH)
        self._show_shelf()
        self.shelf_changed.emit()

    def order_by(self, order: Order, tier: str = "") -> None:
        """Sort the list, and show one tier only ("" for all)."""
        self.order, self.tier = order, tier
        self._arrange()

    def _ask(self) -> None:
        self._typing.stop()
        query = KnowledgeQuery(self._text, item_codes=self._items, limit=RESULTS, is_typed=True)
        self._reader.ask(Kind.SEARCH, lambda: self._search(query))

    def _show_shelf(self) -> None:
        """The list of the shelf; favourites and recent ones are read first."""
        self._reader.forget(Kind.LIST)
        ids = {Shelf.FAVOURITES: self.favourites, Shelf.RECENT: self.recent}.get(self.shelf, ())
        self._shown = self._pushed if self.shelf is Shelf.CALL else ()
        library = self._library
        if ids and library is not None:
            self._reader.ask(Kind.LIST, lambda: library.entries(ids))
        else:
            self._arrange()

    def _arrange(self) -> None:
        """The list in the wanted order; equal ones keep the order of the search."""
        kept = [card for card in self._shown if not self.tier or card.entry.tier == self.tier]
        if self.order is Order.NAME:
            kept.sort(key=lambda card: self._collator.sortKey(card.entry.title))
        elif self.order is Order.UPDATED:
            kept.sort(key=lambda card: (card.entry.updated or card.entry.valid_from, card.entry.version), reverse=True)
        elif self.order is Order.HEAT:
            kept.sort(key=lambda card: (-self.heat.get(card.entry.id, 0.0), -card.entry.heat))
        self.results.replace(tuple(kept))
        self.results_changed.emit(self._text)

    @Slot(object, object)
    def _on_answered(self, kind: Kind, value: object) -> None:
        if isinstance(value, EntryContext):
            self.entry.take(value)
        elif isinstance(value, tuple):
            origin = AssistOrigin.SEARCH if kind is Kind.SEARCH else AssistOrigin.BROWSE
            self._shown = tuple(self._plain_card(found, origin) for found in value)
            self._arrange()

    @Slot(object, str)
    def _on_failed(self, _kind: Kind, key: str) -> None:
        self.search_failed.emit(key)

    # ------------------------------------------------------------------ the open entry

    def open(self, card: Card) -> None:
        """Show the full answer of a card."""
        key = card.entry.id
        self.noted.emit(AssistAct.OPENED, card.entry, card.origin)
        self.recent = (key, *(other for other in self.recent if other != key))[:RECENT]
        self.preview(card)
        self.card_opened.emit(card)

    def preview(self, card: Card | None) -> None:
        """Have a card's answer lie ready; nobody asked for it, so it is not recorded."""
        self.entry.show(card)
        self._look_around()

    @Slot(object)
    def _open_relative(self, entry: KnowledgeEntry) -> None:
        self.open(self._plain_card(entry, AssistOrigin.BROWSE))

    def _plain_card(self, found: KnowledgeEntry | Ranked, origin: AssistOrigin) -> Card:
        return card_of(found if isinstance(found, Ranked) else Ranked(found, 0.0), self._day, origin)

    def _look_around(self) -> None:
        """Ask what stands around the open entry."""
        card, library = self.entry.card, self._library
        if card is None or library is None:
            self._reader.forget(Kind.ENTRY)
            return
        self._reader.ask(Kind.ENTRY, lambda: library.about(card.entry))

    def judge(self, act: AssistAct, card: Card) -> None:
        """The operator's verdict by one key."""
        self.noted.emit(act, card.entry, card.origin)
        self.judged.emit(act, card)

    @Slot(object)
    def copied(self, card: Card) -> None:
        """Words of the answer went to the clipboard."""
        self.noted.emit(AssistAct.COPIED, card.entry, card.origin)

    def toggle_favourite(self, card: Card) -> bool:
        """Mark or unmark; True where it is one now."""
        key = card.entry.id
        wanted = key not in self.favourites
        self.favourites = (key, *self.favourites) if wanted else tuple(other for other in self.favourites if other != key)
        self.favourite_changed.emit(key, wanted)
        if self.shelf is Shelf.FAVOURITES and not self._text and not self._is_list_held:
            self._show_shelf()
        return wanted

    # ------------------------------------------------------------------ updates

    def tell_news(self, news: UpdateNews) -> None:
        """An update was installed, or entries were recalled; any thread."""
        self._news_came.emit(news)

    def tell_age(self, age: KnowledgeAge) -> None:
        """How fresh the knowledge base is; any thread."""
        self._age_came.emit(age)

    def close(self) -> None:
        """End the search thread; safe to call twice."""
        self._typing.stop()
        self._reader.close()

    @Slot(object)
    def _on_news(self, news: UpdateNews) -> None:
        for ids, mark in ((news.changed, UpdateMark.UPDATED), (news.removed, UpdateMark.REMOVED), (news.recalled, UpdateMark.RECALLED)):
            self._news.update(dict.fromkeys(ids, mark))
        self._refresh()
        if news.recalled and (self._text or self.shelf is not Shelf.CALL):
            self._shown = tuple(replace(card, entry=withdrawn(card.entry), update=UpdateMark.RECALLED)
                                if card.entry.id in news.recalled else card for card in self._shown)
            self._arrange()
        card = self.entry.card
        if card is None:
            return
        if card.entry.id in news.recalled:
            self.entry.recall()
        elif card.entry.id in news.changed | news.removed:
            self.entry.show(replace(card, update=self._news[card.entry.id]))
            self._look_around()

    @Slot(object)
    def _on_age(self, age: KnowledgeAge) -> None:
        if age != self.age:
            self.age = age
            self.age_changed.emit()
