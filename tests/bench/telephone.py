"""The phone line of the benchmarks: 16 kHz sound down to 8 kHz, through G.711 A-law, and back.

A-law as ITU-T G.711 lays it down (13 bits, a sign, 7 chords, 16 steps), not the continuous curve: a quiet sample moves in steps of
2, a loud one in steps of 64. The even bits' inversion is left out, it changes nothing that is heard.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

WIDE_HZ, NARROW_HZ = 16_000, 8_000
_FULL = 4096


def through_the_line(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """What arrives at the other end; same length and rate (16 kHz) as what was said."""
    narrow = soxr.resample(sound, WIDE_HZ, NARROW_HZ)
    arrived = decoded(encoded(narrow))
    wide = soxr.resample(arrived, NARROW_HZ, WIDE_HZ)
    return np.asarray(np.pad(wide, (0, max(0, len(sound) - len(wide))))[: len(sound)], np.float32)


def encoded(sound: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A-law octets (sign, chord, step) of samples between -1 and 1."""
    size = np.minimum(np.floor(np.abs(sound) * _FULL), _FULL - 1).astype(np.int64)
    chord = np.maximum(0, np.floor(np.log2(np.maximum(size, 1))).astype(np.int64) - 4)
    step = size >> np.maximum(1, chord) & 0x0F
    sign = np.where(np.signbit(sound), 0, 0x80)
    return np.asarray(sign | chord << 4 | step, np.uint8)


def decoded(octets: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Samples in the middle of their steps."""
    chord, step = (octets.astype(np.int64) >> 4) & 0x07, octets.astype(np.int64) & 0x0F
    lowest = np.where(chord == 0, step << 1, (step | 0x10) << np.maximum(1, chord))
    size = lowest + (1 << np.maximum(1, chord)) / 2
    return np.asarray(np.where(octets & 0x80, size, -size) / _FULL, np.float32)
