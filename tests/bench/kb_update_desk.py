"""What an update costs a desk that runs: stutter, memory, and how soon a changed entry is found -> docs/benchmarks/kb_update_desk.md.

One look in the desk's own process beside one in a process of its own (``kb_cache.update_child``), while a thread ticks every 5 ms as a
window does. Then one entry changes: the time until the running knowledge base has it, and until a whole new index is opened instead.

    python -m tests.bench.kb_update_desk [--rows 10000]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from app.platform.clock import SystemClock
from app.signed.line import UpdateLine
from kb_cache.live import LiveKnowledge
from kb_cache.receipts import ReceiptFolder
from kb_cache.rows import canonical
from kb_cache.update_child import UpdateChild
from kb_cache.update_order import Looked, UpdatePlan
from tests.bench.kb_updates import entries
from tests.kb_cache.publishing import Desk, new_publisher, serving

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "kb_update_desk.md"
TICK_S = 0.005


class Ticks:
    """A thread that wants to run every 5 ms: how late it was at worst, and the most memory that the child had."""

    def __init__(self) -> None:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.late_ms, self.child_mb = [0.0], 0.0
        self._own = psutil.Process()

    def __enter__(self) -> Ticks:
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        count = 0
        while True:
            start = time.perf_counter()
            if self._end.wait(TICK_S):
                return
            self.late_ms.append((time.perf_counter() - start - TICK_S) * 1000)
            count += 1
            if count % 40 == 0:
                for child in self._own.children():
                    try:
                        self.child_mb = max(self.child_mb, child.memory_info().rss / 1e6)
                    except psutil.Error:
                        continue


def watched(look: Callable[[], Looked]) -> str:
    """Cells of a row: seconds, the tick's lateness (99th percentile, worst), memory of the desk more than before, of the child."""
    own, start = psutil.Process(), time.perf_counter()
    before = own.memory_info().rss
    with Ticks() as ticks:
        assert look().result == "installed"
    took, late = time.perf_counter() - start, sorted(ticks.late_ms)
    return (f"{took:.1f} | {late[int(len(late) * 0.99)]:.1f}, {late[-1]:.0f} | {(own.memory_info().rss - before) / 1e6:.0f} | "
            f"{ticks.child_mb:.0f} |")


def child_of(desk: Desk) -> UpdateChild:
    return UpdateChild(desk.installed, desk.cache, UpdatePlan(UpdateLine(desk.address, proxy="none"), desk.channel), SystemClock(),
                       ReceiptFolder(desk.installed.folder / "receipts"))


def main() -> None:
    """Measure, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        publisher = new_publisher(Path(folder) / "repo")
        rows = entries(count)
        publisher.publish(rows, "stable", "v1")
        with serving(publisher.public) as server:
            first, second = (Desk(Path(folder) / name, server.address).trusting(publisher) for name in ("own", "child"))
            in_child = watched(child_of(first).look)
            in_desk = watched(second.look)
            live = LiveKnowledge(first.home / "kb", first.cache, first.installed)
            key = next(iter(rows))
            publisher.publish({**rows, key: canonical({**json.loads(rows[key]), "tags": ["改"]})}, "stable", "v2")
            small = watched(child_of(first).look)
            start = time.perf_counter()
            assert live.use_newest()
            beside_ms = (time.perf_counter() - start) * 1000
            assert (live.version, getattr(live.get(key), "tags", ())) == ("v2", ("改",))
            child_of(first).look()  # nothing new: builds the whole index
            start = time.perf_counter()
            whole = LiveKnowledge(first.home / "kb", first.cache, first.installed)
            whole_ms = (time.perf_counter() - start) * 1000
            live.close()
            whole.close()
    lines = ["# What an update costs a desk", "", f"Written by `python -m tests.bench.kb_update_desk`: {count:,} entries, web server on loopback.", "",
             "| look | s | a tick of 5 ms late by: 99 %, worst, ms | memory of the desk, MB more | of the child at most, MB |",
             "| --- | --- | --- | --- | --- |", f"| first, full, in a process of its own | {in_child}", f"| first, full, in the desk | {in_desk}",
             f"| one entry changed, in a process of its own | {small}", "",
             f"One entry changed: found by the running desk {beside_ms:.1f} ms after it takes the release; opening the whole new index takes "
             f"{whole_ms:.0f} ms.", ""]
    PAGE.write_text("\n".join(lines), "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
