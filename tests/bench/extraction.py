"""Measure field extraction over call scripts with gold answers: ``python -m tests.bench.extraction``.

Sets: the developers' calls (``$TINGDAN_SHARED/calls/dev``); ``tests/calls/tune``, ``held``, ``fresh_tune``,
``fresh_held``, ``spring_tune``, ``spring_held`` and ``summer_held`` (rules were tuned on them; the held ones were opened for that in
November 2026, one after the other); ``tests/calls/autumn_held`` (never looked at while rules are written: the honest figure, totals only). Conditions: the scripts' text; without
punctuation; with simulated recognition errors of 5, 10 and 20 % (``simulated_errors.py``; the confidence given to the rules
is one minus the rate); and what our recogniser heard in the recordings (``recognised.py``). Fields are scored by ``gold.py``;
its rules stand there. Peers run on the same texts in the same run (``peers.py``).

*exact* is the share of gold's values that are ours to the character, free clauses included; *filled precision* is the share of
right values among those that stand by themselves (the rest is suggested and waits for one key). Micro averages count
every field of every call. With ``--errors`` every difference is printed (on the screen only).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.dialogue import CallContext, Channel, Utterance
from app.domain.ticket import TicketDraft
from app.extraction.extractor import DialogueExtractor
from tests.bench.gold import FIELDS, Judged, judge, tally
from tests.bench.peers import peer_table, run_peers
from tests.bench.recognised import latest_state, recognised
from tests.bench.simulated_errors import SimulatedErrors, spoken

ROOT = Path(__file__).resolve().parents[2]
CAUSES = ROOT / "docs" / "benchmarks" / "extraction-causes.md"
MATTER_FIELDS = ("request_type", "item_code", "subject", "demand")
CALLS = ROOT / "tests" / "calls"
SETS = {"dev": None, **{name: CALLS / name for name in ("tune", "held", "fresh_tune", "fresh_held", "spring_tune", "spring_held", "summer_held", "autumn_tune", "autumn_held")}}
UNSEEN = frozenset({"autumn_held"})  # totals only: nobody who writes rules shall read where they fail
Script = dict[str, Any]


@dataclass
class Run:
    """One condition over one set: judged fields, milliseconds a final."""

    set_name: str
    condition: str
    calls: int = 0
    judged: list[Judged] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def of(self, names: Sequence[str]) -> list[Judged]:
        """Judged fields of these names."""
        return [one for one in self.judged if one.name in names]


class RuleFailures(logging.Handler):
    """Counts rule modules that raised: the product leaves such a one out and goes on, and so does this table."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.counted: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        where = record.exc_info[2] if record.exc_info else None
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else ""
        self.counted[f"{getattr(record, 'rule', '?')} at {place}"] += 1


def ticket_of(draft: TicketDraft) -> dict[str, Any]:
    """The form in which ``gold.judge`` takes a ticket."""
    matters = [
        {
            name: {"value": held.value, "state": str(held.state)}
            for name, held in matter.items()
            if held.value is not None
        }
        for matter in draft.matters
    ]
    return {**matters[0], **({"items": matters} if len(matters) > 1 else {})}


