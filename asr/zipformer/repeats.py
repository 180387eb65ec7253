"""Digits said twice and heard once (er er, wu wu), found again by two witnesses: how long the sound lasted, and a second peak.

The transducer knows its own last tokens and, trained on sentences, does not expect the same syllable again: it stays with
blank. The same network asked afresh, as if nothing had been said before, hears the second digit as a second peak with a valley
before it. A long digit alone proves nothing (people draw digits out), nor does a peak alone (a long vowel flickers): over 944
digits of the open calls both came together once for a digit that was said once, and four times for six that were swallowed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from statistics import median

from asr.zipformer.network import Floats
from asr.zipformer.numbers import DIGITS, Shape, shape
from asr.zipformer.search import Step
from asr.zipformer.sound import Sound

_LONG = 1.4
"""Times the row's median: one digit takes 150-200 ms, two in one 280-360 ms."""
_PEAK = 0.3
_ROW = 4
"""Digits that a row must have: fewer have no median."""


@dataclass(frozen=True)
class _Digit:
    said: str
    begin: int
    """Place of its first step."""
    end: int
    """Place after its word's step."""
    first_frame: int
    last_frame: int
    token: int


def with_swallowed(
    steps: Sequence[Step], texts: Sequence[str], sound: Sound, afresh: Callable[[int, int], Floats]
) -> list[Step]:
    """The steps with swallowed digits put in; the same steps where none is found.

    Args:
        steps: of a reading.
        texts: spelling by word number.
        sound: of the utterance.
        afresh: token probabilities (frames, vocabulary) from frame to before frame, with no token before.
    """
    result = list(steps)
    for row, after in reversed(_rows(steps, texts, sound)):
        if len(row) < _ROW or shape("".join(digit.said for digit in row)) is Shape.WHOLE:
            continue
        starts = [digit.first_frame for digit in row[1:]] + [after]
        lengths = [sound.voiced(digit.first_frame, end) for digit, end in zip(row, starts, strict=True)]
        usual = median(lengths)
        for digit, length, end in reversed(list(zip(row, lengths, starts, strict=True))):
            if length < _LONG * usual:
                continue
            peak, frame = _second_peak(afresh(digit.last_frame + 1, end), digit.token)
            if peak >= _PEAK:
                again = [step._replace(frame=digit.last_frame + 1 + frame, score=log(peak)) for step in steps[digit.begin : digit.end]]
                result[digit.end : digit.end] = again
    return result


def _second_peak(probabilities: Floats, token: int) -> tuple[float, int]:
    """Height of the token's probability above the lowest before it, and its frame."""
    valley, best, at = 1.0, 0.0, 0
    for frame, value in enumerate(probabilities[:, token].tolist()):
        valley = min(valley, value)
        if value - valley > best:
            best, at = value - valley, frame
    return best, at


def _rows(steps: Sequence[Step], texts: Sequence[str], sound: Sound) -> list[tuple[list[_Digit], int]]:
    """Rows of digits that stand side by side, each with the first frame after it."""
    rows: list[tuple[list[_Digit], int]] = []
    row: list[_Digit] = []
    begin = 0
    for place, step in enumerate(steps):
        if step.code >= 0:
            continue
        said = texts[-step.code - 1]
        tokens = steps[begin:place]
        if said in DIGITS and tokens:
            row.append(_Digit(said, begin, place + 1, tokens[0].frame, tokens[-1].frame, tokens[0].code))
        elif row:
            rows.append((row, tokens[0].frame if tokens else row[-1].last_frame + 1))
            row = []
        begin = place + 1
    if row:
        rows.append((row, max(sound.quiet.size, row[-1].last_frame + 1)))
    return rows
