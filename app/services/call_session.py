"""A call as it happens: one ordered inbox of events, one state after each.

``CallSession`` is a pure reducer but for the extractor and the knowledge push that it is given, which are pure functions of
the dialogue themselves: the same events in the same order give the same states, so a recorded call replays exactly.
``CallRunner`` puts it on its own thread ("call") and tells a listener every new state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, assert_never

from app.domain.call import (
    CallAnswered,
    CallEvent,
    CallMuted,
    CallPaused,
    CallReleased,
    CallResumed,
    CallState,
    CardDismissed,
    CardsQuieted,
    ConsultChanged,
    FieldConfirmed,
    FieldEdited,
    FieldReleased,
    MatterAdded,
    MatterDropped,
    MomentFlagged,
    NoticeRaised,
    OldTicketsLookedUp,
    Phase,
    RecognitionPaused,
    SubmitAsked,
    TicketSubmitted,
    noticed,
)
from app.domain.dialogue import (
    CallContext,
    Channel,
    ChannelFinished,
    HypothesisRevised,
    RecogniserFailed,
    Utterance,
    UtteranceFinal,
)
from app.domain.knowledge import Push
from app.domain.ticket import Hit, TicketDraft
from app.platform.worker_thread import WorkerThread
from app.ports.ports import Extractor, FollowingExtractor
from app.services.form_deadlines import with_deadlines

#: What is one step and touches nothing else.
_Switch = CallMuted | RecognitionPaused | MomentFlagged | MatterAdded | MatterDropped | ConsultChanged
#: Where an event of the telephone leads, and from where: one that comes late (two presses of a key, the line's own news after the end)
#: must not set a finished call back.
_PHASES: dict[type, tuple[Phase, frozenset[Phase]]] = {
    CallAnswered: (Phase.TALKING, frozenset({Phase.IDLE, Phase.RINGING})),
    CallPaused: (Phase.PAUSED, frozenset({Phase.TALKING})),
    CallResumed: (Phase.TALKING, frozenset({Phase.PAUSED})),
    CallReleased: (Phase.WRAP_UP, frozenset({Phase.IDLE, Phase.RINGING, Phase.TALKING, Phase.PAUSED})),
}


class Pusher(Protocol):
    """Decides which knowledge cards come up now (``app.services.knowledge_push``)."""

    def choose(self, dialogue: Sequence[Utterance], partial: HypothesisRevised | None, draft_items: Sequence[str],
               at_ms: int, already: Sequence[Push], operator_speaks: bool = False, district: str = "") -> Push | None:
        """Cards for this moment, or None for silence."""


class NoPush:
    """No knowledge base: never a card."""

    def choose(self, dialogue: Sequence[Utterance], partial: HypothesisRevised | None, draft_items: Sequence[str],
               at_ms: int, already: Sequence[Push], operator_speaks: bool = False, district: str = "") -> Push | None:
        """Silence."""
        return None


class CallSession:
    """Reducer of one call.

    Args:
        context: what is known before a word is said.
        extractor: dialogue to ticket hits.
        pusher: knowledge cards.
    """

    def __init__(self, context: CallContext, extractor: Extractor, pusher: Pusher) -> None:
        self._extractor = extractor
        self._pusher = pusher
        self.state = CallState(context)

    def apply(self, event: CallEvent) -> CallState:
        """The state after ``event``; also kept in ``state``."""
        following = self._next(self.state, event)
        if following.draft is not self.state.draft:
            following = replace(following, draft=with_deadlines(following.draft, following.context))
        self.state = following
        return self.state

    def _next(self, state: CallState, event: CallEvent) -> CallState:
        if isinstance(event, UtteranceFinal):
            return self._said(state, event)
        if isinstance(event, HypothesisRevised):
            return self._heard(state, event)
        if isinstance(event, ChannelFinished):
            return replace(state, position_ms=max(state.position_ms, event.heard_ms),
                           partials={c: p for c, p in state.partials.items() if c is not event.channel})
        if isinstance(event, CallAnswered | CallPaused | CallResumed | CallReleased):
            following, possible_in = _PHASES[type(event)]
            return replace(state, phase=following if state.phase in possible_in else state.phase,
                           position_ms=max(state.position_ms, event.at_ms),
                           waiting=None if isinstance(event, CallReleased) else state.waiting,
                           consult=None if isinstance(event, CallReleased) else state.consult)
        if isinstance(event, CardDismissed):
            return state
        if isinstance(event, CardsQuieted):
            return replace(state, is_quiet=event.is_quiet, waiting=None)
        if isinstance(event, _Switch):
            return _switched(state, event)
        return self._acted(state, event)

    def _acted(self, state: CallState,
               event: RecogniserFailed | FieldEdited | FieldConfirmed | FieldReleased | SubmitAsked
               | TicketSubmitted | NoticeRaised | OldTicketsLookedUp) -> CallState:
        match event:
            case FieldEdited():
                return self._followed(state, state.draft.edit(event.name, event.value, event.matter), event.name)
            case FieldConfirmed():
                return self._followed(state, state.draft.confirm(event.name, event.matter), event.name)
            case FieldReleased():
                released = state.draft.release(event.name, event.matter)
                return replace(state, draft=released.merge(self._hits(state.dialogue, state.context, released)))
            case SubmitAsked():
                return state  # whoever listens hands this very state to the store
            case TicketSubmitted():
                return replace(state, phase=Phase.SUBMITTED, ticket_no=event.ticket_no)
            case NoticeRaised():
                return noticed(state, event)
            case OldTicketsLookedUp():
                return replace(state, old_tickets=event)
            case RecogniserFailed():
                return noticed(state, NoticeRaised(event.key, {"lost_ms": event.lost_ms}))
            case _:
                assert_never(event)

    def _said(self, state: CallState, event: UtteranceFinal) -> CallState:
        placed = replace(event.utterance, index=len(state.dialogue))
        placed = replace(placed, display=self._extractor.display(placed))
        dialogue = (*state.dialogue, placed)
        partials = {c: p for c, p in state.partials.items() if p.utterance_id != event.utterance_id}
        position = max(state.position_ms, event.heard_ms, placed.end_ms)
        draft = state.draft.merge(self._hits(dialogue, state.context, state.draft))
        state = replace(state, dialogue=dialogue, partials=partials, position_ms=position, draft=draft)
        return self._pushed(state, partials.get(Channel.CITIZEN))

    def _followed(self, state: CallState, draft: TicketDraft, name: str) -> CallState:
        """After an act of the operator's: what is told from that field (title, content, unit) says what the operator says."""
        if isinstance(self._extractor, FollowingExtractor) and name in self._extractor.followed:
            draft = draft.merge(self._hits(state.dialogue, state.context, draft))
        return replace(state, draft=draft)

    def _hits(self, dialogue: Sequence[Utterance], context: CallContext, draft: TicketDraft) -> tuple[Hit, ...]:
        if isinstance(self._extractor, FollowingExtractor):
            return self._extractor.extract_following(dialogue, context, draft.by_operator())
        return self._extractor.extract(dialogue, context)

    def _heard(self, state: CallState, event: HypothesisRevised) -> CallState:
        held = state.partials.get(event.channel)
        if held is not None and held.utterance_id == event.utterance_id and held.revision >= event.revision:
            return state
        state = replace(state, partials={**state.partials, event.channel: event},
                        position_ms=max(state.position_ms, event.heard_ms))
        return self._pushed(state, event) if event.channel is Channel.CITIZEN else state

    def _pushed(self, state: CallState, partial: HypothesisRevised | None) -> CallState:
        """Cards for this moment; while the operator speaks they only wait, where the window can tell how many."""
        if state.is_quiet:
            return state
        push = self._pusher.choose(state.dialogue, partial, likely_items(state), state.position_ms, state.pushes)
        if Channel.OPERATOR in state.partials:
            is_known = push is None or (state.waiting is not None and push.ranked == state.waiting.ranked)
            return state if is_known else replace(state, waiting=push)
        if push is None:
            return state if state.waiting is None else replace(state, waiting=None)
        return replace(state, pushes=(*state.pushes, push), waiting=None)


