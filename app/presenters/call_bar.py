"""The call bar: who calls, how far the call is, which controls make sense now, danger to life.

Call control goes out through the port ``CallControl``, whose methods return at once; what they did comes back as a
state. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.call import CallState, Consult, Phase
from app.ports.phone import ConsultKeys, DialKey, Listening, PhoneFeature, PhoneKeys
from app.ports.ports import CallControl

URGENT = "特急"
_IN_CALL = (Phase.TALKING, Phase.PAUSED)
#: While somebody is consulted the caller is not handed on blindly, nor a second one consulted.
_NOT_WHILE_CONSULTING = frozenset({PhoneFeature.TRANSFER, PhoneFeature.CONSULT})
_OF_A_CONSULT = frozenset({PhoneFeature.COMPLETE, PhoneFeature.RETURN})


@dataclass(frozen=True, slots=True)
class CallBarView:
    """What the call bar draws. ``origin`` is the place of the calling number.

    ``features`` are the keys that work now; ``has_line`` tells a telephone from a recording; ``can_dial``: a number can be called now.
    """

    caller_number: str = ""
    city: str = ""
    phase: Phase = Phase.RINGING
    position_ms: int = 0
    can_answer: bool = False
    can_pause: bool = False
    can_resume: bool = False
    can_hang_up: bool = False
    is_urgent: bool = False
    origin: str = ""
    features: frozenset[PhoneFeature] = frozenset()
    has_line: bool = False
    is_muted: bool = False
    is_recognition_paused: bool = False
    consult: Consult | None = None
    can_dial: bool = False
    is_outgoing: bool = False

    @property
    def begins(self) -> bool:
        """Nothing rings: answering begins to hear a telephone that stands beside this PC."""
        return self.can_answer and self.phase is Phase.IDLE


class CallBarPresenter(QObject):
    """Feeds the call bar and the emergency bar.

    Args:
        control: the telephone.
    """

    changed = Signal(object)
    handed_over = Signal(str)
    """The operator hands the call to a number."""

    def __init__(self, control: CallControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self.origin: Callable[[str], str] = lambda number: ""
        self.view = CallBarView()

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        phase = state.phase
        view = CallBarView(
            caller_number=state.context.caller_number, city=state.context.city, phase=phase,
            # Tenths would redraw the bar for nothing: the timer shows seconds.
            position_ms=state.position_ms // 1000 * 1000,
            can_answer=(phase is Phase.RINGING and not state.context.is_outgoing) or (phase is Phase.IDLE and self.can_begin()),
            can_pause=phase is Phase.TALKING, can_resume=phase is Phase.PAUSED,
            can_hang_up=phase in _IN_CALL or (phase is Phase.RINGING and bool(self._features())), is_urgent=_is_urgent(state),
            origin=self.origin(state.context.caller_number),
            features=self._working(state), has_line=bool(self._features()), is_muted=state.is_muted,
            is_recognition_paused=state.is_recognition_paused, consult=state.consult if phase in _IN_CALL else None,
            can_dial=phase not in (*_IN_CALL, Phase.RINGING) and self.can_dial, is_outgoing=state.context.is_outgoing,
        )
        if view != self.view:
            self.view = view
            self.changed.emit(view)

    def answer(self) -> None:
        """Answer, where there is something to answer."""
        if self.view.can_answer:
            self._control.answer()

    def hold_or_resume(self) -> None:
        """One key for both ways."""
        if self.view.can_pause:
            self._control.pause()
        elif self.view.can_resume:
            self._control.resume()

    def hang_up(self) -> None:
        """End the call, or refuse one that rings on a line."""
        if self.view.can_hang_up:
            self._control.hang_up()

    def mute(self) -> None:
        """Microphone off or on."""
        if isinstance(self._control, PhoneKeys) and PhoneFeature.MUTE in self.view.features:
            self._control.mute(not self.view.is_muted)

    def send_digit(self, digit: str) -> None:
        """One key of the keypad."""
        if isinstance(self._control, PhoneKeys) and PhoneFeature.KEYPAD in self.view.features:
            self._control.send_digit(digit)

    def transfer(self, number: str) -> None:
        """Hand the caller to a number."""
        if isinstance(self._control, PhoneKeys) and PhoneFeature.TRANSFER in self.view.features and number:
            self._control.transfer(number)

    def consult(self, number: str) -> None:
        """Call a colleague while the caller waits."""
        if isinstance(self._control, ConsultKeys) and PhoneFeature.CONSULT in self.view.features and number:
            self._control.consult(number)

    def complete(self) -> None:
        """Hand the caller to whom is consulted."""
        if isinstance(self._control, ConsultKeys) and PhoneFeature.COMPLETE in self.view.features:
            self._control.complete()

    def go_back(self) -> None:
        """Leave whom is consulted."""
        if isinstance(self._control, ConsultKeys) and PhoneFeature.RETURN in self.view.features:
            self._control.go_back()

    def confer(self, number: str = "") -> None:
        """All three: with whom is consulted, or with a number."""
        if isinstance(self._control, ConsultKeys) and PhoneFeature.CONFERENCE in self.view.features and (number or self.view.consult):
            self._control.confer(number)

    @property
    def can_dial(self) -> bool:
        """Whether a number can be called now."""
        return isinstance(self._control, DialKey) and self._control.can_dial

    def dial(self, number: str) -> None:
        """Call a number; a ticket at hand stays as a draft."""
        if isinstance(self._control, DialKey) and self._control.can_dial and number:
            self._control.dial(number)

    def can_begin(self) -> bool:
        """Whether answering begins a call although nothing rings."""
        return isinstance(self._control, Listening) and self._control.can_begin

    def toggle_recognition(self) -> None:
        """Hear nothing of the call, or hear again."""
        if isinstance(self._control, Listening) and self.view.phase in _IN_CALL:
            self._control.pause_recognition(not self.view.is_recognition_paused)

    def _features(self) -> frozenset[PhoneFeature]:
        return self._control.features if isinstance(self._control, PhoneKeys) else frozenset()

    def _working(self, state: CallState) -> frozenset[PhoneFeature]:
        """Keys that make sense now."""
        if state.phase not in _IN_CALL:
            return frozenset()
        if state.consult is None:
            return self._features() - _OF_A_CONSULT
        without = _NOT_WHILE_CONSULTING if state.consult.is_up else _NOT_WHILE_CONSULTING | {PhoneFeature.COMPLETE, PhoneFeature.CONFERENCE}
        return self._features() - without

    def hand_over(self, number: str) -> None:
        """Hand the call to an emergency number."""
        self._control.hand_over(number)
        self.handed_over.emit(number)


def _is_urgent(state: CallState) -> bool:
    return state.phase is not Phase.SUBMITTED and any(
        state.draft.get("urgency", matter).value == URGENT for matter in range(len(state.draft.matters)))
