"""The speech process and its client, with real processes that are killed, stopped, and fed garbage."""

from __future__ import annotations

import io
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from rapidfuzz.distance import Levenshtein

from app.domain.dialogue import (
    Channel,
    ChannelFinished,
    HypothesisRevised,
    RecogniserFailed,
    SpeechEvent,
    UtteranceFinal,
)
from app.domain.errors import EnvironmentFault
from app.ports.ports import AudioBlock
from asr.client import ClientSettings, RecogniserClient
from asr.loading import EngineSpec
from asr.models.choice import choose_engine
from asr.protocol import ProtocolFault, read_frame, write_frame
from asr.worker_process import worker_command
from tests.asr.envelope_engine import ANSWERS, ASKS
from tests.asr.sounds import call_blocks, sample_call

ROOT = Path(__file__).resolve().parents[2]
PYTHONPATH = {"PYTHONPATH": str(ROOT)}
ENVELOPE = EngineSpec("envelope", "tests.asr.envelope_engine:load")
SECONDS = 45.0


class Listener:
    """Collects a call's events and knows when it is over."""

    def __init__(self) -> None:
        self.events: list[SpeechEvent] = []
        self.over = threading.Event()
        self.failed = threading.Event()

    def __call__(self, event: SpeechEvent) -> None:
        self.events.append(event)
        if isinstance(event, RecogniserFailed):
            self.failed.set()
        if len(self.finished) == len(Channel):
            self.over.set()

    @property
    def finished(self) -> list[ChannelFinished]:
        return [e for e in self.events if isinstance(e, ChannelFinished)]

    @property
    def failures(self) -> list[RecogniserFailed]:
        return [e for e in self.events if isinstance(e, RecogniserFailed)]

    @property
    def finals(self) -> list[UtteranceFinal]:
        return [e for e in self.events if isinstance(e, UtteranceFinal)]

    def said(self) -> list[tuple[str, int, int, str]]:
        return [(f.utterance_id, f.utterance.start_ms, f.utterance.end_ms, f.utterance.text) for f in self.finals]


@pytest.fixture
def client() -> Iterator[RecogniserClient]:
    made = RecogniserClient(ENVELOPE, environment=PYTHONPATH)
    yield made
    made.close()


def feed(client: RecogniserClient, blocks: list[AudioBlock]) -> None:
    for block in blocks:
        client.accept(block)


def whole_call(client: RecogniserClient, blocks: list[AudioBlock]) -> Listener:
    listener = Listener()
    client.start(listener)
    feed(client, blocks)
    client.finish()
    assert listener.over.wait(400)
    return listener


def same_turns(left: Listener, right: Listener) -> None:
    """The same utterances, in order, within two frames of the detector; none lost, none twice."""
    assert [f.utterance_id for f in left.finals] == [f.utterance_id for f in right.finals]
    for a, b in zip(left.finals, right.finals, strict=True):
        assert abs(a.utterance.start_ms - b.utterance.start_ms) <= 64
        assert abs(a.utterance.end_ms - b.utterance.end_ms) <= 64


def test_a_call_gives_ordered_partials_finals_and_an_end_a_channel(client: RecogniserClient) -> None:
    assert client.wait_ready(180)
    assert client.versions["engine"] == "envelope"
    listener = whole_call(client, call_blocks(sample_call(), SECONDS))
    assert {e.channel for e in listener.finished} == set(Channel)
    assert len(listener.finals) >= 6
    for channel in Channel:
        finals = [f for f in listener.finals if f.utterance.channel is channel]
        assert [f.utterance_id for f in finals] == [f"{channel.value[0]}-{n:04d}" for n in range(1, len(finals) + 1)]
        ends = [0, *(f.utterance.end_ms for f in finals)]
        assert all(end <= f.utterance.start_ms for end, f in zip(ends, finals, strict=False))
        assert all(0 < f.heard_ms - f.utterance.end_ms <= 750 for f in finals if f.heard_ms < SECONDS * 1000)
    partials = [e for e in listener.events if isinstance(e, HypothesisRevised)]
    for final in listener.finals:
        own = [p for p in partials if p.utterance_id == final.utterance_id]
        assert [p.revision for p in own] == list(range(1, len(own) + 1))
        assert all(later.heard_ms - earlier.heard_ms >= 200 for earlier, later in itertools.pairwise(own))
        assert all(p.start_ms <= p.word_end_ms <= p.heard_ms for p in own)
    assert client.usage.cpu_s > 0 and client.usage.peak_rss_mb > 10


def test_full_speed_gives_what_slow_feeding_gives(client: RecogniserClient) -> None:
    blocks = call_blocks(sample_call(), 20.0)
    fast = whole_call(client, blocks)
    slow = Listener()
    client.start(slow)
    for block in blocks:
        client.accept(block)
        assert client.drain(10)
    client.finish()
    assert slow.over.wait(400)

    def key(event: SpeechEvent) -> tuple[object, ...]:
        if isinstance(event, HypothesisRevised):
            return (event.utterance_id, event.revision, event.heard_ms, event.word_end_ms, event.text)
        return (event.utterance_id, event.heard_ms, event.utterance) if isinstance(event, UtteranceFinal) else ("end",)

    for channel in Channel:
        prefix = channel.value[0]
        assert [key(e) for e in fast.events if getattr(e, "utterance_id", "")[:1] == prefix] == \
               [key(e) for e in slow.events if getattr(e, "utterance_id", "")[:1] == prefix]


