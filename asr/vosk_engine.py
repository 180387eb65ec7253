"""Any Vosk model folder through the engine interface: Kaldi, streaming, words with times and confidence.

What had to be known of Vosk 0.3.45 (each point has a test):

- A fresh recogniser compiles its networks at its first sound (0.6 s of processor here) and composes its graph word by word as
  it goes: two are kept warm, an utterance takes one, and they are used again and again.
- ``FinalResult()`` begins afresh: what was said before does not change what comes after. An utterance that was dropped
  unfinished is ended the same way before its recogniser serves another.
- Results depend on the blocks that sound comes in, so it is given in blocks of 200 ms, the last one filled up with silence.
- Word times count from the recogniser's first sample ever.
- Dither makes results random: see ``asr.models.vosk_folder``.
- ``Model()`` without a path asks the network; this engine always gives one. Sound is always 16 kHz: some models refuse 8.
- A grammar replaces the vocabulary instead of adding to it, so ``set_context`` does nothing and ``vocabulary`` is False.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.dialogue import Token
from app.domain.errors import EnvironmentFault
from asr.engine import SAMPLE_RATE_HZ, Capabilities, Hypothesis, UtteranceDecoder
from asr.models.layouts import vosk_problems
from asr.models.vosk_folder import deterministic

NAME = "vosk"
BLOCK = SAMPLE_RATE_HZ // 5
WARM = 2
_WARM_BLOCKS = 12
_NOT_A_WORD = frozenset({"[unk]", "<unk>", "<UNK>", "[noise]", "<noise>"})


def load(model_folder: str) -> VoskEngine:
    """Factory for an ``EngineSpec``."""
    return VoskEngine(Path(model_folder))


class VoskEngine:
    """Implements ``asr.engine.Engine``.

    Args:
        model_folder: an unpacked Vosk model.

    Raises:
        EnvironmentFault: the folder is not a Vosk model, or Kaldi does not read it.
    """

    name = NAME
    capabilities = Capabilities(partials=True, vocabulary=False, alternatives=False, punctuation=False)

    def __init__(self, model_folder: Path) -> None:
        for problem in vosk_problems(model_folder):
            raise problem
        try:
            import vosk  # noqa: PLC0415 loads a 50 MB library
        except (ImportError, OSError) as error:
            raise EnvironmentFault("asr.engine_packages_missing", engine=NAME, package="vosk") from error
        vosk.SetLogLevel(-1)
        folder = deterministic(model_folder)
        try:
            model = vosk.Model(str(folder))
        except Exception as error:  # the binding knows no narrower class
            raise EnvironmentFault("asr.engine_does_not_load", engine=NAME, problem=type(error).__name__) from error
        self._name = model_folder.name
        self._pool: _Pool | None = _Pool(vosk, model)

    @property
    def versions(self) -> dict[str, str]:
        """Model folder's name and the library's version."""
        return {"model": self._name, "vosk": version("vosk")}

    def open_utterance(self) -> UtteranceDecoder:
        """Begin an utterance."""
        assert self._pool is not None
        return _Utterance(self._pool)

    def set_context(self, phrases: Sequence[str]) -> None:
        """Ignored, see the module."""

    def close(self) -> None:
        """Free the model once its last utterance is gone."""
        self._pool = None


class _Recogniser:
    """A KaldiRecognizer and how much sound it has ever heard."""

    def __init__(self, vosk: Any, model: Any) -> None:
        self.kaldi = vosk.KaldiRecognizer(model, float(SAMPLE_RATE_HZ))
        self.kaldi.SetWords(True)
        self.heard_samples = 0

    def give(self, block: bytes) -> bool:
        """Whether Kaldi's own endpointer closed a piece."""
        self.heard_samples += len(block) // 2
        return bool(self.kaldi.AcceptWaveform(block))


