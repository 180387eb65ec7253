"""Granted appeals measured: what the question after them costs, by how many there are, on SQLite and PostgreSQL (``make bench-hub``).

    python -m tests.bench.hub_granted [--granted 700 5000 20000] [--days 90] [--asked 10]

Calls with findings of a large centre over some months are taken in as desks send them and their appeals put down as an older program left them,
granted; the migration takes these over (timed). Then the questions of the page *Quality* in the hub's own process, without HTTP, first and
later ones, and some appeals granted one by one, the old way and with what they take back.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from app.cli_hub import in_memory
from app.domain.call_record import CallRecord, QualityRecord
from app.domain.call_record_form import to_json
from app.domain.cases import CaseAct, CaseKind, CaseState, appealed
from app.domain.lead_counts import Dimension, Slice
from app.hub.case_book import CaseBook, case_id_of
from app.hub.case_tables import CASE
from app.hub.config import HubConfig
from app.hub.granted_tables import put_missing
from app.hub.rights import Role, Visitor
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.platform.clock import SystemClock
from app.platform.deadline_files import ChineseWorkCalendar
from tests.app.hub.servers import postgresql
from tests.bench.hub import PG_SETTINGS, percentile
from tests.bench.hub_load import agent_of, team_of, templates

DESKS = 1200
DESK = "desk00000"
RULES = ("greeting", "closing", "name_asked", "phone_read_back", "long_silence")
HEAD = Visitor(Role.HEAD, "h")
ONE_BY_ONE = 50
CALENDAR = ChineseWorkCalendar()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--granted", type=int, nargs="+", default=[700, 5000, 20000])
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--asked", type=int, default=10)
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}\n\n| database | granted appeals, {given.days} days | taken over | question | first | p50 | p95 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for kind in ("SQLite", "PostgreSQL"):
        for many in given.granted:
            with _database(kind) as url, _hub(url) as services:
                took = _fill(services, many, given.days)
                for name, visitor, asked, by in _questions():
                    times = [_ms(lambda v=visitor, a=asked, b=by: services.answers(v).granted(a, b)) for _ in range(given.asked)]  # type: ignore[misc]
                    print(f"| {kind} | {many:,} | {took / 1000:.1f} s | {name} | {times[0]:.0f} | {statistics.median(times):.0f} | "
                          f"{percentile(times, 95):.0f} |", flush=True)
                one = _one_by_one(services, given.days)
                print(f"| {kind} | {many:,} | | an appeal granted | {one[0]:.0f} | {statistics.median(one):.0f} | {percentile(one, 95):.0f} |",
                      flush=True)


def _questions() -> Iterator[tuple[str, Visitor, Slice, tuple[Dimension, ...]]]:
    lead, operator = Visitor(Role.LEAD, "l", team_of(0)), Visitor(Role.OPERATOR, "o", agent=agent_of(0))
    yield "all", HEAD, Slice(), ()
    yield "by operator", HEAD, Slice(), (Dimension.OPERATOR,)
    yield "by operator and day", HEAD, Slice(), (Dimension.OPERATOR, Dimension.DAY)
    yield "by item", HEAD, Slice(), (Dimension.ITEM,)
    yield "one item, by operator", HEAD, Slice(only=((Dimension.ITEM, "000001"),)), (Dimension.OPERATOR,)
    yield "calls with one field", HEAD, Slice(only=((Dimension.FIELD, "subject"),)), ()
    yield "a lead's team by operator", lead, Slice(), (Dimension.OPERATOR,)
    yield "an operator's own", operator, Slice(), ()


@contextlib.contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "SQLite":
        with tempfile.TemporaryDirectory(prefix="tingdan-hub-") as folder:
            yield f"sqlite:///{Path(folder) / 'hub.sqlite3'}"
    else:
        with postgresql(None, PG_SETTINGS) as url:
            yield url


@contextlib.contextmanager
def _hub(url: str) -> Iterator[HubServices]:
    services = HubServices.of(HubConfig(db=url, keep_days=1000), SystemClock(), in_memory)
    migrate(services.database, services.clock)
    services.people.set_teams({agent_of(number): team_of(number) for number in range(DESKS)})
    yield services
    services.database.close()


def _fill(services: HubServices, many: int, days: int) -> float:
    """Calls with one or two findings, all of them granted; milliseconds until they were taken over."""
    records = list(_records(services, many, days))
    _sent(services, records)
    cases = [_case(record, each.rule) for record in records for each in record.quality][:many]
    with services.database.engine.begin() as connection:
        for first in range(0, len(cases), 1000):
            connection.execute(insert(CASE), cases[first:first + 1000])
    return _ms(lambda: services.database.run(put_missing))


def _records(services: HubServices, many: int, days: int, start: int = 0) -> Iterator[CallRecord]:
    made, held, today = 0, templates(), services.clock.now().date()
    for number in range(start, start + many):
        call = held[number % len(held)]
        rules = [RULES[number % len(RULES)], *([RULES[(number + 1) % len(RULES)]] if number % 3 == 0 else [])]
        found = tuple(QualityRecord(rule, True, 5.0, 1000) for rule in rules)
        yield replace(call, record_id=f"{number:032x}", at=f"{today - timedelta(days=number % days)}T{8 + number % 10:02}:10:00+08:00", desk=DESK,
                      agent=agent_of(number * 7 % DESKS), quality=found, quality_score=100.0 - 5.0 * len(found))
        made += len(rules)
        if made >= many:
            return


def _sent(services: HubServices, records: list[CallRecord]) -> None:
    for first in range(0, len(records), 500):
        taken = services.ingest.take(DESK, "", [to_json(record) for record in records[first:first + 500]])
        if taken.refused or taken.known:
            raise SystemExit(f"not taken: {taken}")


def _case(record: CallRecord, rule: str) -> dict[str, Any]:
    return {"case_id": case_id_of(CaseKind.APPEAL, record.record_id, rule), "kind": CaseKind.APPEAL.value, "subject": record.record_id, "code": rule,
            "team": team_of(0), "agent": record.agent, "state": CaseState.GRANTED.value, "is_open": 0, "opened": record.at[:10], "due": "",
            "rounds": 0, "tries": 0, "answers": "{}", "estimated": 0, "version": 1, "changed_at": record.at}


def _one_by_one(services: HubServices, days: int) -> list[float]:
    """Appeals lodged and granted through the book of cases."""
    book = CaseBook(services.database, services.clock, CALENDAR)
    records = list(_records(services, ONE_BY_ONE, days, start=10**9))
    _sent(services, records)
    took = []
    for record in records:
        day, rule = date.fromisoformat(record.at[:10]), record.quality[0].rule
        case_id = case_id_of(CaseKind.APPEAL, record.record_id, rule)
        book.begin(HEAD, [appealed(case_id, record.record_id, rule, ("", record.agent), day, day, "was_said", CALENDAR)], "lodge")
        took.append(_ms(lambda each=case_id: book.move(HEAD, each, CaseAct.GRANT, {})))  # type: ignore[misc]
    return took


def _ms(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return (time.monotonic() - began) * 1000


if __name__ == "__main__":
    main()
