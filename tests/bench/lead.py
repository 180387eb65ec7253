"""The lead's alarm on simulated centres: how soon a planted fall is told, how often nothing is cried at. ``make bench-lead``.

Two parts. Records: whole call records of a centre go through the same pages as the window's (``watch_all``: all series at once). Counts: a
single series for thousands of days, to count false alarms against the stated bound, with the reference estimated anew each time.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from app.domain import lead_compare as comparing
from app.domain.lead_alarms import QUIET_DAYS, Batch, learn_usual, watch
from app.domain.lead_counts import Slice
from app.domain.lead_surges import surges
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_records
from app.services.lead_views_alarms import WATCHED_DAYS, watch_all

LAST = date(2026, 11, 20)
PLANTED_BACK = 14
BASE = SampleOrder(LAST, days=56, operators=12, calls_a_day=25, stories=False, last_hour=24)
PAGE = Path("docs/benchmarks/lead.md")


def records_part(repeats: int) -> list[tuple[str, str, str, str]]:
    """Scene, share alarmed, median and latest delay in days (1: the same day), false alarms before the fall."""
    scenes = {
        "worse model (odds of a wrong field times 5) on 5 % of calls, its version recorded": replace(BASE, worse_calls=0.05, worse_from=PLANTED_BACK, worse_name="1.3-bad"),
        "the same, recorded as the usual version": replace(BASE, worse_calls=0.05, worse_from=PLANTED_BACK),
        "the same in a centre of four times the size": replace(BASE, worse_calls=0.05, worse_from=PLANTED_BACK, operators=48),
        "slightly worse (odds times 2) on 5 % of calls, version recorded": replace(BASE, worse_calls=0.05, worse_by=2.0, worse_from=PLANTED_BACK, worse_name="1.3-bad"),
        "worse (odds times 2) on all calls": replace(BASE, worse_calls=1.0, worse_by=2.0, worse_from=PLANTED_BACK),
        "nothing planted": BASE,
        "planted noise: days differ by 15 % for all calls alike": replace(BASE, day_noise=0.15),
    }
    rows = []
    planted = LAST - timedelta(days=PLANTED_BACK - 1)
    for name, order in scenes.items():
        delays, early, alarmed = [], 0, 0
        tries = repeats if order.operators == BASE.operators else max(2, repeats // 4)
        for seed in range(tries):
            source = RecordedCalls(sample_records(replace(order, seed=1000 + seed)))
            days = sorted(alarm.watched.alarm_day for alarm in watch_all(source, Slice(until=str(LAST))) if alarm.watched.alarm_day)
            false = [day for day in days if not order.worse_calls or day < str(planted)]
            early += bool(false)
            true = [day for day in days if order.worse_calls and day >= str(planted)]
            if true:
                alarmed += 1
                delays.append((date.fromisoformat(true[0]) - planted).days + 1)
        caught = f"{alarmed} of {tries}" if order.worse_calls else "-"
        when = f"{statistics.median(delays):.0f} / {max(delays)}" if delays else "-"
        rows.append((name, caught, when, f"{early} of {tries}"))
        print(rows[-1], flush=True)
    return rows


def counts_part(windows: int) -> list[tuple[str, str, str, str]]:
    """False alarms of single series over many windows of ``WATCHED_DAYS``, each with its own reference."""
    rows = []
    for name, filled, p, noise in (("300 fields a day, days alike", 300, 0.06, 0.0), ("300 a day, days differ by 15 %", 300, 0.06, 0.15),
                                   ("3,000 a day, days differ by 15 %", 3000, 0.06, 0.15), ("3,000 a day, days differ by 30 %", 3000, 0.06, 0.3),
                                   ("20 a day, days differ by 15 %", 20, 0.08, 0.15)):
        random = Random(7)
        false = 0
        for _ in range(windows):
            batches = [_day(random, filled, p, noise, index) for index in range(28 + WATCHED_DAYS)]
            usual = learn_usual(batches[:28])
            if usual is not None and watch(batches[28:], usual).alarm_day:
                false += 1
        bound = WATCHED_DAYS / QUIET_DAYS
        rows.append((name, f"{false} of {windows}", f"{false / windows:.2%}", f"{bound:.2%}"))
        print(rows[-1], flush=True)
    return rows


def _day(random: Random, filled: int, p: float, noise: float, index: int) -> Batch:
    odds = p / (1 - p) * math.exp(random.gauss(0, noise))
    share, total = odds / (1 + odds), max(1, round(random.gauss(filled, math.sqrt(filled))))
    wrong = random.binomialvariate(total, share) if hasattr(random, "binomialvariate") else _binomial(random, total, share)
    return Batch(f"{index:03}", wrong, total)


def _binomial(random: Random, total: int, p: float) -> int:
    """By waiting times between hits (Devroye)."""
    hits, place = 0, 0
    while True:
        place += math.floor(math.log(1 - random.random()) / math.log1p(-p)) + 1
        if place > total:
            return hits
        hits += 1


def compare_part(repeats: int) -> list[tuple[str, str, str]]:
    """Versions that are equal: how often the interval misses zero, clustered and as if all fields were independent."""
    random, missed, naive = Random(3), 0, 0
    for _ in range(repeats):
        first, second = {}, {}
        for operator in range(20):
            odds = 0.064 * math.exp(random.gauss(0, 0.5))
            p = odds / (1 + odds)
            (first if operator % 2 else second)[str(operator)] = comparing.Ratio(_binomial(random, 600, p), 600)
        result = comparing.compare(first, second, higher_is_better=False)
        missed += result.low > 0 or result.high < 0
        shares = [sum(each.hits for each in held.values()) / sum(each.total for each in held.values()) for held in (first, second)]
        error = math.sqrt(sum(each * (1 - each) / 6000 for each in shares))
        naive += abs(shares[1] - shares[0]) > 1.96 * error
    return [("over operators (ours)", f"{missed / repeats:.1%}", "5 %"), ("fields as independent draws (not used)", f"{naive / repeats:.1%}", "5 %")]


def surge_part(repeats: int) -> list[tuple[str, str]]:
    """400 places; nothing planted, then one place at eight times its usual."""
    random = Random(5)
    quiet = found = 0
    false_shares = []
    for _ in range(repeats):
        means = [math.exp(random.gauss(-0.5, 1.1)) for _ in range(400)]

        def week(times: dict[int, float], means: list[float] = means) -> dict[tuple[str, ...], int]:
            return {(str(place),): _poisson(random, mean * times.get(place, 1.0) * random.gammavariate(6, 1 / 6)) for place, mean in enumerate(means)}

        before = [week({}) for _ in range(8)]
        quiet += any(each.told for each in surges(week({}), before))
        place = max(range(400), key=lambda each: -abs(means[each] - 1.5))
        made = [each for each in surges(week({place: 8.0}), before) if each.told]
        false_shares.append(sum(each.key != (str(place),) for each in made) / max(1, len(made)))
        found += any(each.key == (str(place),) for each in made)
    return [("days with nothing planted on which something is told", f"{quiet} of {repeats}"),
            ("planted surge (usual 1.5, planted times 8) told", f"{found} of {repeats}"), ("share of false ones among those told on such a day, mean", f"{statistics.mean(false_shares):.0%}")]


def _poisson(random: Random, mean: float) -> int:
    bound, product, count = math.exp(-mean), random.random(), 0
    while product > bound:
        product *= random.random()
        count += 1
    return count


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """As Markdown."""
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads), *("| " + " | ".join(row) + " |" for row in rows)])


def main() -> None:
    """All parts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=12)
    parser.add_argument("--windows", type=int, default=2000)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    began = time.perf_counter()
    records, counts = records_part(arguments.repeats), counts_part(arguments.windows)
    compared, rising = compare_part(2000), surge_part(100)
    calls = BASE.operators * BASE.calls_a_day
    text = f"""# The lead's alarm, comparison and surges

`make bench-lead` (tests/bench/lead.py), {time.perf_counter() - began:.0f} s here. Methods and sources: `app/domain/lead_alarms.py`, `lead_compare.py`, `lead_surges.py`.

## A planted fall

Simulated centres of {BASE.operators} operators with about {calls} calls a working day, ten fields a call, usually some 5 % of what stands filled wrong. 28 days tell what
is usual, 28 days are watched, the fall begins {PLANTED_BACK} days before the end. All series (all fields, each field, versions, districts) are watched at once, with one bound
for all of them. Delay in days, 1 is the day on which it began.

{table(("scene", "alarmed", "delay, median / latest", "centres with a false alarm"), records)}

## False alarms against the bound

Single series, {arguments.windows} windows of 28 watched days, each with its own 28 days of reference. The bound says: at most one false alarm in {QUIET_DAYS} days on average, so at most
{WATCHED_DAYS / QUIET_DAYS:.0%} of such windows.

{table(("series", "windows with an alarm", "share", "bound"), counts)}

## Equal versions

Ten operators each (odds of a wrong field differ between operators by 50 %), 600 fields each, no difference between the versions: how often a 95 % interval misses zero.

{table(("interval", "misses zero", "should"), compared)}

## Surges

400 places with usual counts from 0.1 to 10, days differ for each place (gamma, 40 %), eight weeks before.

{table(("", ""), rising)}
"""
    if arguments.write:
        PAGE.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
