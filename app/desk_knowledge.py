"""The desk's use of knowledge, put together: what is recorded, what the window marks, and the order that follows from it.

Standings are read once when the desk opens: a day's order stays what it was, and why an entry stands first can be looked up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Protocol

from PySide6.QtCore import QObject, Slot

from app.domain.assist import AssistAct, AssistOrigin, Standing
from app.domain.call import CallEvent, CallState, CardDismissed, CardsQuieted
from app.domain.errors import AppError
from app.domain.knowledge import KnowledgeEntry
from app.domain.training import is_training
from app.platform import logs
from app.ports.assist import AssistStore
from app.presenters.desk import DeskPresenters
from app.presenters.knowledge import RECENT
from app.services.knowledge_use import KnowledgeUse, standings_of

_log = logs.get("desk_knowledge")


class Line(Protocol):
    """One call or all calls of a desk: where states come from and events go."""

    deliver: Callable[[CallState], None]

    def post(self, event: CallEvent) -> None:
        """Any thread."""


def known_standings(store: AssistStore) -> dict[str, Standing]:
    """Standings of all entries; nothing where the store cannot tell them now."""
    try:
        return standings_of(store)
    except AppError as error:
        _log.warning("use_left_out", key=error.key)
        return {}


class KnowledgeKeeper(QObject):
    """Takes what the window says of entries to the recorder and the call."""

    def __init__(self, use: KnowledgeUse, calls: Line) -> None:
        super().__init__()
        self._use, self._calls = use, calls
        self.is_training = False

    @Slot(object, object, object)
    def note(self, act: AssistAct, entry: KnowledgeEntry, origin: AssistOrigin) -> None:
        """Opened, copied, judged."""
        if not self.is_training:
            self._use.note(act, entry, origin)

    @Slot(str, bool)
    def mark(self, entry_id: str, wanted: bool) -> None:
        """A favourite, or none any more."""
        if not self.is_training:
            self._use.mark(entry_id, wanted)

    @Slot(str, str)
    def write(self, entry_id: str, text: str) -> None:
        """The operator's own note on an entry."""
        if not self.is_training:
            self._use.write(entry_id, text)

    @Slot(str)
    def dismiss(self, entry_id: str) -> None:
        """A card was waved away."""
        self._calls.post(CardDismissed(entry_id))

    @Slot(bool)
    def quiet(self, is_quiet: bool) -> None:
        """No further cards in this call, or cards again."""
        self._calls.post(CardsQuieted(is_quiet))


@contextlib.contextmanager
def recorded_use(use: KnowledgeUse, store: AssistStore, calls: Line, presenters: DeskPresenters,
                 standings: dict[str, Standing]) -> Iterator[None]:
    """Record what becomes of knowledge as long as the window is open; before ``calls`` start."""
    keeper = KnowledgeKeeper(use, calls)
    knowledge = presenters.knowledge
    knowledge.noted.connect(keeper.note)
    knowledge.favourite_changed.connect(keeper.mark)
    knowledge.quiet_requested.connect(keeper.quiet)
    knowledge.dismissed.connect(keeper.dismiss)
    knowledge.entry.note_written.connect(keeper.write)
    knowledge.heat = {key: held.heat for key, held in standings.items()}
    try:
        knowledge.favourites, knowledge.recent = store.favourites(), store.recent(RECENT)
    except AppError as error:
        _log.warning("favourites_left_out", key=error.key)
    show = calls.deliver

    def deliver(state: CallState) -> None:
        keeper.is_training = is_training(state.context.call_id)  # nothing of a training call is recorded
        if not keeper.is_training:
            use.follow(state)
        show(state)

    calls.deliver = deliver
    use.start()
    try:
        yield
    finally:
        use.close()
        keeper.deleteLater()
