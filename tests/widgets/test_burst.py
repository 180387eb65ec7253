"""A burst of 200 states a second leaves the window awake: slots within a frame, memory flat, nothing final lost.

Times are the GUI thread's processor time, so that a machine busy with other work does not fail the test.
"""

from __future__ import annotations

import gc
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import psutil
from PySide6.QtTest import QTest

from app.domain.call import CallState
from app.domain.dialogue import Channel, HypothesisRevised
from app.domain.ticket import FieldState, FieldValue, TicketDraft
from tests.widgets import sample_call
from tests.widgets.conftest import Desk

PER_SECOND = 200
FRAME_MS = 16.0
LONG_CALL = 300  # utterances; the longest of the sample recordings' kind have about 60


def states(count: int, spoken_before: int = 0) -> list[CallState]:
    """Partials that grow; every 20th state a new final, with fields that change and cards that come."""
    said = sample_call.dialogue()
    dialogue = tuple(replace(said[number % len(said)], index=number) for number in range(spoken_before))
    base = replace(sample_call.talking(), context=replace(sample_call.CONTEXT, call_id="burst"))
    made, draft, pushes = [], base.draft, base.pushes
    for number in range(count):
        if number % 20 == 0:
            again = said[len(dialogue) % len(said)]
            dialogue = (*dialogue, replace(again, index=len(dialogue), start_ms=number * 50))
            fields = {**draft.matters[0], "amount": FieldValue(str(number), FieldState.FILLED, 0.9),
                      "content": FieldValue(f"事项：{number}", FieldState.SUGGESTED, 0.9)}
            draft = TicketDraft((fields,))
            pushes = (*pushes, replace(pushes[number // 20 % 2], at_ms=number))
        words = said[1].text[:4 + number % 20]
        partials = {Channel.CITIZEN: HypothesisRevised(f"c{number // 20}", number % 20 + 1, Channel.CITIZEN, number * 50,
                                                       number * 50 + 40, number * 50, 3.0, words)}
        made.append(replace(base, position_ms=number * 50, dialogue=dialogue, partials=partials, draft=draft, pushes=pushes))
    return made


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def feed(desk: Desk, ready: Sequence[CallState], per_second: float) -> threading.Thread:
    def run() -> None:
        pace = threading.Event()
        for state in ready:
            desk.presenters.deliver(state)
            if per_second:
                pace.wait(1 / per_second)

    thread = threading.Thread(target=run, name="feeder")
    thread.start()
    return thread


def test_two_hundred_states_a_second_in_a_long_call_keep_frames(desk: Desk) -> None:
    bridge = desk.presenters.bridge
    ready = states(600, LONG_CALL)
    drawn: list[CallState] = []
    bridge.state_changed.connect(drawn.append)
    feeder = feed(desk, ready, PER_SECOND)
    turns: list[float] = []
    deadline_s = time.monotonic() + 30
    while bridge.state is not ready[-1] and time.monotonic() < deadline_s:
        started = time.thread_time()
        QTest.qWait(1)
        turns.append((time.thread_time() - started) * 1000)
    feeder.join()
    assert bridge.state is ready[-1]
    # Every final is on the screen though most states were skipped: about ten partial-only updates a second beside finals.
    assert desk.presenters.conversation.model.rowCount() == LONG_CALL + 600 // 20 + 1
    assert len(drawn) < 600 / 4
    print(f"drawn {len(drawn)} of 600; turn of the loop, painting included: p50 {statistics.median(turns):.1f} ms, "
          f"p95 {p95(turns):.1f} ms, max {max(turns):.1f} ms")
    assert p95(turns) <= FRAME_MS


def test_a_slot_takes_less_than_a_frame(desk: Desk) -> None:
    """The best of three rounds, and two frames with painting: neighbours stretch processor time, and after other desks were open in
    this process painting takes half as long again. `make bench-window` measures a desk of its own against one frame."""
    bridge = desk.presenters.bridge
    rounds = []
    for _ in range(3):
        slots, frames = [], []
        for state in states(200, LONG_CALL):
            bridge._newest = state
            started = time.thread_time()
            bridge._show_newest()
            slots.append((time.thread_time() - started) * 1000)
            QTest.qWait(0)
            frames.append((time.thread_time() - started) * 1000)
        rounds.append((p95(frames), p95(slots)))
    assert any(frame <= 2 * FRAME_MS and slot <= FRAME_MS for frame, slot in rounds), rounds


def test_a_flood_without_a_pause_needs_no_memory_of_its_own(desk: Desk) -> None:
    ready = states(20)
    QTest.qWait(50)
    gc.collect()
    before = psutil.Process().memory_info().rss
    feeder = feed(desk, ready * 1000, per_second=0)
    while feeder.is_alive():
        QTest.qWait(1)
    feeder.join()
    QTest.qWait(150)
    assert desk.presenters.bridge.state is ready[-1]
    assert psutil.Process().memory_info().rss - before < 16 * 1024 * 1024
