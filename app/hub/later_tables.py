"""The tables as later migrations made them, for ever, in the writing of ``app.hub.first_tables``.

A step makes and fills these, never those of today (``app.hub.tables`` and others), so that a column of tomorrow changes no step of
yesterday. What a step fills in is counted by today's code, which may by then tell more or less: ``as_then`` makes it fit. Never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import MetaData, Table, Text

from app.hub.first_tables import OUTCOMES, Written, tables_of

_TABLES: dict[str, Written] = {
    "m002": {
        "matter_case": ("case_id* kind subject code team agent state is_open:whole opened due rounds:whole tries:whole answers "
                        "estimated:whole version:whole changed_at", "case_by_team team is_open due", "case_by_agent agent is_open due",
                        "case_by_subject subject code", "case_by_due is_open due"),
        "case_step": ("case_id* step:whole* at by role act state due",)},
    "m003": {
        "callback_about": ("case_id* item district",),
        "callback_told": ("result_id* case_id desk at", "callback_told_by_case case_id")},
    "m004": {
        "record": ("record_id* day at team kind agent desk city district street sound item hour duration_ms:whole taken:whole wrong:whole "
                   "typed:whole score:real marks received_at", "record_by_team_day team day", "record_by_agent_day agent day",
                   "record_by_day_hour day hour"),
        "record_body": ("record_id* body:bytes",),
        "posting": ("day* token* team* calls:whole ids",)},
    "m005": {
        "shared_text": ("record_id* day received_at sealed_by body:bytes", "shared_text_by_day day"),
        "text_look": ("look_id* at by role record_id", "text_look_by_at at")},
    "m006": {
        "desk_sign": ("desk* oldest_s:whole refused:whole",),
        "version_seen": ("part* version* first_at release:whole",)},
    "m007": {
        "sum_voice": ("dimension* team* indicator* day* value* kind* calls:whole total:real "
                      + " ".join(f"b{index:02d}:whole" for index in range(15)),)},
    "m008": {
        "week": ("week* summed_at",),
        "sum_wrong": ("dimension* team* day* value* kind* wrong_fields:number* count:whole",)},
    "m009": {
        "sum_item_work": (f"dimension* team* day* value* kind* item* program* model* vocabulary* knowledge* rules* {OUTCOMES}",)},
    "m010": {
        "taken_back": ("record_id* code* day hour operator team desk city district street program model vocabulary knowledge rules sound "
                       "kind items fields findings:whole points:real score:real", "taken_back_by_day day",
                       "taken_back_by_team_day team day", "taken_back_by_operator_day operator day")},
}


def later_tables(step: str) -> MetaData:
    """Those that a step (``m004``) makes."""
    return tables_of(_TABLES[step])


def as_then(table: Table, names: Sequence[str], rows: Iterable[Sequence[object]]) -> list[tuple[object, ...]]:
    """Rows of today's columns ``names`` as rows of a table of then.

    What the table has no column for goes; rows whose keys are then the same are added together; what is not told any more is empty.
    """
    place = {name: index for index, name in enumerate(names)}
    missing = {column.name: "" if isinstance(column.type, Text) else 0 for column in table.columns}
    keys = [column.name for column in table.primary_key.columns]
    rest = [column.name for column in table.columns if column.name not in keys]
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in rows:
        then: dict[str, Any] = {name: row[place[name]] if name in place else missing[name] for name in missing}
        held = found.setdefault(tuple(then[name] for name in keys), then)
        if held is not then:
            for name in rest:
                held[name] += then[name]
    return [tuple(each.values()) for each in found.values()]
