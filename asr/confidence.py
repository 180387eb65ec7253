"""Confidence that means what it says: of the characters given 0.8, about eight in ten are right.

The witness is agreement: how much of the search's probability lies on readings that have this character at this place, and how
much on its neighbours (a word goes wrong as a whole). A logistic curve over both, three numbers in resources/confidence.toml,
turns them into a probability. `make bench-confidence` fits the curve, and reports it on calls that it was not fitted on
(docs/benchmarks/confidence.md). How sure the acoustic model was of the syllable is no witness: most of what is wrong is
another character of the same sound.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

from app.domain.errors import EnvironmentFault
from app.platform.resource_files import resource

_ROOM = 0.02
"""Shares of 0 and 1 stay within reason: the beam is narrow, what it does not hold is not impossible."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The curve: log odds of being right are ``base + own * odds(share) + beside * odds(least share beside it)``."""

    base: float
    own: float
    beside: float

    @classmethod
    def load(cls, file: Path | None = None) -> Calibration:
        """The shipped figures.

        Raises:
            EnvironmentFault: the file is missing or damaged.
        """
        try:
            figures = tomllib.loads((file or resource("confidence.toml")).read_text("utf-8"))["character"]
            return cls(float(figures["base"]), float(figures["own"]), float(figures["beside"]))
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise EnvironmentFault("asr.lexicon_resources_damaged", file="confidence.toml") from error

    def characters(self, shares: Sequence[float]) -> list[float]:
        """Probability of being right, 0 to 1, of each character of an utterance from the share that agrees on it (0 to 1)."""
        return [
            1.0 / (1.0 + exp(-(self.base + self.own * odds(share) + self.beside * odds(beside))))
            for share, beside in zip(shares, least_beside(shares), strict=True)
        ]


def odds(share: float) -> float:
    """Natural log of a share's odds, kept finite."""
    share = min(1.0, max(0.0, share))
    return log((share + _ROOM) / (1.0 + _ROOM - share))


def least_beside(shares: Sequence[float]) -> list[float]:
    """Of the characters before and after each one the share of the less certain; 1 for a lone character."""
    return [min((*shares[max(0, i - 1) : i], *shares[i + 1 : i + 2]), default=1.0) for i in range(len(shares))]