class _Pool:
    """Warm recognisers; more than two are made where more utterances are open at once."""

    def __init__(self, vosk: Any, model: Any) -> None:
        self._vosk = vosk
        self._model = model
        self._idle = [self._warm() for _ in range(WARM)]

    def take(self) -> _Recogniser:
        return self._idle.pop() if self._idle else _Recogniser(self._vosk, self._model)

    def put_back(self, recogniser: _Recogniser) -> None:
        """Also for one whose utterance was dropped unfinished."""
        recogniser.kaldi.FinalResult()
        self._idle.append(recogniser)

    def _warm(self) -> _Recogniser:
        """Networks are compiled for the shapes of first, middle and last blocks: utterances of several lengths meet all."""
        recogniser = _Recogniser(self._vosk, self._model)
        noise = np.random.default_rng(1).integers(-300, 300, BLOCK * _WARM_BLOCKS).astype("<i2").tobytes()
        for blocks in (_WARM_BLOCKS, _WARM_BLOCKS - 1, _WARM_BLOCKS - 2):
            for at in range(blocks):
                recogniser.give(noise[2 * BLOCK * at : 2 * BLOCK * (at + 1)])
            recogniser.kaldi.FinalResult()
        return recogniser


class _Utterance:
    """Implements ``asr.engine.UtteranceDecoder``."""

    def __init__(self, pool: _Pool) -> None:
        self._pool = pool
        self._recogniser: _Recogniser | None = None
        self._give_back: weakref.finalize[..., _Utterance] | None = None
        self._origin_s = 0.0
        self._rest = np.zeros(0, np.float32)
        self._words: list[dict[str, Any]] = []

    def accept(self, samples: NDArray[np.float32]) -> None:
        self._rest = np.concatenate((self._rest, samples))
        while len(self._rest) >= BLOCK:
            self._give(self._rest[:BLOCK])
            self._rest = self._rest[BLOCK:]

    def partial(self) -> Hypothesis:
        if self._recogniser is None:
            return Hypothesis("")
        going_on = str(json.loads(self._recogniser.kaldi.PartialResult()).get("partial", "")).split()
        return Hypothesis(joined([*(str(w["word"]) for w in self._words), *going_on]))

    def finish(self) -> Hypothesis:
        if len(self._rest):
            self._give(np.pad(self._rest, (0, BLOCK - len(self._rest))))
        if self._recogniser is None or self._give_back is None:
            return Hypothesis("")
        self._take(self._recogniser.kaldi.FinalResult())
        self._give_back()
        words = [w for w in self._words if w["word"] not in _NOT_A_WORD]
        confidence = sum(float(w["conf"]) for w in words) / len(words) if words else 0.0
        return Hypothesis(joined([str(w["word"]) for w in words]), _tokens(words, self._origin_s), round(confidence, 4))

    def _give(self, block: NDArray[np.float32]) -> None:
        if self._recogniser is None:
            self._recogniser = self._pool.take()
            self._origin_s = self._recogniser.heard_samples / SAMPLE_RATE_HZ
            self._give_back = weakref.finalize(self, self._pool.put_back, self._recogniser)
        pcm = np.clip(np.nan_to_num(block) * 32768.0, -32768.0, 32767.0).astype("<i2").tobytes()
        if self._recogniser.give(pcm):
            self._take(self._recogniser.kaldi.Result())

    def _take(self, result: str) -> None:
        self._words += json.loads(result).get("result", [])


def joined(words: Iterable[str]) -> str:
    """Words as one text: a space only between two words of which neither border is a Chinese character."""
    text = ""
    for word in words:
        if word in _NOT_A_WORD:
            continue
        space = text and not _han(text[-1]) and not _han(word[0])
        text += f" {word}" if space else word
    return text


def _tokens(words: list[dict[str, Any]], origin_s: float) -> tuple[Token, ...]:
    """Chinese words become characters that share the word's time evenly; other words stay whole."""
    tokens: list[Token] = []
    text = ""
    for word in words:
        text = joined((text, str(word["word"]))) if text else str(word["word"])
        at = len(text) - len(str(word["word"]))
        pieces = [1] * (len(text) - at) if all(map(_han, text[at:])) else [len(text) - at]
        begin = (float(word["start"]) - origin_s) * 1000
        step = (float(word["end"]) - float(word["start"])) * 1000 / len(pieces)
        for number, length in enumerate(pieces):
            start_ms = max(0, round(begin + step * number))
            end_ms = max(start_ms, round(begin + step * (number + 1)))
            tokens.append(Token(at, at + length, start_ms, end_ms, round(float(word["conf"]), 4)))
            at += length
    return tuple(tokens)


def _han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"
