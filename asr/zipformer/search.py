"""Time-synchronous beam search of a transducer over a pronunciation tree with n-gram language models.

Each hypothesis is (tree node, language-model state, last two tokens, score). A frame gives each a blank (it stays) or a
token (it goes down one arc); at a node that ends words, a copy per word goes back to the root with the language model
applied. Inside the tree the best reachable unigram score is anticipated. Equal hypotheses are merged. Everything is
done for the whole beam in numpy calls; hypotheses that share their last two tokens share one joiner row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from asr.lexicon.tree import PrefixTree
from asr.zipformer.network import BLANK, Networks

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
_YI_FINALS = ("ī", "í", "ǐ", "ì")
_YAO_FINALS = ("āo", "áo", "ǎo", "ào", "ōu", "óu", "ǒu", "òu")


class WordScorer(Protocol):
    """The language models as the search sees them; natural log, weights included."""

    def first_state(self) -> int:
        """State at the begin of an utterance."""

    def advance(self, states: Ints, words: Ints) -> tuple[Floats, Ints]:
        """Score of each word after each state, and the states after it."""

    def finish(self, states: Ints) -> Floats:
        """Score of the utterance ending in each state."""


@dataclass(frozen=True)
class SearchOptions:
    """Widths and weights, all in natural-log units.

    Attributes:
        beam: hypotheses kept a frame.
        width: hypotheses further than this below the best are dropped.
        blank_penalty: taken from blank; the model leaves out weak syllables rather than inventing some.
        internal_weight: how much of the transducer's own token-sequence model is taken out.
        token_floor: tokens less likely than this are not tried.
        alternative_width: readings further than this below the best are not kept as alternatives.
    """

    beam: int = 64
    width: float = 12.0
    blank_penalty: float = 0.5
    internal_weight: float = 0.1
    token_floor: float = -14.0
    alternative_width: float = 6.0


class Confusions:
    """Softens token probabilities: ``P'(token) = sum P(heard) * share(token | heard)``."""

    def __init__(self, shares: Floats) -> None:
        self._shares = shares

    def soften(self, probabilities: Floats) -> Floats:
        """Rows (n, vocabulary) of probabilities, blank untouched."""
        softened: Floats = probabilities @ self._shares
        return softened


class Acoustics:
    """Log probabilities of all tokens for a frame and many contexts; context vectors are computed once for ever."""

    def __init__(self, networks: Networks, options: SearchOptions, confusions: Confusions | None = None) -> None:
        self._networks = networks
        self.vocabulary = networks.vocabulary_size
        self._options = options
        self._confusions = confusions
        self._row: dict[int, int] = {}
        self._vectors = np.zeros((0, 0), dtype=np.float32)
        self._internal = np.zeros((0, 0), dtype=np.float32)
        self._yi = _numbers(networks.tokens, _YI_FINALS)
        self._yao = _numbers(networks.tokens, _YAO_FINALS)

    def leaning(self, table: Floats) -> Floats:
        """How much rather yao than yi was heard, natural log, for each row of ``log_probabilities``; says something after y."""
        lean: Floats = table[:, self._yao].max(axis=1) - table[:, self._yi].max(axis=1)
        return lean

    def rows(self, contexts: Ints) -> Ints:
        """Table rows of contexts, each ``before_last * vocabulary + last``."""
        missing = [int(c) for c in contexts if int(c) not in self._row]
        if missing:
            pairs = np.array([divmod(c, self._networks.vocabulary_size) for c in missing], dtype=np.int64)
            vectors = self._networks.context_vectors(pairs)
            first = len(self._row)
            for i, c in enumerate(missing):
                self._row[c] = first + i
            self._vectors = np.concatenate([self._vectors, vectors]) if first else vectors
            internal = _log_softmax(self._networks.logits(np.zeros(vectors.shape[1], dtype=np.float32), vectors)[:, 1:])
            internal = np.concatenate([np.zeros((len(missing), 1), dtype=np.float32), internal], axis=1)
            self._internal = np.concatenate([self._internal, internal]) if first else internal
        return np.array([self._row[int(c)] for c in contexts], dtype=np.int64)

    def afresh(self, frames: Floats) -> Floats:
        """Probabilities (n, vocabulary) of all tokens for frames (n, dim), as if no token had been said before."""
        if not frames.size:
            return np.zeros((0, self.vocabulary), dtype=np.float32)
        vectors = np.repeat(self._vectors[self.rows(np.zeros(1, dtype=np.int64))], len(frames), axis=0)
        probabilities: Floats = np.exp(_log_softmax(self._networks.logits(frames, vectors)))
        return probabilities

    def log_probabilities(self, frame: Floats, contexts: Ints) -> Floats:
        """Shape (n, vocabulary)."""
        rows = self.rows(contexts)
        scores = _log_softmax(self._networks.logits(frame, self._vectors[rows]))
        if self._confusions is not None:
            scores = np.log(self._confusions.soften(np.exp(scores)) + 1e-9)
        if self._options.internal_weight:
            scores = scores - self._options.internal_weight * self._internal[rows]
        scores[:, BLANK] -= self._options.blank_penalty
        return scores


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _numbers(tokens: Sequence[str], wanted: Sequence[str]) -> list[int]:
    return [i for i, token in enumerate(tokens) if token in wanted]


