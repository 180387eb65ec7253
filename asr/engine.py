"""What every recognition engine looks like from the worker: one small interface, sound in, hypotheses out.

The worker cuts each channel into utterances with the endpointer and opens one ``UtteranceDecoder`` for each; a streaming
engine decodes as sound comes, an utterance-wise engine collects and decodes at ``finish``. Engines know nothing of
processes, channels' time lines or files of a call. All methods of one engine are called from one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from app.domain.dialogue import Alternative, Token

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do; the desk adapts to it."""

    partials: bool
    vocabulary: bool
    alternatives: bool
    punctuation: bool


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A reading of an utterance. Token times are milliseconds from the first sample that the decoder was given."""

    text: str
    tokens: tuple[Token, ...] = ()
    confidence: float = 0.0
    alternatives: tuple[Alternative, ...] = ()
    punctuated: str = ""


class UtteranceDecoder(Protocol):
    """Recognition of one utterance."""

    def accept(self, samples: NDArray[np.float32]) -> None:
        """Take mono sound at SAMPLE_RATE_HZ, values -1 to 1, shape (n,)."""

    def partial(self) -> Hypothesis:
        """Best reading so far; cheap. Empty text for an engine without partials."""

    def finish(self) -> Hypothesis:
        """Final reading; the decoder is of no use afterwards."""


class Engine(Protocol):
    """A loaded model."""

    @property
    def name(self) -> str:
        """Short stable name ("zipformer", "whisper")."""

    @property
    def versions(self) -> dict[str, str]:
        """Versions of model, language model and lexicon."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def open_utterance(self) -> UtteranceDecoder:
        """Begin an utterance; several may be open at once (one a channel)."""

    def set_context(self, phrases: Sequence[str]) -> None:
        """Words likely from now on; replaces the ones before. Ignored by an engine without vocabulary."""

    def close(self) -> None:
        """Free the model."""


@runtime_checkable
class HearsNumbers(Protocol):
    """An engine that listens otherwise where a number was asked for; the others do without."""

    def open_expecting(self, number_asked: Callable[[], bool]) -> UtteranceDecoder:
        """As ``Engine.open_utterance``; ``number_asked`` is asked when the utterance ends."""
