"""The softphone's calls: baresip's events in, reports of a line out; the operator's commands in, baresip's commands out. One thread.

The desk knows one call, the caller's. A softphone has up to three legs for it: the caller's, that of somebody who is consulted, and a
conference room at the server, since baresip 1.0.0 cannot mix: the operator dials in and sends both others there (REFER). A second caller
hears busy.
What is reported is what baresip said has happened, never what was asked for; only holding has no event of its own, its answer counts.

Two habits of baresip 1.0.0's are met here. When a leg ends it takes back another one that is held, unasked: it is held again at once, for
the operator was told that the citizen does not hear him. And it sends a REFER into a dialog whose hold or resume is not answered yet,
which telephones answer with 491 or give up: a leg is sent on when its own change is done (``CHANGE_S`` at the most), one after the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.domain.call import NoticeRaised
from app.domain.errors import OperatorVisibleError
from app.domain.line import OUTGOING, LineCommand, LineEvent, LineEventKind
from app.telephony.sip_account import SipAccount, number_of, replacing
from app.telephony.sip_control import Answer

#: With what a transfer's success, and a peer without sound, end a call (baresip 1.0.0's words).
_TRANSFERRED, _DEAD = "Call transfered", "stream error"
#: Kept with a resumed call: others than the caller are heard too.
MIXED = "mixed"
#: So long a transfer waits for the answer to a hold or resume of the same leg.
CHANGE_S = 2.0
_PLAIN = frozenset({LineCommand.ANSWER, LineCommand.HANG_UP, LineCommand.HOLD, LineCommand.RESUME, LineCommand.MUTE, LineCommand.UNMUTE})


class Role(StrEnum):
    """Whose leg it is."""

    CALLER = "caller"
    CONSULTED = "consulted"
    ROOM = "room"


@dataclass(slots=True)
class Leg:
    """One connection. ``call_id`` is SIP's, "" until it is known. Abandoned: hung up by the operator, its end is of no
    interest. Ending: hung up with all the others, its end has not come yet. Changes: holds and resumes that are not answered
    yet. Goes to: the address to which it is sent when they are; sent: has been."""

    role: Role
    line_id: str
    number: str
    uri: str
    is_outgoing: bool
    call_id: str = ""
    is_up: bool = False
    is_held: bool = False
    is_muted: bool = False
    is_refused: bool = False
    is_abandoned: bool = False
    is_ending: bool = False
    changes: int = 0
    goes_to: str = ""
    is_sent: bool = False


class Baresip(Protocol):
    """What the calls need of the process."""

    def send(self, command: str, params: str = "", call_id: str = "") -> str:
        """See ``SipControl``."""

    def tags(self, call_id: str) -> tuple[str, str]:
        """See ``SipTrace``."""


class SipCalls:
    """See the module.

    Args:
        account: turns numbers into addresses.
        room: the conference room's number at the server, "" for none.
        report: takes reports.
        tell: takes notices.
    """

    def __init__(self, account: SipAccount, room: str, report: Callable[[LineEvent], None], tell: Callable[[NoticeRaised], None]) -> None:
        self._account, self._room, self._report, self._tell = account, room, report, tell
        self.baresip: Baresip | None = None
        self._legs: list[Leg] = []
        self._serial = itertools.count(1)
        self._asked: dict[str, tuple[LineCommand, Leg]] = {}
        self._confers_when_up = self._is_conference = False
        self._next = ""  # to be dialled as soon as what was hung up is over

    @property
    def is_idle(self) -> bool:
        """Whether there is no call."""
        return not self._legs

    @property
    def is_talking(self) -> bool:
        """Whether the caller is joined and not held."""
        return any(leg.is_up and not leg.is_held and leg.line_id for leg in tuple(self._legs))

    @property
    def is_muted(self) -> bool:
        """Whether who is heard now does not hear the operator, by the operator's own key. Any thread."""
        return any(leg.is_muted for leg in tuple(self._legs) if leg.is_up and not leg.is_held)

    # ------------------------------------------------------------------ what happened

    def take(self, event: Mapping[str, object]) -> None:
        """One event of baresip's."""
        kind, call_id = str(event.get("type", "")), str(event.get("id", ""))
        if kind == "CALL_INCOMING":
            self._incoming(call_id, str(event.get("peeruri", "")))
            return
        leg = self._leg_of(call_id, event.get("direction") == "outgoing")
        if leg is None:
            if kind == "CALL_CLOSED":  # a second caller, who heard busy
                self._hold_again()
        elif kind == "CALL_ESTABLISHED":
            self._established(leg)
        elif kind == "CALL_REMOTE_SDP" and event.get("param") == "answer":
            self._changed(leg)
        elif kind == "CALL_CLOSED":
            self._closed(leg, str(event.get("param", "")))
            self._hold_again()
            self._dial_next()
        elif kind == "TRANSFER_FAILED":
            self._transfer_failed(leg)

    def _dial_next(self) -> None:
        if self.is_idle and self._next:
            number, self._next = self._next, ""
            self._dial(number)

    def unchanged(self, call_id: str) -> None:
        """A hold or resume of this SIP call was refused."""
        leg = next((leg for leg in self._legs if leg.call_id == call_id), None)
        if leg is not None:
            self._changed(leg)

    @property
    def waits(self) -> bool:
        """Whether a transfer waits for another change."""
        return any(leg.goes_to for leg in self._legs)

    def wait_no_longer(self) -> None:
        """Send on who waits."""
        for leg in tuple(self._legs):
            self._changed(leg, leg.changes)

    def peer_lost(self) -> None:
        """Nothing has come from the caller for so long that he is gone: the call ends."""
        if self.is_talking and any(leg.line_id and not leg.is_ending for leg in self._legs):
            self._tell(NoticeRaised("sip.peer_dead"))
            self.command(LineCommand.HANG_UP, {})

    def answered(self, answer: Answer) -> None:
        """What a command gave."""
        command, leg = self._asked.pop(answer.token, (None, None))
        if command is None or leg is None or leg not in self._legs:
            return
        if command in (LineCommand.MUTE, LineCommand.UNMUTE):
            leg.is_muted = "un-muted" not in answer.text
            if leg.is_muted != (command is LineCommand.MUTE):
                self._do("mute", leg)  # it is a toggle, and stood otherwise than we thought
        elif command is LineCommand.DIAL and not answer.is_ok:
            self._closed(leg, "")
        elif not answer.is_ok:
            self._changed(leg)
            self._tell(NoticeRaised("sip.not_done"))

    def lost(self) -> None:
        """The process is gone and all calls with it."""
        legs, self._legs = self._legs, []
        self._asked.clear()
        self._next = ""
        self._confers_when_up = self._is_conference = False
        for leg in legs:
            if leg.role is not Role.CONSULTED:
                self._say(LineEventKind.RELEASED, leg)
                break

    def _incoming(self, call_id: str, uri: str) -> None:
        if self._legs:
            busy = Leg(Role.CONSULTED, "", number_of(uri), uri, False, call_id)
            self._do("hangup", busy)
            self._tell(NoticeRaised("sip.second_call", {"number": f"…{busy.number[-4:]}" if busy.number else "-"}))
            return
        leg = Leg(Role.CALLER, f"sip-{next(self._serial)}", number_of(uri), uri, False, call_id)
        self._legs.append(leg)
        self._say(LineEventKind.RINGING, leg)

    def _established(self, leg: Leg) -> None:
        if leg.is_up or leg.is_abandoned:
            return
        leg.is_up = True
        if leg.role is Role.CALLER:
            self._say(LineEventKind.ANSWERED, leg)
        elif leg.role is Role.ROOM:
            self._gather()
        elif self._confers_when_up:
            self._confer()
        else:
            self._say_consult(LineEventKind.CONSULTED, leg.number)
            self._tell(NoticeRaised("sip.consult_up", {"number": leg.number}))

    def _closed(self, leg: Leg, why: str) -> None:
        self._legs.remove(leg)
        if leg.is_abandoned:
            return
        if leg.role is Role.CALLER:
            self._caller_closed(leg, why)
        elif leg.role is Role.ROOM:
            self._room_closed(leg)
        elif self._leg(Role.CALLER) is not None:
            self._say_consult(LineEventKind.CONSULT_OVER)
            if not self._is_conference:
                self._confers_when_up = False
                self._tell(NoticeRaised("sip.consult_over" if leg.is_up else "sip.consult_failed", {"number": leg.number}))

    def _caller_closed(self, leg: Leg, why: str) -> None:
        room = self._leg(Role.ROOM)
        if room is not None and room.is_up:  # he was sent there
            room.line_id, room.number = leg.line_id, leg.number
            self._say_consult(LineEventKind.CONSULT_OVER)
            self._say(LineEventKind.RESUMED, room, **{MIXED: "yes"})
            self._tell(NoticeRaised("sip.conference_up"))
            self._gather()
            return
        self._confers_when_up = self._is_conference = False
        if _DEAD in why.lower():
            self._tell(NoticeRaised("sip.peer_dead"))
        self._say(LineEventKind.TRANSFERRED if why == _TRANSFERRED else LineEventKind.RELEASED, leg, why=why)
        for other in tuple(self._legs):
            other.is_ending = True
            self._do("hangup", other)

    def _transfer_failed(self, leg: Leg) -> None:
        leg.is_sent = False
        self._tell(NoticeRaised("sip.transfer_failed"))
        room = self._leg(Role.ROOM)
        if leg.role is Role.CALLER and room is not None:  # he did not come in: there is no conference
            self._do("hangup", room)

    def _room_closed(self, leg: Leg) -> None:
        was_used = leg.is_up and self._leg(Role.CALLER) is None
        self._is_conference = False
        if was_used:
            self._say(LineEventKind.RELEASED, leg)
        else:
            self._tell(NoticeRaised("sip.conference_failed"))

    # ------------------------------------------------------------------ what is asked

    @property
    def commands(self) -> frozenset[LineCommand]:
        """All, but for a conference without a room."""
        return frozenset(LineCommand) - (frozenset() if self._room else {LineCommand.CONFERENCE})

    def command(self, command: LineCommand, values: Mapping[str, str]) -> None:
        """One command of the operator's."""
        try:
            self._command(command, values.get("target", ""), values.get("digit", ""))
        except OperatorVisibleError as error:
            self._tell(NoticeRaised(error.key, error.params))

    def _command(self, command: LineCommand, target: str, digit: str) -> None:
        if command is LineCommand.DIAL:
            self._dial(target)
            return
        caller = self._leg(Role.CALLER) or self._leg(Role.ROOM)
        if caller is None:
            self._tell(NoticeRaised("sip.not_done"))
        elif command is LineCommand.DIGIT:
            self._do("sndcode", self._active or caller, command, digit)
        elif command is LineCommand.TRANSFER:
            self._refer(caller, self._account.uri(target))
        elif command in _PLAIN:
            self._with_caller(command, caller)
        else:
            self._with_others(command, caller, target)

    def _with_caller(self, command: LineCommand, caller: Leg) -> None:
        if command is LineCommand.ANSWER:
            if not caller.is_outgoing:
                self._do("accept", caller, command)
        elif command is LineCommand.HANG_UP:
            for leg in tuple(self._legs):
                leg.is_refused, leg.is_ending = not leg.is_up, True
                self._do("hangup", leg, command)
        elif command in (LineCommand.HOLD, LineCommand.RESUME):
            self._swap(caller, command is LineCommand.HOLD)
        else:
            self._mute(command)

    def _with_others(self, command: LineCommand, caller: Leg, target: str) -> None:
        consulted = self._leg(Role.CONSULTED)
        if command is LineCommand.CONSULT or (command is LineCommand.CONFERENCE and consulted is None):
            if consulted is not None:
                self._tell(NoticeRaised("sip.consulting_already"))
                return
            self._consult(caller, target)
            self._confers_when_up = command is LineCommand.CONFERENCE
        elif consulted is not None and command is LineCommand.RETURN:
            self._return(caller, consulted)
        elif consulted is None or not consulted.is_up:
            self._tell(NoticeRaised("sip.nobody_consulted"))
        elif command is LineCommand.CONFERENCE:
            self._confer()
        else:
            self._complete(caller, consulted)

    def _dial(self, number: str) -> None:
        uri = self._account.uri(number)
        if self._legs and all(leg.is_ending for leg in self._legs):
            self._next = number
            return
        if self._legs:
            self._tell(NoticeRaised("desk.hang_up_first"))
            return
        leg = Leg(Role.CALLER, f"sip-{next(self._serial)}", number_of(uri), uri, True)
        self._legs.append(leg)
        self._say(LineEventKind.RINGING, leg)
        self._do("dial", leg, LineCommand.DIAL, uri)

    def _consult(self, caller: Leg, number: str) -> None:
        uri = self._account.uri(number)
        if not caller.is_held:
            self._hold(caller, True)
        leg = Leg(Role.CONSULTED, "", number, uri, True)
        self._legs.append(leg)
        self._do("dial", leg, LineCommand.DIAL, uri)
        self._say_consult(LineEventKind.CONSULTING, number)

    def _complete(self, caller: Leg, consulted: Leg) -> None:
        theirs, ours = self.baresip.tags(consulted.call_id) if self.baresip is not None else ("", "")
        if not theirs:
            self._tell(NoticeRaised("sip.transfer_failed"))
            return
        self._refer(caller, replacing(consulted.uri, consulted.call_id, theirs, ours))

    def _return(self, caller: Leg, consulted: Leg) -> None:
        self._confers_when_up = False
        self._do("hangup", consulted, LineCommand.HANG_UP)
        consulted.is_abandoned = True
        self._say_consult(LineEventKind.CONSULT_OVER)
        self._hold(caller, False)

    def _confer(self) -> None:
        self._confers_when_up, self._is_conference = False, True
        uri = self._account.uri(self._room)
        for leg in self._legs:
            if leg.is_up and not leg.is_held:
                self._hold(leg, True)
        room = Leg(Role.ROOM, "", self._room, uri, True)
        self._legs.append(room)
        self._do("dial", room, LineCommand.DIAL, uri)

    def _gather(self) -> None:
        """Send the caller into the room, and then, when he is there, who was consulted."""
        leg = self._leg(Role.CALLER) or self._leg(Role.CONSULTED)
        if leg is not None:
            self._refer(leg, self._account.uri(self._room))

    def _refer(self, leg: Leg, uri: str) -> None:
        leg.goes_to = uri
        self._changed(leg, 0)

    def _changed(self, leg: Leg, count: int = 1) -> None:
        """So many of its holds and resumes are answered: what waited for them all is done."""
        leg.changes = max(0, leg.changes - count)
        if leg.goes_to and not leg.changes:
            uri, leg.goes_to, leg.is_sent = leg.goes_to, "", True
            self._do("transfer", leg, LineCommand.TRANSFER, uri)

    def _hold_again(self) -> None:
        """Whom baresip may have taken back by itself when another leg ended; it does nothing where that is held."""
        for leg in self._legs:
            if leg.is_held and not (leg.is_abandoned or leg.is_ending or leg.is_sent or leg.goes_to):
                self._do("hold", leg)

    def _swap(self, caller: Leg, is_held: bool) -> None:
        """Hold the caller or take him back; whoever is consulted meanwhile is treated the other way round."""
        consulted = self._leg(Role.CONSULTED)
        if consulted is not None and consulted.is_up and is_held != caller.is_held:
            self._hold(consulted, not is_held)
        self._hold(caller, is_held)

    def _hold(self, leg: Leg, is_held: bool) -> None:
        if leg.is_up and leg.is_held != is_held:
            self._do("hold" if is_held else "resume", leg, LineCommand.HOLD if is_held else LineCommand.RESUME)
            leg.is_held, leg.changes = is_held, leg.changes + 1
            if leg.line_id:
                self._say(LineEventKind.HELD if is_held else LineEventKind.RESUMED, leg)

    def _mute(self, command: LineCommand) -> None:
        leg = self._active
        if leg is not None and leg.is_muted != (command is LineCommand.MUTE):
            self._do("mute", leg, command)

    @property
    def _active(self) -> Leg | None:
        """Who hears the operator."""
        talking = [leg for leg in self._legs if leg.is_up and not leg.is_held and not leg.is_abandoned]
        return talking[-1] if talking else None

    # ------------------------------------------------------------------ inside

    def _do(self, what: str, leg: Leg, command: LineCommand | None = None, params: str = "") -> None:
        token = self.baresip.send(what, params, leg.call_id) if self.baresip is not None else ""
        if token and command is not None:
            self._asked[token] = (command, leg)

    def _leg(self, role: Role) -> Leg | None:
        return next((leg for leg in self._legs if leg.role is role and not leg.is_abandoned), None)

    def _leg_of(self, call_id: str, is_outgoing: bool) -> Leg | None:
        for leg in self._legs:
            if leg.call_id == call_id and call_id:
                return leg
        if is_outgoing and call_id:
            for leg in self._legs:
                if leg.is_outgoing and not leg.call_id:
                    leg.call_id = call_id
                    return leg
        return None

    def _say_consult(self, kind: LineEventKind, number: str = "") -> None:
        held = next((leg for leg in self._legs if leg.line_id), None)
        if held is not None:
            self._report(LineEvent(kind, held.line_id, held.number, target=number))

    def _say(self, kind: LineEventKind, leg: Leg, **more: str) -> None:
        values = {"call": leg.line_id, **{name: value for name, value in more.items() if value}}
        if leg.is_outgoing and leg.role is Role.CALLER:
            values[OUTGOING] = "yes"
        if kind is LineEventKind.RELEASED and leg.is_refused:
            values["refused"] = "yes"
        self._report(LineEvent(kind, leg.line_id, leg.number, values=values))
