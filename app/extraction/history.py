"""What a centre's own settled tickets taught: unit, request type and item of a text, with a calibrated confidence.

The models are written by ``app.extraction.learning`` (``tingdan learn``) into the user's data folder and never leave the PC.
A label's score joins two views of the same history: a linear model (for very many labels: class centroids) and the most
similar settled tickets. A model holds no text: features are hashed pairs of characters and of their sounds that
occur in two tickets or more, without order; digits never enter. Loading takes milliseconds, ranking a few; immutable and
safe from any thread.
"""

from __future__ import annotations

import functools
import json
import math
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from app.domain.errors import EnvironmentFault
from app.extraction.item_features import SYLLABLE_BASE, features
from app.extraction.item_model import classifier
from app.extraction.items import Ranking, saturated
from app.extraction.type_cues import cue_counts, usual_types

FORMAT = "tingdan-learned/1"
TARGETS = ("unit", "request_type", "item_code")
BUCKETS = 1 << 22
ITEM_SHARE, PERIOD_SHARE = 0.3, 0.4
CUE_WEIGHT = 0.25
NEIGHBOURS = 24
SOUNDS, SOUND_SHARE = chr(SYLLABLE_BASE), 0.5
FLOOR = 0.02
CERTAINTY_FEATURES = 4
POSTINGS = 200_000
LONGEST = 600
_DIGITS = re.compile(r"[0-9]+")
_DATE = re.compile(r"\d{4}-\d\d")
Vector = tuple[NDArray[np.int64], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a label: how many of the most similar settled tickets have it, of how many, and the terms that speak for it."""

    similar: int
    of: int
    terms: tuple[str, ...]


def counts_of(target: str, segments: Iterable[tuple[str, float]], date: str = "") -> dict[str, float]:
    """Features of weighted texts before hashing; names with ``@`` in front are likely items and the period, with their share.

    The request type is told by how something is said, so its features keep courtesy words and punctuation; the cues of the rules and
    the usual types of the likely items join them (half a point on real tickets). The unit depends on the period too: duties
    move from one unit to the next.

    Args:
        target: what is to be told.
        segments: texts with weights.
        date: ISO date of the call or ticket; empty where it is not known.
    """
    kept = [(text[:LONGEST], weight) for text, weight in segments]
    out: defaultdict[str, float] = defaultdict(float)
    for text, weight in kept:
        found = _said(text) if target == "request_type" else _features_of(text)
        for name, count in found.items():
            out[name] += weight * count * (SOUND_SHARE if name[0] >= SOUNDS else 1.0)
    if target == "request_type":
        for name, count in cue_counts(kept).items():
            out[f"@c{name}+"] = CUE_WEIGHT
            out[f"@c{name}"] = CUE_WEIGHT * min(2.0, math.log1p(count))
        for kind, share in usual_types(classifier().rank(kept)).items():
            out["@t" + kind] = CUE_WEIGHT * share
    if target == "unit":
        ranking = classifier().rank(kept, top=12)
        for code, share in zip(ranking.codes, ranking.probabilities, strict=True):
            for level in (code, code[:4], code[:2]):
                out["@" + level] += share
        for period in periods(date):
            out["@" + period] = (PERIOD_SHARE / ITEM_SHARE) ** 2 / 2
    return out


@functools.lru_cache(maxsize=1024)
def _features_of(text: str) -> Mapping[str, float]:
    """A call grows by one utterance at a time, and two targets read the same features."""
    return features(text, classifier().syllables)


def periods(date: str) -> tuple[str, ...]:
    """Year and half-year of an ISO date; none where it is no date."""
    if not _DATE.match(date):
        return ()
    return f"y{date[:4]}", f"h{date[:4]}{'a' if date[5:7] <= '06' else 'b'}"


@functools.lru_cache(maxsize=1024)
def _said(text: str) -> Mapping[str, float]:
    plain = _DIGITS.sub("0", "".join(text.split()))
    out: defaultdict[str, float] = defaultdict(float)
    for place, char in enumerate(plain):
        out[char] += 1
        out[plain[place : place + 2]] += 1
    for place in range(max(0, len(plain) - 40), len(plain)):
        out["$" + plain[place : place + 2]] += 1
    out[f"={int(math.log2(len(plain) + 1))}"] += 3
    return out


def hashed(name: str) -> int:
    """Bucket of a feature."""
    return zlib.crc32(name.encode("utf-8", "replace")) % BUCKETS


class Vectors:
    """Features to normalised sparse vectors.

    Args:
        buckets: sorted buckets that count.
        idf: their weights.
    """

    def __init__(self, buckets: NDArray[np.uint32], idf: NDArray[np.float32]) -> None:
        self.buckets, self.idf = buckets, idf

    def __call__(self, counts: Mapping[str, float]) -> Vector:
        """Rows (places in ``buckets``) and values; unit length but for the likely items, which add ``ITEM_SHARE``."""
        rows, values = self._known([(n, c) for n, c in counts.items() if n[0] != "@"])
        values = saturated(values) * self.idf[rows]
        values /= np.float32(np.linalg.norm(values) or 1.0)
        item_rows, shares = self._known([(n, c) for n, c in counts.items() if n[0] == "@"])
        return np.concatenate([rows, item_rows]), np.concatenate([values, ITEM_SHARE * np.sqrt(shares)]).astype(np.float32)

    def mass(self, counts: Mapping[str, float]) -> float:
        """How much of a text is known: length of its vector before it is normalised."""
        rows, values = self._known([(n, c) for n, c in counts.items() if n[0] != "@"])
        return float(np.linalg.norm(saturated(values) * self.idf[rows])) if len(rows) else 0.0

    def row(self, name: str) -> int | None:
        """Place of one feature; None where it does not count."""
        bucket = hashed(name)
        row = int(np.searchsorted(self.buckets, np.uint32(bucket)))
        return row if row < len(self.buckets) and int(self.buckets[row]) == bucket else None

    def _known(self, counts: Sequence[tuple[str, float]]) -> Vector:
        places = np.fromiter((hashed(name) for name, _ in counts), np.uint32, len(counts))
        values = np.fromiter((count for _, count in counts), np.float32, len(counts))
        rows = np.searchsorted(self.buckets, places)
        rows[rows == len(self.buckets)] = 0
        known = self.buckets[rows] == places if len(self.buckets) else np.zeros(len(rows), bool)
        return rows[known].astype(np.int64), values[known]


@dataclass(frozen=True, slots=True)
class Postings:
    """A sparse matrix by feature: for row ``r`` the columns and values from ``start[r]`` to ``start[r + 1]``."""

    start: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    width: int

    @classmethod
    def of(cls, rows: NDArray[np.int64], columns: NDArray[np.int64], values: NDArray[np.float32], height: int,
           width: int) -> Postings:
        """From triples."""
        order = np.argsort(rows, kind="stable")
        start = np.searchsorted(rows[order], np.arange(height + 1))
        return cls(start, columns[order].astype(np.int32), values[order], width)

    def product(self, vector: Vector) -> NDArray[np.float64]:
        """Sparse vector times matrix; the commonest features are left out where there is too much to read."""
        rows, values = vector
        lengths = self.start[rows + 1] - self.start[rows]
        order = np.argsort(lengths, kind="stable")
        order = order[np.cumsum(lengths[order]) <= max(POSTINGS, int(lengths.min(initial=0)))]
        spans = [np.arange(self.start[row], self.start[row + 1]) for row in rows[order]]
        if not spans:
            return np.zeros(self.width)
        places = np.concatenate(spans)
        weights = np.repeat(values[order], lengths[order])
        return np.asarray(np.bincount(self.columns[places], self.values[places] * weights, minlength=self.width), np.float64)


@dataclass(frozen=True, slots=True)
class _Read:
    """What a model made of one set of texts."""

    counts: Mapping[str, float]
    mass: float
    nearest: NDArray[np.int64]
    linear: NDArray[np.float64]
    similar: NDArray[np.float64]


class LearnedModel:
    """The model of one target.

    Args:
        target: field that it tells.
        arrays: as ``learning`` wrote them.
    """

    def __init__(self, target: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.target = target
        self.labels = tuple(str(label) for label in arrays["labels"])
        self.vectors = Vectors(arrays["buckets"], arrays["idf"].astype(np.float32))
        self._newest = str(arrays["newest"])
        self._ticket_labels: NDArray[np.int64] = arrays["ticket_labels"].astype(np.int64)
        height = len(self.vectors.buckets)
        self._tickets = Postings(arrays["ticket_start"], arrays["ticket_columns"], arrays["ticket_values"].astype(np.float32),
                                 len(self._ticket_labels))
        self._dense = arrays.get("weights")
        self._centroids = Postings(arrays["class_start"], arrays["class_columns"], arrays["class_values"].astype(np.float32),
                                   len(self.labels)) if "class_start" in arrays else None
        self._bias: NDArray[np.float32] = arrays["bias"].astype(np.float32)
        self._linear_scale, self._similar_share, self._temperature = (float(part) for part in arrays["mix"])
        assert self._dense is None or len(self._dense) == height
        self._certainty: NDArray[np.float64] = arrays["certainty"].astype(np.float64) if "certainty" in arrays else np.zeros(0)
        assert len(self._certainty) in (0, 1 + CERTAINTY_FEATURES + len(self.labels))
        self._read = functools.lru_cache(maxsize=4)(self._reading)  # the reasons are asked for right after the ranking

    def rank(self, segments: Sequence[tuple[str, float]], date: str = "", top: int = 10) -> Ranking:
        """Labels, best first, with calibrated probabilities; ``date`` later than all that was learned counts as the newest."""
        read = self._read(tuple(segments), min(date, self._newest) if date else self._newest)
        joined = self.joined(read.linear, read.similar)
        order = np.argsort(-joined, kind="stable")[:top]
        return Ranking(tuple(self.labels[i] for i in order), tuple(float(joined[i]) for i in order), read.mass, self._sure(joined, read))

    def _sure(self, joined: NDArray[np.float64], read: _Read) -> float:
        if not len(self._certainty):
            return float(joined.max())
        return float(certainty_of(self._certainty, *certainty_features(joined[None], read.linear[None], read.similar[None]))[0])

    def reasons(self, segments: Sequence[tuple[str, float]], label: str, top: int = 5) -> Reasons:
        """Why this label, for people."""
        column = self.labels.index(label)
        read = self._read(tuple(segments), self._newest)
        nearest = read.nearest
        pairs = [name for name in read.counts if len(name) == 2 and "一" <= name[0] <= "鿿" and "一" <= name[1] <= "鿿"]
        terms = [(-weight, name) for name, weight in self._weights_of(pairs, column).items()]
        return Reasons(int((self._ticket_labels[nearest] == column).sum()), len(nearest),
                       tuple(name for weight, name in sorted(terms)[:top] if weight < 0))

    def _weights_of(self, names: Sequence[str], column: int) -> dict[str, float]:
        """How much each known feature speaks for a label."""
        out: dict[str, float] = {}
        for name in names:
            row = self.vectors.row(name)
            if row is None:
                continue
            if self._dense is not None:
                weight = float(self._dense[row, column])
            else:
                assert self._centroids is not None
                span = slice(int(self._centroids.start[row]), int(self._centroids.start[row + 1]))
                weight = float(self._centroids.values[span][self._centroids.columns[span] == column].sum())
            out[name] = weight * float(self.vectors.idf[row])
        return out

    def _reading(self, segments: tuple[tuple[str, float], ...], date: str) -> _Read:
        counts = counts_of(self.target, segments, date)
        vector = self.vectors(counts)
        return _Read(counts, self.vectors.mass(counts), self._nearest(vector)[0], *self.views(vector))

    def views(self, vector: Vector) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores of the linear view, and shares of the labels among similar tickets."""
        nearest, weight = self._nearest(vector)
        shares = np.bincount(self._ticket_labels[nearest], weight, minlength=len(self.labels))
        return self._linear(vector), shares / max(1e-9, float(shares.sum()))

    def joined(self, linear: NDArray[np.float64], similar: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities of the labels from both views."""
        return join(linear, similar, self._linear_scale, self._similar_share, self._temperature)

    def _nearest(self, vector: Vector) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        likeness = self._tickets.product(vector)
        count = min(NEIGHBOURS, len(likeness))
        nearest = np.argpartition(-likeness, count - 1)[:count]
        return nearest, np.maximum(0.0, likeness[nearest]) ** 2

    def _linear(self, vector: Vector) -> NDArray[np.float64]:
        if self._dense is not None:
            rows, values = vector
            return np.asarray(values @ self._dense[rows].astype(np.float32) + self._bias, np.float64)
        assert self._centroids is not None
        return self._centroids.product(vector) + self._bias


def join(linear: NDArray[np.float64], similar: NDArray[np.float64], scale: float, share: float, temperature: float) -> NDArray[np.float64]:
    """Probabilities along the last axis: softmax of (scale x linear, as log share, + share x log similar) / temperature."""
    scaled = linear * scale
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    logs = scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True))
    both = (logs + share * np.log(similar + FLOOR)) / temperature
    shares = np.exp(both - both.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def certainty_features(joined: NDArray[np.float64], linear: NDArray[np.float64], similar: NDArray[np.float64],
                       ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """What tells whether the first label is right, shape (texts, CERTAINTY_FEATURES), and the first labels' numbers.

    Log-odds of the first, the linear scores of first and second, the first's share among similar tickets.
    """
    rows = np.arange(len(joined))
    order = np.argsort(-joined, axis=1, kind="stable")
    first, second = order[:, 0], order[:, min(1, joined.shape[1] - 1)]
    share = np.clip(joined[rows, first], 1e-6, 1 - 1e-6)
    told = [np.log(share / (1 - share)), linear[rows, first], linear[rows, second], similar[rows, first]]
    return np.stack(told, axis=1), first


def certainty_of(coefficients: NDArray[np.float64], features: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probability that the first label is right: constant, coefficients of the features, offset of the label."""
    width = features.shape[1]
    scores = coefficients[0] + features @ coefficients[1 : 1 + width] + coefficients[1 + width :][first]
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -30, 30))))


