"""The guard on the sound: each fault is found within three seconds of sound that has it, and a good call gives none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from app.audio.sound_guard import Finding, RateWatch, SoundFault, SoundGuard, echo_strength
from app.audio.sound_timeline import SoundTimeline
from app.domain.dialogue import Channel
from app.platform import messages

RATE_HZ = 16_000
BLOCK = RATE_HZ // 10
OPERATOR, CITIZEN = Channel.OPERATOR, Channel.CITIZEN
Sound = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def speech(seed: int, seconds: float, loud: float = 0.2) -> Sound:
    """Noise in syllables, four a second, with pauses: levels and correlation are like those of speech."""
    random = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    smooth = np.convolve(random.standard_normal(count), np.ones(6) / 2.4, "same")
    syllables = np.clip(np.sin(np.arange(count) * 2 * np.pi * 2 / RATE_HZ + seed), 0, 1)
    return loud * smooth * syllables + 0.0005 * random.standard_normal(count)


def silence(seconds: float) -> Sound:
    return 0.0005 * np.random.default_rng(1).standard_normal(int(seconds * RATE_HZ))


def heard(operator: Sound, citizen: Sound, first_spoken: bool = True) -> set[Finding]:
    """All that the guard finds while the sound goes by."""
    guard, found = SoundGuard(), set[Finding]()
    if first_spoken:
        greeting, meanwhile = speech(7, 3), silence(3)
        operator, citizen = np.concatenate((greeting, operator)), np.concatenate((meanwhile, citizen))
    for at in range(0, min(len(operator), len(citizen)) - BLOCK + 1, BLOCK):
        for channel, sound in ((OPERATOR, operator), (CITIZEN, citizen)):
            guard.take(channel, (np.clip(sound[at:at + BLOCK], -1, 1) * 32767).astype(np.int16))
        found.update(guard.findings(RATE_HZ))
    return found


def echoed(seed: int) -> tuple[Sound, Sound]:
    citizen = speech(seed, 3)
    delayed = np.concatenate((np.zeros(RATE_HZ // 8), citizen))[:len(citizen)]
    return 0.7 * delayed + silence(3), citizen


FAULTS: list[tuple[Finding, Callable[[], set[Finding]]]] = [
    (Finding(SoundFault.CLIPPED, CITIZEN), lambda: heard(silence(3), 12 * speech(2, 3))),
    (Finding(SoundFault.CLIPPED, OPERATOR), lambda: heard(12 * speech(2, 3), silence(3))),
    (Finding(SoundFault.QUIET, CITIZEN), lambda: heard(silence(3), speech(3, 3, 0.004))),
    (Finding(SoundFault.NOISY, OPERATOR), lambda: heard(40 * silence(3), speech(3, 3))),
    (Finding(SoundFault.ECHO), lambda: heard(*echoed(4))),
    (Finding(SoundFault.SWAPPED), lambda: heard(silence(3), speech(5, 3), first_spoken=False)),
]


@pytest.mark.parametrize(("finding", "act"), FAULTS, ids=[each[0].key for each in FAULTS])
def test_each_fault_is_found_within_three_seconds(finding: Finding, act: Callable[[], set[Finding]]) -> None:
    assert finding in act()
    assert messages.text(finding.key) != finding.key


@pytest.mark.parametrize("late", range(0, BLOCK, BLOCK // 8))
def test_a_faint_voice_is_told_on_a_line_that_is_silent_between_words_wherever_blocks_begin(late: int) -> None:
    """Between words a telephone may send nothing: then how far a faint voice swells depends on where its blocks begin."""
    count = np.arange(4 * RATE_HZ)
    faint = 0.003 * np.random.default_rng(3).standard_normal(len(count)) * np.clip(np.sin((count + late) * 2 * np.pi * 2 / RATE_HZ), 0, 1)
    quiet = Finding(SoundFault.QUIET, CITIZEN)
    assert quiet in heard(silence(3), faint[:3 * RATE_HZ], first_spoken=False)
    assert quiet not in heard(silence(4), np.where(count < RATE_HZ, 0.0, 0.003 * np.sin(count * 2.0)), first_spoken=False)  # a line opens


def test_a_side_that_gives_nothing_is_told_after_ten_seconds() -> None:
    assert heard(speech(1, 10), np.zeros(10 * RATE_HZ)) >= {Finding(SoundFault.SILENT, CITIZEN)}
    assert Finding(SoundFault.SILENT, CITIZEN) not in heard(speech(1, 4), np.zeros(4 * RATE_HZ))


@pytest.mark.parametrize("seed", range(6))
def test_a_good_call_gives_nothing(seed: int) -> None:
    turns = [(speech(seed + turn, 3), silence(3)) if turn % 2 else (silence(3), speech(seed + turn, 3)) for turn in range(4)]
    both = (speech(seed + 20, 3), speech(seed + 40, 3))
    operator, citizen = (np.concatenate([turn[side] for turn in [*turns, both]]) for side in (0, 1))
    assert heard(operator, citizen) == set()


def test_echo_is_told_from_two_people_who_speak_at_once() -> None:
    operator, citizen = echoed(9)
    as_int = [(np.clip(each, -1, 1) * 32767).astype(np.int16) for each in (operator, citizen, speech(10, 3))]
    assert echo_strength(as_int[1], as_int[0], RATE_HZ) > 0.8
    assert echo_strength(as_int[1], as_int[2], RATE_HZ) < 0.2


def ratio(heard: Callable[[float], float], seconds: float) -> float:
    """What the watch says after looks a quarter of a second apart."""
    watch, found = RateWatch(), 1.0
    for look in range(int(seconds * 4) + 1):
        found = watch.ratio(heard(look * 250.0), look * 250.0)
    return found


def test_a_rate_that_lies_is_found_within_three_seconds_and_a_stall_is_none() -> None:
    assert ratio(lambda passed: passed * 48_000 / 44_100, 3) == pytest.approx(48_000 / 44_100)
    assert ratio(lambda passed: passed * 0.5, 3) == pytest.approx(0.5)
    assert ratio(lambda passed: passed * 1.002, 60) == 1.0
    assert ratio(lambda passed: max(0.0, passed - 70), 60) == 1.0  # a piece was lost
    assert ratio(lambda passed: 1000.0 if 1000 < passed < 3400 else passed, 60) == 1.0  # a busy machine gave nothing for a while

    late = [0.0, 0.06, 0.1, 0.25, 0.3, 0.5, 0.52, 0.7, 0.75, 1.0]  # a busy machine: behind in every look, by another share each time
    assert ratio(lambda passed: passed - 100 * late[min(9, int(passed // 450))], 4) == 1.0
    assert ratio(lambda passed: passed * 0.78, 10) == 1.0  # no two rates are so far from each other


def test_a_tone_on_the_line_greets_nobody_and_a_stall_proves_nothing() -> None:
    tone = 0.2 * np.sin(np.arange(3 * RATE_HZ) * 2 * np.pi * 450 / RATE_HZ)
    assert Finding(SoundFault.SWAPPED) not in heard(silence(3), tone, first_spoken=False)
    guard = SoundGuard()
    citizen = (np.clip(speech(5, 3), -1, 1) * 32767).astype(np.int16)
    for number in range(30):
        guard.take(OPERATOR, np.zeros(BLOCK, np.int16))
        guard.take(CITIZEN, citizen[number * BLOCK:(number + 1) * BLOCK])
        if number % 6 == 5:
            guard.stalled()
    assert Finding(SoundFault.SWAPPED) not in guard.findings(RATE_HZ)


def test_a_mute_key_is_told_from_silence_and_from_a_gate() -> None:
    room, speaking, nothing = 2 * silence(3), speech(6, 3), np.zeros(3 * RATE_HZ)
    citizen = speech(8, 9)
    muted = Finding(SoundFault.MUTED, OPERATOR)
    assert muted in heard(np.concatenate((room, speaking, nothing)), citizen)
    assert muted not in heard(np.concatenate((room, speaking, room)), citizen)
    gated = np.concatenate([np.concatenate((speech(turn, 1), np.zeros(RATE_HZ))) for turn in range(3)])
    assert muted not in heard(np.concatenate((gated, nothing)), citizen, first_spoken=False)


def test_the_time_line_fills_gaps_drops_surplus_and_never_goes_back() -> None:
    line = SoundTimeline(RATE_HZ, 100.0)
    sound = np.full(RATE_HZ, 1000, np.int16)
    assert line.take(100.2) == []
    line.put(sound)
    assert [at for at, _ in line.take(101.0)] == list(range(0, 1000, 100))
    gap = line.take(104.0)  # three seconds in which the device gave nothing
    line.put(sound)
    rest = line.take(105.0)
    starts = [at for at, _ in (*gap, *rest)]
    assert starts == list(range(1000, 1000 + 100 * len(starts), 100))
    assert (starts[-1], line.filled_ms) == (4700, 2800)
    line.put(np.concatenate([sound] * 5))  # five seconds at once: a backlog, or a rate that lies
    assert line.take(105.1)[-1][0] <= 5300
    assert line.dropped_ms > 4000
