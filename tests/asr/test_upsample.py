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
    assert 2 * 800 - len(stream.chunk(sound[:800])) <= 16 * 9


def test_nothing_of_the_phone_band_comes_back_above_it() -> None:
    """Images just above 4 kHz made the model take qian for tian, cong for tong; a half-band filter lets them pass."""
    sound = np.random.default_rng(2).standard_normal(32_000).astype(np.float32)
    out = doubled(sound, 320)
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out)))) ** 2
    hertz = np.fft.rfftfreq(len(out), 1 / 16_000)
    band = spectrum[(hertz > 300) & (hertz < 3_600)].mean()
    assert spectrum[hertz > 4_010].mean() < 1e-6 * band


def test_the_phone_band_is_whole_up_to_its_edge() -> None:
    sound = np.sin(2 * np.pi * 3_600 * np.arange(8_000) / 8_000).astype(np.float32)
    out = doubled(sound, 320)[400:-400]
    assert abs(20 * np.log10(np.sqrt(2 * np.mean(out**2)))) < 0.1
