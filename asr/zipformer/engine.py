"""The streaming engine: zipformer transducer, pronunciation tree, general and hotline language models.

``load`` is the factory for ``asr.loading``. All utterances share the networks, the tree and the models; each has its own
sound, encoder state and beam. The encoder hears 0.96 s of silence before the first sample (computed once), because its first
chunk is unreliable: this alone takes 0.5 points of syllable errors away on tightly cut turns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.platform.paths import cache_dir
from asr.confidence import Calibration
from asr.engine import Capabilities, Hypothesis, UtteranceDecoder
from asr.lexicon.assembly import Lexicon, assemble
from asr.lexicon.live import LiveWords
from asr.lm.mixture import MixOptions, Mixture
from asr.zipformer.confusions import confusions
from asr.zipformer.hypotheses import HypothesisMaker
from asr.zipformer.network import Floats, FrameStream, Networks
from asr.zipformer.numbers import NumberScorer, number_words
from asr.zipformer.search import Acoustics, BeamSearch, Confusions, SearchOptions
from asr.zipformer.second_look import LookOptions, SecondLook
from asr.zipformer.sound import Sound

NAME = "zipformer"
TAIL_SAMPLES = 7_680
"""0.48 s of silence after the last sample, so that the encoder's window of 0.45 s is filled wherever the sound stops; behind the pause
that ends an utterance 0.16 s change one character in two thousand, more than this one."""
DIGITAL_SILENCE = -11.0
"""Loudness of a frame of zeros is -11.6, of noise at -80 dB -8."""
SEARCH = SearchOptions()
MIX = MixOptions()
LOOK = LookOptions()
NUMBER_DOMAIN_SHARE = 0.6


class FrameSource(Protocol):
    """Sound in, encoder frames out: a ``FrameStream``, or frames kept by a benchmark."""

    @property
    def loudness(self) -> Floats:
        """Of the frames given so far, see ``FrameStream``."""

    def accept(self, samples: Floats) -> list[Floats]:
        """New frames."""


def load(model_folder: Path | str, lm_folder: Path | str, cache_folder: Path | str | None = None, *,
         vocabulary: str = "", accent: str = "") -> ZipformerEngine:
    """The engine over an acoustic model folder and a folder made by ``asr.lm.convert``.

    Args:
        model_folder: encoder, decoder, joiner and tokens as k2-fsa releases them.
        lm_folder: general language model.
        cache_folder: where the compiled lexicon and the readings are kept; the user's cache by default.
        vocabulary: file of the centre's own words (docs/models.md), empty for none.
        accent: "southern" hears accents softly, empty hears what is said (docs/settings.md).

    Raises:
        EnvironmentFault: missing or damaged files.
    """
    networks = Networks(Path(model_folder))
    folder = Path(cache_folder) if cache_folder else cache_dir() / "lexicon"
    words = LiveWords(assemble(Path(lm_folder), networks.tokens, folder), folder)
    if vocabulary:
        words = words.with_file(Path(vocabulary))
    return ZipformerEngine(networks, words, confusions=confusions(networks.tokens, accent))


class ZipformerEngine:
    """Implements ``asr.engine.Engine``."""

    def __init__(
        self, networks: Networks, words: LiveWords, search: SearchOptions = SEARCH, mix: MixOptions = MIX,
        confusions: Confusions | None = None, look: LookOptions = LOOK, calibration: Calibration | None = None,
    ) -> None:
        self._networks = networks
        self._words = words
        self._search_options = search
        self._mix_options = mix
        self._confusions = confusions
        self._look_options = look
        self._acoustics = Acoustics(networks, search, confusions)
        self._phrases: tuple[str, ...] = ()
        self._calibration = calibration or Calibration.load()
        self._use(words.lexicon)

    def _use(self, lexicon: Lexicon) -> None:
        self._active = lexicon
        self._scorer = Mixture(lexicon.general, lexicon.domain, lexicon.table, self._mix_options)
        self._scorer.begin_with(lexicon.begin_state)
        unigrams = self._scorer.unigrams()
        self._ahead = lexicon.tree.look_ahead(unigrams)
        self._entry_score = unigrams[lexicon.tree.entry_word] - lexicon.tree.entry_cost
        self._maker = HypothesisMaker(lexicon.texts, self._networks.tokens, self._calibration)
        # What a second look needs is made when the first number is said, of the words that its utterance began with.
        self._leaning = cache(partial(_Leaning.over, lexicon, self._mix_options, self._look_options.bonus))

    def _begin_look(self) -> SecondLook:
        """Of an utterance that begins now."""
        leaning, tree = self._leaning, self._active.tree

        def open_search() -> BeamSearch:
            lean = leaning()
            return BeamSearch(tree, lean.entry_score, lean.ahead, lean.scorer, self._acoustics, self._search_options)

        return SecondLook(open_search, self._acoustics, self._maker, self._active.texts, self._look_options)

    def tuned(self, search: SearchOptions, mix: MixOptions, look: LookOptions = LOOK) -> ZipformerEngine:
        """Another engine over the same networks and lexicon, with other weights: for benchmarks and tuning."""
        return ZipformerEngine(self._networks, self._words, search, mix, self._confusions, look)

    def with_words(self, words: LiveWords) -> ZipformerEngine:
        """Another engine over the same networks with another base of words: for comparing vocabularies."""
        return ZipformerEngine(
            self._networks, words, self._search_options, self._mix_options, self._confusions, self._look_options
        )

    @property
    def words(self) -> LiveWords:
        """The words of every call, before those of one call."""
        return self._words

    @property
    def name(self) -> str:
        """ "zipformer"."""
        return NAME

    @property
    def versions(self) -> dict[str, str]:
        """Of model, language model and lexicon."""
        return {"model": self._networks.version, **self._words.lexicon.versions}

    @property
    def capabilities(self) -> Capabilities:
        """Everything but punctuation."""
        return Capabilities(partials=True, vocabulary=True, alternatives=True, punctuation=False)

    def open_utterance(self) -> UtteranceDecoder:
        """Begin an utterance with the vocabulary of this moment."""
        return self.open_expecting(lambda: False)

    def open_expecting(self, number_asked: Callable[[], bool]) -> UtteranceDecoder:
        """Begin an utterance; at its end ``number_asked`` says whether the other side asked for a number."""
        return self.open_over(FrameStream(self._networks), number_asked)

    def open_over(self, frames: FrameSource, number_asked: Callable[[], bool] = lambda: False) -> ZipformerUtterance:
        """Begin an utterance over a source of frames of the caller's own: for benchmarks that keep them."""
        search = BeamSearch(
            self._active.tree,
            self._entry_score,
            self._ahead,
            self._scorer,
            self._acoustics,
            self._search_options,
        )
        return ZipformerUtterance(frames, search, self._maker, self._begin_look(), number_asked)

    def set_context(self, phrases: Sequence[str]) -> None:
        """Favour these Chinese phrases in utterances opened from now on; see ``asr.lexicon.vocabulary`` for what a phrase is."""
        wanted = tuple(dict.fromkeys(phrases))
        if wanted == self._phrases:
            return
        self._phrases = wanted
        self._use(self._words.with_phrases(wanted))

    def close(self) -> None:
        """Nothing to free by hand: the networks go with the engine."""


