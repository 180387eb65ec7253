"""Whole calls of `make bench-live-sound`: dev calls through null sinks and the CTI listener, against the replay of the same files.

*band*: the same recording recognised at the telephone's 8 kHz and brought to 16 kHz by a resampler, which is why live sound that is a
telephone's is handed on at 8 kHz (``app.audio.telephone_band``). *calls*: rung, joined and ended by the page, both sides played.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from app.domain.call import Phase
from tests.live.seat import Seat, character_errors, differing, lived, replayed
from tests.live.sound_server import SoundServer

_LATE_S = 1.3


@dataclass(frozen=True, slots=True)
class LiveCall:
    """One call, live and as its recording: errors of so many characters, and the fields that differ."""

    name: str
    characters: int
    live: int
    replay: int
    differing: tuple[str, ...]


def band_table(recordings: Sequence[Path], seat: Seat) -> list[str]:
    """Errors at 8 kHz, later, and at 16 kHz."""
    sounds: dict[str, Callable[[Path, Path], Path]] = {
        "the recording, 8 kHz": lambda recording, folder: recording,
        f"the same brought to 16 kHz by soxr, {_LATE_S} s later": _wide}
    rows = [f"Dev calls recognised from files: {len(recordings)}.", "", "| sound | characters | errors | rate |", "| --- | --- | --- | --- |"]
    with tempfile.TemporaryDirectory() as folder:
        for name, sound in sounds.items():
            counted = [character_errors(each, replayed(sound(each, Path(folder)), seat.parts)) for each in recordings]
            wrong, characters = (sum(each[place] for each in counted) for place in (0, 1))
            rows.append(f"| {name} | {characters:,} | {wrong} | {100 * wrong / max(1, characters):.2f} % |")
            print(rows[-1], flush=True)
    return ["## Telephone sound at 8 or at 16 kHz", "", *rows, ""]


def _wide(recording: Path, folder: Path) -> Path:
    """The recording at 16 kHz, later."""
    samples, rate_hz = soundfile.read(recording)
    late = np.concatenate((np.zeros((int(_LATE_S * rate_hz), samples.shape[1])), samples))
    soundfile.write(folder / "wide.flac", soxr.resample(late, rate_hz, 2 * rate_hz), 2 * rate_hz)
    return folder / "wide.flac"


def call_table(recordings: Sequence[Path], seat: Seat, server: SoundServer, folder: Path) -> list[str]:
    """Each call live and in the replay."""
    calls = [lived_call(recording, seat, server, folder, f"b-{number}") for number, recording in enumerate(recordings)]
    rows = [f"| {each.name} | {each.characters:,} | {each.live} | {each.replay} | {', '.join(each.differing) or 'none'} |" for each in calls]
    characters, live, replay = (sum(getattr(each, name) for each in calls) for name in ("characters", "live", "replay"))
    shares = [f"{wrong} ({100 * wrong / max(1, characters):.1f} %)" for wrong in (live, replay)]
    return ["## Whole calls through the CTI listener and null sinks", "",
            "| call | characters | errors live | errors in the replay | fields that differ |", "| --- | --- | --- | --- | --- |", *rows,
            f"| together | {characters:,} | {shares[0]} | {shares[1]} | |", ""]


def lived_call(recording: Path, seat: Seat, server: SoundServer, folder: Path, call_id: str) -> LiveCall:
    """One call."""
    live = lived(seat, server, recording, folder, call_id)
    seat.calls.next_call()
    seat.states.phase(Phase.IDLE)
    again = replayed(recording, seat.parts)
    (wrong, characters), (replay, _) = character_errors(recording, live), character_errors(recording, again)
    found = LiveCall(recording.stem, characters, wrong, replay, tuple(each.partition(".")[2] for each in differing(live, again)))
    print(found, flush=True)
    return found
