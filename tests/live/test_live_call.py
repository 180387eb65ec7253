"""A whole live call: a CTI page rings, joins, holds and ends it; both sides play through null sinks; the ticket grows as in replay."""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import soundfile

from app.assembly import ReplayOrder, new_submit, open_knowledge
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
from tests.live.sound_server import SoundServer, sound_server

PATIENCE_S = 240.0
TOKEN = "a-token-of-this-test"
CALL = os.environ.get("TINGDAN_LIVE_CALL", "dev-001")


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
        self.line = LineDesk(self.calls, LiveParts("广州市", lambda tell: DeviceSource("", "", clock, tell), self.listener, clock))
        self.calls.begin_live = self.line.begin
        self.calls.start()
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


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    with sound_server(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def seat(server: SoundServer, home_with_lexicon: Path, language_model: Path, monkeypatch: pytest.MonkeyPatch,
         tmp_path: Path) -> Iterator[Seat]:
    monkeypatch.setenv("TINGDAN_MODELS", os.pathsep.join([os.environ.get("TINGDAN_MODELS", ""), str(language_model.parent)]))
    one = Seat(tmp_path)
    yield one
    one.close()


def text(state: CallState, channel: Channel) -> str:
    return "".join(utterance.text for utterance in state.dialogue if utterance.channel is channel)


def play_call(server: SoundServer, recording: Path, folder: Path) -> None:
    samples, rate_hz = soundfile.read(recording)
    for column, sink in ((0, "mouth"), (1, "headset")):
        soundfile.write(folder / f"{sink}.wav", samples[:, column], rate_hz)
    players = [server.play(folder / f"{sink}.wav", sink) for sink in ("mouth", "headset")]
    for player in players:
        player.wait(PATIENCE_S)


def filled(state: CallState) -> dict[str, object]:
    return {f"{matter}.{name}": value.value for matter, fields in enumerate(state.draft.matters) for name, value in fields.items()
            if value.value is not None}


def test_a_call_from_ring_to_wrap_up_as_in_replay(seat: Seat, server: SoundServer, shared: Path, tmp_path: Path) -> None:
    recording = shared / "calls" / "dev" / f"{CALL}.flac"
    seat.page("ring")
    assert seat.states.phase(Phase.RINGING).context.caller_number == "13900000000"
    seat.page("queue")
    seat.page("answer")
    seat.states.phase(Phase.TALKING)
    play_call(server, recording, tmp_path)
    seat.page("hangup")
    live = seat.states.phase(Phase.WRAP_UP)
    seat.calls.close()

    states = States()
    clients: list[RecogniserClient] = []

    def recogniser() -> RecogniserClient:
        from app.assembly import engine_spec
        clients.append(RecogniserClient(engine_spec(ReplayOrder())))
        clients[0].warm()
        return clients[0]

    replayed = recorded_call(ReplayOrder(recording=recording, city="广州市", caller="13900000000"), seat.parts, recogniser)
    replayed.deliver = states
    replayed.start()
    replayed.control.answer()
    again = states.phase(Phase.WRAP_UP)
    replayed.close()
    clients[0].close()
    gold = [line.split("\t") for line in recording.with_suffix(".tsv").read_text("utf-8").splitlines()[1:]]
    told = {}
    for channel in Channel:
        said = "".join(line[4] for line in gold if line[1] == channel.value)
        told[channel] = tuple(errors(said, text(state, channel)) for state in (live, again))
    counts = {"live": sum(t[0][0] for t in told.values()), "replay": sum(t[1][0] for t in told.values()),
              "characters": sum(t[0][1] for t in told.values())}
    one, other = filled(live), filled(again)
    differing = sorted(key for key in {*one, *other} if one.get(key) != other.get(key))
    print(CALL, counts, "fields", len(one), len(other), "differing", differing)
    assert counts["live"] <= counts["replay"] + 0.03 * counts["characters"]


def test_hold_and_pause_go_by_unheard_and_a_missed_call_leaves_nothing(seat: Seat, server: SoundServer, shared: Path,
                                                                        tmp_path: Path) -> None:
    seat.page("ring", "m-1")
    seat.states.phase(Phase.RINGING)
    seat.page("hangup", "m-1")
    seat.states.phase(Phase.IDLE)
    seat.page("ring")
    seat.states.phase(Phase.RINGING)
    seat.page("answer")
    seat.states.phase(Phase.TALKING)
    seat.page("hold")
    seat.states.phase(Phase.PAUSED)
    samples, rate_hz = soundfile.read(shared / "calls" / "dev" / f"{CALL}.flac", frames=8000 * 12)
    soundfile.write(tmp_path / "head.flac", samples, rate_hz)
    play_call(server, tmp_path / "head.flac", tmp_path)
    seat.page("unhold")
    seat.states.phase(Phase.TALKING)
    seat.calls.pause_recognition(True)
    seat.states.until(lambda state: state.is_recognition_paused)
    play_call(server, tmp_path / "head.flac", tmp_path)
    seat.calls.pause_recognition(False)
    seat.states.until(lambda state: not state.is_recognition_paused)
    seat.calls.hang_up()
    assert seat.states.phase(Phase.WRAP_UP).dialogue == ()


def test_without_a_line_answering_begins_a_call(seat: Seat, server: SoundServer, shared: Path, tmp_path: Path) -> None:
    samples, rate_hz = soundfile.read(shared / "calls" / "dev" / f"{CALL}.flac", frames=8000 * 12)
    soundfile.write(tmp_path / "head.flac", samples, rate_hz)
    seat.calls.answer()
    seat.states.phase(Phase.TALKING)
    play_call(server, tmp_path / "head.flac", tmp_path)
    seat.states.until(lambda state: bool(text(state, Channel.CITIZEN)) and bool(text(state, Channel.OPERATOR)))
    seat.calls.hang_up()
    seat.states.phase(Phase.WRAP_UP)
