"""Learning from a history, measured on public texts: ``python -m tests.bench.learning`` (``--write``: docs/benchmarks/learning.md).

The texts of ``$TINGDAN_SHARED/data`` stand for a centre's history; nothing of them is kept. Each set is split into what is learned
from and what is tested on; ``tingdan learn``'s own code learns (it holds part of the history back for mix, calibration and
threshold), and the tested part is seen once, at the end. *auto-dispatch* is what stands by itself: right among those above
the threshold, and how many those are.

* Zhuhai: 527 real items, unit and type; five splits of half and half, and ten of nine tenths and one tenth (the small history is
  what limits here: 50 % says what a centre gets from 260 tickets, 90 % what it gets from 470).
* Shenzhen: 14,266 consultations, department; split at random and by time (the newest fifth; departments were merged and renamed in
  between, which no text tells).
* Scale: made-up tickets of 5,000 units, 50,000 in all: time, memory and size, not quality.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.extraction.history import Learned
from app.extraction.history_file import read_history
from app.extraction.items import tree
from app.extraction.learning import MIN_TICKETS, LearnedTarget, SettledTicket, learn

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "learning.md"
SHARED = Path(os.environ.get("TINGDAN_SHARED") or ROOT.parent / "shared") / "data"


@dataclass
class Tested:
    """What came out on tickets that were not learned from."""

    first: int = 0
    third: int = 0
    count: int = 0
    stood: int = 0
    stood_right: int = 0
    milliseconds: list[float] = field(default_factory=list)
    reports: list[LearnedTarget] = field(default_factory=list)

    def row(self, name: str) -> str:
        """One line of the table."""
        ordered = sorted(self.milliseconds)
        report = self.reports[-1]
        return (f"| {name} | {report.labels} | {report.tickets} | {self.count} | {self.first / self.count:.3f} | {self.third / self.count:.3f} "
                f"| {report.wanted:.3f} | {self.stood_right / max(1, self.stood):.3f} | {self.stood / self.count:.2f} "
                f"| {ordered[len(ordered) // 2]:.1f} / {ordered[int(len(ordered) * 0.95)]:.1f} |")


def zhuhai() -> tuple[SettledTicket, ...]:
    """Oldest first."""
    return read_history(SHARED / "zhuhai12345_dev15.csv").tickets


def shenzhen() -> tuple[SettledTicket, ...]:
    """Oldest first."""
    return read_history(SHARED / "shenzhen_consult_dev60.csv").tickets


def at_least(tickets: Sequence[SettledTicket], target: str, least: int) -> list[SettledTicket]:
    """Tickets whose value occurs so often."""
    often = Counter(getattr(ticket, target) for ticket in tickets)
    return [ticket for ticket in tickets if often[getattr(ticket, target)] >= least]


def only(ticket: SettledTicket, target: str) -> SettledTicket:
    """A ticket with one of its values."""
    return SettledTicket(ticket.text, date=ticket.date, **{target: getattr(ticket, target)})


def run(tested: Tested, target: str, known: Sequence[SettledTicket], new: Sequence[SettledTicket], precision: float) -> None:
    """Learn from ``known``, test on ``new``."""
    with tempfile.TemporaryDirectory() as folder:
        tested.reports += [r for r in learn([only(ticket, target) for ticket in known], Path(folder), precision) if r.target == target]
        learned = Learned(Path(folder))
    for ticket in new:
        began = time.process_time()
        ranking = learned.rank(target, [(ticket.text, 1.0)], ticket.date)
        tested.milliseconds.append((time.process_time() - began) * 1000)
        assert ranking is not None
        wanted = getattr(ticket, target)
        tested.count += 1
        tested.first += ranking.codes[0] == wanted
        tested.third += wanted in ranking.codes[:3]
        if learned.may_stand(target, ranking):
            tested.stood += 1
            tested.stood_right += ranking.codes[0] == wanted


def splits(tickets: Sequence[SettledTicket], parts: int, tenths: int) -> list[tuple[list[SettledTicket], list[SettledTicket]]]:
    """Random splits; ``tenths`` of ten to learn from."""
    out = []
    for seed in range(parts):
        mixed = list(tickets)
        random.Random(seed).shuffle(mixed)
        cut = len(mixed) * tenths // 10
        out.append((mixed[:cut], mixed[cut:]))
    return out


def scale() -> list[str]:
    """5,000 units: time of learning and ranking, size on disk, peak memory."""
    draw = random.Random(5)
    sayings = [saying for item in tree().items for saying in (*item.sayings, item.name)]
    characters = sorted({c for saying in sayings for c in saying})
    made = []
    for unit in range(5000):
        own = "".join(draw.choice(characters) for _ in range(6))
        for _ in range(10):
            made.append(SettledTicket(f"{draw.choice(sayings)} {own} {draw.choice(sayings)}", f"单位{unit}"))
    draw.shuffle(made)
    tested = Tested()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.process_time()
        report = learn(made, folder)[0]
        took = time.process_time() - began
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        began = time.process_time()
        learned = Learned(folder)
        load = time.process_time() - began
        for ticket in made[:300]:
            began = time.process_time()
            learned.rank("unit", [(ticket.text, 1.0)])
            tested.milliseconds.append((time.process_time() - began) * 1000)
    ordered = sorted(tested.milliseconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return ["| units | tickets | learning s | model MB | load s | rank p50 / p95 ms (aim <= 15) | peak MB while learning |",
            "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            f"| {report.labels} | {report.tickets} | {took:.0f} | {size:.0f} | {load:.2f} | {ordered[150]:.1f} / {ordered[285]:.1f} | {peak:.0f} |"]


def curve(report: LearnedTarget) -> list[str]:
    """The stored curve at a few coverages."""
    lines = ["| confidence from | coverage | precision |", "| ---: | ---: | ---: |"]
    for coverage in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        point = min(report.curve, key=lambda p, c=coverage: abs(p.coverage - c))  # type: ignore[misc]
        lines.append(f"| {point.threshold:.3f} | {point.coverage:.2f} | {point.precision:.3f} |")
    return lines


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--parts", nargs="*", choices=("zhuhai", "shenzhen", "scale"), default=["zhuhai", "shenzhen", "scale"])
    chosen = parser.parse_args()
    head = (__doc__ or "").split("\n\n", 1)[1].strip()
    lines = ["# Learning from a centre's history", "", "Command: `make bench-learning` (`python -m tests.bench.learning --write`).", "", head, "",
             "| history | values | learned from | tested on | top-1 | top-3 | wanted precision | auto-dispatch right | auto-dispatch coverage "
             "| rank p50 / p95 ms |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    curves: list[str] = []
    if "zhuhai" in chosen.parts:
        for target, aim in (("unit", "unit (aim top-3 >= 0.88)"), ("request_type", "type (aim top-1 >= 0.91)")):
            for tenths, parts in ((5, 5), (9, 10)):
                tested = Tested()
                for known, new in splits(at_least(zhuhai(), target, 2 * MIN_TICKETS), parts, tenths):
                    run(tested, target, known, new, 0.95)
                lines.append(tested.row(f"Zhuhai {aim}, {tenths}0 % learned"))
                print(lines[-1], file=sys.stderr, flush=True)
    if "shenzhen" in chosen.parts:
        whole = at_least(shenzhen(), "unit", 20)
        by_time = len(whole) * 4 // 5
        for name, (known, new) in (("at random, 80 % learned", splits(whole, 1, 8)[0]), ("at random, 50 % learned", splits(whole, 1, 5)[0]),
                                   ("by time, 80 % learned", (whole[:by_time], whole[by_time:]))):
            tested = Tested()
            run(tested, "unit", known, new, 0.982)
            lines.append(tested.row(f"Shenzhen department, {name} (aim auto-dispatch >= 0.982 at >= 0.70)"))
            print(lines[-1], file=sys.stderr, flush=True)
            curves += ["", f"### Shenzhen, {name}: stored curve (held back within the history)", "", *curve(tested.reports[-1])]
    if curves:
        lines += ["", "## Coverage and precision", *curves]
    if "scale" in chosen.parts:
        lines += ["", "## 5,000 units", "", *scale()]
    told = "\n".join(lines) + "\n"
    print(told)
    if chosen.write:
        REPORT.write_text(told, "utf-8")


if __name__ == "__main__":
    main()
