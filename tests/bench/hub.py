"""The hub measured: 1,200 desks, 80 calls a day, 30 days, on a real PostgreSQL and, smaller, on SQLite -> docs/benchmarks/hub.md.

    python -m tests.bench.hub [--desks 1200] [--sqlite-desks 150] [--calls 80] [--days 30] [--workers 2] [--only postgresql|sqlite|chaos]
        [--write] [--keep FILE]

One day comes through the front door, as desks send it (HTTP, gzip, batches of fifty, tokens), while its records are rolled up;
the further days are copies of that day made inside the database with new ids and days (records and roll-ups alike), because a month at this rate
would take most of a day on this machine; the page says which is which. Then the questions of the lead's window, through HTTP, at
growing amounts of data. The faults: senders speak through a relay that breaks connections off, batches are sent again, processes of the hub are
killed and the whole hub is restarted; afterwards every record must be there once, and every sum must count it once.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil
import requests
from sqlalchemy import create_engine, text

from app.cli_hub import in_memory
from app.hub.config import HubConfig
from app.hub.people import Person
from app.hub.postings import SEPARATOR
from app.hub.rights import Role
from app.hub.rollup import RollUp
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.hub.tables import POSTING, RECORD, SUMS
from app.hub.weeks import weeks_over
from app.platform.clock import SystemClock
from tests.app.hub.servers import RunningHub, free_port, is_ready, postgresql, serving, wait_until
from tests.bench.hub_load import BATCH, Cuts, Load, agent_of, desk_id, send_all, team_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks" / "hub.md"
PASSWORD = "measured on loopback"
SENDERS = 2
ASKED = 6
BY_HAND = "\n## What these figures do not show\n"
#: Small, so that there are many to break off.
CHAOS_BATCH = 10
PG_SETTINGS = {"shared_buffers": "2GB", "max_wal_size": "8GB", "checkpoint_timeout": "15min", "work_mem": "64MB", "jit": "off",
               "effective_cache_size": "8GB", "random_page_cost": "1.1"}

#: The questions of the lead's window: name, method, parameters ({s} first day, {u} last day).
QUESTIONS = [
    ("today by field", "outcomes", {"since": "{u}", "by": "field"}),
    ("30 days by field", "outcomes", {"since": "{s}", "by": "field"}),
    ("trend by day", "outcomes", {"since": "{s}", "by": "day"}),
    ("by item", "outcomes", {"since": "{s}", "by": "item"}),
    ("items and fields where help harms", "outcomes", {"since": "{s}", "by": "item,field"}),
    ("by operator", "outcomes", {"since": "{s}", "by": "operator"}),
    ("by district", "outcomes", {"since": "{s}", "by": "district"}),
    ("by sound", "outcomes", {"since": "{s}", "by": "sound,field"}),
    ("by model and day (alarms)", "outcomes", {"since": "{s}", "by": "day,model"}),
    ("two versions, by item and day", "outcomes", {"since": "{s}", "by": "model,day,item", "only": ["model:1.2", "model:1.3"]}),
    ("calls by wrong fields and day (alarms)", "wrong_calls", {"since": "{s}", "by": "day"}),
    ("calls by wrong fields, by operator (alarms)", "wrong_calls", {"since": "{s}", "by": "operator"}),
    ("voice by operator", "voices", {"since": "{s}", "by": "operator"}),
    ("calibration by field", "bins", {"since": "{s}", "by": "field"}),
    ("calls by day", "calls", {"since": "{s}", "by": "day"}),
    ("calls by item", "calls", {"since": "{s}", "by": "item"}),
    ("ranks of items", "ranks", {"since": "{s}", "choice": "item_code"}),
    ("what is confused with what", "confusions", {"since": "{s}", "choice": "item_code"}),
    ("cards by value", "cards", {"since": "{s}"}),
    ("quality findings by operator", "findings", {"since": "{s}", "by": "operator"}),
    ("hot spots by item and district", "matters", {"since": "{s}", "by": "item,district"}),
    ("surge: today by item and street, to 16:00", "matters", {"since": "{u}", "by": "item,district,street", "hours": "0-16"}),
    ("calls behind a number, today", "behind", {"since": "{u}", "field": "subject", "outcome": "edited", "limit": "50"}),
    ("calls behind a number, 30 days", "behind", {"since": "{s}", "field": "subject", "outcome": "edited", "limit": "50"}),
    ("calls behind a number, 30 days: any wrong field", "behind",
     {"since": "{s}", "outcome": ["edited", "cleared"], "proposed": "filled", "limit": "50"}),
    ("calls behind a number, 30 days: a rare mix-up", "behind",
     {"since": "{s}", "choice": "item_code", "offered_first": "{offered}", "submitted": "{submitted}", "limit": "50"}),
    ("calls behind a number, 30 days: a rare card", "behind", {"since": "{s}", "entry_id": "{card}", "limit": "50"}),
    ("calls behind a number, 30 days: wrong in one street", "behind",
     {"since": "{s}", "field": "subject", "outcome": ["edited"], "only": ["street:区0300街"], "limit": "50"}),
    ("calls behind a number, 30 days: wrong in one item", "behind",
     {"since": "{s}", "outcome": ["edited", "cleared"], "proposed": "filled", "only": ["item:{submitted}"], "limit": "50"}),
    ("floor list", "floor", {}),
]


@dataclass
class Size:
    desks: int
    calls: int
    days: int
    workers: int


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--desks", type=int, default=1200)
    parser.add_argument("--sqlite-desks", type=int, default=150)
    parser.add_argument("--chaos-desks", type=int, default=25)
    parser.add_argument("--calls", type=int, default=80)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", choices=("postgresql", "sqlite", "chaos"), action="append")
    parser.add_argument("--folder", type=Path, default=None, help="where the databases lie while it runs")
    parser.add_argument("--keep", type=Path, default=ROOT / ".var" / "bench-hub.json")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--page-only", action="store_true", help="write the page again out of what is kept")
    given = parser.parse_args()
    parts: list[str] = [] if given.page_only else given.only or ["chaos", "sqlite", "postgresql"]
    held: dict[str, Any] = json.loads(given.keep.read_text("utf-8")) if given.keep.exists() else {}
    whole = Size(given.desks, given.calls, given.days, given.workers)
    embedded = Size(min(given.desks, given.sqlite_desks), given.calls, given.days, given.workers)
    small = Size(min(given.desks, given.chaos_desks), given.calls, given.days, given.workers)
    given.keep.parent.mkdir(parents=True, exist_ok=True)
    for part in parts:
        with tempfile.TemporaryDirectory(prefix="tingdan-hub-", dir=given.folder) as name:
            folder = Path(name)
            if part == "sqlite":
                held[part] = measure(f"sqlite:///{folder / 'hub.sqlite3'}", folder, embedded)
            else:
                with postgresql(given.folder, PG_SETTINGS) as url:
                    held[part] = measure(url, folder, whole) if part == "postgresql" else chaos(url, folder, small)
        given.keep.write_text(json.dumps(held, ensure_ascii=False, indent=1), "utf-8")
        print(json.dumps(held[part], ensure_ascii=False, indent=1), flush=True)
        if given.write:
            PAGE.write_text(page(held), "utf-8")
    if given.page_only:
        PAGE.write_text(page(held), "utf-8")


def said(line: str) -> None:
    print(f"{SystemClock().now():%H:%M:%S} {line}", flush=True)


# --- preparing ---------------------------------------------------------------------------------------------------------------------


@contextmanager
def services_over(url: str) -> Iterator[HubServices]:
    services = HubServices.of(HubConfig(db=url), SystemClock(), in_memory)
    migrate(services.database, services.clock)
    yield services
    services.database.close()


def prepare(url: str, desks: int) -> dict[int, str]:
    """Teams, people, desks; their tokens."""
    with services_over(url) as services:
        services.people.set_teams({agent_of(number): team_of(number) for number in range(desks)})
        for person in (Person("head", Role.HEAD), Person("lead", Role.LEAD, team_of(0)), Person("self", Role.OPERATOR, agent=agent_of(0))):
            services.people.put(person, PASSWORD)
        code = services.desks.new_code(desks, 24)
        tokens = {number: services.desks.enrol(code, desk_id(number), "0.1.0") for number in range(desks)}
        return {number: token for number, token in tokens.items() if token}


def loads(url: str, tokens: dict[int, str], size: Size, day: str, again: float = 0.0, batch: int = BATCH) -> list[Load]:
    return [Load(url, {number: token for number, token in tokens.items() if number % SENDERS == part}, size.calls, day, 100 + part, again,
                 batch) for part in range(SENDERS)]


# --- measuring ---------------------------------------------------------------------------------------------------------------------


def measure(url: str, folder: Path, size: Size) -> dict[str, Any]:
    """Ingest of a day, then the questions at growing amounts of data."""
    tokens, today = prepare(url, size.desks), SystemClock().now().date()
    result: dict[str, Any] = {"size": vars(size), "load_before": os.getloadavg()[0]}
    with serving(url, folder / "hub.log", "--workers", str(size.workers)) as hub:
        said(f"{size.desks} desks send a day of {size.calls} calls")
        sent = send_all(loads(hub.url, tokens, size, str(today)))
        result["ingest"] = {
            "records": sent.records, "events": sent.events, "seconds": sent.seconds, "records_s": sent.records / sent.seconds,
            "events_s": sent.events / sent.seconds, "failures": sent.failures, "accepted": sent.accepted, "refused": sent.refused,
            "batch_p50_ms": statistics.median(sent.batch_ms), "batch_p95_ms": percentile(sent.batch_ms, 95)}
        said(f"ingest {result['ingest']}")
        began = time.monotonic()
        roll_up_rest(url)
        result["rolled_up_after_s"] = time.monotonic() - began
        result["checked"] = check(url, sent.records)
        said(f"checked {result['checked']}")
        result["growth"], days = [], 1
        for wanted in sorted({1, 7, size.days}):
            if wanted > days:
                copy_days(url, today, days, wanted)
                days = wanted
                add_up_weeks(url)
            result["growth"].append({"days": days, "calls": sent.records * days, "bytes": size_of(url, folder), **ask_all(hub, today, days)})
            said(f"{days} days: {result['growth'][-1]['p95_ms']:.0f} ms p95 of all questions")
    result["load_after"] = os.getloadavg()[0]
    return result


def roll_up_rest(url: str) -> None:
    """What the hub's own thread has not done yet; it and this take turns by the lease."""
    engine = create_engine(url)
    with services_over(url) as services:
        while True:
            with engine.connect() as connection:
                if not connection.execute(text("SELECT count(*) FROM waiting")).scalar_one():
                    break
            RollUp(services.database, services.clock).run_all()
            threading.Event().wait(0.5)
    engine.dispose()


