"""What a telephone line tells and takes, whatever system it belongs to; and which of it concerns the call at hand.

``LineBook`` is a pure reducer: reports of a line in, what the desk has to do out. It makes repeated, late and foreign reports harmless: a
call rings once, is joined once and ends once, and one that is over stays over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_REMEMBERED = 256
#: Among a report's values: the agent called.
OUTGOING = "outgoing"


class LineEventKind(StrEnum):
    """What happened to a call. ANSWERED: the parties are joined (not: waits in a queue).

    CONSULTING: ``target`` is called beside the caller; CONSULTED: he has answered; CONSULT_OVER: he is gone, or the call is one of several.
    """

    QUEUED = "queued"
    RINGING = "ringing"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    RELEASED = "released"
    TRANSFERRED = "transferred"
    CONSULTING = "consulting"
    CONSULTED = "consulted"
    CONSULT_OVER = "consult_over"


class LineCommand(StrEnum):
    """What a line may be asked to do.

    DIAL: call a number. CONSULT: hold the caller and call somebody else; then COMPLETE hands the caller to him, RETURN goes back to the
    caller. CONFERENCE: all three, with who is consulted or with a number that is called first.
    """

    ANSWER = "answer"
    HANG_UP = "hang_up"
    HOLD = "hold"
    RESUME = "resume"
    MUTE = "mute"
    UNMUTE = "unmute"
    DIGIT = "digit"
    TRANSFER = "transfer"
    DIAL = "dial"
    CONSULT = "consult"
    COMPLETE = "complete"
    RETURN = "return"
    CONFERENCE = "conference"


_CONSULTS = (LineEventKind.CONSULTING, LineEventKind.CONSULTED, LineEventKind.CONSULT_OVER)


@dataclass(frozen=True, slots=True)
class LineEvent:
    """One report of a line.

    Attributes:
        kind: what happened.
        call_id: the line's own key of the call.
        number: calling number, digits (a leading + stays out); "" where withheld.
        agent: whose phone it is, in the line's words.
        queue: through which queue or skill it came.
        target: where it was transferred to.
        values: everything that the mapping kept, by name; commands are filled in from it.
    """

    kind: LineEventKind
    call_id: str
    number: str = ""
    agent: str = ""
    queue: str = ""
    target: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_outgoing(self) -> bool:
        """The agent called; "number" is whom."""
        return bool(self.values.get(OUTGOING))


class LineStep(StrEnum):
    """What the desk has to do."""

    NOTHING = "nothing"
    POP = "pop"
    JOIN = "join"
    POP_AND_JOIN = "pop_and_join"
    HOLD = "hold"
    RESUME = "resume"
    END = "end"
    HANDED_ON = "handed_on"
    MISSED = "missed"
    SECOND = "second"
    CONSULT = "consult"


class LineBook:
    """Keeps which call of the line is at hand. One thread at a time."""

    def __init__(self) -> None:
        self.current: LineEvent | None = None
        self._is_joined = self._is_held = False
        self._over: dict[str, None] = {}

    @property
    def is_joined(self) -> bool:
        """Whether the call at hand was answered."""
        return self.current is not None and self._is_joined

    def take(self, event: LineEvent) -> LineStep:
        """One report; gives what to do."""
        if event.call_id in self._over or event.kind is LineEventKind.QUEUED:
            return LineStep.NOTHING
        held = self.current
        if held is None or held.call_id != event.call_id:
            return self._other(event)
        if event.kind is LineEventKind.RINGING:
            return LineStep.NOTHING
        if event.kind is LineEventKind.ANSWERED:
            step = LineStep.NOTHING if self._is_joined else LineStep.JOIN
            self._is_joined = True
            return step
        if event.kind in (LineEventKind.RELEASED, LineEventKind.TRANSFERRED):
            return self._ended(event)
        if event.kind in _CONSULTS:
            return LineStep.CONSULT if self._is_joined else LineStep.NOTHING
        return self._hold(event.kind is LineEventKind.HELD)

    def forget(self) -> None:
        """The call at hand left the desk otherwise (its window was put away): what the line says of it no longer counts."""
        if self.current is not None:
            self._close(self.current.call_id)

    def _other(self, event: LineEvent) -> LineStep:
        starts = event.kind in (LineEventKind.RINGING, LineEventKind.ANSWERED)
        if not starts:
            if event.kind is LineEventKind.RELEASED:
                self._remember(event.call_id)
            return LineStep.NOTHING
        if self._is_joined:
            return LineStep.SECOND
        self.current, self._is_joined, self._is_held = event, event.kind is LineEventKind.ANSWERED, False
        return LineStep.POP_AND_JOIN if self._is_joined else LineStep.POP

    def _ended(self, event: LineEvent) -> LineStep:
        was_joined = self._is_joined
        self._close(event.call_id)
        if not was_joined:
            return LineStep.MISSED
        return LineStep.HANDED_ON if event.kind is LineEventKind.TRANSFERRED else LineStep.END

    def _hold(self, is_held: bool) -> LineStep:
        if not self._is_joined or is_held == self._is_held:
            return LineStep.NOTHING
        self._is_held = is_held
        return LineStep.HOLD if is_held else LineStep.RESUME

    def _close(self, call_id: str) -> None:
        self.current, self._is_joined, self._is_held = None, False, False
        self._remember(call_id)

    def _remember(self, call_id: str) -> None:
        self._over[call_id] = None
        while len(self._over) > _REMEMBERED:
            del self._over[next(iter(self._over))]
