"""What can go wrong with the store's file, in the program's own errors.

    EnvironmentFault
    ├── store.wrong_key       the key does not open this file; the file is whole
    ├── store.damaged         a page fails its check (params: page)
    ├── store.not_a_store     some other file stands where the store should be
    ├── store.newer_schema    written by a newer program (params: found, known)
    ├── store.read_only       file or folder may not be written
    ├── store.disk_full       no room left
    ├── store.busy            another program holds it for too long
    ├── store.moved           the file was moved or deleted while in use
    └── store.io              the disk fails otherwise (params: code)
    OperatorVisibleError
    └── store.already_submitted   the call has a ticket with other contents (params: ticket_no)

None of them changes or removes a file. ``translate`` is the only place that looks at SQLite's codes.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from app.domain.errors import EnvironmentFault
from app.store import page_check

_PRIMARY = 0xFF
_ERROR, _FULL, _BUSY, _LOCKED, _READONLY, _CORRUPT, _NOTADB, _CANTOPEN, _IOERR = 1, 13, 5, 6, 8, 11, 26, 14, 10
_EXPORT_SAYS = {"disk is full": _FULL, "readonly database": _READONLY, "disk I/O error": _IOERR, "disk image is malformed": _CORRUPT}


@contextmanager
def translated(path: Path, key: bytes) -> Iterator[None]:
    """Turn SQLite's and the system's errors into EnvironmentFault; programming errors pass as they are."""
    try:
        yield
    except sqlcipher.Error as error:
        fault = translate(error, path, key)
        if fault is None:
            raise
        raise fault from error
    except OSError as error:
        raise _from_os(error) from error


def translate(error: sqlcipher.Error, path: Path, key: bytes) -> EnvironmentFault | None:
    """The fault behind a SQLite error; None where it is our own mistake (SQL, constraint)."""
    extended = getattr(error, "sqlite_errorcode", None)
    if extended is None:
        return None
    code = extended & _PRIMARY
    if code == _ERROR:  # ``sqlcipher_export`` is a function: what stopped it comes as its text only
        code = next((each for words, each in _EXPORT_SAYS.items() if words in str(error)), code)
    if code in (_CORRUPT, _NOTADB):
        return why_unreadable(path, key)
    plain = {_FULL: "store.disk_full", _BUSY: "store.busy", _LOCKED: "store.busy", _READONLY: "store.read_only"}
    if code in plain:
        return EnvironmentFault(plain[code])
    if code == _CANTOPEN:
        return EnvironmentFault("store.read_only" if path.parent.is_dir() else "store.io", code="CANTOPEN")
    if isinstance(error, sqlcipher.OperationalError | sqlcipher.InternalError) and code != _ERROR:
        return EnvironmentFault("store.io", code=str(getattr(error, "sqlite_errorname", code)))
    return None


def why_unreadable(path: Path, key: bytes) -> EnvironmentFault:
    """Wrong key, damage, or some other file: told apart by the pages' own message authentication codes."""
    try:
        verdict = page_check.inspect(path, key)
    except OSError as error:
        return _from_os(error)
    if verdict.plain_sqlite or (not verdict.good and verdict.pages == 0):
        return EnvironmentFault("store.not_a_store")
    if not verdict.good:
        return EnvironmentFault("store.wrong_key")
    return EnvironmentFault("store.damaged", page=verdict.first_bad)


def _from_os(error: OSError) -> EnvironmentFault:
    if error.errno == errno.ENOSPC:
        return EnvironmentFault("store.disk_full")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EnvironmentFault("store.read_only")
    return EnvironmentFault("store.io", code=errno.errorcode.get(error.errno or 0, "OS"))