def check(url: str, expected: int) -> dict[str, int]:
    """Every record once, every sum counts it once."""
    engine = create_engine(url)
    with engine.connect() as connection:
        def one(statement: str) -> int:
            return int(connection.execute(text(statement)).scalar_one() or 0)

        found = {"expected": expected, "records": one("SELECT count(*) FROM record"), "waiting": one("SELECT count(*) FROM waiting"),
                 "sum_all": one("SELECT sum(calls) FROM sum_call WHERE dimension = '' AND team = '*' AND day < 'w'"),
                 "sum_teams": one("SELECT sum(calls) FROM sum_call WHERE dimension = '' AND team <> '*' AND day < 'w'"),
                 "sum_desks": one("SELECT sum(calls) FROM sum_call WHERE dimension = 'desk' AND day < 'w'"),
                 "sum_fields": one("SELECT sum(calls) FROM sum_outcome WHERE dimension = '' AND team = '*' AND field = '*' AND day < 'w'")}
    engine.dispose()
    return found


def copy_days(url: str, today: date, have: int, want: int) -> None:
    """Further days before those that are there: the first day's rows with other days and ids, made by the database itself."""
    said(f"copying to {want} days")
    engine = create_engine(url)
    for back in range(have, want):
        day, mark = str(today - timedelta(days=back)), f"{back:03}"
        with engine.begin() as connection:
            for table in (RECORD, POSTING, *SUMS.values()):
                columns = [column.name for column in table.columns]
                values = {"day": f"'{day}'"}
                if table is RECORD:
                    values |= {"record_id": f"record_id || '{mark}'", "at": f"'{day}' || substr(at, 11)"}
                elif table is POSTING:
                    values["ids"] = f"replace(ids, '{SEPARATOR}', '{mark}{SEPARATOR}')"
                taken = ", ".join(values.get(name, f'"{name}"') for name in columns)
                names = ", ".join(f'"{name}"' for name in columns)
                connection.execute(text(f'INSERT INTO "{table.name}" ({names}) SELECT {taken} FROM "{table.name}" WHERE day = :today'),
                                   {"today": str(today)})
            connection.execute(text(f"INSERT INTO record_body (record_id, body) SELECT body.record_id || '{mark}', body.body FROM record_body body "
                                    "JOIN record ON record.record_id = body.record_id WHERE record.day = :today"), {"today": str(today)})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if url.startswith("sqlite") else "VACUUM ANALYZE"))
    engine.dispose()


