"""A back-off trigram in sorted numpy arrays, asked for whole batches at once; general and domain model alike.

A state is one integer: below ``size`` it is the last word, from ``size`` on it is ``size`` plus the row of the last two
words' bigram. A bigram that no trigram extends and that has no
back-off gives the shorter state, so that equal futures compare equal. State 0 is
word 0 (``<unk>``), which extends nothing: the empty history. Probabilities are log10, as in ARPA files.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.domain.errors import EnvironmentFault

FORMAT = 2
META_FILE = "meta.json"
WORDS_FILE = "words.txt"

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Ngram:
    """Sorted keys and log10 values; keys are ``before * size + word`` and ``bigram row * size + word``."""

    uni_prob: NDArray[np.float32]
    uni_backoff: NDArray[np.float32]
    bi_key: NDArray[np.int64]
    bi_prob: NDArray[np.float16]
    bi_backoff: NDArray[np.float16]
    tri_key: NDArray[np.int64]
    tri_prob: NDArray[np.float16]
    extends: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        extends = np.zeros(max(self.bi_key.size, 1), dtype=bool)
        extends[: self.bi_key.size] = self.bi_backoff != 0
        if self.tri_key.size:
            extends[np.asarray(self.tri_key) // self.size] = True
        object.__setattr__(self, "extends", extends)

    @property
    def size(self) -> int:
        """Number of words."""
        return int(self.uni_prob.size)

    def advance(self, states: Ints, words: Ints) -> tuple[Floats, Ints]:
        """log10 P(word | state) and the state after it, elementwise; shapes (n,)."""
        size = self.size
        has_pair = states >= size
        pair = np.where(has_pair, states - size, 0)
        last = np.where(has_pair, self.bi_key[pair] % size if self.bi_key.size else 0, states)
        row, hit = _find(self.bi_key, last * size + words)
        prob = np.where(hit, self.bi_prob[row] if self.bi_key.size else 0, self.uni_backoff[last] + self.uni_prob[words])
        after = np.where(hit & self.extends[row], size + row, words)
        if self.tri_key.size and has_pair.any():
            where = np.flatnonzero(has_pair)
            rows = pair[where]
            tri, tri_hit = _find(self.tri_key, rows * size + words[where])
            prob[where] = np.where(tri_hit, self.tri_prob[tri], self.bi_backoff[rows] + prob[where])
        return prob.astype(np.float32), after


def _find(keys: Ints, wanted: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Row of each wanted key (0 where absent) and whether it is there."""
    if not keys.size:
        return np.zeros(wanted.shape, dtype=np.int64), np.zeros(wanted.shape, dtype=bool)
    row = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    hit = keys[row] == wanted
    return np.where(hit, row, 0), hit


def _array_fields() -> list[str]:
    return [f.name for f in fields(Ngram) if f.init]


def save(model: Ngram, folder: Path) -> None:
    """One .npy file an array."""
    for name in _array_fields():
        np.save(folder / f"{name}.npy", getattr(model, name))


def load(folder: Path) -> tuple[Ngram, list[str]]:
    """Model, memory-mapped, and its words.

    Raises:
        EnvironmentFault: missing or damaged files.
    """
    try:
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _array_fields()}
        words = (folder / WORDS_FILE).read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as exc:
        raise EnvironmentFault("asr.lm_unreadable", file=folder.name) from exc
    model = Ngram(**arrays)
    if len(words) != model.size:
        raise EnvironmentFault("asr.lm_damaged", file=folder.name)
    return model, words
