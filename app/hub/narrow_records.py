"""The fourth step of the hub's tables: a record's body leaves the row that is searched, and postings are made for what was rolled up.

The table of records is made anew and the old one dropped: a database does not give the room of a dropped column back by itself. What
still waits for the roll-ups gets its postings there. A centre's month takes minutes; the hub does not serve until it is done.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, text

from app.hub.database import upsert
from app.hub.later_tables import as_then, later_tables
from app.hub.postings import COLUMNS, POSTED, Posted
from app.hub.tables import RECORD, WAITING

_OLD_INDEXES = ("record_by_team", "record_by_agent", "record_by_day")


def m004_narrow_records(connection: Connection) -> None:
    """Narrow records, bodies apart, postings."""
    for index in _OLD_INDEXES:
        connection.execute(text(f"DROP INDEX {index}"))
    connection.execute(text("ALTER TABLE record RENAME TO record_before"))
    then = later_tables("m004")
    then.create_all(connection, checkfirst=False)
    posting = then.tables["posting"]
    columns = ", ".join(f'"{column.name}"' for column in then.tables["record"].columns)
    connection.execute(text(f"INSERT INTO record ({columns}) SELECT {columns} FROM record_before"))  # noqa: S608 (our own names)
    connection.execute(text("INSERT INTO record_body (record_id, body) SELECT record_id, body FROM record_before"))
    connection.execute(text("DROP TABLE record_before"))
    for day in connection.execute(select(RECORD.c.day).distinct().order_by(RECORD.c.day)).scalars().all():
        waiting = set(connection.execute(select(WAITING.c.record_id).where(WAITING.c.day == day)).scalars())
        posted = Posted()
        for row in connection.execute(select(*COLUMNS).where(RECORD.c.day == day)):
            if row.record_id not in waiting:
                posted.add(row)
        upsert(connection, posting, as_then(posting, POSTED, posted.rows()))  # each day has its own
