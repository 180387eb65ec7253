"""The tables as the first migration makes them, for ever: later steps change them, so ``app.hub.tables`` tells today's, this one the first.

One line a table: its columns in their order, ``*`` for those of the primary key, ``:whole``, ``:real``, ``:number`` and ``:bytes`` for
what is not text; then its indexes. Never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

#: A table's name to its columns and indexes.
Written = Mapping[str, tuple[str, ...]]
OUTCOMES = ("calls:whole filled_taken:whole filled_edited:whole filled_cleared:whole suggested_taken:whole suggested_edited:whole "
             "suggested_left:whole typed:whole confirmed:whole distance:real")
_KEYS = "day* value* kind*"
_TABLES: dict[str, tuple[str, ...]] = {
    "migration": ("name* applied_at",),
    "desk": ("desk* token_digest team enrolled_at revoked_at seen_at agent state phase since alerts versions versions_at waiting:whole "
             "clock_off_s:whole", "desk_by_token token_digest"),
    "enrolment": ("code_digest* team made_at expires_at uses_left:whole",),
    "person": ("name* role team agent password_digest disabled_at failures:whole locked_until",),
    "session": ("token_digest* name expires_at", "session_by_name name"),
    "team_of": ("agent* team",),
    "record": ("record_id* day at team kind agent desk city district street sound item hour duration_ms:whole taken:whole wrong:whole "
               "typed:whole score:real marks received_at body:bytes", "record_by_team team day", "record_by_agent agent day",
               "record_by_day day"),
    "waiting": ("day* record_id*",),
    "receipt": ("desk* at* result* version release:whole from_release:whole took_s:real fetched_bytes:whole details received_at",
                "receipt_by_at at"),
    "lease": ("name* holder until",),
    "sum_outcome": (f"dimension* team* field* {_KEYS} {OUTCOMES}",),
    "sum_outcome_work": (f"dimension* team* field* {_KEYS} operator* program* model* vocabulary* knowledge* rules* {OUTCOMES}",),
    "sum_bin": (f"dimension* team* {_KEYS} field* proposed_as* bin:number* proposed:whole right_ones:whole confidence:real",),
    "sum_call": (f"dimension* team* {_KEYS} calls:whole matters:whole duration_ms:whole keys:whole clicks:whole wrap_up_ms:whole "
                 "unanswered:whole calls_unanswered:whole degraded:whole checked:whole score:real "
                 + " ".join(f"w{index:02d}:whole" for index in range(18)),),
    "sum_rank": (f"dimension* team* choice* {_KEYS} rank:number* count:whole",),
    "sum_confusion": (f"dimension* team* choice* {_KEYS} offered* submitted* count:whole",),
    "sum_card": (f"dimension* team* {_KEYS} entry_id* calls:whole shown:whole pushed:whole opened:whole used:whole spoken:whole "
                 "dismissed:whole wrong:whole " + " ".join(f"d{index:02d}:whole" for index in range(15)),),
    "sum_finding": (f"dimension* team* source* {_KEYS} code* calls:whole findings:whole points:real",),
    "sum_matter": (f"dimension* team* level* {_KEYS} hour* city* district* street* item* count:whole",),
}
_TYPES: dict[str, type[TypeEngine[Any]]] = {"": Text, "whole": BigInteger, "real": Double, "number": Integer, "bytes": LargeBinary}


def first_tables() -> MetaData:
    """All of them."""
    return tables_of(_TABLES)


def tables_of(written: Written) -> MetaData:
    """Tables as they are written here."""
    metadata = MetaData()
    for name, (columns, *indexes) in written.items():
        parts: list[Column[Any] | Index] = [_column(each) for each in columns.split()]
        for each in indexes:
            index, *over = each.split()
            parts.append(Index(index, *over))
        Table(name, metadata, *parts, sqlite_with_rowid=not name.startswith(("sum_", "posting")))
    return metadata


def _column(written: str) -> Column[Any]:
    name, _, kind = written.removesuffix("*").partition(":")
    return Column(name, _TYPES[kind](), primary_key=written.endswith("*"), nullable=False, autoincrement=False)
