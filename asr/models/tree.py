"""Gathers a model that the catalogue knows by its archive: the archive's checksum first, then all of its files.

What cannot be compared with a published checksum (a folder without our list, a repacked archive, a model whose publisher tells
none) is taken only where a person says so or gives the checksum: models are read by native code.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from asr.models.catalogue import ModelEntry
from asr.models.extract import unpack_tree
from asr.models.layouts import structure_problems
from asr.models.verify import MANIFEST, known_files, sha256_of, verify, write_manifest


@dataclass(frozen=True, slots=True)
class Trust:
    """What a person says of a source.

    Attributes:
        sha256: the archive's checksum, from a place that the person trusts; instead of the catalogue's.
        unchecked: take it although nothing can be compared.
    """

    sha256: str = ""
    unchecked: bool = False


def demand_checksum(model: ModelEntry, trust: Trust) -> None:
    """Before a download: whether its archive could be checked at all.

    Raises:
        OperatorVisibleError: no checksum is known and the person gave none.
    """
    if model.by_archive and not (trust.unchecked or trust.sha256 or model.archive_sha256):
        raise OperatorVisibleError("asr.archive_unchecked", model=model.id)


def gather(source: Path, model: ModelEntry, trust: Trust, staging: Path) -> None:
    """Bring the model's files from an archive or a folder into ``staging``, with the list of their checksums.

    Raises:
        OperatorVisibleError: nothing to compare it with, and the person did not say to take it anyhow.
        EnvironmentFault: not there, damaged, unsafe, too large, not what was published.
    """
    if source.is_dir():
        checked = _from_folder(source, model, trust, staging)
    elif source.is_file():
        checked = _from_archive(source, model, trust, staging)
    else:
        raise EnvironmentFault("asr.model_missing", path=str(source))
    for fault in structure_problems(model.engine, staging):
        raise fault
    write_manifest(staging, model, checked)


def _from_archive(source: Path, model: ModelEntry, trust: Trust, staging: Path) -> bool:
    demand_checksum(model, trust)
    wanted = trust.sha256.strip().lower() or ("" if trust.unchecked else model.archive_sha256)
    if wanted and sha256_of(source) != wanted:
        raise EnvironmentFault("asr.archive_wrong", file=source.name)
    unpack_tree(source, staging, model.max_archive_bytes)
    return bool(wanted)


def _from_folder(source: Path, model: ModelEntry, trust: Trust, staging: Path) -> bool:
    listed = known_files(source, model)
    if not listed and not trust.unchecked:
        raise OperatorVisibleError("asr.archive_unchecked", model=model.id)
    if listed and not trust.unchecked:
        for fault in verify(source, model):
            raise fault
    # What the list does not name stays outside, as do links.
    names = [file.name for file in listed] or [path.relative_to(source).as_posix() for path in source.rglob("*")]
    left = model.max_archive_bytes
    for name in names:
        path = source / name
        if path.is_symlink() or not path.is_file() or path.name == MANIFEST:
            continue
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise EnvironmentFault("asr.archive_unsafe")
        left -= path.stat().st_size
        if left < 0:
            raise EnvironmentFault("asr.archive_too_large")
        (staging / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, staging / name)
    return bool(listed) and not trust.unchecked
