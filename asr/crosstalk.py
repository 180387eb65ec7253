"""The other side's echo on a channel: found by its sound, so that nobody is transcribed twice.

A microphone beside a loudspeaker hears the caller some decibels weaker and some milliseconds later; a cheap phone gives the operator
back in the same way. Such an utterance is a filtered copy of the other channel: a short filter, fitted to the other channel at the
delay where both agree most, explains it. Who really speaks at the same time is not explained, so a real interjection stays.

Rules: only a copy that is later and weaker than its source is an echo, so the original is never dropped for its echo. Sound of the
other channel that is not here (it waits on a busy PC, or lies before a worker's restart) explains nothing. Works at 4 kHz, where
a voice has its strength; costs nothing while the other side is silent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.domain.dialogue import Channel
from asr.engine import SAMPLE_RATE_HZ

Sound = NDArray[np.float32]

_STEP = 4
_RATE = SAMPLE_RATE_HZ // _STEP
_KEPT_S = 60
_LONGEST_S = 8
_LEAST = _RATE // 4
_LATEST = _RATE // 2
_TAPS = 64
_BEFORE_PEAK = 12
_EXPLAINED = 0.5
_WEAKER_DB = 1.0
_FAINT_DB = -60.0
_PIECE = _RATE // 5
_PIECE_EXPLAINED = 0.3
_OWN_PIECES = 2
"""Pieces of 0.2 s in a row that the other side does not explain: somebody speaks here too."""


class Crosstalk:
    """Both channels' recent sound; used by the tracks of one call on one thread."""

    def __init__(self) -> None:
        self._sides = {channel: _Recent() for channel in Channel}

    def hear(self, channel: Channel, position: int, samples: Sound) -> None:
        """Keep sound: ``samples`` at 16 kHz from ``position`` (samples) on."""
        self._sides[channel].add(position, samples)

    def is_echo(self, channel: Channel, start: int, end: int) -> bool:
        """Whether what ``channel`` has between two positions (samples at 16 kHz) is the other side's sound.

        Of a longer stretch the last eight seconds count.
        """
        last = end // _STEP
        first = max(start // _STEP, last - _LONGEST_S * _RATE)
        other = self._sides[Channel.CITIZEN if channel is Channel.OPERATOR else Channel.OPERATOR]
        heard = self._sides[channel].between(first, last)
        source = other.between(first - _LATEST - _TAPS, last)
        if len(heard) < _LEAST or _db(source) < max(_FAINT_DB, _db(heard)):
            return False
        return _explains(source, heard)


class _Recent:
    """The last minute of a channel at 4 kHz, by place; what is missing is silence."""

    def __init__(self) -> None:
        self._ring = np.zeros(_KEPT_S * _RATE, np.float32)
        self._end = 0
        self._rest = np.zeros(0, np.float32)

    def add(self, position: int, samples: Sound) -> None:
        at = position // _STEP
        if at < self._end - _RATE or at > self._end + _RATE:
            self._rest = np.zeros(0, np.float32)
        held = np.concatenate((self._rest, samples))
        whole = len(held) // _STEP
        self._rest = held[whole * _STEP:]
        coarse = held[: whole * _STEP].reshape(-1, _STEP).mean(axis=1)[-len(self._ring):]
        first = (position + len(samples)) // _STEP - len(coarse)
        if first > self._end:
            self._put(np.zeros(min(first - self._end, len(self._ring)), np.float32), max(self._end, first - len(self._ring)))
        self._put(coarse, first)
        self._end = max(self._end, first + len(coarse))

    def _put(self, sound: Sound, first: int) -> None:
        self._ring[np.arange(first, first + len(sound)) % len(self._ring)] = sound

    def between(self, first: int, last: int) -> NDArray[np.float64]:
        """Sound of a stretch, silence where there is none; shape (last - first,)."""
        out = np.zeros(max(0, last - first))
        begin, end = max(first, self._end - len(self._ring), 0), min(last, self._end)
        if end > begin:
            out[begin - first:end - first] = self._ring[np.arange(begin, end) % len(self._ring)]
        return out


def _explains(source: NDArray[np.float64], heard: NDArray[np.float64]) -> bool:
    """Whether ``heard`` is a later, weaker copy of ``source``, which begins ``_LATEST + _TAPS`` samples before it."""
    count = len(heard)
    size = 1 << (len(source) + count).bit_length()
    spectrum = np.fft.rfft(source, size)
    agreement = np.fft.irfft(np.conj(np.fft.rfft(heard, size)) * spectrum, size)[: _LATEST + _TAPS + 1]
    place = int(np.argmax(np.abs(agreement)))  # heard[i] is like source[place + i]: a delay of _LATEST + _TAPS - place
    first = max(0, min(place + _BEFORE_PEAK - _TAPS + 1, len(source) - count - _TAPS))
    columns = np.lib.stride_tricks.sliding_window_view(source[first:first + count + _TAPS - 1], _TAPS)
    gram = columns.T @ columns
    gram[np.diag_indices(_TAPS)] += 1e-4 * float(np.trace(gram)) / _TAPS + 1e-12
    told = columns @ np.linalg.solve(gram, columns.T @ heard)
    if _db(heard) > _db(source[place:place + count]) - _WEAKER_DB:
        return False
    return _share(heard, told) >= _EXPLAINED and not _own_voice(heard, told)


def _own_voice(heard: NDArray[np.float64], told: NDArray[np.float64]) -> bool:
    """Whether a stretch of it that is loud enough to be heard is unexplained."""
    row, floor_db = 0, _db(heard) - 15.0
    for at in range(0, len(heard) - _PIECE + 1, _PIECE):
        piece = heard[at:at + _PIECE]
        own = _db(piece) > floor_db and _share(piece, told[at:at + _PIECE]) < _PIECE_EXPLAINED
        row = row + 1 if own else 0
        if row >= _OWN_PIECES:
            return True
    return False


def _share(heard: NDArray[np.float64], told: NDArray[np.float64]) -> float:
    """How much of the energy is explained."""
    return 1.0 - float(np.sum((heard - told) ** 2) / (np.sum(heard**2) + 1e-12))


def _db(sound: NDArray[np.float64]) -> float:
    return 10.0 * float(np.log10(np.mean(sound**2) + 1e-12)) if len(sound) else -120.0
