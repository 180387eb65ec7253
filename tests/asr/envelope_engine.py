"""A real, tiny engine for tests of the process around it: it writes the loudness of each quarter second as a digit.

Its text is a pure function of the sound that it hears, so a lost, doubled or shifted stretch of sound shows in the text.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from app.domain.dialogue import Token
from asr.engine import Capabilities, Hypothesis, UtteranceDecoder

DIGITS = "零一二三四五六七八九"
STEP = 4_000


class _Decoder:
    def __init__(self, slow_s: float, dies_at: str, work_s: float) -> None:
        self._sound = np.zeros(0, np.float32)
        self._dies_at = dies_at
        self._slow_s = slow_s
        self._work_s = work_s

    def accept(self, samples: NDArray[np.float32]) -> None:
        self._sound = np.concatenate((self._sound, samples))
        until = time.perf_counter() + self._slow_s
        while time.perf_counter() < until:
            pass
        done = time.thread_time() + self._work_s
        while time.thread_time() < done:
            pass

    def partial(self) -> Hypothesis:
        return self._read()

    def finish(self) -> Hypothesis:
        return self._read()

    def _read(self) -> Hypothesis:
        steps = self._sound[: len(self._sound) // STEP * STEP].reshape(-1, STEP)
        level_db = 10 * np.log10(np.mean(steps**2, axis=1) + 1e-9)
        text = "".join(DIGITS[int(np.clip((db + 60) // 5, 0, 9))] for db in level_db)
        if self._dies_at and self._dies_at in text:
            os._exit(9)
        tokens = tuple(Token(i, i + 1, i * 250, i * 250 + 250, 1.0) for i in range(len(text)))
        return Hypothesis(text, tokens, 1.0)


class EnvelopeEngine:
    """See the module."""

    name = "envelope"
    versions: ClassVar[dict[str, str]] = {"model": "1"}
    capabilities = Capabilities(True, False, False, False)

    def __init__(self, slow_ms: str = "0", dies_at: str = "", work_ms: str = "0") -> None:
        self._slow_s = float(slow_ms) / 1000
        self._work_s = float(work_ms) / 1000
        self._dies_at = dies_at

    def open_utterance(self) -> UtteranceDecoder:
        return _Decoder(self._slow_s, self._dies_at, self._work_s)

    def set_context(self, phrases: Sequence[str]) -> None:
        pass

    def close(self) -> None:
        pass


ASKS, ANSWERS = "您的电话是多少", "好"


class _AskedDecoder:
    def __init__(self, number_asked: Callable[[], bool]) -> None:
        self._number_asked = number_asked

    def accept(self, samples: NDArray[np.float32]) -> None:
        pass

    def partial(self) -> Hypothesis:
        return Hypothesis("")

    def finish(self) -> Hypothesis:
        return Hypothesis(ANSWERS if self._number_asked() else ASKS, (), 1.0)


class AskingEngine(EnvelopeEngine):
    """Everybody who was not asked for a number asks for one: its texts show what it was told of the talk."""

    def open_expecting(self, number_asked: Callable[[], bool]) -> UtteranceDecoder:
        return _AskedDecoder(number_asked)


def load_asking() -> AskingEngine:
    """Factory for an ``EngineSpec``."""
    return AskingEngine()


def load(slow_ms: str = "0", dies_at: str = "", work_ms: str = "0") -> EnvelopeEngine:
    """Factory for an ``EngineSpec``; ``slow_ms`` of time or ``work_ms`` of computing a frame, dead at a text with ``dies_at``."""
    return EnvelopeEngine(slow_ms, dies_at, work_ms)
