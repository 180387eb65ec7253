"""Sounds that a telephone line carries and that are nobody's words; made here, 16 kHz, float32."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from app.domain.dialogue import Channel
from app.ports.ports import AudioBlock

RATE = 16_000
Samples = NDArray[np.float32]
_DTMF = {"1": (697, 1209), "3": (697, 1477), "5": (770, 1336), "9": (852, 1477), "0": (941, 1336)}


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


def noise(seconds: float, level_db: float, seed: int = 1) -> Samples:
    values = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return (values * 10 ** (level_db / 20)).astype(np.float32)


def tone(frequency: float, seconds: float, harmonics: int = 1, decay: float = 0.0) -> Samples:
    t = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * frequency * k * t) / k for k in range(1, harmonics + 1))
    ramp = np.minimum(1.0, np.minimum(t, seconds - t) / 0.01)
    return (0.2 * wave * np.exp(-decay * t) * ramp).astype(np.float32)


def dialling(keys: str = "13590" * 4, seconds: float = 0.15) -> Samples:
    pairs = [_DTMF[key] for key in keys]
    return np.concatenate([np.concatenate((tone(low, seconds) + tone(high, seconds), silence(0.1))) for low, high in pairs])


def ring_back(rings: int = 4) -> Samples:
    return np.concatenate([np.concatenate((tone(450, 1.0), silence(4.0))) for _ in range(rings)])


def hold_music(notes: int = 60, seed: int = 3) -> Samples:
    """Plucked chords."""
    scale = (262, 294, 330, 349, 392, 440, 494, 523)
    picks = np.random.default_rng(seed).integers(0, 8, notes)
    return np.concatenate([tone(scale[p], 0.35, 6, 3.0) + tone(scale[p] * 1.26, 0.35, 6, 3.0) for p in picks])


def sample_call() -> Path:
    """A call that ships with the program."""
    return Path(__file__).resolve().parents[2] / "resources" / "sample_calls" / "night-construction.flac"


def call_blocks(path: Path, seconds: float | None = None, block_ms: int = 100) -> list[AudioBlock]:
    """A two-channel file as a source would give it."""
    pcm, rate = soundfile.read(path, dtype="int16", frames=-1 if seconds is None else int(seconds * 8000))
    step = rate * block_ms // 1000
    return [AudioBlock(channel, at * 1000 // rate, pcm[at:at + step, side].tobytes(), rate)
            for at in range(0, len(pcm), step) for side, channel in enumerate((Channel.OPERATOR, Channel.CITIZEN))]
