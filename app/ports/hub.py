"""The port ``HubLine``: one question to the hub, one answer (room: app.delivery). One thread at a time but for ``close``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from app.domain.delivery import Failed
from app.domain.json_values import Json


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
