"""The ports on call records: ``CallRecords`` (what this desk holds), ``RecordOutbox`` (what of it the hub has not got), ``TextOutbox``.

Room: app.store.

Any thread; reads have connections of their own, writes are on the disk when they return.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from app.domain.call_record import CallRecord
from app.domain.shared_text import SharedText


class CallRecords(Protocol):
    """Records of the calls of this desk."""

    def records(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[CallRecord]:
        """Records of a stretch of time (``since`` included, ``until`` not), oldest first, read a few at a time.

        Raises:
            EnvironmentFault: the store cannot be read.
        """

    def record(self, record_id: str) -> CallRecord | None:
        """One record."""

    def call_of(self, record_id: str) -> str:
        """Id of the call behind a record, "" where it is not (any more) on this desk."""

    def newest(self, count: int) -> tuple[CallRecord, ...]:
        """The newest so many, newest first."""


class RecordOutbox(Protocol):
    """Records on their way to the hub, never lost."""

    def due(self, limit: int) -> tuple[CallRecord, ...]:
        """Those that the hub has not got, oldest first; none only where none waits. What cannot be read is set aside as refused."""

    def damaged(self) -> int:
        """How many ``due`` set aside since the program started."""

    def waiting(self) -> int:
        """How many those are."""

    def oldest(self) -> str:
        """When the oldest of those was submitted (ISO 8601), "" for none."""

    def settle(self, sent: Sequence[str], refused: Sequence[tuple[str, str]] = ()) -> None:
        """The hub has these (ids), and will never take those (id, reason)."""

    def refused(self) -> int:
        """How many the hub will never take."""


class TextOutbox(Protocol):
    """Masked words of calls on their way to the hub, where the policy shares them."""

    def due(self) -> SharedText | None:
        """The words of the oldest call whose record the hub has and whose words it has not got."""

    def settle(self, record_id: str, state: str, reason: str = "") -> None:
        """The hub has them (``sent``), or will never take them (``refused``)."""
