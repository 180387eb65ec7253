"""Learn a centre's own habits from its settled tickets: the training side of ``app.extraction.history``.

``tingdan learn`` calls ``learn``. The centre's history stays on its PC; the models go to the user's data folder. Part of the
history is held back: the newest fifth of a long one (fewer where there are thousands of labels), each fifth in turn of a short
one. On it the two views are mixed, the confidence is calibrated, and the coverage-precision curve is drawn from which the
threshold for the wanted precision comes; then everything is learned. numpy only; up to thousands of labels: beyond
``DENSE_CELLS`` weights the linear view is one of class centroids, which needs no training.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.extraction.history import FORMAT, TARGETS, LearnedModel, Postings, Vectors, counts_of, hashed, join
from app.extraction.learning_fit import SEED, fit, fit_certainty

MIN_TICKETS = 3
FIFTHS = 5
LONG_HISTORY = 2000
LEAST_TAKEN = 30
DENSE_CELLS = 60_000_000
HELD_CELLS, MIX_CELLS = 10_000_000, 2_000_000  # tickets x labels that are measured, and tried in every mix
_SCALES, _SHARES = (0.5, 1.0, 2.0, 4.0), (0.0, 0.25, 0.5, 1.0, 2.0)
_TEMPERATURES = tuple(0.5 * 1.15**step for step in range(16))
DEFAULT_PRECISION = 0.982


@dataclass(frozen=True, slots=True)
class SettledTicket:
    """A ticket of the past; empty where the history does not state it; ``date`` is ISO, more than its month is not used."""

    text: str
    unit: str = ""
    request_type: str = ""
    item_code: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a coverage-precision curve: taking all values from ``threshold`` on."""

    threshold: float
    coverage: float
    precision: float


@dataclass(frozen=True, slots=True)
class LearnedTarget:
    """What was learned for one target, measured on tickets that were held back.

    Attributes:
        target: field.
        tickets: learned from.
        labels: different values.
        left_out: tickets whose value occurs too seldom.
        held_back: tickets measured on.
        top1: share with the right value first.
        top3: share with it among the first three.
        wanted: wanted precision of values that stand by themselves.
        threshold: confidence from which on a value stands; above 1 where the wanted precision is not reached.
        coverage: share of tickets above it.
        curve: the coverage-precision curve, at most 40 points.
    """

    target: str
    tickets: int
    labels: int
    left_out: int
    held_back: int
    top1: float
    top3: float
    wanted: float
    threshold: float
    coverage: float
    curve: tuple[Point, ...]


