"""One call as a value: its state, and what can happen to it.

``CallState`` is frozen and complete: whoever holds one can draw the whole desk from it. ``app.services.call_session`` turns
events into states; events come from speech recognition, from call control and from the operator through one ordered
inbox, so a recorded sequence replays exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.domain.dialogue import CallContext, Channel, HypothesisRevised, SpeechEvent, Utterance
from app.domain.knowledge import Push
from app.domain.ticket import TicketDraft, Value

NOTICES_KEPT = 32


class Phase(StrEnum):
    """Where the call stands. IDLE: there is none. WRAP_UP: parties are apart, the ticket is not submitted yet."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    PAUSED = "paused"
    WRAP_UP = "wrap_up"
    SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The operator took the call; ``at_ms`` on the call's time line."""

    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class CallPaused:
    """Held (a replay: paused)."""

    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class CallResumed:
    """Taken from hold."""

    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class CallReleased:
    """Hung up by either side, or the recording ended."""

    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class FieldEdited:
    """The operator wrote ``value`` (None: emptied) into a field."""

    name: str
    value: Value | None
    matter: int = 0


@dataclass(frozen=True, slots=True)
class FieldConfirmed:
    """The operator took the value that stands in a field."""

    name: str
    matter: int = 0


@dataclass(frozen=True, slots=True)
class FieldReleased:
    """The operator gave a field back to recognition."""

    name: str
    matter: int = 0


@dataclass(frozen=True, slots=True)
class SubmitAsked:
    """The operator wants the ticket submitted as it stands after all events before this one."""


@dataclass(frozen=True, slots=True)
class TicketSubmitted:
    """The ticket is on the disk under this number."""

    ticket_no: str


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """Something the operator must know, in one line (message key and parameters, no personal data)."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OldTicket:
    """A ticket of the past that the call is about.

    Attributes:
        ticket_no: its whole number.
        submitted_at: ISO 8601.
        title: its title, empty where it has none.
        status: where it stood when it was submitted here.
    """

    ticket_no: str
    submitted_at: str = ""
    title: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class OldTicketsLookedUp:
    """The old ticket number that was said was looked up on this PC: what was found, best first; nothing where it is not here."""

    asked: str
    found: tuple[OldTicket, ...] = ()


@dataclass(frozen=True, slots=True)
class CardsQuieted:
    """The operator wants no further cards in this call, or wants them again."""

    is_quiet: bool


@dataclass(frozen=True, slots=True)
class CardDismissed:
    """The operator waved a card away: it is of no use here. The state of the call stays; it is recorded."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class MomentFlagged:
    """The operator marks a moment of the call, or takes the mark at this very moment away."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class MatterAdded:
    """The operator wants a further matter on the ticket."""


@dataclass(frozen=True, slots=True)
class MatterDropped:
    """The operator throws a further matter away."""

    matter: int


@dataclass(frozen=True, slots=True)
class CallMuted:
    """The operator's microphone was switched off, or on again."""

    is_muted: bool


@dataclass(frozen=True, slots=True)
class Consult:
    """Somebody whom the operator asks while the caller is held, or who is called into the call.

    Attributes:
        number: his.
        is_up: he has answered.
    """

    number: str
    is_up: bool = False


@dataclass(frozen=True, slots=True)
class ConsultChanged:
    """Somebody is consulted, or nobody any more (None)."""

    consult: Consult | None


@dataclass(frozen=True, slots=True)
class RecognitionPaused:
    """From now on nothing of the call is heard, recognised or kept, while people go on talking; or it is again."""

    is_paused: bool


CallEvent = (
    CardsQuieted | SpeechEvent | CallAnswered | CallPaused | CallResumed | CallReleased
    | FieldEdited | FieldConfirmed | FieldReleased | SubmitAsked | TicketSubmitted | NoticeRaised
    | OldTicketsLookedUp | MomentFlagged | MatterAdded | MatterDropped | CallMuted | RecognitionPaused
    | ConsultChanged | CardDismissed
)


@dataclass(frozen=True, slots=True)
class CallState:
    """All that is known of a call.

    Attributes:
        context: what was known before a word was said.
        phase: where the call stands.
        position_ms: how far the call's audio was heard.
        dialogue: finals in the order in which they came; ``dialogue[i].index == i``.
        partials: the newest hypothesis of each channel that is speaking.
        draft: the ticket.
        pushes: all knowledge pushes so far, oldest first.
        ticket_no: set once submitted.
        notice: the newest thing the operator must know, or None.
        notices: the last ones, oldest first: who sees only some states still learns of all (``noticed``).
        old_tickets: what the last look-up of an old ticket number gave; None before the first.
        is_quiet: the operator wants no further cards.
        is_muted: the citizen does not hear the operator.
        is_recognition_paused: nothing is heard, recognised or kept at present.
        consult: who is consulted while the caller waits; None for nobody.
        waiting: cards that would be here if the operator were not speaking; they come in ``pushes`` later, or never.
    """

    context: CallContext
    phase: Phase = Phase.RINGING
    position_ms: int = 0
    dialogue: tuple[Utterance, ...] = ()
    partials: Mapping[Channel, HypothesisRevised] = field(default_factory=dict)
    draft: TicketDraft = field(default_factory=TicketDraft)
    pushes: tuple[Push, ...] = ()
    ticket_no: str = ""
    notice: NoticeRaised | None = None
    notices: tuple[NoticeRaised, ...] = ()
    old_tickets: OldTicketsLookedUp | None = None
    is_quiet: bool = False
    is_muted: bool = False
    waiting: Push | None = None
    is_recognition_paused: bool = False
    consult: Consult | None = None

    @property
    def flags(self) -> tuple[int, ...]:
        """Moments that the operator marked, in order of time; kept with the draft."""
        return self.draft.flags


def noticed(state: CallState, notice: NoticeRaised) -> CallState:
    """The state with a further notice."""
    return replace(state, notice=notice, notices=(*state.notices, notice)[-NOTICES_KEPT:])
