"""``secrets.json``: says where the store's key is, and holds nothing secret.

A place is the name of a keyring entry or a key wrapped behind a passphrase. Beside the place of the present key there may be
``next`` (a rotation was begun: whichever of the two opens the store is the present one) and ``former`` (places of keys that
backups outside may need). An older program sees the present key only and writes the others away, which loses no store.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import EnvironmentFault
from app.platform.atomic_file import write_atomically
from app.platform.passphrase import Cost, Wrapped

RECORD_NAME = "secrets.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where one key is: exactly one of the two is set."""

    entry: str = ""
    wrapped: Wrapped | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The file."""

    present: Place
    following: Place | None = None
    former: tuple[Place, ...] = ()


def read_record(folder: Path) -> Record | None:
    """The record of the store in ``folder``, None where there is none.

    Raises:
        EnvironmentFault: ``platform.record_damaged``.
    """
    try:
        form = json.loads((folder / RECORD_NAME).read_bytes())
        if form["version"] != _VERSION:
            raise ValueError("version")
        following = _place(form["next"]) if "next" in form else None
        return Record(_place(form), following, tuple(_place(each) for each in form.get("former", ())))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EnvironmentFault("platform.record_damaged", file=RECORD_NAME, reason=type(error).__name__) from error


def write_record(folder: Path, record: Record) -> None:
    """Replace the record; after a crash the old or the new one is there.

    Raises:
        EnvironmentFault: ``platform.record_unwritable``; the old one stands.
    """
    form: dict[str, object] = {"version": _VERSION, **_form(record.present)}
    if record.following is not None:
        form["next"] = _form(record.following)
    if record.former:
        form["former"] = [_form(each) for each in record.former]
    try:
        write_atomically(folder / RECORD_NAME, json.dumps(form, indent=1).encode())
    except OSError as error:
        raise EnvironmentFault("platform.record_unwritable", file=RECORD_NAME, reason=type(error).__name__) from error


def _form(place: Place) -> dict[str, object]:
    if place.wrapped is None:
        return {"keyring_entry": place.entry}
    w = place.wrapped
    return {"passphrase": {"salt": w.salt.hex(), "n": w.cost.n, "r": w.cost.r, "p": w.cost.p, "masked": w.masked.hex(),
                           "code": w.code.hex()}}


def _place(form: dict[str, Any]) -> Place:
    if "keyring_entry" in form:
        return Place(entry=str(form["keyring_entry"]))
    p = form["passphrase"]
    cost = Cost(int(p["n"]), int(p["r"]), int(p["p"]))
    return Place(wrapped=Wrapped(bytes.fromhex(p["salt"]), cost, bytes.fromhex(p["masked"]), bytes.fromhex(p["code"])))
