"""Gets the language model: Debian's package of libime's trigram, unpacked without root, turned into our own folder.

Sources in this order: a file that the caller names (the .deb, or the ``zh_CN.lm`` itself), the file where Debian's package
is installed on this PC, ``apt-get download`` (as any user; where the machine has no package lists yet, private ones are
fetched, which needs no root either). apt checks the package's signatures; the converter checks the file's own structure.
"""

from __future__ import annotations

import lzma
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from app.domain.errors import EnvironmentFault
from asr.lm.convert import convert
from asr.models.catalogue import LANGUAGE_MODEL, ModelEntry, entry
from asr.models.find import models_dir
from asr.models.install import disk_faults

_APT_TIMEOUT_S = 240
_AR_MAGIC = b"!<arch>\n"
_AR_HEAD_BYTES = 60
_MAX_SOURCE_BYTES = 200_000_000
_INSTALLED = "usr/lib/*/libime"


def install_language_model(source: Path | None = None, root: Path = Path("/")) -> Path:
    """Make the language model's folder in the user's data folder and give its path.

    Args:
        source: a .deb or the language model file; None to look for one.
        root: where the system's files begin (tests).

    Raises:
        EnvironmentFault: no source can be had, it is damaged, or the disk says no.
    """
    model = entry(LANGUAGE_MODEL)
    target = models_dir() / model.folder
    with disk_faults(models_dir()), tempfile.TemporaryDirectory(prefix="tingdan-lm-") as folder:
        work = Path(folder)
        path = source or _installed(model, root) or _download(model, work)
        if path.suffix == ".deb":
            path = _from_package(path, model, work)
        models_dir().mkdir(parents=True, exist_ok=True)
        convert(path, target)
    return target


def _installed(model: ModelEntry, root: Path) -> Path | None:
    """The file of an installed Debian package."""
    return next(iter(sorted(root.glob(f"{_INSTALLED}/{model.source}"))), None)


def _download(model: ModelEntry, work: Path) -> Path:
    """The package by apt-get: with the system's lists, else with private ones."""
    if shutil.which("apt-get") is None:
        raise EnvironmentFault("asr.lm_package_unreachable", package=model.package)
    lists, cache = work / "lists", work / "cache"
    for folder in (lists / "partial", cache / "archives" / "partial"):
        folder.mkdir(parents=True)
    private = ["-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={cache}"]
    asking = ["download", model.package]
    if not _apt(asking, work) and not (_apt([*private, "update"], work) and _apt([*private, *asking], work)):
        raise EnvironmentFault("asr.lm_package_unreachable", package=model.package)
    package = next(iter(sorted(work.glob("*.deb"))), None)
    if package is None:
        raise EnvironmentFault("asr.lm_package_unreachable", package=model.package)
    return package


def _apt(arguments: list[str], work: Path) -> bool:
    """Whether apt-get did it; its output is not for people. The sandbox user could not write into our folder."""
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", *arguments]
    try:
        done = subprocess.run(command, cwd=work, capture_output=True, timeout=_APT_TIMEOUT_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _from_package(package: Path, model: ModelEntry, work: Path) -> Path:
    """The language model's file out of a .deb, and nothing else of it."""
    damaged = EnvironmentFault("asr.lm_package_damaged", file=package.name, source=model.source)
    target = work / model.source
    try:
        with tarfile.open(fileobj=_data_archive(package, damaged), mode="r|*") as tar:
            for member in tar:
                if Path(member.name).name != model.source or not member.isreg() or member.size > _MAX_SOURCE_BYTES:
                    continue
                source = tar.extractfile(member)
                assert source is not None
                with target.open("wb") as stream:
                    shutil.copyfileobj(source, stream)
                return target
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError) as error:
        raise damaged from error
    raise damaged


def _data_archive(package: Path, damaged: EnvironmentFault) -> IO[bytes]:
    """The data member of a .deb as a tar that tarfile can read; zstd ones (Ubuntu) need dpkg-deb."""
    for name, content in _ar_members(package, damaged):
        if name.startswith("data.tar.zst"):
            return _by_dpkg(package, damaged)
        if name.startswith("data.tar"):
            return BytesIO(content)
    raise damaged


def _ar_members(package: Path, damaged: EnvironmentFault) -> Iterator[tuple[str, bytes]]:
    """Members of an ar archive: 60-byte headers with name and decimal length, contents padded to even offsets."""
    with package.open("rb") as stream:
        if stream.read(len(_AR_MAGIC)) != _AR_MAGIC:
            raise damaged
        while len(head := stream.read(_AR_HEAD_BYTES)) == _AR_HEAD_BYTES:
            length = head[48:58].decode("ascii", "replace").strip()
            if not length.isdigit() or int(length) > _MAX_SOURCE_BYTES:
                raise damaged
            content = stream.read(int(length) + int(length) % 2)[: int(length)]
            if len(content) < int(length):
                raise damaged
            yield head[:16].decode("ascii", "replace").strip().rstrip("/"), content


def _by_dpkg(package: Path, damaged: EnvironmentFault) -> IO[bytes]:
    tool = shutil.which("dpkg-deb")
    if tool is None:
        raise damaged
    done = subprocess.run([tool, "--fsys-tarfile", str(package)], capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise damaged
    return BytesIO(done.stdout)
