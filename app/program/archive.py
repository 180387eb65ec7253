"""Files of a frozen folder in one file, tar under zstd: all of them, or those that another version lacks.

Unpacking takes only what the signed list names, each at its size and with its hash; anything else refuses the whole archive. Not in
use until all of it is on the disk (``app.program.versions``).
"""

from __future__ import annotations

import hashlib
import os
import sys
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from app.program.manifest import FileLine

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_WINDOW_LOG = 25
_LEVEL = 12
_CHUNK_BYTES = 1 << 20


class ArchiveError(ValueError):
    """An archive is not what it should be; the message is a short reason."""


def pack(folder: Path, lines: Iterable[FileLine], target: Path) -> None:
    """Write the files of these lines.

    Raises:
        OSError: a file cannot be read, or the disk refuses.
    """
    wanted = zstd.CompressionParameter
    options: dict[int, int] = {wanted.compression_level: _LEVEL, wanted.window_log: _WINDOW_LOG, wanted.checksum_flag: 1}
    with zstd.ZstdFile(target, "w", options=options) as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
        for line in sorted(lines, key=lambda line: line.path):
            if line.link:
                continue
            head = tarfile.TarInfo(line.path)
            head.size = line.size
            with (folder / line.path).open("rb") as stream:
                archive.addfile(head, stream)


def unpack(archive: Path, wanted: Mapping[str, FileLine], folder: Path) -> set[str]:
    """Put the archive's files into ``folder``; gives their paths.

    Args:
        archive: the file.
        wanted: the signed list by path.
        folder: new and empty.

    Raises:
        ArchiveError: it holds what the list does not name, or otherwise.
        OSError: the disk refuses.
    """
    came: set[str] = set()
    try:
        with (zstd.ZstdFile(archive, options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}) as plain,
              tarfile.open(fileobj=plain, mode="r|") as members):
            for member in members:
                line = wanted.get(member.name)
                stream = members.extractfile(member) if member.isreg() else None
                if line is None or line.link or stream is None or member.size != line.size or member.name in came:
                    raise ArchiveError("member")
                write(stream, line, folder)
                came.add(member.name)
    except (zstd.ZstdError, tarfile.TarError, EOFError) as error:
        raise ArchiveError(type(error).__name__) from error
    return came


def write(source: IO[bytes], line: FileLine, folder: Path) -> None:
    """One file of the list into ``folder``, on the disk when it returns, with its hash compared.

    Raises:
        ArchiveError: other bytes than those signed.
        OSError: the disk refuses.
    """
    target = folder / line.path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), line.size
    with target.open("xb") as stream:
        while block := source.read(_CHUNK_BYTES):
            digest.update(block)
            left -= len(block)
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    if left or digest.hexdigest() != line.sha256:
        raise ArchiveError("hash")
    target.chmod(0o755 if line.is_run else 0o644)
