"""How soon words and finals come, and what waiting less costs: `make bench-latency` -> docs/benchmarks/latency.md.

Two parts. *Pauses*: the open calls (8 kHz) through the recognition of one channel after the other, in blocks of 40 ms, once with
each rule for the pause that ends an utterance: character errors, turns that fall into two utterances, numbers of seven
digits and more that are heard whole in one utterance, and how long after the last speech the endpointer ends. *Paced*: calls
played in real time, both channels, to the speech process over its pipe, as a live call: from the end of a word to the partial that holds
it, from the end of speech to the final, computing and pipe included; computing time and memory of the process.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import re
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from app.domain.dialogue import Channel, ChannelFinished, HypothesisRevised, SpeechEvent, UtteranceFinal
from app.ports.ports import AudioBlock
from asr.client import ClientSettings, RecogniserClient
from asr.completeness import Pauses
from asr.endpoint import EndpointSettings
from asr.engine import Engine
from asr.loading import load_engine
from asr.models.choice import choose_engine
from asr.overload import OverloadSettings
from asr.protocol import Mark
from asr.silero import SileroDetector
from asr.track import ChannelTrack
from tests.bench.cer import errors, rate, spoken

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "latency.md"
BLOCK_MS = 40
RULES = {
    "544 ms always": Pauses(544, 544, 544),
    "416 ms always": Pauses(416, 416, 416),
    "by the words (the program's)": Pauses(),
}
_NUMBER = re.compile("[零一二三四五六七八九]{7,}")


@dataclass
class Heard:
    """What one rule gave."""

    cer: list[tuple[int, int]] = field(default_factory=list)
    numbers: list[bool] = field(default_factory=list)
    turns: int = 0
    split: int = 0
    waited_ms: list[float] = field(default_factory=list)


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=Path, default=Path(os.environ.get("TINGDAN_SHARED") or ROOT.parent / "shared") / "calls" / "dev")
    parser.add_argument("--every", type=int, default=1, help="take every so many-th call")
    parser.add_argument("--paced", type=int, default=6, help="how many calls are played in real time")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    calls = sorted(chosen.calls.glob("*.flac"))
    engine = load_engine(choose_engine("zipformer"))
    heard = {name: by_rule(engine, calls[::chosen.every], pauses) for name, pauses in RULES.items()}
    told = "\n".join([*head(), *pause_table(heard, len(calls[::chosen.every])), "", *paced(calls[:: max(1, len(calls) // max(1, chosen.paced))])])
    print(told)
    if chosen.write:
        REPORT.write_text(told + "\n", "utf-8")
    return 0


def head() -> list[str]:
    """Begin of the page."""
    return ["# Latency", "", "Command: `make bench-latency`.", "", *(__doc__ or "").strip().splitlines()[2:], "",
            f"Python {platform.python_version()}, {os.cpu_count()} cores, shared machine (load {os.getloadavg()[0]:.1f} at the start).", ""]


# --- pauses ------------------------------------------------------------------------------------------------------------


def by_rule(engine: Engine, calls: list[Path], pauses: Pauses) -> Heard:
    """All calls with one rule."""
    heard = Heard()
    for path in calls:
        sides, rate_hz = soundfile.read(path, dtype="int16")
        with path.with_suffix(".tsv").open(encoding="utf-8") as file:
            turns = list(csv.DictReader(file, delimiter="\t"))
        for side, channel in enumerate((Channel.OPERATOR, Channel.CITIZEN)):
            finals = channel_finals(engine, sides[:, side], rate_hz, channel, pauses)
            count(heard, finals, [t for t in turns if t["speaker"] == channel.value])
        print(path.stem, f"{rate(heard.cer):.3%}", file=sys.stderr, flush=True)
    return heard


def channel_finals(engine: Engine, pcm: NDArray[np.int16], rate_hz: int, channel: Channel, pauses: Pauses) -> list[UtteranceFinal]:
    """One channel, as the worker hears it."""
    track = ChannelTrack(Mark(channel), 0, engine.open_utterance, SileroDetector(), EndpointSettings(pauses=pauses))
    step = rate_hz * BLOCK_MS // 1000
    events = [event for at in range(0, len(pcm), step) for event in track.accept(at * 1000 // rate_hz, pcm[at:at + step].tobytes(), rate_hz)]
    return [event for event in [*events, *track.finish()] if isinstance(event, UtteranceFinal)]


def count(heard: Heard, finals: list[UtteranceFinal], turns: list[dict[str, str]]) -> None:
    """Add one channel."""
    heard.cer.append(errors("".join(t["text"] for t in turns), "".join(f.utterance.text for f in finals)))
    heard.waited_ms += [f.heard_ms - f.utterance.end_ms for f in finals]
    for turn in turns:
        begin, end = float(turn["start_s"]) * 1000, float(turn["end_s"]) * 1000
        own = [f for f in finals if f.utterance.start_ms < end - 50 and f.utterance.end_ms > begin + 50]
        heard.turns += 1
        heard.split += len(own) > 1
        for number in _NUMBER.findall(spoken(turn["text"])):
            heard.numbers.append(any(number in spoken(f.utterance.text) for f in own))


def pause_table(heard: dict[str, Heard], calls: int) -> list[str]:
    """The first table."""
    lines = ["## Pauses", "", f"{calls} calls.", "",
             "| pause that ends an utterance | character errors | turns split | numbers whole | end after the last speech, ms of sound, p50 / p95 |",
             "| --- | --- | --- | --- | --- |"]
    for name, one in heard.items():
        p50, p95 = np.percentile(one.waited_ms, [50, 95])
        lines.append(f"| {name} | {rate(one.cer):.2%} | {one.split} of {one.turns} | {sum(one.numbers)} of {len(one.numbers)} "
                     f"| {p50:.0f} / {p95:.0f} |")
    return lines


# --- paced -------------------------------------------------------------------------------------------------------------


class LiveListener:
    """Events with the time at which they came."""

    def __init__(self) -> None:
        self.came: list[tuple[float, SpeechEvent]] = []
        self.over = threading.Event()

    def __call__(self, event: SpeechEvent) -> None:
        self.came.append((time.monotonic(), event))
        if sum(isinstance(e, ChannelFinished) for _, e in self.came) == len(Channel):
            self.over.set()


def paced(calls: list[Path]) -> list[str]:
    """The second table."""
    lines = ["## Paced", "", f"{len(calls)} calls in real time, both channels, blocks of {BLOCK_MS} ms that are given when their last sample would "
             "have been spoken.", "",
             "| call | partial after its last word's end, ms p50 / p95 | final after the end of speech, ms p50 / p95 "
             "| share of one core, both channels | MB | other load |", "| --- | --- | --- | --- | --- | --- |"]
    client = RecogniserClient(choose_engine("zipformer"), ClientSettings(overload=OverloadSettings()))
    together: dict[str, list[float]] = defaultdict(list)
    busy_s = spoken_s = 0.0
    try:
        began = time.monotonic()
        client.wait_ready()
        ready_s = time.monotonic() - began
        for path in calls:
            before_s = client.usage.cpu_s
            partial_ms, final_ms, length_s = play(client, path)
            busy_s, spoken_s = busy_s + client.usage.cpu_s - before_s, spoken_s + length_s
            together["partial"] += partial_ms
            together["final"] += final_ms
            lines.append(row(path.stem, partial_ms, final_ms, (client.usage.cpu_s - before_s) / length_s, client))
        lines.append(row("all", together["partial"], together["final"], busy_s / spoken_s, client))
    finally:
        client.close()
    return [*lines, "", f"Speech process spawned to ready: {ready_s:.2f} s."]


def row(name: str, partial_ms: list[float], final_ms: list[float], share: float, client: RecogniserClient) -> str:
    """A line of the table."""
    partial, final = np.percentile(partial_ms, [50, 95]), np.percentile(final_ms, [50, 95])
    return (f"| {name} | {partial[0]:.0f} / {partial[1]:.0f} | {final[0]:.0f} / {final[1]:.0f} | {share:.1%} "
            f"| {client.usage.peak_rss_mb:.0f} | {os.getloadavg()[0]:.1f} |")


def play(client: RecogniserClient, path: Path) -> tuple[list[float], list[float], float]:
    """One call in real time; latencies of partials and finals in milliseconds, length in seconds."""
    sides, rate_hz = soundfile.read(path, dtype="int16")
    step, wait, listener = rate_hz * BLOCK_MS // 1000, threading.Event(), LiveListener()
    client.start(listener)
    began = time.monotonic()
    for at in range(0, len(sides) - step, step):
        wait.wait(max(0.0, began + (at + step) / rate_hz - time.monotonic()))
        for side, channel in enumerate((Channel.OPERATOR, Channel.CITIZEN)):
            client.accept(AudioBlock(channel, at * 1000 // rate_hz, sides[at:at + step, side].tobytes(), rate_hz))
    client.finish()
    listener.over.wait(60)
    length_s = len(sides) / rate_hz
    partial = [(at - began) * 1000 - e.word_end_ms for at, e in listener.came if isinstance(e, HypothesisRevised) and e.text]
    final = [(at - began) * 1000 - e.utterance.end_ms for at, e in listener.came if isinstance(e, UtteranceFinal)]
    return partial, final, length_s


if __name__ == "__main__":
    sys.exit(main())