def add_up_weeks(url: str) -> None:
    """As the hub does by itself when a week is over."""
    with services_over(url) as services:
        roll_up = RollUp(services.database, services.clock)
        wait_until(lambda: roll_up.run_all() or roll_up.sum_weeks() or not weeks_over(services.database, services.clock), deadline_s=1800)
    engine = create_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def size_of(url: str, folder: Path) -> int:
    if url.startswith("sqlite"):
        return sum(path.stat().st_size for path in folder.glob("hub.sqlite3*"))
    engine = create_engine(url)
    with engine.connect() as connection:
        held = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    engine.dispose()
    return held


def ask_all(hub: RunningHub, today: date, days: int) -> dict[str, Any]:
    """Each question several times as head, lead and operator; milliseconds at the asker."""
    rows, everything = [], []
    for who in ("head", "lead", "self"):
        token = hub.post("/v1/session", {"name": who, "password": PASSWORD}).json()["token"]
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        known = {"s": today - timedelta(days=min(days, 30) - 1), "u": today, **rare(session, hub.url, str(today))}
        for name, method, params in QUESTIONS:
            if (who == "self" and method == "floor") or (who == "self" and "operator" in params.get("by", "")):
                continue
            filled = {key: [each.format(**known) for each in value] if isinstance(value, list) else value.format(**known)
                      for key, value in params.items()}
            took, status, length = [], 0, 0
            for _ in range(ASKED):
                began = time.monotonic()
                answer = session.get(f"{hub.url}/api/v1/lead/{method}", params=filled, timeout=120)
                took.append((time.monotonic() - began) * 1000)
                status, length = answer.status_code, len(answer.content)
                if sum(took) > 20_000:
                    break
            rows.append({"who": who, "question": name, "p50_ms": statistics.median(took), "p95_ms": percentile(took, 95), "status": status,
                         "bytes": length})
            everything += took
    return {"p50_ms": statistics.median(everything), "p95_ms": percentile(everything, 95), "asked": len(everything), "questions": rows}


