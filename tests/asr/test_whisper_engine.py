"""The fallback engine, where its optional packages are installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from asr.models.catalogue import WHISPER, entry
from asr.models.choice import choose_engine
from asr.models.verify import verify
from asr.models.whisper_files import join, packages_installed
from asr.whisper_engine import load
from tests.asr import sounds

pytestmark = pytest.mark.skipif(not packages_installed(), reason="the optional Whisper packages are not installed")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINGDAN_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("TINGDAN_MODELS", raising=False)
        folder = join()
        assert choose_engine().name == "whisper"
    return folder


def test_the_joined_model_is_the_published_one(model: Path) -> None:
    assert verify(model, entry(WHISPER)) == []


def test_it_reads_a_turn_in_spoken_form_with_its_own_punctuation_beside(model: Path) -> None:
    engine = load(str(model))
    sound, rate = soundfile.read(sounds.sample_call(), dtype="float32", frames=8 * 8000)
    utterance = engine.open_utterance()
    utterance.accept(soxr.resample(sound[:, 0], rate, sounds.RATE).astype(np.float32))
    assert utterance.partial().text == ""
    heard = utterance.finish()
    assert "广州" in heard.text and 0.3 < heard.confidence <= 1.0
    assert all(c.isalpha() for c in heard.text)
    assert any(c in heard.punctuated for c in "，,。？?")
    engine.close()


def test_it_invents_nothing_over_silence_and_noise(model: Path) -> None:
    engine = load(str(model))
    for sound in (sounds.silence(3), sounds.noise(3, -40), sounds.ring_back(1)):
        utterance = engine.open_utterance()
        utterance.accept(sound)
        assert utterance.finish().text == ""
    assert engine.open_utterance().finish().text == ""
    engine.close()
