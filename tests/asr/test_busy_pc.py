"""A PC that other programs keep busy, for real: recognition does less in the declared order, says so, and comes back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from app.domain.dialogue import Channel
from asr.client import ClientSettings, RecogniserClient
from asr.loading import EngineSpec
from asr.overload import NOTICE, Effort, OverloadSettings
from tests.asr.resilience import Heard, call, until
from tests.asr.sounds import call_blocks, sample_call
from tests.asr.test_client import PYTHONPATH

SETTINGS = OverloadSettings(final_only_ms=700, one_channel_ms=1_500, calm_ms=400, calm_s=1.0)
SPEC = EngineSpec("envelope", "tests.asr.envelope_engine:load", {"work_ms": "4"})
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="binds processes to one core")


@pytest.fixture
def core() -> Iterator[int]:
    """Everything that is started now shares one core, this process included."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    yield max(before)
    os.sched_setaffinity(0, before)


@pytest.fixture
def busy() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Busy loops, ended by the test or at its end."""
    loops: list[subprocess.Popen[bytes]] = []
    yield loops
    for loop in loops:
        loop.kill()
        loop.wait()


def make_busy(loops: list[subprocess.Popen[bytes]], count: int) -> None:
    loops += [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(count)]


def test_busy_processes_take_partials_then_a_channel_and_give_them_back(core: int, busy: list[subprocess.Popen[bytes]]) -> None:
    """A live call of 25 s; from the third second on eight busy loops share the core, until the operator's sound waits."""
    blocks = call_blocks(sample_call(), 25.0)
    client = RecogniserClient(SPEC, ClientSettings(overload=SETTINGS), environment=PYTHONPATH)
    undisturbed = RecogniserClient(SPEC, environment=PYTHONPATH)
    try:
        wanted, _ = call(undisturbed, blocks)
        undisturbed.close()
        assert client.wait_ready(180)
        heard, wait, began = Heard(), threading.Event(), time.monotonic()
        client.start(heard)
        for block in blocks:
            wait.wait(max(0.0, began + block.start_ms / 1000 + 0.1 - time.monotonic()))
            if block.start_ms >= 3_000 and not busy:
                make_busy(busy, 8)
            if any(f.key == NOTICE[Effort.ONE_CHANNEL] for f in heard.failures):
                for loop in busy:
                    loop.kill()
            client.accept(block)
        for loop in busy:
            loop.kill()
        assert until(lambda: heard.failures[-1].key == NOTICE[Effort.FULL], 60), [f.key for f in heard.failures]
        client.finish()
        assert heard.over.wait(400)
    finally:
        client.close()
        undisturbed.close()
    told = [f.key for f in heard.failures]
    assert told[:2] == [NOTICE[Effort.FINAL_ONLY], NOTICE[Effort.ONE_CHANNEL]]
    assert told[-1] == NOTICE[Effort.FULL]
    assert all(f.recovering and not f.lost_ms for f in heard.failures)
    assert client.restarts == 0  # starved is not hung
    assert [turn[0] for turn in heard.turns()] == [turn[0] for turn in wanted.turns()]
    assert {f.utterance.channel for f in heard.finals} == set(Channel)
