"""Live sound at the rate that it really has: 8 kHz while nothing lies above the telephone's band, 16 kHz from then on. Pure.

A line brings 300 to 3,400 Hz, whatever the sound card says. Recognition doubles telephone sound by a filter of its own
(``asr.upsample``), on which it was measured; the same sound brought up by a sound system has another edge at 4 kHz and costs more
errors (docs/benchmarks/live-sound.md). A room's microphone is heard above 4.6 kHz within its first second, and then keeps its full
band: what a channel has once shown holds for the call.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

WIDE_HZ, NARROW_HZ = 16_000, 8_000
#: What lies above 4.6 kHz counts from this level on, and from so much below the voice's own band on.
FAINTEST_DB, BELOW_VOICE_DB = -80.0, -45.0
_VOICE_HZ, _ABOVE_HZ = (300, 3_400), (4_600, 7_500)
_HALF = 32
_KAISER_BETA = 8.0
#: Blocks above the band in a row: a click has all frequencies.
_BLOCKS = 3

Samples = npt.NDArray[np.int16]


class TelephoneBand:
    """One channel's sound."""

    def __init__(self) -> None:
        self.is_wide = False
        self._above = 0
        at = np.arange(-_HALF, _HALF + 1) / 2
        taps = np.sinc(at) * np.kaiser(2 * _HALF + 1, _KAISER_BETA)
        self._taps = taps / taps.sum()
        self._held = np.zeros(2 * _HALF, np.float64)

    def take(self, samples: Samples) -> tuple[Samples, int]:
        """A block at 16 kHz, of an even number of samples; gives it at 8 kHz (two milliseconds later) or as it is, and the rate."""
        if not self.is_wide:
            self._above = self._above + 1 if has_more(samples) else 0
            self.is_wide = self._above >= _BLOCKS
        if self.is_wide:
            return samples, WIDE_HZ
        held = np.concatenate((self._held, samples.astype(np.float64)))
        self._held = held[-2 * _HALF:]
        halved = np.convolve(held, self._taps, "valid")[::2]
        return np.clip(np.round(halved), -32768, 32767).astype(np.int16), NARROW_HZ


def has_more(samples: Samples) -> bool:
    """Whether a block at 16 kHz holds sound above the telephone's band."""
    if len(samples) < WIDE_HZ // 100:
        return False
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64) / 32768 * np.hanning(len(samples)))) ** 2
    at = np.fft.rfftfreq(len(samples), 1 / WIDE_HZ)
    scale = 2 / (len(samples) ** 2 * 0.375)
    voice, above = (10 * np.log10(scale * float(spectrum[(at > low) & (at < high)].sum()) + 1e-12) for low, high in (_VOICE_HZ, _ABOVE_HZ))
    return bool(above > max(FAINTEST_DB, voice + BELOW_VOICE_DB))
