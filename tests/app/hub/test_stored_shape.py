"""A database as the program made it before records became narrow is brought to today's shape with all that is in it.

``schemas/m003.db.gz`` was written by that program: 47 calls, five of which waited for the roll-ups. On PostgreSQL its rows are put into
tables that the first three steps make.
"""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from app.cli_hub import in_memory
from app.domain.call_record import FieldOutcome
from app.domain.lead_counts import Behind, Dimension, Slice
from app.hub.config import HubConfig
from app.hub.database import Database
from app.hub.first_tables import first_tables
from app.hub.rights import Role, Visitor
from app.hub.rollup import RollUp
from app.hub.schema import MIGRATIONS, applied, migrate
from app.hub.services import HubServices
from app.hub.tables import METADATA, POSTING, RECORD
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_records, sample_teams
from tests.app.hub.conftest import SetClock, new_database

STORED = Path(__file__).parent / "schemas" / "m003.db.gz"
ORDER = SampleOrder(date(2026, 11, 20), days=3, operators=4, calls_a_day=3, voices=False)
HEAD = Visitor(Role.HEAD)


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HubServices]:
    """A hub over the stored database, not yet migrated."""
    file = tmp_path / "stored.sqlite3"
    file.write_bytes(gzip.decompress(STORED.read_bytes()))
    url = f"sqlite:///{file}" if request.param == "sqlite" else new_database(request, request.param, tmp_path)
    services = HubServices.of(HubConfig(db=url), SetClock(), in_memory)
    if request.param == "postgresql":
        _fill(services.database, file)
    yield services
    services.database.close()


def _fill(database: Database, file: Path) -> None:
    held = sqlite3.connect(file)
    with database.engine.begin() as connection:
        for step in MIGRATIONS[:3]:
            step(connection)
        for table in first_tables().sorted_tables:
            names = [column.name for column in table.columns]
            rows = [dict(zip(names, row, strict=True)) for row in held.execute(
                "SELECT " + ", ".join(f'"{name}"' for name in names) + f' FROM "{table.name}"')]
            if rows:
                connection.execute(table.insert(), rows)
    held.close()


def test_what_was_stored_is_all_there_and_found(stored: HubServices) -> None:
    assert migrate(stored.database, SetClock()) == tuple(step.__name__ for step in MIGRATIONS[3:])
    assert migrate(stored.database, SetClock()) == ()
    with stored.database.engine.begin() as connection:
        assert applied(connection) == tuple(step.__name__ for step in MIGRATIONS)
        assert not inspect(connection).has_table("record_before")
        for table in METADATA.sorted_tables:
            found = inspect(connection)
            assert {column["name"] for column in found.get_columns(table.name)} == set(table.columns.keys()), table.name
            assert found.get_pk_constraint(table.name)["constrained_columns"] == table.primary_key.columns.keys(), table.name
            assert {(each["name"], *each["column_names"]) for each in found.get_indexes(table.name)} == {
                (each.name, *each.columns.keys()) for each in table.indexes}, table.name
    records = {record.record_id: record for record in sample_records(ORDER)}
    answers = stored.answers(HEAD)
    assert {each: answers.record(each) for each in records} == records
    assert answers.behind(Slice(), Behind()).total == len(records) - 5  # the others wait
    assert RollUp(stored.database, SetClock()).run_all() == 5
    desk = RecordedCalls(records.values(), "head", sample_teams(ORDER))
    for which in (Behind(), Behind(field="subject", outcomes=(FieldOutcome.EDITED,)), Behind(unanswered=True), Behind(bins=(40, 45)),
                  Behind(outcomes=(FieldOutcome.EDITED, FieldOutcome.CLEARED), proposed="filled"), Behind(finding="no_greeting")):
        for asked in (Slice(), Slice("2026-11-19"), Slice(only=((Dimension.ITEM, "020701"),))):
            assert answers.behind(asked, which) == desk.behind(asked, which), (asked, which)
    ours, theirs = (source.calls(Slice(), (Dimension.DAY, Dimension.OPERATOR)) for source in (answers, desk))
    assert ours == theirs


def test_an_old_shape_and_a_new_one_have_the_same_postings(stored: HubServices, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Made from rows by the migration as from rows by the roll-up."""
    migrate(stored.database, SetClock())
    RollUp(stored.database, SetClock()).run_all()
    (tmp_path / "new").mkdir()
    fresh = HubServices.of(HubConfig(db=new_database(request, "sqlite", tmp_path / "new")), SetClock(), in_memory)
    migrate(fresh.database, SetClock())
    with stored.database.engine.begin() as old, fresh.database.engine.begin() as new:
        rows = old.execute(select(RECORD)).mappings().all()
        new.execute(RECORD.insert(), [dict(row) for row in rows])
        new.execute(text("INSERT INTO waiting SELECT day, record_id FROM record"))
        bodies = old.execute(text("SELECT record_id, body FROM record_body")).mappings().all()
        new.execute(METADATA.tables["record_body"].insert(), [dict(row) for row in bodies])
    RollUp(fresh.database, SetClock(), step=7).run_all()
    with stored.database.engine.begin() as old, fresh.database.engine.begin() as new:
        both = [{tuple(row[:4]): set(row.ids.split("\x1e")) for row in each.execute(select(POSTING))} for each in (old, new)]
    fresh.database.close()
    assert both[0] == both[1]


def test_what_tables_will_be_tomorrow_changes_no_step_of_yesterday(tmp_path: Path) -> None:
    """In a process of its own all tables have a column more than the steps made; the old database still comes to what the steps make."""
    file = tmp_path / "stored.sqlite3"
    file.write_bytes(gzip.decompress(STORED.read_bytes()))
    with sqlite3.connect(file) as held:  # an appeal that was granted before: the tenth step has something to count
        record_id, = held.execute("SELECT record_id FROM record ORDER BY record_id LIMIT 1").fetchone()
        held.execute("INSERT INTO matter_case VALUES (?, 'appeal', ?, 'closing', '', '', 'granted', 0, '2026-11-20', '', 0, 0, '{}', 0, 1,"
                     " '')", ("a" * 32, record_id))
    held.close()
    done = subprocess.run([sys.executable, "-c", _TOMORROW, f"sqlite:///{file}"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [step.__name__ for step in MIGRATIONS[3:]]
    with sqlite3.connect(file) as held:
        assert not [name for (name,) in held.execute("SELECT sql FROM sqlite_master") if name and "tomorrow" in name]
        counts = [held.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] > 0 for name in (
            "record", "record_body", "posting", "sum_wrong", "sum_item_work", "week", "taken_back")]
    held.close()
    assert all(counts), counts


_TOMORROW = """
import sys
from sqlalchemy import Column, Text
import app.hub.schema as schema
from app.hub.database import Database
from app.hub.tables import METADATA
from app.platform.clock import SystemClock
for table in METADATA.sorted_tables:
    if table.name != "migration":
        table.append_column(Column("tomorrow", Text))
database = Database(sys.argv[1])
print(*schema.migrate(database, SystemClock()))
database.close()
"""
