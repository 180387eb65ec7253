"""Watches a live call's sound and says what is wrong, by levels and correlation alone. Pure; the clock is the sound's own.

``SoundGuard.take`` gets both sides' blocks in order of time, ``findings`` says what holds now. Every fault shows within three seconds of
sound that has it (silence: after the seconds that are set), and goes when it is over. Levels in dB of full scale.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from app.domain.dialogue import Channel

#: Blocks of 100 ms that a judgement rests on.
WINDOW = 25
SPEECH_DB, SILENCE_DB, NOISE_DB, LOW_DB = -45.0, -75.0, -38.0, -48.0
_CLIPPED_SHARE = 0.005
_ECHO_CORRELATION, _ECHO_LONGEST_MS = 0.5, 700
#: Two devices' time lines may stand apart: an echo that is weaker than its source may seem to be so much earlier.
_ECHO_EARLIEST_MS = 250
_HZ = 4000
_RATE_OFF = 0.04
#: Rates that are taken for one another: what is given over what is due; and how near a measured ratio must lie.
_LIES = tuple(sorted({a / b for a in (8, 16, 32, 44.1, 48, 96) for b in (8, 16, 32, 44.1, 48, 96) if a != b}))
_LIE_WITHIN = 0.03
#: Blocks of sound among the newest so many, none of them loud, before floor and peaks mean anything: a line that opens is no faint voice.
_LEAST_SOUND, _FAINT_WINDOW = 15, 50
#: Pauses without any sound that make a voice of it, and by how much a voice swells where its line has a floor of its own.
_LEAST_PAUSES, _FAINT_SWING_DB = 3, 10.0
#: Blocks without a single bit set: as many in a row mean a mute key, if the device never did that before ...
_MUTE_BLOCKS = 20
#: ... but hissed as a microphone does for so long. Gates and virtual microphones give nothing in every pause.
_HISS_BLOCKS, _GATE_BLOCKS = 20, 3
#: Looks in which a wrong rate must show, their distance, and how far they may differ: a busy machine is late now more, now less.
_RATE_STEPS, _RATE_LOOK_MS, _RATE_SPREAD = 4, 450.0, 0.1
#: From one block of a voice to the next the level changes by so much; a tone on the line or music on hold is nobody's greeting.
_VOICE_SWING_DB = 1.5

Samples = npt.NDArray[np.int16]


class SoundFault(StrEnum):
    """What can be wrong; message keys are ``sound.<value>_<channel>`` (echo, swapped: without a channel)."""

    SILENT = "silent"
    QUIET = "quiet"
    CLIPPED = "clipped"
    NOISY = "noisy"
    RATE = "rate"
    ECHO = "echo"
    SWAPPED = "swapped"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of one side, or of both (None)."""

    fault: SoundFault
    channel: Channel | None = None

    @property
    def key(self) -> str:
        """Message key: what is wrong and what to do."""
        return f"sound.{self.fault}" + (f"_{self.channel}" if self.channel is not None else "")


def level_db(samples: Samples) -> float:
    """Power of a block; -100 for nothing."""
    power = float(np.mean(np.square(samples.astype(np.float64)))) / 32768.0**2 if len(samples) else 0.0
    return max(-100.0, 10.0 * float(np.log10(power))) if power > 0 else -100.0


def clipped_share(samples: Samples) -> float:
    """Share of samples at full scale."""
    return float(np.mean(np.abs(samples.astype(np.int32)) >= 32700)) if len(samples) else 0.0


def noise_floor_db(levels: list[float]) -> float:
    """What remains when nobody speaks: the tenth percentile."""
    return float(np.percentile(levels, 10)) if levels else -100.0


