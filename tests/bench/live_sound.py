"""Live sound at a real sound server: `make bench-live-sound` -> docs/benchmarks/live-sound.md.

*faults*: tests/live/sound_faults.py, with the times. *latency*: a click is written into a sound device, and the moment at which the block
that holds it comes out of the source; what counts is what live sound adds to a recording's: the time from the end of a block's sound to
its delivery. *path*: dev calls through null sinks, sample by sample against the recording. *band* and *calls*: ``tests.bench.live_calls``.
The page is whatever one run measured, whole; nothing in it is written by hand.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from app.domain.dialogue import Channel
from app.platform import messages
from app.services.replay import percentile
from tests.bench.effort import a_home
from tests.bench.live_calls import band_table, call_table
from tests.live.listener import Listener
from tests.live.seat import Seat
from tests.live.sound_faults import FAULTS, Fault, Found, program_alone
from tests.live.sound_server import SoundServer, sound_server

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "live-sound.md"
DEV_CALLS = Path(os.environ.get("TINGDAN_SHARED") or ROOT.parent / "shared") / "calls" / "dev"
LOAD_BEFORE = os.getloadavg()[0]
CLICKS, EVERY_S = 60, 0.537
RATE_HZ = 48_000


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", nargs="*", default=["dev-001", "dev-005", "dev-008"], help="played through the sound server")
    parser.add_argument("--path", nargs="*", default=["dev-001"], help="compared sample by sample")
    parser.add_argument("--band", type=int, default=4, help="how many dev calls are recognised at both rates")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    began_s = time.monotonic()
    lines = [*latency_table(), *fault_table(), *path_table(chosen.path), *calls_of(chosen.calls, chosen.band)]
    lines = [*head(time.monotonic() - began_s), *lines]
    print("\n".join(lines))
    if chosen.write:
        REPORT.write_text("\n".join(lines) + "\n", "utf-8")
    return 0


def head(took_s: float) -> list[str]:
    """What was measured, and on what."""
    less = " ".join(each for each in sys.argv[1:] if each != "--write")
    return ["# Live sound", "", f"Written whole by `make bench-live-sound`{f' (this run with `{less}`)' if less else ''}, "
            f"{took_s / 60:.0f} minutes. PulseAudio {version()}, Python "
            f"{platform.python_version()}, {os.cpu_count()} cores; load {LOAD_BEFORE:.1f} when it began, {os.getloadavg()[0]:.1f} at its end "
            "(the run itself makes about 1). Each fault is caused for real at a sound server of its own. `make test-live` runs the same "
            "faults, asserting what is told and that it gets well, never how quickly.", ""]


def calls_of(names: list[str], band: int) -> list[str]:
    """Recognised calls; nothing where the dev calls are not at hand."""
    there = sorted(DEV_CALLS.glob("dev-*.flac"))
    if not there:
        return []
    with a_home(), fresh() as (server, folder):
        seat = Seat(folder)
        try:
            wanted = [each for each in there if each.stem in names]
            return [*call_table(wanted, seat, server, folder), *band_table(there[::max(1, len(there) // band)][:band], seat)]
        finally:
            seat.close()


def version() -> str:
    """The sound server's."""
    told = subprocess.run(["pulseaudio", "--version"], capture_output=True, text=True, check=False).stdout
    return told.split()[-1] if told else "?"


# ------------------------------------------------------------------ latency


def latency_table() -> list[str]:
    """Milliseconds from the end of a block's sound to its delivery, by device."""
    rows = ["## Latency that live sound adds", "", "From the end of a block's sound to the block in the recogniser's hands; a recording in real time has 0 "
            "here by definition. Wanted: p95 at most 150 ms.", "",
            "| device | blocks | p50 | p95 | worst |", "| --- | --- | --- | --- | --- |"]
    for name, act in (("microphone (pipe source)", microphone_latency), ("headset (monitor of a sink)", headset_latency)):
        with fresh() as (server, folder):
            found = act(server, folder)
        rows.append(f"| {name} | {len(found)} | {percentile(found, .5)} ms | {percentile(found, .95)} ms | {max(found):.0f} ms |")
    return [*rows, ""]


def fresh() -> _Fresh:
    """A sound server in a folder of its own."""
    return _Fresh()


class _Fresh(ExitStack):
    def __enter__(self) -> tuple[SoundServer, Path]:  # type: ignore[override]
        super().__enter__()
        folder = Path(self.enter_context(tempfile.TemporaryDirectory()))
        patch = self.enter_context(pytest.MonkeyPatch.context())
        return self.enter_context(sound_server(folder, patch)), folder


def microphone_latency(server: SoundServer, folder: Path) -> list[float]:
    """Clicks into a pipe that is a microphone: the moment at which they are written is the moment at which they sound."""
    fifo = folder / "mic.fifo"
    server.load("module-pipe-source", "source_name=mic", f"file={fifo}", "format=s16le", f"rate={RATE_HZ}", "channels=1")
    handle = os.open(fifo, os.O_WRONLY)
    try:
        return clicks(Channel.OPERATOR, "mic", lambda data: os.write(handle, data))
    finally:
        os.close(handle)