def rare(session: requests.Session, url: str, day: str) -> dict[str, str]:
    """A mix-up and a card that the asker's calls have seldom: the last of those that the window lists."""
    mixed = session.get(f"{url}/api/v1/lead/confusions", params={"since": day, "choice": "item_code"}, timeout=120).json()["rows"]
    cards = session.get(f"{url}/api/v1/lead/cards", params={"since": day}, timeout=120).json()["rows"]
    if not mixed or not cards:
        raise SystemExit("no mix-ups or no cards: nothing would be measured")
    return {"offered": mixed[-1]["proposed"], "submitted": mixed[-1]["submitted"], "card": cards[-1]["entry_id"]}


def percentile(values: list[float], of: int) -> float:
    return sorted(values)[min(len(values) - 1, round(len(values) * of / 100))]


# --- faults -------------------------------------------------------------------------------------------------------------------------


def chaos(url: str, folder: Path, size: Size) -> dict[str, Any]:
    """A day of a smaller centre through cut connections, killed processes and restarts."""
    tokens, port, today = prepare(url, size.desks), free_port(), SystemClock().now().date()
    result: dict[str, Any] = {"size": vars(size), "kills": 0, "restarts": 0}
    over = threading.Event()
    ready = threading.Event()

    def trouble() -> None:
        """Kill a process of the hub every few seconds; every fourth time end the hub and start it anew."""
        turn = 0
        while not over.is_set():
            turn += 1
            with serving(url, folder / "hub.log", "--workers", str(size.workers), port=port) as hub:
                ready.set()
                for _ in range(3):
                    if over.wait(4):
                        return
                    children = workers_of(hub.process.pid)
                    for child in children[turn % 2:][:1]:
                        child.kill()
                        result["kills"] += 1
                    wait_until(lambda hub=hub: is_ready(hub.url))  # type: ignore[misc]
                if turn % 2:
                    hub.process.kill()  # no graceful end either
                    for child in children:
                        with contextlib.suppress(psutil.NoSuchProcess):
                            child.kill()
            result["restarts"] += 1

    thread = threading.Thread(target=trouble)
    thread.start()
    ready.wait(120)
    relay = Cuts(port)
    try:
        sent = send_all(loads(f"http://127.0.0.1:{relay.port}", tokens, size, str(today), again=0.2, batch=CHAOS_BATCH))
    finally:
        over.set()
        thread.join()
        relay.close()
    roll_up_rest(url)
    cuts = {"in_requests": relay.in_requests, "in_answers": relay.in_answers}
    if not all(cuts.values()) or not sent.known:
        raise SystemExit(f"nothing is shown: cuts {cuts}, known {sent.known}")
    return {**result, "cuts": cuts, "batches": sent.batches, "failures": sent.failures, "repeats": sent.repeats, "known": sent.known,
            "seconds": sent.seconds, "checked": check(url, sent.records)}


def workers_of(pid: int) -> list[psutil.Process]:
    """Processes that serve, without those that were killed and not yet reaped."""
    found = []
    for child in psutil.Process(pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


# --- the page -----------------------------------------------------------------------------------------------------------------------


def page(held: dict[str, Any]) -> str:
    """The document; what people wrote under ``BY_HAND`` stays."""
    from tests.bench.hub_page import page_of

    written = PAGE.read_text("utf-8") if PAGE.exists() else ""
    return page_of(held).rstrip() + "\n" + "".join(written.partition(BY_HAND)[1:])


if __name__ == "__main__":
    main()
