"""What every engine owes the speech process; the same tests for all four, on real models."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from asr.engine import SAMPLE_RATE_HZ, Engine, Hypothesis
from tests.asr import real_engines, sounds

Samples = NDArray[np.float32]
TAIL_MS = 800  # an engine that adds silence to hear the last word out may place it there


@pytest.fixture(scope="module", params=real_engines.NAMES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    loaded = real_engines.loaded(request.param)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def heard(engine: Engine) -> Hypothesis:
    """What the engine makes of the turn, given at once, as its first utterance."""
    return recognised(engine, real_engines.speech())


def blocks(sound: Samples, sizes: Iterable[int]) -> Iterator[Samples]:
    at = 0
    for size in sizes:
        if at >= len(sound):
            return
        yield sound[at:at + size]
        at += size
    yield sound[at:]


def recognised(engine: Engine, sound: Samples, sizes: Iterable[int] = ()) -> Hypothesis:
    utterance = engine.open_utterance()
    for block in blocks(sound, sizes):
        utterance.accept(block)
    return utterance.finish()


def test_it_hears_words_in_speech(engine: Engine, heard: Hypothesis) -> None:
    assert len(heard.text) >= 4
    assert 0.0 < heard.confidence <= 1.0


@pytest.mark.parametrize("size", [160, 1_600, 7_001])
def test_the_size_of_blocks_changes_nothing(engine: Engine, heard: Hypothesis, size: int) -> None:
    assert recognised(engine, real_engines.speech(), [size] * 1_000) == heard


def test_blocks_of_any_mixture_change_nothing(engine: Engine, heard: Hypothesis) -> None:
    sizes = np.random.default_rng(5).integers(0, 4_000, 200).tolist()
    assert recognised(engine, real_engines.speech(), sizes) == heard


def test_what_was_said_before_changes_nothing(engine: Engine, heard: Hypothesis) -> None:
    recognised(engine, sounds.noise(1.5, -20))
    recognised(engine, real_engines.speech()[16_000:])
    assert recognised(engine, real_engines.speech()) == heard


def test_a_dropped_utterance_changes_nothing(engine: Engine, heard: Hypothesis) -> None:
    """The endpointer drops short noises without asking for a final."""
    for _ in range(3):
        dropped = engine.open_utterance()
        dropped.accept(real_engines.speech()[:20_000])
        dropped.partial()
        del dropped
    assert recognised(engine, real_engines.speech()) == heard


def test_utterances_that_are_open_at_once_do_not_mix(engine: Engine, heard: Hypothesis) -> None:
    sound = real_engines.speech()
    other = sounds.noise(2.0, -30, seed=7)
    alone = recognised(engine, other)
    both, between, third = engine.open_utterance(), engine.open_utterance(), engine.open_utterance()
    for at in range(0, len(sound), 3_200):
        both.accept(sound[at:at + 3_200])
        between.accept(other[at:at + 3_200])
        third.accept(sound[at:at + 3_200])
        between.partial()
    assert third.finish() == heard
    assert between.finish() == alone
    assert both.finish() == heard


def test_no_sound_is_no_words(engine: Engine) -> None:
    utterance = engine.open_utterance()
    assert utterance.partial().text == ""
    utterance.accept(np.zeros(0, np.float32))
    assert utterance.partial().text == ""
    final = utterance.finish()
    assert (final.text, final.tokens) == ("", ())


@pytest.mark.parametrize("samples", [1, 100, 399, 3_000])
def test_a_click_is_taken(engine: Engine, samples: int) -> None:
    well_formed(recognised(engine, real_engines.speech()[10_000:10_000 + samples]), samples)


def garbage(kind: str) -> Samples:
    rng = np.random.default_rng(2)
    if kind == "random bytes as sound":
        return np.frombuffer(rng.bytes(2 * 24_000), "<i2").astype(np.float32) / 32768.0
    if kind == "clipped speech":
        return np.clip(real_engines.speech() * 80.0, -1.0, 1.0).astype(np.float32)
    if kind == "resampler's overshoot":
        return (real_engines.speech() / np.abs(real_engines.speech()).max() * 1.3).astype(np.float32)
    if kind == "direct current":
        return np.full(24_000, 0.99, np.float32)
    if kind == "square wave":
        return np.sign(sounds.tone(400, 1.5))
    return np.where(rng.random(24_000) < 0.01, rng.choice((-1.0, 1.0), 24_000), 0.0).astype(np.float32)  # crackle


@pytest.mark.parametrize("kind", [
    "random bytes as sound", "clipped speech", "resampler's overshoot", "direct current", "square wave", "crackle"])
def test_loud_and_senseless_sound_is_borne(engine: Engine, heard: Hypothesis, kind: str) -> None:
    sound = garbage(kind)
    well_formed(recognised(engine, sound, [3_200] * 100), len(sound))
    assert recognised(engine, real_engines.speech()) == heard


def test_silence_is_no_words(engine: Engine) -> None:
    assert recognised(engine, sounds.silence(1.5)).text == ""


def well_formed(hypothesis: Hypothesis, samples: int) -> None:
    """Spans lie in the text, in order; times lie in the sound, in order; shares of probability are such."""
    assert hypothesis.text == hypothesis.text.strip()
    assert 0.0 <= hypothesis.confidence <= 1.0 and math.isfinite(hypothesis.confidence)
    at = time_ms = 0
    for token in hypothesis.tokens:
        assert at <= token.start < token.end <= len(hypothesis.text)
        assert hypothesis.text[token.start:token.end].strip()
        assert time_ms <= token.start_ms <= token.end_ms <= samples * 1000 / SAMPLE_RATE_HZ + TAIL_MS
        assert 0.0 <= token.confidence <= 1.0
        at, time_ms = token.end, token.start_ms
    for alternative in hypothesis.alternatives:
        assert alternative.text != hypothesis.text and 0.0 <= alternative.confidence <= 1.0


def test_spans_and_times_fit_the_text_and_the_sound(heard: Hypothesis) -> None:
    well_formed(heard, len(real_engines.speech()))
    if heard.tokens:
        covered = "".join(heard.text[t.start:t.end] for t in heard.tokens)
        assert covered == heard.text.replace(" ", "")


def test_partials_grow_with_the_sound_and_asking_changes_nothing(engine: Engine, heard: Hypothesis) -> None:
    utterance = engine.open_utterance()
    given = 0
    seen: list[str] = []
    for block in blocks(real_engines.speech(), [1_600] * 100):
        utterance.accept(block)
        given += len(block)
        partial = utterance.partial()
        assert partial.text == utterance.partial().text
        assert all(t.end_ms <= given * 1000 / SAMPLE_RATE_HZ + 400 for t in partial.tokens)
        seen.append(partial.text)
    assert utterance.finish() == heard
    if engine.capabilities.partials:
        lengths = [len(text) for text in seen]
        assert seen[0] == "" and lengths[-1] > 0
        assert max(lengths) - lengths[-1] <= 6  # a revision may shorten, but nothing that was heard gets lost
        assert sum(later < earlier - 6 for earlier, later in pairwise(lengths)) == 0
    else:
        assert set(seen) == {""}


def test_it_can_what_it_says_and_says_what_it_can(engine: Engine, heard: Hypothesis) -> None:
    said = engine.capabilities
    assert bool(heard.alternatives) <= said.alternatives
    assert bool(heard.punctuated) == said.punctuation
    assert engine.name and all(engine.versions.values()) and "model" in engine.versions
    engine.set_context(["棠德南路", "珠江新城"])
    with_words = recognised(engine, real_engines.speech())
    engine.set_context([])
    assert recognised(engine, real_engines.speech()) == heard
    if not said.vocabulary:
        assert with_words == heard


def test_close_twice_is_close(engine: Engine) -> None:
    """Last: the fixture closes it for good."""
    engine.close()
    engine.close()
