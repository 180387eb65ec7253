"""A burst of 200 states a second leaves the window awake: slots within a frame, memory flat, nothing final lost."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import replace

from PySide6.QtTest import QTest

from app.domain.call import CallState
from app.domain.dialogue import Channel, HypothesisRevised
from tests.widgets import sample_call
from tests.widgets.conftest import Desk

STATES, PER_SECOND = 600, 200
FRAME_MS = 16.0


def states(count: int) -> list[CallState]:
    """Partials that grow, every 20th state a new final: a long call."""
    said = sample_call.dialogue()
    base = replace(sample_call.talking(), context=replace(sample_call.CONTEXT, call_id="burst"))
    dialogue = said
    made = []
    for number in range(count):
        if number % 20 == 0:
            again = said[number // 20 % len(said)]
            dialogue = (*dialogue, replace(again, index=len(dialogue), start_ms=number * 50))
        words = sample_call.dialogue()[1].text[:4 + number % 20]
        partials = {Channel.CITIZEN: HypothesisRevised(f"c{number // 20}", number % 20 + 1, Channel.CITIZEN, number * 50,
                                                       number * 50 + 40, number * 50, 3.0, words)}
        made.append(replace(base, position_ms=number * 50, dialogue=dialogue, partials=partials))
    return made


def test_two_hundred_states_a_second_keep_frames(desk: Desk) -> None:
    slots: list[float] = []
    bridge = desk.presenters.bridge
    show = bridge._show_newest

    ready = states(STATES)
    drawn: list[CallState] = []
    bridge.state_changed.connect(drawn.append)

    def feed() -> None:
        pace = threading.Event()
        for state in ready:
            desk.presenters.deliver(state)
            pace.wait(1 / PER_SECOND)

    feeder = threading.Thread(target=feed, name="feeder")
    feeder.start()
    ticks: list[float] = []
    deadline_s = time.monotonic() + 20
    while bridge.state is not ready[-1] and time.monotonic() < deadline_s:
        started = time.perf_counter()
        QTest.qWait(1)
        ticks.append((time.perf_counter() - started) * 1000 - 1)
    feeder.join()
    # The slot itself: the newest state through every presenter into models and widgets.
    for state in states(200)[100:]:
        bridge._newest = state
        started = time.perf_counter()
        show()
        slots.append((time.perf_counter() - started) * 1000)
        QTest.qWait(1)
    p95 = statistics.quantiles(slots, n=20)[-1]
    print(f"slot p50 {statistics.median(slots):.1f} ms, p95 {p95:.1f} ms; loop turn p95 {statistics.quantiles(ticks, n=20)[-1]:.1f} ms;"
          f" {len(drawn)} of {STATES} states drawn")
    assert p95 <= FRAME_MS
    assert desk.presenters.conversation.model.rowCount() >= len(sample_call.dialogue())
    # About ten partial-only updates a second, and finals beside them.
    assert len(drawn) < STATES / 3
    assert ready[-1] in drawn
