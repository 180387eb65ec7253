"""The program's sockets to the world, as Protocols. Adapters stand in the rooms named at each port.

Threads: unless a port says otherwise its methods may be called from any one thread at a time. All of them translate
foreign exceptions into ``app.domain.errors`` before they leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from app.domain.call_record import CallRecord
from app.domain.dialogue import CallContext, Channel, SpeechEvent, Utterance
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Ranked
from app.domain.ticket import Hit, TicketDraft, Value


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """A stretch of sound of one channel.

    Attributes:
        channel: side of the call.
        start_ms: its place on the call's time line.
        pcm: signed 16 bit little endian mono.
        rate_hz: 8000 or 16000.
    """

    channel: Channel
    start_ms: int
    pcm: bytes
    rate_hz: int


class AudioSource(Protocol):
    """Sound of a call, both channels in time order (rooms: app.audio)."""

    @property
    def duration_ms(self) -> int | None:
        """Length where known beforehand (a file), else None."""

    def blocks(self) -> Iterator[AudioBlock]:
        """All sound, in blocks of about 100 ms, alternating channels; ends when the call ends.

        Raises:
            OperatorVisibleError: the sound cannot be read (from its start on).
            EnvironmentFault: it broke off in the middle; what came before is good.
        """

    def close(self) -> None:
        """Stop and free; ``blocks`` ends soon after. Safe to call twice and from another thread."""


class Recogniser(Protocol):
    """Speech recognition of both channels (room: asr). Events come on the recogniser's own thread."""

    @property
    def versions(self) -> dict[str, str]:
        """Engine, model and language-model versions, for the record."""

    def start(self, on_event: Callable[[SpeechEvent], None]) -> None:
        """Begin a call; events follow in order per channel."""

    def accept(self, block: AudioBlock) -> None:
        """Take sound. Blocks for at most a moment (back-pressure) and never loses sound silently."""

    def set_context(self, phrases: Sequence[str]) -> None:
        """Words likely from now on (names on the ticket, what the operator asked for).

        A phrase is ``word [class] [weight]`` with a blank between: class place, person, organisation, number or term.
        """

    def finish(self) -> None:
        """No more sound: the last finals and a ChannelFinished a channel follow."""

    def close(self) -> None:
        """Stop and free everything, the process included. Safe to call twice."""


class Extractor(Protocol):
    """Dialogue to ticket hits (room: app.extraction). Equal dialogues give equal hits; never raises on any text."""

    def extract(self, dialogue: Sequence[Utterance], context: CallContext) -> tuple[Hit, ...]:
        """All that the dialogue so far supports: a complete picture, not a change."""

    def display(self, utterance: Utterance) -> str:
        """The utterance for people: punctuation, written numbers."""


@runtime_checkable
class FollowingExtractor(Protocol):
    """An extractor that takes the operator's own values for facts (room: app.extraction)."""

    @property
    def followed(self) -> frozenset[str]:
        """Fields from which others are told: title, content, unit."""

    def extract_following(self, dialogue: Sequence[Utterance], context: CallContext,
                          written: Sequence[Mapping[str, Value | None]]) -> tuple[Hit, ...]:
        """As ``Extractor.extract``, with what the operator wrote or took, by matter (None: emptied), in place of what was heard."""


class KnowledgeBase(Protocol):
    """The local knowledge base (room: kb_cache). Read-only; each thread opens its own."""

    @property
    def version(self) -> str:
        """Version of the content, as published."""

    @property
    def size(self) -> int:
        """How many entries."""

    def search(self, query: KnowledgeQuery) -> tuple[Ranked, ...]:
        """Ranked entries, best first."""

    def get(self, entry_id: str) -> KnowledgeEntry | None:
        """One entry, or None."""

    def close(self) -> None:
        """Free; safe to call twice."""


@runtime_checkable
class TitleSource(Protocol):
    """A knowledge base that can tell its titles, for the recogniser's vocabulary (room: kb_cache)."""

    def titles(self, limit: int) -> tuple[str, ...]:
        """Titles of the first ``limit`` entries."""


