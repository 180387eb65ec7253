"""Which of many small sets are nearly equal, without comparing all pairs; for titles of a whole knowledge base.

Two sets whose Jaccard likeness is at least t share one of their rarest members (prefix filtering; Bayardo, Ma, Srikant: Scaling
Up All Pairs Similarity Search, 2007). Where titles differ in a word only, thousands share even that: so each set has a signature
of 128 bits, and bits that one has and the other lacks bound from above what both can have in common. That bound is taken in numpy
over all candidates of a set at once; only what passes is compared member by member. Nothing is lost by it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

#: Where more sets than this share a rare member only those nearest in size are compared.
MAX_GROUP = 2_000
_WORD_BITS = 64
_SLACK = 1e-9

Array = npt.NDArray[Any]


def alike(sets: Sequence[frozenset[str]], least: float) -> Iterator[tuple[int, int]]:
    """Pairs of positions whose sets are at least ``least`` alike; equal sets come once for neighbours, not for all pairs.

    Args:
        sets: those with fewer than two members are like nothing.
        least: Jaccard likeness, above 0.5.
    """
    groups: dict[frozenset[str], list[int]] = defaultdict(list)
    for position, each in enumerate(sets):
        if len(each) > 1:
            groups[each].append(position)
    for same in groups.values():
        yield from pairwise(same)
    if len(groups) > 1:
        for one, other in _near(sorted(groups, key=len), least):
            yield groups[one][0], groups[other][0]


def _near(distinct: list[frozenset[str]], least: float) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Pairs of different sets that are alike enough, the smaller one first.

    Args:
        distinct: in the order of their sizes.
        least: Jaccard likeness.
    """
    rarity = Counter(piece for each in distinct for piece in each)
    number = {piece: n for n, piece in enumerate(rarity)}
    sizes = np.array([len(each) for each in distinct], np.int64)
    low, high = _signatures(distinct, number)
    holders = _Holders([_rarest(each, rarity, number, least) for each in distinct])
    for n, each in enumerate(distinct):
        found = holders.before(n, int(np.searchsorted(sizes, least * len(each))))
        if len(found):
            lacking = np.bitwise_count(low[found] & ~low[n]) + np.bitwise_count(high[found] & ~high[n]).astype(np.int64)
            missing = np.bitwise_count(low[n] & ~low[found]) + np.bitwise_count(high[n] & ~high[found]).astype(np.int64)
            common = np.minimum(sizes[found] - lacking, len(each) - missing)
            found = found[common * (1 + least) >= least * (sizes[found] + len(each)) - _SLACK]
        for other in dict.fromkeys(found.tolist()):
            shared = len(each & distinct[other])
            if shared >= least * (len(each) + len(distinct[other]) - shared):
                yield distinct[other], each


def _rarest(each: frozenset[str], rarity: Counter[str], number: dict[str, int], least: float) -> list[int]:
    """Numbers of as many rare members as a set must share one of with every set that is like it."""
    ordered = sorted(each, key=lambda piece: (rarity[piece], piece))
    return [number[piece] for piece in ordered[: len(each) - ceil(least * len(each)) + 1]]


def _signatures(distinct: Sequence[frozenset[str]], number: dict[str, int]) -> tuple[Array, Array]:
    """128 bits a set, in two words: a bit for each member, shared by members whose numbers are 128 apart."""
    words = np.zeros((len(distinct), 2), np.uint64)
    for n, each in enumerate(distinct):
        bits = [0, 0]
        for piece in each:
            which, bit = divmod(number[piece] % (2 * _WORD_BITS), _WORD_BITS)
            bits[which] |= 1 << bit
        words[n] = bits
    return np.ascontiguousarray(words[:, 0]), np.ascontiguousarray(words[:, 1])


class _Holders:
    """Which sets have a member among their rarest, in the order of the sets.

    Args:
        rarest: numbers of the rarest members of each set.
    """

    def __init__(self, rarest: Sequence[Sequence[int]]) -> None:
        self._rarest = rarest
        pieces = np.array([piece for each in rarest for piece in each], np.int64)
        owners = np.repeat(np.arange(len(rarest)), [len(each) for each in rarest])
        order = np.argsort(pieces, kind="stable")
        self._owners = owners[order]
        self._start = np.searchsorted(pieces[order], np.arange(int(pieces.max()) + 1)).tolist()
        self._met = [0] * len(self._start)

    def before(self, n: int, least: int) -> Array:
        """Sets from ``least`` on that stand before ``n`` and share one of its rarest members; some come more than once.

        Ask for each n once, in order.
        """
        found = []
        for piece in self._rarest[n]:
            met, start = self._met[piece], self._start[piece]
            self._met[piece] = met + 1
            if met:
                found.append(self._owners[start + max(0, met - MAX_GROUP): start + met])
        if not found:
            return np.zeros(0, np.int64)
        whole = found[0] if len(found) == 1 else np.concatenate(found)
        return whole[whole >= least]
