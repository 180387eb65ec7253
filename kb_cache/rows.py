"""Published rows: their canonical form, the hash of a whole set, and the packed files in which they travel.

A row is one record of docs/kb-format.md; publisher and desk write it alike (sorted keys, no blanks), so that equal sets have
equal hashes whatever way they came by. A packed file is JSON Lines under zstd: a head with the release numbers, then one
operation a line, ``{"put": record}`` or ``{"drop": id}``. A full file is one that starts from nothing.

Unpacking trusts nothing: the size of what comes out is bounded before it comes, so is the memory that a frame may ask for,
and a line that is no operation refuses the whole file.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT = 1
#: 8 MiB of window: what level 19 needs for our files, and all that a desk's memory is asked for.
_WINDOW_LOG = 23
_LEVEL = 12
_CHUNK_BYTES = 1 << 16
MAX_PLAIN_BYTES = 512 << 20
MAX_LINE_BYTES = 4 << 20

Rows = dict[str, str]
"""Id to canonical line."""


class PackedFileError(ValueError):
    """A packed file is not what it should be; the message is a short reason."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What leads from one release to another; ``from_release`` 0: from nothing."""

    from_release: int
    release: int
    puts: Rows
    drops: tuple[str, ...]


def canonical(record: Mapping[str, object]) -> str:
    """A record as the one line that stands for it."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def set_hash(rows: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of a row set, independent of order.

    Args:
        rows: (id, canonical line), each id once.
    """
    whole = hashlib.sha256()
    for key, line in sorted(rows):
        whole.update(hashlib.sha256(key.encode()).digest() + hashlib.sha256(line.encode()).digest())
    return whole.hexdigest()


def changes_between(old: Rows, new: Rows, from_release: int, release: int) -> Changes:
    """What to put and what to drop."""
    puts = {key: line for key, line in new.items() if old.get(key) != line}
    return Changes(from_release, release, puts, tuple(sorted(old.keys() - new.keys())))


def pack(changes: Changes) -> tuple[bytes, int]:
    """The packed file and the size of what is in it."""
    head = {"format": FORMAT, "from": changes.from_release, "release": changes.release}
    lines = [canonical(head)]
    lines.extend(f'{{"put":{line}}}' for _, line in sorted(changes.puts.items()))
    lines.extend(canonical({"drop": key}) for key in changes.drops)
    plain = ("\n".join(lines) + "\n").encode()
    wanted = zstd.CompressionParameter
    options: dict[int, int] = {wanted.compression_level: _LEVEL, wanted.window_log: _WINDOW_LOG, wanted.checksum_flag: 1}
    return zstd.compress(plain, options=options), len(plain)


def unpack(path: Path, plain_bytes: int) -> Changes:
    """Read a packed file.

    Args:
        path: the file.
        plain_bytes: size of its content as signed; more is refused before it is held.

    Raises:
        PackedFileError: not such a file, or larger than signed.
        OSError: it cannot be read.
    """
    if not 0 < plain_bytes <= MAX_PLAIN_BYTES:
        raise PackedFileError("size")
    lines = _lines(path, plain_bytes)
    head = _object(next(lines, b""))
    if head.get("format") != FORMAT or not _is_count(head.get("from")) or not _is_count(head.get("release")):
        raise PackedFileError("head")
    puts: Rows = {}
    drops: list[str] = []
    for line in lines:
        operation = _object(line)
        record, dropped = operation.get("put"), operation.get("drop")
        if isinstance(record, dict) and isinstance(record.get("id"), str) and record["id"]:
            puts[record["id"]] = canonical(record)
        elif isinstance(dropped, str) and dropped:
            drops.append(dropped)
        else:
            raise PackedFileError("operation")
    return Changes(cast("int", head["from"]), cast("int", head["release"]), puts, tuple(drops))


def _lines(path: Path, plain_bytes: int) -> Iterator[bytes]:
    rest = b""
    for block in _plain(path, plain_bytes):
        *whole, rest = (rest + block).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise PackedFileError("line")
        yield from whole
    if rest:
        raise PackedFileError("cut")


def _plain(path: Path, plain_bytes: int) -> Iterator[bytes]:
    decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})
    came = 0
    try:
        with path.open("rb") as stream:
            while not decompressor.eof:
                packed = stream.read(_CHUNK_BYTES) if decompressor.needs_input else b""
                if decompressor.needs_input and not packed:
                    raise PackedFileError("cut")
                block = decompressor.decompress(packed, max_length=_CHUNK_BYTES)
                came += len(block)
                if came > plain_bytes:
                    raise PackedFileError("size")
                yield block
            if decompressor.unused_data or stream.read(1):
                raise PackedFileError("trailing")
    except zstd.ZstdError as error:
        raise PackedFileError("zstd") from error
    if came != plain_bytes:
        raise PackedFileError("size")


def _object(line: bytes) -> dict[str, object]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PackedFileError("json") from error
    if not isinstance(value, dict):
        raise PackedFileError("json")
    return value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
