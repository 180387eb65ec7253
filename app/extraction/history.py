"""Learn a centre's own habits from its settled tickets: unit, request type and item, with thresholds for a wanted precision.

Used by ``tingdan learn``: the history file of the centre stays on its PC, the learned models go to the user's data folder and
never into the program. One model a target, the same linear form as the item classifier. Part of the history is held back:
from it come the coverage-precision curve and the threshold above which a value may stand by itself. Minutes for tens of
thousands of tickets.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.extraction.item_features import features
from app.extraction.items import ItemClassifier, Ranking, inverse_frequency, weight_of

TARGETS = ("unit", "request_type", "item_code")
MIN_TICKETS = 3
HELD_BACK = 5
DEFAULT_PRECISION = 0.99
EXACT_FIT_UP_TO = 2000
RIDGE = 0.2
STEEPNESS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


@dataclass(frozen=True, slots=True)
class SettledTicket:
    """A ticket of the past; empty where the history does not state it."""

    text: str
    unit: str = ""
    request_type: str = ""
    item_code: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a coverage-precision curve: taking all values from ``threshold`` on."""

    threshold: float
    coverage: float
    precision: float


@dataclass(frozen=True, slots=True)
class LearnedTarget:
    """What was learned for one target: how many tickets, labels, held-back accuracy, the curve and the threshold."""

    target: str
    tickets: int
    labels: int
    top1: float
    top3: float
    threshold: float
    curve: tuple[Point, ...]


def learn(history: Sequence[SettledTicket], folder: Path, precision: float = DEFAULT_PRECISION) -> tuple[LearnedTarget, ...]:
    """Learn every target that the history states, and write models and thresholds into ``folder``.

    Args:
        history: settled tickets, oldest first; the newest fifth is held back to measure, then all are learned.
        folder: made where absent; its models are replaced.
        precision: wanted share of right values among those that stand by themselves.

    Returns:
        One report a target; targets with fewer than two labels are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    out: list[LearnedTarget] = []
    for target in TARGETS:
        pairs = _pairs(history, target)
        if len({label for _, label in pairs}) < 2:
            continue
        cut = len(pairs) - max(1, len(pairs) // HELD_BACK)
        model = folder / f"{target}.npz"
        _fit(pairs[:cut], model)
        steepness = _steepness(ItemClassifier(model), pairs[cut:])
        _fit(pairs[:cut], model, steepness)
        seen = _measured(ItemClassifier(model), pairs[cut:])
        curve = curve_of([(sure, first) for sure, first, _ in seen])
        _fit(pairs, model, steepness)
        out.append(LearnedTarget(
            target, len(pairs), len({label for _, label in pairs}), float(np.mean([first for _, first, _ in seen])),
            float(np.mean([third for _, _, third in seen])), threshold_for(curve, precision), curve,
        ))
    (folder / "thresholds.json").write_text(json.dumps({found.target: found.threshold for found in out}), "utf-8")
    return tuple(out)


class Learned:
    """The models of a folder, as far as they are there."""

    def __init__(self, folder: Path) -> None:
        self._models = {t: ItemClassifier(folder / f"{t}.npz") for t in TARGETS if (folder / f"{t}.npz").is_file()}
        marks = folder / "thresholds.json"
        self._thresholds: dict[str, float] = json.loads(marks.read_text("utf-8")) if marks.is_file() else {}

    def rank(self, target: str, segments: Sequence[tuple[str, float]]) -> Ranking | None:
        """Labels of a target for weighted texts, best first; None where nothing was learned."""
        model = self._models.get(target)
        return model.rank(segments) if model is not None else None

    def may_stand(self, target: str, ranking: Ranking) -> bool:
        """Whether the best label is above the threshold for the wanted precision."""
        return ranking.probabilities[0] >= self._thresholds.get(target, 1.1)


def curve_of(seen: Sequence[tuple[float, bool]]) -> tuple[Point, ...]:
    """Coverage and precision at every confidence that occurs, most confident first."""
    ranked = sorted(seen, reverse=True)
    right, points = 0, []
    for taken, (sure, ok) in enumerate(ranked, 1):
        right += ok
        points.append(Point(sure, taken / len(ranked), right / taken))
    return tuple(points)


def threshold_for(curve: Sequence[Point], precision: float) -> float:
    """Lowest confidence from which on the wanted precision holds; above 1 where it never does."""
    good = [point.threshold for point in curve if point.precision >= precision]
    return min(good) if good else 1.1


def _pairs(history: Sequence[SettledTicket], target: str) -> list[tuple[str, str]]:
    stated = [(ticket.text, str(getattr(ticket, target))) for ticket in history if getattr(ticket, target)]
    often = Counter(label for _, label in stated)
    return [(text, label) for text, label in stated if often[label] >= MIN_TICKETS]


def _fit(pairs: Sequence[tuple[str, str]], target: Path, steepness: float = 1.0) -> None:
    """Fit and write one model: ridge regression in closed form, a softmax in steps where the history is long.

    ``steepness`` scales the scores, so that their softmax comes close to the share of right labels.
    """
    from app.extraction.train_items import fit, syllable_table, vector, write_model  # noqa: PLC0415 - pypinyin, only to learn

    table = syllable_table()[2]
    words, idf = _vocabulary([text for text, _ in pairs], table)
    index = {word: number for number, word in enumerate(words)}
    labels = sorted({label for _, label in pairs})
    bags = [vector(text, index, idf, table) for text, _ in pairs]
    numbers = np.asarray([labels.index(label) for _, label in pairs])
    if len(pairs) <= EXACT_FIT_UP_TO:
        weights, bias = _ridge(bags, numbers, len(words), len(labels))
    else:
        weights, bias = fit(bags, numbers, len(words), len(labels))
    write_model(target, labels, words, idf, weights * steepness, bias * steepness, {"terms": np.asarray("")})


def _ridge(bags: Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]], numbers: NDArray[np.int64], size: int,
           classes: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Ridge regression on one-against-rest labels, solved over tickets (few) instead of features (many)."""
    matrix = np.zeros((len(bags), size), np.float32)
    wanted = np.full((len(bags), classes), -1.0, np.float32)
    for row, (columns, values) in enumerate(bags):
        matrix[row, columns] = values
        wanted[row, numbers[row]] = 1.0
    bias = wanted.mean(axis=0)
    gram = matrix @ matrix.T + RIDGE * np.eye(len(bags), dtype=np.float32)
    return matrix.T @ np.linalg.solve(gram, wanted - bias), bias


