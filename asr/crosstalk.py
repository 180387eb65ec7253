"""The other side's echo on a channel: found by its sound, so that nobody is transcribed twice.

A microphone beside a loudspeaker hears the caller some decibels weaker and some milliseconds later; a cheap phone gives the operator
back in the same way. Such an utterance is a filtered copy of the other channel: a short filter, fitted to the other channel at the
delay where both agree most, explains it. Who really speaks at the same time is not explained, so a real interjection stays.
An echo that runs into the operator's own answer is told from it piece by piece (``Echo.is_others``): filters are fitted where a stretch is
nothing but echo, and what they explain elsewhere is echo too. A fitted filter that is kept explains nobody's own voice by chance.

Rules: only a copy that is weaker than its source, and at most a little earlier, is an echo, so the original is never dropped for its
echo. A little earlier: two devices' time lines may stand apart by the slack of ``app.audio.sound_timeline``. Sound of the
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
_LATEST = 7 * _RATE // 10
_EARLIEST = _RATE // 4
_TAPS = 64
_BEFORE_PEAK = 12
_EXPLAINED = 0.5
_WEAKER_DB = 1.0
_FAINT_DB = -60.0
_PIECE = _RATE // 5
_PIECE_EXPLAINED = 0.3
_OWN_PIECES = 2
"""Pieces of 0.2 s in a row that the other side does not explain: somebody speaks here too."""
_FIT = 6 * _RATE // 5
_FIT_STEP = 2 * _RATE // 5
_FIT_EXPLAINED = 0.6
"""A stretch of 1.2 s of which so much is explained is nothing but echo: its filter holds for what is near."""
_PART_LONGEST_S = 20
_FAINT_EXPLAINED, _ABOVE_FLOOR_DB = 0.2, 8.0
"""So much is enough where what it does not explain is no louder than the line's noise."""
_SMALL = _RATE // 50


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
        heard, source = self._pair(channel, first, last)
        if len(heard) < _LEAST or _db(source) < max(_FAINT_DB, _db(heard)):
            return False
        return _explains(source, heard)

    def echo(self, channel: Channel, start: int, end: int) -> Echo | None:
        """Which of what ``channel`` has between two positions (samples at 16 kHz) is the other side's sound; None where none is.

        Of a longer stretch the last twenty seconds count.
        """
        last = end // _STEP
        first = max(start // _STEP, last - _PART_LONGEST_S * _RATE)
        heard, source = self._pair(channel, first, last)
        told = _parts(source, heard)
        return Echo(first * _STEP, heard, told) if told is not None else None

    def _pair(self, channel: Channel, first: int, last: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """A channel's sound, and the other's from ``_LATEST + _TAPS`` before it to ``_EARLIEST`` after it."""
        other = self._sides[Channel.CITIZEN if channel is Channel.OPERATOR else Channel.OPERATOR]
        return self._sides[channel].between(first, last), other.between(first - _LATEST - _TAPS, last + _EARLIEST)


class Echo:
    """A stretch of a channel, and what of it the other side explains; ``at`` is its begin in samples at 16 kHz.

    The rest of a faint echo is mostly the line's noise: its floor is what the quietest fifth of the rest has.
    """

    def __init__(self, at: int, heard: NDArray[np.float64], told: NDArray[np.float64]) -> None:
        self._at, self._heard, self._told = at, heard, told
        whole = len(heard) // _SMALL * _SMALL
        pieces = np.mean((heard - told)[:whole].reshape(-1, _SMALL) ** 2, axis=1)
        self._floor_db = 10.0 * float(np.log10(np.percentile(pieces, 20) + 1e-12)) if len(pieces) else -120.0

    def is_others(self, start: int, end: int) -> bool:
        """Whether the sound between two positions (samples at 16 kHz) is the other side's; False before the stretch."""
        first, last = (min(len(self._heard), max(0, (place - self._at) // _STEP)) for place in (start, end))
        if last - first < _SMALL:
            return False
        heard, told = self._heard[first:last], self._told[first:last]
        share = _share(heard, told)
        return share >= _EXPLAINED or (share >= _FAINT_EXPLAINED and _db(heard - told) < self._floor_db + _ABOVE_FLOOR_DB)


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
    """Whether ``heard`` is a weaker copy of ``source``, which begins ``_LATEST + _TAPS`` samples before it and ends ``_EARLIEST`` after."""
    found = _fitted(source, heard)
    if found is None:
        return False
    first, taps = found
    told = _filtered(source, first, taps, len(heard))
    return _share(heard, told) >= _EXPLAINED and not _own_voice(heard, told)


def _fitted(source: NDArray[np.float64], heard: NDArray[np.float64]) -> tuple[int, NDArray[np.float64]] | None:
    """The short filter that makes most of ``heard`` out of ``source``, and the sample of ``source`` from which on it is applied.

    None where ``heard`` is not weaker.
    """
    count = len(heard)
    size = 1 << (len(source) + count).bit_length()
    spectrum = np.fft.rfft(source, size)
    agreement = np.fft.irfft(np.conj(np.fft.rfft(heard, size)) * spectrum, size)[: len(source) - count + 1]
    place = int(np.argmax(np.abs(agreement)))  # heard[i] is like source[place + i]: a delay of _LATEST + _TAPS - place
    if _db(heard) > _db(source[place:place + count]) - _WEAKER_DB:
        return None
    first = max(0, min(place + _BEFORE_PEAK - _TAPS + 1, len(source) - count - _TAPS))
    columns = np.lib.stride_tricks.sliding_window_view(source[first:first + count + _TAPS - 1], _TAPS)
    gram = columns.T @ columns
    gram[np.diag_indices(_TAPS)] += 1e-4 * float(np.trace(gram)) / _TAPS + 1e-12
    taps = np.asarray(np.linalg.solve(gram, columns.T @ heard), np.float64)
    return first, taps


def _filtered(source: NDArray[np.float64], first: int, taps: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """``count`` samples of what the filter makes of the source."""
    made: NDArray[np.float64] = np.convolve(source[first:first + count + _TAPS - 1], taps[::-1], "valid")
    return made


def _parts(source: NDArray[np.float64], heard: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """What of ``heard`` the other side explains, sample by sample; None where no stretch of it is nothing but echo."""
    count, beyond = len(heard), len(source) - len(heard)
    told = np.zeros(count)
    left: NDArray[np.float64] = heard**2
    is_found = False
    for at in range(0, max(1, count - _FIT + _FIT_STEP), _FIT_STEP):
        begin = max(0, min(at, count - _FIT))
        piece, around = heard[begin:begin + _FIT], source[begin:begin + _FIT + beyond]
        if len(piece) < _LEAST or _db(around) < max(_FAINT_DB, _db(piece)):
            continue
        found = _fitted(around, piece)
        if found is None or _share(piece, _filtered(around, *found, len(piece))) < _FIT_EXPLAINED:
            continue
        is_found = True
        whole = _filtered(source, *found, count)
        for small in range(0, count, _SMALL):  # each twentieth of a second by the filter that explains it best
            where = slice(small, small + _SMALL)
            rest: NDArray[np.float64] = (heard[where] - whole[where]) ** 2
            if rest.sum() < left[where].sum():
                told[where], left[where] = whole[where], rest
    return told if is_found else None


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
