"""Whether a model folder holds what its publisher released: every file there, whole, and the right one.

``verify`` reads everything (4.7 MB: 10 ms; Whisper: half a second); ``glance`` compares lengths only. Both give faults as
values, most telling first, so that doctor can list all of them.

A model that the catalogue knows by its archive carries a list of its files with their checksums (``MANIFEST``), written when it
was installed from a checked archive. Without it (a folder unpacked by hand) only the structure can be judged.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from app.domain.errors import EnvironmentFault
from asr.models.catalogue import ModelEntry, ModelFile
from asr.models.layouts import structure_problems

MANIFEST = "tingdan-model.json"

_CHUNK_BYTES = 1 << 20


def verify(folder: Path, model: ModelEntry) -> list[EnvironmentFault]:
    """Everything that is wrong with ``folder``; empty where it is the published model, byte for byte."""
    problems = glance(folder, model)
    if problems:
        return problems
    return [fault for file in known_files(folder, model) if (fault := _check_content(folder, file))]


def glance(folder: Path, model: ModelEntry) -> list[EnvironmentFault]:
    """As ``verify`` without reading contents."""
    if not folder.is_dir():
        return [EnvironmentFault("asr.model_missing", path=str(folder))]
    if model.by_archive and (problems := structure_problems(model.engine, folder)):
        return problems
    return [fault for file in known_files(folder, model) if (fault := _check_length(folder, file))]


def known_files(folder: Path, model: ModelEntry) -> tuple[ModelFile, ...]:
    """The files whose checksums are known: of the catalogue, else of the folder's own list; empty where there is none."""
    if model.files:
        return model.files
    try:
        return tuple(ModelFile(str(f["name"]), int(f["bytes"]), str(f["sha256"])) for f in _manifest(folder)["files"])
    except (ValueError, KeyError, TypeError):
        return ()


def was_checked(folder: Path, model: ModelEntry) -> bool:
    """Whether what was installed had a published checksum."""
    return bool(model.files) or _manifest(folder).get("checked") is True


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def write_manifest(folder: Path, model: ModelEntry, checked: bool) -> None:
    """Write down what the files of a freshly installed model are.

    Args:
        folder: the model's.
        model: which one.
        checked: whether its archive had the published checksum.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    files = [{"name": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": sha256_of(path)}
             for path in paths]
    told = {"model": model.id, "checked": checked, "files": files}
    (folder / MANIFEST).write_text(json.dumps(told, indent=1), "utf-8")


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _check_length(folder: Path, file: ModelFile) -> EnvironmentFault | None:
    path = folder / file.name
    try:
        if not path.is_file():
            return EnvironmentFault("asr.model_file_missing", path=str(folder), file=file.name)
        length = path.stat().st_size
    except OSError as error:
        return _unreadable(file, error)
    if length < file.bytes:
        return EnvironmentFault("asr.model_file_truncated", path=str(folder), file=file.name, bytes=length, expected=file.bytes)
    if length > file.bytes:
        return EnvironmentFault("asr.model_file_wrong", path=str(folder), file=file.name)
    return None


def _check_content(folder: Path, file: ModelFile) -> EnvironmentFault | None:
    try:
        same = sha256_of(folder / file.name) == file.sha256
    except OSError as error:
        return _unreadable(file, error)
    return None if same else EnvironmentFault("asr.model_file_wrong", path=str(folder), file=file.name)


def _unreadable(file: ModelFile, error: OSError) -> EnvironmentFault:
    return EnvironmentFault("asr.model_file_unreadable", file=file.name, problem=error.strerror or type(error).__name__)
