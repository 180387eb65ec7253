"""The pronunciation lexicon as a prefix tree in numpy arrays, for search over whole beams at once.

Entries are (word, token sequence, cost). Nodes are numbered in depth-first order of the sorted sequences; children and
entries of a node are slices of flat arrays. Node 0 is the root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PrefixTree:
    """Flat arrays.

    Attributes:
        child_start: first row of a node's children, shape (nodes + 1,).
        child_label, child_node: token and target of each arc.
        entry_start: first row of the entries that end at a node, shape (nodes + 1,).
        entry_word: word number of each entry, sorted by node.
        entry_cost: natural-log cost of that reading.
        parent: node above (root: 0), always smaller than the node itself.
    """

    child_start: Ints
    child_label: Ints
    child_node: Ints
    entry_start: Ints
    entry_word: Ints
    entry_cost: Floats
    parent: Ints

    @property
    def size(self) -> int:
        """Number of nodes."""
        return int(self.parent.size)

    def look_ahead(self, word_score: Floats) -> Floats:
        """Best ``word_score`` less reading cost over all entries at or below each node; the root gets 0."""
        best = np.full(self.size, -np.inf, dtype=np.float32)
        node_of_entry = np.repeat(np.arange(self.size), np.diff(self.entry_start))
        np.maximum.at(best, node_of_entry, word_score[self.entry_word] - self.entry_cost)
        for node in range(self.size - 1, 0, -1):
            above = self.parent[node]
            best[above] = max(best[above], best[node])
        best[0] = 0.0
        return best


def build(words: Sequence[int], sequences: Sequence[tuple[int, ...]], costs: Sequence[float]) -> PrefixTree:
    """Tree over entries ``(words[i], sequences[i], costs[i])``; sequences are not empty."""
    order = sorted(range(len(words)), key=lambda i: (sequences[i], words[i]))
    parent, label, entry_node = [0], [-1], []
    path: list[int] = []
    previous: tuple[int, ...] = ()
    for i in order:
        sequence = sequences[i]
        shared = 0
        limit = min(len(sequence), len(previous))
        while shared < limit and sequence[shared] == previous[shared]:
            shared += 1
        del path[shared:]
        for token in sequence[shared:]:
            parent.append(path[-1] if path else 0)
            label.append(token)
            path.append(len(parent) - 1)
        entry_node.append(path[-1])
        previous = sequence
    return _flat(parent, label, entry_node, [words[i] for i in order], [costs[i] for i in order])


def _flat(parent: list[int], label: list[int], entry_node: list[int], words: list[int], costs: list[float]) -> PrefixTree:
    above = np.array(parent, dtype=np.int32)
    labels = np.array(label, dtype=np.int32)
    nodes = above.size
    arcs = np.argsort(above[1:], kind="stable") + 1
    ends = np.array(entry_node, dtype=np.int32)
    entries = np.argsort(ends, kind="stable")
    return PrefixTree(
        child_start=np.concatenate([[0], np.cumsum(np.bincount(above[1:], minlength=nodes))]).astype(np.int32),
        child_label=labels[arcs],
        child_node=arcs.astype(np.int32),
        entry_start=np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=nodes))]).astype(np.int32),
        entry_word=np.array(words, dtype=np.int32)[entries],
        entry_cost=np.array(costs, dtype=np.float32)[entries],
        parent=above,
    )
