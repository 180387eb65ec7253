"""What hides persons in the words of calls, put together: word lists of ours and numbers as they are heard and said. Without Qt."""

from __future__ import annotations

import csv
import secrets

from app.assembly import shares_text
from app.domain.pseudonyms import Language, Pseudonyms
from app.platform import resource_files
from app.ports.ports import Clock
from app.store.call_texts import SqliteCallTexts
from app.store.ticket_store import SqliteTicketStore

_SURNAMES = 100


def new_pseudonyms() -> Pseudonyms:
    """With a key of its own that nobody keeps."""
    from app.extraction.spoken_numbers import cardinal as heard  # noqa: PLC0415 - extraction and recognition are loaded where they are used
    from asr.spoken_form import cardinal as said  # noqa: PLC0415

    surnames = resource_files.resource("surnames.txt").read_text("utf-8").splitlines()[1][:_SURNAMES]
    spelled: dict[str, list[str]] = {}
    for row in csv.reader(resource_files.resource("spelled_components.csv").read_text("utf-8").splitlines()):
        spelled.setdefault(row[1], []).append(row[0])
    return Pseudonyms(secrets.token_bytes(32), Language(surnames, spelled, heard, said))


def call_texts(store: SqliteTicketStore, clock: Clock) -> SqliteCallTexts | None:
    """Words of calls for the hub; None where the policy shares none."""
    return SqliteCallTexts(store, clock, new_pseudonyms()) if shares_text() else None
