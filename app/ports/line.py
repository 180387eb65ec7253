"""The port ``LineLink``: a telephone line that reports what happens and may take commands (room: app.telephony).

Reports and notices come on threads of the link; whoever takes them returns at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from app.domain.call import NoticeRaised
from app.domain.line import LineCommand, LineEvent


class LineLink(Protocol):
    """See the module."""

    @property
    def commands(self) -> frozenset[LineCommand]:
        """What this line can be asked to do."""

    def start(self, on_event: Callable[[LineEvent], None], tell: Callable[[NoticeRaised], None]) -> None:
        """Begin to listen; ``tell`` takes what the operator must know (line gone, line well again, something refused).

        Raises:
            AppError: it cannot listen at all.
        """

    def send(self, command: LineCommand, values: Mapping[str, str]) -> bool:
        """Ask for something; False where the line has no such command or cannot be reached now. Returns at once."""

    def close(self) -> None:
        """Stop; safe to call twice."""