def echo_strength(first: Samples, second: Samples, rate_hz: int) -> float:
    """Highest normalised cross-correlation of ``second`` with an earlier ``first``, 0 to 1, for delays of up to 700 ms.

    Up to 250 ms the other way round, too, where ``second`` is the weaker one.

    Both sides decimated to about 4 kHz by averages, transformed once: a few milliseconds for 2.5 s of sound.
    """
    step = max(1, rate_hz // _HZ)
    size = min(len(first), len(second)) // step
    if size < _HZ // 2:
        return 0.0
    a, b = (each[:size * step].reshape(size, step).mean(axis=1) for each in (first, second))
    a, b = a - a.mean(), b - b.mean()
    energy = float(np.linalg.norm(a) * np.linalg.norm(b))
    if energy == 0.0:
        return 0.0
    length = 1 << (2 * size - 1).bit_length()
    found = np.fft.irfft(np.fft.rfft(b, length) * np.conj(np.fft.rfft(a, length)), length)
    delays, leads = (longest * rate_hz // step // 1000 for longest in (_ECHO_LONGEST_MS, _ECHO_EARLIEST_MS))
    places = [found[:delays]] + ([found[-leads:]] if np.linalg.norm(b) < 0.9 * np.linalg.norm(a) else [])
    return float(np.max(np.abs(np.concatenate(places))) / energy)


def rate_lie(ratio: float) -> float | None:
    """The two rates that are taken for one another where sound given over time passed is ``ratio``; None where there are none."""
    lie = min(_LIES, key=lambda each: abs(each / ratio - 1))
    return lie if abs(lie / ratio - 1) <= _LIE_WITHIN else None


class RateWatch:
    """Whether a device gives more or less sound than time passes (a sample rate that lies): it must fall behind, or run ahead, in each of
    ``_RATE_STEPS`` looks, by the same share, and by one that two rates have. A stall is made up for at once, or gives nothing at all in
    one of them; a lost piece is lost once; a busy machine is late by any share."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=_RATE_STEPS + 1)

    def ratio(self, heard_ms: float, passed_ms: float) -> float:
        """Sound given over time passed where that is steadily wrong, else 1. Both begin anew with another device."""
        if self._seen and passed_ms < self._seen[-1][1]:
            self._seen.clear()
        if not self._seen or passed_ms - self._seen[-1][1] >= _RATE_LOOK_MS:
            self._seen.append((heard_ms, passed_ms))
        if len(self._seen) <= _RATE_STEPS:
            return 1.0
        looks = list(self._seen)
        ratios = [(after[0] - before[0]) / (after[1] - before[1]) for before, after in pairwise(looks)]
        is_off = all(ratio > 1 + _RATE_OFF for ratio in ratios) or all(0 < ratio < 1 - _RATE_OFF for ratio in ratios)
        whole = (looks[-1][0] - looks[0][0]) / (looks[-1][1] - looks[0][1])
        is_steady = max(ratios) - min(ratios) <= _RATE_SPREAD * whole
        return whole if is_off and is_steady and rate_lie(whole) is not None else 1.0

    def forget(self) -> None:
        """What was seen says nothing: the machine stood still meanwhile."""
        self._seen.clear()


class _Mute:
    """Blocks without any sound at all, of one side."""

    def __init__(self) -> None:
        self._empty = self._hiss = 0
        self._has_gate = False

    @property
    def is_on(self) -> bool:
        """Whether it looks like a mute key."""
        return not self._has_gate and self._hiss >= _HISS_BLOCKS and self._empty >= _MUTE_BLOCKS

    def take(self, samples: Samples) -> None:
        if np.any(samples):
            self._has_gate = self._has_gate or (_GATE_BLOCKS <= self._empty < _MUTE_BLOCKS and self._hiss >= _HISS_BLOCKS)
            self._hiss, self._empty = self._hiss + 1, 0
        else:
            self._empty += 1


class SoundGuard:
    """See the module.

    Args:
        silent_after_s: seconds of a talking call after which a side that gives nothing at all is told.
        operator_first: whether the operator speaks first in this centre (greeting): needed to notice swapped sides.
    """

    def __init__(self, silent_after_s: float = 10.0, operator_first: bool = True) -> None:
        self._silent_blocks = round(silent_after_s * 10)
        self._operator_first = operator_first
        self._levels: dict[Channel, deque[float]] = {c: deque(maxlen=max(_FAINT_WINDOW, self._silent_blocks)) for c in Channel}
        self._clipped: dict[Channel, deque[float]] = {c: deque(maxlen=WINDOW) for c in Channel}
        self._sound: dict[Channel, deque[Samples]] = {c: deque(maxlen=WINDOW) for c in Channel}
        self._spoken: dict[Channel, int] = dict.fromkeys(Channel, 0)
        self._mute = {channel: _Mute() for channel in Channel}
        self._rate = {channel: RateWatch() for channel in Channel}
        self._ratio: dict[Channel, float] = {}
        self._first: Channel | None = None
        self._blocks = 0

    def take(self, channel: Channel, samples: Samples) -> None:
        """One block of 100 ms."""
        level = level_db(samples)
        before = self._levels[channel][-1] if self._levels[channel] else level
        self._levels[channel].append(level)
        self._clipped[channel].append(clipped_share(samples))
        self._sound[channel].append(samples)
        self._mute[channel].take(samples)
        if level > SPEECH_DB and abs(level - before) > _VOICE_SWING_DB:
            self._spoken[channel] += 1
            if self._first is None and self._spoken[channel] >= 10 and self._spoken[_other(channel)] < 2:
                self._first = channel
        self._blocks += 1

    def stalled(self) -> None:
        """The machine stood still for a moment: sound is late or lost on either side, which is no fault of a device."""
        for watch in self._rate.values():
            watch.forget()
        if self._first is None:
            self._spoken = dict.fromkeys(Channel, 0)

    def findings(self, rate_hz: int, drift: Mapping[Channel, tuple[float, float]] | None = None) -> tuple[Finding, ...]:
        """What is wrong now.

        Args:
            rate_hz: of the blocks.
            drift: by side, milliseconds of sound that its device gave and that passed meanwhile.
        """
        found = [finding for channel in Channel for finding in self._of(channel)]
        for channel, (heard_ms, passed_ms) in (drift or {}).items():
            self._ratio[channel] = self._rate[channel].ratio(heard_ms, passed_ms)
            if self.rate(channel) != 1.0:
                found.append(Finding(SoundFault.RATE, channel))
        if self._has_echo(rate_hz):
            found.append(Finding(SoundFault.ECHO))
        elif self._operator_first and self._first is Channel.CITIZEN and self._blocks < 200:
            found.append(Finding(SoundFault.SWAPPED))
        return tuple(found)

    def rate(self, channel: Channel) -> float:
        """Sound that the side's device gives over sound that is due, by the last look; 1 where that is right."""
        return self._ratio.get(channel, 1.0)

    def _of(self, channel: Channel) -> list[Finding]:
        levels = list(self._levels[channel])
        if channel is Channel.OPERATOR and self._mute[channel].is_on:
            return [Finding(SoundFault.MUTED, channel)]
        if len(levels) >= self._silent_blocks and max(levels[-self._silent_blocks:]) < SILENCE_DB:
            return [Finding(SoundFault.SILENT, channel)]
        recent = levels[-WINDOW:]
        if len(recent) < WINDOW:
            return []
        found = []
        if float(np.mean(self._clipped[channel])) > _CLIPPED_SHARE:
            found.append(Finding(SoundFault.CLIPPED, channel))
        elif noise_floor_db(recent) > NOISE_DB and max(recent) - min(recent) < 12.0:
            found.append(Finding(SoundFault.NOISY, channel))
        elif _is_faint(levels[-_FAINT_WINDOW:]):
            found.append(Finding(SoundFault.QUIET, channel))
        return found

    def _has_echo(self, rate_hz: int) -> bool:
        operator, citizen = (list(self._sound[channel]) for channel in (Channel.OPERATOR, Channel.CITIZEN))
        if min(len(operator), len(citizen)) < WINDOW:
            return False
        if min(max(list(self._levels[channel])[-WINDOW:]) for channel in Channel) < SPEECH_DB:
            return False
        # The citizen's voice leaves the loudspeaker and comes back through the microphone, later.
        return echo_strength(np.concatenate(citizen), np.concatenate(operator), rate_hz) > _ECHO_CORRELATION


def _is_faint(levels: list[float]) -> bool:
    """Whether a voice is there that is nowhere loud enough.

    A line may go quite silent between two words (a gate, a telephone that sends nothing): then only pieces of words sound, and how far
    these swell depends on where blocks begin. That they end in silence again and again tells the voice as well."""
    loud = [place for place, level in enumerate(levels) if level >= LOW_DB]
    since = levels[loud[-1] + 1:] if loud else levels
    sounding = [level for level in since if level > SILENCE_DB]
    if len(since) < WINDOW or len(sounding) < _LEAST_SOUND:
        return False
    pauses = sum(before > SILENCE_DB >= after for before, after in pairwise(since))
    floor_db = SILENCE_DB if pauses >= _LEAST_PAUSES else noise_floor_db(sounding)
    return max(sounding) - floor_db > _FAINT_SWING_DB


def _other(channel: Channel) -> Channel:
    return Channel.CITIZEN if channel is Channel.OPERATOR else Channel.OPERATOR