def utterances(
    script: Script, change: Callable[[str], str] = lambda text: text, confidence: float = 1.0
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


def context_of(script: Script) -> CallContext:
    """What is known of the call before a word is said."""
    return CallContext(script["id"], script["call_time"], script["city"], script.get("caller_number", ""))


def measure(
    run: Run, extractor: DialogueExtractor, script: Script, dialogue: Sequence[Utterance], *, timed: bool = False
) -> None:
    """One call into one run."""
    context = context_of(script)
    draft = TicketDraft().merge(extractor.extract(dialogue, context))
    run.calls += 1
    run.judged += judge(script["id"], script["gold"], ticket_of(draft), script["city"])
    for end in range(1, len(dialogue) + 1) if timed else ():
        begin = time.thread_time()
        extractor.extract(dialogue[:end], context)
        run.milliseconds.append((time.thread_time() - begin) * 1000)


def text_runs(
    name: str, extractor: DialogueExtractor, scripts: Sequence[Script], rates: Sequence[float], seeds: int
) -> list[Run]:
    """All conditions without sound."""
    plain, bare = Run(name, "text"), Run(name, "text, no punctuation")
    for script in scripts:
        measure(plain, extractor, script, utterances(script), timed=name == "dev")
        measure(bare, extractor, script, utterances(script, spoken))
    runs = [plain, bare]
    for rate in rates:
        noisy = Run(name, f"{rate:.0%} errors")
        for seed in range(seeds):
            errors = SimulatedErrors(rate, seed)
            for script in scripts:
                measure(noisy, extractor, script, utterances(script, errors, 1 - rate))
        runs.append(noisy)
    return runs


def sound_run(
    name: str, extractor: DialogueExtractor, scripts: Sequence[Script], folder: Path, hear: bool
) -> Run | None:
    """From what was heard; None where nothing is kept and nothing shall be heard."""
    state = None if hear else latest_state()
    recordings = [path for script in scripts if (path := folder / f"{script['id']}.flac").exists()]
    if not recordings or (state is None and not hear):
        return None
    run, by_id = Run(name, "sound"), {script["id"]: script for script in scripts}
    for call, dialogue in recognised(recordings, state):
        measure(run, extractor, by_id[call], dialogue)
    return run


def summary(runs: Sequence[Run]) -> list[str]:
    """One line a condition."""
    lines = [
        "| set | from | calls | values in gold | precision | recall | **micro-F1** | exact | filled | **filled precision** "
        "| F1 without matters |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for run in runs:
        t = tally(run.judged)
        rest = tally([one for one in run.judged if one.name not in MATTER_FIELDS])
        lines.append(
            f"| {run.set_name} | {run.condition} | {run.calls} | {t.gold} | {t.precision:.3f} | {t.recall:.3f} | **{t.f1:.3f}** "
            f"| {t.exact_share:.3f} | {t.filled} | **{t.filled_precision:.3f}** | {rest.f1:.3f} |"
        )
    return lines


def field_table(run: Run) -> list[str]:
    """One condition, field by field."""
    lines = [
        "| field | gold | precision | recall | F1 | exact | filled | filled precision |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in FIELDS.values():
        t = tally(run.of([name]))
        if run.of([name]):
            sure = f"{t.filled_precision:.3f}" if t.filled else "-"
            lines.append(
                f"| {name} | {t.gold} | {t.precision:.3f} | {t.recall:.3f} | {t.f1:.3f} | {t.exact_share:.3f} | {t.filled} "
                f"| {sure} |"
            )
    return lines


def matrix(runs: Sequence[Run]) -> list[str]:
    """F1 of every field in every condition of a set."""
    lines = [f"| field | {' | '.join(run.condition for run in runs)} |", "| --- |" + " ---: |" * len(runs)]
    for name in FIELDS.values():
        cells = []
        for run in runs:
            t = tally(run.of([name]))
            cells.append(
                f"{t.f1:.2f}" + (f" ({t.filled_precision:.2f})" if t.filled else "") if run.of([name]) else "-"
            )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def where_lost(text: Run, sound: Run) -> list[str]:
    """What is not right from sound: lost in hearing (right from text) or by the rules (not right from text either)."""
    fine = {(one.call, one.matter, one.name) for one in text.judged if one.outcome == "right"}
    known = {(one.call, one.matter, one.name) for one in text.judged}
    rows: dict[str, Counter[str]] = {}
    for one in sound.judged:
        if one.outcome != "right":
            key = (one.call, one.matter, one.name)
            cause = "hearing" if key in fine or key not in known else "rules"
            sure = " filled" if one.state == "filled" else ""
            rows.setdefault(one.name, Counter())[f"{cause}{sure}"] += 1
    lines = [
        "| field | not right from sound | right from text (hearing) | not right from text either (rules) | of all: stood as filled |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, counted in sorted(rows.items(), key=lambda row: -sum(row[1].values())):
        hearing, rules = (
            sum(n for key, n in counted.items() if key.startswith(cause)) for cause in ("hearing", "rules")
        )
        lines.append(
            f"| {name} | {hearing + rules} | {hearing} | {rules} | {sum(n for k, n in counted.items() if 'filled' in k)} |"
        )
    return lines


def page(runs: Sequence[Run], peers: Sequence[tuple[str, list[str]]], failures: Counter[str], seeds: int) -> str:
    """The whole page."""
    head = (__doc__ or "").split("\n\n", 1)[1].strip()
    lines = [
        "# Field extraction",
        "",
        f"Written by `make bench-extraction`; {seeds} draws an error rate.",
        "",
        head,
        "",
        "## Together",
        "",
        *summary(runs),
    ]
    timed = sorted(ms for run in runs for ms in run.milliseconds)
    if timed:
        lines += [
            "",
            f"CPU milliseconds a final, all rules, province gazetteer, shared machine: p50 {statistics.median(timed):.1f}, "
            f"p95 {timed[int(len(timed) * 0.95)]:.1f} (docs/benchmarks/extraction-speed.md has more).",
        ]
    if failures:
        told = ", ".join(f"{name} {count}" for name, count in failures.most_common())
        lines += ["", f"Rule modules that raised and were left out of a picture: {told}."]
    by_set: dict[str, list[Run]] = {}
    for run in runs:
        by_set.setdefault(run.set_name, []).append(run)
    for name, group in by_set.items():
        if name in UNSEEN:
            continue
        lines += ["", f"## Fields, {name}", "", "F1 (precision of `filled`).", "", *matrix(group)]
    for run in runs:
        if run.condition in ("text", "sound") and run.set_name in ("dev", "held", "fresh_held"):
            lines += ["", f"### {run.set_name}, from {run.condition}", "", *field_table(run)]
    for name, group in by_set.items():
        sound = next((run for run in group if run.condition == "sound"), None)
        if sound is not None:
            lines += ["", f"## Where sound loses, {name}", "", *where_lost(group[0], sound)]
    for name, table in peers:
        lines += [
            "",
            f"## Peers, {name}, from text",
            "",
            "Every peer gets the citizen's turns as spoken and after our number "
            "conversion, and is shown with what is better for it, field by field.",
            "",
            *table,
        ]
    if CAUSES.exists():
        lines += ["", CAUSES.read_text("utf-8").strip()]
    return "\n".join(lines) + "\n"


def differences(run: Run) -> str:
    """Every field that is not right."""
    return "\n".join(
        f"{one.call}{f'#{one.matter}' if one.matter else ''} {one.name} {one.outcome}: gold={one.wanted!r} got={one.found!r} "
        f"{one.state}"
        for one in run.judged
        if one.outcome != "right"
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, help="one folder of call scripts instead of these sets")
    parser.add_argument("--set", nargs="*", choices=list(SETS), default=list(SETS))
    parser.add_argument("--noise", type=float, nargs="*", default=[0.05, 0.10, 0.20])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--sound",
        choices=("no", "kept", "hear"),
        default="kept",
        help="kept: what was heard last; hear: anew where stale",
    )
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    shared = Path(os.environ.get("TINGDAN_SHARED") or ROOT.parent / "shared") / "calls" / "dev"
    folders = (
        {chosen.calls.name: chosen.calls} if chosen.calls else {name: SETS[name] or shared for name in chosen.set}
    )
    failures = RuleFailures()
    logging.getLogger("app.extraction").addHandler(failures)
    logging.getLogger("app.extraction").propagate = False
    extractor = DialogueExtractor.load()
    runs: list[Run] = []
    peers: list[tuple[str, list[str]]] = []
    for name, folder in folders.items():
        scripts = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
        if not scripts:
            continue
        texts = text_runs(name, extractor, scripts, chosen.noise, chosen.seeds)
        sound = sound_run(name, extractor, scripts, folder, chosen.sound == "hear") if chosen.sound != "no" else None
        runs += [*texts, *([sound] if sound else [])]
        if chosen.peers and name not in UNSEEN:
            written = [[extractor.display(one) for one in utterances(script)] for script in scripts]
            found = run_peers(scripts, [[turn["text"] for turn in script["turns"]] for script in scripts], written)
            peers.append((name, peer_table(found, texts[0].judged)))
    told = page(runs, peers, failures.counted, chosen.seeds)
    print(told)
    if chosen.errors:
        print(
            *(
                f"\n--- {run.set_name}, {run.condition}\n{differences(run)}"
                for run in runs
                if "errors" not in run.condition and run.set_name not in UNSEEN
            ),
            sep="\n",
        )
    if chosen.write:
        chosen.write.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
