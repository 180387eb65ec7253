"""The hub's database: SQLite in a file, or PostgreSQL and what speaks its protocol; statements that both run.

Work is done by ``Database.run``: one transaction, begun anew where the database says that it lost a race, is being restarted or
cannot be reached for a moment. What is given to ``run`` must therefore be repeatable. Rows are written by ``upsert`` many at
once. Any thread; engines are not shared between processes.
"""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

from psycopg import Connection as PsycopgConnection
from psycopg import Error as PsycopgError
from psycopg import RawCursor
from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.errors import EnvironmentFault

T = TypeVar("T")

_ATTEMPTS = 6
_FIRST_WAIT_S = 0.05
#: Serialisation failure, deadlock, lock not available, a row that another process put there first; connection lost, shutting down.
_PASSING = ("40001", "40P01", "55P03", "23505")
_PASSING_CLASSES = ("08", "57")
_ROWS_AT_ONCE = 200


class RacedError(Exception):
    """Raised by work that found another process ahead of it: it is begun anew."""


class Database:
    """Transactions over one engine.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql+psycopg://...``.
        pool: connections that are kept (PostgreSQL).
    """

    def __init__(self, url: str, pool: int = 8) -> None:
        self.is_sqlite = url.startswith("sqlite")
        try:
            self.engine = _sqlite_engine(url) if self.is_sqlite else create_engine(
                url, pool_size=pool, max_overflow=pool, pool_timeout=10, pool_recycle=1800, hide_parameters=True,
                connect_args={"connect_timeout": 5})
        except Exception as error:  # a URL of any kind of wrongness
            raise EnvironmentFault("hub.database_url") from error
        self._readers = self.engine.execution_options(reads=True)
        self._pause = threading.Event()

    def run(self, work: Callable[[Connection], T], *, reads: bool = False, attempts: int = _ATTEMPTS) -> T:
        """Do ``work`` in one transaction; it may be done more than once, its effect is there once. ``reads``: it only reads.

        Raises:
            EnvironmentFault: the database did not take it (``hub.database``).
        """
        for attempt in itertools.count(1):
            try:
                with (self._readers if reads else self.engine).begin() as connection:
                    return work(connection)
            except (DBAPIError, PoolTimeout, RacedError) as error:
                if attempt >= attempts or not _is_passing(error):
                    raise EnvironmentFault("hub.database") from error
            self._pause.wait(_FIRST_WAIT_S * 2 ** (attempt - 1))
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _is_passing(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        return True
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if state:
        return state in _PASSING or state.startswith(_PASSING_CLASSES)
    return error.connection_invalidated or isinstance(error, InterfaceError | OperationalError)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=40, hide_parameters=True,  # errors quote no values
                           connect_args={"timeout": 20, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA case_sensitive_like=ON")  # as PostgreSQL has it

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reads") else "BEGIN IMMEDIATE")

    return engine


def upsert(connection: Connection, table: Table, rows: Sequence[Sequence[object]], add: Iterable[str] = (),
           replace: Iterable[str] = (), changes: Sequence[str] = ()) -> int:
    """Insert rows (values in the order of the table's columns), many to a statement; how many the database says it touched.

    Where a primary key is there already, ``add`` columns are added to it, ``replace`` columns take the new value and ``changes`` (SQL)
    are made; with none of them the row that is there stays. Keys must not repeat within ``rows``.
    """
    columns = [column.name for column in table.columns]
    keys = ", ".join(_name(column.name) for column in table.primary_key.columns)
    table_name = _name(table.name)
    changed = ", ".join([*(f"{_name(each)} = {table_name}.{_name(each)} + excluded.{_name(each)}" for each in add),
                         *(f"{_name(each)} = excluded.{_name(each)}" for each in replace), *changes])
    start = f"INSERT INTO {table_name} ({', '.join(map(_name, columns))}) VALUES "  # noqa: S608 (names of our own tables)
    end = f" ON CONFLICT ({keys}) DO " + (f"UPDATE SET {changed}" if changed else "NOTHING")
    touched = 0
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[first:first + _ROWS_AT_ONCE]
        values = tuple(itertools.chain.from_iterable(some))
        if connection.dialect.driver == "psycopg":
            touched += _put_numbered(connection, start + _numbered(len(some), len(columns)) + end, values)
        else:
            group = "(" + ", ".join("?" * len(columns)) + ")"
            touched += connection.exec_driver_sql(start + ", ".join([group] * len(some)) + end, values).rowcount
    return touched


def _put_numbered(connection: Connection, statement: str, values: Sequence[object]) -> int:
    """With ``$1, $2, ...``, as the protocol has them: psycopg 3.2 takes longer to find thousands of ``%s`` than the database to work."""
    driver = cast("PsycopgConnection[Any]", connection.connection.driver_connection)
    with RawCursor(driver) as cursor:
        try:
            cursor.execute(statement.encode(), values)
        except PsycopgError as error:
            raise OperationalError(statement[:200], None, error, connection_invalidated=driver.closed) from error
        return cursor.rowcount


@functools.lru_cache(maxsize=256)
def _numbered(rows: int, columns: int) -> str:
    numbers = itertools.count(1)
    return ", ".join("(" + ", ".join(f"${next(numbers)}" for _ in range(columns)) + ")" for _ in range(rows))


def _name(name: str) -> str:
    return f'"{name}"'
