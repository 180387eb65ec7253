"""8 to 16 kHz: the same sound in the same place whatever the blocks, no image, hardly late."""

from __future__ import annotations

import numpy as np
import pytest

from asr.upsample import Doubler


def doubled(sound: np.ndarray, block: int) -> np.ndarray:
    stream = Doubler()
    return np.concatenate([*(stream.chunk(sound[at:at + block]) for at in range(0, len(sound), block)), stream.rest()])


@pytest.mark.parametrize("frequency", [100, 440, 1_000, 3_400])
def test_a_tone_of_the_phone_band_stays_where_it_was(frequency: int) -> None:
    sound = np.sin(2 * np.pi * frequency * np.arange(8_000) / 8_000).astype(np.float32)
    wanted = np.sin(2 * np.pi * frequency * np.arange(16_000) / 16_000)
    out = doubled(sound, 320)
    assert len(out) == 16_000
    assert np.abs(out[200:-200] - wanted[200:-200]).max() < 1e-3
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    assert spectrum[4_500:].max() < 1e-4 * spectrum.max()


def test_blocks_do_not_matter_and_little_is_held_back() -> None:
    sound = np.random.default_rng(1).standard_normal(4_000).astype(np.float32)
    whole = doubled(sound, 4_000)
    for block in (1, 7, 320, 999):
        assert np.array_equal(doubled(sound, block), whole)
    stream = Doubler()
    assert 2 * 800 - len(stream.chunk(sound[:800])) <= 16 * 5
