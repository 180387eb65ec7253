"""The ticket that a caller presses for is found in the real store as soon as its number is heard, and only once a number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.call import CallEvent, CallState, OldTicketsLookedUp
from app.domain.dialogue import CallContext
from app.domain.ticket import FieldState, FieldValue, TicketDraft
from app.platform.clock import SystemClock
from app.services.call_session import CallSession, NoPush
from app.services.old_tickets import OldTicketLookup
from app.store.ticket_store import FILE_NAME, SqliteTicketStore

CONTEXT = CallContext("call-1", "2026-11-16T09:00:00+08:00", "广州市")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTicketStore]:
    held = SqliteTicketStore(tmp_path / FILE_NAME, bytes(range(32)), SystemClock())
    yield held
    held.close()


def draft(**values: str) -> TicketDraft:
    return TicketDraft(({name: FieldValue(value, FieldState.FILLED, 1.0) for name, value in values.items()},))


def test_the_ticket_is_found_by_its_whole_number_and_by_its_end(store: SqliteTicketStore) -> None:
    number = store.submit(CONTEXT, (), draft(title="江南大道路灯不亮", status="待派遣"), {}).ticket_no
    told: list[CallEvent] = []
    lookup = OldTicketLookup(store, told.append)
    for said in (number, number, number[-6:], "99999999"):
        lookup.seen(CallState(CONTEXT, draft=draft(prev_ticket_no=said)))
    whole, end, none = told  # the same number again is not looked up again
    assert isinstance(whole, OldTicketsLookedUp) and isinstance(end, OldTicketsLookedUp) and isinstance(none, OldTicketsLookedUp)
    assert [(old.ticket_no, old.title, old.status) for old in whole.found] == [(number, "江南大道路灯不亮", "待派遣")]
    assert end.found == whole.found
    assert none.found == () and none.asked == "99999999"


def test_what_was_found_stands_in_the_call_and_goes_with_the_number(store: SqliteTicketStore) -> None:
    number = store.submit(CONTEXT, (), draft(title="井盖缺失"), {}).ticket_no

    class Nothing:
        def extract(self, dialogue: object, context: object) -> tuple[()]:
            return ()

        def display(self, utterance: object) -> str:
            return ""

    session = CallSession(CallContext("call-2", CONTEXT.call_time, "广州市"), Nothing(), NoPush())
    lookup = OldTicketLookup(store, session.apply)
    lookup.seen(CallState(CONTEXT, draft=draft(prev_ticket_no=number)))
    assert session.state.old_tickets is not None
    assert session.state.old_tickets.found[0].title == "井盖缺失"
    lookup.seen(CallState(CONTEXT))
    assert session.state.old_tickets == OldTicketsLookedUp("")


def test_three_digits_find_nothing(store: SqliteTicketStore) -> None:
    number = store.submit(CONTEXT, (), draft(title="井盖缺失"), {}).ticket_no
    assert store.find(number[-3:]) == ()
