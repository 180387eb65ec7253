"""Hours of calls one after the other through one program's recogniser: `make soak` -> docs/benchmarks/soak.md.

Calls are sample calls and made sounds (hold music, ring-back, silence, noise) joined in changing order, both channels, handed over as
fast as recognition takes them, one call after the other with new context words, and now and then a worker that is killed. Looked
at: memory of the speech process and of this process after each call (a restart begins a new series of the former), sound accepted
against sound the ends of channels account for, and lines told. Memory is compared behind the first twenty calls of each process, some
forty minutes of sound, in which its caches fill. The same program runs for some minutes in tests.
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
import soundfile

from app.domain.dialogue import Channel, ChannelFinished, RecogniserFailed, SpeechEvent, UtteranceFinal
from app.ports.ports import AudioBlock
from asr.client import RecogniserClient
from asr.models.choice import choose_engine
from tests.asr import sounds
from tests.bench.telephone import through_the_line

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "soak.md"
RATE = 8_000
BLOCK = RATE // 10
WARM_CALLS = 20
"""A process's first calls, some forty minutes of sound, fill its caches (readings of words, pools of the allocator and of the network's
runtime); memory is compared from then on. A shorter run takes the first quarter of its calls instead."""


@dataclass
class Soaked:
    """What was seen."""

    audio_s: float = 0.0
    wall_s: float = 0.0
    calls: int = 0
    finals: int = 0
    unaccounted_ms: int = 0
    lost_ms: int = 0
    kills: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    program_mb: list[float] = field(default_factory=list)
    worker_mb: list[list[float]] = field(default_factory=lambda: [[]])

    def growth(self) -> tuple[float, float]:
        """Share by which the last quarter of calls lies above the first after warming up: program, worker (worst series)."""
        return grown(self.program_mb), max(grown(series) for series in self.worker_mb)


def grown(series: list[float]) -> float:
    """Of one process; 0 where there are too few calls to tell."""
    warm = series[min(WARM_CALLS, len(series) // 4):]
    quarter = len(warm) // 4
    return float(np.median(warm[-quarter:]) / np.median(warm[:quarter]) - 1) if quarter else 0.0


class _Call:
    """One call's listener: counts, keeps nothing."""

    def __init__(self) -> None:
        self.finals = 0
        self.ends: dict[Channel, int] = {}
        self.lines: list[RecogniserFailed] = []
        self.over = threading.Event()

    def __call__(self, event: SpeechEvent) -> None:
        if isinstance(event, UtteranceFinal):
            self.finals += 1
        elif isinstance(event, RecogniserFailed):
            self.lines.append(event)
        elif isinstance(event, ChannelFinished):
            self.ends[event.channel] = event.heard_ms
            if len(self.ends) == len(Channel):
                self.over.set()


def soak(hours: float, minutes: float | None, kill_every: int, spoken_s: int | None = None) -> Soaked:
    """Run until so many hours of calls, or minutes of wall time, are over; ``spoken_s`` takes the beginning of each sample call only."""
    seen, client, began = Soaked(), RecogniserClient(choose_engine("zipformer")), time.monotonic()
    try:
        client.wait_ready()
        for number, sides in enumerate(scenes(spoken_s)):
            over = seen.audio_s >= hours * 3600 or (minutes is not None and time.monotonic() - began >= minutes * 60)
            if over:
                break
            kill = bool(kill_every) and number % kill_every == kill_every - 1
            one_call(client, sides, seen, kill)
            seen.wall_s = time.monotonic() - began
            print(f"{seen.audio_s / 3600:.2f} h in {seen.wall_s:.0f} s, program {seen.program_mb[-1]:.1f}, "
                  f"worker {seen.worker_mb[-1][-1:]}", file=sys.stderr, flush=True)
    finally:
        client.close()
    return seen


