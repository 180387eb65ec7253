"""Roll-ups that came later than the records they count: fields by item and version.

What an earlier program rolled up is counted once more for this table, day by day; what still waits comes with the rest.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from app.hub.cubes import ITEM_WORK
from app.hub.database import upsert
from app.hub.gathering import Gathered
from app.hub.kept import unpacked
from app.hub.tables import METADATA, RECORD, RECORD_BODY, SUMS, WAITING
from app.hub.weeks import hold, with_weeks

_AT_ONCE = 1000


def m009_item_sums(connection: Connection) -> None:
    """Fields by item and all versions together."""
    METADATA.create_all(connection, tables=[SUMS[ITEM_WORK.name]])
    summed = hold(connection)
    for day in connection.execute(select(RECORD.c.day).distinct().order_by(RECORD.c.day)).scalars().all():
        waiting = set(connection.execute(select(WAITING.c.record_id).where(WAITING.c.day == day)).scalars())
        ids = [each for each in connection.execute(select(RECORD.c.record_id).where(RECORD.c.day == day)).scalars() if each not in waiting]
        for first in range(0, len(ids), _AT_ONCE):
            gathered = Gathered((ITEM_WORK,))
            question = select(RECORD.c.team, RECORD_BODY.c.body).join(RECORD_BODY, RECORD_BODY.c.record_id == RECORD.c.record_id)
            for row in connection.execute(question.where(RECORD.c.record_id.in_(ids[first:first + _AT_ONCE]))).all():
                gathered.add(unpacked(row.body), row.team)
            upsert(connection, SUMS[ITEM_WORK.name], with_weeks(ITEM_WORK, gathered.rows(ITEM_WORK), summed), add=ITEM_WORK.counters)
