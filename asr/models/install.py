"""Puts a model into the user's data folder: from the official release, a mirror, or a folder or archive on a stick.

Every way ends alike: files gather in a staging folder beside the target, each is compared with the catalogue's checksum,
and only then the folder is switched by renaming. A break at any point leaves the old model, or none, never half a one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from app.domain.errors import AppError, EnvironmentFault
from app.platform import paths
from asr.models.catalogue import ZIPFORMER, ModelEntry, entry
from asr.models.download import Patience, Progress, fetch
from asr.models.extract import unpack
from asr.models.find import models_dir
from asr.models.tree import Trust, demand_checksum, gather
from asr.models.verify import verify


def install(progress: Progress, address: str | None = None, model: ModelEntry | None = None,
            patience: Patience | None = None, trust: Trust | None = None) -> Path:
    """Download, check and install a model.

    Args:
        progress: bytes so far, whole length or None.
        address: archive to fetch instead of the official one (a mirror).
        model: which one; None is the default streaming model.
        patience: waiting times of the download.
        trust: what a person says of a source that cannot be compared with a published checksum.

    Returns:
        The model's folder.

    Raises:
        EnvironmentFault: no network, refused, damaged, not the published files, disk full.
        OperatorVisibleError: no checksum is known to compare it with.
    """
    model, trust = model or entry(ZIPFORMER), trust or Trust()
    demand_checksum(model, trust)
    address = address or model.address
    if not address:
        raise EnvironmentFault("asr.download_address", address=model.id)
    folder = paths.cache_dir() / "downloads"
    archive = folder / (Path(urlsplit(address).path).name or model.id)
    with disk_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
    fetch(address, archive, model.max_archive_bytes, progress, patience)
    try:
        return install_from(archive, model, trust)
    finally:
        archive.unlink(missing_ok=True)


def mirrored(model: ModelEntry, mirror: str) -> str | None:
    """Where a mirror that holds the archives by their official names has this model; None without a mirror or an archive."""
    name = Path(urlsplit(model.address).path).name
    return f"{mirror.rstrip('/')}/{name}" if mirror and name else None


def install_from(source: Path, model: ModelEntry | None = None, trust: Trust | None = None) -> Path:
    """Install a model from a folder or an archive; gives the model's folder.

    Raises:
        EnvironmentFault: not there, damaged, unsafe, not the published files, disk full.
        OperatorVisibleError: no checksum is known to compare it with.
    """
    model = model or entry(ZIPFORMER)
    if model.by_archive:
        with staged(models_dir() / model.folder) as staging:
            gather(source, model, trust or Trust(), staging)
        return models_dir() / model.folder
    wanted = [file.name for file in model.files]
    with staged(models_dir() / model.folder) as staging:
        if source.is_dir():
            for name in wanted:
                if (source / name).is_file():
                    shutil.copyfile(source / name, staging / name)
        elif source.is_file():
            unpack(source, wanted, staging, model.max_archive_bytes)
        else:
            raise EnvironmentFault("asr.model_missing", path=str(source))
        _demand(staging, model, source)
    return models_dir() / model.folder


def _demand(staging: Path, model: ModelEntry, source: Path) -> None:
    """Raise the first problem, told about the source and not about our staging folder."""
    for fault in verify(staging, model):
        raise EnvironmentFault(fault.key, **{**fault.params, "path": source.name})


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A staging folder that becomes ``target`` when the block ends well, and disappears when it does not.

    Raises:
        EnvironmentFault: the disk says no.
    """
    with disk_faults(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            yield staging
            staging.chmod(0o755)
            for path in staging.rglob("*"):
                _to_disk(path)
            _switch(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _switch(staging: Path, target: Path) -> None:
    """Rename; a model that stands there is moved aside first and brought back if the second step fails."""
    if not target.exists():
        staging.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    try:
        target.rename(aside / "old")
        try:
            staging.rename(target)
        except OSError:
            (aside / "old").rename(target)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _to_disk(path: Path) -> None:
    if path.is_file():
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())


@contextmanager
def disk_faults(place: Path) -> Iterator[None]:
    """Translate what the disk says.

    Raises:
        EnvironmentFault: any OSError in the block.
    """
    try:
        yield
    except AppError:
        raise
    except OSError as error:
        raise EnvironmentFault("asr.disk", path=str(place), problem=error.strerror or type(error).__name__) from error
