"""A call at the desk, from its first word to the stored ticket: what stands behind it."""

from __future__ import annotations

import gc
import queue
import threading
import weakref
from pathlib import Path

import pytest

from app.assembly import VERSION, ReplayOrder, new_submit, open_knowledge
from app.desk_calls import CallParts, DeskCall, DeskCalls, recorded_call
from app.domain.call import CallState, Phase
from app.platform.clock import SystemClock
from app.services.call_session import CallSession
from app.store.ticket_store import SqliteTicketStore
from asr.client import RecogniserClient
from tests.app.store import scenes

SCRIPT = Path(__file__).resolve().parents[2] / "resources" / "sample_calls" / "left-turn-light.json"


class Switched:
    """The real knowledge; ``shown`` is the version that it tells, as after an update for a later call."""

    def __init__(self) -> None:
        self._held = open_knowledge(None)
        self.shown = self._held.version

    def __getattr__(self, name: str) -> object:
        return getattr(self._held, name)

    @property
    def version(self) -> str:
        return self.shown


def no_sound() -> RecogniserClient:
    raise AssertionError("a script needs no recogniser")


def test_a_ticket_tells_program_engine_and_the_knowledge_that_its_call_saw(home: Path, tmp_path: Path) -> None:
    clock, knowledge, bugs = SystemClock(), Switched(), list[BaseException]()
    store = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, clock)
    parts = CallParts(knowledge, store, new_submit(store, clock), clock, lambda error, where: bugs.append(error))  # type: ignore[arg-type]
    seen = knowledge.version
    call = recorded_call(ReplayOrder(script=SCRIPT), parts, no_sound)
    ended, submitted = threading.Event(), threading.Event()

    def deliver(state: CallState) -> None:
        if state.phase is Phase.WRAP_UP:
            ended.set()
        if state.phase is Phase.SUBMITTED:
            submitted.set()

    call.deliver = deliver
    call.start()
    call.control.answer()
    assert ended.wait(60)
    knowledge.shown = "a later one"  # the next call switched while this one was still to be submitted
    call.submit()
    assert submitted.wait(30)
    call.close()
    assert bugs == []
    assert store.tickets()[0].versions == {"program": VERSION, "engine": "script", "knowledge": seen}
    assert seen
    store.close()


def test_a_call_that_was_put_away_is_gone_without_a_collection(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, knowledge, bugs, phases = SystemClock(), open_knowledge(None), list[BaseException](), queue.Queue[Phase]()
    store = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, clock)
    parts = CallParts(knowledge, store, new_submit(store, clock), clock, lambda error, where: bugs.append(error))
    made: list[weakref.ref[object]] = []

    class Seen(DeskCall):
        def __init__(self, session: CallSession, held: CallParts) -> None:
            super().__init__(session, held)
            made.extend(weakref.ref(each) for each in (self, session, self.runner))

    monkeypatch.setattr("app.desk_calls.DeskCall", Seen)
    monkeypatch.setattr(DeskCalls, "_warm", lambda self: None)  # a script needs no recogniser
    calls = DeskCalls(parts, "广州市", realtime=False)
    calls.deliver = lambda state: phases.put(state.phase)

    def until(phase: Phase) -> None:
        while phases.get(timeout=60) is not phase:
            pass

    calls.start()
    gc.disable()
    try:
        for _ in range(3):
            calls.open_recording(SCRIPT)
            until(Phase.RINGING)
            calls.answer()
            until(Phase.WRAP_UP)
            calls.next_call()
            until(Phase.IDLE)
        calls.close()
        assert len(made) == 9
        assert [each() for each in made if each() is not None] == []
    finally:
        gc.enable()
    assert bugs == []
    knowledge.close()
    store.close()
