"""The one base of our worker threads: a name, a bounded inbox, a stop, a failure, a join with a deadline.

Rules: ``handle`` runs on the worker's thread only; ``post`` may be called from any thread. A failure in ``handle`` ends the
worker, is kept in ``failure`` and told through ``on_failure``; it is never swallowed. A worker with work of its own takes it in
``on_idle`` between messages and says how long it may wait for the next one: no polling, no sleep.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Message = TypeVar("Message")

JOIN_DEADLINE_S = 5.0


class _Stop:
    """Last message of an inbox."""


class WorkerThread(Generic[Message]):
    """A thread that takes messages in order.

    Args:
        name: thread name ("call", "db-writer", …).
        handle: takes one message, on the worker's thread.
        capacity: inbox size; ``post`` blocks while it is full (back-pressure).
        on_failure: told once, on the worker's thread, when ``handle`` raised.
        on_idle: called on the worker's thread whenever no message is there; gives the seconds after which to call it again.
    """

    def __init__(self, name: str, handle: Callable[[Message], None], capacity: int = 1024,
                 on_failure: Callable[[BaseException], None] | None = None,
                 on_idle: Callable[[], float] | None = None) -> None:
        self._handle, self._on_idle = handle, on_idle
        self._inbox: queue.Queue[Message | _Stop] = queue.Queue(capacity)
        self._on_failure = on_failure
        self.failure: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to take messages."""
        self._thread.start()

    def post(self, message: Message) -> None:
        """Queue a message; dropped after ``stop``."""
        while not self._stopping.is_set():
            try:
                self._inbox.put(message, timeout=0.2)
                return
            except queue.Full:
                continue

    def nudge(self, message: Message) -> None:
        """Queue a message where there is room, else drop it: for "there is news" while the same is queued already."""
        with contextlib.suppress(queue.Full):
            if not self._stopping.is_set():
                self._inbox.put_nowait(message)

    def stop(self, deadline_s: float = JOIN_DEADLINE_S) -> bool:
        """Handle what is queued, then end. False where the thread did not end in time. Safe to call twice."""
        if not self._stopping.is_set():
            try:
                self._inbox.put(_Stop(), timeout=deadline_s)
            except queue.Full:
                self._stopping.set()
                return False
            self._stopping.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(deadline_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                message = self._next()
                if isinstance(message, _Stop):
                    self._let_go()
                    return
                self._handle(message)
            except BaseException as error:
                self.failure = error
                self._stopping.set()
                if self._on_failure is not None:
                    self._on_failure(error)
                else:
                    raise
                return

    def _let_go(self) -> None:
        """Its owner mostly holds it and is held by it: without this circle the owner goes with its last use, not with a collection."""
        self._handle, self._on_idle, self._on_failure = _nothing, None, None

    def _next(self) -> Message | _Stop:
        while self._on_idle is not None:
            with contextlib.suppress(queue.Empty):
                return self._inbox.get_nowait()
            wait_s = self._on_idle()
            with contextlib.suppress(queue.Empty):
                return self._inbox.get(timeout=max(wait_s, 0.0))
        return self._inbox.get()


def _nothing(_message: object) -> None:
    """Nobody takes messages any more."""
