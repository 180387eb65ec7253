"""The two fits behind ``app.extraction.learning``: a linear view of a history, and how sure its first label is.

A short history (hundreds of tickets) is fitted with softmax and smoothed labels, a long one with one squared hinge a label:
measured, the first gives better second and third labels from little (Zhuhai's units, top-3 0.887 against 0.878), the
second more right first labels from much (Shenzhen's departments, 0.871 against 0.862). How sure the first label is, is told
from held-back tickets. numpy only; deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.extraction.history import Vector, certainty_features, certainty_of

RATE, SMOOTHING, BATCH, SEED = 0.2, 0.2, 192, 20261122
SOFTMAX_DECAY, HINGE_DECAY, BIAS_RATE = 2e-6, 1e-5, 0.02
LEAST_HELD, LEAST_WRONG = 500, 30
_STIFFNESS, _LABEL_STIFFNESS = 1.0, 8.0
_FOLDS = 5
Floats = NDArray[np.float64]
Gradient = Callable[[NDArray[np.float32], NDArray[np.int64]], NDArray[np.float32]]


def fit(bags: Sequence[Vector], wanted: NDArray[np.int64], height: int, width: int, *, is_long: bool,
        ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights, shape (features, labels), and bias of the linear view.

    Args:
        bags: sparse vectors of the tickets.
        wanted: their labels' numbers.
        height: features.
        width: labels.
        is_long: a history of thousands of tickets.
    """
    if is_long:
        return _descend(bags, wanted, (height, width), max(12, _epochs(len(bags))), HINGE_DECAY, _hinge, BIAS_RATE)
    # Frequent labels need no head start: measured, a bias costs two points.
    return _descend(bags, wanted, (height, width), _epochs(len(bags)), SOFTMAX_DECAY, _softmax, 0.0)


def _epochs(tickets: int) -> int:
    return min(40, max(8, 40_000 // tickets))


def _descend(bags: Sequence[Vector], wanted: NDArray[np.int64], shape: tuple[int, int], epochs: int, decay: float,
             gradient_of: Gradient, bias_rate: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Adagrad on the rows that a batch touches."""
    random = np.random.default_rng(SEED)
    weights = np.zeros(shape, np.float32)
    squares = np.full(shape, 1e-6, np.float32)
    bias = np.zeros(shape[1], np.float32)
    batch = min(BATCH, max(16, len(bags) // 20))
    for epoch in range(epochs):
        order = random.permutation(len(bags))
        rate = RATE * (1 - 0.8 * epoch / epochs)
        for start in range(0, len(order), batch):
            taken = order[start : start + batch]
            columns, place = np.unique(np.concatenate([bags[i][0] for i in taken]), return_inverse=True)
            dense = np.zeros((len(taken), len(columns)), np.float32)
            dense[np.repeat(np.arange(len(taken)), [len(bags[i][0]) for i in taken]), place] = np.concatenate([bags[i][1] for i in taken])
            slopes = gradient_of(dense @ weights[columns] + bias, wanted[taken])
            gradient = dense.T @ slopes / len(taken) + decay * weights[columns]
            squares[columns] += gradient * gradient
            weights[columns] -= rate * gradient / np.sqrt(squares[columns] + 1e-8)
            bias -= bias_rate * slopes.mean(axis=0)
    return weights, bias


def _softmax(scores: NDArray[np.float32], wanted: NDArray[np.int64]) -> NDArray[np.float32]:
    scores = scores - scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    shares /= shares.sum(axis=1, keepdims=True)
    shares -= np.float32(SMOOTHING / scores.shape[1])
    shares[np.arange(len(wanted)), wanted] -= np.float32(1 - SMOOTHING)
    return shares


def _hinge(scores: NDArray[np.float32], wanted: NDArray[np.int64]) -> NDArray[np.float32]:
    signs = np.full(scores.shape, -1, np.float32)
    signs[np.arange(len(wanted)), wanted] = 1
    return np.asarray(-signs * np.maximum(0, 1 - signs * scores), np.float32)


def fit_certainty(joined: Floats, linear: Floats, similar: Floats, wanted: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """How sure the first label is, learned from held-back tickets.

    Args:
        joined: probabilities, shape (tickets, labels).
        linear: scores of the linear view.
        similar: shares among similar tickets.
        wanted: right labels' numbers.

    Returns:
        Coefficients for ``history.certainty_of`` (empty where there are too few tickets: then the probability itself is it), and
        the certainty of each ticket by coefficients that did not see it.
    """
    features, first = certainty_features(joined, linear, similar)
    right = (first == wanted).astype(np.float64)
    labels = joined.shape[1]
    if len(right) < LEAST_HELD or min(right.sum(), len(right) - right.sum()) < LEAST_WRONG:
        return np.zeros(0), joined.max(axis=1)
    unseen = np.zeros(len(right))
    shuffled = np.random.default_rng(SEED).permutation(len(right))
    for fold in (shuffled[number::_FOLDS] for number in range(_FOLDS)):
        rest = np.setdiff1d(shuffled, fold)
        unseen[fold] = certainty_of(_logistic(features[rest], first[rest], right[rest], labels), features[fold], first[fold])
    return _logistic(features, first, right, labels), unseen


def _logistic(features: Floats, first: NDArray[np.int64], right: Floats, labels: int) -> Floats:
    """Constant, a coefficient a feature, an offset a label; drawn to 0, offsets most: a label with few tickets keeps the common line."""
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    present, place = np.unique(first, return_inverse=True)
    design = np.hstack([np.ones((len(right), 1)), (features - middle) / spread, np.eye(len(present))[place]])
    stiffness = np.concatenate([[0.01], np.full(features.shape[1], _STIFFNESS), np.full(len(present), _LABEL_STIFFNESS)])
    weights = np.zeros(design.shape[1])
    for _ in range(25):
        shares = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (shares - right) + stiffness * weights
        curvature = (design * (shares * (1 - shares))[:, None]).T @ design + np.diag(stiffness)
        weights -= np.linalg.solve(curvature, slope)
    width = features.shape[1]
    scaled = weights[1 : 1 + width] / spread
    offsets = np.zeros(labels)
    offsets[present] = weights[1 + width :]
    return np.concatenate([[weights[0] - float(middle @ scaled)], scaled, offsets])
