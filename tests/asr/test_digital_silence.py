"""A companded line's constant silence becomes silence; anything louder passes untouched, whatever it stands beside."""

from __future__ import annotations

import numpy as np

from asr.zipformer.network import without_digital_silence


def test_the_quietest_level_of_a_companded_line_is_silence() -> None:
    constant = np.full(320, 8 / 32_768, np.float32)
    assert not without_digital_silence(constant).any()
    assert not without_digital_silence(-constant).any()


def test_speech_and_room_noise_pass_as_they_are() -> None:
    speech = (np.random.default_rng(3).standard_normal(640) * 0.01).astype(np.float32)
    assert np.array_equal(without_digital_silence(speech), speech)
    beside = np.concatenate((np.full(320, 8 / 32_768, np.float32), speech))
    assert np.array_equal(without_digital_silence(beside)[320:], speech)
