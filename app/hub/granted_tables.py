"""What granted appeals took back, kept beside the roll-ups and as long: put down in the transaction in which an appeal is granted.

    taken_back  one row a call with a granted appeal (``code`` "") with what its score rises by, and one for each rule that it no longer
                breaches, with its findings and points; all with the values of the dimensions that the call had

So a question is a sum over few rows (``app.hub.granted``), and what was taken back of a call stays taken back when its record is forgotten.
A call's rows are always made anew from all of its granted appeals: putting them twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import Column, Connection, Double, Index, Table, and_, select

from app.domain.after_appeals import score_without
from app.domain.call_record import CallRecord
from app.domain.cases import CaseKind, CaseState
from app.domain.lead_counts import Dimension, call_values, item_codes
from app.hub.case_tables import CASE
from app.hub.columns import text_column as _text
from app.hub.columns import whole_column as _whole
from app.hub.database import upsert
from app.hub.kept import unpacked
from app.hub.later_tables import as_then, later_tables
from app.hub.marks import END
from app.hub.tables import METADATA, RECORD, RECORD_BODY

#: Those that a call has as a whole, each a column of its name; the weekday is made of the day.
WHOLE = tuple(each for each in Dimension if each not in (Dimension.WEEKDAY, Dimension.ITEM, Dimension.FIELD))
#: ``items`` and ``fields``: each that the call has once, each followed by ``END``.
TAKEN_BACK = Table(
    "taken_back", METADATA, _text("record_id", key=True), _text("code", key=True), *(_text(each.value) for each in WHOLE), _text("items"),
    _text("fields"), _whole("findings"), Column("points", Double, nullable=False), Column("score", Double, nullable=False),
    Index("taken_back_by_day", "day"), Index("taken_back_by_team_day", "team", "day"),
    Index("taken_back_by_operator_day", "operator", "day"))
#: What ``_rows`` tells.
_TOLD = ("record_id", "code", *(each.value for each in WHOLE), "items", "fields", "findings", "points", "score")
_AT_ONCE = 500
_GRANTED = and_(CASE.c.kind == CaseKind.APPEAL.value, CASE.c.state == CaseState.GRANTED.value)


def m010_taken_back(connection: Connection) -> None:
    """What appeals took back of calls whose records are there; of forgotten ones nobody knows any more."""
    then = later_tables("m010")
    then.create_all(connection)
    put_missing(connection, then.tables["taken_back"])


def put_missing(connection: Connection, table: Table = TAKEN_BACK) -> None:
    """What a program of before granted: until the migration, or beside newer processes while a hub is renewed one by one.

    Args:
        connection: of the transaction.
        table: as it was when a migration made it.
    """
    question = select(CASE.c.subject).join(RECORD, RECORD.c.record_id == CASE.c.subject).outerjoin(
        table, and_(table.c.record_id == CASE.c.subject, table.c.code == CASE.c.code)).where(
        _GRANTED, table.c.record_id.is_(None)).distinct().order_by(CASE.c.subject)
    ids = connection.execute(question).scalars().all()
    for first in range(0, len(ids), _AT_ONCE):
        take_back(connection, ids[first:first + _AT_ONCE], table)


def take_back(connection: Connection, ids: Sequence[str], table: Table = TAKEN_BACK) -> None:
    """Put down what all granted appeals about some calls took back; where a record is forgotten, what stands there stays.

    The rows of the calls are touched before their appeals are looked up: of two that are granted at once the second waits here, and
    sees both.
    """
    calls = _calls(connection, ids)
    touched = [row for record, team in calls for row in _rows(record, team, ())]
    upsert(connection, table, as_then(table, _TOLD, touched), replace=("score",))
    rules: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(CASE.c.subject, CASE.c.code).where(_GRANTED, CASE.c.subject.in_(ids))):
        rules[row.subject].add(row.code)
    told = [row for record, team in calls for row in _rows(record, team, rules[record.record_id])]
    upsert(connection, table, as_then(table, _TOLD, told), replace=("findings", "points", "score"))


def _calls(connection: Connection, ids: Sequence[str]) -> list[tuple[CallRecord, str]]:
    question = select(RECORD.c.team, RECORD_BODY.c.body).join(
        RECORD_BODY, RECORD_BODY.c.record_id == RECORD.c.record_id).where(RECORD.c.record_id.in_(ids)).order_by(RECORD.c.record_id)
    return [(unpacked(row.body), row.team) for row in connection.execute(question)]


def _rows(record: CallRecord, team: str, rules: Collection[str]) -> Iterator[tuple[object, ...]]:
    """The call's row, then one for each of the rules that it was found to breach."""
    values = call_values(record, team)
    dimensions = (*(values[each] for each in WHOLE), _joined(item_codes(record)), _joined(each.name for each in record.fields))
    yield record.record_id, "", *dimensions, 0, 0.0, score_without(record, rules) - record.quality_score
    for rule in sorted(rules):
        points = [each.points for each in record.quality if each.is_breach and each.rule == rule]
        if points:
            yield record.record_id, rule, *dimensions, len(points), float(sum(points)), 0.0


def _joined(codes: Iterable[str]) -> str:
    return "".join(each + END for each in sorted(set(codes)))
