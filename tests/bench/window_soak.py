"""`make soak-window HOURS=8`: call after call through the real window, memory, handles and objects accounted for -> docs/benchmarks/window_soak.md.

Calls are the sample's, forty states a second: growing partials, finals, changed fields, cards, wrap-up, the next call. Offscreen.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import psutil
from PySide6.QtCore import QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain.call import Phase
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.presenters.desk import DeskPresenters
from tests.widgets import sample_call
from tests.widgets.conftest import Phone
from tests.widgets.test_burst import states
from widgets.application import prepare_application
from widgets.desk_window import DeskWindow

REPORT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "window_soak.md"
STATES_A_CALL, PAUSE_MS, SAMPLES = 200, 25, 20


def main() -> int:
    """Run and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    app = QApplication([])
    language = prepare_application(app)
    presenters = DeskPresenters(lambda event: None, Phone(), lambda: None, lambda query: (), load_taxonomy(), load_fields())
    window = DeskWindow(presenters, language)
    window.show()
    process, made = psutil.Process(), states(STATES_A_CALL)
    until_s = time.monotonic() + chosen.hours * 3600
    calls, rows, next_s = 0, [], 0.0
    started_s = time.monotonic()
    while time.monotonic() < until_s or calls < 2:
        calls += 1
        for state in made:
            presenters.deliver(replace(state, context=replace(state.context, call_id=f"soak-{calls}")))
            QTest.qWait(PAUSE_MS)
        presenters.knowledge.open_card(0)
        over = replace(sample_call.wrap_up(), context=replace(sample_call.CONTEXT, call_id=f"soak-{calls}"))
        for phase in (Phase.WRAP_UP, Phase.SUBMITTED, Phase.IDLE):
            presenters.deliver(replace(over, phase=phase))
            QTest.qWait(PAUSE_MS * 4)
        if time.monotonic() >= next_s:
            next_s = time.monotonic() + chosen.hours * 3600 / SAMPLES
            gc.collect()
            rows.append(f"| {(time.monotonic() - started_s) / 60:.1f} | {calls} | {process.memory_info().rss / 1e6:.1f} | {process.num_fds()} | "
                        f"{process.num_threads()} | {len(window.findChildren(QObject))} |")
    told = "\n".join(["# The window for hours", "", f"Command: `make soak-window HOURS={chosen.hours:g}`. {calls} calls of {STATES_A_CALL} states through the real window, "
                      "offscreen. Memory is flat where the column MB does not rise after the first rows.", "",
                      "| minutes | calls | MB | file handles | threads | Qt objects of the window |", "| --- | --- | --- | --- | --- | --- |", *rows]) + "\n"
    print(told)
    if chosen.write:
        REPORT.write_text(told, "utf-8")
    presenters.close()
    window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