class Step(NamedTuple):
    """One token (``code`` from 0 up) or the word ``-code - 1`` that the tokens before it spell; ``lean`` as
    ``Acoustics.leaning`` at its frame."""

    code: int
    frame: int
    score: float
    lean: float = 0.0


class Trace:
    """Back pointers of all hypotheses of one utterance: rows (previous row, code, frame, log probability, leaning).

    A code from 0 up is a token; below 0 it is the word ``-code - 1``. Row 0 is the begin.
    """

    def __init__(self) -> None:
        self._size = 1
        self._previous = np.zeros(1024, dtype=np.int32)
        self._code = np.zeros(1024, dtype=np.int32)
        self._frame = np.zeros(1024, dtype=np.int32)
        self._score = np.zeros(1024, dtype=np.float32)
        self._lean = np.zeros(1024, dtype=np.float32)

    def append(
        self, previous: Ints, codes: NDArray[np.signedinteger], frame: int, scores: Floats, leans: Floats | None = None
    ) -> Ints:
        """Add rows and give their numbers."""
        first, self._size = self._size, self._size + previous.size
        while self._size > self._previous.size:
            for name in ("_previous", "_code", "_frame", "_score", "_lean"):
                old = getattr(self, name)
                setattr(self, name, np.concatenate([old, np.zeros_like(old)]))
        new = slice(first, self._size)
        self._previous[new], self._code[new], self._frame[new], self._score[new] = previous, codes, frame, scores
        self._lean[new] = 0.0 if leans is None else leans
        return np.arange(first, self._size)

    def rows(self, row: int) -> list[int]:
        """Rows from the begin to ``row``."""
        found = []
        while row:
            found.append(row)
            row = int(self._previous[row])
        return found[::-1]

    def steps(self, rows: list[int]) -> list[Step]:
        """What stands in the rows."""
        return [
            Step(int(self._code[row]), int(self._frame[row]), float(self._score[row]), float(self._lean[row])) for row in rows
        ]

    def path(self, row: int) -> list[Step]:
        """All steps from the begin to ``row``."""
        return self.steps(self.rows(row))


@dataclass
class _Beam:
    """Parallel arrays, one row a hypothesis, best first; ``said`` is a hash of the words so far."""

    score: Floats
    node: Ints
    state: Ints
    context: Ints
    trace: Ints
    said: Ints

    def take(self, rows: Ints) -> _Beam:
        return _Beam(
            self.score[rows], self.node[rows], self.state[rows], self.context[rows], self.trace[rows], self.said[rows]
        )


def _joined(parts: list[_Beam]) -> _Beam:
    return _Beam(
        np.concatenate([p.score for p in parts]),
        np.concatenate([p.node for p in parts]),
        np.concatenate([p.state for p in parts]),
        np.concatenate([p.context for p in parts]),
        np.concatenate([p.trace for p in parts]),
        np.concatenate([p.said for p in parts]),
    )


@dataclass(frozen=True)
class Reading:
    """One hypothesis: its score, its steps (see ``Trace``), and the likeliest word it is in the middle of, or -1."""

    score: float
    steps: list[Step]
    unfinished: int = -1


