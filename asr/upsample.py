"""The telephone's 8 kHz to the engines' 16 kHz, in a stream, eight milliseconds late.

Why not a library: soxr's stream works in blocks of its own and holds up to 115 ms back (64 on average, HQ and MQ alike, measured with
blocks of 40 ms), which every partial and final would wait for. Why not a half-band filter, which is shorter: it lets images of
the sounds just below 4 kHz through just above, and over them the acoustic model took one aspirated sound for another at the begin
of utterances (qian as tian, cong as tong). So the pass band ends before 4 kHz and all above is 75 dB down (windowed sinc, Kaiser).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_IN_HZ = 8_000
_HALF = 64
"""Neighbours on either side that a sample is made of, at 8 kHz."""
_CUT = 0.955
"""Middle of the transition over 4 kHz; it is 0.4 kHz wide."""
_KAISER_BETA = 7.0


def _phases() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights of the 2 * _HALF samples around a place: at the sample before its middle, and halfway to the next one."""
    wide = _HALF + 0.5

    def taps(shift: float) -> NDArray[np.float64]:
        at = np.arange(1 - _HALF, _HALF + 1) - shift
        weights = np.sinc(_CUT * at) * np.i0(_KAISER_BETA * np.sqrt(1.0 - (at / wide) ** 2))
        return np.asarray((weights / weights.sum())[::-1], np.float64)

    return taps(0.0), taps(0.5)


class Doubler:
    """One channel's stream; the place of a sample does not change, the last milliseconds wait for what follows."""

    def __init__(self) -> None:
        self._on, self._between = _phases()
        self._held = np.zeros(_HALF - 1, np.float64)

    def chunk(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """More sound at 8 kHz (n,); gives what is certain of it at 16 kHz, the same whatever the blocks."""
        held = np.concatenate((self._held, samples.astype(np.float64)))
        ready = len(held) - 2 * _HALF + 1
        if ready <= 0:
            self._held = held
            return np.zeros(0, np.float32)
        out = np.empty(2 * ready, np.float32)
        out[0::2] = np.convolve(held, self._on, "valid")
        out[1::2] = np.convolve(held, self._between, "valid")
        self._held = held[ready:]
        return out

    def rest(self) -> NDArray[np.float32]:
        """What still waits, with silence after it; the stream begins anew."""
        last = self.chunk(np.zeros(_HALF, np.float32))
        self._held = np.zeros(_HALF - 1, np.float64)
        return last
