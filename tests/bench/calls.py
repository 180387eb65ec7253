"""`make bench-calls`: every open call through the installed command, as sound and as script -> docs/benchmarks/calls.md.

The program runs as a subprocess, one call at a time, at full speed; what is measured is what a user gets. Table: character
error rate a channel, fields right, wrong, missing and spurious against gold, phone numbers, real-time factor on one core,
latencies, memory; then the same fields from the script (extraction without recognition).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.cer import errors, rate
from tests.bench.gold import FIELDS, Judged, judge, tally

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("tingdan")
REPORT = ROOT / "docs" / "benchmarks" / "calls.md"


@dataclass(frozen=True, slots=True)
class Measured:
    """One call, one way."""

    name: str
    cer: dict[str, tuple[int, int]]
    judged: list[Judged]
    timing: dict[str, Any]
    cards: tuple[int, int, int]


def main() -> int:
    """Run and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=Path, default=shared() / "calls" / "dev")
    parser.add_argument("--kb", type=Path, default=shared() / "data" / "guangdong_service_guides.jsonl")
    parser.add_argument("--errors", action="store_true", help="print every field that is not right")
    parser.add_argument("--text-only", action="store_true", help="no sound, nothing written")
    chosen = parser.parse_args()
    scripts = sorted(chosen.calls.glob("*.json"))
    from_text = [measure(path, chosen.kb, "text") for path in scripts]
    from_sound = [] if chosen.text_only else [measure(p, chosen.kb, "sound") for p in scripts if p.with_suffix(".flac").exists()]
    if chosen.errors:
        for way, measured in (("text", from_text), ("sound", from_sound)):
            for one in (j for m in measured for j in m.judged if j.outcome != "right"):
                print(way, one.call, one.name, one.outcome, one.state, "gold:", one.wanted, "ours:", one.found)
    told = report(from_text, from_sound, chosen.calls.name)
    print(told)
    if not chosen.text_only and chosen.calls.name == "dev":
        REPORT.write_text(told, "utf-8")
    return 0


def shared() -> Path:
    """The shared folder."""
    return Path(os.environ.get("TINGDAN_SHARED") or ROOT.parent / "shared")


