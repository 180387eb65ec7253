"""Which engine recognises: the documented order, and the specification with which the worker loads it.

``auto`` takes the first of this table whose parts are all there and whole:

    zipformer   streaming, partials while people talk; needs zipformer-zh-3.3m and the language model libime-zh
    whisper     utterance-wise, with punctuation; needs the optional packages and whisper-base

A damaged model is never passed over in silence: where a person named its folder (argument or ``TINGDAN_MODELS``), ``auto``
says what is wrong with it instead of taking the next engine.
"""

from __future__ import annotations

from pathlib import Path

from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from asr.loading import EngineSpec
from asr.models.catalogue import WHISPER, entry
from asr.models.find import find_language_model, find_model
from asr.models.whisper_files import engine_installed

AUTO, ZIPFORMER_ENGINE, WHISPER_ENGINE = "auto", "zipformer", "whisper"
_FACTORIES = {ZIPFORMER_ENGINE: "asr.zipformer.engine:load", WHISPER_ENGINE: "asr.whisper_engine:load"}


def choose_engine(name: str = AUTO, configured: Path | None = None) -> EngineSpec:
    """The engine to load.

    Args:
        name: "auto", "zipformer" or "whisper".
        configured: the model's folder where the operator named one.

    Raises:
        OperatorVisibleError: no engine of that name.
        EnvironmentFault: what it needs is missing or damaged.
    """
    if name == ZIPFORMER_ENGINE:
        return _zipformer(configured)
    if name == WHISPER_ENGINE:
        return _whisper(configured)
    if name != AUTO:
        raise OperatorVisibleError("asr.engine_unknown", engine=name)
    try:
        return _zipformer(configured)
    except EnvironmentFault as fault:
        if _named_by_a_person(configured):
            raise
        try:
            return _whisper(None)
        except EnvironmentFault:
            raise fault from None


def fault_of(name: str, configured: Path | None = None) -> AppError | None:
    """Why an engine cannot be chosen, or None."""
    try:
        choose_engine(name, configured)
    except AppError as error:
        return error
    return None


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
    return EngineSpec(ZIPFORMER_ENGINE, _FACTORIES[ZIPFORMER_ENGINE], arguments)


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
