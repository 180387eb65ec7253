"""The hub's tests run on both databases: SQLite in a file, and a real PostgreSQL where its programs are (else they skip, saying so)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra `hub` is not installed")

from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from app.cli_hub import in_memory
from app.hub import tokens
from app.hub.config import HubConfig
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.hub.tables import METADATA, MIGRATION
from app.platform.clock import BEIJING
from tests.app.hub.servers import postgresql, postgresql_programs

_NUMBERS = itertools.count(1)


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    at: datetime = datetime(2026, 11, 20, 18, 0, tzinfo=BEIJING)

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.at.timestamp()

    def pass_by(self, **length: float) -> None:
        self.at += timedelta(**length)


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A PostgreSQL of our own; skips where it is not installed."""
    if postgresql_programs() is None:
        pytest.skip("needs PostgreSQL's server (Debian: postgresql)")
    with postgresql(settings={"fsync": "off"}) as url:
        yield url


def new_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> str:
    """An empty database of a kind."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'hub.sqlite3'}"
    cluster: str = request.getfixturevalue("cluster")
    name = f"hub{next(_NUMBERS)}"
    engine = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return cluster.replace("/postgres?", f"/{name}?")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2id with little work. A digest tells its own cost, so a hub that runs as a process checks these quickly, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        patch.setattr(tokens, "_NOBODY", tokens.password_digest("nobody has this one"))
        yield


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for a file's tests, with its tables."""
    url = new_database(request, request.param, tmp_path_factory.mktemp("hub"))
    made = HubServices.of(HubConfig(db=url), SetClock(), in_memory)
    migrate(made.database, SetClock())
    made.database.close()
    return url


@pytest.fixture
def services(migrated_url: str, clock: SetClock) -> Iterator[HubServices]:
    """The parts of a hub over a database without rows."""
    made = HubServices.of(HubConfig(db=migrated_url), clock, in_memory)
    yield made
    with made.database.engine.begin() as connection:
        for table in METADATA.sorted_tables:
            if table is not MIGRATION:
                connection.execute(table.delete())
        connection.execute(MIGRATION.delete().where(MIGRATION.c.name == "m999_later"))
    made.database.close()
