"""How loud each frame of an utterance was, and which frames are pauses: what tells a long digit from a digit and a pause."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asr.zipformer.network import FRAME_MS, Floats

_DB = float(np.log(10.0)) / 10.0
_PAUSE_DB = 25.0
_ABOVE_NOISE_DB = 6.0
_LEAST_DB = 10.0


class Sound:
    """Loudness of an utterance.

    Args:
        loudness: natural log of the energy of each frame of 40 ms.
    """

    def __init__(self, loudness: Floats) -> None:
        self.quiet = _quiet(loudness)

    @property
    def end_ms(self) -> int:
        """Where the last sound ends."""
        loud = np.flatnonzero(~self.quiet)
        return (int(loud[-1]) + 1) * FRAME_MS if loud.size else self.quiet.size * FRAME_MS

    def voiced(self, start: int, end: int) -> int:
        """Frames of sound from ``start`` to before ``end``."""
        return int(np.count_nonzero(~self.quiet[start:end]))

    def voice_end_ms(self, start_ms: int, limit_ms: int) -> int:
        """Where the sound that begins at ``start_ms`` falls silent, at most ``limit_ms``."""
        first = start_ms // FRAME_MS + 1
        pause = np.flatnonzero(self.quiet[first : limit_ms // FRAME_MS])
        return (first + int(pause[0])) * FRAME_MS if pause.size else limit_ms


def _quiet(loudness: Floats) -> NDArray[np.bool_]:
    """25 dB below the loud frames, or hardly above the room's noise."""
    if not loudness.size:
        return np.zeros(0, dtype=np.bool_)
    low, high = np.percentile(loudness, (10, 90))
    noise = min(low + _ABOVE_NOISE_DB * _DB, high - _LEAST_DB * _DB)
    quiet: NDArray[np.bool_] = loudness < max(high - _PAUSE_DB * _DB, noise)
    return quiet
