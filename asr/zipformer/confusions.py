"""How a token may be heard as another: the accents of southern Mandarin, and other tones.

``share(heard, said)`` of the probability that the model gives to the heard token goes to the said one as well; it is a gift,
not a loan, so a clear sound keeps all of its own: the natural logarithm of the share is the cost of hearing it otherwise.
Off unless the setting ``speech.accent`` asks for it; gain and harm are measured in docs/benchmarks/vocabulary.md.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from asr.zipformer.search import Confusions

Floats = NDArray[np.float32]

_TONES = "\u0304\u0301\u030c\u0300"
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))
_FINALS = (("in", "ing"), ("en", "eng"))
# huang and wang: w stands for h with the u that begins the final.
_ROUNDED = (("ua", "a"), ("uo", "o"), ("uai", "ai"), ("ui", "ei"), ("uan", "an"), ("un", "en"), ("uang", "ang"), ("u", "u"))


@dataclass(frozen=True)
class ConfusionShares:
    """Shares of each kind; 0 switches it off.

    Attributes:
        tone: same final with another tone.
        initial: zh/z, ch/c, sh/s, n/l, f/h.
        final: in/ing, en/eng, same tone.
        rounded: hu/w, as a whole.
    """

    tone: float = 0.0
    initial: float = 0.0
    final: float = 0.0
    rounded: float = 0.0


ACCENTS = {"": ConfusionShares(), "southern": ConfusionShares(initial=0.1, final=0.1, rounded=0.1)}


def confusions(tokens: Sequence[str], accent: str) -> Confusions | None:
    """What an accent of the settings brings; None for none, and for one that this version does not know."""
    shares = ACCENTS.get(accent, ConfusionShares())
    return Confusions(matrix(tokens, shares)) if shares != ConfusionShares() else None


def matrix(tokens: Sequence[str], shares: ConfusionShares) -> Floats:
    """Shape (vocabulary, vocabulary), rows heard, columns said."""
    number = {token: i for i, token in enumerate(tokens)}
    result = np.eye(len(tokens), dtype=np.float32)
    plain = {token: _without_tone(token) for token in tokens if token and token[0].islower()}
    tones = {token: _tone(token) for token in plain}
    initials, finals, rounded = (_both_ways(pairs) for pairs in (_INITIALS, _FINALS, _ROUNDED))
    for (heard, heard_plain), (said, said_plain) in product(plain.items(), plain.items()):
        if heard == said:
            continue
        share = 0.0
        if heard_plain == said_plain:
            share = shares.tone
        elif (heard, said) in initials:
            share = shares.initial
        elif (heard, said) in (("h", "w"), ("w", "h")):
            share = shares.rounded**0.5
        elif tones[heard] == tones[said]:
            same = (heard_plain, said_plain)
            share = shares.final if same in finals else shares.rounded**0.5 if same in rounded else 0.0
        result[number[heard], number[said]] += share
    return result


def _both_ways(pairs: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset(pair for a, b in pairs for pair in ((a, b), (b, a)))


def _without_tone(token: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", token) if c not in _TONES)


def _tone(token: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", token) if c in _TONES)
