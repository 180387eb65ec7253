"""The second look: an utterance that holds a number, or should, is searched again with a lean towards digits.

It hears the encoder's frames that the first search used, so it costs the search only (some 15 ms for a second of sound) and only
where numbers are said. It begins when the first search has found the number and goes along from there, so that the final does not
wait for it; the result is the same as if it all happened at the end. It must not swallow words: what the first search heard
and what is no digit has to be in the second reading too, but for single characters that it was not sure of; else the first
stands. A number whose length is right already is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np

from asr.engine import Hypothesis
from asr.zipformer.hypotheses import HypothesisMaker
from asr.zipformer.network import Floats
from asr.zipformer.numbers import DIGITS, digit_count, is_settled, length_prior
from asr.zipformer.repeats import with_swallowed
from asr.zipformer.search import Acoustics, BeamSearch, Reading
from asr.zipformer.sound import Sound


@dataclass(frozen=True)
class LookOptions:
    """Switches and figures.

    Attributes:
        bonus: natural log, for each digit of a number; 0 switches the second search off.
        digits: so many digits in the first reading ask for a second look.
        expected_digits: the same where the other side asked for a number.
        clear: confidence from which a character that is no digit must stay.
        repeats: swallowed digits are looked for.
        once_only: how much less a reading without the found digit is worth, natural log.
    """

    bonus: float = 1.0
    digits: int = 5
    expected_digits: int = 1
    clear: float = 0.75
    repeats: bool = True
    once_only: float = 1.5


class SecondLook:
    """Of one utterance; what it is made of belongs to one engine and vocabulary.

    Args:
        open_search: a new search that leans towards digits.
        acoustics: of the networks.
        maker: formats readings.
        texts: spelling by word number.
        options: switches and figures.
    """

    def __init__(self, open_search: Callable[[], BeamSearch], acoustics: Acoustics, maker: HypothesisMaker,
                 texts: Sequence[str], options: LookOptions) -> None:
        self._open_search = open_search
        self._acoustics = acoustics
        self._maker = maker
        self._texts = texts
        self._options = options
        self._heard: list[Floats] = []
        self._search: BeamSearch | None = None
        self._searched = 0

    def follow(self, frames: Floats, best: Reading, asked: Callable[[], bool]) -> None:
        """Frames (n, dim) that the first search has taken, and its best reading after them.

        Args:
            frames: the encoder's.
            best: what the first search holds.
            asked: whether the other side asked for a number.
        """
        self._heard.append(frames)
        if self._search is not None or (self._options.bonus and self._wanted([self._maker.text(best)], asked)):
            self._catch_up()

    def best(self, readings: list[Reading], sound: Sound, asked: Callable[[], bool]) -> Hypothesis:
        """The final of the readings, or of better ones.

        Args:
            readings: of the first search, best first.
            sound: loudness of all frames.
            asked: whether the other side asked for a number.
        """
        first = self._maker.final(readings, sound)
        if not self._heard or not self._wanted([self._maker.text(reading) for reading in readings], asked):
            return first
        chosen = self._leaning(first) if self._options.bonus and not is_settled(first.text) else readings
        if self._options.repeats:
            chosen = self._repeated(chosen or readings, np.concatenate(self._heard), sound)
        return self._maker.final(chosen or readings, sound)

    def _wanted(self, texts: Sequence[str], asked: Callable[[], bool]) -> bool:
        """Whether one of the texts holds digits enough."""
        digits = max(digit_count(text) for text in texts)
        return digits >= self._options.digits or (digits >= self._options.expected_digits and asked())

    def _catch_up(self) -> BeamSearch:
        """The second search, as far as sound was heard."""
        if self._search is None:
            self._search = self._open_search()
        for frames in self._heard[self._searched :]:
            self._search.accept(frames)
        self._searched = len(self._heard)
        return self._search

    def _leaning(self, first: Hypothesis) -> list[Reading]:
        """Readings of the second search, best first; none where it swallows words."""
        search = self._catch_up()
        readings = [
            replace(reading, score=reading.score + length_prior(self._maker.text(reading)))
            for reading in search.readings(self._maker.READINGS)
        ]
        readings.sort(key=lambda reading: -reading.score)
        return [reading for reading in readings if self._keeps_words(first, self._maker.text(reading))]

    def _keeps_words(self, first: Hypothesis, text: str) -> bool:
        sure = {token.start: token.confidence for token in first.tokens}
        for kind, start, end, _, _ in SequenceMatcher(None, first.text, text, autojunk=False).get_opcodes():
            if kind in ("replace", "delete"):
                lost = [i for i in range(start, end) if first.text[i] not in DIGITS]
                if len(lost) > 1 or any(sure.get(i, 0.0) >= self._options.clear for i in lost):
                    return False
        return True

    def _repeated(self, readings: list[Reading], frames: Floats, sound: Sound) -> list[Reading]:
        """Swallowed digits in the best reading put in; the reading as it was becomes an alternative."""
        best = readings[0]

        def afresh(start: int, end: int) -> Floats:
            return self._acoustics.afresh(np.ascontiguousarray(frames[start:end]))

        steps = with_swallowed(best.steps, self._texts, sound, afresh)
        if len(steps) == len(best.steps):
            return readings
        rest = [replace(reading, score=reading.score - self._options.once_only) for reading in readings]
        return [replace(best, steps=steps), *rest]