def _vocabulary(texts: Sequence[str], table: dict[str, str]) -> tuple[list[str], NDArray[np.float32]]:
    """Features of two texts or more, weighted by how few texts hold them."""
    held = Counter(feature for text in texts for feature in features(text, table))
    words = sorted(feature for feature, count in held.items() if count >= 2)
    idf = [weight_of(word, inverse_frequency(len(texts), held[word])) for word in words]
    return words, np.asarray(idf, np.float32)


def _steepness(model: ItemClassifier, pairs: Sequence[tuple[str, str]]) -> float:
    """The factor at which held-back labels are most probable."""
    best, least = 1.0, math.inf
    for factor in STEEPNESS:
        loss = 0.0
        for text, label in pairs:
            ranking = model.rank([(text, 1.0)], top=len(model.codes))
            scores = np.log(np.asarray(ranking.probabilities) + 1e-12) * factor
            shares = np.exp(scores - scores.max())
            place = ranking.codes.index(label) if label in ranking.codes else -1
            loss -= math.log(float(shares[place] / shares.sum()) + 1e-9)
        if loss < least:
            best, least = factor, loss
    return best


def _measured(model: ItemClassifier, pairs: Sequence[tuple[str, str]]) -> list[tuple[float, bool, bool]]:
    out: list[tuple[float, bool, bool]] = []
    for text, label in pairs:
        ranking = model.rank([(text, 1.0)])
        out.append((ranking.probabilities[0], ranking.codes[0] == label, label in ranking.codes[:3]))
    return out
