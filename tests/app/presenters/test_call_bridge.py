"""States reach the GUI thread, the newest one wins, partials are drawn ten times a second, nothing comes after close."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtTest import QTest

from app.domain.call import CallState, NoticeRaised
from app.domain.dialogue import Channel, HypothesisRevised
from app.presenters.call_bridge import CallBridge
from tests.widgets import sample_call


class Screen(QObject):
    """Notes what is shown, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[CallState] = []
        self.threads: set[str] = set()

    @Slot(object)
    def show(self, state: CallState) -> None:
        self.shown.append(state)
        self.threads.add(threading.current_thread().name)


@pytest.fixture
def bridge() -> Iterator[CallBridge]:
    made = CallBridge()
    yield made
    made.close()


@pytest.fixture
def screen(bridge: CallBridge) -> Screen:
    made = Screen()
    bridge.state_changed.connect(made.show)
    return made


def partial(number: int) -> CallState:
    heard = HypothesisRevised("c1", number, Channel.CITIZEN, 0, number, number, 1.0, "你" * (number % 30))
    return replace(sample_call.ringing(), partials={Channel.CITIZEN: heard}, position_ms=number)


def deliver_from_another_thread(bridge: CallBridge, states: list[CallState], pace_s: float) -> None:
    def run() -> None:
        for state in states:
            bridge.deliver(state)
            threading.Event().wait(pace_s)

    thread = threading.Thread(target=run, name="call-under-test")
    thread.start()
    while thread.is_alive():
        QTest.qWait(2)
    thread.join()
    QTest.qWait(150)


def test_a_state_arrives_on_the_gui_thread_as_the_same_object(bridge: CallBridge, screen: Screen) -> None:
    state = sample_call.talking()
    deliver_from_another_thread(bridge, [state], 0)
    assert [shown is state for shown in screen.shown] == [True]
    assert screen.threads == {threading.main_thread().name}


def test_partials_are_drawn_about_ten_times_a_second_and_the_newest_last(bridge: CallBridge, screen: Screen) -> None:
    started = time.monotonic()
    states = [partial(number) for number in range(200)]
    deliver_from_another_thread(bridge, states, 0.005)
    seconds = time.monotonic() - started
    assert screen.shown[-1] is states[-1]
    assert len(screen.shown) <= seconds * 10 + 3
    assert len(screen.shown) >= 5


@pytest.mark.parametrize("change", ["dialogue", "draft", "pushes", "notice", "ticket_no"])
def test_what_must_not_wait_is_shown_at_once(bridge: CallBridge, screen: Screen, change: str) -> None:
    whole = sample_call.talking()
    new = {"dialogue": whole.dialogue, "draft": whole.draft, "pushes": whole.pushes, "notice": NoticeRaised("x"),
           "ticket_no": "1"}[change]
    bridge.deliver(partial(1))
    QTest.qWait(50)
    bridge.deliver(replace(partial(2), **{change: new}))
    QTest.qWait(15)
    assert getattr(screen.shown[-1], change) == new


def test_after_close_nothing_is_shown(bridge: CallBridge, screen: Screen) -> None:
    bridge.deliver(partial(1))
    bridge.close()
    bridge.deliver(partial(2))
    QTest.qWait(150)
    assert screen.shown == []
