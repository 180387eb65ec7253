"""What a row of spoken digits may be, and a scorer that leans towards digits for the second look at an utterance.

A number that is said digit by digit has no language to lean on: no word before tells the next, and the general model thinks
it an accident. So the second look gives every member of the number classes a bonus, and then a row's length speaks: a mobile
number of ten or twelve digits was misheard, whichever digit it was.
"""

from __future__ import annotations

import re
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from asr.lexicon.assembly import Lexicon
from asr.zipformer.search import Floats, Ints, WordScorer

_SAID = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九")} | {"幺": "1", "洞": "0", "拐": "7", "勾": "9"}
DIGITS = frozenset(_SAID)
ROW = re.compile(f"[{''.join(sorted(DIGITS))}]+")
_WHOLE = re.compile(
    r"1[3-9]\d{9}"  # mobile
    r"|0(?:10|2\d)\d{8}|0[3-9]\d{2}\d{7,8}"  # area code and landline
    r"|\d{18}"  # identity number
    r"|400\d{7}"
)
_BROKEN = re.compile(r"1[3-9](?:\d{7,8}|\d{10,11})|0(?:10|2\d)(?:\d{6,7}|\d{9})|0[3-9]\d{2}(?:\d{5,6}|\d{9})")
_BROKEN_PRIOR = -3.0
_LONG_ROW = 5


class Shape(Enum):
    """What the length and the first digits of a row say."""

    WHOLE = "a number that ends here"
    BROKEN = "a number that lacks digits or has too many"
    OPEN = "part of a number, a code, anything"


def shape(row: str) -> Shape:
    """Of a row of spoken digits."""
    written = "".join(_SAID[digit] for digit in row)
    if _WHOLE.fullmatch(written):
        return Shape.WHOLE
    return Shape.BROKEN if _BROKEN.fullmatch(written) else Shape.OPEN


def length_prior(text: str) -> float:
    """Natural log, 0 where no row of the text is broken."""
    return sum(_BROKEN_PRIOR for row in ROW.findall(text) if shape(row) is Shape.BROKEN)


def is_settled(text: str) -> bool:
    """Whether all long rows of the text are whole numbers: nothing to mend that could be told from its length."""
    rows = [row for row in ROW.findall(text) if len(row) >= _LONG_ROW]
    return bool(rows) and all(shape(row) is Shape.WHOLE for row in rows)


def digit_count(text: str) -> int:
    """Digits of a text that stand beside another."""
    return sum(len(row) for row in ROW.findall(text) if len(row) > 1)


def number_words(lexicon: Lexicon) -> NDArray[np.bool_]:
    """Which words are members of classes of digits said one by one; amounts (no zero among them, but two) are not."""
    table = lexicon.table
    members: dict[int, set[str]] = {}
    for word in np.flatnonzero(~table.scored & (table.domain > 0)):
        members.setdefault(int(table.domain[word]), set()).add(lexicon.texts[word])
    chosen = [
        name for name, texts in members.items()
        if texts <= DIGITS | {"两"} and ("零" in texts or "二" not in texts)
    ]
    found: NDArray[np.bool_] = np.isin(table.domain, chosen) & ~table.scored
    return found


class NumberScorer:
    """A ``WordScorer`` with a bonus for the words of a mask, natural log."""

    def __init__(self, scorer: WordScorer, words: NDArray[np.bool_], bonus: float) -> None:
        self._scorer = scorer
        self._bonus = np.where(words, bonus, 0.0).astype(np.float32)

    def first_state(self) -> int:
        """As the scorer beneath."""
        return self._scorer.first_state()

    def advance(self, states: Ints, words: Ints) -> tuple[Floats, Ints]:
        """Score and state of the scorer beneath, the bonus added."""
        score, after = self._scorer.advance(states, words)
        return score + self._bonus[words], after

    def finish(self, states: Ints) -> Floats:
        """As the scorer beneath."""
        return self._scorer.finish(states)
