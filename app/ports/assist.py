"""What the desk keeps about the use of knowledge, as a port (room: app.store). Any thread may call.

All of it lies in the encrypted store: which card was shown in which call, what operators think of it, what nobody could answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.domain.assist import AssistEvent, EntryUse, OpenQuestion


class AssistStore(Protocol):
    """Use of knowledge, favourites, notes."""

    def add(self, events: Sequence[AssistEvent], questions: Sequence[OpenQuestion] = ()) -> None:
        """Keep events; returns when they are written.

        Raises:
            EnvironmentFault: the disk refuses.
        """

    def uses(self) -> tuple[EntryUse, ...]:
        """What was done with each entry, aged."""

    def events(self, entry_id: str = "", call_id: str = "", limit: int = 1000) -> tuple[AssistEvent, ...]:
        """Newest first; of one entry, of one call."""

    def calls_shown(self, entry_id: str) -> tuple[tuple[str, str], ...]:
        """(call id, time) of every call in which the entry was put before the operator, newest first: for a recall."""

    def recent(self, limit: int = 20) -> tuple[str, ...]:
        """Ids of the entries opened last, newest first."""

    def questions(self, limit: int = 10_000) -> tuple[OpenQuestion, ...]:
        """Questions without an answer, newest first."""

    def favourites(self) -> tuple[str, ...]:
        """Ids, newest first."""

    def set_favourite(self, entry_id: str, wanted: bool) -> None:
        """Mark or unmark."""

    def note(self, entry_id: str) -> str:
        """The operator's own note on an entry, "" without one."""

    def set_note(self, entry_id: str, text: str) -> None:
        """Keep it; "" removes it."""
