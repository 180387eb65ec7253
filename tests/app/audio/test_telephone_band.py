"""Telephone sound is handed on at the telephone's rate, a room's microphone at its own."""

from __future__ import annotations

import numpy as np

from app.audio.telephone_band import TelephoneBand

RATE_HZ, BLOCK = 16_000, 1_600


def through(sound: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[tuple[np.ndarray[tuple[int, ...], np.dtype[np.int16]], int]]:
    band, whole = TelephoneBand(), (sound * 32767).astype(np.int16)
    return [band.take(whole[at:at + BLOCK]) for at in range(0, len(whole) - BLOCK + 1, BLOCK)]


def tone(hertz: float, seconds: float, loud: float = 0.3) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return loud * np.sin(np.arange(int(seconds * RATE_HZ)) * 2 * np.pi * hertz / RATE_HZ)


def test_telephone_sound_comes_at_8_khz_unchanged_but_for_two_milliseconds() -> None:
    sound = tone(440, 2) + tone(3000, 2, 0.1)
    blocks = through(sound)
    assert {rate for _, rate in blocks} == {8_000}
    assert {len(block) for block, _ in blocks} == {BLOCK // 2}
    heard = np.concatenate([block for block, _ in blocks]) / 32767
    late = 2 * RATE_HZ // 2 // 1000
    assert np.abs(heard[100:] - sound[::2][100 - late:len(heard) - late]).max() < 0.002


def test_what_lies_above_the_band_is_not_folded_into_it_by_a_click() -> None:
    click = tone(440, 1)
    click[5 * BLOCK + 100] = 1.0
    assert {rate for _, rate in through(click)} == {8_000}


def test_a_rooms_microphone_keeps_its_band_from_its_first_moments_on() -> None:
    hiss = 0.001 * np.random.default_rng(2).standard_normal(RATE_HZ)
    rates = [rate for _, rate in through(np.concatenate((np.zeros(BLOCK), hiss, np.zeros(RATE_HZ), tone(440, 1))))]
    assert rates[:3] == [8_000] * 3
    assert set(rates[4:]) == {16_000}
