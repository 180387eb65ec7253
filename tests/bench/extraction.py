"""Measure field extraction over call scripts with gold answers: ``python -m tests.bench.extraction``.

Reads ``$TINGDAN_SHARED/calls/dev`` (or ``--calls FOLDER``): from the scripts' text, from the same text without
punctuation, from it with simulated recognition errors (profile of errors measured on a real recogniser: same sound 51
%, near sound 21 %, other 17 %, lost 8 %, added 3 %; the confidence given to the rules is one minus the rate), and
from tickets that ``tingdan replay --json`` printed for the recordings (``--recognised FOLDER`` with ``<id>.json``).
Prints tables, with ``--errors`` also every difference (screen only: it names the persons of the calls); ``--write
FILE`` writes the tables.

Fields are scored by ``tests.bench.gold``; its rules stand there. *exact* is the share of gold's fields that are equal
to the character, also those that ``gold`` accepts as a clause in other words; *filled precision* is the share of
right values among those that stand by themselves. The micro averages count every field of every call; *without
matters* leaves out request type, item, subject and demand.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.dialogue import CallContext, Channel, Utterance
from app.domain.ticket import TicketDraft
from app.extraction.extractor import DialogueExtractor
from app.extraction.sound import Sound, merged
from app.platform.resource_files import resource
from tests.bench.gold import FIELDS, Judged, judge

MATTER_FIELDS = ("request_type", "item_code", "subject", "demand")


@dataclass
class Run:
    """One condition: judged fields, milliseconds a final."""

    name: str
    judged: list[Judged] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def of(self, names: Sequence[str]) -> list[Judged]:
        """Judged fields of these names."""
        return [one for one in self.judged if one.name in names]


def ticket_of(draft: TicketDraft) -> dict[str, dict[str, object]]:
    """The form in which ``gold.judge`` takes a ticket."""
    return {name: {"value": held.value, "state": str(held.state)} for name, held in draft.matters[0].items()}


def utterances(
    script: dict[str, Any], change: Callable[[str], str] = lambda text: text, confidence: float = 1.0
) -> list[Utterance]:
    """The script's turns; ``change`` alters their text."""
    return [
        Utterance(
            place,
            Channel(turn["speaker"]),
            place * 1000,
            place * 1000 + 900,
            change(turn["text"]),
            confidence=confidence,
        )
        for place, turn in enumerate(script["turns"])
    ]


def spoken(text: str) -> str:
    """Without punctuation."""
    return re.sub(r"[^\w]", "", text)


class Noise:
    """Simulated recognition errors: profile of facts.md (same sound 51 %, near sound 21 %, other 17 %, lost 8 %, added 3 %)."""

    def __init__(self, rate: float, seed: int) -> None:
        self._rate = rate
        self._random = random.Random(seed)
        self._sound = Sound.load(resource("readings.csv"))
        self._by_key: dict[str, list[str]] = defaultdict(list)
        common = sorted(
            {
                c
                for path in resource("").glob("*.csv")
                for c in path.read_text("utf-8")
                if "一" <= c <= "鿿" and _is_common(c)
            }
        )
        self._common = common
        for character in common:
            self._by_key[self._sound.keys(character)[0]].append(character)

    def __call__(self, text: str) -> str:
        spoken = re.sub(r"[^\w]", "", text)
        return "".join(self._heard(c) if self._random.random() < self._rate else c for c in spoken)

    def _heard(self, character: str) -> str:
        draw = self._random.random()
        if draw < 0.51:
            return self._one_of(self._by_key.get(self._sound.keys(character)[0], [character]), character)
        if draw < 0.72:
            key = merged(self._sound.readings(character)[0])
            final = key.split(":")[1]
            near = [k for k in self._by_key if k.endswith(":" + final)]
            return self._one_of(self._by_key[self._random.choice(near)], character) if near else character
        if draw < 0.89:
            return self._random.choice(self._common)
        return "" if draw < 0.97 else character + self._random.choice(self._common)

    def _one_of(self, characters: list[str], character: str) -> str:
        others = [one for one in characters if one != character]
        return self._random.choice(others) if others else character


