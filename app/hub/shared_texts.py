"""Masked words of calls at the hub: taken where the switch is on, kept for days of their own, shown to leads, each look written down.

    shared_text   the words of one call by the id of its record, compressed, sealed (AES-256-GCM) where a key is configured
    text_look     who looked at which call's words and when; written in the transaction of the look, before the words are given

The desk has hidden what is personal (``app.domain.shared_text``); numbers are searched for once more here, so that a desk with old rules
leaks none. A text is taken only of a record that the same desk sent and that is here. Days 0 is the switch: nothing is taken, and what
is there goes with the next forgetting. The key protects backups and copies of the database, not against who runs the hub. Any thread.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Connection, Index, LargeBinary, Table, delete, exists, func, insert, select

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.masking import mask_text
from app.domain.shared_text import SharedText, text_from_json, text_to_json
from app.hub.columns import text_column as _text
from app.hub.database import Database, upsert
from app.hub.later_tables import later_tables
from app.hub.rights import Visitor
from app.hub.tables import METADATA, RECORD
from app.ports.ports import Clock

MOST_TEXTS = 20
_KEY_BYTES, _NONCE_BYTES = 32, 12

SHARED_TEXT = Table("shared_text", METADATA, _text("record_id", key=True), _text("day"), _text("received_at"), _text("sealed_by"),
                    Column("body", LargeBinary, nullable=False), Index("shared_text_by_day", "day"))
TEXT_LOOK = Table("text_look", METADATA, _text("look_id", key=True), _text("at"), _text("by"), _text("role"), _text("record_id"),
                  Index("text_look_by_at", "at"))


def m005_shared_texts(connection: Connection) -> None:
    """Masked words of calls, and who looked at them."""
    later_tables("m005").create_all(connection)


class Refusal(StrEnum):
    """Why a text was refused. All are final."""

    OFF = "texts_off"
    MALFORMED = "malformed"
    UNKNOWN = "unknown_record"


class SharedTexts:
    """See the module.

    Args:
        database: the hub's.
        clock: for stamps.
        keep_days: for how long texts are kept; 0: none are taken.
        key: 32 bytes, or None to keep them unsealed.
    """

    def __init__(self, database: Database, clock: Clock, keep_days: int, key: bytes | None = None) -> None:
        self._database, self._clock, self._keep_days, self._key = database, clock, keep_days, key

    def take(self, desk: str, batch: Sequence[object]) -> tuple[int, list[tuple[str, str]]]:
        """Keep the texts of a batch of plain JSON values; how many were taken (known ones too), and (record, reason) of the others."""
        refused: list[tuple[str, str]] = []
        texts: dict[str, SharedText] = {}
        for held in batch:
            try:
                text = text_from_json(held)
            except (ValueError, RecursionError):
                refused.append((_id_of(held), Refusal.MALFORMED.value))
                continue
            if self._keep_days <= 0:
                refused.append((text.record_id, Refusal.OFF.value))
            else:
                texts[text.record_id] = text
        if not texts:
            return 0, refused
        sealed = {record_id: self._sealed(text) for record_id, text in texts.items()}  # before the transaction: it takes a while
        known = self._database.run(lambda connection: self._put(connection, desk, sealed))
        refused += [(record_id, Refusal.UNKNOWN.value) for record_id in texts if record_id not in known]
        return len(known), refused

    def read(self, visitor: Visitor, record_id: str) -> SharedText | None:
        """The words of a call that the visitor may see; that they looked is on the disk when this returns.

        Raises:
            EnvironmentFault: they are sealed by a key that this hub does not have (``hub.text_key``).
        """
        if self._keep_days <= 0:  # the switch is off; what is there goes soon
            return None
        question = select(RECORD.c.team, RECORD.c.agent, SHARED_TEXT.c.sealed_by, SHARED_TEXT.c.body).join_from(
            RECORD, SHARED_TEXT, RECORD.c.record_id == SHARED_TEXT.c.record_id).where(RECORD.c.record_id == record_id)
        look = {"look_id": secrets.token_hex(16), "at": self._clock.now().isoformat(timespec="milliseconds"), "by": visitor.name,
                "role": visitor.role.value, "record_id": record_id}

        def work(connection: Connection) -> tuple[str, bytes] | None:
            row = connection.execute(question).first()
            if row is None or not visitor.sees(row.team, row.agent):
                return None
            connection.execute(insert(TEXT_LOOK).values(**look))
            return row.sealed_by, bytes(row.body)

        found = self._database.run(work)
        return None if found is None else self._opened(record_id, *found)

    def looks(self, limit: int = 500) -> list[dict[str, str]]:
        """Who looked, newest first."""
        question = select(TEXT_LOOK).order_by(TEXT_LOOK.c.at.desc(), TEXT_LOOK.c.look_id).limit(limit)
        rows = self._database.run(lambda connection: connection.execute(question).all(), reads=True)
        return [{name: value for name, value in row._mapping.items() if name != "look_id"} for row in rows]

    def held(self) -> int:
        """Of how many calls there are words here."""
        question = select(func.count()).select_from(SHARED_TEXT)
        return self._database.run(lambda connection: connection.execute(question).scalar_one(), reads=True)

    def _put(self, connection: Connection, desk: str, texts: Mapping[str, tuple[str, bytes]]) -> set[str]:
        held = select(RECORD.c.record_id, RECORD.c.day).where(RECORD.c.record_id.in_(list(texts)), RECORD.c.desk == desk)
        days = {row.record_id: row.day for row in connection.execute(held)}
        now = self._clock.now().isoformat(timespec="seconds")
        upsert(connection, SHARED_TEXT, [(record_id, day, now, *texts[record_id]) for record_id, day in days.items()])
        return set(days)

    def _sealed(self, text: SharedText) -> tuple[str, bytes]:
        masked = replace(text, turns=tuple(replace(each, text=mask_text(each.text)) for each in text.turns))
        body = zlib.compress(json.dumps(text_to_json(masked), ensure_ascii=False).encode("utf-8", "replace"))
        if self._key is None:
            return "", body
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return key_name(self._key), nonce + AESGCM(self._key).encrypt(nonce, body, text.record_id.encode())

    def _opened(self, record_id: str, sealed_by: str, body: bytes) -> SharedText:
        if sealed_by:
            if self._key is None or key_name(self._key) != sealed_by:
                raise EnvironmentFault("hub.text_key")
            try:
                body = AESGCM(self._key).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], record_id.encode())
            except InvalidTag as error:  # somebody changed the row, or moved it to another call
                raise EnvironmentFault("hub.text_key") from error
        return text_from_json(json.loads(zlib.decompress(body)))


def key_name(key: bytes) -> str:
    """By which a text says what sealed it: tells nothing of the key."""
    return hashlib.sha256(b"tingdan text key" + key).hexdigest()[:12]


def read_key(file: str) -> bytes | None:
    """The key of a file that holds 32 bytes in base64; None for no file.

    Raises:
        OperatorVisibleError: there is no such file, or it holds no key (``hub.text_key_file``).
    """
    if not file:
        return None
    try:
        key = base64.b64decode(Path(file).read_text("ascii").strip(), validate=True)
    except (OSError, ValueError) as error:
        raise OperatorVisibleError("hub.text_key_file", file=Path(file).name) from error
    if len(key) != _KEY_BYTES:
        raise OperatorVisibleError("hub.text_key_file", file=Path(file).name)
    return key


def forget_texts(database: Database, first_kept: str) -> int:
    """Delete the texts of days before ``first_kept``, "" for all, and of calls whose record is gone; how many."""
    over = ~exists().where(RECORD.c.record_id == SHARED_TEXT.c.record_id)  # NOT IN would look through all records for each
    condition = over | (SHARED_TEXT.c.day < first_kept) if first_kept else SHARED_TEXT.c.record_id != ""
    return database.run(lambda connection: connection.execute(delete(SHARED_TEXT).where(condition)).rowcount)


def _id_of(held: object) -> str:
    found = held.get("record_id") if isinstance(held, dict) else None
    return found if isinstance(found, str) and len(found) <= 64 and found.isprintable() else ""
