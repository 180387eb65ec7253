"""How long each kind of data is kept, and the record of its removal. Pure.

0 days keep a kind for ever. A ticket that the centre has not got yet, and what belongs to it, is never removed whatever its
age. ``Removed`` is what the audit trail keeps: how many, up to when, and a digest over the sorted numbers of what went, so
that a list kept elsewhere can be shown to be exactly what was removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class DataKind(StrEnum):
    """What is kept and removed apart."""

    DRAFTS = "drafts"
    DIALOGUE = "dialogue"
    AUDIO = "audio"
    TICKETS = "tickets"
    AUDIT = "audit"


#: Days that hold where nobody sets others; the audit trail three years (Cybersecurity Law and PIPL ask at least six months
#: and three years for records of what was done with personal data).
USUAL_DAYS: Mapping[DataKind, int] = {
    DataKind.DRAFTS: 30, DataKind.DIALOGUE: 180, DataKind.AUDIO: 90, DataKind.TICKETS: 1095, DataKind.AUDIT: 1095,
}


@dataclass(frozen=True, slots=True)
class Retention:
    """Days by kind."""

    days: Mapping[DataKind, int] = field(default_factory=lambda: dict(USUAL_DAYS))

    def before(self, kind: DataKind, now: datetime) -> datetime | None:
        """What is older goes; None where the kind is kept for ever."""
        days = self.days.get(kind, 0)
        return now - timedelta(days=days) if days > 0 else None


@dataclass(frozen=True, slots=True)
class Removed:
    """What went.

    Attributes:
        kind: of this kind.
        before: older than this (ISO 8601).
        count: so many.
        digest: SHA-256 over their sorted numbers, a line each.
        held_back: so many more are old enough and stay because the centre has not got them.
    """

    kind: DataKind
    before: str
    count: int
    digest: str
    held_back: int = 0


def digest_of(numbers: Iterable[str]) -> str:
    """The digest that proves which ones went."""
    return hashlib.sha256("".join(f"{number}\n" for number in sorted(numbers)).encode()).hexdigest()
