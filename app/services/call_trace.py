"""What a call's states do not keep and its record needs: how late cards and words came, what was worse than it should be, the wrap-up.

A fold over (state, event) as the call thread gives them, cheap at each. Nothing of what was said is kept. ``told`` may be asked from
another thread while the call goes on.
"""

from __future__ import annotations

from app.domain.call import (
    CallEvent,
    CallReleased,
    CallState,
    CardDismissed,
    CardsQuieted,
    NoticeRaised,
    Phase,
    SubmitAsked,
)
from app.domain.call_recording import CallTold, SideLevels
from app.domain.dialogue import Channel, HypothesisRevised, RecogniserFailed, UtteranceFinal
from app.domain.knowledge import Push
from app.ports.ports import Clock

#: A draft taken up again: what happened before is not known here.
REOPENED = "draft_reopened"
_SIDES = {"citizen": "citizen", "operator": "agent"}
_OF_SOUND = {"silent": "no_sound", "gone": "device_gone", "quiet": "quiet", "clipped": "clipped", "noisy": "noisy", "rate": "rate"}
#: Message key of a notice to the code of what it means for the call; faults of sound follow by their side (``degradation_of``).
_CODES = {
    "sound.echo": "echo", "sound.swapped": "swapped", "asr.worker_restarting": "restart", "asr.sound_given_up": "sound_skipped",
    "asr.model_gone": "no_model", "asr.overload_final_only": "overload", "asr.overload_one_channel": "overload",
    "asr.worker_keeps_failing": "no_recognition", "platform.internal_error": "bug", "cti.link_gone": "line_gone",
    "kb_update.expired_days": "knowledge_expired", "store.disk_full": "store", "store.io": "store", "store.busy": "store",
}


class CallTrace:
    """See the module.

    Args:
        clock: for the wrap-up.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._delays_ms: list[int] = []
        self._final_ms: dict[Channel, list[int]] = {channel: [] for channel in Channel}
        self._dismissed: set[str] = set()
        self._codes: dict[str, None] = {}
        self._released_s: float | None = None
        self._unheard: list[tuple[int, int]] = []
        self._deaf: dict[str, int] = {}
        self._wrap_up_ms = 0

    def reopened(self) -> None:
        """The call was a draft that is taken up again."""
        self._codes[REOPENED] = None
        self._released_s = self._clock.monotonic_s()

    def take(self, state: CallState, event: CallEvent) -> None:
        """The state after an event."""
        for push in state.pushes[len(self._delays_ms):]:
            self._delays_ms.append(self._delay_ms(push, state, event))
        self._listen(state)
        if isinstance(event, UtteranceFinal):
            if event.heard_ms:  # a script has no sound to be late after
                self._final_ms[event.utterance.channel].append(_shown_ms(event) - event.utterance.end_ms)
        elif isinstance(event, NoticeRaised | RecogniserFailed):
            self._note(event.key)
        elif isinstance(event, CardDismissed | CardsQuieted):
            self._dismissed.update(_waved_away(state, event))
        elif isinstance(event, CallReleased):
            if self._released_s is None and state.phase is Phase.WRAP_UP:
                self._released_s = self._clock.monotonic_s()
        elif isinstance(event, SubmitAsked) and self._released_s is not None:
            self._wrap_up_ms = round((self._clock.monotonic_s() - self._released_s) * 1000)

    def told(self, levels: dict[Channel, SideLevels] | None = None) -> CallTold:
        """What is known so far.

        Args:
            levels: of both sides' sound, where there was any.
        """
        return CallTold(tuple(self._delays_ms), {channel: tuple(held) for channel, held in self._final_ms.items()},
                        frozenset(self._dismissed), tuple(self._codes), self._wrap_up_ms, levels or {}, tuple(self._unheard))

    def _listen(self, state: CallState) -> None:
        """Note from when to when nobody listened."""
        for reason, is_deaf in (("held", state.phase is Phase.PAUSED), ("paused", state.is_recognition_paused)):
            if is_deaf:
                self._deaf.setdefault(reason, state.position_ms)
            elif reason in self._deaf:
                self._unheard.append((self._deaf.pop(reason), state.position_ms))

    def _note(self, key: str) -> None:
        code = degradation_of(key)
        if code:
            self._codes[code] = None

    def _delay_ms(self, push: Push, state: CallState, event: CallEvent) -> int:
        """From the end of the words that called for the cards; those are still being said where a partial of the citizen's stands."""
        shown_ms = _shown_ms(event) if isinstance(event, HypothesisRevised | UtteranceFinal) else push.at_ms
        partial = state.partials.get(Channel.CITIZEN)
        if partial is not None:
            ended_ms = partial.word_end_ms
        elif 0 <= push.after_utterance < len(state.dialogue):
            ended_ms = state.dialogue[push.after_utterance].end_ms
        else:
            ended_ms = shown_ms
        return max(0, max(shown_ms, push.at_ms) - ended_ms)


def _waved_away(state: CallState, event: CardDismissed | CardsQuieted) -> tuple[str, ...]:
    """Entries of a card that was waved away, or of the newest ones where the operator wants no further cards."""
    if isinstance(event, CardDismissed):
        return (event.entry_id,)
    return tuple(ranked.entry.id for ranked in state.pushes[-1].ranked) if event.is_quiet and state.pushes else ()


def _shown_ms(event: HypothesisRevised | UtteranceFinal) -> int:
    """When the event could be seen: the sound that it needed, and the time of computing."""
    return event.heard_ms + round(event.compute_ms)


def degradation_of(key: str) -> str:
    """The code of what a notice means for the call, "" where it means nothing."""
    if key in _CODES:
        return _CODES[key]
    room, _, what = key.partition(".")
    fault, _, side = what.partition("_")
    return f"{_OF_SOUND[fault]}.{_SIDES[side]}" if room == "sound" and fault in _OF_SOUND and side in _SIDES else ""