def _switched(state: CallState, event: _Switch) -> CallState:
    """What is one step and touches nothing else; a submitted ticket has the matters that it has."""
    if isinstance(event, MomentFlagged):
        return replace(state, draft=state.draft.flag(event.at_ms))
    if isinstance(event, MatterAdded | MatterDropped):
        draft = state.draft.add_matter() if isinstance(event, MatterAdded) else state.draft.drop_matter(event.matter)
        return state if state.phase is Phase.SUBMITTED else replace(state, draft=draft)
    if isinstance(event, CallMuted):
        return replace(state, is_muted=event.is_muted)
    if isinstance(event, ConsultChanged):
        return replace(state, consult=event.consult)
    return replace(state, is_recognition_paused=event.is_paused, partials={} if event.is_paused else state.partials)


def likely_items(state: CallState) -> tuple[str, ...]:
    """Item codes on the ticket, best first, of all matters."""
    codes: list[str] = []
    for matter in range(len(state.draft.matters)):
        held = state.draft.get("item_code", matter)
        for value in (held.value, *(candidate.value for candidate in held.alternatives)):
            if isinstance(value, str) and value and value not in codes:
                codes.append(value)
    return tuple(codes)


def likely_district(state: CallState) -> str:
    """The district on the ticket, of its last matter that has one; "" where none has."""
    values = (state.draft.get("region_district", matter).value for matter in reversed(range(len(state.draft.matters))))
    return next((value for value in values if isinstance(value, str) and value), "")


class CallRunner:
    """A session on its own thread.

    Args:
        session: the reducer; touched by the call thread only after ``start``.
        on_state: told every new state, on the call thread, with the event that led to it.
        on_failure: told once if the call thread dies of a bug; the last good state stays in ``session.state``.
    """

    def __init__(self, session: CallSession, on_state: Callable[[CallState, CallEvent], None],
                 on_failure: Callable[[BaseException], None] | None = None) -> None:
        self.session = session
        self._on_state = on_state
        self._worker: WorkerThread[CallEvent] = WorkerThread("call", self._handle, on_failure=on_failure)

    def start(self) -> None:
        """Begin to take events."""
        self._worker.start()

    def post(self, event: CallEvent) -> None:
        """Queue an event; from any thread."""
        self._worker.post(event)

    def stop(self) -> bool:
        """Handle what is queued and end, nothing is told any more; False where that took too long."""
        is_over = self._worker.stop()
        if is_over:
            self._on_state = _told_nobody
        return is_over

    def _handle(self, event: CallEvent) -> None:
        self._on_state(self.session.apply(event), event)


def _told_nobody(_state: CallState, _event: CallEvent) -> None:
    """The call was put away."""
