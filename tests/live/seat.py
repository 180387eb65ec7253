"""A desk without its window, the agent page that speaks to it, and calls that are played through null sinks."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import requests
import soundfile

from app.assembly import ReplayOrder, engine_spec, new_submit, open_knowledge
from app.audio.device_source import DeviceSource
from app.desk_calls import CallParts, DeskCalls, recorded_call
from app.desk_line import LineDesk, LiveParts
from app.domain.call import CallState, Phase
from app.domain.dialogue import Channel
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.store.ticket_store import SqliteTicketStore
from app.telephony.cti_intake import CtiIntake
from app.telephony.cti_listener import CtiListener
from app.telephony.cti_mapping import read_mapping
from asr.client import RecogniserClient
from tests.app.store import scenes
from tests.bench.cer import errors
from tests.live.sound_server import SoundServer

PATIENCE_S = 240.0
TOKEN = "a-token-of-this-test"
#: Silence before and after a call's sound: null sinks drop the first moments of a stream, the last word needs its pause.
_BEFORE_S, _AFTER_S = 1.0, 1.5


class States:
    """Every state that the window would get."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.newest: CallState | None = None
        self.bugs: queue.Queue[BaseException] = queue.Queue()

    def __call__(self, state: CallState) -> None:
        with self._changed:
            self.newest = state
            self._changed.notify_all()

    def until(self, is_there: Callable[[CallState], bool]) -> CallState:
        with self._changed:
            assert self._changed.wait_for(lambda: self.newest is not None and is_there(self.newest), PATIENCE_S), self.newest
            assert self.newest is not None
            return self.newest

    def phase(self, phase: Phase) -> CallState:
        return self.until(lambda state: state.phase is phase)


class Seat:
    """A desk without its window, and the page that speaks to it."""

    def __init__(self, folder: Path) -> None:
        clock, self.states = SystemClock(), States()
        self.store = SqliteTicketStore(folder / "tickets.db", scenes.KEY, clock)
        self.knowledge = open_knowledge(None)
        self.parts = CallParts(self.knowledge, self.store, new_submit(self.store, clock), clock,
                               lambda error, where: self.states.bugs.put(error))
        self.calls = DeskCalls(self.parts, "广州市")
        self.calls.deliver = self.states
        mapping = read_mapping(resource("cti", "http-page.toml"), {"agent_id": "8001"})
        self.listener = CtiListener(CtiIntake(mapping, clock), TOKEN, 0, clock)
        self._live = LiveParts("广州市", lambda tell: DeviceSource("", "", clock, tell), self.listener, clock)
        self.line = LineDesk(self.calls, self._live)
        self.calls.begin_live = self.line.begin
        self.calls.start()
        self.line.start()

    def announce(self, words: str) -> None:
        """What the operator announces, for the calls to come."""
        self.line.close()
        self.line = LineDesk(self.calls, replace(self._live, announcement=words))
        self.line.start()

    def page(self, what: str, call_id: str = "b-204") -> None:
        message = {"evt": what, "uuid": call_id, "caller": "13900000000", "agent": "8001"}
        asked = requests.post(f"http://127.0.0.1:{self.listener.port}/cti/event", data=json.dumps(message), timeout=30,
                              headers={"Authorization": f"Bearer {TOKEN}", "Origin": "http://agent.hotline.example"})
        assert asked.status_code == 204

    def close(self) -> None:
        self.line.close()
        self.calls.close()
        self.knowledge.close()
        self.store.close()
        assert self.states.bugs.empty(), self.states.bugs.get()


def replayed(recording: Path, parts: CallParts) -> CallState:
    """The same recording through the replay, at full speed; its last state."""
    states, clients = States(), list[RecogniserClient]()

    def recogniser() -> RecogniserClient:
        clients.append(RecogniserClient(engine_spec(ReplayOrder())))
        clients[0].warm()
        return clients[0]

    call = recorded_call(ReplayOrder(recording=recording, city="广州市", caller="13900000000"), parts, recogniser)
    call.deliver = states
    call.start()
    call.control.answer()
    state = states.phase(Phase.WRAP_UP)
    call.close()
    clients[0].close()
    return state


def lived(seat: Seat, server: SoundServer, recording: Path, folder: Path, call_id: str = "b-204") -> CallState:
    """The recording as a live call: rung, queued, joined and ended by the page, both sides played; its state at wrap-up."""
    seat.page("ring", call_id)
    seat.states.phase(Phase.RINGING)
    seat.page("queue", call_id)
    seat.page("answer", call_id)
    seat.states.phase(Phase.TALKING)
    play_call(server, recording, folder)
    seat.page("hangup", call_id)
    return seat.states.phase(Phase.WRAP_UP)


def cut(recording: Path, folder: Path, seconds: float) -> Path:
    """The first seconds of a recording."""
    samples, rate_hz = soundfile.read(recording)
    soundfile.write(folder / "head.flac", samples[: int(seconds * rate_hz)], rate_hz)
    return folder / "head.flac"


def character_errors(recording: Path, state: CallState) -> tuple[int, int]:
    """Errors and characters of both sides against what was said (the .tsv beside the recording)."""
    gold = [line.split("\t") for line in recording.with_suffix(".tsv").read_text("utf-8").splitlines()[1:]]
    pairs = [errors("".join(line[4] for line in gold if line[1] == side.value), text(state, side)) for side in Channel]
    return sum(wrong for wrong, _ in pairs), sum(count for _, count in pairs)


def differing(one: CallState, other: CallState) -> list[str]:
    """Fields of the tickets that are not the same."""
    first, second = filled(one), filled(other)
    return sorted(key for key in {*first, *second} if first.get(key) != second.get(key))


def text(state: CallState, channel: Channel) -> str:
    """What a side said."""
    return "".join(utterance.text for utterance in state.dialogue if utterance.channel is channel)


def play_call(server: SoundServer, recording: Path, folder: Path) -> None:
    """Play both sides at once, to their end."""
    samples, rate_hz = soundfile.read(recording)
    for column, sink in ((0, "mouth"), (1, "headset")):
        sound = np.concatenate((np.zeros(int(_BEFORE_S * rate_hz)), samples[:, column], np.zeros(int(_AFTER_S * rate_hz))))
        soundfile.write(folder / f"{sink}.wav", sound, rate_hz)
    players = [server.play(folder / f"{sink}.wav", sink) for sink in ("mouth", "headset")]
    for player in players:
        player.wait(PATIENCE_S)


def filled(state: CallState) -> dict[str, object]:
    """The ticket's values."""
    return {f"{matter}.{name}": value.value for matter, fields in enumerate(state.draft.matters) for name, value in fields.items()
            if value.value is not None}
