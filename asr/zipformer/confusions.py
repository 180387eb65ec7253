"""How a token may be heard as another: other tones, and the accents of southern Mandarin.

``share(heard, said)`` of the probability that the model gives to the heard token goes to the said one as well; it is a gift,
not a loan, so a clear sound keeps all of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_TONES = "\u0304\u0301\u030c\u0300"
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("l", "r"), ("f", "h"))
_FINALS = (("in", "ing"), ("en", "eng"), ("an", "ang"), ("uan", "uang"), ("ian", "iang"))


@dataclass(frozen=True)
class ConfusionShares:
    """Shares of each kind; 0 switches it off.

    Attributes:
        tone: same final with another tone.
        initial: zh/z, ch/c, sh/s, n/l, l/r, f/h.
        final: in/ing, en/eng, an/ang, uan/uang, ian/iang, same tone.
    """

    tone: float = 0.02
    initial: float = 0.02
    final: float = 0.02


def matrix(tokens: Sequence[str], shares: ConfusionShares) -> Floats:
    """Shape (vocabulary, vocabulary), rows heard, columns said."""
    number = {token: i for i, token in enumerate(tokens)}
    result = np.eye(len(tokens), dtype=np.float32)
    plain = {token: _without_tone(token) for token in tokens if token and token[0].islower()}
    tones = {token: _tone(token) for token in plain}
    initials = {pair for a, b in _INITIALS for pair in ((a, b), (b, a))}
    finals = {pair for a, b in _FINALS for pair in ((a, b), (b, a))}
    for (heard, heard_plain), (said, said_plain) in product(plain.items(), plain.items()):
        if heard == said:
            continue
        share = 0.0
        if heard_plain == said_plain:
            share = shares.tone
        elif (heard, said) in initials:
            share = shares.initial
        elif (heard_plain, said_plain) in finals and tones[heard] == tones[said]:
            share = shares.final
        result[number[heard], number[said]] += share
    return result


def _without_tone(token: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", token) if c not in _TONES)


def _tone(token: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", token) if c in _TONES)
