"""The port ``LeadSource``: what the lead's window asks. A hub over all desks and one desk over its own records answer alike.

Rows come in no particular order unless said; rows of nothing are left out, so an empty answer means no calls. A ``by`` has at
most three dimensions; FIELD only where fields are counted (``outcomes``, ``bins``). Any thread may call; answers may take as long
as a query of a database does, so never call from the window's thread.
"""

from __future__ import annotations

from typing import Protocol

from app.domain.after_appeals import GrantedCount
from app.domain.call_record import CallRecord
from app.domain.lead_counts import (
    Behind,
    BinCount,
    CallCount,
    CallPage,
    CardCount,
    Confusion,
    Dimension,
    FindingCount,
    FloorDesk,
    MatterCount,
    OutcomeCount,
    RankCount,
    Scope,
    Slice,
    WrongCount,
)
from app.domain.lead_voice import VoiceCount


class LeadSource(Protocol):
    """Counts of calls.

    Every method may raise EnvironmentFault: the hub cannot be reached, the disk refuses; OperatorVisibleError: not allowed.
    """

    def scope(self) -> Scope:
        """Whose calls can be seen."""

    def outcomes(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[OutcomeCount, ...]:
        """What became of fields; a field's item is that of its matter."""

    def bins(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[BinCount, ...]:
        """Proposals by confidence."""

    def calls(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[CallCount, ...]:
        """Calls, their effort and quality. A slice narrowed by ITEM takes calls with any matter of it."""

    def wrong_calls(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[WrongCount, ...]:
        """Calls by how many of their fields stood filled wrong; of a slice narrowed by FIELD or ITEM those fields. ``by`` has neither."""

    def voices(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[VoiceCount, ...]:
        """Voice indicators, one row each; without ITEM."""

    def ranks(self, asked: Slice, choice: str, by: tuple[Dimension, ...] = ()) -> tuple[RankCount, ...]:
        """Where the submitted one stood among those offered (choice with something submitted only)."""

    def confusions(self, asked: Slice, choice: str, limit: int = 200) -> tuple[Confusion, ...]:
        """Most frequent first, then by codes."""

    def cards(self, asked: Slice, limit: int = 2000) -> tuple[CardCount, ...]:
        """By entry, most shown first, then by id."""

    def findings(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[FindingCount, ...]:
        """Breaches of the quality check."""

    def granted(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[GrantedCount, ...]:
        """What granted appeals took back; nothing where there are no appeals. ``calls`` and ``findings`` stay as they were found."""

    def degradations(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[FindingCount, ...]:
        """What was worse than it should be."""

    def matters(self, asked: Slice, by: tuple[Dimension, ...]) -> tuple[MatterCount, ...]:
        """Matters by place, item and time (up to four dimensions here); for hot spots."""

    def behind(self, asked: Slice, which: Behind, offset: int = 0, limit: int = 200) -> CallPage:
        """The calls behind a number, newest first."""

    def record(self, record_id: str) -> CallRecord | None:
        """One call's whole record."""

    def floor(self) -> tuple[FloorDesk, ...]:
        """Desks now, those with alerts first; a desk alone has none."""