def test_killed_in_the_middle_nothing_is_lost_or_doubled(client: RecogniserClient) -> None:
    blocks = call_blocks(sample_call(), SECONDS)
    undisturbed = whole_call(client, blocks)
    listener = Listener()
    client.start(listener)
    for number, block in enumerate(blocks):
        if number in (90, 250, 251, 500, 777):
            assert client.drain(20)
            pid = client.worker_pid
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
        client.accept(block)
    client.finish()
    assert listener.over.wait(400)
    same_turns(undisturbed, listener)
    assert client.restarts >= 4
    assert listener.failures and all(f.recovering and f.lost_ms == 0 for f in listener.failures)
    revisions: dict[str, int] = {}
    for event in listener.events:
        if isinstance(event, HypothesisRevised):
            assert event.revision > revisions.get(event.utterance_id, 0)
            revisions[event.utterance_id] = event.revision


def test_killed_while_sound_waits_nothing_is_lost(client: RecogniserClient) -> None:
    blocks = call_blocks(sample_call(), 30.0)
    undisturbed = whole_call(client, blocks)
    listener = Listener()
    client.start(listener)
    feed(client, blocks[:300])
    assert client.worker_pid is not None
    os.kill(client.worker_pid, signal.SIGKILL)
    feed(client, blocks[300:])
    client.finish()
    assert listener.over.wait(400)
    same_turns(undisturbed, listener)


def test_a_new_worker_takes_the_place_of_a_killed_one(client: RecogniserClient) -> None:
    listener = Listener()
    client.start(listener)
    feed(client, call_blocks(sample_call(), 5.0))
    assert client.drain(20)
    first = client.worker_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert listener.failed.wait(60)
    assert client.wait_ready(60)
    assert client.worker_pid != first


def test_a_hung_worker_is_replaced() -> None:
    client = RecogniserClient(ENVELOPE, ClientSettings(), environment=PYTHONPATH)
    listener = Listener()
    try:
        client.start(listener)
        blocks = call_blocks(sample_call(), 20.0)
        feed(client, blocks[:150])
        assert client.drain(20)
        assert client.worker_pid is not None
        os.kill(client.worker_pid, signal.SIGSTOP)
        feed(client, blocks[150:])
        client.finish()
        assert listener.over.wait(400)
        assert listener.failures == [RecogniserFailed("asr.worker_restarting", recovering=True)]
        assert len(listener.finals) >= 3
    finally:
        client.close()


GARBLER = """
import os, subprocess, sys
flag = sys.argv[1]
if os.path.exists(flag):
    os.execv(sys.executable, [sys.executable, "-P", "-m", "asr.worker"])
open(flag, "w").close()
worker = subprocess.Popen([sys.executable, "-P", "-m", "asr.worker"], stdout=subprocess.PIPE)
os.write(1, worker.stdout.read1(100000))
os.write(1, b"Traceback: this is not a frame at all")
worker.wait()
"""


def test_garbage_on_the_pipe_costs_a_restart_and_no_word(tmp_path: Path) -> None:
    command = [sys.executable, "-c", GARBLER, str(tmp_path / "flag")]
    client = RecogniserClient(ENVELOPE, command=command, environment=PYTHONPATH)
    try:
        listener = whole_call(client, call_blocks(sample_call(), 20.0))
        assert [f.key for f in listener.failures] == ["asr.worker_restarting"]
        assert client.restarts == 1
        assert len(listener.finals) >= 3
    finally:
        client.close()


def test_garbage_sent_to_a_worker_ends_it_with_an_error_code() -> None:
    worker = subprocess.run(worker_command(), input=b"GET / HTTP/1.1\r\nHost: nobody\r\n\r\n", capture_output=True, timeout=30,
                            check=False)
    assert worker.returncode == 3
    assert b"Traceback" not in worker.stderr


def test_sound_that_ends_every_worker_is_given_up_and_the_rest_recognised() -> None:
    spec = EngineSpec("envelope", "tests.asr.envelope_engine:load", {"dies_at": "二"})
    client = RecogniserClient(spec, environment=PYTHONPATH)
    try:
        listener = Listener()
        client.start(listener)
        feed(client, call_blocks(sample_call(), 12.0))
        client.finish()
        assert listener.over.wait(400)
        given_up = [f for f in listener.failures if f.lost_ms]
        assert given_up and given_up[0].key == "asr.sound_given_up" and given_up[0].recovering
    finally:
        client.close()


