"""Every fault of the speech process, caused for real in the middle of a call: `make bench-resilience` -> docs/benchmarks/asr_resilience.md.

A sample call is played some five times as fast as it was spoken; in its middle the worker is struck (tests/asr/resilience.py).
*told*: from the fault to the line that the operator reads; *ready*: from there to a new worker that has loaded its models;
*lost* and *doubled*: finals against an undisturbed run of the same call; *other characters*: what a beam that begins anew hears
differently. Sound goes on coming meanwhile and waits.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import psutil
from rapidfuzz.distance import Levenshtein

from app.platform import messages
from app.ports.ports import AudioBlock
from asr.client import RecogniserClient
from asr.loading import EngineSpec
from asr.models.choice import choose_engine
from tests.asr import resilience
from tests.asr.resilience import Heard, call, pid_of
from tests.asr.sounds import call_blocks, sample_call

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "asr_resilience.md"
SECONDS, MIDDLE = 40.0, 260
FAULTS = {
    "killed with -9": resilience.killed,
    "hung (stopped, holds its pipes)": resilience.hung,
    "fed garbage on its pipe": resilience.garbage,
    "out of memory (RLIMIT_AS)": resilience.out_of_memory,
}


def main() -> int:
    """Strike, compare, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--flood", type=int, default=45, help="how often the 40 s of sound follow each other at full speed")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    spec, blocks = choose_engine("zipformer"), call_blocks(sample_call(), SECONDS)
    client = RecogniserClient(spec)
    try:
        began = time.monotonic()
        client.wait_ready()
        start_s = time.monotonic() - began
        resilience.until(lambda: client.usage.cpu_s > 0, 5)
        start_cpu_s = client.usage.cpu_s
        undisturbed, _ = call(client, blocks)
        flood = flooded(client, blocks, chosen.flood)
    finally:
        client.close()
    rows = [struck(spec, blocks, undisturbed, name, fault, chosen.times) for name, fault in FAULTS.items()]
    rows += [flood, *deleted(spec, blocks, undisturbed)]
    lines = ["# Faults of the speech process", "", "Command: `make bench-resilience`.", "", *(__doc__ or "").strip().splitlines()[2:], "",
             f"{os.cpu_count()} cores, shared machine, load {os.getloadavg()[0]:.1f}; {chosen.times} times each; a worker's first start, spawned "
             f"to ready: {start_s:.2f} s, {start_cpu_s:.2f} s of processor: on a PC with a free core that is its time. Worst of all times.", "",
             "| fault | line | told, s | ready, s | finals | lost | doubled | other characters |", "| --- " * 8 + "|", *rows, "",
             "Busy PC: tests/asr/test_busy_pc.py (real busy processes). Hung without being stopped (a deadlock, an endless loop): "
             "rules and figures in asr/liveness.py, tests/asr/test_resilience.py."]
    print("\n".join(lines))
    if chosen.write:
        REPORT.write_text("\n".join(lines) + "\n", "utf-8")
    return 0


def struck(spec: EngineSpec, blocks: list[AudioBlock], undisturbed: Heard, name: str, fault: resilience.Fault, times: int) -> str:
    """A row: the worst of several times, each with a young worker (one that has worked long has memory to spare)."""
    told, ready, keys, differences = [], [], set(), []
    for turn in range(times):
        client = RecogniserClient(spec)
        try:
            client.wait_ready()
            heard, recovery = call(client, blocks, fault, MIDDLE + 37 * turn)
        finally:
            client.close()
        told.append(recovery.told_s)
        ready.append(recovery.start_s)
        keys.add(" / ".join(f.key for f in heard.failures))
        differences.append(difference(undisturbed, heard))
        print(name, recovery, file=sys.stderr, flush=True)
    return row(name, lines_of(keys), f"{max(told):.2f}", f"{max(ready):.2f}", undisturbed, differences)


