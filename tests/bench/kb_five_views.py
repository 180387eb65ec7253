"""The five-view design of the bake-off of November 2026, as a baseline beside the product's search. Never shipped.

Score of an entry: u + 0.5 f + 0.5 b + 0.5 w + z, each a BM25 sum over characters, fuzzy syllables, character pairs, words and pairs of
fuzzy syllables of its titles, plus 0.2 times the same of its answer, indexed apart; windows of 24 characters, step 12, the best one
counts. No word lists, no weights from data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.domain.knowledge import KnowledgeEntry
from kb_cache.index_build import body_of, heads_of
from kb_cache.terms import View, occurrences, plain

WEIGHT = {View.CHARACTER: 1.0, View.BIGRAM: 0.5, View.WORD: 0.5, View.SOUND: 0.5, View.SOUND_BIGRAM: 1.0}
WINDOW, STEP = 24, 12
K1, B = 1.2, 0.6


class _Field:
    """BM25 over one text an entry."""

    def __init__(self, texts: Sequence[str]) -> None:
        keys, documents = occurrences(texts)
        self.size = len(texts)
        self.keys, dense = np.unique(keys, return_inverse=True)
        pairs, counts = np.unique(dense * self.size + documents, return_counts=True)
        term, self.documents = pairs // self.size, pairs % self.size
        view = (self.keys >> 58)[term]
        length = np.bincount(view * self.size + self.documents, weights=counts, minlength=6 * self.size).reshape(6, -1)
        mean = np.maximum(length.mean(axis=1), 1e-9)
        frequency = np.bincount(term)[term]
        idf = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5))
        long = 1.0 - B + B * length[view, self.documents] / mean[view]
        weight = np.array([WEIGHT.get(View(each), 0.0) if each else 0.0 for each in range(6)])
        self.worth = weight[view] * idf * counts * (K1 + 1.0) / (counts + K1 * long)
        self.starts = np.concatenate((np.searchsorted(term, np.arange(len(self.keys))), [len(term)]))

    def score(self, keys):  # type: ignore[no-untyped-def]
        places = np.searchsorted(self.keys, keys)
        known = places[(places < len(self.keys)) & (self.keys[np.minimum(places, len(self.keys) - 1)] == keys)]
        spans = [slice(self.starts[place], self.starts[place + 1]) for place in known]
        if not spans:
            return np.zeros(self.size)
        return np.bincount(np.concatenate([self.documents[span] for span in spans]),
                           weights=np.concatenate([self.worth[span] for span in spans]), minlength=self.size)


class FiveViews:
    """See the module."""

    def __init__(self, entries: Sequence[KnowledgeEntry]) -> None:
        self._ids = [entry.id for entry in entries]
        self._heads = _Field([" ".join(heads_of(entry)) for entry in entries])
        self._bodies = _Field([body_of(entry) for entry in entries])

    def search(self, text: str, limit: int = 5) -> list[str]:
        """Ids of the best entries."""
        said = plain(text)
        best = np.zeros(len(self._ids))
        for start in range(0, max(1, len(said) - WINDOW + STEP), STEP):
            keys = np.unique(occurrences([said[start:start + WINDOW]])[0])
            best = np.maximum(best, self._heads.score(keys) + 0.2 * self._bodies.score(keys))
        return [self._ids[place] for place in np.argsort(-best, kind="stable")[:limit]]
