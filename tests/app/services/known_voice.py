"""Speech-like sound of known pitch, as the telephone brings it: for the test and the measurement of the pitch range."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE_HZ = 8000
SECONDS = 12
Sound = npt.NDArray[np.float64]


def voice(middle_hz: float, semitones: float, seed: int, rate_hz: int = RATE_HZ, snr_db: float = 20.0) -> tuple[Sound, float]:
    """Syllables that move within ``semitones`` about ``middle_hz``, without what a line cuts off; and their true range."""
    dice, sound, at, true = np.random.default_rng(seed), np.zeros(SECONDS * rate_hz), rate_hz // 5, []
    while at < len(sound) - rate_hz:
        length = int(dice.uniform(0.15, 0.28) * rate_hz)
        first = dice.uniform(-0.5, 0.5)
        contour = semitones * np.linspace(first, np.clip(first + dice.uniform(-0.4, 0.4), -0.5, 0.5), length)
        hertz = middle_hz * 2 ** (contour / 12)
        phase = 2 * np.pi * np.cumsum(hertz) / rate_hz
        formants = ((dice.uniform(300, 800), 60, 1.0), (dice.uniform(900, 2200), 90, 0.5), (dice.uniform(2400, 3000), 150, 0.25))
        for number in range(1, 45):
            here = number * hertz
            loud = sum(share / (1 + ((here - place) / wide) ** 2) for place, wide, share in formants)
            sound[at:at + length] += np.where((here > 300) & (here < 3400), loud, 0.03 * loud) * np.sin(number * phase + dice.uniform(0, 6))
        sound[at:at + length] *= np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.03 * rate_hz))
        true.append(contour)
        at += length + int(rate_hz * dice.choice((0.0, 0.08, 0.4), p=(0.6, 0.3, 0.1)))
    sound *= 0.08 / np.sqrt(np.mean(sound**2))
    low, high = np.percentile(np.concatenate(true), (10, 90))
    return sound + dice.normal(0.0, 0.08 * 10 ** (-snr_db / 20), len(sound)), float(high - low)
