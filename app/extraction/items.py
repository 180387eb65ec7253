"""Which leaf of the item tree a talk is about: a linear model over characters and sounds, with term rules on top.

The model is trained at set-up on the phrase bank (``resources/items/*.toml``, sayings that we wrote) and on noisy
copies of it, so it needs no history of a centre (``app.extraction.train_items``; where the file lies and what happens
without it: ``app.extraction.item_model``). A call is scored as one weighted bag of words (what was said at the opening and in the
operator's summary counts more) and turn by turn, because one telling turn in a long talk must not drown. Loading takes
about 50 ms, ranking a few ms; immutable and safe from any thread.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812

import numpy as np
from numpy.typing import NDArray

from app.domain.catalogue import Taxonomy
from app.domain.errors import EnvironmentFault
from app.extraction.item_features import SYLLABLE_BASE, features, kind_weight, plain
from app.platform.catalogue_files import load_taxonomy

SATURATION = 0.8
WHOLE_WEIGHT = 0.55
TERM_BONUS = 0.9
TERM_MALUS = 1.6
TEMPERATURE = 0.5
UNTRAINED_SHARE = 0.6
TELLING = 0.45  # share of the strongest pair's weight that another one must have to be named as a reason

_DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, BadZipFile, ZlibError)
Segment = tuple[str, float]
Reading = tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float64]]
Counts = TypeVar("Counts", float, NDArray[np.float32])


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """What the phrase bank holds for one leaf.

    Attributes:
        code: leaf.
        sayings: ways in which citizens say it.
        terms: words that alone speak for the leaf.
        against: words that speak for a sibling instead.
    """

    code: str
    sayings: tuple[str, ...]
    terms: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Labels by probability, best first.

    Attributes:
        codes: labels.
        probabilities: their shares.
        mass: how much text it rests on (summed weight of known features).
        certainty: how sure the first is, where that was learned apart from the shares (``app.extraction.history``).
    """

    codes: tuple[str, ...]
    probabilities: tuple[float, ...]
    mass: float
    certainty: float = 0.0

    def margin(self) -> float:
        """Distance of the first to the second, 0 to 1."""
        return self.probabilities[0] - self.probabilities[1] if len(self.probabilities) > 1 else 1.0


def read_bank(folder: Path) -> dict[str, ItemEntry]:
    """The phrase bank of all files in a folder, by code."""
    bank: dict[str, ItemEntry] = {}
    for path in sorted(folder.glob("*.toml")):
        for code, entry in tomllib.loads(path.read_text("utf-8")).items():
            bank[code] = ItemEntry(
                code,
                tuple(line.strip() for line in entry.get("say", "").splitlines() if line.strip()),
                tuple(entry.get("terms", "").split()),
                tuple(entry.get("against", "").split()),
            )
    return bank