def measure(script: Path, knowledge: Path, way: str) -> Measured:
    """One call through the command."""
    held = json.loads(script.read_text("utf-8"))
    source = ["--text", str(script)] if way == "text" else [str(script.with_suffix(".flac"))]
    command = [str(COMMAND), "replay", *source, "--json", "--speed", "max", "--call-time", held["call_time"], "--city", held["city"]]
    if knowledge.exists():
        command += ["--kb", str(knowledge)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{script.name}: exit {done.returncode}: {done.stderr[-500:]}")
    told = json.loads(done.stdout)
    return Measured(script.stem, character_errors(script, told, way), judge(script.stem, held["gold"], told["ticket"], held["city"]),
                    told["timing"], cards(held, told))


def character_errors(script: Path, told: dict[str, Any], way: str) -> dict[str, tuple[int, int]]:
    """Errors a channel; the reference is what was really said (the .tsv beside the sound)."""
    if way == "text":
        return {}
    spoken: dict[str, str] = defaultdict(str)
    with script.with_suffix(".tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            spoken[row["speaker"]] += row["text"]
    heard: dict[str, str] = defaultdict(str)
    for utterance in sorted(told["utterances"], key=lambda u: u["start_ms"]):
        heard[utterance["channel"]] += utterance["text"]
    return {channel: errors(spoken[channel], heard[channel]) for channel in ("operator", "citizen")}


def cards(held: dict[str, Any], told: dict[str, Any]) -> tuple[int, int, int]:
    """Questions answered in time by one of the top three cards, questions, wrong cards (top one of a push, never expected)."""
    answered = questions = 0
    expected = {guide for guides in held.get("kb_expected", []) for guide in guides}
    for guides, turn in zip(held.get("kb_expected", []), held.get("kb_query_turn", []), strict=False):
        if not guides:
            continue
        questions += 1
        due_ms = due(held, told, turn)
        shown = {e["id"] for push in told["knowledge"] if push["at_ms"] <= due_ms for e in push["entries"][:3]}
        answered += bool(shown & set(guides))
    wrong = sum(not any(e["id"] in expected for e in push["entries"][:3]) for push in told["knowledge"])
    return answered, questions, wrong


def due(held: dict[str, Any], told: dict[str, Any], turn: int) -> int:
    """When the answer must be there: 1.5 s after the end of the turn that gold names."""
    said = told["utterances"]
    if len(said) == len(held["turns"]):
        return int(said[turn]["end_ms"]) + 1500
    channel = held["turns"][turn]["speaker"]
    ordinal = sum(t["speaker"] == channel for t in held["turns"][: turn + 1])
    same = [u for u in said if u["channel"] == channel]
    return int(same[min(ordinal, len(same)) - 1]["end_ms"]) + 1500


def report(from_text: list[Measured], from_sound: list[Measured], set_name: str) -> str:
    """The page."""
    lines = ["# Whole calls", "",
             f"Command: `make bench-calls`. Set: `{set_name}`, {len(from_text)} calls. Python {platform.python_version()}, "
             f"{os.cpu_count()} cores, shared machine: absolute times vary, ratios hold. Scoring rules: `tests/bench/gold.py`, "
             "`tests/bench/cer.py`. These calls were looked at while rules and hotline language were written: read the figures as an "
             "upper bound, and docs/benchmarks/extraction.md for scripts that nobody tuned on.", ""]
    if from_sound:
        lines += sound_table(from_sound)
    lines += ["## Fields", "", "| field | text: right / wrong / missing / spurious | sound: right / wrong / missing / spurious |",
              "| --- | --- | --- |"]
    for name in FIELDS.values():
        cells = []
        for measured in (from_text, from_sound):
            counted = tally(j for m in measured for j in m.judged if j.name == name)
            cells.append(f"{counted.right} / {counted.wrong} / {counted.missing} / {counted.spurious}")
        lines.append(f"| {name} | {cells[0]} | {cells[1]} |")
    lines += ["", "## Together", "", "| | text | sound |", "| --- | --- | --- |"]
    sides = [tally(j for m in measured for j in m.judged) for measured in (from_text, from_sound)]
    lines += [f"| micro precision | {sides[0].precision:.3f} | {sides[1].precision:.3f} |",
              f"| micro recall | {sides[0].recall:.3f} | {sides[1].recall:.3f} |",
              f"| micro F1 | {sides[0].f1:.3f} | {sides[1].f1:.3f} |",
              f"| precision of `filled` | {sides[0].filled_precision:.3f} ({sides[0].filled}) "
              f"| {sides[1].filled_precision:.3f} ({sides[1].filled}) |"]
    answered = [tuple(sum(m.cards[i] for m in measured) for i in range(3)) for measured in (from_text, from_sound)]
    lines.append(f"| guides: questions answered in time, top 3 | {answered[0][0]} of {answered[0][1]} | {answered[1][0]} of {answered[1][1]} |")
    lines.append(f"| pushes without an expected guide, a call | {answered[0][2] / max(1, len(from_text)):.2f} "
                 f"| {answered[1][2] / max(1, len(from_sound)):.2f} |")
    return "\n".join(lines) + "\n"


def sound_table(measured: list[Measured]) -> list[str]:
    """Recognition, speed and fields of each call."""
    lines = ["## Sound", "", "| call | CER operator | CER citizen | fields right / wrong / missing / spurious | phone | RTF (both channels, one core) "
             "| partial p50 / p95 ms | final p50 / p95 ms | MB |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for one in measured:
        counted = tally(one.judged)
        phone = next((j.outcome for j in one.judged if j.name == "contact_phone"), "-")
        timing = one.timing
        lines.append(
            f"| {one.name} | {rate([one.cer['operator']]):.1%} | {rate([one.cer['citizen']]):.1%} "
            f"| {counted.right} / {counted.wrong} / {counted.missing} / {counted.spurious} | {phone} | {timing['real_time_factor']:.3f} "
            f"| {timing['partial_latency_ms']['p50']} / {timing['partial_latency_ms']['p95']} "
            f"| {timing['final_latency_ms']['p50']} / {timing['final_latency_ms']['p95']} | {timing['peak_rss_mb']:.0f} |")
    sides = {side: rate([m.cer[side] for m in measured]) for side in ("operator", "citizen")}
    everything = rate([m.cer[side] for m in measured for side in ("operator", "citizen")])
    phones = [j.outcome for m in measured for j in m.judged if j.name == "contact_phone" and j.wanted is not None]
    audio_s = sum(m.timing["audio_s"] for m in measured)
    cpu_s = sum(m.timing["cpu_s"] for m in measured)
    lines += ["", f"All calls: CER operator **{sides['operator']:.1%}**, citizen **{sides['citizen']:.1%}**, both **{everything:.1%}** "
              f"(aim <= 15 %); phone right in **{phones.count('right')} of {len(phones)}** calls that give one (aim >= 70 %); "
              f"{cpu_s:.0f} s of processor for {audio_s:.0f} s of two-channel call, start-up included: RTF **{cpu_s / audio_s:.3f}** on one core "
              "(aim < 1).", ""]
    return lines


if __name__ == "__main__":
    sys.exit(main())
