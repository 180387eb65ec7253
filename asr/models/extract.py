"""Takes the wanted files, and nothing else, out of an archive that may be hostile.

Members are found by their base name and written under it: a path in an archive never becomes a path on this PC, and an archive
that tries (``..``, absolute names, links in place of files) is refused whole. Sizes are bounded while reading, not by what the
archive says of itself.
"""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from app.domain.errors import EnvironmentFault

_MAX_MEMBERS = 2_000
_CHUNK_BYTES = 1 << 18
_EXPANSION = 8
_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)


def unpack(archive: Path, wanted: Collection[str], out: Path, max_bytes: int) -> set[str]:
    """Write the wanted files of a tar (gz, bz2, xz) or zip into ``out``.

    Args:
        archive: file to read.
        wanted: base names.
        out: an existing, empty folder.
        max_bytes: bound of what is written; eight times as much is read at most.

    Returns:
        The names that were found.

    Raises:
        EnvironmentFault: not an archive, damaged, unsafe or too large.
    """
    budget = _Budget(max_bytes)
    with _translated(archive):
        if zipfile.is_zipfile(archive):
            return _unzip(archive, wanted, out, budget)
        return _untar(archive, wanted, out, budget)


def unpack_tree(archive: Path, out: Path, max_bytes: int) -> None:
    """Write all files of an archive into ``out``, below the folders they lie in; a single folder around all is left off.

    For models that are known by their archive's checksum. Links, devices, names that leave ``out`` or that Windows takes
    otherwise (backslash, colon) refuse the whole archive.

    Args:
        archive: file to read.
        out: an existing, empty folder.
        max_bytes: bound of what is written.

    Raises:
        EnvironmentFault: not an archive, damaged, unsafe or too large.
    """
    budget = _Budget(max_bytes)
    with _translated(archive):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as box:
                for info in box.infolist():
                    budget.member(info.filename, 0)
                    if not info.is_dir():
                        with box.open(info) as source:
                            budget.copy(source, _inside(out, info.filename))
        else:
            with tarfile.open(archive, "r|*") as tar:
                for member in tar:
                    budget.member(member.name, member.size)
                    if member.isdir():
                        continue
                    stream = tar.extractfile(member) if member.isreg() else None
                    if stream is None:
                        raise EnvironmentFault("asr.archive_unsafe")
                    budget.copy(stream, _inside(out, member.name))
        _lift(out)


def _inside(out: Path, name: str) -> Path:
    """Where a member goes; its folders are made."""
    parts = PurePosixPath(name).parts
    if not parts or any("\\" in part or ":" in part for part in parts):
        raise EnvironmentFault("asr.archive_unsafe")
    target = out.joinpath(*parts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:  # a file where another member needs a folder
        raise EnvironmentFault("asr.archive_unsafe") from error
    return target


def _lift(out: Path) -> None:
    """Move what lies in a single folder up."""
    inside = list(out.iterdir())
    if len(inside) != 1 or not inside[0].is_dir():
        return
    around = inside[0].rename(out / ".around")
    for path in around.iterdir():
        path.rename(out / path.name)
    around.rmdir()


class _Budget:
    """Counts members and bytes of one archive and refuses the excess."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes
        self._read_left = max_bytes * _EXPANSION
        self._members = 0

    def member(self, name: str, bytes_said: int) -> None:
        self._members += 1
        self._read_left -= max(0, bytes_said)
        posix, windows = PurePosixPath(name), PureWindowsPath(name)
        unsafe = posix.is_absolute() or windows.drive or windows.root or ".." in posix.parts or ".." in windows.parts
        if unsafe or "\x00" in name:
            raise EnvironmentFault("asr.archive_unsafe")
        if self._members > _MAX_MEMBERS or self._read_left < 0:
            raise EnvironmentFault("asr.archive_too_large")

    def copy(self, source: IO[bytes], target: Path) -> None:
        if target.exists():
            raise EnvironmentFault("asr.archive_unsafe")
        with target.open("xb") as stream:
            while chunk := source.read(_CHUNK_BYTES):
                self._left -= len(chunk)
                if self._left < 0:
                    raise EnvironmentFault("asr.archive_too_large")
                stream.write(chunk)


def _untar(archive: Path, wanted: Collection[str], out: Path, budget: _Budget) -> set[str]:
    found: set[str] = set()
    with tarfile.open(archive, "r|*") as tar:
        for member in tar:
            budget.member(member.name, member.size)
            name = PurePosixPath(member.name).name
            if name not in wanted or member.isdir():
                continue
            source = tar.extractfile(member) if member.isreg() else None
            if source is None:
                raise EnvironmentFault("asr.archive_unsafe")
            budget.copy(source, out / name)
            found.add(name)
    return found


def _unzip(archive: Path, wanted: Collection[str], out: Path, budget: _Budget) -> set[str]:
    found: set[str] = set()
    with zipfile.ZipFile(archive) as box:
        for info in box.infolist():
            budget.member(info.filename, 0)
            name = PurePosixPath(info.filename).name
            if name not in wanted or info.is_dir():
                continue
            with box.open(info) as source:
                budget.copy(source, out / name)
            found.add(name)
    return found


@contextmanager
def _translated(archive: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise EnvironmentFault("asr.archive_damaged", file=archive.name) from error
    except OSError as error:
        if error.errno is None:  # bz2 and gzip report damage as OSError without a number
            raise EnvironmentFault("asr.archive_damaged", file=archive.name) from error
        raise EnvironmentFault("asr.disk", path=str(archive.parent), problem=error.strerror or "") from error
