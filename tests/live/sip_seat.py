"""A desk with a softphone, and the telephone server and the citizen that sipp plays: what the tests of live SIP calls share."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import soundfile

from app.assembly import ReplayOrder, engine_spec, new_submit, open_knowledge
from app.audio.softphone_source import SoftphoneSource
from app.desk_calls import CallParts, DeskCalls, recorded_call
from app.desk_line import LineDesk, LiveParts
from app.domain.call import CallState, NoticeRaised, Phase
from app.domain.dialogue import Channel
from app.domain.line import LineEvent
from app.platform import messages
from app.platform.clock import SystemClock
from app.ports.ports import AudioSource
from app.store.ticket_store import SqliteTicketStore
from app.telephony.sip_account import SipAccount
from app.telephony.sip_phone import SipPhone
from app.telephony.sip_process import SipSound, memory_folder
from asr.client import RecogniserClient
from tests.app.store import scenes
from tests.bench.cer import errors
from tests.live.sipp import CITIZEN, PASSWORD, USER, Sipp, caller, free_port, server

PATIENCE_S = 120.0
KEEP_ALIVE_S = 15
CITY = "广州市"


class Watched:
    """Something that changes on other threads, waited for by condition."""

    def __init__(self) -> None:
        self.changed = threading.Condition()

    def until(self, is_there: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
        with self.changed:
            assert self.changed.wait_for(is_there, seconds), self.told()

    def told(self) -> str:
        """What there is instead, without words of the call."""
        return ""


class States(Watched):
    """Every state that the window would get."""

    def __init__(self) -> None:
        super().__init__()
        self.newest: CallState | None = None

    def __call__(self, state: CallState) -> None:
        with self.changed:
            self.newest = state
            self.changed.notify_all()

    def told(self) -> str:
        state = self.newest
        return f"{state.phase}, {[each.key for each in state.notices]}" if state is not None else "no state"

    def having(self, is_there: Callable[[CallState], bool], seconds: float = PATIENCE_S) -> CallState:
        self.until(lambda: self.newest is not None and is_there(self.newest), seconds)
        assert self.newest is not None
        return self.newest

    def phase(self, phase: Phase, seconds: float = PATIENCE_S) -> CallState:
        return self.having(lambda state: state.phase is phase, seconds)

    def notice(self, key: str, seconds: float = PATIENCE_S) -> CallState:
        return self.having(lambda state: any(each.key == key for each in state.notices), seconds)


@dataclass(slots=True)
class Heard(Watched):
    """A softphone alone: its reports and notices."""

    events: list[LineEvent] = field(default_factory=list)
    notices: list[NoticeRaised] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def event(self, event: LineEvent) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def notice(self, notice: NoticeRaised) -> None:
        assert messages.text(notice.key, notice.params) != notice.key
        with self.changed:
            self.notices.append(notice)
            self.changed.notify_all()


def quiet_sound(operator: Path) -> SipSound:
    """No device: a file is the operator's microphone, nobody hears the citizen."""
    return SipSound("aubridge,nobody", f"aufile,{operator}", "aubridge,alert", ("aubridge.so", "aufile.so"), rings=False)


def operator_file(recording: Path, to: Path, more_s: float = 30.0) -> Path:
    """The operator's side of a recording, silence after it, as baresip's ``aufile`` wants it."""
    samples, rate_hz = soundfile.read(recording, always_2d=True, dtype="int16")
    with soundfile.SoundFile(to, "w", rate_hz, 1, "PCM_16") as file:
        file.write(samples[:, 0])
        file.write(samples[:1, 0].repeat(round(more_s * rate_hz)) * 0)
    return to


