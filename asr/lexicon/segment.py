"""Cuts text into the words of the general language model: the path of the most probable words, counted alone.

The domain texts must be cut into the very words that the search puts together, so the model's own list decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LONGEST = 8
_UNSEEN = -9.0


class Segmenter:
    """Over words and their log10 probabilities."""

    def __init__(self, words: Sequence[str], prob: NDArray[np.float32]) -> None:
        self._prob = dict(zip(words, prob.tolist(), strict=True))
        self._order = sorted(range(1, len(words)), key=prob.__getitem__, reverse=True)
        self._list = words
        self._seen: dict[str, list[str]] = {}

    def frequent(self, limit: int) -> list[str]:
        """The most probable words, most probable first."""
        return [self._list[i] for i in self._order[:limit]]

    def words(self, text: str) -> list[str]:
        """Words of a text without punctuation; what is in no word stands as single characters."""
        known = self._seen.get(text)
        if known is None:
            known = self._seen[text] = self._cut(text)
        return known

    def _cut(self, text: str) -> list[str]:
        best = [0.0]
        back = [0]
        for end in range(1, len(text) + 1):
            scored = [
                (best[start] + self._prob.get(text[start:end], _UNSEEN if end - start == 1 else -99.0), start)
                for start in range(max(0, end - _LONGEST), end)
            ]
            score, start = max(scored)
            best.append(score)
            back.append(start)
        found: list[str] = []
        end = len(text)
        while end:
            found.append(text[back[end] : end])
            end = back[end]
        return found[::-1]
