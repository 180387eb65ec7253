"""What a desk knows of its knowledge base's updates: how old it is, what the newest one changed, what is told to IT."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KnowledgeAge:
    """How fresh the knowledge base is.

    Attributes:
        version: of the installed one, "" where the sample is in use.
        release: its number, 0 for none.
        channel: whose.
        checked_at: ISO time of the newest poll, "" for never.
        result: what came of it: "", "current", "installed", or the message key of what went wrong.
        expires_at: ISO time until which the publisher vouches for it, "" where nothing was fetched yet.
        expired_days: whole days since then, at least 1 once it is over; 0 while it holds.
        pinned: version that this PC stays on, "" for none.
        installed_at: ISO time at which it came to this PC, "" where no update ever did.
    """

    version: str = ""
    release: int = 0
    channel: str = ""
    checked_at: str = ""
    result: str = ""
    expires_at: str = ""
    expired_days: int = 0
    pinned: str = ""
    installed_at: str = ""


@dataclass(frozen=True, slots=True)
class UpdateNews:
    """What an update did, for marks on open cards.

    Attributes:
        version: now in use.
        changed: ids of entries that are new or read otherwise.
        removed: ids of entries that are gone.
        recalled: ids of entries that must not be used any more.
    """

    version: str
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    recalled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UpdateReceipt:
    """What IT is told of an attempt. No personal data: the desk is a random number.

    Attributes:
        desk: this PC's random id.
        at: ISO time.
        result: "installed", "recalled" (with how many calls here were shown what is recalled), or the message key of what went wrong.
        version: in use afterwards.
        release: its number.
        from_release: in use before.
        took_s: seconds.
        fetched_bytes: over the line.
        details: further counts.
    """

    desk: str
    at: str
    result: str
    version: str
    release: int
    from_release: int
    took_s: float
    fetched_bytes: int
    details: dict[str, int] = field(default_factory=dict)