def headset_latency(server: SoundServer, folder: Path) -> list[float]:
    """Clicks played on the headset; the moment at which they sound is told by a second reader with 5 ms of latency."""
    sound = np.zeros(int((CLICKS + 8) * EVERY_S * RATE_HZ), np.int16)
    for click in range(1, CLICKS + 8):
        at = int(click * EVERY_S * RATE_HZ)
        sound[at:at + 96] = 20_000
    soundfile.write(folder / "clicks.wav", sound, RATE_HZ)
    reader = subprocess.Popen(["parec", "--device=headset.monitor", "--raw", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1",
                               "--latency-msec=5"], env=server.environment, stdout=subprocess.PIPE)
    sounded: list[float] = []
    thread = threading.Thread(target=_read, args=(reader, sounded))
    thread.start()
    listener = Listener()
    try:
        listener.until(lambda: len(listener.blocks) > 10)
        server.play(folder / "clicks.wav", "headset").wait(600)
        listener.until(lambda: len(sounded) >= CLICKS)
    finally:
        listener.close()
        reader.kill()
        thread.join(30)
        reader.communicate()
    return delays(listener, Channel.CITIZEN, sounded)


def _read(reader: subprocess.Popen[bytes], sounded: list[float]) -> None:
    assert reader.stdout is not None
    last = 0.0
    while data := os.read(reader.stdout.fileno(), 9600):
        now_s = time.monotonic()
        samples = np.frombuffer(data[: len(data) // 2 * 2], np.int16)
        loud = np.flatnonzero(samples > 4000)
        if len(loud) and now_s - last > EVERY_S / 2:
            last = now_s
            sounded.append(now_s - (len(samples) - int(loud[0])) / RATE_HZ)


def clicks(side: Channel, microphone: str, write: object) -> list[float]:
    """Write silence with clicks in real time; see ``delays``."""
    listener, over, sounded = Listener(microphone, ""), threading.Event(), list[float]()
    thread = threading.Thread(target=_write, args=(write, over, sounded))
    thread.start()
    try:
        listener.until(lambda: len(sounded) >= CLICKS + 8)
    finally:
        over.set()
        thread.join(30)
        listener.close()
    return delays(listener, side, sounded)


def delays(listener: Listener, side: Channel, sounded: list[float]) -> list[float]:
    """Milliseconds from the end of each block that holds a click, by the moment at which that sounded, to the block's coming."""
    found = []
    for block, came in zip(listener.blocks, listener.came_at, strict=True):
        samples = np.abs(np.frombuffer(block.pcm, "<i2").astype(int))
        nearest = max((each for each in sounded if each <= came), default=None)
        if block.channel is side and samples.max() > 4000 and nearest is not None and came - nearest < EVERY_S:
            found.append((came - nearest - (0.1 - int(np.argmax(samples > 4000)) / len(samples) * 0.1)) * 1000)
    return found[4:]


def _write(write: object, over: threading.Event, sounded: list[float]) -> None:
    began, given, due_click = time.monotonic(), 0, EVERY_S
    while not over.wait(0.005):
        now_s = time.monotonic() - began
        count = int(now_s * RATE_HZ) - given
        piece = np.zeros(count, np.int16)
        if now_s >= due_click and count > 200:
            piece[-96:] = 20_000
            sounded.append(time.monotonic())
            due_click += EVERY_S
        write(piece.tobytes())  # type: ignore[operator]
        given += count


# ------------------------------------------------------------------ faults


def fault_table() -> list[str]:
    """Every fault."""
    rows = ["## Faults of sound", "", "*found*: from the fault to the line that the operator reads; *well*: to good sound of that side again. Nothing that was "
            "recognised before is lost in any of them: dialogue and ticket are the desk's, not the source's.", "",
            "| caused | the operator reads | found | well | lost |", "| --- | --- | --- | --- | --- |"]
    for fault in FAULTS:
        found = struck(fault)
        print(fault.name, found, flush=True)
        if found is None:
            rows.append(f"| {fault.name} | not told in two tries of this run | | | |")
            continue
        told = " … ".join(dict.fromkeys(messages.text(key, lang="zh") for key in found.told))
        rows.append(f"| {fault.name} | {told} | {found.found_s:.1f} s | {well(found, fault.after)} | {fault.lost} |")
    with fresh() as (server, folder):
        found = program_alone(server, folder)
    rows.append(f"| the softphone's stream ends, a new one begins on another headset (`app:`) | nothing, it is no fault | | {found.well_s:.1f} s | the "
                "sound meanwhile |")
    return [*rows, "", *CTI_ROWS, ""]


def struck(fault: Fault) -> Found | None:
    """The fault, once more where a busy machine kept it from happening as described; None where it failed twice."""
    for _ in range(2):
        try:
            with fresh() as (server, folder):
                return fault.act(server, folder)
        except AssertionError as error:
            print(f"{fault.name}: once more ({error})")
    return None


def well(found: Found, after: str) -> str:
    """When it was well again."""
    if found.well_s is None:
        return "the operator acts"
    return f"{found.well_s:.1f} s" + (f" after {after}" if after != "fault" else "")


CTI_ROWS = (
    "## Hostile CTI messages", "",
    "Each is sent for real to the listener (`tests/app/telephony/test_cti_links.py`); the call at hand goes on, the next good message is taken at once.", "",
    "| caused | answer | the operator reads |", "| --- | --- | --- |",
    *(f"| {what} | {status} | {messages.text(key, {'name': '话务系统'}, lang='zh')} |" for what, status, key in (
        ("70 kB of JSON; 65 messages in a list; a WebSocket frame of 70 kB", "413; closed", "cti.refused_oversized"),
        ("no JSON, nested 60,000 deep, no object, control characters", "400", "cti.refused_malformed"),
        ("no call id", "400", "cti.refused_no_call_id"),
        ("a foreign page (`Origin`), `Origin: null`, a foreign `Host` (DNS rebinding)", "403", "cti.refused_origin"),
        ("wrong token, none; eleven guesses", "401; then 429 for a minute, told once", "cti.refused_token"),
        ("the same message again", "409", "cti.refused_replayed"),
        ("a message of last year", "409", "cti.refused_stale"),
    )),
    "| raw rubbish, a peer that never says a word, chunked body | 400, timeout, 411 | nothing: no harm done |",
)


# ------------------------------------------------------------------ path


def path_table(calls: list[str]) -> list[str]:
    """Sample by sample."""
    rows = ["## The path, sample by sample", "", "Dev calls of 8 kHz played into null sinks (PulseAudio brings them to 48 kHz), captured, compared with the recording "
            "in windows of one second: correlation, and how many windows were shifted (a gap in what was played or captured).", "",
            "| call | side | windows | correlation median / worst | shifted |", "| --- | --- | --- | --- | --- |"]
    for name in calls:
        if not (DEV_CALLS / f"{name}.flac").exists():
            continue
        with fresh() as (server, folder):
            for side, row in path_of(server, folder, DEV_CALLS / f"{name}.flac").items():
                rows.append(f"| {name} | {side.value} | {row[0]} | {row[1]:.4f} / {row[2]:.4f} | {row[3]} |")
    return [*rows, ""] if calls else []


def path_of(server: SoundServer, folder: Path, recording: Path) -> dict[Channel, tuple[int, float, float, int]]:
    """Windows, median and worst correlation, shifted windows, by side."""
    samples, rate_hz = soundfile.read(recording)
    listener = Listener()
    listener.until(lambda: len(listener.blocks) > 10)
    for column, sink in ((0, "mouth"), (1, "headset")):
        soundfile.write(folder / f"{sink}.wav", np.concatenate((np.zeros(rate_hz), samples[:, column], np.zeros(rate_hz))), rate_hz)
    for player in [server.play(folder / f"{sink}.wav", sink) for sink in ("mouth", "headset")]:
        player.wait(600)
    listener.close()
    return {side: compared(samples[:, column], heard(listener, side)) for column, side in enumerate((Channel.OPERATOR, Channel.CITIZEN))}


def heard(listener: Listener, side: Channel) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """All that came of a side, at 8 kHz."""
    pieces = []
    for block in listener.blocks:
        if block.channel is side:
            sound = np.frombuffer(block.pcm, "<i2") / 32768
            pieces.append(sound if block.rate_hz == 8000 else soxr.resample(sound, block.rate_hz, 8000))
    return np.concatenate(pieces)


def compared(wanted: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
             got: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[int, float, float, int]:
    """See ``path_of``; both at 8 kHz, compared at 32 kHz so that half a sample of shift does not count."""
    fine, finer = soxr.resample(wanted, 8000, 32000), soxr.resample(got, 8000, 32000)
    size = 1 << (len(fine) + len(finer)).bit_length()
    lag = int(np.argmax(np.fft.irfft(np.fft.rfft(finer, size) * np.conj(np.fft.rfft(fine, size)), size)))
    found, shifted, slack = [], 0, 6400
    for at in range(0, len(fine) - 32000, 32000):
        piece, window = fine[at:at + 32000], finer[max(0, at + lag - slack):at + lag + 32000 + slack]
        if piece.std() < 0.003 or len(window) < 32000 + 2 * slack:
            continue
        size = 1 << (len(window) + len(piece)).bit_length()
        place = int(np.argmax(np.fft.irfft(np.fft.rfft(window, size) * np.conj(np.fft.rfft(piece, size)), size)[: 2 * slack]))
        match = window[place:place + 32000]
        found.append(float(np.dot(match, piece) / (np.linalg.norm(match) * np.linalg.norm(piece) + 1e-9)))
        shifted += abs(place - slack) > 64
    return len(found), float(np.median(found)), min(found), shifted


if __name__ == "__main__":
    raise SystemExit(main())
