"""Watches a live call's sound and says what is wrong, by levels and correlation alone. Pure; the clock is the sound's own.

``SoundGuard.take`` gets both sides' blocks in order of time, ``findings`` says what holds now. Every fault shows within three seconds of
sound that has it (silence: after the seconds that are set), and goes when it is over. Levels in dB of full scale.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from app.domain.dialogue import Channel

#: Blocks of 100 ms that a judgement rests on.
WINDOW = 25
SPEECH_DB, SILENCE_DB, NOISE_DB, LOW_DB = -45.0, -75.0, -38.0, -48.0
_CLIPPED_SHARE = 0.005
_ECHO_CORRELATION, _ECHO_LONGEST_MS = 0.5, 350
_HZ = 4000
_RATE_OFF = 0.03

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
    """Highest normalised cross-correlation of ``second`` with an earlier ``first``, 0 to 1, for delays of up to 350 ms.

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
    delays = _ECHO_LONGEST_MS * rate_hz // step // 1000
    return float(np.max(np.abs(found[:delays])) / energy)


def is_rate_off(heard_ms: float, passed_ms: float) -> bool:
    """Whether a device gives more or less sound than time passes (a sample rate that lies), once 2.5 s are there."""
    return passed_ms >= WINDOW * 100 and heard_ms > 0 and abs(heard_ms / passed_ms - 1.0) > _RATE_OFF


class SoundGuard:
    """See the module.

    Args:
        silent_after_s: seconds of a talking call after which a side that gives nothing at all is told.
        operator_first: whether the operator speaks first in this centre (greeting): needed to notice swapped sides.
    """

    def __init__(self, silent_after_s: float = 10.0, operator_first: bool = True) -> None:
        self._silent_blocks = round(silent_after_s * 10)
        self._operator_first = operator_first
        self._levels: dict[Channel, deque[float]] = {c: deque(maxlen=max(WINDOW, self._silent_blocks)) for c in Channel}
        self._clipped: dict[Channel, deque[float]] = {c: deque(maxlen=WINDOW) for c in Channel}
        self._sound: dict[Channel, deque[Samples]] = {c: deque(maxlen=WINDOW) for c in Channel}
        self._spoken: dict[Channel, int] = dict.fromkeys(Channel, 0)
        self._first: Channel | None = None
        self._blocks = 0

    def take(self, channel: Channel, samples: Samples) -> None:
        """One block of 100 ms."""
        level = level_db(samples)
        self._levels[channel].append(level)
        self._clipped[channel].append(clipped_share(samples))
        self._sound[channel].append(samples)
        if level > SPEECH_DB:
            self._spoken[channel] += 1
            if self._first is None and self._spoken[channel] >= 10 and self._spoken[_other(channel)] < 2:
                self._first = channel
        self._blocks += 1

    def findings(self, rate_hz: int, drift: Mapping[Channel, tuple[float, float]] | None = None) -> tuple[Finding, ...]:
        """What is wrong now.

        Args:
            rate_hz: of the blocks.
            drift: by side, milliseconds of sound that its device gave and that passed meanwhile.
        """
        found = [finding for channel in Channel for finding in self._of(channel)]
        for channel, (heard_ms, passed_ms) in (drift or {}).items():
            if is_rate_off(heard_ms, passed_ms):
                found.append(Finding(SoundFault.RATE, channel))
        if self._has_echo(rate_hz):
            found.append(Finding(SoundFault.ECHO))
        elif self._operator_first and self._first is Channel.CITIZEN and self._blocks < 200:
            found.append(Finding(SoundFault.SWAPPED))
        return tuple(found)

    def _of(self, channel: Channel) -> list[Finding]:
        levels = list(self._levels[channel])
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
        elif SILENCE_DB < max(recent) < LOW_DB and max(recent) - noise_floor_db(recent) > 10.0:
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


def _other(channel: Channel) -> Channel:
    return Channel.CITIZEN if channel is Channel.OPERATOR else Channel.OPERATOR
