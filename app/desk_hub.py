"""The desk's line to the hub as long as the window is open: woken by each ticket, told of each change of the call at hand. Without Qt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from app.desk_calls import DeskCalls
from app.domain.call import CallState
from app.domain.errors import AppError
from app.domain.floor import FloorState
from app.platform.settings import load_settings
from app.ports.ports import Clock
from app.store.callbacks import SqliteCallbacks
from app.store.ticket_store import SqliteTicketStore

if TYPE_CHECKING:
    from app.services.callback_exchange import CallbackExchange


class CallbackPanel(Protocol):
    """The operator's callbacks in the window (``app.presenters.callbacks``)."""

    def use_hub(self, wake: Callable[[], None], look: Callable[[], None]) -> None:
        """A hub is there; on the window's thread."""

    def news(self) -> None:
        """List or results changed; any thread."""


def _exchange(store: SqliteTicketStore, clock: Clock, tell: Callable[[AppError], None], panel: CallbackPanel) -> CallbackExchange:
    from app.services.callback_exchange import CallbackExchange, CallbackParts  # noqa: PLC0415

    return CallbackExchange(CallbackParts(SqliteCallbacks(store), lambda: load_settings().text("desk.agent_id"), clock, tell, panel.news))


@contextlib.contextmanager
def hub_told(store: SqliteTicketStore, clock: Clock, calls: DeskCalls, tell: Callable[[AppError], None],
             callbacks: CallbackPanel | None = None) -> Iterator[None]:
    """Tell the hub what this desk has to tell, where the settings name one.

    Args:
        store: tickets and records; must outlive this. Enter after whatever else is woken by ``on_queued``.
        clock: time.
        calls: whose states are followed.
        tell: told what IT should know, on any thread.
        callbacks: the operator's list in the window.
    """
    if not load_settings().text("hub.url"):
        yield
        return
    from app.assembly_hub_line import running_hub  # noqa: PLC0415 - a desk without a hub does not load what tells it
    from app.services.floor_watch import FloorWatch  # noqa: PLC0415

    exchange = _exchange(store, clock, tell, callbacks) if callbacks is not None else None
    with running_hub(store, clock, tell, exchange) as hub:
        if hub is None:
            yield
            return
        if callbacks is not None and exchange is not None:
            callbacks.use_hub(hub.thread.wake, exchange.look_now)
        wake, show = store.on_queued, calls.deliver

        def queued() -> None:
            wake()
            hub.thread.wake()

        def note(state: FloorState) -> None:
            hub.sender.note_floor(state)
            hub.thread.wake()

        watch = FloorWatch(clock, note)

        def deliver(state: CallState) -> None:
            show(state)
            watch.follow(state)

        store.on_queued, calls.deliver = queued, deliver
        try:
            yield
        finally:
            store.on_queued, calls.deliver = wake, show
