"""The lead's alarm, comparison and surges on simulated centres: how soon a planted fall is told, how often nothing is cried at. ``make bench-lead``.

Centres: the page's own ``watch_all`` over centres drawn as counts (``tests.bench.lead_centre``), and over whole call records of the sample. Counts: a
single series for thousands of days, to count false alarms against the stated bound, with the reference estimated anew each time.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import cast

from app.domain import lead_compare as comparing
from app.domain.lead_alarms import QUIET_DAYS, Batch, learn_usual, watch
from app.domain.lead_counts import Slice
from app.domain.lead_surges import surges
from app.ports.lead import LeadSource
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_records
from app.services.lead_views_alarms import WATCHED_DAYS, Alarm, watch_all
from tests.bench.lead_centre import LAST, PLANTED, Centre, CentreOrder

PAGE = Path("docs/benchmarks/lead.md")
SMALL = CentreOrder()
MIDDLE, LARGE, HUGE = replace(SMALL, operators=48), replace(SMALL, operators=150, calls_a_day=80), replace(SMALL, operators=1200, calls_a_day=80)
_HIDDEN = "odds of a wrong field times 5 on 5 % of calls, scattered over all"
_DESKS = "the same at one desk in twenty, on all its calls"
_NAMED = "the same scattered, its version recorded"


def _planted_scenes() -> Iterator[tuple[str, CentreOrder, float]]:
    """Scene, centre, how many centres against the number asked for."""
    yield "scattered, and days differ by 15 %; 12 desks", replace(SMALL, worse_calls=0.05, day_noise=0.15), 1.0
    yield "scattered, and days differ by 15 %; 48 desks", replace(MIDDLE, worse_calls=0.05, day_noise=0.15), 1.0
    yield "odds times 3 on 5 % of calls, scattered; 48 desks", replace(MIDDLE, worse_calls=0.05, worse_by=3.0), 1.0
    yield "odds times 2 on all calls; 12 desks", replace(SMALL, worse_calls=1.0, worse_by=2.0), 1.0
    for size, told, share in ((SMALL, "12 desks, 300 calls a day", 1.0), (MIDDLE, "48 desks, 1,200 calls a day", 1.0),
                              (LARGE, "150 desks, 12,000 calls a day", 0.2), (HUGE, "1,200 desks, 96,000 calls a day", 0.02)):
        held = replace(size, worse_calls=0.05)
        yield f"{_HIDDEN}; {told}", held, share
        yield f"{_DESKS}; {told}", replace(held, at_desks=True), share
        if size is not HUGE:
            yield f"{_NAMED}; {told}", replace(held, named=True), share


NOISE_SCENES: tuple[tuple[str, CentreOrder, float], ...] = (
    ("nothing; 12 desks", SMALL, 2.5),
    ("days differ by 15 % for all calls alike; 12 desks", replace(SMALL, day_noise=0.15), 2.5),
    ("days differ by 15 %; 48 desks", replace(MIDDLE, day_noise=0.15), 1),
    ("days differ by 15 %; 150 desks", replace(LARGE, day_noise=0.15), 0.2),
    ("operators differ by 50 %; 12 desks", replace(SMALL, operator_noise=0.5), 2.5),
    ("each operator drifts by 10 %; 12 desks", replace(SMALL, operator_drift=0.1), 2.5),
    ("a season: the hardest third of the items becomes three times as frequent; 12 desks", replace(SMALL, season=3.0, item_noise=0.6), 2.5),
    ("the same season; 48 desks", replace(MIDDLE, season=3.0, item_noise=0.6), 1),
    ("calls differ more (80 %); 12 desks", replace(SMALL, call_noise=0.8), 2.5),
    ("days differ by 15 %; 1,200 desks", replace(HUGE, day_noise=0.15), 0.02),
)
_PLANTED_DAY = LAST - timedelta(days=PLANTED - 1)


def planted_part(repeats: int) -> list[tuple[str, str, str, str, str]]:
    """Scene, share alarmed, median and ninth-tenth delay in days (1: the same day), what told first, false alarms before the fall."""
    rows = []
    for name, order, share in _planted_scenes():
        tries = max(1, round(repeats * share))
        delays, early, firsts = [], 0, Counter[str]()
        for seed in range(tries):
            hits = _alarmed(watch_all(_centre(replace(order, seed=1000 + seed)), Slice(until=str(LAST))))
            early += any(day < str(_PLANTED_DAY) for day, _ in hits)
            true = [hit for hit in hits if hit[0] >= str(_PLANTED_DAY)]
            if true:
                delays.append((date.fromisoformat(true[0][0]) - _PLANTED_DAY).days + 1)
                firsts.update({what for day, what in true if day == true[0][0]})
        rows.append((name, f"{len(delays)} of {tries}", _delays(delays, tries), ", ".join(what for what, _ in firsts.most_common(2)),
                     f"{early} of {tries}"))
        print(rows[-1], flush=True)
    return rows


def _centre(order: CentreOrder) -> LeadSource:
    """What it answers is all that the page of alarms asks."""
    return cast("LeadSource", Centre(order))


def _alarmed(found: tuple[Alarm, ...]) -> list[tuple[str, str]]:
    """Day and what, first ones first."""
    return sorted((alarm.watched.alarm_day, alarm.dimension) for alarm in found if alarm.watched.alarm_day)


def _delays(delays: list[int], tries: int) -> str:
    """Median and ninth tenth over all centres; those that were not alarmed count as later than the end."""
    held = sorted(delays) + [PLANTED + 1] * (tries - len(delays))
    told = [f"{held[place]:.0f}" if held[place] <= PLANTED else f"> {PLANTED}" for place in (len(held) // 2, math.ceil(0.9 * len(held)) - 1)]
    return " / ".join(told)


def noise_part(repeats: int) -> list[tuple[str, str, str]]:
    """Scene, centres with an alarm, what cried."""
    rows = []
    for name, order, share in NOISE_SCENES:
        tries = max(1, round(repeats * share))
        cried, firsts = 0, Counter[str]()
        for seed in range(tries):
            hits = _alarmed(watch_all(_centre(replace(order, seed=5000 + seed)), Slice(until=str(LAST))))
            cried += bool(hits)
            firsts.update({what for _, what in hits})
        rows.append((name, f"{cried} of {tries}", ", ".join(f"{what} {count}" for what, count in firsts.most_common(3))))
        print(rows[-1], flush=True)
    return rows


def records_part(repeats: int) -> list[tuple[str, str, str]]:
    """The sample's whole call records through the counts of a desk's own data: 12 operators, 300 calls a day."""
    base = SampleOrder(LAST, days=56, operators=12, calls_a_day=25, stories=False, last_hour=24)
    rows = []
    for name, order in ((_HIDDEN, replace(base, worse_calls=0.05, worse_from=PLANTED)), ("nothing planted", base)):
        delays, early = [], 0
        for seed in range(repeats):
            hits = _alarmed(watch_all(RecordedCalls(sample_records(replace(order, seed=1000 + seed))), Slice(until=str(LAST))))
            early += any(not order.worse_calls or day < str(_PLANTED_DAY) for day, _ in hits)
            delays += [(date.fromisoformat(day) - _PLANTED_DAY).days + 1 for day, _ in hits[:1] if order.worse_calls and day >= str(_PLANTED_DAY)]
        rows.append((name, f"{len(delays)} of {repeats}, {_delays(delays, repeats)}" if order.worse_calls else "-", f"{early} of {repeats}"))
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
        first: dict[str, comparing.Ratio] = {}
        second: dict[str, comparing.Ratio] = {}
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


def mix_part(repeats: int) -> list[tuple[str, ...]]:
    """Versions that came with other items: verdicts as they fall, plain and like with like. 16 operators, three kinds of items."""
    rows: list[tuple[str, ...]] = []
    for name, times in (("equal versions, the second met easier items", 1.0), ("the second is worse (half as often wrong again), and met easier items", 1.5)):
        for by_time in (True, False):
            plain, like = Counter[str](), Counter[str]()
            for seed in range(repeats):
                strata = _mixed(Random(seed), times, by_time=by_time)
                like[comparing.compare_within(strata).verdict.value] += 1
                sums: tuple[dict[str, comparing.Ratio], dict[str, comparing.Ratio]] = ({}, {})
                for sides in strata.values():
                    for held, side in zip(sums, sides, strict=True):
                        for cluster, ratio in side.items():
                            before = held.get(cluster, comparing.Ratio(0, 0))
                            held[cluster] = comparing.Ratio(before.hits + ratio.hits, before.total + ratio.total)
                plain[comparing.compare(*sums).verdict.value] += 1
            rows.append((name, "same people, one after the other" if by_time else "half of the people each", *(
                ", ".join(f"{what} {count}" for what, count in sorted(held.items())) for held in (plain, like)), str(repeats)))
            print(rows[-1], flush=True)
    return rows


def _mixed(random: Random, times: float, *, by_time: bool) -> dict[str, comparing.Stratum]:
    strata: dict[str, tuple[dict[str, comparing.Ratio], dict[str, comparing.Ratio]]] = {}
    for operator in range(16):
        care = math.exp(random.gauss(0, 0.3))
        for side in (0, 1) if by_time else (operator % 2,):
            for item, (wrong, often) in enumerate(((0.02, (100, 500)), (0.08, (200, 200)), (0.25, (500, 100)))):
                share = min(0.9, wrong * care * (times if side else 1.0))
                total = _poisson(random, often[side] // 2) + often[side] // 2
                stratum = strata.setdefault(f"{operator} {item}" if by_time else f"{item}", ({}, {}))
                stratum[side][str(operator)] = comparing.Ratio(total - _binomial(random, total, share), total)
    return dict(strata)


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


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """As Markdown."""
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads), *("| " + " | ".join(row) + " |" for row in rows)])


def main() -> None:
    """All parts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--windows", type=int, default=1000)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    began = time.perf_counter()
    counts, compared, mixed, rising = counts_part(arguments.windows), compare_part(1000), mix_part(200), surge_part(100)
    print(compared, rising, flush=True)
    noise, planted, records = noise_part(arguments.repeats), planted_part(arguments.repeats), records_part(max(2, arguments.repeats // 10))
    text = f"""# The lead's alarm, comparison and surges

`make bench-lead` (tests/bench/lead.py), {time.perf_counter() - began:.0f} s here. Methods and sources: `app/domain/lead_alarms.py`, `lead_heaps.py`, `lead_mix.py`,
`lead_compare.py`, `lead_surges.py`.

## A planted fall

Simulated centres (tests/bench/lead_centre.py), ten fields a call of which six or seven stand filled, some 5 % of these wrong; days differ by 3 %, operators by 20 %, items by 40 %, calls
by 30 % (standard deviation of the logarithm of the odds) unless said. 28 days tell what is usual, 28 are watched, the fall begins {PLANTED} days before the end. Everything on the page of alarms is
watched at once, with one bound for all of it. Delay in days, 1 is the day on which it began; over all centres of a scene, so one that is not alarmed counts as later than a fortnight.

{table(("scene", "alarmed", "delay, median / nine in ten", "told first by", "centres with a false alarm before"), planted)}

`calls`: wrong fields heap up in few of all calls; `desk`, `operator`: in those of one; `model`: share of wrong fields of a version; `all`: of all calls.

## Planted noise

An alarm in 28 days is allowed to {WATCHED_DAYS / QUIET_DAYS:.0%} of the centres (one false alarm in {QUIET_DAYS} days).

{table(("scene", "centres with an alarm", "what cried"), noise)}

Whoever drifts by much more than days and people usually do has changed, and is told: an operator or desk whose odds rise by half is no noise.

## Whole call records

The same through the counts of a desk's own records (the sample's calls, 12 operators, 300 calls a day).

{table(("scene", "alarmed; delay, median / nine in ten", "centres with a false alarm"), records)}

## False alarms against the bound

Single series, {arguments.windows} windows of 28 watched days, each with its own 28 days of reference. The bound says: at most one false alarm in {QUIET_DAYS} days on average, so at most
{WATCHED_DAYS / QUIET_DAYS:.0%} of such windows.

{table(("series", "windows with an alarm", "share", "bound"), counts)}

## Equal versions

Ten operators each (odds of a wrong field differ between operators by 50 %), 600 fields each, no difference between the versions: how often a 95 % interval misses zero.

{table(("interval", "misses zero", "should"), compared)}

## Versions that met other items

Sixteen operators, three kinds of items (2, 8 and 25 % wrong); the first version met five hard matters for one easy one, the second the reverse. Verdicts in {200} trials.

{table(("what is true", "rolled out", "plain comparison says", "like with like says", "trials"), mixed)}

## Surges

400 places with usual counts from 0.1 to 10, days differ for each place (gamma, 40 %), eight weeks before.

{table(("", ""), rising)}
"""
    if arguments.write:
        PAGE.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
