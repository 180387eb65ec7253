"""CallControl and PhoneKeys of a live call: what the line can do goes to the line, what it cannot the operator does at the telephone.

The line's own reports are what counts: holding, answering and hanging up here only ask. Without a line (a telephone beside this PC) the
keys act on what is heard: answering begins to listen, hanging up ends it.
"""

from __future__ import annotations

from collections.abc import Callable

from app.domain.call import (
    CallAnswered,
    CallEvent,
    CallMuted,
    CallPaused,
    CallResumed,
    Consult,
    ConsultChanged,
    NoticeRaised,
)
from app.domain.line import LineCommand, LineEvent, LineEventKind
from app.ports.line import LineLink
from app.ports.phone import PhoneFeature
from app.telephony.replay_control import Playback

_KEYS = {
    LineCommand.MUTE: PhoneFeature.MUTE, LineCommand.DIGIT: PhoneFeature.KEYPAD, LineCommand.TRANSFER: PhoneFeature.TRANSFER,
    LineCommand.CONSULT: PhoneFeature.CONSULT, LineCommand.COMPLETE: PhoneFeature.COMPLETE, LineCommand.RETURN: PhoneFeature.RETURN,
    LineCommand.CONFERENCE: PhoneFeature.CONFERENCE,
}


class LineControl:
    """See the module.

    Args:
        playback: what hears the call.
        post: the call's inbox.
        link: the line; None for a telephone that reports nothing.
        event: the line's report with which the call came; None without a line.
    """

    def __init__(self, playback: Playback, post: Callable[[CallEvent], None], link: LineLink | None, event: LineEvent | None) -> None:
        self._playback, self._post, self._link, self._event = playback, post, link, event
        self._is_joined = False

    # ------------------------------------------------------------------ what the line reports

    def joined(self) -> None:
        """The parties are joined: listen. A second time does nothing."""
        if not self._is_joined:
            self._is_joined = True
            self._post(CallAnswered())
            self._playback.start()

    def held(self, is_held: bool) -> None:
        """On hold, or back."""
        if is_held:
            self._playback.pause()
            self._post(CallPaused(self._playback.position_ms))
        else:
            self._playback.resume()
            self._post(CallResumed(self._playback.position_ms))

    def consulted(self, event: LineEvent) -> None:
        """How far it is with somebody beside the caller."""
        is_over = event.kind is LineEventKind.CONSULT_OVER
        self._post(ConsultChanged(None if is_over else Consult(event.target, event.kind is LineEventKind.CONSULTED)))

    def ended(self) -> None:
        """The parties are apart."""
        self._playback.stop()

    # ------------------------------------------------------------------ what the operator asks

    def answer(self) -> None:
        """Take the call; listening begins when the line says that the parties are joined."""
        if not self._ask(LineCommand.ANSWER):
            self.joined()

    def pause(self) -> None:
        """Hold."""
        if not self._ask(LineCommand.HOLD):
            self.held(True)

    def resume(self) -> None:
        """Take from hold."""
        if not self._ask(LineCommand.RESUME):
            self.held(False)

    def hang_up(self) -> None:
        """End it."""
        self._ask(LineCommand.HANG_UP)
        self.ended()  # whatever the line does: the operator is done, nothing more is heard

    def hand_over(self, number: str) -> None:
        """To an emergency number: into the call where the line can do that, else the caller is handed on."""
        if self._link is not None and LineCommand.CONFERENCE in self._link.commands:
            self._ask(LineCommand.CONFERENCE, target=number)
        else:
            self.transfer(number)

    @property
    def features(self) -> frozenset[PhoneFeature]:
        """Keys that the line has commands for."""
        can = self._link.commands if self._link is not None and self._event is not None else frozenset()
        return frozenset(feature for command, feature in _KEYS.items() if command in can)

    def mute(self, is_muted: bool) -> None:
        """Microphone off or on, where the line does it."""
        if self._ask(LineCommand.MUTE if is_muted else LineCommand.UNMUTE):
            self._post(CallMuted(is_muted))

    def send_digit(self, digit: str) -> None:
        """A tone."""
        self._ask(LineCommand.DIGIT, digit=digit)

    def transfer(self, number: str) -> None:
        """Hand the caller on; the line tells when that is done."""
        self._ask(LineCommand.TRANSFER, target=number)

    def consult(self, number: str) -> None:
        """Call somebody while the caller waits."""
        self._ask(LineCommand.CONSULT, target=number)

    def complete(self) -> None:
        """The caller to whom is consulted."""
        self._ask(LineCommand.COMPLETE)

    def go_back(self) -> None:
        """To the caller."""
        self._ask(LineCommand.RETURN)

    def confer(self, number: str = "") -> None:
        """All three."""
        self._ask(LineCommand.CONFERENCE, **({"target": number} if number else {}))

    def _ask(self, command: LineCommand, **more: str) -> bool:
        """True where the line has it; else the operator is told to use the telephone, unless there is no line to tell."""
        if self._link is None or self._event is None:
            if command is LineCommand.TRANSFER:
                self._post(NoticeRaised("cti.not_sent", {"command": command.value}))
            return False
        if self._link.send(command, {**self._event.values, **more}):
            return True
        self._post(NoticeRaised("cti.not_sent", {"command": command.value}))
        return False
