"""Speed of the encrypted store: ``python -m tests.bench.bench_store`` writes docs/benchmarks/store.md.

An hour's call that changes 1,200 times, submits, and a store of 50,000 tickets. Times are walls on whatever machine runs it.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.domain import json_form
from app.platform.clock import SystemClock
from app.store import rows
from app.store.connection import open_writer
from app.store.numbers import new_number
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

CHANGES, SUBMITS, TICKETS = 1200, 200, 50_000
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
    db = open_writer(path, scenes.KEY, SystemClock())
    clock = SystemClock()
    (fields,) = rows.all_matters(scenes.one_matter())
    db.execute("BEGIN")
    for number in range(TICKETS):
        context = scenes.context(f"c{number}")
        ticket_no = f"{new_number(clock.now())[:12]}{number:06d}"
        rows.put_call(db, context, clock.now().isoformat(), "")
        rows.put_ticket(db, ticket_no, None, context.call_id, 0, clock.now().isoformat())
        rows.put_fields(db, ticket_no, fields)
        rows.put_versions(db, ticket_no, {"engine": "1"})
        rows.put_outbox(db, ticket_no, str(number), clock.now().isoformat())
    db.execute("COMMIT")
    db.close()

    def open_and_close() -> None:
        SqliteTicketStore(path, scenes.KEY, SystemClock()).close()

    opens = [timed(open_and_close) for _ in range(10)]
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    newest = [timed(lambda: store.tickets(50)) for _ in range(20)]
    store.close()
    size_mb = path.stat().st_size / 1e6
    return [
        f"| open and close a store of {TICKETS} tickets ({size_mb:.0f} MB) | {spread(opens)} |",
        f"| the newest 50 of {TICKETS} tickets with all fields | {spread(newest)} |",
    ]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        lines = [*drafts_and_submits(Path(folder) / "a.db"), *many_tickets(Path(folder) / "b.db")]
    form = json_form.dumps(json_form.draft_to_json(scenes.draft()))
    table = "\n".join([
        "# Speed of the encrypted store", "",
        "Made by `python -m tests.bench.bench_store`. Wall times in milliseconds;"
        f" Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} (other work),"
        f" a draft of {len(form)} bytes.", "",
        "| what | p50 | p95 | largest |", "| --- | --- | --- | --- |", *lines, "",
    ])
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(table, "utf-8")
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
