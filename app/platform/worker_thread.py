"""The one base of our worker threads: a name, a bounded inbox, a stop, a failure, a join with a deadline.

Rules: ``handle`` runs on the worker's thread only; ``post`` may be called from any thread. A failure in ``handle`` ends the
worker, is kept in ``failure`` and told through ``on_failure``; it is never swallowed.
"""

from __future__ import annotations

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
    """

    def __init__(self, name: str, handle: Callable[[Message], None], capacity: int = 1024,
                 on_failure: Callable[[BaseException], None] | None = None) -> None:
        self._handle = handle
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
            message = self._inbox.get()
            if isinstance(message, _Stop):
                return
            try:
                self._handle(message)
            except BaseException as error:
                self.failure = error
                self._stopping.set()
                if self._on_failure is not None:
                    self._on_failure(error)
                else:
                    raise
                return
