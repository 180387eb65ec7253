"""From a search's readings to what the program sees: text, timed syllables, confidence, other readings.

A token's confidence comes from how much of the beam's probability agrees on the character at its place (``asr.confidence``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace
from math import exp, log

from app.domain.dialogue import Alternative, Token
from asr.confidence import Calibration
from asr.engine import Hypothesis
from asr.lexicon.syllables import numbered
from asr.zipformer.network import FRAME_MS
from asr.zipformer.search import Reading, Step
from asr.zipformer.sound import Sound
from asr.zipformer.spelt import agreed as agreed_names

_INITIALS = frozenset("b p m f d t n l g k h j q x zh ch sh r z c s y w".split())  # noqa: SIM905
_YI_FINALS = frozenset("īíǐì")
_HUMS = frozenset("嗯呃哦啊唉哎额喂噢呵咦")
_HUM_WORDS = 2
_HUM_FLOOR = log(0.3)
_DIGIT_ROW = re.compile("[零一幺二三四五六七八九]+")
_NUMBER = 3
"""Digits that make a number, where one person says 1 in one way."""
_YI_LEAN = -6.0
"""Natural log: below it yi was said. Clear yi of the shared digits lie under -7, yao heard as yi in the open calls over -5."""
_SYLLABLE_MS = 200
"""Length given to a last syllable; tokens say when a sound was recognised, not when it ends."""
_DELAY_MS = 60
"""The model recognises a token about this long after its sound begins (median over the open calls)."""
_SCALE = 0.6
"""Search scores are too sure of themselves: the language model's weight counts each word many times over."""


class HypothesisMaker:
    """Formats readings of one lexicon."""

    READINGS = 24
    ALTERNATIVES = 8

    def __init__(self, texts: Sequence[str], tokens: Sequence[str], calibration: Calibration) -> None:
        self._texts = texts
        self._tokens = tokens
        self._calibration = calibration

    def partial(self, reading: Reading) -> Hypothesis:
        """Text and times only; of an unfinished word the characters heard so far."""
        text, tokens = self._read(reading.steps, {})
        if reading.unfinished >= 0:
            ended = max((i + 1 for i, step in enumerate(reading.steps) if step.code < 0), default=0)
            heard = self._syllables(reading.steps[ended:])
            word = self._texts[reading.unfinished][: len(heard)]
            if len(word) == len(heard):
                tokens += tuple(_spread(word, len(text), heard))
                text += word
        return Hypothesis(text=text, tokens=tokens)

    def text(self, reading: Reading) -> str:
        """Words of a reading, as the search spelled them."""
        return "".join(self._texts[-step.code - 1] for step in reading.steps if step.code < 0)

    def final(self, readings: Sequence[Reading], sound: Sound | None = None) -> Hypothesis:
        """The best of the readings, which is the first, with the share that each text has among all.

        Args:
            readings: best first.
            sound: of the utterance; a token then ends where its sound falls silent.
        """
        best = readings[0]
        if self._is_noise(best):
            return Hypothesis(text="")
        shares: dict[str, float] = {}
        steps: dict[str, list[Step]] = {}
        agreed: dict[tuple[str, int], float] = {}
        total = 0.0
        for reading in readings:
            text, tokens = self._read(reading.steps, {})
            if text in shares:
                continue
            share = exp(_SCALE * (reading.score - best.score))
            total += share
            shares[text] = share
            steps[text] = reading.steps
            for token in tokens:
                for slot in _slots(token):
                    key = (text[token.start : token.end], slot)
                    agreed[key] = agreed.get(key, 0.0) + share
        believed = {key: value / total for key, value in agreed.items()}
        text, tokens = self._read(best.steps, believed, sound)
        others = [
            Alternative(other, shares[other] / total, self._read(steps[other], believed, sound)[1])
            for other in [other for other in shares if other and other != text][: self.ALTERNATIVES]
        ]
        confidence = round(sum(token.confidence for token in tokens) / len(tokens), 4) if tokens else 0.0
        return Hypothesis(text, tokens, confidence, tuple(others))

    def _is_noise(self, reading: Reading) -> bool:
        """A lone hum that the acoustic model itself hardly believes in."""
        words = [self._texts[-step.code - 1] for step in reading.steps if step.code < 0]
        sure = [step.score for step in reading.steps if step.code >= 0]
        return len(words) <= _HUM_WORDS and set(words) <= _HUMS and min(sure, default=0.0) < _HUM_FLOOR

    def _read(
        self, steps: Sequence[Step], agreed: dict[tuple[str, int], float], sound: Sound | None = None
    ) -> tuple[str, tuple[Token, ...]]:
        """Text and its tokens; ``agreed`` gives the share of readings that agree on (character, 80 ms slot)."""
        text = ""
        tokens: list[Token] = []
        pending: list[Step] = []
        clear: set[int] = set()
        for step in steps:
            if step.code >= 0:
                pending.append(step)
                continue
            word = self._texts[-step.code - 1]
            pieces = self._syllables(pending)
            tokens += _spread(word, len(text), pieces)
            clear |= {len(text) + i for i in self._clear_yi(pending)}
            text += word
            pending = []
        words = [self._texts[-step.code - 1] for step in steps if step.code < 0]
        written = one_kind_of_one(agreed_names(words, [token.syllable for token in tokens]), clear)
        sure = self._sure(written, tokens, agreed) if agreed else [token.confidence for token in tokens]
        if sound is not None:
            latest = sound.end_ms - FRAME_MS
            tokens = [replace(token, start_ms=min(token.start_ms, latest)) for token in tokens]
        closed = [
            Token(token.start, token.end, token.start_ms, end_ms, round(confidence, 4), token.syllable)
            for token, end_ms, confidence in zip(tokens, _ends(tokens, sound), sure, strict=True)
        ]
        return written, tuple(closed)

    def _sure(self, text: str, tokens: Sequence[Token], agreed: dict[tuple[str, int], float]) -> list[float]:
        """Probability of each token being right, looked up as the readings were: as written, at its time before the sound's end."""
        shares = [max(agreed.get((text[token.start : token.end], slot), 0.0) for slot in _slots(token)) for token in tokens]
        return self._calibration.characters(shares)

    def _clear_yi(self, steps: Sequence[Step]) -> list[int]:
        """Which syllables of these tokens are yi beyond doubt."""
        found, syllable = [], 0
        for i, step in enumerate(steps):
            token = self._tokens[step.code]
            if token in _INITIALS:
                continue
            if token in _YI_FINALS and i and self._tokens[steps[i - 1].code] == "y" and step.lean < _YI_LEAN:
                found.append(syllable)
            syllable += 1
        return found

    def _syllables(self, steps: Sequence[Step]) -> list[tuple[str, int, float]]:
        """(numbered syllable, start in ms, acoustic probability) of consecutive tokens."""
        found: list[tuple[str, int, float]] = []
        spelled, first, sure = "", 0, 0.0
        for step in steps:
            token = self._tokens[step.code]
            if not spelled:
                first, sure = step.frame, 0.0
            spelled += token
            sure += step.score
            if token not in _INITIALS:
                found.append((numbered(spelled), max(0, first * FRAME_MS - _DELAY_MS), exp(min(sure, 0.0))))
                spelled = ""
        return found


