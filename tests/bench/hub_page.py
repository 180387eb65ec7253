"""docs/benchmarks/hub.md out of what ``tests.bench.hub`` measured."""

from __future__ import annotations

from typing import Any

MB = 1 << 20


def page_of(held: dict[str, Any]) -> str:
    """The document."""
    parts = [_HEAD]
    for name, title in (("postgresql", "PostgreSQL 15"), ("sqlite", "SQLite (embedded)")):
        if name in held:
            parts += _database(title, held[name])
    if "chaos" in held:
        parts += _chaos(held["chaos"])
    return "\n".join(parts) + "\n"


_HEAD = """# The hub: ingest, questions, faults

`make bench-hub` (`tests/bench/hub.py`, `tests/bench/hub_load.py`). Two cores, which the senders, the hub and the database share with each other and, where
the load average says so, with other work; all over loopback, `fsync` and `synchronous_commit` on. An *event* is a field's outcome, a choice out of a catalogue, a card or a
finding of the quality check; a *record* is a call. Senders post what desks post: batches of fifty, gzip, the desk's token, sent again until answered with 200.

What is real and what is copied: **the first day comes through the front door** and is rolled up by the hub while it comes. The further days are copies of it made inside the
database (records with ids and days of their own, postings and roll-ups with other days; weeks are added up by the hub's own code), because a month through HTTP would take hours here; they have a real month's size in every
table and index, which is what a question's time depends on, but each day has the same figures.
"""


def _database(title: str, held: dict[str, Any]) -> list[str]:
    size, ingest, checked = held["size"], held["ingest"], held["checked"]
    lines = [
        f"## {title}: {size['desks']} desks, {size['calls']} calls a day, {held['growth'][-1]['days']} days, {size['workers']} processes", "",
        f"Load average of the machine before {held['load_before']:.1f}, after {held['load_after']:.1f} (2 cores).", "",
        "| ingest of one day | |", "| --- | --- |",
        f"| records | {ingest['records']:,} |", f"| events | {ingest['events']:,} ({ingest['events'] / ingest['records']:.1f} a record) |",
        f"| time | {ingest['seconds']:.0f} s |", f"| **events a second** | **{ingest['events_s']:,.0f}** |",
        f"| records a second | {ingest['records_s']:,.0f} |", f"| a batch of fifty, p50 / p95 | {ingest['batch_p50_ms']:.0f} / {ingest['batch_p95_ms']:.0f} ms |",
        f"| roll-ups complete after the last batch | {held['rolled_up_after_s']:.0f} s |",
        f"| sent / stored / in the roll-ups (all, by team, by desk, with fields) | {checked['expected']:,} / {checked['records']:,} / {checked['sum_all']:,}, "
        f"{checked['sum_teams']:,}, {checked['sum_desks']:,}, {checked['sum_fields']:,} |", "",
        "| days kept | calls | database | all questions p50 | p95 |", "| --- | --- | --- | --- | --- |",
    ]
    for row in held["growth"]:
        lines.append(f"| {row['days']} | {row['calls']:,} | {row['bytes'] / MB:,.0f} MB | {row['p50_ms']:.0f} ms | {row['p95_ms']:.0f} ms |")
    last = held["growth"][-1]
    by_question: dict[str, dict[str, dict[str, Any]]] = {}
    for row in last["questions"]:
        by_question.setdefault(row["question"], {})[row["who"]] = row
    lines += ["", f"Each question over the last {min(30, last['days'])} days at {last['calls']:,} calls, p50 / p95 in ms through HTTP, at the asker "
              f"(head: all {size['desks']} desks; lead: a team of thirty; operator: own calls):", "",
              "| question | head | lead | operator |", "| --- | --- | --- | --- |"]
    for question, who in by_question.items():
        lines.append(f"| {question} | " + " | ".join(_cell(who.get(each)) for each in ("head", "lead", "self")) + " |")
    return [*lines, ""]


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["status"] != 200:
        return f"refused ({row['status']}: too many calls to count one by one)" if row["status"] == 422 else f"status {row['status']}"
    return f"{row['p50_ms']:.0f} / {row['p95_ms']:.0f}"


def _chaos(held: dict[str, Any]) -> list[str]:
    size, checked = held["size"], held["checked"]
    return [
        "## Faults: nothing lost, nothing doubled", "",
        f"{size['desks']} desks send a day of {size['calls']} calls in {held['batches']} batches through a relay on which every connection is reset after some bytes, in turn within "
        "an answer (the hub has the batch, the sender cannot know it) and within what is sent; every fifth batch is sent again though it was answered; processes of the hub are killed (`kill -9`) every few seconds, and the whole hub is killed or ended and started anew.", "",
        "| | |", "| --- | --- |", f"| connections broken off within an answer / within a batch | {held['cuts']['in_answers']} / {held['cuts']['in_requests']} |", f"| processes killed | {held['kills']} |",
        f"| restarts of the hub | {held['restarts']} |", f"| posts that failed and were sent again | {held['failures']} |",
        f"| batches sent twice on purpose | {held['repeats']} |", f"| records the hub knew already | {held['known']:,} |",
        f"| **records sent / stored / waiting** | **{checked['expected']:,} / {checked['records']:,} / {checked['waiting']}** |",
        f"| counted in the roll-ups: all, by team, by desk, with fields | {checked['sum_all']:,}, {checked['sum_teams']:,}, {checked['sum_desks']:,}, "
        f"{checked['sum_fields']:,} |", ""]