def learn(history: Sequence[SettledTicket], folder: Path, precision: float = DEFAULT_PRECISION) -> tuple[LearnedTarget, ...]:
    """Learn every target that the history states, and write models and thresholds into ``folder``.

    Args:
        history: settled tickets, oldest first.
        folder: made where absent; its models are replaced together, in one step.
        precision: wanted share of right values among those that stand by themselves.

    Returns:
        One report a target; targets with fewer than two values are left out. Where all are, what was learned before stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reports: list[LearnedTarget] = []
    files: dict[str, dict[str, object]] = {}
    for target in TARGETS:
        stated = [(ticket, str(getattr(ticket, target))) for ticket in history if getattr(ticket, target)]
        often = Counter(label for _, label in stated)
        pairs = [(ticket, label) for ticket, label in stated if often[label] >= MIN_TICKETS]
        if len({label for _, label in pairs}) < 2:
            continue
        arrays, report = learn_target(target, pairs, len(stated) - len(pairs), precision)
        name = f"{target}-{os.urandom(4).hex()}.npz"
        with (folder / name).open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        reports.append(report)
        files[target] = {"file": name, **asdict(report)}
    if not files:
        return ()
    fresh = folder / "learned.json.new"
    fresh.write_text(json.dumps({"format": FORMAT, "targets": files}, ensure_ascii=False, indent=1), "utf-8")
    fresh.replace(folder / "learned.json")
    kept = {str(held["file"]) for held in files.values()}
    for old in folder.glob("*.npz"):
        if old.name not in kept:
            old.unlink()
    return tuple(reports)


def learn_target(target: str, pairs: Sequence[tuple[SettledTicket, str]], left_out: int, precision: float,
                 ) -> tuple[dict[str, NDArray[Any]], LearnedTarget]:
    """One target: its arrays for ``LearnedModel``, and the report."""
    labels = sorted({label for _, label in pairs})
    column = {label: number for number, label in enumerate(labels)}
    wanted = np.asarray([column[label] for _, label in pairs], np.int64)
    counts = _counts(target, [ticket for ticket, _ in pairs])
    newest = max(ticket.date for ticket, _ in pairs)
    held, linear, similar = _held_back(target, counts, wanted, labels)
    mix = _best_mix(linear, similar, wanted[held])
    shares = join(linear, similar, *mix)
    order = np.argsort(-shares, axis=1, kind="stable")
    right = order[:, 0] == wanted[held]
    certainty, sure = fit_certainty(shares, linear, similar, wanted[held])
    curve = curve_of(list(zip(sure.tolist(), right.tolist(), strict=True)))
    threshold = threshold_for(curve, len(held), precision)
    coverage = max((point.coverage for point in curve if point.threshold >= threshold), default=0.0)
    third = float((order[:, :3] == wanted[held][:, None]).any(axis=1).mean())
    arrays = {**_arrays(counts, wanted, labels, is_long=len(pairs) >= LONG_HISTORY), "mix": np.asarray(mix), "certainty": certainty,
              "newest": np.asarray(newest)}
    thinned = curve[:: max(1, len(curve) // 40)]
    report = LearnedTarget(target, len(pairs), len(labels), left_out, len(held), float(right.mean()), third, precision, threshold,
                           coverage, thinned)
    return arrays, report


def _counts(target: str, tickets: Sequence[SettledTicket]) -> list[dict[str, float]]:
    """Features of the tickets.

    A short history has too few tickets a period (top-3 of Zhuhai's units: 0.861 with it, 0.874 without); a long one needs no
    help of the shipped item model, which knows other centres' words.
    """
    long = len(tickets) >= LONG_HISTORY
    counts = [counts_of(target, [(ticket.text, 1.0)], ticket.date if long else "") for ticket in tickets]
    if long:
        for held in counts:
            for name in [name for name in held if name[0] == "@" and name[1] in "0123456789"]:
                del held[name]
    return counts


def curve_of(seen: Sequence[tuple[float, bool]]) -> tuple[Point, ...]:
    """Coverage and precision at every confidence that occurs, most confident first."""
    right, points = 0, []
    ranked = sorted(seen, key=lambda one: -one[0])
    for taken, (sure, ok) in enumerate(ranked, 1):
        right += ok
        if taken == len(ranked) or ranked[taken][0] < sure:
            points.append(Point(sure, taken / len(ranked), right / taken))
    return tuple(points)


def threshold_for(curve: Sequence[Point], tickets: int, precision: float) -> float:
    """Lowest confidence from which on the wanted precision holds with some margin; above 1 where it never does.

    The margin is half a standard error of the precision at that coverage: of thresholds that just reach it on held-back
    tickets, half would miss it on the next ones. Few tickets without an error prove little: one right and one wrong are
    added to what was seen (rule of succession), so that 0.982 needs some 55 of 55.
    """
    good = [point.threshold for point in curve if (taken := point.coverage * tickets) >= LEAST_TAKEN
            and (point.precision * taken + 1) / (taken + 2) - np.sqrt(precision * (1 - precision) / taken) / 2 >= precision]
    return min(good, default=1.1)


def _held_back(target: str, counts: Sequence[Mapping[str, float]], wanted: NDArray[np.int64], labels: Sequence[str],
               ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Places of held-back tickets with both views' scores."""
    count = len(counts)
    if count >= LONG_HISTORY:
        folds = [np.arange(count - min(count // FIFTHS, max(LEAST_TAKEN, HELD_CELLS // len(labels))), count)]
    else:
        shuffled = np.random.default_rng(SEED).permutation(count)
        folds = [np.sort(shuffled[number::FIFTHS]) for number in range(FIFTHS)]
    linear, similar = [], []
    for fold in folds:
        rest = np.setdiff1d(np.arange(count), fold)
        plain_mix = {"mix": np.asarray((1.0, 1.0, 1.0)), "newest": np.asarray("")}
        arrays = _arrays([counts[int(i)] for i in rest], wanted[rest], labels, is_long=count >= LONG_HISTORY)
        model = LearnedModel(target, {**arrays, **plain_mix})
        views = [model.views(model.vectors(counts[int(i)])) for i in fold]
        linear.append(np.asarray([view[0] for view in views]))
        similar.append(np.asarray([view[1] for view in views]))
    return np.concatenate(folds), np.concatenate(linear), np.concatenate(similar)


def _best_mix(linear: NDArray[np.float64], similar: NDArray[np.float64], wanted: NDArray[np.int64]) -> tuple[float, float, float]:
    """Scale, share of the similar tickets and temperature under which the right labels are most probable."""
    tried = np.random.default_rng(SEED).permutation(len(wanted))[: max(LEAST_TAKEN, MIX_CELLS // linear.shape[1])]
    linear, similar, wanted = linear[tried], similar[tried], wanted[tried]
    rows = np.arange(len(wanted))

    def loss(mix: tuple[float, float, float]) -> float:
        return -float(np.log(join(linear, similar, *mix)[rows, wanted] + 1e-9).mean())

    def best(scale: float, share: float) -> tuple[float, float, float]:
        return min(((scale, share, temperature) for temperature in _TEMPERATURES), key=loss)

    return min((best(scale, share) for scale in _SCALES for share in _SHARES), key=loss)


def _arrays(counts: Sequence[Mapping[str, float]], wanted: NDArray[np.int64], labels: Sequence[str], *, is_long: bool,
            ) -> dict[str, NDArray[Any]]:
    """Everything of a model but its mix and certainty."""
    buckets, often = np.unique(np.concatenate([np.unique(np.fromiter(map(hashed, held), np.uint32, len(held))) for held in counts]),
                               return_counts=True)
    kept = often >= 2
    buckets, often = buckets[kept], often[kept]
    idf = np.log(1 + len(counts) / often).astype(np.float32)
    vectors = Vectors(buckets, idf)
    bags = [vectors(held) for held in counts]
    rows = np.concatenate([bag[0] for bag in bags])
    values = np.concatenate([bag[1] for bag in bags])
    sizes = [len(bag[0]) for bag in bags]
    tickets = Postings.of(rows, np.repeat(np.arange(len(bags)), sizes), values, len(buckets), len(bags))
    held = {
        "labels": np.asarray(labels), "buckets": buckets, "idf": idf.astype(np.float16), "ticket_labels": wanted.astype(np.int32),
        "ticket_start": tickets.start, "ticket_columns": tickets.columns, "ticket_values": tickets.values.astype(np.float16),
    }
    if len(buckets) * len(labels) <= DENSE_CELLS:
        weights, bias = fit(bags, wanted, len(buckets), len(labels), is_long=is_long)
        return {**held, "weights": weights.astype(np.float16), "bias": bias}
    centroids = _centroids(rows, np.repeat(wanted, sizes), values, len(buckets), np.bincount(wanted, minlength=len(labels)))
    return {**held, "class_start": centroids.start, "class_columns": centroids.columns,
            "class_values": centroids.values.astype(np.float16), "bias": np.zeros(len(labels), np.float32)}


def _centroids(rows: NDArray[np.int64], columns: NDArray[np.int64], values: NDArray[np.float32], height: int,
               tickets: NDArray[np.int64]) -> Postings:
    """Mean vector of each class, at unit length and times 8, so that scores are of the size of log-odds."""
    width = len(tickets)
    cells, place = np.unique(rows * width + columns, return_inverse=True)
    summed = np.bincount(place, values)
    at = cells % width
    length = np.sqrt(np.bincount(at, summed**2, minlength=width))
    return Postings.of(cells // width, at, (8 * summed / length[at]).astype(np.float32), height, width)
