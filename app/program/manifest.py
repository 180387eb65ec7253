"""The list of a frozen folder's files: path, size, SHA-256, whether it may be run; links by their goal. Signed with every release.

The list's own hash names what is in a folder: two folders with the same list are the same program, however they came about.
``from_bytes`` trusts nothing though it was signed: a path that leaves the folder, a link out of it, a name twice refuse the whole list.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

FORMAT = 1
MANIFEST = "manifest.json"
"""Where an installed version keeps its list, beside its files; itself on no list."""
MAX_FILES = 20_000
MAX_BYTES = 4 << 30
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """A list is not what it should be; the message is a short reason."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file, or a link (``link`` is its goal, the rest is empty)."""

    path: str
    size: int = 0
    sha256: str = ""
    is_run: bool = False
    link: str = ""


def made_of(folder: Path) -> tuple[FileLine, ...]:
    """The list of a folder, read from the disk.

    Raises:
        OSError: a file cannot be read.
        ManifestError: a link leads out of the folder.
    """
    lines = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            lines.append(_checked(FileLine(name, link=path.readlink().as_posix())))
        elif path.is_file() and name != MANIFEST:
            lines.append(FileLine(name, path.stat().st_size, hash_of(path), bool(path.stat().st_mode & 0o100)))
    return tuple(lines)


def hash_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def to_bytes(lines: Sequence[FileLine]) -> bytes:
    """The list in its one form."""
    files = [[line.path, line.link] if line.link else [line.path, line.size, line.sha256, line.is_run]
             for line in sorted(lines, key=lambda line: line.path)]
    return json.dumps({"format": FORMAT, "files": files}, ensure_ascii=False, separators=(",", ":")).encode()


def id_of(data: bytes) -> str:
    """What names a list: its SHA-256."""
    return hashlib.sha256(data).hexdigest()


def from_bytes(data: bytes) -> tuple[FileLine, ...]:
    """Read a list.

    Raises:
        ManifestError: not such a list.
    """
    try:
        told = json.loads(data)
        if told["format"] != FORMAT or not 0 < len(told["files"]) <= MAX_FILES:
            raise ManifestError("format")
        lines = tuple(_checked(_line(one)) for one in told["files"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ManifestError(str(error)) from error
    names = {line.path for line in lines}
    if len(names) != len(lines) or len({name.lower() for name in names}) != len(lines):
        raise ManifestError("twice")
    if any(parent.as_posix() in names for name in names for parent in PurePosixPath(name).parents):
        raise ManifestError("file as folder")
    if sum(line.size for line in lines) > MAX_BYTES:
        raise ManifestError("size")
    return lines


def by_path(lines: Sequence[FileLine]) -> Mapping[str, FileLine]:
    """The lines by their paths."""
    return {line.path: line for line in lines}


def _line(given: list[object]) -> FileLine:
    if len(given) == 2:
        return FileLine(str(given[0]), link=str(given[1]))
    path, size, digest, is_run = given
    if type(size) is not int or size < 0 or type(is_run) is not bool or not _SHA256.fullmatch(str(digest)):
        raise ManifestError("line")
    return FileLine(str(path), size, str(digest), is_run)


def _checked(line: FileLine) -> FileLine:
    if not _is_inside(PurePosixPath(), line.path) or line.path == MANIFEST:
        raise ManifestError("path")
    if line.link and not _is_inside(PurePosixPath(line.path).parent, line.link):
        raise ManifestError("link")
    return line


def _is_inside(start: PurePosixPath, given: str) -> bool:
    """Whether a relative path, taken from ``start``, stays in the folder, on every system."""
    if not given or given.startswith("/") or PurePosixPath(given).as_posix() != given or any(char in given for char in '\\:*?"<>|\0'):
        return False
    depth = len(start.parts)
    for part in PurePosixPath(given).parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return False
    return ".." not in given.split("/") or bool(start.parts)
