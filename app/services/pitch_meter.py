"""How far one side's voice moved up and down in a call: one figure in semitones; no voice print, and no sound is kept.

Fundamental frequency by autocorrelation (P. Boersma 1993, Proc. Institute of Phonetic Sciences 17, 97-110: the windowed frame's
autocorrelation over the window's own, a small cost against octaves), which finds the fundamental of telephone sound although the line
cuts it off below 300 Hz. The spectrum is compressed before (T. Tolonen and M. Karjalainen 2000, IEEE Trans. Speech and Audio Processing
8, 708-716), or low voices are taken for their third harmonic. A frame counts where it is voiced, part of a smooth run, and within what
recognition took for this side's words (so that music, tones and the other side's echo do not). Told is the distance between the 10th and
the 90th percentile: a distance says how lively somebody spoke; how high a voice is would tell people apart and is not told at all.

``take`` comes on the thread that drives the sound, about every second with a few milliseconds of work; ``semitones`` from any thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

RATE_HZ = 8000
HOP_MS, WINDOW_MS = 20, 48
LOWEST_HZ, HIGHEST_HZ = 65.0, 500.0
_HOP, _WINDOW = RATE_HZ * HOP_MS // 1000, RATE_HZ * WINDOW_MS // 1000
_SPECTRUM = 512
_FINER = 2
_PASSED_HZ = 2000.0
_COMPRESSED = 1.4
_LEAST_DB, _LEAST_STRENGTH, _OCTAVE_COST = -55.0, 0.5, 0.05
_STEP_SEMITONES, _LEAST_RUN = 2.0, 4
_FROM_MEDIAN_SEMITONES = 11.0
_BELOW_MEDIAN_DB = 15.0
_PERCENTILES = (10.0, 90.0)
#: Voiced frames below which nothing is told: two seconds.
LEAST_VOICED = 2000 // HOP_MS
_ONE_BATCH = RATE_HZ
_GAP_MS = 40

Samples = npt.NDArray[np.float32]
Frames = npt.NDArray[np.float64]


def _window() -> tuple[Samples, Samples, Samples]:
    """The window, its normalised autocorrelation at the finer lags, and which frequencies are heard."""
    hann = np.hanning(_WINDOW + 2)[1:-1].astype(np.float32)
    passed = (np.fft.rfftfreq(_SPECTRUM, 1 / RATE_HZ) <= _PASSED_HZ).astype(np.float32)
    own = np.fft.irfft(np.abs(np.fft.rfft(hann, _SPECTRUM)) ** _COMPRESSED, _SPECTRUM * _FINER)
    return hann, (own / own[0]).astype(np.float32), passed


_HANN, _OWN, _PASSED = _window()
_SHORTEST, _LONGEST = math.floor(RATE_HZ * _FINER / HIGHEST_HZ), math.ceil(RATE_HZ * _FINER / LOWEST_HZ)
_COST = (_OCTAVE_COST * np.log2(np.arange(_SHORTEST, _LONGEST + 1) / _SHORTEST)).astype(np.float32)


def pitch(samples: Samples) -> tuple[Samples, Samples, Samples]:
    """Fundamental frequency of each frame of a stretch at 8 kHz.

    Args:
        samples: -1 to 1.

    Returns:
        Hertz, strength (0 to 1: how periodic) and level in dBFS, one each ``HOP_MS``; the first frame begins at the first sample.
    """
    if len(samples) < _WINDOW:
        return (np.zeros(0, np.float32),) * 3
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    level = 10.0 * np.log10(np.mean(frames * frames, axis=1) + 1e-10)
    hertz, strength = np.zeros(len(frames), np.float32), np.zeros(len(frames), np.float32)
    loud = np.flatnonzero(level >= _LEAST_DB)
    if len(loud):
        heard = frames[loud]
        spectrum = np.fft.rfft((heard - heard.mean(axis=1, keepdims=True)) * _HANN, _SPECTRUM)
        held = np.fft.irfft(np.abs(spectrum) ** _COMPRESSED * _PASSED, _SPECTRUM * _FINER)[:, : _LONGEST + 2]
        alike = held / np.maximum(held[:, :1], 1e-12) / _OWN[: _LONGEST + 2]
        at = np.argmax(alike[:, _SHORTEST : _LONGEST + 1] - _COST, axis=1) + _SHORTEST
        rows = np.arange(len(loud))
        left, top, right = alike[rows, at - 1], alike[rows, at], alike[rows, at + 1]
        bend = left - 2 * top + right
        off = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1.0), 0.0)
        is_peak = (top >= left) & (top >= right)
        hertz[loud] = RATE_HZ * _FINER / (at + np.clip(off, -0.5, 0.5))
        strength[loud] = np.where(is_peak, np.clip(top, 0.0, 1.0), 0.0)
    return hertz, strength, level.astype(np.float32)


def smooth(times_ms: Frames, semitones: Frames) -> npt.NDArray[np.bool_]:
    """Which voiced frames, in order of time, are part of a run that moves on without a leap."""
    if not len(times_ms):
        return np.zeros(0, np.bool_)
    breaks = (np.diff(times_ms) > HOP_MS) | (np.abs(np.diff(semitones)) > _STEP_SEMITONES)
    run = np.concatenate(([0], np.cumsum(breaks)))
    return np.asarray(np.bincount(run)[run] >= _LEAST_RUN)


class PitchMeter:
    """One side of one call; see the module."""

    def __init__(self) -> None:
        self._waiting: list[Samples] = []
        self._held = 0
        self._start_ms = 0
        self._found: list[Frames] = []

    def take(self, start_ms: int, samples: npt.NDArray[np.int16], rate_hz: int) -> None:
        """One more block, in order of time; a gap begins anew."""
        wide = samples.astype(np.float32) / 32768.0
        if rate_hz == 2 * RATE_HZ:
            wide = wide[: len(wide) // 2 * 2].reshape(-1, 2).mean(axis=1)
        if not self._held or abs(start_ms - self._start_ms - self._held * 1000 // RATE_HZ) > _GAP_MS:
            self._analyse()
            self._waiting, self._held, self._start_ms = [], 0, start_ms
        self._waiting.append(wide)
        self._held += len(wide)
        if self._held >= _ONE_BATCH:
            self._analyse()

    def semitones(self, spoken: Iterable[tuple[int, int]]) -> float:
        """The distance between low and high, 0 where too little of a voice was heard.

        Args:
            spoken: beginnings and ends (milliseconds) of this side's words.
        """
        held = tuple(self._found)  # ``take`` may be adding to it
        if not held:
            return 0.0
        times, found, levels = np.concatenate(held, axis=1)
        counted = _within(times, spoken)
        counted[counted] = smooth(times[counted], found[counted])
        found, levels = found[counted], levels[counted]
        if len(found) < LEAST_VOICED:
            return 0.0
        found = found[levels >= np.median(levels) - _BELOW_MEDIAN_DB]
        found = found[np.abs(found - np.median(found)) <= _FROM_MEDIAN_SEMITONES]
        if len(found) < LEAST_VOICED:
            return 0.0
        low, high = np.percentile(found, _PERCENTILES)
        return float(high - low)

    def _analyse(self) -> None:
        if self._held < _WINDOW:
            return
        samples = np.concatenate(self._waiting)
        hertz, strength, level = pitch(samples)
        voiced = np.flatnonzero(strength >= _LEAST_STRENGTH)
        self._found.append(np.stack((self._start_ms + HOP_MS * voiced, 12.0 * np.log2(hertz[voiced] / LOWEST_HZ), level[voiced])))
        done = len(hertz) * _HOP
        self._waiting, self._held = [samples[done:]], len(samples) - done
        self._start_ms += done * 1000 // RATE_HZ


def _within(times: Frames, spans: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Which frames, told by their beginnings, lie whole in one of the stretches."""
    inside = np.zeros(len(times), np.bool_)
    for start_ms, end_ms in spans:
        inside |= (times >= start_ms) & (times + WINDOW_MS <= end_ms)
    return inside
