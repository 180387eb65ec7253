"""The shared recordings as turns, and their encoder frames kept on disk: a variation of the search then costs seconds a minute of sound.

Turns of the open calls are cut at their .tsv times with half a second before, as the endpointer does; the phone line is
tests/bench/telephone.py. Frames are kept below .var/bench/frames under the hash of sound and model; delete the folder to make
them anew.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from asr.zipformer.engine import TAIL_SAMPLES
from asr.zipformer.network import FrameStream, Networks
from tests.bench.telephone import through_the_line

RATE_HZ = 16_000
PRE_ROLL_S = 0.5
AFTER_S = 0.1
FOLDER = Path(__file__).resolve().parents[2] / ".var" / "bench" / "frames"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Turn:
    """One utterance to recognise.

    Attributes:
        kind: class of the table.
        text: what was said.
        sound: 16 kHz.
        call: name of its call, empty for single recordings.
        speaker: side of the call.
        end_ms: its end in the call.
    """

    kind: str
    text: str
    sound: Floats
    call: str = ""
    speaker: str = ""
    end_ms: int = 0

    @property
    def seconds(self) -> float:
        """Length."""
        return self.sound.size / RATE_HZ


class Kept:
    """A ``FrameSource`` over kept frames: all of them at the first sound."""

    def __init__(self, frames: Floats, loudness: Floats) -> None:
        self._frames: Floats | None = frames
        self.loudness = loudness

    def accept(self, samples: Floats) -> list[Floats]:
        """The frames, once; ``samples`` are not heard."""
        frames, self._frames = self._frames, None
        return [] if frames is None else [frames]


def kept(turn: Turn, networks: Networks) -> Kept:
    """Frames of a turn, from the disk where they are there."""
    key = hashlib.sha256(networks.version.encode() + turn.sound.tobytes()).hexdigest()[:24]
    file = FOLDER / f"{key}.npz"
    if not file.exists():
        stream = FrameStream(networks)
        frames = np.concatenate(stream.accept(np.concatenate([turn.sound, np.zeros(TAIL_SAMPLES, dtype=np.float32)])))
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.npz")
        np.savez(part, frames=frames, loudness=stream.loudness)
        part.replace(file)
    with np.load(file) as arrays:
        return Kept(arrays["frames"], arrays["loudness"])


def encoder_factor(turns: list[Turn], networks: Networks) -> float:
    """Processor seconds of features and encoder for a second of sound."""
    begin = time.process_time()
    for turn in turns:
        FrameStream(networks).accept(turn.sound)
    return (time.process_time() - begin) / sum(turn.seconds for turn in turns)


def turns(shared: Path) -> Iterator[Turn]:
    """All recordings; a call's turns in their order."""
    for line in (shared / "speech" / "manifest.tsv").read_text("utf-8").splitlines()[1:]:
        name, text = line.split("\t")[:2]
        sound, _ = sf.read(shared / "speech" / name, dtype="float32")
        kind = name.split("/")[0].split("_")[0]
        yield Turn(f"{kind}, wide", text, _led(sound))
        yield Turn(f"{kind}, 8 kHz A-law", text, _led(through_the_line(sound)))
    for file in sorted((shared / "calls" / "dev").glob("*.flac")):
        sides, rate = sf.read(file, dtype="float32")
        for line in file.with_suffix(".tsv").read_text("utf-8").splitlines()[1:]:
            _, speaker, start, end, text = line.split("\t")
            piece = sides[max(0, int((float(start) - PRE_ROLL_S) * rate)) : int((float(end) + AFTER_S) * rate)]
            side = np.ascontiguousarray(piece[:, 0 if speaker == "operator" else 1])
            sound = np.asarray(soxr.resample(side, rate, RATE_HZ), dtype=np.float32)
            yield Turn(f"calls, {speaker}", text, sound, file.stem, speaker, int(float(end) * 1000))


def _led(sound: Floats) -> Floats:
    return np.concatenate([np.zeros(int(PRE_ROLL_S * RATE_HZ), dtype=np.float32), sound])
