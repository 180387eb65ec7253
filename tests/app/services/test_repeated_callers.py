"""Somebody calls again: found by number, place and matter on a real store, with reasons; followed up as 补充 or 催办."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.dialogue import CallContext
from app.domain.repeats import Reason
from app.domain.ticket import FieldState, FieldValue, TicketDraft
from app.domain.ticket_search import FollowUp
from app.platform.clock import SystemClock
from app.services.call_session import CallSession, NoPush
from app.services.repeated_callers import RepeatedCallers
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

OLD = {"requester_name": "陈试验", "contact_phone": "13900001111", "region_district": "天河区", "address_detail": "试验路88号",
       "item_code": "020701", "title": "天河区试验路工地夜间施工噪声扰民"}


def draft(**values: str) -> TicketDraft:
    return TicketDraft(({name: FieldValue(value, FieldState.FILLED, 1.0) for name, value in values.items()},))


def call(call_id: str, caller: str = "") -> CallContext:
    return CallContext(call_id, "2026-11-22T09:00:00+08:00", "广州市", caller)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTicketStore]:
    store = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, SystemClock())
    store.submit(call("old", "02081234567"), (), draft(**OLD), {})
    store.submit(call("elsewhere", "13733334444"), (), draft(requester_name="林测", region_district="越秀区", address_detail="别处街3号",
                                                         item_code="090101", title="越秀区别处街社保缴费咨询"), {})
    yield store
    store.close()


@pytest.fixture
def callers(store: SqliteTicketStore) -> RepeatedCallers:
    records = SqliteRecords(store, SystemClock())
    return RepeatedCallers(records, records, SystemClock())


def test_the_same_person_with_the_same_matter_is_told_with_reasons(callers: RepeatedCallers) -> None:
    (repeat,) = callers.look(call("now", "020-81234567"), draft(**{**OLD, "title": "天河区试验路夜间施工噪声"}))
    assert repeat.is_strong
    assert set(repeat.reasons) == {Reason.LINE, Reason.PHONE, Reason.NAME, Reason.PLACE, Reason.ITEM, Reason.WORDS}
    assert repeat.reasons[0] in (Reason.LINE, Reason.PHONE)


def test_from_the_first_ring_the_line_alone_is_told_but_not_strongly(callers: RepeatedCallers) -> None:
    (repeat,) = callers.look(call("now", "02081234567"), TicketDraft())
    assert repeat.reasons == (Reason.LINE,)
    assert not repeat.is_strong


def test_a_neighbour_with_the_same_matter_is_told_but_not_strongly(callers: RepeatedCallers) -> None:
    now = {**OLD, "requester_name": "黄样", "contact_phone": "13522223333", "address_detail": "试验路88号3栋"}
    (repeat,) = callers.look(call("now", "13522223333"), draft(**now))
    assert Reason.PLACE in repeat.reasons
    assert not repeat.is_strong


def test_another_matter_of_another_person_is_silence(callers: RepeatedCallers) -> None:
    now = draft(requester_name="吴样", contact_phone="13655556666", region_district="海珠区", address_detail="新样路5号",
                item_code="120101")
    assert callers.look(call("now", "13655556666"), now) == ()
    assert callers.look(call("old", "02081234567"), draft(**OLD)) == ()  # its own ticket is no repeat


def test_an_old_ticket_by_its_number_as_it_is_said(store: SqliteTicketStore, callers: RepeatedCallers) -> None:
    number = next(ticket.ticket_no for ticket in store.tickets() if ticket.call_id == "old")
    said = "".join("零幺二三四五六七八九"[int(each)] for each in number)
    assert [(match.row.ticket_no, match.likeness) for match in callers.by_number(said)] == [(number, 1.0)]
    assert callers.by_number("尾号是" + said[-6:])[0].row.ticket_no == number
    wrong = number[:7] + str((int(number[7]) + 1) % 10) + number[8:]
    (match,) = [match for match in callers.by_number(wrong) if match.row.ticket_no == number]
    assert 0.9 < match.likeness < 1
    assert callers.by_number("九九九九九九九九九九九九九九九九九九") == ()
    assert callers.by_number("十二") == ()


@pytest.mark.parametrize("act", list(FollowUp))
def test_a_follow_up_is_the_calls_own_ticket_that_names_the_old_one(store: SqliteTicketStore, callers: RepeatedCallers,
                                                                    act: FollowUp) -> None:
    (repeat,) = callers.look(call("now", "02081234567"), draft(**OLD))

    class NothingFound:
        def extract(self, *_: object) -> tuple[()]:
            return ()

        def display(self, utterance: object) -> str:
            return ""

    session = CallSession(call("now", "02081234567"), NothingFound(), NoPush())  # type: ignore[arg-type]
    for event in callers.follow_up(repeat.row, act, session.state.draft):
        session.apply(event)
    ticket = store.submit(session.state.context, (), session.state.draft, {})
    (answer,) = callers.follow_ups(repeat.row.ticket_no)
    assert (answer.ticket_no, answer.answers, answer.follow_up) == (ticket.ticket_no, repeat.row.ticket_no, act.value)
    assert ticket.fields["tags"]["value"] == ["重复"]  # type: ignore[index]
    assert [row.ticket_no for row in store.outbox()][-1] == ticket.ticket_no
    entries = SqliteRecords(store, SystemClock()).entries(subject=repeat.row.ticket_no)
    assert [(entry.action, entry.detail.get("act")) for entry in entries] == [("submitted", None), ("merged", act.value)]
