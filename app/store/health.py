"""How the ticket store is, for ``tingdan doctor``. Looks and changes nothing; a store that is not there yet is well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.domain.errors import AppError
from app.domain.health import Check
from app.store.connection import CHECK_AT_OPEN_BYTES, check, open_reader


def store_checks(path: Path, key_of: Callable[[], bytes]) -> tuple[Check, ...]:
    """Whether the store opens and is whole.

    Args:
        path: the database file.
        key_of: gives its key; asked only where there is a store.
    """
    if not path.exists():
        return (Check("store.file", True, "store.not_yet"),)
    try:
        key = key_of()
        db = open_reader(path, key)
        try:
            if path.stat().st_size <= CHECK_AT_OPEN_BYTES:
                check(db, path, key)
            counts = {name: db[name].count for name in ("drafts", "tickets", "outbox")}
        finally:
            db.close()
    except AppError as error:
        return (Check("store.file", False, error.key, error.params),)
    return (Check("store.file", True, "store.opens", counts),)