def _is_common(character: str) -> bool:
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def measure(
    name: str,
    extractor: DialogueExtractor,
    scripts: list[dict[str, Any]],
    dialogue_of: Callable[[dict[str, Any]], list[Utterance]],
    *,
    timed: bool = False,
) -> Run:
    """Run one condition over all scripts."""
    run = Run(name)
    for script in scripts:
        dialogue = dialogue_of(script)
        context = CallContext(script["id"], script["call_time"], script["city"], script.get("caller_number", ""))
        draft = TicketDraft().merge(extractor.extract(dialogue, context))
        run.judged += judge(script["id"], script["gold"], ticket_of(draft))
        for end in range(1, len(dialogue) + 1) if timed else ():
            begin = time.perf_counter()
            extractor.extract(dialogue[:end], context)
            run.milliseconds.append((time.perf_counter() - begin) * 1000)
    return run


def table(run: Run) -> str:
    """One condition as a Markdown table."""
    lines = [
        f"### {run.name}",
        "",
        "| field | gold | precision | recall | F1 | exact | filled | filled precision |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    names = list(FIELDS.values())
    lines += [_row(name, run.of([name])) for name in names if run.of([name])]
    lines.append(
        _row("**all, without matters (micro)**", run.of([name for name in names if name not in MATTER_FIELDS]))
    )
    lines.append(_row("**all (micro)**", run.judged))
    if run.milliseconds:
        ordered = sorted(run.milliseconds)
        p95 = ordered[int(len(ordered) * 0.95)]
        lines += ["", f"Milliseconds a final, all rules: p50 {statistics.median(ordered):.1f}, p95 {p95:.1f}."]
    return "\n".join(lines)


def _row(name: str, judged: Sequence[Judged]) -> str:
    right = sum(one.outcome == "right" for one in judged)
    said = sum(one.outcome != "missing" for one in judged)
    gold = sum(one.outcome != "spurious" for one in judged)
    equal = sum(one.outcome == "right" and str(one.wanted) == str(one.found) for one in judged)
    filled = [one for one in judged if one.state == "filled"]
    precision, recall = right / said if said else 1.0, right / gold if gold else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    sure = sum(one.outcome == "right" for one in filled) / len(filled) if filled else 1.0
    shares = " | ".join(f"{share:.3f}" for share in (precision, recall, f1, equal / max(1, gold)))
    return f"| {name} | {gold} | {shares} | {len(filled)} | {sure:.3f} |"


def differences(run: Run) -> str:
    """Every field that is not right."""
    return "\n".join(
        f"{one.call} {one.name} {one.outcome}: gold={one.wanted!r} got={one.found!r} {one.state}"
        for one in run.judged
        if one.outcome != "right"
    )


def _noisy(noise: Noise, confidence: float) -> Callable[[dict[str, Any]], list[Utterance]]:
    return lambda script: utterances(script, noise, confidence)


def runs_of(arguments: argparse.Namespace) -> list[Run]:
    """All conditions that the command line asks for."""
    scripts = [json.loads(path.read_text("utf-8")) for path in sorted(arguments.calls.glob("*.json"))]
    extractor = DialogueExtractor.load(strict=True)
    runs = [
        measure("From text", extractor, scripts, utterances, timed=True),
        measure("From text without punctuation", extractor, scripts, lambda script: utterances(script, spoken)),
    ]
    for rate in arguments.noise:
        pooled = Run(f"From text with {rate:.0%} simulated recognition errors ({arguments.seeds} draws)")
        for seed in range(arguments.seeds):
            noise = Noise(rate, seed)
            run = measure("", extractor, scripts, _noisy(noise, 1 - rate))
            pooled.judged += run.judged
        runs.append(pooled)
    if arguments.recognised:
        sound = Run("From sound")
        for script in scripts:
            path = arguments.recognised / f"{script['id']}.json"
            if path.exists():
                sound.judged += judge(script["id"], script["gold"], json.loads(path.read_text("utf-8"))["ticket"])
        runs.append(sound)
    return runs


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("TINGDAN_SHARED", "../shared"))
    parser.add_argument("--calls", type=Path, default=shared / "calls" / "dev")
    parser.add_argument("--recognised", type=Path, help="folder of <id>.json as tingdan replay --json prints them")
    parser.add_argument("--noise", type=float, nargs="*", default=[0.05, 0.10, 0.20])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    runs = runs_of(arguments)
    report = "\n\n".join(table(run) for run in runs)
    print(report)
    if arguments.errors:
        print(*(f"\n--- {run.name}\n{differences(run)}" for run in runs), sep="\n")
    if arguments.write:
        about = (__doc__ or "").split("\n\n", 1)[1]
        head = f"# Field extraction\n\nWritten by `make bench-extraction`.\n\n{about}"
        arguments.write.write_text(f"{head}\n{report}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