class SipSeat:
    """A desk without its window, its softphone, and the telephone server.

    Args:
        folder: for all of it.
        operator: of ``operator_file``.
        room: the conference room's number.
        server_at: host:port of a server that is there already; "" starts one.
        source: makes a call's sound otherwise.
        keep_alive_s: seconds between the softphone's questions whether the server is there.
    """

    def __init__(self, folder: Path, operator: Path, room: str = "", server_at: str = "",
                 source: Callable[[SipPhone, Callable[[NoticeRaised], None]], AudioSource] | None = None,
                 keep_alive_s: int = KEEP_ALIVE_S) -> None:
        clock, self.states = SystemClock(), States()
        self.folder, self.bugs = folder, queue.Queue[BaseException]()
        self.server = Sipp(folder, server(), calls=0) if not server_at else None
        self.port = free_port()
        at = f"127.0.0.1:{self.server.port}" if self.server is not None else server_at
        account = SipAccount(at, USER, PASSWORD, port=self.port)
        self.phone = SipPhone(account, room, quiet_sound(operator), memory_folder(), clock, keep_alive_s)
        self.store = SqliteTicketStore(folder / "tickets.db", scenes.KEY, clock)
        self.knowledge = open_knowledge(None)
        self.parts = CallParts(self.knowledge, self.store, new_submit(self.store, clock), clock, lambda error, where: self.bugs.put(error))
        self.calls = DeskCalls(self.parts, CITY)
        self.calls.deliver = self.states

        def make(tell: Callable[[NoticeRaised], None]) -> AudioSource:
            if source is not None:
                return source(self.phone, tell)
            return SoftphoneSource(self.phone.tap, clock, tell, lambda: self.phone.is_talking, is_muted=lambda: self.phone.is_muted,
                                   lost=self.phone.peer_lost)

        self.line = LineDesk(self.calls, LiveParts(CITY, make, self.phone, clock))
        self.calls.dial_line = self.line.dial
        self.calls.start()
        self.line.start()

    def registered(self) -> None:
        assert self.phone.wait_settled(PATIENCE_S)
        assert self.phone.is_registered

    def citizen(self, sound: Path | None, bye_after_s: float | None = None, refer: str = "200 OK", number: str = CITIZEN) -> Sipp:
        """A citizen who calls this seat."""
        return Sipp(self.folder, caller(sound, bye_after_s, refer, number), f"127.0.0.1:{self.port}")

    def close(self) -> None:
        self.line.close()
        self.calls.close()
        self.knowledge.close()
        self.store.close()
        if self.server is not None:
            self.server.kill()
        assert self.bugs.empty(), self.bugs.get()

    def answered(self) -> None:
        """Take the call that rings."""
        self.states.phase(Phase.RINGING)
        self.calls.answer()
        self.states.phase(Phase.TALKING)


def replayed(recording: Path, parts: CallParts) -> CallState:
    """The same file as a recording."""
    states = States()
    client = RecogniserClient(engine_spec(ReplayOrder()))
    try:
        client.warm()
        call = recorded_call(ReplayOrder(recording=recording, city=CITY, caller=CITIZEN, realtime=False), parts, lambda: client)
        call.deliver = states
        call.start()
        call.control.answer()
        state = states.phase(Phase.WRAP_UP)
        call.close()
        return state
    finally:
        client.close()


def text(state: CallState, channel: Channel) -> str:
    return "".join(utterance.text for utterance in state.dialogue if utterance.channel is channel)


def character_errors(state: CallState, recording: Path) -> dict[Channel, tuple[int, int]]:
    """Errors and characters of each side, by the recording's script."""
    gold = [line.split("\t") for line in recording.with_suffix(".tsv").read_text("utf-8").splitlines()[1:]]
    counted = {}
    for channel in Channel:
        wrong, total = errors("".join(line[4] for line in gold if line[1] == channel.value), text(state, channel))[:2]
        counted[channel] = (wrong, total)
    return counted


def filled(state: CallState) -> dict[str, object]:
    """What the ticket holds."""
    return {f"{matter}.{name}": value.value for matter, fields in enumerate(state.draft.matters) for name, value in fields.items()
            if value.value is not None}