@dataclass(frozen=True)
class _Leaning:
    """Language of the second look."""

    scorer: NumberScorer
    entry_score: Floats
    ahead: Floats

    @staticmethod
    def over(lexicon: Lexicon, mix: MixOptions, bonus: float) -> _Leaning:
        """Over a lexicon."""
        mixture = Mixture(lexicon.general, lexicon.domain, lexicon.table, replace(mix, domain_share=NUMBER_DOMAIN_SHARE))
        mixture.begin_with(lexicon.begin_state)
        words = number_words(lexicon)
        unigrams = mixture.unigrams() + np.where(words, bonus, 0.0).astype(np.float32)
        tree = lexicon.tree
        return _Leaning(
            NumberScorer(mixture, words, bonus), unigrams[tree.entry_word] - tree.entry_cost, tree.look_ahead(unigrams)
        )


class ZipformerUtterance:
    """Implements ``asr.engine.UtteranceDecoder``."""

    def __init__(
        self, frames: FrameSource, search: BeamSearch, maker: HypothesisMaker, look: SecondLook,
        number_asked: Callable[[], bool],
    ) -> None:
        self._frames = frames
        self._search = search
        self._maker = maker
        self._look = look
        self._number_asked = number_asked

    def accept(self, samples: NDArray[np.float32]) -> None:
        """Decode as far as whole chunks of 320 ms allow."""
        for frames in self._frames.accept(samples):
            self._search.accept(frames)
            self._look.follow(frames, self._search.best(), self._number_asked)

    def partial(self) -> Hypothesis:
        """The best hypothesis so far, an unfinished word as far as it was heard."""
        return self._maker.partial(self._search.best())

    def texts(self, limit: int) -> list[str]:
        """What the beam still holds, best first, once all sound was given: for benchmarks."""
        return [self._maker.text(reading) for reading in self._search.readings(limit)]

    def finish(self) -> Hypothesis:
        """Final reading with alternatives; a number gets a second look."""
        self.accept(np.zeros(TAIL_SAMPLES, dtype=np.float32))
        if self._frames.loudness.max(initial=DIGITAL_SILENCE) <= DIGITAL_SILENCE:
            return Hypothesis("")  # over seconds of zeros the model is no longer sure of nothing
        readings = self._search.readings(self._maker.READINGS)
        return self._look.best(readings, Sound(self._frames.loudness), self._number_asked)
