"""Pitch range on sounds of known pitch, as the telephone brings them: band 300 to 3,400 Hz, 8 kHz, noise; and where nothing may be told."""

from __future__ import annotations

import numpy as np
import pytest

from app.services.pitch_meter import LEAST_VOICED, PitchMeter, pitch
from tests.app.services.known_voice import RATE_HZ, SECONDS, Sound, voice


def metered(sound: Sound, rate_hz: int = RATE_HZ, block_ms: int = 100) -> PitchMeter:
    meter, step = PitchMeter(), rate_hz * block_ms // 1000
    samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    for start in range(0, len(samples), step):
        meter.take(start * 1000 // rate_hz, samples[start:start + step], rate_hz)
    return meter


@pytest.mark.parametrize("middle_hz", [90.0, 130.0, 210.0, 300.0])
def test_the_range_of_a_voice_over_the_telephone_is_found(middle_hz: float) -> None:
    told, true = [], []
    for number, semitones in enumerate((4.0, 11.0)):
        sound, wide = voice(middle_hz, semitones, number)
        told.append(metered(sound).semitones([(0, 1000 * SECONDS)]))
        true.append(wide)
    assert told == pytest.approx(true, abs=1.6)
    assert told == sorted(told)


def test_a_wider_sound_and_other_blocks_tell_the_same() -> None:
    wide, true = voice(180.0, 8.0, 5, rate_hz=16000)
    assert metered(wide, 16000).semitones([(0, 1000 * SECONDS)]) == pytest.approx(true, abs=1.0)
    narrow, true = voice(180.0, 8.0, 5)
    assert metered(narrow, block_ms=20).semitones([(0, 1000 * SECONDS)]) == pytest.approx(true, abs=1.0)


def test_noise_a_steady_tone_and_too_little_speech_tell_nothing_of_a_voice() -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.05, SECONDS * RATE_HZ)
    assert metered(noise).semitones([(0, 1000 * SECONDS)]) == 0.0
    assert metered(np.zeros(SECONDS * RATE_HZ)).semitones([(0, 1000 * SECONDS)]) == 0.0
    sound, _ = voice(150.0, 8.0, 2)
    assert metered(sound).semitones([(0, 1500)]) == 0.0
    assert metered(sound).semitones([]) == 0.0
    assert PitchMeter().semitones([(0, 1000)]) == 0.0


def test_what_is_not_this_sides_words_does_not_count() -> None:
    """Hold music far above the voice, between the words."""
    sound, true = voice(120.0, 5.0, 3)
    at = np.arange(10 * RATE_HZ) / RATE_HZ
    music = 0.1 * sum(np.sin(2 * np.pi * number * 440 * at) for number in (1, 2, 3))
    told = metered(np.concatenate((sound, music))).semitones([(0, 1000 * SECONDS)])
    assert told == pytest.approx(true, abs=1.0)


def test_a_gap_in_the_sound_keeps_the_time_line() -> None:
    sound, _ = voice(120.0, 6.0, 4)
    samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    meter = PitchMeter()
    meter.take(0, samples[: 8 * RATE_HZ], RATE_HZ)
    meter.take(60_000, samples[8 * RATE_HZ :], RATE_HZ)
    assert meter.semitones([(8_000, 60_000)]) == 0.0
    assert meter.semitones([(0, 8_000), (60_000, 72_000)]) > 3.0


def test_a_steady_voiced_sound_has_its_pitch_within_a_percent() -> None:
    at = np.arange(RATE_HZ) / RATE_HZ
    for hertz in (80.0, 143.0, 260.0, 410.0):
        parts = [np.sin(2 * np.pi * number * hertz * at) / number for number in range(1, 40) if 300 < number * hertz < 3400]
        tone = np.sum(parts, axis=0)
        found, strength, _ = pitch((0.1 * tone).astype(np.float32))
        assert np.median(found) == pytest.approx(hertz, rel=0.01)
        assert np.median(strength) > 0.9
        assert len(found) < LEAST_VOICED
