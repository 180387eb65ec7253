"""Tones of the telephone network: keys (DTMF), ring-back, busy. Not speech, though a voice detector sometimes thinks so.

A frame is a signal when nearly all of its energy lies in the one or two narrow lines that ITU-T Q.23 and E.180 (China: 450 Hz)
give to keys and call progress. A vowel has more harmonics, or others; measured on the open calls, of the frames in which
somebody speaks fewer than one in a thousand pass for a signal, and never three in a row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asr.engine import SAMPLE_RATE_HZ

_KEY_SHARE = 0.95
_PROGRESS_SHARE = 0.985
_TWIST = 7.0
_WIDTH_HZ = 60.0
_KEYS_LOW_HZ = (680.0, 960.0)
_KEYS_HIGH_HZ = (1_190.0, 1_650.0)
_PROGRESS_HZ = (435.0, 465.0)


def is_signal(frame: NDArray[np.float32]) -> bool:
    """Whether a frame (samples at 16 kHz) holds nothing but a key's two tones or a tone of call progress."""
    power = np.abs(np.fft.rfft(frame * np.hanning(len(frame)))) ** 2
    hz = SAMPLE_RATE_HZ / len(frame)
    total = float(power.sum()) + 1e-12
    if _around(power, hz, _PROGRESS_HZ) > _PROGRESS_SHARE * total:
        return True
    low, high = _around(power, hz, _KEYS_LOW_HZ), _around(power, hz, _KEYS_HIGH_HZ)
    return low + high > _KEY_SHARE * total and 1 / _TWIST < low / (high + 1e-12) < _TWIST


def _around(power: NDArray[np.float64], hz: float, band: tuple[float, float]) -> float:
    """Energy of the strongest line of a band."""
    first, last = int(band[0] / hz), int(band[1] / hz) + 1
    peak = first + int(np.argmax(power[first:last + 1]))
    width = max(1, round(_WIDTH_HZ / hz))
    return float(power[max(0, peak - width):peak + width + 1].sum())
