"""Speed of the encrypted store: ``python -m tests.bench.bench_store`` writes docs/benchmarks/store.md.

An hour's call that changes 1,200 times, submits, and a store of a million tickets (``store_of_many``: lists and index as in use, one
stored field a ticket). Times are walls on whatever machine runs it.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from app.domain import json_form
from app.domain.dialogue import CallContext
from app.domain.ticket import FieldState, FieldValue, TicketDraft
from app.domain.ticket_search import TicketQuery, TicketRow
from app.platform.clock import SystemClock
from app.services.repeated_callers import RepeatedCallers
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes
from tests.bench import store_of_many

CHANGES, SUBMITS, TICKETS = 1200, 200, 1_000_000
REPORT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "store.md"


def spread(times_ms: list[float]) -> str:
    """p50, p95 and the largest."""
    ordered = sorted(times_ms)
    return f"{statistics.median(ordered):.1f} | {ordered[int(len(ordered) * 0.95)]:.1f} | {ordered[-1]:.1f}"


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1e3


def drafts_and_submits(path: Path) -> list[str]:
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    said = [scenes.utterance(number) for number in range(CHANGES)]
    told, written = [], []
    for length in range(1, CHANGES + 1):
        so_far = said[:length]
        told.append(timed(lambda so_far=so_far: store.save_draft(scenes.context(), so_far, scenes.draft())))  # type: ignore[misc]
        written.append(timed(store.flush))
    submits = [
        timed(lambda number=number: store.submit(scenes.context(f"c{number}"), said[:30], scenes.draft(), {"engine": "1"}))  # type: ignore[misc]
        for number in range(SUBMITS)
    ]
    reads = [timed(store.drafts) for _ in range(20)]
    store.close()
    return [
        f"| draft: the caller's part of a save | {spread(told)} |",
        f"| draft: change to disk, forced (fsync), call of 1 to {CHANGES} utterances | {spread(written)} |",
        f"| submit: two matters, 30 utterances, on the disk | {spread(submits)} |",
        f"| read a draft of {CHANGES} utterances | {spread(reads)} |",
    ]


def many_tickets(path: Path) -> list[str]:
    if not path.exists():
        store_of_many.make(path, TICKETS)

    def open_and_close() -> None:
        SqliteTicketStore(path, scenes.KEY, SystemClock()).close()

    opens = [timed(open_and_close) for _ in range(20)]
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    records = SqliteRecords(store, SystemClock())
    newest = [timed(lambda: store.tickets(50)) for _ in range(20)]
    size_mb = path.stat().st_size / 1e6
    lines = [f"| open and close a store of {TICKETS:,} tickets ({size_mb:.0f} MB) | {spread(opens)} |",
             f"| the newest 50 of {TICKETS:,} as whole tickets | {spread(newest)} |",
             f"| the newest 100 of {TICKETS:,} as a list | {spread([timed(lambda: records.search(TicketQuery())) for _ in range(50)])} |"]
    everything: list[float] = []
    for name, queries in searches(records).items():
        times = [timed(lambda query=query: records.search(query)) for query in queries]  # type: ignore[misc]
        everything += times
        lines.append(f"| search {TICKETS:,}: {name} | {spread(times)} |")
    lines.append(f"| **search {TICKETS:,}: all of the above** | {spread(everything)} |")
    look = [timed(lambda row=row: callers(records).look(*call_of(row))) for row in sample(records, 100)]  # type: ignore[misc]
    lines.append(f"| earlier tickets of a caller, place, matter among {TICKETS:,} | {spread(look)} |")
    store.close()
    return lines


def sample(records: SqliteRecords, count: int) -> list[TicketRow]:
    draw, span = random.Random(3), timedelta(seconds=store_of_many.YEARS_S)
    rows: list[TicketRow] = []
    while len(rows) < count:
        rows += records.search(TicketQuery(until=store_of_many.BEGIN + span * draw.random(), limit=1)).rows
    return rows


def searches(records: SqliteRecords) -> dict[str, list[TicketQuery]]:
    rows, week = sample(records, 200), timedelta(days=7)
    at = [datetime.fromisoformat(row.submitted_at) for row in rows]
    return {
        "whole number": [TicketQuery(text=row.ticket_no) for row in rows],
        "last six digits of a number": [TicketQuery(number=row.ticket_no[-6:]) for row in rows],
        "phone": [TicketQuery(phone=row.phones[0]) for row in rows],
        "last four digits of a phone": [TicketQuery(phone=row.phones[0][-4:]) for row in rows],
        "name": [TicketQuery(name=row.name) for row in rows],
        "surname": [TicketQuery(name=row.name[0]) for row in rows],
        "road and house number": [TicketQuery(place=row.place) for row in rows],
        "two characters of a road": [TicketQuery(place=row.place[:2]) for row in rows],
        "words of the title in one box": [TicketQuery(text=row.title[3:9]) for row in rows],
        "item and state": [TicketQuery(item_code=row.item_code, status=row.status) for row in rows],
        "type, state and a week": [TicketQuery(request_type=row.request_type, status=row.status, since=time - week, until=time)
                                   for row, time in zip(rows, at)],
        "name, place and state that never meet": [TicketQuery(name=one.name[:2], place=two.place[:3], status="已撤单")
                                                  for one, two in zip(rows, rows[1:])],
    }


def callers(records: SqliteRecords) -> RepeatedCallers:
    return RepeatedCallers(records, records, SystemClock(), 3650)


def call_of(row: TicketRow) -> tuple[CallContext, TicketDraft]:
    values = {"requester_name": row.name, "region_district": row.district, "address_detail": row.place, "item_code": row.item_code,
              "title": row.title}
    fields = {name: FieldValue(value, FieldState.FILLED, 1.0) for name, value in values.items()}
    return CallContext("now", row.submitted_at, "广州市", row.phones[0]), TicketDraft((fields,))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        # A store that was made before may be named: making one takes ten minutes.
        many = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "b.db"
        lines = [*drafts_and_submits(Path(folder) / "a.db"), *many_tickets(many)]
    form = json_form.dumps(json_form.draft_to_json(scenes.draft()))
    table = "\n".join([
        "# Speed of the encrypted store", "",
        "Made by `python -m tests.bench.bench_store`. Wall times in milliseconds;"
        f" Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} (other work),"
        f" a draft of {len(form)} bytes.", "",
        "Goals: draft p95 <= 10 ms, search p95 <= 50 ms, opened <= 300 ms.", "",
        "| what | p50 | p95 | largest |", "| --- | --- | --- | --- |", *lines, "",
    ])
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(table, "utf-8")
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