def flooded(client: RecogniserClient, blocks: list[AudioBlock], rounds: int) -> str:
    """A row: as fast as it can be handed over."""
    length_ms, heard, highest = blocks[-1].start_ms + 2_000, Heard(), 0.0
    worker, sizes = psutil.Process(pid_of(client)), []
    client.start(heard)
    for n in range(rounds):
        for block in blocks:
            client.accept(AudioBlock(block.channel, block.start_ms + n * length_ms, block.pcm, block.rate_hz))
            highest = max(highest, client.pending_ms)
        sizes.append(worker.memory_info().rss / 1e6)
    client.finish()
    heard.over.wait(600)
    return (f"| flooded: {rounds * length_ms / 60_000:.0f} minutes at full speed | {lines_of({f.key for f in heard.failures}) or 'none'} | - | - "
            f"| {len(heard.finals)} | at most {highest / 1000:.0f} s of sound wait, the rest at its source | - | worker {sizes[2]:.0f} to "
            f"{max(sizes):.0f} MB |")


def deleted(spec: EngineSpec, blocks: list[AudioBlock], undisturbed: Heard) -> list[str]:
    """Rows: the model's folder goes in a call; the same with a killed worker, and the folder comes back after three seconds."""
    rows = []
    for name, kill in (("model deleted under it", False), ("model deleted, then killed with -9; model back after 3 s", True)):
        with tempfile.TemporaryDirectory() as place:
            folder, aside = Path(place) / "model", Path(place) / "aside"
            shutil.copytree(spec.arguments["model_folder"], folder)
            client = RecogniserClient(EngineSpec(spec.name, spec.factory, {**spec.arguments, "model_folder": str(folder)}))
            try:
                client.wait_ready()
                heard, told, ready = without_model(client, blocks, folder, aside, kill)
            finally:
                client.close()
        rows.append(row(name, lines_of({" / ".join(f.key for f in heard.failures)}), told, ready, undisturbed, [difference(undisturbed, heard)]))
    return rows


def without_model(client: RecogniserClient, blocks: list[AudioBlock], folder: Path, aside: Path, kill: bool) -> tuple[Heard, str, str]:
    """A call in whose middle the folder goes."""
    heard, told, ready = Heard(), "-", "-"
    client.start(heard)
    for number, block in enumerate(blocks):
        if number == MIDDLE:
            client.drain(60)
            folder.rename(aside)
            if kill:
                began = time.monotonic()
                resilience.killed(client)
                resilience.until(lambda: len(heard.failures) > 1, 20)
                told = f"{heard.failed_s[-1] - began:.2f}"
                threading.Event().wait(3.0)
                aside.rename(folder)
                back = time.monotonic()
                client.wait_ready(20)
                ready = f"{time.monotonic() - back:.2f} after its return"
        client.accept(block)
    client.finish()
    heard.over.wait(120)
    return heard, told, ready


def difference(undisturbed: Heard, heard: Heard) -> tuple[int, int, float]:
    """Finals lost, finals doubled, share of other characters."""
    ours, theirs = Counter(t[0] for t in heard.turns()), Counter(t[0] for t in undisturbed.turns())
    return (sum((theirs - ours).values()), sum((ours - theirs).values()),
            Levenshtein.distance(heard.text(), undisturbed.text()) / max(1, len(undisturbed.text())))


def lines_of(keys: set[str]) -> str:
    """What the operator reads."""
    return "; ".join(" / ".join(messages.text(key, {}, "zh") for key in told.split(" / ")) for told in sorted(keys) if told) or "none"


def row(name: str, line: str, told: str, ready: str, undisturbed: Heard, differences: list[tuple[int, int, float]]) -> str:
    """A line of the table."""
    return (f"| {name} | {line} | {told} | {ready} | {len(undisturbed.finals)} | {sum(d[0] for d in differences)} "
            f"| {sum(d[1] for d in differences)} | {max(d[2] for d in differences):.1%} |")


if __name__ == "__main__":
    sys.exit(main())