class BeamSearch:
    """Search state of one utterance."""

    def __init__(
        self,
        tree: PrefixTree,
        word_score: Floats,
        ahead: Floats,
        scorer: WordScorer,
        acoustics: Acoustics,
        options: SearchOptions,
    ) -> None:
        self._tree = tree
        self._entry_score = word_score
        self._ahead = ahead
        self._scorer = scorer
        self._acoustics = acoustics
        self._vocabulary = acoustics.vocabulary
        self._options = options
        self._trace = Trace()
        self._frame = 0
        self._losers: dict[int, dict[int, tuple[int, float]]] = {}
        zero = np.zeros(1, dtype=np.int64)
        self._beam = _Beam(np.zeros(1, dtype=np.float32), zero, np.array([scorer.first_state()]), zero, zero, zero)

    def accept(self, frames: Floats) -> None:
        """Go on by frames (n, dim)."""
        for frame in frames:
            self._step(frame)
            self._frame += 1

    def _step(self, frame: Floats) -> None:
        beam = self._beam
        contexts, which = np.unique(beam.context, return_inverse=True)
        table = self._acoustics.log_probabilities(frame, contexts)
        stay = beam.score + table[which, BLANK]
        floor = float(stay.max()) - self._options.width
        stayed = _Beam(stay, beam.node, beam.state, beam.context, beam.trace, beam.said)
        parts = [stayed]
        best_token = table[:, 1:].max(axis=1)[which]
        movers = np.flatnonzero((beam.score + best_token > floor) & (best_token > self._options.token_floor))
        if movers.size:
            parts += self._moved(movers, which, table, floor)
        self._beam = self._pruned(_joined(parts))

    def _moved(self, movers: Ints, which: Ints, table: Floats, floor: float) -> list[_Beam]:
        """Hypotheses after one token: still inside a word, and at a word's end."""
        beam, tree = self._beam, self._tree
        start = tree.child_start[beam.node[movers]]
        count = tree.child_start[beam.node[movers] + 1] - start
        source = np.repeat(movers, count)
        arc = _ranges(start, count)
        label = tree.child_label[arc]
        acoustic = table[which[source], label]
        node = tree.child_node[arc]
        score = beam.score[source] + acoustic + self._ahead[node] - self._ahead[beam.node[source]]
        if score.size == 0:
            return []
        floor = max(floor, float(score.max()) - self._options.width)
        keep = np.flatnonzero(score > floor)
        if keep.size > 4 * self._options.beam:
            keep = keep[np.argpartition(-score[keep], 4 * self._options.beam)[: 4 * self._options.beam]]
        source, label, acoustic, node, score = source[keep], label[keep], acoustic[keep], node[keep], score[keep]
        if not keep.size:
            return []
        context = (beam.context[source] % self._vocabulary) * self._vocabulary + label
        lean = self._acoustics.leaning(table)[which[source]]
        trace = self._trace.append(beam.trace[source], label, self._frame, acoustic, lean)
        moved = _Beam(score, node.astype(np.int64), beam.state[source], context, trace, beam.said[source])
        parts = []
        inner = np.flatnonzero(tree.child_start[node + 1] > tree.child_start[node])
        if inner.size:
            parts.append(moved.take(inner))
        ending = self._ended(moved, floor)
        if ending is not None:
            parts.append(ending)
        return parts

    def _ended(self, moved: _Beam, floor: float) -> _Beam | None:
        """Copies of hypotheses at word ends, one a word, back at the root."""
        tree = self._tree
        start = tree.entry_start[moved.node]
        count = tree.entry_start[moved.node + 1] - start
        source = np.repeat(np.arange(moved.node.size), count)
        if not source.size:
            return None
        entry = _ranges(start, count)
        word = tree.entry_word[entry].astype(np.int64)
        gain, state = self._scorer.advance(moved.state[source], word)
        score = moved.score[source] - self._ahead[moved.node[source]] + gain - tree.entry_cost[entry]
        keep = np.flatnonzero(score > max(floor, float(score.max()) - self._options.width))
        if keep.size > 2 * self._options.beam:
            keep = keep[np.argpartition(-score[keep], 2 * self._options.beam)[: 2 * self._options.beam]]
        if not keep.size:
            return None
        source = source[keep]
        trace = self._trace.append(moved.trace[source], -word[keep] - 1, self._frame, gain[keep])
        zero = np.zeros(keep.size, dtype=np.int64)
        said = moved.said[source] * 1_000_003 + word[keep] + 1
        return _Beam(score[keep], zero, state[keep], moved.context[source], trace, said)

    def _pruned(self, beam: _Beam) -> _Beam:
        """Merge equals, drop the hopeless, best first."""
        order = np.argsort(-beam.score)
        floor = beam.score[order[0]] - self._options.width
        order = order[: int(np.count_nonzero(beam.score >= floor))]
        key = (beam.state[order] * 1_000_003 + beam.node[order]) * 65_537 + beam.context[order]
        exact = key * 1_000_003 + beam.said[order]
        _, first, group = np.unique(exact, return_index=True, return_inverse=True)
        if first.size < order.size:  # the same words, timed otherwise: their probabilities add up
            peak = beam.score[order[first]]
            total = np.zeros(first.size, dtype=np.float64)
            np.add.at(total, group, np.exp(beam.score[order] - peak[group]))
            rank = np.argsort(-(peak + np.log(total)), kind="stable")
            score = (peak + np.log(total))[rank].astype(np.float32)
            order, key = order[first[rank]], key[first[rank]]
        else:
            score = beam.score[order]
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        if first.size < order.size:  # other words with the same future: the better ones stay
            self._note_losers(beam, order, order[first][group], score[first][group] - score)
        keep = np.sort(first)[: self._options.beam]
        result = beam.take(order[keep])
        result.score = score[keep]
        return result

    def _note_losers(self, beam: _Beam, rows: Ints, winners: Ints, behind: Floats) -> None:
        """Keep what a merge forgets: the readings' alternatives come from there."""
        lost = np.flatnonzero((rows != winners) & (behind < self._options.alternative_width))
        for i in lost:
            self._losers.setdefault(int(beam.trace[winners[i]]), {})[int(beam.said[rows[i]])] = (
                int(beam.trace[rows[i]]),
                float(behind[i]),
            )

    def best(self) -> Reading:
        """Best hypothesis so far, in the middle of a word or not."""
        node = int(self._beam.node[0])
        word = -1
        if node:
            tree = self._tree
            first, last = int(tree.entry_start[node]), int(tree.entry_start[tree.last_below[node] + 1])
            word = int(tree.entry_word[first + int(np.argmax(self._entry_score[first:last]))])
        return Reading(float(self._beam.score[0]), self._trace.path(int(self._beam.trace[0])), word)

    def readings(self, limit: int) -> list[Reading]:
        """Complete hypotheses, best first; the best incomplete one where there is none."""
        complete = np.flatnonzero(self._beam.node == 0)
        if not complete.size:
            return [self.best()]
        score = self._beam.score[complete] + self._scorer.finish(self._beam.state[complete])
        rank = np.argsort(-score)[:limit]
        found = [Reading(float(score[i]), self._trace.path(int(self._beam.trace[complete[i]]))) for i in rank]
        found += self._substituted(float(score[rank[0]]), int(self._beam.trace[complete[rank[0]]]), limit)
        return sorted(found, key=lambda reading: -reading.score)

    def _substituted(self, score: float, row: int, limit: int) -> list[Reading]:
        """The best path with its begin replaced by one that lost a merge on the way."""
        path = self._trace.rows(row)
        choices = [
            (behind, place, loser)
            for place, at in enumerate(path)
            for loser, behind in self._losers.get(at, {}).values()
        ]
        return [
            Reading(score - behind, self._trace.path(loser) + self._trace.steps(path[place + 1 :]))
            for behind, place, loser in sorted(choices)[:limit]
        ]


def _ranges(start: NDArray[np.int32], count: NDArray[np.int32]) -> Ints:
    """Concatenation of ``start[i] .. start[i] + count[i] - 1``."""
    ends = np.cumsum(count)
    total = int(ends[-1]) if ends.size else 0
    ranges: Ints = np.arange(total) + np.repeat(start - (ends - count), count)
    return ranges
