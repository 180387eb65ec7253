"""sherpa-onnx's published streaming models through the engine interface: transducers and zipformer CTC.

An optional engine (extra ``sherpa``). A transducer whose tokens are Chinese characters is searched with a beam and takes the
phrases of ``set_context`` as hotwords, per utterance; every other model is searched greedily and has no vocabulary, and its
``capabilities`` say so. What a model's tokens are is what its text is: the 3.3 M model of our own engine gives initials and
finals here, and serves as the yardstick for speed in ``make bench-asr``.

sherpa-onnx ends the process on a model it does not understand (no exception crosses its border): it is loaded in the speech
process only, after the folder was checked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.dialogue import Token
from app.domain.errors import EnvironmentFault
from asr.engine import SAMPLE_RATE_HZ, Capabilities, Hypothesis, UtteranceDecoder
from asr.models.layouts import SherpaFiles, sherpa_files, sherpa_problems

NAME = "sherpa"
GREEDY, BEAM = "greedy_search", "modified_beam_search"
BEAM_PATHS = 4
HOTWORD_SCORE = 1.5
MAX_HOTWORDS = 2_000
"""The hotword graph is built anew for every utterance: more would delay its first partial."""
_TAIL = np.zeros(int(0.8 * SAMPLE_RATE_HZ), np.float32)
_MANY_CHARACTERS = 1_000
_LONGEST_TOKEN_MS = 400


def load(model_folder: str, decoding: str = "") -> SherpaEngine:
    """Factory for an ``EngineSpec``; ``decoding`` forces a search method."""
    return SherpaEngine(Path(model_folder), decoding)


class SherpaEngine:
    """Implements ``asr.engine.Engine``.

    Args:
        model_folder: an unpacked release of k2-fsa.
        decoding: ``GREEDY`` or ``BEAM``; empty for what suits the model.

    Raises:
        EnvironmentFault: packages missing, or no model that this engine reads.
    """

    name = NAME

    def __init__(self, model_folder: Path, decoding: str = "") -> None:
        for problem in sherpa_problems(model_folder):
            raise problem
        files = sherpa_files(model_folder)
        assert files is not None
        self._folder = model_folder
        self._characters = _characters(files.tokens)
        beam_fits = files.ctc is None and len(self._characters) >= _MANY_CHARACTERS
        self._decoding = decoding or (BEAM if beam_fits else GREEDY)
        self._hotwords = ""
        self._takes_hotwords = beam_fits and self._decoding == BEAM
        self._recogniser: Any = _recogniser(files, self._decoding)

    @property
    def versions(self) -> dict[str, str]:
        """Model folder's name and the library's version."""
        return {"model": self._folder.name, "sherpa-onnx": version("sherpa-onnx")}

    @property
    def capabilities(self) -> Capabilities:
        """Vocabulary only for a model of Chinese characters that is searched with a beam."""
        return Capabilities(partials=True, vocabulary=self._takes_hotwords, alternatives=False, punctuation=False)

    def open_utterance(self) -> UtteranceDecoder:
        """Begin an utterance with the hotwords of this moment."""
        return _Utterance(self._recogniser, self._hotwords)

    def set_context(self, phrases: Sequence[str]) -> None:
        """Favour these phrases in utterances opened from now on; one with a character that the model lacks is left out."""
        words = dict.fromkeys(phrase.split(maxsplit=1)[0] for phrase in phrases if phrase.strip())
        known = [word for word in words if self._characters.issuperset(word)]
        self._hotwords = "/".join(known[:MAX_HOTWORDS]) if self._takes_hotwords else ""

    def close(self) -> None:
        """Free the model once its last utterance is gone."""
        self._recogniser = None


def _recogniser(files: SherpaFiles, decoding: str) -> Any:
    try:
        from sherpa_onnx import OnlineRecognizer  # noqa: PLC0415 optional
    except ImportError as error:
        raise EnvironmentFault("asr.engine_packages_missing", engine=NAME, package="sherpa-onnx") from error
    try:
        if files.ctc is not None:
            return OnlineRecognizer.from_zipformer2_ctc(tokens=str(files.tokens), model=str(files.ctc), num_threads=1)
        return OnlineRecognizer.from_transducer(
            tokens=str(files.tokens), encoder=str(files.encoder), decoder=str(files.decoder), joiner=str(files.joiner),
            num_threads=1, decoding_method=decoding, max_active_paths=BEAM_PATHS, hotwords_score=HOTWORD_SCORE,
            modeling_unit="cjkchar+bpe" if files.bpe_vocab else "cjkchar", bpe_vocab=str(files.bpe_vocab or ""))
    except (RuntimeError, ValueError, OSError) as error:
        raise EnvironmentFault("asr.engine_does_not_load", engine=NAME, problem=type(error).__name__) from error


class _Utterance:
    """Implements ``asr.engine.UtteranceDecoder``."""

    def __init__(self, recogniser: Any, hotwords: str) -> None:
        self._recogniser = recogniser
        self._stream = recogniser.create_stream(hotwords) if hotwords else recogniser.create_stream()
        self._heard = 0

    def accept(self, samples: NDArray[np.float32]) -> None:
        self._heard += len(samples)
        self._give(samples)

    def partial(self) -> Hypothesis:
        return self._hypothesis()

    def finish(self) -> Hypothesis:
        if not self._heard:
            return Hypothesis("")
        self._give(_TAIL)
        self._stream.input_finished()
        self._decode()
        return self._hypothesis()

    def _give(self, samples: NDArray[np.float32]) -> None:
        if len(samples):
            self._stream.accept_waveform(SAMPLE_RATE_HZ, np.nan_to_num(samples))
            self._decode()

    def _decode(self) -> None:
        while self._recogniser.is_ready(self._stream):
            self._recogniser.decode_stream(self._stream)

    def _hypothesis(self) -> Hypothesis:
        result = self._recogniser.get_result_all(self._stream)
        pieces = [str(token).replace("\u2581", " ") for token in result.tokens]
        text = "".join(pieces)
        lead = len(text) - len(text.lstrip())
        text = text.strip()
        if text.replace(" ", "") != str(result.text).replace(" ", ""):
            return Hypothesis(str(result.text).strip())  # byte-level tokens: no piece of theirs is a piece of the text
        log_probabilities = list(result.ys_probs)
        tokens = _tokens(pieces, lead, len(text), list(result.timestamps), log_probabilities, self._heard)
        confidence = math.exp(min(0.0, sum(log_probabilities) / len(log_probabilities))) if log_probabilities else 0.0
        return Hypothesis(text, tokens, round(confidence, 4))


def _tokens(pieces: list[str], lead: int, length: int, starts_s: list[float], log_probabilities: list[float],
            heard: int) -> tuple[Token, ...]:
    """Spans without border spaces; a token lasts until the next one begins, but no longer than a long syllable."""
    heard_ms = heard * 1000 // SAMPLE_RATE_HZ
    starts_ms = [min(round(s * 1000), heard_ms) for s in starts_s]
    tokens: list[Token] = []
    at = -lead
    for number, piece in enumerate(pieces):
        start, end = at + len(piece) - len(piece.lstrip()), min(at + len(piece.rstrip()), length)
        at += len(piece)
        if end <= start or start < 0:
            continue
        until = starts_ms[number + 1] if number + 1 < len(pieces) else heard_ms
        end_ms = max(starts_ms[number], min(until, starts_ms[number] + _LONGEST_TOKEN_MS))
        sure = math.exp(min(0.0, log_probabilities[number])) if number < len(log_probabilities) else 0.0
        tokens.append(Token(start, end, starts_ms[number], end_ms, round(sure, 4)))
    return tuple(tokens)


def _characters(tokens: Path) -> frozenset[str]:
    """Chinese characters among a model's tokens; a line is "token number"."""
    rows = (line.rsplit(maxsplit=1) for line in tokens.read_text("utf-8", "replace").splitlines())
    names = (row[0].lstrip("\u2581") for row in rows if len(row) == 2)
    return frozenset(name for name in names if len(name) == 1 and "\u3400" <= name <= "\u9fff")
