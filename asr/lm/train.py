"""Grows a small trigram from sentences of words: interpolated absolute discounting, in numpy.

Word 0 is ``<unk>``, 1 ``<s>``, 2 ``</s>``. Lower orders count as raw; hotline talk is formulaic, and how often a word
is said matters more than in how many places.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from asr.lm.ngram import Ngram

UNKNOWN, BEGIN, END = 0, 1, 2
_DISCOUNT = 0.7
_UNKNOWN_SHARE = 1e-5

Ints = NDArray[np.int64]
Doubles = NDArray[np.float64]


def train(sentences: Iterable[list[int]], size: int) -> Ngram:
    """A trigram over word numbers below ``size``; each sentence is framed by ``<s>`` and ``</s>``."""
    flat: list[int] = []
    for sentence in sentences:
        flat += [BEGIN, *sentence, END]
    words = np.array(flat, dtype=np.int64)
    first = words == BEGIN

    uni_prob = _unigrams(np.bincount(words[~first], minlength=size).astype(np.float64))
    inner = ~first[1:]
    bi_key, bi_count = np.unique((words[:-1] * size + words[1:])[inner], return_counts=True)
    bi_prob, uni_backoff = _discounted(bi_key // size, bi_count, uni_prob[bi_key % size], size)

    row = np.searchsorted(bi_key, words[:-1] * size + words[1:])
    whole = inner[:-1] & inner[1:]
    tri_key, tri_count = np.unique((row[:-1] * size + words[2:])[whole], return_counts=True)
    middle = bi_key[tri_key // size] % size
    lower = bi_prob[np.searchsorted(bi_key, middle * size + tri_key % size)]
    tri_prob, bi_backoff = _discounted(tri_key // size, tri_count, lower, bi_key.size)
    return Ngram(
        uni_prob=np.log10(uni_prob).astype(np.float32),
        uni_backoff=np.log10(uni_backoff).astype(np.float32),
        bi_key=bi_key,
        bi_prob=np.log10(bi_prob).astype(np.float16),
        bi_backoff=np.log10(bi_backoff).astype(np.float16),
        tri_key=tri_key,
        tri_prob=np.log10(tri_prob).astype(np.float16),
    )


def _unigrams(count: Doubles) -> Doubles:
    """Relative frequencies with a little for every word; ``<s>`` is never predicted."""
    share: Doubles = (count + 0.05) / (count + 0.05).sum() * (1.0 - _UNKNOWN_SHARE)
    share[UNKNOWN] = _UNKNOWN_SHARE
    share[BEGIN] = 1e-9
    return share


def _discounted(history: Ints, count: Ints, lower: Doubles, histories: int) -> tuple[Doubles, Doubles]:
    """Probability of each n-gram, and the weight that each history gives to the order below (1 where it is unseen)."""
    total = np.bincount(history, weights=count, minlength=histories)
    kinds = np.bincount(history, minlength=histories)
    backoff = np.where(total > 0, _DISCOUNT * kinds / np.maximum(total, 1), 1.0)
    prob = (count - _DISCOUNT) / total[history] + backoff[history] * lower
    return prob, np.minimum(backoff, 1.0)
