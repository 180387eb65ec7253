"""How loud both sides of a call were, how noisy and clipped, and how far their voices moved: figures only, no sound.

Each block goes into a histogram of whole decibels. The noise floor is the level that a tenth of the sound does not exceed (digital
silence, which a loopback gives while nothing plays, is no noise); speech is what stands ten decibels above it. ``take`` comes on the
thread that drives the sound, ``levels`` from any.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.domain.call_recording import SideLevels
from app.domain.dialogue import Channel, Utterance
from app.ports.ports import AudioBlock
from app.services.pitch_meter import PitchMeter

QUIETEST_DB = -100
_CLIPPED_AT = 32700
_NOISE_SHARE, _ABOVE_NOISE_DB, _LEAST_SPEECH_DB = 0.1, 10, -60


def power_db(samples: npt.NDArray[np.int16]) -> float:
    """Power of a block in decibels of full scale, at least ``QUIETEST_DB``."""
    wide = samples.astype(np.float64)
    power = float(np.dot(wide, wide)) / len(samples) / 32768.0**2 if len(samples) else 0.0
    return max(float(QUIETEST_DB), 10.0 * math.log10(power)) if power > 0.0 else float(QUIETEST_DB)


class _Side:
    """One side's histogram: ``heard[i]`` samples at ``QUIETEST_DB + i`` decibels."""

    def __init__(self) -> None:
        self.heard = [0] * (1 - QUIETEST_DB)
        self.samples = self.clipped = 0
        self.pitch = PitchMeter()

    def levels(self, spoken: Sequence[tuple[int, int]]) -> SideLevels | None:
        audible = sum(self.heard[1:])
        if not audible:
            return None
        floor, passed = 0, 0
        for place in range(1, len(self.heard)):
            passed += self.heard[place]
            if passed >= _NOISE_SHARE * audible:
                floor = place + QUIETEST_DB
                break
        least = max(floor + _ABOVE_NOISE_DB, _LEAST_SPEECH_DB)
        loud = [(place + QUIETEST_DB, count) for place, count in enumerate(self.heard) if place + QUIETEST_DB >= least and count]
        total = sum(count for _, count in loud)
        mean = sum(10.0 ** (db / 10.0) * count for db, count in loud) / total if total else 0.0
        return SideLevels(10.0 * math.log10(mean) if mean else 0.0, float(floor), self.clipped / self.samples, self.pitch.semitones(spoken))


class SoundMeter:
    """See the module."""

    def __init__(self) -> None:
        self._sides = {channel: _Side() for channel in Channel}

    def take(self, block: AudioBlock) -> float:
        """One more block of either side; gives its power in decibels."""
        samples = np.frombuffer(block.pcm, "<i2")
        db = power_db(samples)
        side = self._sides[block.channel]
        side.heard[min(len(side.heard) - 1, round(db) - QUIETEST_DB)] += len(samples)
        side.samples += len(samples)
        side.pitch.take(block.start_ms, samples, block.rate_hz)
        if db > _LEAST_SPEECH_DB:
            side.clipped += int(np.count_nonzero(np.abs(samples.astype(np.int32)) >= _CLIPPED_AT))
        return db

    def levels(self, dialogue: Sequence[Utterance] = ()) -> dict[Channel, SideLevels]:
        """Figures of the sides that gave any sound.

        Args:
            dialogue: who spoke when; without it nothing is told of voices.
        """
        spoken = {channel: [(each.start_ms, each.end_ms) for each in dialogue if each.channel is channel] for channel in self._sides}
        return {channel: levels for channel, side in self._sides.items() if (levels := side.levels(spoken[channel])) is not None}
