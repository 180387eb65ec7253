"""Whisper base through the engine interface: the fallback where the streaming model cannot be had.

Utterance-wise: sound is collected and read at the end, so there are no partials, and a final costs about a second (the
encoder always hears 30 s). One thread, int8, Chinese, no memory of earlier utterances: a mistake must not breed the next.
What Whisper is known to invent over noise is dropped. ``text`` is brought back to spoken form, its own writing goes to
``punctuated``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.errors import EnvironmentFault
from asr.engine import Capabilities, Hypothesis, UtteranceDecoder
from asr.spoken_form import spoken

# A sentence in the wished script and manner; it makes simplified characters and punctuation far more likely.
_PROMPT = "以下是市民热线的普通话通话，使用简体中文和标点。"
_MAX_NO_SPEECH = 0.6
_MIN_LOG_PROBABILITY = -1.0
_CREDITS = ("字幕", "订阅", "点赞", "打赏", "明镜", "Amara", "谢谢观看", "感谢观看", "普通话通话", "简体中文和标点")


class WhisperEngine:
    """A loaded model; one utterance is decoded at a time.

    Args:
        model_folder: a CTranslate2 Whisper folder.

    Raises:
        EnvironmentFault: the packages are missing or the model does not load.
    """

    name = "whisper"
    capabilities = Capabilities(partials=False, vocabulary=False, alternatives=False, punctuation=True)

    def __init__(self, model_folder: str) -> None:
        try:
            from faster_whisper import WhisperModel  # noqa: PLC0415 optional, and slow to import
            from tqdm import tqdm  # noqa: PLC0415 comes with it
        except ImportError as error:
            raise EnvironmentFault("asr.whisper_packages_missing") from error
        tqdm.monitor_interval = 0  # or it starts a thread of its own at the first utterance
        try:
            self._model: Any = WhisperModel(model_folder, device="cpu", compute_type="int8", cpu_threads=1, num_workers=1,
                                            local_files_only=True)
        except (RuntimeError, ValueError, OSError) as error:
            raise EnvironmentFault("asr.engine_does_not_load", engine=self.name, problem=type(error).__name__) from error
        self._folder = Path(model_folder)

    @property
    def versions(self) -> dict[str, str]:
        """Model folder's name and the library's version."""
        return {"model": self._folder.name, "faster-whisper": version("faster-whisper")}

    def open_utterance(self) -> UtteranceDecoder:
        """Begin an utterance."""
        return _Utterance(self._model)

    def set_context(self, phrases: Sequence[str]) -> None:
        """Ignored: a longer prompt makes Whisper invent."""

    def close(self) -> None:
        """Free the model."""
        self._model = None


class _Utterance:
    def __init__(self, model: Any) -> None:
        self._model = model
        self._sound: list[NDArray[np.float32]] = []

    def accept(self, samples: NDArray[np.float32]) -> None:
        self._sound.append(samples)

    def partial(self) -> Hypothesis:
        return Hypothesis("")

    def finish(self) -> Hypothesis:
        if not self._sound:
            return Hypothesis("")
        segments, _ = self._model.transcribe(
            np.concatenate(self._sound), language="zh", beam_size=2, temperature=[0.0, 0.4], initial_prompt=_PROMPT,
            condition_on_previous_text=False, without_timestamps=True, vad_filter=False, suppress_blank=True)
        kept = [s for s in segments if not _invented(s)]
        written = "".join(s.text.strip() for s in kept)
        if not kept:
            return Hypothesis("")
        mean = sum(s.avg_logprob for s in kept) / len(kept)
        return Hypothesis(spoken(written), confidence=round(math.exp(min(0.0, mean)), 4), punctuated=written)


def _invented(segment: Any) -> bool:
    """Credits of films, our own prompt, or words over what is not speech."""
    if any(word in segment.text for word in _CREDITS):
        return True
    return bool(segment.no_speech_prob > _MAX_NO_SPEECH and segment.avg_logprob < _MIN_LOG_PROBABILITY)


def load(model_folder: str) -> WhisperEngine:
    """Factory for an ``EngineSpec``."""
    return WhisperEngine(model_folder)
