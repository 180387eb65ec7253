"""The audit trail: who saw, changed, exported or purged what, each entry chained to the one before.

An entry's digest is SHA-256 over all of its parts and the digest before it: a changed, removed or inserted entry breaks
the chain at its place. ``detail`` holds counts, digests, numbers and field names, never contents. Whoever holds the key could
write a whole new chain; therefore the newest digest also goes to the log (``head_words``), where it can be compared. Pure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

ORIGIN = "0" * 64
_LETTERS = str.maketrans("0123456789abcdef", "ghijklmnopabcdef")


class Action(StrEnum):
    """What was done."""

    SAW = "saw"
    SEARCHED = "searched"
    SUBMITTED = "submitted"
    CHANGED = "changed"
    MERGED = "merged"
    DISCARDED = "discarded"
    EXPORTED = "exported"
    PURGED = "purged"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    KEY_ROTATED = "key_rotated"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    UNMASKED = "unmasked"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the operator's work number or the system account, and the role in which."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry.

    Attributes:
        seq: counts up by one.
        at: ISO 8601.
        actor: who.
        action: did what (``Action``; a newer program may know more).
        subject: to what: a ticket's or call's number, a kind of data; never a person's data.
        detail: counts, digests, names of fields.
        previous: digest of the entry before.
        digest: digest of this one.
    """

    seq: int
    at: str
    actor: Actor
    action: str
    subject: str
    detail: Mapping[str, object]
    previous: str
    digest: str


def sealed(seq: int, at: str, actor: Actor, action: str, subject: str, detail: Mapping[str, object], previous: str) -> AuditEntry:
    """A new entry with its digest."""
    return AuditEntry(seq, at, actor, action, subject, detail, previous,
                      _digest(seq, at, actor, action, subject, detail, previous))


def first_break(entries: Iterable[AuditEntry], before: str = ORIGIN, after_seq: int = 0) -> int | None:
    """Number of the first entry that does not follow from the one before; None where the chain is whole.

    Args:
        entries: in order.
        before: digest that the first one must name.
        after_seq: number of the entry before the first one.
    """
    digest, seq = before, after_seq
    for entry in entries:
        made = _digest(entry.seq, entry.at, entry.actor, entry.action, entry.subject, entry.detail, entry.previous)
        if entry.seq != seq + 1 or entry.previous != digest or entry.digest != made:
            return entry.seq
        digest, seq = entry.digest, entry.seq
    return None


def head_words(digest: str) -> str:
    """A digest in letters only, so that the log does not take its digits for a phone number."""
    return digest.translate(_LETTERS)


def _digest(seq: int, at: str, actor: Actor, action: str, subject: str, detail: Mapping[str, object], previous: str) -> str:
    form = [seq, at, actor.name, actor.role, str(action), subject, dict(detail), previous]
    return hashlib.sha256(json.dumps(form, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
