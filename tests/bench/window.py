"""`make bench-window`: from an event to its pixels, from exec to a usable window, frames under a burst, memory -> docs/benchmarks/window.md.

On a virtual X screen (xcb platform) where Xvfb is installed, else offscreen; the page says which. Times are wall-clock times of a
shared machine, with the load at the time beside them; the table under the burst tells processor time of the GUI thread, too.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "window.md"
EVENTS, BURST_S, PER_SECOND = 150, 10, 200
LONG_CALL = 300


def main() -> int:
    """Run and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    from tests.bench.start import measured_starts

    load = os.getloadavg()[0]
    with screen() as name:
        starts = measured_starts()
        latency, frames = measured_window()
    told = "\n".join(["# The window", "",
                      f"Command: `make bench-window`. {name}; Python {platform.python_version()}, {os.cpu_count()} cores, shared machine "
                      f"(load {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end).", "", *latency, *starts, *frames]) + "\n"
    print(told)
    if chosen.write:
        REPORT.write_text(told, "utf-8")
    return 0


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """A virtual screen for this process and its children."""
    if shutil.which("Xvfb") is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        yield "Offscreen (no Xvfb)"
        return
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x900x24", "-nolisten", "tcp"],
                              pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        os.environ |= {"DISPLAY": f":{told.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
    try:
        yield "Virtual X screen, 1600 x 900"
    finally:
        server.terminate()
        server.wait(10)


# ---------------------------------------------------------------------- latency and frames


def measured_window() -> tuple[list[str], list[str]]:
    """Both tables, of one window with the sample call in it."""
    name_of_platform = os.environ["QT_QPA_PLATFORM"]  # the tests' own imports turn it to offscreen
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.domain.dialogue import Channel, HypothesisRevised
    from app.platform.catalogue_files import load_fields, load_taxonomy
    from app.presenters.desk import DeskPresenters
    from tests.widgets import sample_call
    from tests.widgets.conftest import Phone
    from tests.widgets.test_burst import states
    from widgets.application import prepare_application
    from widgets.desk_window import DeskWindow

    os.environ["QT_QPA_PLATFORM"] = name_of_platform
    app = QApplication([])
    language = prepare_application(app)
    presenters = DeskPresenters(lambda event: None, Phone(), lambda: None, lambda query: (), load_taxonomy(), load_fields())
    window = DeskWindow(presenters, language)
    window.show()
    assert QTest.qWaitForWindowExposed(window, 30_000)
    base = sample_call.talking()
    presenters.deliver(base)
    QTest.qWait(500)

    painted: list[float] = []

    class Witness(QObject):
        """Tells when the window's pixels were handed over."""

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            """Paint events of the conversation come with the flush of the window."""
            if event.type() == QEvent.Type.Paint:
                painted.append(time.monotonic())
            return False

    witness = Witness()
    window.conversation.list.viewport().installEventFilter(witness)
    taken: list[float] = []
    words = "还有就是他们把桌子都摆到路上来了行人根本走不过去希望你们管一管"
    for number in range(EVENTS):
        partial = HypothesisRevised(f"c{number // 25}", number % 25 + 1, Channel.CITIZEN, base.position_ms, base.position_ms + 40 * number,
                                    base.position_ms, 3.0, words[: 5 + number % 25])
        state = replace(base, partials={Channel.CITIZEN: partial}, position_ms=base.position_ms + 40 * number)
        painted.clear()
        sent = time.monotonic()
        feeder = threading.Thread(target=presenters.deliver, args=(state,))  # as from the call thread
        feeder.start()
        while not painted and time.monotonic() - sent < 5:
            app.processEvents()
        feeder.join()
        taken.append((painted[-1] - sent) * 1000 if painted else 5000.0)
        QTest.qWait(110)  # events that are not held back by the ones before: partials come at most ten a second
    latency = ["## Event to pixels", "", f"{EVENTS} partials, given on another thread as the call thread gives them, until the conversation is painted; 110 ms apart.", "",
               "| p50 ms | p95 ms | max ms |", "| --- | --- | --- |",
               f"| {statistics.median(taken):.1f} | **{p95(taken):.1f}** (aim <= 50) | {max(taken):.1f} |", ""]
    frames = ["## Frames under a burst", "", f"{PER_SECOND} states a second for {BURST_S} s into a call of {LONG_CALL} utterances: partials that grow, every twentieth "
              "state a final, changed fields and cards. A turn is one round of the event loop with layout and painting in it.", "",
              "| run | turns | p50 ms | p95 ms | p99 ms | max ms | over 16 ms (wall) | processor time p95 ms | MB before, after |",
              "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    import psutil

    process = psutil.Process()
    for run in range(1, 4):
        ready = [replace(state, context=replace(state.context, call_id=f"burst-{run}")) for state in states(PER_SECOND * BURST_S, LONG_CALL)]
        presenters.deliver(ready[0])
        QTest.qWait(800)
        gc.collect()
        before = process.memory_info().rss

        def feed(all_states: Sequence[object] = ready) -> None:
            pace = threading.Event()
            for each in all_states:
                presenters.deliver(each)  # type: ignore[arg-type]
                pace.wait(1 / PER_SECOND)

        thread = threading.Thread(target=feed)
        thread.start()
        walls: list[float] = []
        cpus: list[float] = []
        while thread.is_alive():
            cpu, wall = time.thread_time(), time.monotonic()
            app.processEvents()
            walls.append((time.monotonic() - wall) * 1000)
            cpus.append((time.thread_time() - cpu) * 1000)
            time.sleep(0.001)
        thread.join()
        gc.collect()
        after = process.memory_info().rss
        ordered = sorted(walls)
        frames.append(f"| {run} | {len(walls)} | {statistics.median(walls):.1f} | {p95(walls):.1f} | {ordered[int(len(ordered) * .99)]:.1f} | {max(walls):.1f} | "
                      f"{sum(wall > 16 for wall in walls)} ({sum(wall > 16 for wall in walls) / len(walls):.1%}) | {p95(cpus):.1f} | "
                      f"{before / 1e6:.0f}, {after / 1e6:.0f} |")
    presenters.close()
    window.close()
    return latency, [*frames, "", "Slots without painting and a flood without pauses: `tests/widgets/test_burst.py`."]


def p95(values: Sequence[float]) -> float:
    """95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
