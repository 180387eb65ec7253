"""The call's sound in memory: the right stretch of both sides, levels, and nothing after the ticket is submitted."""

from __future__ import annotations

import numpy as np

from app.domain.dialogue import Channel, Token, Utterance
from app.domain.errors import EnvironmentFault
from app.domain.listening import LEAST_MS, MOST_MS, evidence_stretch, utterance_stretch
from app.domain.ticket import Evidence
from app.ports.ports import AudioBlock
from app.services.call_sound import CallSound, EvidencePlayer, level
from app.services.sound_meter import power_db

RATE = 8000


def block(channel: Channel, start_ms: int, value: int) -> AudioBlock:
    return AudioBlock(channel, start_ms, np.full(RATE // 10, value, "<i2").tobytes(), RATE)


def filled(sound: CallSound, seconds: int = 10) -> CallSound:
    """Operator says its tenth of a second, citizen the same times a hundred."""
    for number in range(seconds * 10):
        sound.take(block(Channel.OPERATOR, number * 100, number))
        sound.take(block(Channel.CITIZEN, number * 100, number * 100))
    return sound


def test_a_clip_holds_both_sides_of_exactly_its_stretch() -> None:
    clip = filled(CallSound()).clip((2050, 3150))
    assert clip is not None
    samples = np.frombuffer(clip.pcm, "<i2")
    assert len(samples) == 1100 * RATE // 1000
    assert (samples[0], samples[-1]) == (20 + 2000, 31 + 3100)
    assert samples[len(samples) // 2] == 26 + 2600


def test_a_clip_beyond_the_end_is_silent_there_and_one_outside_is_none() -> None:
    sound = filled(CallSound(), seconds=1)
    clip = sound.clip((900, 2000))
    assert clip is not None
    assert not np.frombuffer(clip.pcm, "<i2")[RATE // 5:].any()
    assert sound.clip((5000, 6000)) is None


def test_loud_sides_do_not_wrap_round() -> None:
    sound = CallSound()
    sound.take(block(Channel.OPERATOR, 0, 30000))
    sound.take(block(Channel.CITIZEN, 0, 30000))
    clip = sound.clip((0, 100))
    assert clip is not None
    assert set(np.frombuffer(clip.pcm, "<i2")) == {32767}


def test_sides_of_different_rates_keep_their_places() -> None:
    sound = CallSound()
    sound.take(AudioBlock(Channel.OPERATOR, 0, np.full(1600, 100, "<i2").tobytes(), 16_000))
    sound.take(AudioBlock(Channel.CITIZEN, 0, np.full(800, 1000, "<i2").tobytes(), 8_000))
    sound.take(AudioBlock(Channel.CITIZEN, 100, np.full(1600, 1000, "<i2").tobytes(), 16_000))
    clip = sound.clip((0, 200))
    assert clip is not None
    assert clip.rate_hz == 16_000
    heard = np.frombuffer(clip.pcm, "<i2")
    assert set(heard[:1600]) == {1100}
    assert set(heard[1600:]) == {1000}


def test_after_forgetting_nothing_is_kept_nor_taken() -> None:
    sound = filled(CallSound(), seconds=1)
    sound.forget()
    sound.take(block(Channel.CITIZEN, 0, 5))
    assert sound.clip((0, 1000)) is None
    assert filled(CallSound(is_kept=False), seconds=1).clip((0, 1000)) is None


def test_levels_are_told_of_each_side_whether_or_not_sound_is_kept() -> None:
    told: list[tuple[Channel, float]] = []
    sound = CallSound(is_kept=False, on_level=lambda channel, share: told.append((channel, share)))
    sound.take(block(Channel.CITIZEN, 0, 0))
    sound.take(block(Channel.OPERATOR, 0, 16384))
    assert told[0] == (Channel.CITIZEN, 0.0)
    assert told[1][0] is Channel.OPERATOR
    assert abs(told[1][1] - 0.9) < 0.01
    assert level(power_db(np.full(100, 32767, "<i2"))) > 0.99


def utterance(length: int = 40, with_tokens: bool = True) -> Utterance:
    tokens = tuple(Token(i, i + 1, 10_000 + 200 * i, 10_200 + 200 * i, 0.9) for i in range(length))
    return Utterance(0, Channel.CITIZEN, 10_000, 10_000 + 200 * length, "字" * length, tokens=tokens if with_tokens else ())


def test_evidence_is_played_for_three_to_five_seconds_with_its_words_in_it() -> None:
    for start, end in ((0, 2), (10, 21), (5, 40)):
        for with_tokens in (True, False):
            stretch = evidence_stretch((Evidence(0, start, end),), (utterance(with_tokens=with_tokens),))
            assert stretch is not None
            assert LEAST_MS <= stretch[1] - stretch[0] <= MOST_MS
            assert stretch[0] < 10_000 + 200 * start
            assert stretch[1] > min(10_000 + 200 * end, stretch[0] + MOST_MS - 1)
    assert evidence_stretch((), (utterance(),)) is None
    assert evidence_stretch((Evidence(3, 0, 2),), (utterance(),)) is None


def test_a_very_long_utterance_is_not_played_for_a_minute() -> None:
    start, end = utterance_stretch(utterance(300))
    assert start < 10_000
    assert end - start == 15_000


class Ear:
    """Remembers what it was to play; its device is gone."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def play(self, clip, on_fault) -> None:
        self.heard.append(clip.pcm)
        on_fault(EnvironmentFault("audio.no_output"))

    def stop(self) -> None: ...
    def close(self) -> None: ...


def test_a_missing_device_and_missing_sound_are_said_in_one_line() -> None:
    notices, ear, sound = [], Ear(), filled(CallSound())
    player = EvidencePlayer(lambda: sound, ear, notices.append)
    player.play((0, 3000))
    assert len(ear.heard) == 1
    sound.forget()
    player.play((0, 3000))
    assert [notice.key for notice in notices] == ["audio.no_output", "audio.evidence_gone"]
    assert len(ear.heard) == 1