def scenes(spoken_s: int | None = None) -> Iterator[np.ndarray]:
    """Endless calls, shape (samples, 2) int16: speech with what a line carries before, in and after it."""
    spoken = [soundfile.read(path, dtype="int16", frames=-1 if spoken_s is None else spoken_s * RATE)[0] for path in sorted(sounds.sample_call().parent.glob("*.flac"))]
    made = [through_the_line(sound)[::2] for sound in (sounds.hold_music(), sounds.ring_back(2), sounds.noise(10, -45), sounds.silence(15),
                                                      sounds.companded_silence(10), sounds.dialling())]
    others = [np.stack(((s * 32_767).astype(np.int16),) * 2, axis=1) for s in made]
    for number in itertools.count():
        parts = [others[number % len(others)], spoken[number % len(spoken)], others[(number * 5 + 2) % len(others)]]
        yield np.concatenate(parts)


def one_call(client: RecogniserClient, sides: np.ndarray, seen: Soaked, kill: bool) -> None:
    """Hand it over and account for it."""
    call = _Call()
    client.start(call)
    client.set_context([f"第{seen.calls % 50}小区", "天河区", "物业服务中心"])
    for at in range(0, len(sides), BLOCK):
        if kill and at // BLOCK == 200:
            pid = client.worker_pid
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
            seen.kills += 1
            seen.worker_mb.append([])
        for side, channel in enumerate((Channel.OPERATOR, Channel.CITIZEN)):
            client.accept(AudioBlock(channel, at * 1000 // RATE, sides[at:at + BLOCK, side].tobytes(), RATE))
    client.finish()
    if not call.over.wait(600):
        raise SystemExit("a call did not end")
    length_ms = len(sides) * 1000 // RATE
    seen.calls += 1
    seen.finals += call.finals
    seen.audio_s += length_ms / 1000
    seen.lost_ms += sum(line.lost_ms for line in call.lines)
    seen.unaccounted_ms += sum(max(0, length_ms - heard_ms - 1) for heard_ms in call.ends.values())
    for line in call.lines:
        seen.lines[line.key] = seen.lines.get(line.key, 0) + 1
    seen.program_mb.append(psutil.Process().memory_info().rss / 1e6)
    if client.worker_pid is not None:
        seen.worker_mb[-1].append(psutil.Process(client.worker_pid).memory_info().rss / 1e6)


def report(seen: Soaked) -> str:
    """The page."""
    program, worker = seen.growth()
    series = [s for s in seen.worker_mb if s]
    return "\n".join([
        "# Soak", "", "Command: `make soak` (eight hours of calls; `HOURS=2` for less).", "", *(__doc__ or "").strip().splitlines()[2:], "",
        "| | |", "| --- | --- |",
        f"| calls, two channels | {seen.calls}, {seen.audio_s / 3600:.2f} hours |",
        f"| wall time | {seen.wall_s / 60:.1f} minutes on {os.cpu_count()} shared cores (load {os.getloadavg()[0]:.1f}) |",
        f"| finals | {seen.finals} |",
        f"| worker killed in a call | {seen.kills} times |",
        f"| lines told | {', '.join(f'{key} x {n}' for key, n in sorted(seen.lines.items())) or 'none'} |",
        f"| sound reported lost | {seen.lost_ms} ms |",
        f"| sound neither heard nor reported | {seen.unaccounted_ms} ms |",
        f"| memory of the program, MB | {seen.program_mb[0]:.0f} at first, {max(seen.program_mb):.0f} at most; last quarter against first {program:+.1%} |",
        f"| memory of the speech process, MB | {max(max(s) for s in series):.0f} at most; last quarter against first {worker:+.1%} (aim: within 5 %) |",
        ""])


def main() -> int:
    """Run and write; 1 where memory grew or sound went missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=8.0, help="of calls")
    parser.add_argument("--minutes", type=float, help="of wall time at most")
    parser.add_argument("--kill-every", type=int, default=100, help="calls between two kills of the worker; 0: none")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    seen = soak(chosen.hours, chosen.minutes, chosen.kill_every)
    told = report(seen)
    print(told)
    if chosen.write:
        REPORT.write_text(told, "utf-8")
    return 1 if max(seen.growth()) > 0.05 or seen.unaccounted_ms else 0


if __name__ == "__main__":
    sys.exit(main())
