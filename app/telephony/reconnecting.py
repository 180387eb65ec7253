"""A link that dials out, keeps its connection, and says once when it is gone and once when it is well again. Thread "cti".

What a protocol does on an open connection is its own (``Talk``); waiting grows from one second to thirty, and every wait ends at once with
``close``.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Protocol

from app.domain.call import NoticeRaised

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0


class Talk(Protocol):
    """One protocol over one connection."""

    def talk(self, on_open: Callable[[], None]) -> None:
        """Connect, log in, call ``on_open``, take messages until the connection ends. ``OSError`` where it fails."""

    def hang_up(self) -> None:
        """End ``talk`` soon; any thread; safe without a connection."""


class Reconnecting:
    """See the module.

    Args:
        talk: the protocol.
        name: of the system, for notices.
        tell: takes notices.
    """

    def __init__(self, talk: Talk, name: str, tell: Callable[[NoticeRaised], None]) -> None:
        self._talk, self._name, self._tell = talk, name, tell
        self._stopped = threading.Event()
        self._is_gone = False
        self._wait_s = FIRST_WAIT_S
        self._thread = threading.Thread(target=self._run, name="cti", daemon=True)

    def start(self) -> None:
        """Begin to dial."""
        self._thread.start()

    def close(self) -> None:
        """Stop and wait for the thread."""
        self._stopped.set()
        self._talk.hang_up()
        if self._thread.is_alive():
            self._thread.join(10.0)

    def _run(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(OSError):  # told below, whatever it was
                self._talk.talk(self._opened)
            if self._stopped.is_set():
                return
            if not self._is_gone:
                self._is_gone = True
                self._tell(NoticeRaised("cti.link_gone", {"name": self._name}))
            self._stopped.wait(self._wait_s)
            self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)

    def _opened(self) -> None:
        self._wait_s = FIRST_WAIT_S
        if self._is_gone:
            self._is_gone = False
            self._tell(NoticeRaised("cti.link_back", {"name": self._name}))
