"""Where the installed models lie: the configured folder, the folders of ``TINGDAN_MODELS``, the user's data folder, the machine's.

Each place may be a model's own folder or a folder of models. The first place that has the model decides, also when what it
has is damaged: an operator who names a folder wants to be told about it, not silently given another one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault
from app.platform import paths
from asr.models.catalogue import LANGUAGE_MODEL, ZIPFORMER, ModelEntry, entry
from asr.models.verify import glance, verify

VARIABLE = "TINGDAN_MODELS"
LM_MARK = "meta.json"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What was found of one model.

    Attributes:
        model: catalogue entry.
        folder: where it lies, or None.
        origin: "configured", "environment", "installed" or "machine"; empty where it was not found.
        problems: what is wrong with it; empty for a good one.
    """

    model: ModelEntry
    folder: Path | None = None
    origin: str = ""
    problems: tuple[EnvironmentFault, ...] = ()

    @property
    def usable(self) -> bool:
        """Found and whole."""
        return self.folder is not None and not self.problems


def models_dir() -> Path:
    """Where this program installs models."""
    return paths.data_dir() / "models"


def vocabulary_file() -> Path:
    """The centre's own words, where ``tingdan models tune`` puts them; need not exist."""
    return paths.data_dir() / "vocabulary.txt"


def find_model(configured: Path | None = None, model: ModelEntry | None = None, full: bool = True) -> ModelStatus:
    """Look for a model.

    Args:
        configured: folder from the settings or the command line.
        model: which one; None is the default streaming model.
        full: compare checksums, not only lengths.
    """
    model = model or entry(ZIPFORMER)
    check = verify if full else glance
    for origin, place in _places(configured):
        folder = _in_place(place, model)
        if folder is not None:
            return ModelStatus(model, folder, origin, tuple(check(folder, model)))
        if origin == "configured":
            return ModelStatus(model, place, origin, tuple(glance(place, model)))
    return ModelStatus(model)


def find_language_model() -> ModelStatus:
    """Look for the converted trigram; the same places but for the configured one, which names an acoustic model."""
    model = entry(LANGUAGE_MODEL)
    for origin, place in _places(None):
        for folder in (place / model.folder, place):
            if _is_there(folder / LM_MARK) and folder.name == model.folder:
                return ModelStatus(model, folder, origin)
    return ModelStatus(model)


def _places(configured: Path | None) -> Iterator[tuple[str, Path]]:
    if configured is not None:
        yield "configured", configured
    for name in os.environ.get(VARIABLE, "").split(os.pathsep):
        if name.strip():
            yield "environment", Path(name.strip())
    yield "installed", models_dir()
    yield "machine", paths.machine_dir() / "models"


def _in_place(place: Path, model: ModelEntry) -> Path | None:
    """The model's folder below or at ``place``; a folder counts as soon as it holds one of the model's files.

    The files of a model known by its archive have common names: at ``place`` itself it must carry the model's own name.
    """
    names = [file.name for file in model.files] or list(model.marks)
    for folder in (place / model.folder, place):
        if model.by_archive and folder.name != model.folder:
            continue
        if any(_is_there(folder / name) for name in names):
            return folder
    return place / model.folder if _is_there(place / model.folder) else None


def _is_there(path: Path) -> bool:
    """Whether it exists and this user may look at it: a folder of the administrator's that is closed is none."""
    return os.access(path, os.R_OK)
