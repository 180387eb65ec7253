"""Checks an encrypted store page by page without SQLite, to tell a wrong key from a damaged file.

SQLite says "file is not a database" for both. Every page of an SQLCipher 4 file ends in an HMAC-SHA512 of its content
under a key derived from ours: where one page passes, the key is right and pages that fail are damaged; where none passes,
the key is another. Page layout as SQLCipher 4 documents it: 4096 bytes, of which the last 80 hold the initialisation
vector (16) and the code (64); the first 16 bytes of the file are the salt. Read-only; any thread.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

PAGE_BYTES = 4096
_SALT_BYTES = 16
_HMAC_BYTES = 64
_MASK = 0x3A
_PLAIN_HEADER = b"SQLite format 3\x00"
# A wrong key is certain after a few pages; damage rarely hits so many at once from the start.
_ENOUGH_BAD = 4096
_TORN_TRIES = 5
_TORN_WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found.

    Attributes:
        pages: whole pages looked at.
        good: how many passed.
        first_bad: number (from 1) of the first that failed, 0 where none did.
        plain_sqlite: the file is an unencrypted SQLite database.
    """

    pages: int
    good: int
    first_bad: int
    plain_sqlite: bool = False


def inspect(path: Path, key: bytes) -> Verdict:
    """Look at the pages until the matter is clear: one good and one bad, or enough bad ones, or the end.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        salt = file.read(_SALT_BYTES)
        if salt == _PLAIN_HEADER:
            return Verdict(0, 0, 0, plain_sqlite=True)
        mac_key = _mac_key(key, salt)
        file.seek(0)
        number = good = first_bad = 0
        while len(page := file.read(PAGE_BYTES)) == PAGE_BYTES:
            number += 1
            if _passes(page, number, mac_key):
                good += 1
            elif not first_bad:
                first_bad = number
            if first_bad and (good or number >= _ENOUGH_BAD):
                break
        if page and len(page) < PAGE_BYTES and not first_bad:
            first_bad = number + 1
    return Verdict(number, good, first_bad)


def fits(path: Path, key: bytes) -> bool:
    """Whether the first page passes under this key; False too where the file is missing or no store."""
    try:
        with path.open("rb") as file:
            page = file.read(PAGE_BYTES)
    except OSError:
        return False
    return len(page) == PAGE_BYTES and _passes(page, 1, _mac_key(key, page[:_SALT_BYTES]))


def scan(path: Path, key: bytes, stop: threading.Event) -> int:
    """Check every page of a file that may be in use; number of the first damaged page, 0 where there is none or on stop.

    A page that a checkpoint is just writing may fail once; a damaged one fails again and again.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        salt = file.read(_SALT_BYTES)
        mac_key = _mac_key(key, salt)
        number = 0
        while not stop.is_set():
            number += 1
            if not _read_and_check(file, number, mac_key, stop):
                break
            if file.tell() < number * PAGE_BYTES:
                return 0
        return 0 if stop.is_set() else number


def _read_and_check(file: FileIO, number: int, mac_key: bytes, stop: threading.Event) -> bool:
    for _ in range(_TORN_TRIES):
        file.seek((number - 1) * PAGE_BYTES)
        page = file.read(PAGE_BYTES)
        if not page or (len(page) == PAGE_BYTES and _passes(page, number, mac_key)) or stop.wait(_TORN_WAIT_S):
            return True
    return False


def _mac_key(key: bytes, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", key, bytes(byte ^ _MASK for byte in salt), 2, 32)


def _passes(page: bytes, number: int, mac_key: bytes) -> bool:
    begin = _SALT_BYTES if number == 1 else 0
    code = hmac.new(mac_key, page[begin:-_HMAC_BYTES] + number.to_bytes(4, "little"), hashlib.sha512).digest()
    return hmac.compare_digest(code, page[-_HMAC_BYTES:])
