"""What the sound check says of both sides, from sound alone; with real devices: tests/live/test_sound_check.py."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.sound_check import judged, known_sound
from app.audio.sound_guard import Samples
from app.domain.dialogue import Channel
from app.platform import messages

RATE_HZ = 16_000


def room(seconds: float = 6, loud: float = 30.0) -> Samples:
    sound: Samples = (loud * np.random.default_rng(1).standard_normal(int(seconds * RATE_HZ))).astype(np.int16)
    return sound


def with_known(sound: Samples, share: float = 1.0, after_s: float = 1.2) -> Samples:
    heard, at = sound.astype(float), int(after_s * RATE_HZ)
    heard[at:at + 3 * RATE_HZ] += share * known_sound()
    return heard.astype(np.int16)


def speaking() -> Samples:
    swell = np.clip(np.sin(np.arange(6 * RATE_HZ) * 2 * np.pi * 2 / RATE_HZ), 0, 1)
    sound: Samples = (room() + swell * 3000 * np.random.default_rng(2).standard_normal(6 * RATE_HZ)).astype(np.int16)
    return sound


CASES: dict[str, tuple[Samples, Samples, list[str]]] = {
    "well": (speaking(), with_known(room(6, 1)), ["sound.check_well_operator", "sound.check_well_citizen"]),
    "nobody speaks": (room(), with_known(room(6, 1)), ["sound.check_no_voice", "sound.check_well_citizen"]),
    "no microphone": (room(0), with_known(room(6, 1)), ["sound.check_no_microphone", "sound.check_well_citizen"]),
    "no headset": (speaking(), room(0), ["sound.check_well_operator", "sound.check_no_headset"]),
    "nothing heard": (speaking(), room(6, 1), ["sound.check_well_operator", "sound.check_unheard"]),
    "loudspeaker": (with_known(room(), 0.5, 1.35), with_known(room(6, 1)),
                    ["sound.check_well_operator", "sound.check_well_citizen", "sound.echo"]),
    "wrong way round": (with_known(room(6, 1)), speaking(), ["sound.check_well_operator", "sound.check_unheard", "sound.check_swapped"]),
    "voice on the headset's side": (room(), with_known(speaking()),
                                    ["sound.check_no_voice", "sound.check_well_citizen", "sound.check_swapped"]),
    "dead": (np.zeros(6 * RATE_HZ, np.int16), with_known(room(6, 1)), ["sound.silent_operator", "sound.check_well_citizen"]),
}


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_its_lines(case: str) -> None:
    operator, citizen, wanted = CASES[case]
    lines = judged({Channel.OPERATOR: operator, Channel.CITIZEN: citizen}, was_played=True)
    assert [line.key for line in lines] == wanted
    assert all(messages.text(line.key, line.params, lang) != line.key for line in lines for lang in ("zh", "en"))


def test_a_device_that_was_replaced_is_named_before_its_level() -> None:
    heard = {Channel.OPERATOR: speaking(), Channel.CITIZEN: with_known(room(6, 1))}
    lines = judged(heard, True, ("sound.gone_operator", "sound.fallback_operator"))
    assert [line.key for line in lines] == ["sound.fallback_operator", "sound.check_well_citizen"]
