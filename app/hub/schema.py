"""How the hub's tables came to be: migrations, each a name and a function, recorded in the same transaction.

A migration of a released version is never changed; a new one is appended. It makes and fills the tables as they were then
(``app.hub.first_tables``, ``app.hub.later_tables``), never today's. Several processes may start at once: the one whose
record of the step is refused finds the step done. ``tingdan hub migrate`` runs them apart from serving.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, inspect, select

from app.domain.errors import EnvironmentFault
from app.hub.callback_tables import m003_callbacks
from app.hub.database import Database
from app.hub.desk_signs import m006_desk_signs
from app.hub.first_tables import first_tables
from app.hub.granted_tables import m010_taken_back
from app.hub.later_tables import later_tables
from app.hub.more_sums import m009_item_sums
from app.hub.narrow_records import m004_narrow_records
from app.hub.shared_texts import m005_shared_texts
from app.hub.tables import MIGRATION
from app.hub.voice_tables import m007_voice_sums
from app.hub.weeks import m008_weeks
from app.ports.ports import Clock


def migrate(database: Database, clock: Clock) -> tuple[str, ...]:
    """Run what is missing; names of those that ran.

    Raises:
        EnvironmentFault: the database is a newer program's (``hub.newer_schema``), or refuses.
    """
    ran: list[str] = []
    known = [step.__name__ for step in MIGRATIONS]
    for step in MIGRATIONS:
        def work(connection: Connection, step: Callable[[Connection], None] = step) -> bool:
            done = applied(connection)
            if set(done) - set(known):
                raise EnvironmentFault("hub.newer_schema")
            if step.__name__ in done:
                return False
            step(connection)
            connection.execute(insert(MIGRATION).values(name=step.__name__, applied_at=clock.now().isoformat()))
            return True

        if _despite_others(database, work):
            ran.append(step.__name__)
    return tuple(ran)


def _despite_others(database: Database, work: Callable[[Connection], bool]) -> bool:
    """Another process may have made the tables at the same moment: then the second look finds the step done."""
    try:
        return database.run(work)
    except EnvironmentFault as fault:
        if fault.key != "hub.database":
            raise
        return database.run(work)


def applied(connection: Connection) -> tuple[str, ...]:
    """Names of the migrations that a database has."""
    if not inspect(connection).has_table(MIGRATION.name):
        return ()
    return tuple(connection.execute(select(MIGRATION.c.name)).scalars())


def m001_first_tables(connection: Connection) -> None:
    """Desks, people, records, roll-ups."""
    first_tables().create_all(connection)


def m002_cases(connection: Connection) -> None:
    """Appeals, remedy tasks, callbacks."""
    later_tables("m002").create_all(connection)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (m001_first_tables, m002_cases, m003_callbacks, m004_narrow_records,
                                                       m005_shared_texts, m006_desk_signs, m007_voice_sums, m008_weeks,
                                                       m009_item_sums, m010_taken_back)
