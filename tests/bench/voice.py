"""Voice indicators measured: the pitch range on sounds of known pitch, its steadiness on the open calls, and what it costs.

    python -m tests.bench.voice [--write]

Nobody wrote down how the speakers of the open calls moved their voices, so there only this is asked: whether a side's turns of even and of
odd number tell the same, and whether the figures are such as people have. No call and no speaker is told apart in the table.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from app.domain.dialogue import Channel
from app.ports.ports import AudioBlock
from app.services.pitch_meter import PitchMeter
from app.services.sound_meter import SoundMeter
from tests.app.services.known_voice import RATE_HZ, SECONDS, voice
from tests.bench.quality import scripts

TARGET = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "voice.md"
_NOISE_DB, _MIDDLES_HZ, _WIDTHS = (30.0, 15.0, 8.0), (85.0, 120.0, 180.0, 240.0, 320.0), (3.0, 8.0, 14.0)
_BLOCK_MS = 100
_SIDES = {Channel.OPERATOR: 0, Channel.CITIZEN: 1}
Samples = npt.NDArray[np.int16]


def metered(samples: Samples, rate_hz: int) -> PitchMeter:
    """A side's sound through the meter, by the block."""
    meter, step = PitchMeter(), rate_hz * _BLOCK_MS // 1000
    for start in range(0, len(samples), step):
        meter.take(start * 1000 // rate_hz, samples[start:start + step], rate_hz)
    return meter


def known() -> str:
    """Errors on sounds of known pitch, by noise."""
    lines = ["| noise below speech | voices | mean error | largest error | not told |", "| --- | --- | --- | --- | --- |"]
    for noise_db in _NOISE_DB:
        errors, untold = [], 0
        for number, (middle_hz, semitones) in enumerate((middle, width) for middle in _MIDDLES_HZ for width in _WIDTHS):
            sound, true = voice(middle_hz, semitones, number, snr_db=noise_db)
            told = metered((np.clip(sound, -1, 1) * 32767).astype(np.int16), RATE_HZ).semitones([(0, 1000 * SECONDS)])
            if told:
                errors.append(abs(told - true))
            else:
                untold += 1
        lines.append(f"| {noise_db:.0f} dB | {len(errors) + untold} | {np.mean(errors):.2f} semitones | {max(errors):.1f} | {untold} |")
    return "\n".join(lines)


def on_calls(folder: Path) -> str:
    """How far the figures of the open calls lie from each other, and whether halves of a side agree."""
    told: dict[Channel, list[float]] = {channel: [] for channel in _SIDES}
    apart: list[float] = []
    sides = 0
    for call in scripts(folder):
        sound, rate_hz = soundfile.read(folder / f"{call.name}.flac", dtype="int16")
        for channel, column in _SIDES.items():
            meter, turns = metered(sound[:, column], rate_hz), [(each.start_ms, each.end_ms) for each in call.dialogue if each.channel is channel]
            sides += 1
            whole, halves = meter.semitones(turns), [meter.semitones(turns[first::2]) for first in (0, 1)]
            if whole:
                told[channel].append(whole)
            if all(halves):
                apart.append(abs(halves[0] - halves[1]))
    lines = ["| side | told | 10 % | middle | 90 % |", "| --- | --- | --- | --- | --- |"]
    for channel, values in told.items():
        low, middle, high = np.percentile(values, (10, 50, 90))
        lines.append(f"| {channel.value} | {len(values)} of {sides // 2} | {low:.1f} | {middle:.1f} | {high:.1f} |")
    lines += ["", f"Turns of even and of odd number of one side ({len(apart)} sides with enough of both) lie {np.median(apart):.1f} semitones apart in the "
              f"middle, {np.percentile(apart, 90):.1f} in nine of ten."]
    return "\n".join(lines)


def cost(folder: Path) -> str:
    """Processor time for a minute of a call, both sides, with all that the meter counts and for pitch alone."""
    whole_s = pitch_s = minutes = longest_s = 0.0
    for call in scripts(folder)[:6]:
        sound, rate_hz = soundfile.read(folder / f"{call.name}.flac", dtype="int16")
        step, meter = rate_hz * _BLOCK_MS // 1000, SoundMeter()
        marks = [time.process_time()]
        for start in range(0, len(sound), step):
            for channel, column in _SIDES.items():
                meter.take(AudioBlock(channel, start * 1000 // rate_hz, sound[start:start + step, column].tobytes(), rate_hz))
            marks.append(time.process_time())
        whole_s += marks[-1] - marks[0]
        longest_s = max(longest_s, *(later - earlier for earlier, later in pairwise(marks)))
        began = time.process_time()
        for column in _SIDES.values():
            metered(sound[:, column], rate_hz)
        pitch_s += time.process_time() - began
        minutes += len(sound) / rate_hz / 60
    return (f"A minute of a call costs {1000 * whole_s / minutes:.0f} ms of processor time for both sides, levels included, {1000 * pitch_s / minutes:.0f} ms of it "
            f"for pitch ({100 * pitch_s / minutes / 60:.2f} % of one core); the longest block took {1000 * longest_s:.0f} ms.")


def main(given: Sequence[str] | None = None) -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args(given)
    folder = Path(os.environ["TINGDAN_SHARED"]) / "calls" / "dev"
    whole = "\n\n".join((HEAD, "## On sounds of known pitch", KNOWN, known(), "## On the open calls", on_calls(folder), "## Cost", cost(folder))) + "\n"
    sys.stdout.write(whole)
    if arguments.write:
        TARGET.write_text(whole, "utf-8")


HEAD = """# Voice indicators

`make bench-voice`: the pitch range of a side of a call (`app/services/pitch_meter.py`), in semitones from the 10th to the 90th percentile of its pitch. Rate, overlap and silence are
read off the dialogue's times, loudness off the levels; they are not measured here."""
KNOWN = """Syllables through three formants, without what a telephone line cuts off below 300 and above 3,400 Hz, at 8 kHz in noise; middle 85 to 320 Hz, moving within 3, 8 and 14 semitones."""


if __name__ == "__main__":
    main()