class Learned:
    """The models of a folder, as far as they are there.

    Raises:
        EnvironmentFault: a model is damaged or of another format.
    """

    def __init__(self, folder: Path) -> None:
        self._models: dict[str, LearnedModel] = {}
        marks = folder / "learned.json"
        self._thresholds: dict[str, float] = {}
        if not marks.is_file():
            return
        try:
            told = json.loads(marks.read_text("utf-8"))
            if told["format"] != FORMAT:
                raise ValueError(told["format"])
            for target, figures in told["targets"].items():
                with (folder / str(figures["file"])).open("rb") as raw, np.load(raw, allow_pickle=False) as held:
                    self._models[target] = LearnedModel(target, dict(held))
                self._thresholds[target] = float(figures["threshold"])
        except (OSError, ValueError, KeyError, TypeError, AssertionError, BadZipFile) as error:
            raise EnvironmentFault("learn.model_damaged", path=folder.name) from error

    @property
    def targets(self) -> tuple[str, ...]:
        """What was learned."""
        return tuple(self._models)

    def labels(self, target: str) -> frozenset[str]:
        """All labels of a target that occur in the history; none where nothing was learned."""
        model = self._models.get(target)
        return frozenset(model.labels) if model is not None else frozenset()

    def rank(self, target: str, segments: Sequence[tuple[str, float]], date: str = "", top: int = 10) -> Ranking | None:
        """Labels of a target for weighted texts of a call of that ISO date, best first; None where nothing was learned."""
        model = self._models.get(target)
        return model.rank(segments, date, top) if model is not None else None

    def reasons(self, target: str, segments: Sequence[tuple[str, float]], label: str) -> Reasons:
        """Why a label that ``rank`` gave."""
        return self._models[target].reasons(segments, label)

    def may_stand(self, target: str, ranking: Ranking) -> bool:
        """Whether the best label is above the threshold for the wanted precision."""
        return ranking.certainty >= self._thresholds.get(target, 1.1)
