"""Which engine recognises: the documented order, and the specification with which the worker loads it.

``auto`` takes the first of this table whose parts are all there and whole:

    engine      hears              needs                                                  why at this place
    zipformer   streaming          zipformer-zh-3.3m and the language model libime-zh     live vocabulary, alternatives, 5 MB
    sherpa      streaming          package sherpa-onnx, a model of Chinese characters     hotwords; larger, no alternatives
    vosk        streaming          a Chinese Vosk model (the package is always there)     fixed vocabulary, small one weak
    whisper     utterance-wise     the optional packages and whisper-base                 no partials, a final costs a second

Within an engine the models of the catalogue come in its order. A damaged model is never passed over in silence: where a person
named its folder (argument or ``TINGDAN_MODELS``), ``auto`` says what is wrong with it instead of taking the next engine. An
engine that is asked for by name takes any folder of its kind that the person names, catalogue or not; whisper takes a
catalogue model only.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from asr.loading import EngineSpec
from asr.models.catalogue import WHISPER, entries, entry
from asr.models.find import find_language_model, find_model, vocabulary_file
from asr.models.layouts import looks_like_vosk, structure_problems
from asr.models.whisper_files import engine_installed

AUTO, ZIPFORMER_ENGINE, WHISPER_ENGINE, VOSK_ENGINE, SHERPA_ENGINE = "auto", "zipformer", "whisper", "vosk", "sherpa"
SHERPA_PACKAGE = "sherpa_onnx"
_FACTORIES = {
    ZIPFORMER_ENGINE: "asr.zipformer.engine:load",
    WHISPER_ENGINE: "asr.whisper_engine:load",
    VOSK_ENGINE: "asr.vosk_engine:load",
    SHERPA_ENGINE: "asr.sherpa_engine:load",
}


def choose_engine(name: str = AUTO, configured: Path | None = None) -> EngineSpec:
    """The engine to load.

    Args:
        name: "auto" or an engine of the table.
        configured: the model's folder where the operator named one.

    Raises:
        OperatorVisibleError: no engine of that name.
        EnvironmentFault: what it needs is missing or damaged.
    """
    makers = _makers()
    if name != AUTO:
        if name not in makers:
            raise OperatorVisibleError("asr.engine_unknown", engine=name)
        return makers[name](configured)
    if configured is not None and looks_like_vosk(configured):
        return _vosk(configured)
    try:
        return _zipformer(configured)
    except EnvironmentFault as fault:
        if _named_by_a_person(configured):
            raise
        for other in (SHERPA_ENGINE, VOSK_ENGINE, WHISPER_ENGINE):
            try:
                return makers[other](None)
            except EnvironmentFault:
                continue
        raise fault from None


def takes_accent(spec: EngineSpec) -> bool:
    """Whether the engine can hear accents softly (argument ``accent``)."""
    return spec.name == ZIPFORMER_ENGINE


def engine_names() -> tuple[str, ...]:
    """Engines in the order of ``auto``."""
    return tuple(_makers())


def fault_of(name: str, configured: Path | None = None) -> AppError | None:
    """Why an engine cannot be chosen, or None."""
    try:
        choose_engine(name, configured)
    except AppError as error:
        return error
    return None


def _makers() -> dict[str, Callable[[Path | None], EngineSpec]]:
    return {ZIPFORMER_ENGINE: _zipformer, SHERPA_ENGINE: _sherpa, VOSK_ENGINE: _vosk, WHISPER_ENGINE: _whisper}


def _zipformer(configured: Path | None) -> EngineSpec:
    model = find_model(configured)
    if model.folder is None:
        raise EnvironmentFault("asr.no_model")
    for problem in model.problems:
        raise problem
    language_model = find_language_model()
    if language_model.folder is None:
        raise EnvironmentFault("asr.no_language_model")
    arguments = {"model_folder": str(model.folder), "lm_folder": str(language_model.folder)}
    if vocabulary_file().is_file():
        arguments["vocabulary"] = str(vocabulary_file())
    return EngineSpec(ZIPFORMER_ENGINE, _FACTORIES[ZIPFORMER_ENGINE], arguments)


def _sherpa(configured: Path | None) -> EngineSpec:
    if importlib.util.find_spec(SHERPA_PACKAGE) is None:
        raise EnvironmentFault("asr.engine_packages_missing", engine=SHERPA_ENGINE, package="sherpa-onnx")
    return _any_folder(SHERPA_ENGINE, configured)


def _vosk(configured: Path | None) -> EngineSpec:
    return _any_folder(VOSK_ENGINE, configured)


def _any_folder(engine: str, configured: Path | None) -> EngineSpec:
    """The folder that a person named, else the first catalogue model of that engine that is found whole."""
    folder = configured
    if folder is None:
        models = [model for model in entries().values() if model.engine == engine]
        found = (find_model(model=model, full=False) for model in models)
        folder = next((status.folder for status in found if status.usable), None)
    if folder is None:
        raise EnvironmentFault("asr.no_model_of_engine", engine=engine)
    for problem in structure_problems(engine, folder):
        raise problem
    return EngineSpec(engine, _FACTORIES[engine], {"model_folder": str(folder)})


def _whisper(configured: Path | None) -> EngineSpec:
    if not engine_installed():
        raise EnvironmentFault("asr.whisper_packages_missing")
    model = find_model(configured, entry(WHISPER), full=False)
    if model.folder is None:
        raise EnvironmentFault("asr.no_model")
    for problem in model.problems:
        raise problem
    return EngineSpec(WHISPER_ENGINE, _FACTORIES[WHISPER_ENGINE], {"model_folder": str(model.folder)})


def _named_by_a_person(configured: Path | None) -> bool:
    """Whether a zipformer model was found damaged at a place that somebody chose."""
    status = find_model(configured)
    return bool(status.problems) and status.origin in ("configured", "environment")
