"""Voice indicators over many calls: which there are, what a call's record tells of them, and their distributions.

Indicators are figures to look at, never verdicts: they take part in no score, no alarm, no order of people. A value that is not known does
not count. ``VoiceCount`` adds up over slices like all counts of the lead's window; percentiles are read off the bins, so they are as
fine as the bins are. Pure; any thread.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.call_record import CallRecord
from app.domain.lead_counts import Dimension, histogram_bin

#: What distributions are told apart by on the page.
VOICE_BY = (Dimension.TEAM, Dimension.OPERATOR, Dimension.DAY)
_HUNDRED = 100


class Indicator(StrEnum):
    """RATE: the operator's characters a second; LEVEL: loudness of the operator's speech in dBFS; PITCH: range of the operator's voice in
    semitones; SHARE, OVERLAP, SILENCE: of the time from the first to the last word, in percent: the operator's part of what was spoken,
    both at once, nobody."""

    RATE = "rate"
    LEVEL = "level"
    PITCH = "pitch"
    SHARE = "share"
    OVERLAP = "overlap"
    SILENCE = "silence"


#: Lower end, upper edges of the bins (the last is the upper end): tenths of a character a second, dBFS, tenths of a semitone, percent.
SCALES: Mapping[Indicator, tuple[int, ...]] = {
    Indicator.RATE: (0, *range(15, 80, 5), 100),
    Indicator.LEVEL: (-60, *range(-48, -8, 3), 0),
    Indicator.PITCH: (0, *range(20, 160, 10), 240),
    Indicator.SHARE: tuple(range(0, 101, 10)),
    Indicator.OVERLAP: (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 100),
    Indicator.SILENCE: (0, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 100),
}
#: What a whole number of the scale is worth.
UNITS: Mapping[Indicator, float] = {Indicator.RATE: 0.1, Indicator.PITCH: 0.1}


@dataclass(frozen=True, slots=True)
class VoiceCount:
    """One indicator: in how many calls it is known, the sum of its values, and how many calls fall into each bin of its scale.

    ``key`` has one value for each dimension asked by; ``code`` is an ``Indicator``.
    """

    key: tuple[str, ...]
    code: str
    calls: int = 0
    total: float = 0.0
    bins: tuple[int, ...] = ()


def voice_values(record: CallRecord) -> dict[Indicator, float]:
    """What a record tells; what it does not know is left out."""
    agent = next((each for each in record.sound if each.side == "agent"), None)
    found: dict[Indicator, float] = {}
    if agent is not None:
        known = {Indicator.RATE: agent.rate, Indicator.LEVEL: agent.level_dbfs, Indicator.PITCH: agent.pitch_semitones}
        found |= {name: value for name, value in known.items() if value}
    spoken_ms = sum(each.speech_ms for each in record.sound)
    if record.voice is not None and agent is not None and spoken_ms:
        found[Indicator.SHARE] = _HUNDRED * agent.speech_ms / spoken_ms
        whole_ms = max(1, spoken_ms - record.voice.overlap_ms + record.voice.silence_ms)
        found[Indicator.OVERLAP] = min(1.0, record.voice.overlap_ms / whole_ms) * _HUNDRED
        found[Indicator.SILENCE] = min(1.0, record.voice.silence_ms / whole_ms) * _HUNDRED
    return found


def bins_of(code: str) -> int:
    """How many bins an indicator's scale has."""
    return len(SCALES[Indicator(code)]) - 1


def bin_of(indicator: Indicator, value: float) -> int:
    """Index of the bin; what lies beyond an end falls into the bin there."""
    edges = SCALES[indicator][1:]
    return min(len(edges) - 1, histogram_bin(round(value / UNITS.get(indicator, 1.0)), edges))


def voice_counts(calls: Iterable[tuple[tuple[str, ...], CallRecord]]) -> tuple[VoiceCount, ...]:
    """Counts of calls, each with its key."""
    sums: dict[tuple[tuple[str, ...], Indicator], list[float]] = defaultdict(lambda: [0, 0.0])
    bins: dict[tuple[tuple[str, ...], Indicator], list[int]] = {}
    for key, record in calls:
        for indicator, value in voice_values(record).items():
            held = sums[key, indicator]
            held[0] += 1
            held[1] += value
            bins.setdefault((key, indicator), [0] * bins_of(indicator))[bin_of(indicator, value)] += 1
    return tuple(VoiceCount(key, indicator.value, int(count), total, tuple(bins[key, indicator]))
                 for (key, indicator), (count, total) in sorted(sums.items()))


def percentile(row: VoiceCount, wanted: float) -> float | None:
    """The value that so large a share (0 to 1) of the calls does not exceed, evenly spread within its bin; None without calls.

    ValueError: no such indicator (a newer hub's).
    """
    indicator = Indicator(row.code)
    seen, target = 0, wanted * row.calls
    for (low, high), count in zip(itertools.pairwise(SCALES[indicator]), row.bins, strict=False):
        if count and seen + count >= target:
            return (low + (high - low) * max(0.0, target - seen) / count) * UNITS.get(indicator, 1.0)
        seen += count
    return None
