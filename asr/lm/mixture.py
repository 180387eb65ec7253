"""General and domain n-gram mixed for the search: one score and one state for each word of the lexicon.

Mixed linearly, word by word. The domain model knows word classes: a member's probability is its class's times its share
in the class, so that a place or a name that was never in any text is scored like its fellows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asr.lm.ngram import Ngram

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

_LN10 = float(np.log(10.0))


@dataclass(frozen=True)
class WordTable:
    """What the models know of each word of the lexicon; parallel arrays.

    Attributes:
        general: number in the general model; 0 where it has none.
        scored: whether the general model gives it a probability too, and not only a history: class members stand beside
            the same spelling as a plain word, which has it.
        domain: number in the domain model, a class's for its members; 0 where it has none.
        share: natural log of the word's share in its domain class, 0 for a word that is its own class.
        hot: natural-log probability that a word has at least, after anything; -inf for words without favour.
    """

    general: Ints
    scored: NDArray[np.bool_]
    domain: Ints
    share: Floats
    hot: Floats | None = None


@dataclass(frozen=True)
class MixOptions:
    """Weights.

    Attributes:
        domain_share: of the domain model in the mixture, 0 to 1.
        weight: language against acoustics.
        word_bonus: natural log, added for each word.
        unknown: natural-log probability of a word that a model does not know.
    """

    domain_share: float = 0.9
    weight: float = 0.5
    word_bonus: float = 0.6
    unknown: float = -20.0


class Mixture:
    """Implements ``asr.zipformer.search.WordScorer``."""

    def __init__(self, general: Ngram, domain: Ngram | None, table: WordTable, options: MixOptions) -> None:
        self._general = general
        self._domain = domain
        self._table = table
        self._options = options
        self._span = (domain.size + max(domain.bi_key.size, 1)) if domain is not None else 1
        self._begin = 0

    def begin_with(self, domain_state: int) -> None:
        """Domain state at the begin of an utterance."""
        self._begin = domain_state

    def first_state(self) -> int:
        """Nothing said yet."""
        return self._begin

    def advance(self, states: Ints, words: Ints) -> tuple[Floats, Ints]:
        """Weighted natural-log score of each word after each state, and the states after it."""
        general_state, domain_state = states // self._span, states % self._span
        table, options = self._table, self._options
        prob, general_after = self._general.advance(general_state, table.general[words])
        score = np.where(table.scored[words], prob * _LN10, options.unknown)
        after = general_after * self._span
        if self._domain is not None:
            prob, domain_after = self._domain.advance(domain_state, table.domain[words])
            known = np.where(table.domain[words] > 0, prob * _LN10 + table.share[words], options.unknown)
            score = np.logaddexp(score + np.log1p(-options.domain_share), known + np.log(options.domain_share))
            after = after + domain_after
        if table.hot is not None:
            score = np.maximum(score, table.hot[words])
        return (score * options.weight + options.word_bonus).astype(np.float32), after

    def finish(self, states: Ints) -> Floats:
        """No end-of-sentence scores: utterances are cut by pauses, not by sentences."""
        return np.zeros(states.size, dtype=np.float32)

    def unigrams(self) -> Floats:
        """Score of every word of the lexicon after nothing, for looking ahead in the tree."""
        words = np.arange(self._table.general.size)
        return self.advance(np.zeros(words.size, dtype=np.int64), words)[0]
