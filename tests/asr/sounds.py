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


def melody(notes: int = 40, seed: int = 5) -> Samples:
    """A sung-like line over held chords: vibrato, soft attacks, harmonics; nearer to a voice than plucked strings."""
    scale = (220, 247, 262, 294, 330, 349, 392, 440)
    random = np.random.default_rng(seed)
    out = []
    for pick in random.integers(0, 8, notes):
        seconds = float(random.choice((0.3, 0.45, 0.6)))
        t = np.arange(int(seconds * RATE)) / RATE
        phase = 2 * np.pi * scale[pick] * t + 1.5 * np.sin(2 * np.pi * 5.5 * t)
        line = sum(np.sin(k * phase) / k**1.5 for k in range(1, 9))
        chord = sum(np.sin(2 * np.pi * f * t) for f in (131, 165, 196))
        ramp = np.minimum(1.0, np.minimum(t, seconds - t) / 0.05)
        out.append((0.12 * line * ramp + 0.04 * chord).astype(np.float32))
    return np.concatenate(out)


def hum(seconds: float) -> Samples:
    """Mains hum with harmonics and a little noise."""
    t = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * 50 * k * t) / k for k in (1, 2, 3, 5, 7))
    return (0.02 * wave).astype(np.float32) + noise(seconds, -58, 7)


def shaped(seconds: float, formants: tuple[float, ...], seed: int) -> Samples:
    """Noise with a mouth's resonances."""
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    at = np.fft.rfftfreq(count, 1 / RATE)
    gain = sum(np.exp(-0.5 * ((at - f) / 180) ** 2) for f in formants) + 0.05
    wave = np.fft.irfft(spectrum * gain, count)
    return (wave / np.abs(wave).max()).astype(np.float32)


def coughs(count: int = 6, gap_s: float = 1.2, seed: int = 11) -> Samples:
    """Bursts as of coughing: a hard attack, a decay of a third of a second, often twice in a row."""
    parts = []
    for number in range(count):
        for piece in range(1 + number % 2):
            burst = shaped(0.34, (600, 1_300, 2_600), seed + 2 * number + piece)
            t = np.arange(len(burst)) / RATE
            parts += [0.5 * burst * (np.minimum(1, t / 0.008) * np.exp(-t / 0.09)).astype(np.float32), silence(0.06)]
        parts.append(silence(gap_s))
    return np.concatenate(parts)


def companded_silence(seconds: float) -> Samples:
    """Silence as G.711 gives it back: a constant of 8."""
    return np.full(int(seconds * RATE), 8 / 32_768, np.float32)


def echo_of(sound: Samples, delay_s: float, level_db: float, seed: int = 13) -> Samples:
    """A room's or a phone's copy of the other side: later, weaker, with some of the room in it."""
    random = np.random.default_rng(seed)
    room = np.concatenate(([1.0], 0.1 * random.standard_normal(900) * np.exp(-np.arange(900) / 180)))
    copy = np.convolve(sound, room)[: len(sound)] * 10 ** (level_db / 20)
    return np.concatenate((silence(delay_s), copy.astype(np.float32)))[: len(sound)]


def sample_call() -> Path:
    """A call that ships with the program."""
    return Path(__file__).resolve().parents[2] / "resources" / "sample_calls" / "night-construction.flac"


def call_blocks(path: Path, seconds: float | None = None, block_ms: int = 100) -> list[AudioBlock]:
    """A two-channel file as a source would give it."""
    pcm, rate = soundfile.read(path, dtype="int16", frames=-1 if seconds is None else int(seconds * 8000))
    step = rate * block_ms // 1000
    return [AudioBlock(channel, at * 1000 // rate, pcm[at:at + step, side].tobytes(), rate)
            for at in range(0, len(pcm), step) for side, channel in enumerate((Channel.OPERATOR, Channel.CITIZEN))]
