"""The port ``HubLine``: one question to the hub, one answer (room: app.delivery). One thread at a time but for ``close``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.domain.delivery import Failed
from app.domain.json_values import Json


@dataclass(frozen=True, slots=True)
class HubSeen:
    """How a hub answered a look that tells it nothing.

    Attributes:
        status: of HTTP; 0 where no answer came.
        reason: message key of why none came, "" where one did.
        clock_off_s: whole seconds by which this PC's clock is ahead of the hub's; None where it was not told.
    """

    status: int
    reason: str = ""
    clock_off_s: int | None = None


class HubLine(Protocol):
    """See the module."""

    @property
    def name(self) -> str:
        """The hub's host, for people."""

    def ask(self, path: str, question: Json, token: str = "") -> Mapping[str, object] | Failed:
        """Post a question; never raises for what a server or a network does.

        Args:
            path: ``/v1/…``.
            question: sent as JSON, packed where it is long.
            token: the desk's, "" where it has none yet.

        Returns:
            The answer's object where the hub took it (2xx), else why not; ``Failed.status`` is 0 where no answer came.
        """

    def close(self) -> None:
        """End what hangs; free everything. Any thread; safe to call twice."""