class ItemClassifier:
    """A model in memory.

    Args:
        arrays: as ``train_items`` writes them.
        trained: whether the shares may be believed; those of an untrained model stay below ``UNTRAINED_SHARE``, so that no
            value stands by it.

    Raises:
        ValueError: the arrays do not fit each other.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], *, trained: bool = True) -> None:
        self._codes: tuple[str, ...] = tuple(str(code) for code in arrays["codes"])
        vocabulary = str(arrays["vocabulary"]).split("\n")
        self._idf: NDArray[np.float32] = arrays["idf"].astype(np.float32)
        self._weights: NDArray[np.int8] = arrays["weights"]
        self._scale = float(arrays["scale"])
        self._bias: NDArray[np.float32] = arrays["bias"].astype(np.float32)
        chars, syllables = str(arrays["chars"]), arrays["syllables"].tolist()
        shapes = (self._weights.shape, self._idf.shape, self._bias.shape)
        if shapes != ((len(vocabulary), len(self._codes)), (len(vocabulary),), (len(self._codes),)):
            raise ValueError("parts of the item model do not fit each other")
        self.bank = str(arrays["bank"]) if "bank" in arrays else ""
        self.is_trained = trained
        self._terms = _read_terms(str(arrays["terms"]), self._codes)
        self._index = {feature: number for number, feature in enumerate(vocabulary)}
        self.syllables: dict[str, str] = {
            char: chr(SYLLABLE_BASE + number) for char, number in zip(chars, syllables, strict=True)
        }
        # A call grows by one utterance at a time: the stretches before it were scored already.
        self._read = functools.lru_cache(maxsize=512)(self._reading)

    @classmethod
    def load(cls, model: Path) -> ItemClassifier:
        """From a file.

        Raises:
            EnvironmentFault: there is none, or it is damaged.
        """
        if not model.is_file():
            raise EnvironmentFault("items.model_missing", path=model.name)
        try:
            with model.open("rb") as raw, np.load(raw, allow_pickle=False) as data:
                return cls({name: data[name] for name in data.files})
        except _DAMAGED as error:
            raise EnvironmentFault("items.model_damaged", path=model.name) from error

    @property
    def codes(self) -> tuple[str, ...]:
        """Leaves that the model knows."""
        return self._codes

    def rank(self, segments: Sequence[Segment], boosts: Mapping[str, float] | None = None, top: int = 10) -> Ranking:
        """Rank all leaves for a weighted set of texts.

        Args:
            segments: texts with weights (1 is a usual telling turn).
            boosts: log-odds to add by code.
            top: how many leaves to return.
        """
        scores, mass = self._scores(segments)
        self._apply_terms(segments, scores)
        for code, boost in (boosts or {}).items():
            if code in self._codes:
                scores[self._codes.index(code)] += boost
        scores = scores / TEMPERATURE
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        if not self.is_trained:
            shares = UNTRAINED_SHARE * shares + (1 - UNTRAINED_SHARE) / len(shares)
        order = np.argsort(-shares, kind="stable")[:top]
        return Ranking(tuple(self._codes[i] for i in order), tuple(float(shares[i]) for i in order), mass)

    def explain(self, text: str, code: str, top: int = 6) -> tuple[str, ...]:
        """The characters or pairs of a text that speak most for a leaf (for the reasons shown to people)."""
        if code not in self._codes:
            return ()
        column = self._codes.index(code)
        found: list[tuple[float, str]] = []
        for feature in features(text, self.syllables):
            number = self._index.get(feature)
            if number is not None and len(feature) > 1 and ord(feature[0]) < SYLLABLE_BASE:
                weight = float(self._weights[number, column] * self._idf[number])
                if weight > 0:
                    found.append((-weight, feature))
        strongest = min(found, default=(0.0, ""))[0]
        return tuple(feature for weight, feature in sorted(found)[:top] if weight <= TELLING * strongest)

    def _scores(self, segments: Sequence[Segment]) -> tuple[NDArray[np.float64], float]:
        counts = np.zeros(len(self._idf), np.float32)
        total = np.zeros(len(self._codes))
        share = sum(weight for _, weight in segments) or 1.0
        for text, weight in segments:
            rows, values, scores = self._read(text)
            counts[rows] += weight * values
            total += scores * (weight / share)
        rows = np.flatnonzero(counts)
        whole, mass = self._linear(rows, counts[rows])
        if len(segments) > 1:
            whole = WHOLE_WEIGHT * whole + (1 - WHOLE_WEIGHT) * total
        return whole + self._bias, mass

    def _reading(self, text: str) -> Reading:
        """Known features of a text with their counts, and its scores."""
        found = {self._index[f]: count for f, count in features(text, self.syllables).items() if f in self._index}
        rows = np.fromiter(found, np.int64, len(found))
        values = np.fromiter(found.values(), np.float32, len(found))
        return rows, values, self._linear(rows, values)[0]

    def _linear(self, rows: NDArray[np.int64], counts: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
        if not len(rows):
            return np.zeros(len(self._codes)), 0.0
        vector = saturated(counts) * self._idf[rows]
        norm = float(np.linalg.norm(vector)) or 1.0
        scores = (vector * (self._scale / norm)) @ self._weights[rows].astype(np.float32)
        return np.asarray(scores, np.float64), norm

    def _apply_terms(self, segments: Iterable[Segment], scores: NDArray[np.float64]) -> None:
        texts = [(plain(text).replace(" ", ""), weight) for text, weight in segments]
        said = "|".join(text for text, _ in texts)
        for term, effects in self._terms.items():
            if term not in said:
                continue
            weight = sum(weight for text, weight in texts if term in text)
            if weight > 0:
                strength = min(1.5, weight)
                for column, effect in effects:
                    scores[column] += effect * strength


def saturated(count: Counts) -> Counts:
    """Term-frequency saturation: the tenth mention says little more than the third."""
    return (1 + SATURATION) * count / (count + SATURATION)


def inverse_frequency(classes: int, holding: int) -> float:
    """Weight of a feature that ``holding`` of ``classes`` leaves contain."""
    return math.log(1 + classes / (holding + 0.5))


def term_lines(bank: Mapping[str, ItemEntry]) -> str:
    """Terms of the bank as text lines: term, code, effect."""
    lines: list[str] = []
    for entry in bank.values():
        lines += [f"{term}\t{entry.code}\t{TERM_BONUS}" for term in entry.terms]
        lines += [f"{term}\t{entry.code}\t{-TERM_MALUS}" for term in entry.against]
    return "\n".join(lines)


def weight_of(feature: str, idf: float) -> float:
    """Inverse frequency with the weight of the feature's view."""
    return idf * kind_weight(feature)


@functools.cache
def tree() -> Taxonomy:
    """The item tree in use."""
    return load_taxonomy()


def _read_terms(lines: str, codes: Sequence[str]) -> dict[str, list[tuple[int, float]]]:
    columns = {code: number for number, code in enumerate(codes)}
    terms: dict[str, list[tuple[int, float]]] = {}
    for line in lines.splitlines():
        term, code, effect = line.split("\t")
        if code in columns:
            terms.setdefault(term, []).append((columns[code], float(effect)))
    return terms
