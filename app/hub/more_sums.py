"""Roll-ups that came later than the records they count: fields by item and version.

What an earlier program rolled up is counted once more for this table, day by day; what still waits comes with the rest.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from app.hub.cubes import ITEM_WORK
from app.hub.database import upsert
from app.hub.gathering import Gathered
from app.hub.kept import unpacked
from app.hub.later_tables import as_then, later_tables
from app.hub.tables import RECORD, RECORD_BODY, WAITING
from app.hub.weeks import hold, with_weeks

_AT_ONCE = 1000


def m009_item_sums(connection: Connection) -> None:
    """Fields by item and all versions together."""
    then = later_tables("m009")
    then.create_all(connection)
    table, names = then.tables["sum_item_work"], (*ITEM_WORK.keys, *ITEM_WORK.counters)
    counters = [column.name for column in table.columns if not column.primary_key]
    summed = hold(connection, later_tables("m008").tables["week"])
    for day in connection.execute(select(RECORD.c.day).distinct().order_by(RECORD.c.day)).scalars().all():
        waiting = set(connection.execute(select(WAITING.c.record_id).where(WAITING.c.day == day)).scalars())
        ids = [each for each in connection.execute(select(RECORD.c.record_id).where(RECORD.c.day == day)).scalars() if each not in waiting]
        for first in range(0, len(ids), _AT_ONCE):
            gathered = Gathered((ITEM_WORK,))
            question = select(RECORD.c.team, RECORD_BODY.c.body).join(RECORD_BODY, RECORD_BODY.c.record_id == RECORD.c.record_id)
            for row in connection.execute(question.where(RECORD.c.record_id.in_(ids[first:first + _AT_ONCE]))).all():
                gathered.add(unpacked(row.body), row.team)
            rows = with_weeks(ITEM_WORK, gathered.rows(ITEM_WORK), summed)
            upsert(connection, table, as_then(table, names, rows), add=counters)
