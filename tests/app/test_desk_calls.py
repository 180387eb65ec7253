"""A call at the desk, from its first word to the stored ticket: what stands behind it."""

from __future__ import annotations

import threading
from pathlib import Path

from app.assembly import VERSION, ReplayOrder, new_submit, open_knowledge
from app.desk_calls import CallParts, recorded_call
from app.domain.call import CallState, Phase
from app.platform.clock import SystemClock
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
