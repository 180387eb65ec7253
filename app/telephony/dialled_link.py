"""What every ``LineLink`` that dials out has in common, whatever it speaks: one open connection at a time, commands sent over it from any
thread, and ``Reconnecting`` around the protocol's own ``talk``.
"""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Generic, TypeVar

from app.domain.call import NoticeRaised
from app.domain.line import LineCommand, LineEvent
from app.telephony.cti_intake import CtiIntake
from app.telephony.reconnecting import Reconnecting

OPEN_S = 10.0
Line = TypeVar("Line")


class DialledLink(ABC, Generic[Line]):
    """See the module.

    Args:
        intake: takes what comes in; its mapping names address, login and commands.
    """

    #: What putting into or ending a connection that is gone may raise.
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError,)

    def __init__(self, intake: CtiIntake) -> None:
        self._intake = intake
        self._lock = threading.Lock()
        self._open: Line | None = None
        self._is_closed = False
        self._link: Reconnecting | None = None

    @property
    def commands(self) -> frozenset[LineCommand]:
        """What the mapping file has forms for."""
        return self._intake.mapping.commands

    def start(self, on_event: Callable[[LineEvent], None], tell: Callable[[NoticeRaised], None]) -> None:
        """Begin to dial."""
        self._intake.on_event, self._intake.tell = on_event, tell
        self._link = Reconnecting(self, self._intake.mapping.name, tell)
        self._link.start()

    def send(self, command: LineCommand, values: Mapping[str, str]) -> bool:
        """One message; whether it went out."""
        message = self._intake.mapping.command(command, values)
        with self._lock:
            line = self._open
        if message is None or line is None:
            return False
        try:
            self._put(line, message)
        except self.faults:
            return False
        return True

    def close(self) -> None:
        """Stop; safe to call twice."""
        if self._link is not None:
            self._link.close()

    def hang_up(self) -> None:
        """See ``Talk``."""
        with self._lock:
            self._is_closed = True
            line = self._open
        if line is not None:
            with contextlib.suppress(*self.faults):
                self._end(line)

    @contextlib.contextmanager
    def _in_use(self, line: Line) -> Iterator[bool]:
        """A connection that commands go over; False where the link was closed while it was dialled."""
        with self._lock:
            self._open = line
            is_wanted = not self._is_closed
        try:
            yield is_wanted
        finally:
            with self._lock:
                self._open = None

    @abstractmethod
    def talk(self, on_open: Callable[[], None]) -> None:
        """See ``Talk``."""

    @abstractmethod
    def _put(self, line: Line, message: Mapping[str, object]) -> None:
        """Send a message in the protocol's form."""

    @abstractmethod
    def _end(self, line: Line) -> None:
        """End a connection that another thread reads."""