def one_kind_of_one(text: str, clear_yi: Set[int]) -> str:
    """Write 1 as it was said. Nobody says both yi and yao for 1 in one number: the greater part decides for all.

    Args:
        text: as the search spelled it; the language model's habits chose between the two.
        clear_yi: places in it where the sound is yi beyond doubt.
    """

    def said(row: re.Match[str]) -> str:
        ones = [i for i in range(row.start(), row.end()) if text[i] in "一幺"]
        clear = sum(i in clear_yi for i in ones)
        if not ones or len(row[0]) < _NUMBER:
            return "".join("一" if c == "幺" and row.start() + i in clear_yi else c for i, c in enumerate(row[0]))
        if 2 * clear > len(ones):
            return row[0].replace("幺", "一")
        return row[0].replace("一", "幺") if "幺" in row[0] else row[0]

    return _DIGIT_ROW.sub(said, text)


def _ends(tokens: Sequence[Token], sound: Sound | None) -> list[int]:
    """Where each token's sound ends: at the next token, or before it where it falls silent (without ``sound`` guessed)."""
    ends = []
    for i, token in enumerate(tokens):
        last = i + 1 == len(tokens)
        if sound is None:
            limit = token.start_ms + _SYLLABLE_MS if last else min(tokens[i + 1].start_ms, token.start_ms + 2 * _SYLLABLE_MS)
        else:
            limit = sound.voice_end_ms(token.start_ms, sound.end_ms if last else tokens[i + 1].start_ms)
        ends.append(max(token.start_ms + FRAME_MS, limit))
    return ends


def _slots(token: Token) -> range:
    """Places in time, 80 ms each, where the same character of another reading may stand."""
    slot = token.start_ms // 80
    return range(slot - 1, slot + 2)


def _spread(word: str, at: int, pieces: Sequence[tuple[str, int, float]]) -> list[Token]:
    """One token a character where the syllables match the characters, else one for the word."""
    if len(pieces) == len(word):
        return [
            Token(at + i, at + i + 1, start_ms, start_ms, sure, syllable)
            for i, (syllable, start_ms, sure) in enumerate(pieces)
        ]
    if not pieces:
        return []
    return [Token(at, at + len(word), pieces[0][1], pieces[0][1], min(p[2] for p in pieces), " ".join(p[0] for p in pieces))]
