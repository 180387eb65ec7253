"""Every fault of the speech process, caused for real in the middle of a call: one line, a new worker, no final lost or doubled."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from rapidfuzz.distance import Levenshtein

from app.domain.dialogue import RecogniserFailed
from app.domain.errors import EnvironmentFault
from app.platform import messages
from asr.client import ClientSettings, RecogniserClient
from asr.liveness import SILENT, STANDS_STILL, Liveness, LivenessSettings
from asr.loading import EngineSpec
from asr.models.choice import choose_engine
from tests.asr import resilience
from tests.asr.resilience import Heard, call, pid_of
from tests.asr.sounds import call_blocks, sample_call

BLOCKS = call_blocks(sample_call(), 20.0)
MIDDLE = 160
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals, /proc and memory limits as Linux has them")


@pytest.fixture(scope="module")
def spec() -> EngineSpec:
    try:
        return choose_engine("zipformer")
    except EnvironmentFault as fault:
        pytest.skip(f"the streaming engine is not installed here ({fault.key})")


@pytest.fixture
def client(spec: EngineSpec) -> Iterator[RecogniserClient]:
    made = RecogniserClient(spec)
    assert made.wait_ready()
    yield made
    made.close()


@pytest.fixture(scope="module")
def undisturbed(spec: EngineSpec) -> Heard:
    made = RecogniserClient(spec)
    try:
        return call(made, BLOCKS)[0]
    finally:
        made.close()


def nothing_lost(undisturbed: Heard, heard: Heard) -> None:
    """The same utterances in the same places, none twice, and (but for the beam's luck after a restart) the same words."""
    assert [turn[0] for turn in heard.turns()] == [turn[0] for turn in undisturbed.turns()]
    for ours, theirs in zip(heard.turns(), undisturbed.turns(), strict=True):
        assert abs(ours[1] - theirs[1]) <= 64 and abs(ours[2] - theirs[2]) <= 96
    assert Levenshtein.distance(heard.text(), undisturbed.text()) <= 0.05 * len(undisturbed.text())


FAULTS = [resilience.killed, resilience.hung, resilience.garbage, resilience.out_of_memory]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_in_the_middle_of_a_call(
        fault: resilience.Fault, client: RecogniserClient, undisturbed: Heard) -> None:
    """How many seconds it takes is measured (docs/benchmarks/asr_resilience.md), not tested: they are the machine's."""
    heard, _ = call(client, BLOCKS, fault, MIDDLE)
    assert heard.failures == [RecogniserFailed("asr.worker_restarting", recovering=True)]
    nothing_lost(undisturbed, heard)
    assert client.restarts == 1


def test_flooded_for_long_it_holds_the_source_back_and_stays_small(client: RecogniserClient, undisturbed: Heard) -> None:
    """Minutes as fast as they come: sound waits at the source, not in memory, and the last words are as right as the first."""
    rounds = 4
    length_ms = BLOCKS[-1].start_ms + 2_000
    flood = [type(b)(b.channel, b.start_ms + n * length_ms, b.pcm, b.rate_hz) for n in range(rounds) for b in BLOCKS]
    worker, heard, highest, sizes = psutil.Process(pid_of(client)), Heard(), 0.0, []
    client.start(heard)
    for number, block in enumerate(flood):
        client.set_context(["天河区", "珠江新城"])  # as busy a program as can be
        client.accept(block)
        highest = max(highest, client.pending_ms)
        if number % len(BLOCKS) == len(BLOCKS) - 1:
            sizes.append(worker.memory_info().rss)
    client.finish()
    assert heard.over.wait(300)
    assert not heard.failures and highest <= 60_200
    assert len(heard.finals) >= rounds * (len(undisturbed.finals) - 1)
    assert max(sizes) < 1.1 * sizes[2]


@pytest.fixture
def own_model(spec: EngineSpec, tmp_path: Path) -> Iterator[tuple[RecogniserClient, Path]]:
    """A client whose model may be deleted."""
    folder = tmp_path / "model"
    shutil.copytree(spec.arguments["model_folder"], folder)
    made = RecogniserClient(EngineSpec(spec.name, spec.factory, {**spec.arguments, "model_folder": str(folder)}))
    assert made.wait_ready()
    yield made, folder
    made.close()


def test_a_model_deleted_in_a_call_does_not_disturb_it(own_model: tuple[RecogniserClient, Path], undisturbed: Heard) -> None:
    client, folder = own_model
    heard, at = Heard(), MIDDLE
    client.start(heard)
    for block in BLOCKS[:at]:
        client.accept(block)
    shutil.rmtree(folder)
    for block in BLOCKS[at:]:
        client.accept(block)
    client.finish()
    assert heard.over.wait(400)
    assert not heard.failures
    nothing_lost(undisturbed, heard)


def test_a_model_deleted_and_the_worker_killed_it_goes_on_when_the_model_is_back(
        own_model: tuple[RecogniserClient, Path], undisturbed: Heard) -> None:
    client, folder = own_model
    aside = folder.with_name("aside")

    def fault(one: RecogniserClient) -> None:
        folder.rename(aside)
        resilience.killed(one)

    heard = Heard()
    client.start(heard)
    for number, block in enumerate(BLOCKS):
        if number == MIDDLE:
            assert client.drain(180)
            fault(client)
        client.accept(block)
    client.finish()
    told = resilience.until(lambda: len(heard.failures) >= 2, 20)
    assert told, heard.failures
    aside.rename(folder)
    assert heard.over.wait(400)
    assert [f.key for f in heard.failures] == ["asr.worker_restarting", "asr.model_gone"]
    assert all(f.recovering and not f.lost_ms for f in heard.failures)
    nothing_lost(undisturbed, heard)


def test_a_model_that_stays_away_is_given_up_with_its_loss(spec: EngineSpec, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(spec.arguments["model_folder"], folder)
    settings = ClientSettings(liveness=LivenessSettings(reload_patience_s=1.0))
    client = RecogniserClient(EngineSpec(spec.name, spec.factory, {**spec.arguments, "model_folder": str(folder)}), settings)
    try:
        assert client.wait_ready()
        heard = Heard()
        client.start(heard)
        shutil.rmtree(folder)
        resilience.killed(client)
        for block in BLOCKS[:100]:
            client.accept(block)
        client.finish()
        assert heard.over.wait(400)
        assert [f.recovering for f in heard.failures] == [True, True, False]
        assert heard.failures[-1].lost_ms == 10_000
    finally:
        client.close()


def test_what_the_operator_reads_is_one_line_in_both_languages() -> None:
    for key in ("asr.worker_restarting", "asr.model_gone", "asr.sound_given_up"):
        for language in ("zh", "en"):
            told = messages.text(key, {}, language)
            assert told != key and "\n" not in told


# --- when a worker counts as hung ----------------------------------------------------------------------------------------


def living(**limits: float) -> Liveness:
    live = Liveness(LivenessSettings(**limits))  # type: ignore[arg-type]
    live.started(0.0)
    live.ready(0.0, streaming=True)
    return live


def watch(live: Liveness, until_s: float, beats: bool, cpu_share: float, waits: bool = True, runs: bool = True) -> tuple[float, str]:
    """Look ten times a second; gives when and why it is to be killed."""
    for tick in range(1, round(until_s * 10) + 1):
        now_s = tick / 10
        if beats and tick % 3 == 0:
            live.sign(now_s, cpu_share * now_s)
        if why := live.verdict(now_s, waits, runs=lambda: runs):
            return now_s, why
    return until_s, ""


def test_a_worker_that_stands_still_is_told_from_a_starved_one() -> None:
    at_s, why = watch(living(), 10, beats=False, cpu_share=0, runs=False)
    assert why == STANDS_STILL and at_s <= 1.0
    live = living()
    at_s, why = watch(live, 30, beats=False, cpu_share=0)
    assert why == SILENT and at_s > 3
    live.started(0.0)
    live.ready(0.0, streaming=True)
    assert watch(live, 30, beats=False, cpu_share=0)[0] > 1.9 * at_s


def test_a_deadlock_and_an_endless_loop_are_told_from_slow_work() -> None:
    assert watch(living(), 60, beats=True, cpu_share=0.0002)[0] < 7
    assert watch(living(), 60, beats=True, cpu_share=0.9)[1] == "no progress"
    assert watch(living(), 60, beats=True, cpu_share=0.1) == (60, "")  # starved by others, not hung
    assert watch(living(), 600, beats=True, cpu_share=0.0002, waits=False) == (600, "")


def test_a_watcher_that_slept_itself_blames_nobody() -> None:
    live = living()
    assert live.verdict(0.1, True) == ""
    assert live.verdict(30.0, True) == ""  # the whole PC slept
    live.sign(30.1, 0.0)
    assert live.verdict(30.2, True) == ""
    assert live.verdict(30.3, True, telling=True) == ""


def test_a_worker_whose_reader_breaks_ends_at_once() -> None:
    """It must not live on deaf: memory runs out while a frame is read."""
    command = [sys.executable, "-P", "-m", "asr.worker"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        told = worker.communicate(b"TDs1\x02\x00\x00\x00\x00\x00\x00\x00[]", timeout=30)[1]
        assert worker.returncode not in (0, -signal.SIGKILL)
        assert b"Traceback" not in told
    finally:
        worker.kill()
