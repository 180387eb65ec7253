"""Peers on the same texts as our extraction, in the same run: four packages and plain regular expressions.

They live in an environment of their own, ``.var/bench`` (``installer/locks/bench.txt``, made by ``make bench-extraction``), and
run as a subprocess (``peers_worker.py``). None of them reads a dialogue, so each is scored only on the fields that it
can give. Most know written numbers only: every peer gets the texts twice, as spoken and after *our* number conversion, and is
shown with what is better for it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.gold import Judged, judge, tally

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".var" / "bench" / "bin" / "python"
WORKER = Path(__file__).with_name("peers_worker.py")
SHOWN = (
    "requester_name",
    "contact_phone",
    "id_no",
    "plate_no",
    "amount",
    "region_district",
    "region_street",
    "region_community",
    "address_detail",
    "subject",
    "event_time_text",
    "event_time_start",
)


@dataclass(slots=True)
class PeerRuns:
    """Judged fields a peer, and what is to be told of them."""

    judged: dict[str, list[Judged]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    ms: dict[str, float] = field(default_factory=dict)


def run_peers(
    scripts: Sequence[Mapping[str, Any]], spoken: Sequence[Sequence[str]], written: Sequence[Sequence[str]]
) -> PeerRuns:
    """All peers over all calls.

    Args:
        scripts: call scripts with gold.
        spoken: texts of their turns as spoken.
        written: the same with our number conversion.
    """
    runs = PeerRuns()
    if not PYTHON.exists():
        runs.missing = {"all peers": "no .var/bench: make bench-extraction installs it"}
        return runs
    for texts in (spoken, written):
        calls = [
            {
                "id": script["id"],
                "city": script["city"],
                "call_time": script["call_time"],
                "turns": [
                    {"speaker": turn["speaker"], "text": text}
                    for turn, text in zip(script["turns"], said, strict=True)
                ],
            }
            for script, said in zip(scripts, texts, strict=True)
        ]
        done = subprocess.run(
            [str(PYTHON), str(WORKER)], input=json.dumps(calls), capture_output=True, text=True, check=False
        )
        if done.returncode:
            runs.missing["all peers"] = (
                done.stderr.strip().splitlines()[-1][:200] if done.stderr.strip() else "worker failed"
            )
            return runs
        told = json.loads(done.stdout.splitlines()[-1])
        runs.versions, runs.missing, runs.ms = told["versions"], told["missing"], told["ms"]
        for name, found in told["found"].items():
            runs.judged[name] = _better(runs.judged.get(name, []), _judged(scripts, found))
    return runs


def _judged(scripts: Sequence[Mapping[str, Any]], found: Mapping[str, Mapping[str, str]]) -> list[Judged]:
    judged = []
    for script in scripts:
        ticket = {name: {"value": value, "state": "filled"} for name, value in found[script["id"]].items()}
        judged += [one for one in judge(script["id"], script["gold"], ticket, script["city"]) if not one.matter]
    return judged


def _better(first: Sequence[Judged], second: Sequence[Judged]) -> list[Judged]:
    """Field by field the run with the better F1."""
    out: list[Judged] = []
    for name in SHOWN:
        runs = [[one for one in run if one.name == name] for run in (first, second)]
        out += max(runs, key=lambda run: tally(run).f1)
    return out


def peer_table(runs: PeerRuns, ours: Sequence[Judged]) -> list[str]:
    """F1 and, in brackets, precision of each field that a peer can give."""
    names = list(runs.judged)
    lines = [f"| field | gold | ours | {' | '.join(names)} |", "| --- | ---: | ---: |" + " ---: |" * len(names)]
    for name in SHOWN:
        cells = []
        for judged in (list(ours), *runs.judged.values()):
            mine = [one for one in judged if one.name == name and not one.matter]
            given = any(one.found is not None for one in mine)
            counted = tally(mine)
            cells.append(f"{counted.f1:.2f} ({counted.precision:.2f})" if given else "-")
        gold = tally([one for one in ours if one.name == name and not one.matter]).gold
        if gold:
            lines.append(f"| {name} | {gold} | {' | '.join(cells)} |")
    speeds = ", ".join(
        f"{name} {runs.versions.get(name, '')} {ms:.1f}".replace("  ", " ") for name, ms in runs.ms.items()
    )
    lines += ["", f"F1 (precision); - : gives no such field. Milliseconds a whole call: {speeds}."]
    lines += [f"Could not be run: {name} ({why})." for name, why in runs.missing.items()]
    return lines
