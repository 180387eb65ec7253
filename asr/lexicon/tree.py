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
        last_below: greatest node number of the subtree of each node; a subtree's numbers are contiguous.
    """

    child_start: Ints
    child_label: Ints
    child_node: Ints
    entry_start: Ints
    entry_word: Ints
    entry_cost: Floats
    last_below: Ints

    def look_ahead(self, word_score: Floats) -> Floats:
        """Best ``word_score`` less reading cost over all entries at or below each node; the root gets 0."""
        values = np.append(word_score[self.entry_word] - self.entry_cost, np.float32(-np.inf))
        bounds = np.empty(2 * self.size, dtype=np.int64)
        bounds[0::2] = self.entry_start[:-1]
        bounds[1::2] = self.entry_start[self.last_below + 1]
        best: Floats = np.maximum.reduceat(values, bounds)[0::2].astype(np.float32)
        best[0] = 0.0
        return best

    @property
    def size(self) -> int:
        """Number of nodes."""
        return int(self.last_below.size)


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


def merged(first: PrefixTree, second: PrefixTree) -> PrefixTree:
    """Both trees under one root; the first keeps its node numbers. Arcs of the two roots may bear the same label."""
    shift = first.size - 1
    arcs1, arcs2 = int(first.child_start[1]), int(second.child_start[1])
    total1 = int(first.child_start[-1])
    target2 = second.child_node + shift
    return PrefixTree(
        child_start=np.concatenate(
            [[0], first.child_start[1:] + arcs2, second.child_start[2:] + total1]
        ).astype(np.int32),
        child_label=np.concatenate(
            [first.child_label[:arcs1], second.child_label[:arcs2], first.child_label[arcs1:], second.child_label[arcs2:]]
        ),
        child_node=np.concatenate(
            [first.child_node[:arcs1], target2[:arcs2], first.child_node[arcs1:], target2[arcs2:]]
        ).astype(np.int32),
        entry_start=np.concatenate(
            [first.entry_start, second.entry_start[2:] + first.entry_start[-1]]
        ).astype(np.int32),
        entry_word=np.concatenate([first.entry_word, second.entry_word]),
        entry_cost=np.concatenate([first.entry_cost, second.entry_cost]),
        last_below=np.concatenate([[shift + second.size - 1], first.last_below[1:], second.last_below[1:] + shift]).astype(
            np.int32
        ),
    )


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
        last_below=_last_below(above),
    )


def _last_below(above: Ints) -> Ints:
    """Depth-first numbering: a subtree ends before the next node that is no deeper than its top."""
    depth = [0] * above.size
    last = np.full(above.size, above.size - 1, dtype=np.int32)
    open_nodes = [0]
    for node, up in enumerate(above.tolist()[1:], start=1):
        depth[node] = depth[up] + 1
        while len(open_nodes) > depth[node]:
            last[open_nodes.pop()] = node - 1
        open_nodes.append(node)
    return last