def test_an_engine_that_cannot_load_is_told_by_its_own_key() -> None:
    spec = EngineSpec("zipformer", "asr.zipformer.engine:load", {"model_folder": "/nowhere", "lm_folder": "/nowhere"})
    client = RecogniserClient(spec)
    listener = Listener()
    try:
        with pytest.raises(EnvironmentFault) as told:
            client.wait_ready(180)
        assert told.value.key.startswith("asr.")
        client.start(listener)
        feed(client, call_blocks(sample_call(), 2.0))
        client.finish()
        assert listener.over.wait(400)
        assert [f.recovering for f in listener.failures] == [False]
    finally:
        client.close()


def test_accept_holds_back_a_source_that_is_too_fast() -> None:
    spec = EngineSpec("envelope", "tests.asr.envelope_engine:load", {"slow_ms": "5"})
    client = RecogniserClient(spec, ClientSettings(max_pending_ms=3_000), environment=PYTHONPATH)
    listener = Listener()
    highest = 0.0
    try:
        client.start(listener)
        for block in call_blocks(sample_call(), 15.0):
            client.accept(block)
            highest = max(highest, client.pending_ms)
        client.finish()
        assert listener.over.wait(400)
        assert highest <= 3_100
        assert len(listener.finals) >= 2
    finally:
        client.close()


def test_no_worker_outlives_the_program(tmp_path: Path) -> None:
    """The program is killed with -9 in the middle of a call; its worker goes too."""
    program = (
        "import sys, time\n"
        "from asr.client import RecogniserClient\n"
        "from asr.loading import EngineSpec\n"
        "c = RecogniserClient(EngineSpec('envelope', 'tests.asr.envelope_engine:load'))\n"
        "c.wait_ready()\nprint(c.worker_pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=tmp_path,
                              env={**os.environ, **PYTHONPATH})
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    worker.wait(60)


def test_close_ends_a_busy_worker_quickly() -> None:
    spec = EngineSpec("envelope", "tests.asr.envelope_engine:load", {"slow_ms": "50"})
    client = RecogniserClient(spec, environment=PYTHONPATH)
    client.start(Listener())
    feed(client, call_blocks(sample_call(), 15.0))
    assert client.wait_ready(20)
    worker = psutil.Process(client.worker_pid)
    began = time.monotonic()
    client.close()
    client.close()
    assert time.monotonic() - began < 20.0  # half a minute of sound and more waits
    assert not worker.is_running()


def test_a_second_call_starts_from_nothing(client: RecogniserClient) -> None:
    blocks = call_blocks(sample_call(), 20.0)
    first, second = whole_call(client, blocks), whole_call(client, blocks)
    same_turns(first, second)


def test_a_damaged_frame_is_refused() -> None:
    stream = io.BytesIO()
    write_frame(stream, {"type": "audio"}, b"1234")
    whole = stream.getvalue()
    too_long = whole[:4] + b"\xff\xff\xff\xff" + whole[8:]
    for damaged in (whole[:-1], b"XXXX" + whole[4:], too_long, whole[:12] + b"[" + whole[13:]):
        with pytest.raises(ProtocolFault):
            read_frame(io.BytesIO(damaged))
    assert read_frame(io.BytesIO(b"")) is None


def test_the_streaming_engine_killed_in_a_call_says_the_same_words() -> None:
    try:
        spec = choose_engine("zipformer")
    except EnvironmentFault as fault:
        pytest.skip(f"the streaming engine is not installed here ({fault.key})")
    client = RecogniserClient(spec)
    try:
        assert client.wait_ready()
        blocks = call_blocks(sample_call(), 25.0)
        undisturbed = whole_call(client, blocks)
        listener = Listener()
        client.start(listener)
        feed(client, blocks[:160])
        assert client.drain(180) and client.worker_pid is not None
        os.kill(client.worker_pid, signal.SIGKILL)
        feed(client, blocks[160:])
        client.finish()
        assert listener.over.wait(120)
        same_turns(undisturbed, listener)
        before, after = ("".join(f.utterance.text for f in one.finals) for one in (undisturbed, listener))
        assert len(before) > 30
        assert Levenshtein.distance(before, after) <= 0.1 * len(before)
    finally:
        client.close()


def test_a_question_asked_before_a_death_still_counts() -> None:
    """The successor is told what was said last: who was asked for a number is still expected to say it."""
    blocks = call_blocks(sample_call(), 20.0)
    made = RecogniserClient(EngineSpec("asking", "tests.asr.envelope_engine:load_asking"), environment=PYTHONPATH)
    try:
        undisturbed = whole_call(made, blocks)
        listener, rest = Listener(), iter(blocks)
        made.start(listener)
        for block in rest:
            made.accept(block)
            assert made.drain(180)
            if listener.finals:
                break
        assert listener.finals[0].utterance.text == ASKS
        pid = made.worker_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        feed(made, list(rest))
        made.finish()
        assert listener.over.wait(400)
    finally:
        made.close()
    assert [f.utterance.text for f in listener.finals] == [f.utterance.text for f in undisturbed.finals]
    assert listener.finals[1].utterance.text == ANSWERS
    assert made.restarts == 1