@runtime_checkable
class SwitchingKnowledge(Protocol):
    """A knowledge base that is updated while it is open (room: kb_cache). Any thread."""

    def use_newest(self) -> bool:
        """Between calls: switch to what was installed meanwhile; True where it is another version."""


@runtime_checkable
class FamilyKnowledge(Protocol):
    """A knowledge base that knows which entries rest on one (room: kb_cache)."""

    def children(self, entry_id: str, limit: int = 50) -> tuple[KnowledgeEntry, ...]:
        """Entries whose parent is ``entry_id``, in the order of the knowledge base."""


@runtime_checkable
class VersionedKnowledge(Protocol):
    """A knowledge base that keeps the version before (room: kb_cache)."""

    def former(self, entry_id: str) -> KnowledgeEntry | None:
        """The entry as the version before the newest one had it; None where there is none, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class StoredTicket:
    """A ticket as it was submitted.

    Attributes:
        ticket_no: its number; a further matter of the call carries its parent's number with -01, -02, …
        call_id: the call it came from.
        submitted_at: ISO 8601.
        fields: JSON-able, field name to {value (submitted, None for nothing), proposed, state, confidence, evidence, …}.
        parent_no: number of the call's first ticket, empty for that one itself.
        children: numbers of the tickets of the call's further matters.
        versions: models, vocabularies and knowledge base behind it.
    """

    ticket_no: str
    call_id: str
    submitted_at: str
    fields: dict[str, object]
    parent_no: str = ""
    children: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)


class TicketStore(Protocol):
    """Encrypted store for drafts and tickets (room: app.store). Writes happen on its own thread, in order."""

    def save_draft(self, context: CallContext, dialogue: Sequence[Utterance], draft: TicketDraft) -> None:
        """Keep the newest state of a call; returns at once."""

    def submit(self, context: CallContext, dialogue: Sequence[Utterance], draft: TicketDraft,
               versions: dict[str, str], record: CallRecord | None = None) -> StoredTicket:
        """One transaction: ticket, outbox row, the lead's record, the draft removed. Returns when it is on the disk."""

    def discard_draft(self, call_id: str) -> None:
        """Remove a draft with its dialogue, because the operator said so."""

    def drafts(self) -> tuple[tuple[CallContext, tuple[Utterance, ...], TicketDraft], ...]:
        """Drafts left open, newest first."""

    def tickets(self, limit: int = 1000) -> tuple[StoredTicket, ...]:
        """The newest submitted tickets, newest first."""

    def close(self) -> None:
        """Write what is queued, then close; safe to call twice."""


@runtime_checkable
class OldTickets(Protocol):
    """Tickets of the past, to find one that a caller speaks of (room: app.store)."""

    def find(self, ticket_no: str, limit: int = 5) -> tuple[StoredTicket, ...]:
        """Tickets with this number: the whole one, else those that begin or end with it, newest first; none for under 4 digits."""


class Secrets(Protocol):
    """Secrets of this PC (room: app.platform): the OS keyring, or a passphrase where there is none."""

    @property
    def backend(self) -> str:
        """Which one is in use, for `tingdan doctor`."""

    def store_key(self) -> bytes:
        """The store's raw 32-byte key, made at first use.

        Raises:
            EnvironmentFault: neither a keyring nor a passphrase is there.
        """


class Clock(Protocol):
    """Time. Tests bring their own."""

    def now(self) -> datetime:
        """Wall clock with offset."""

    def monotonic_s(self) -> float:
        """Seconds that never go back."""


class CallControl(Protocol):
    """The phone behind the buttons (room: app.telephony). Methods return at once; what came of it is told as events."""

    def answer(self) -> None:
        """Take the call."""

    def pause(self) -> None:
        """Put it on hold (a replay: stand still)."""

    def resume(self) -> None:
        """Take it from hold."""

    def hang_up(self) -> None:
        """End it."""

    def hand_over(self, number: str) -> None:
        """Hand the caller to an emergency number ("110", "119", "120", "122")."""
