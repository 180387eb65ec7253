"""Records of calls in the encrypted store: with their tickets, once, read by time, sent, purged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.call_record import CallRecord, FieldOutcome, FieldRecord
from app.domain.delivery import Delivered
from app.domain.errors import OperatorVisibleError
from app.domain.retention import DataKind, Retention
from app.platform.clock import SystemClock
from app.store.call_records import SqliteCallRecords
from app.store.outbox import SqliteOutbox
from app.store.purging import Purge
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

BEGIN = datetime.fromisoformat("2026-11-20T09:00:00+08:00")


class Standing:
    """A clock that is set."""

    at = BEGIN

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTicketStore]:
    opened = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def records(store: SqliteTicketStore) -> SqliteCallRecords:
    return SqliteCallRecords(store, SystemClock())


def record(number: int) -> CallRecord:
    at = (BEGIN + timedelta(minutes=number)).isoformat()
    return CallRecord(f"{number:032x}", at, "desk-1", fields=(FieldRecord("title", FieldOutcome.TAKEN, "filled", 0.9),))


def submitted(store: SqliteTicketStore, number: int) -> str:
    return store.submit(scenes.context(f"call-{number}"), scenes.dialogue(2), scenes.draft(), {}, record(number)).ticket_no


def test_a_record_is_there_with_its_ticket_and_leads_back_to_the_call(store: SqliteTicketStore, records: SqliteCallRecords) -> None:
    submitted(store, 1)
    assert tuple(records.records()) == (record(1),)
    assert records.record(record(1).record_id) == record(1)
    assert records.record("f" * 32) is None
    assert (records.call_of(record(1).record_id), records.call_of("f" * 32)) == ("call-1", "")


def test_the_same_ticket_again_makes_no_second_record_and_a_refused_one_none(store: SqliteTicketStore, records: SqliteCallRecords) -> None:
    submitted(store, 1)
    store.submit(scenes.context("call-1"), scenes.dialogue(2), scenes.draft(), {}, record(2))
    with pytest.raises(OperatorVisibleError):
        store.submit(scenes.context("call-1"), scenes.dialogue(2), scenes.one_matter(), {}, record(3))
    assert tuple(records.records()) == (record(1),)


def test_records_are_read_by_time_across_pages(store: SqliteTicketStore, records: SqliteCallRecords,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.call_records._AT_ONCE", 3)
    for number in (4, 2, 7, 1, 3, 6, 5):
        submitted(store, number)
    assert [each.record_id for each in records.records()] == [record(number).record_id for number in range(1, 8)]
    some = records.records(BEGIN + timedelta(minutes=2), BEGIN + timedelta(minutes=6))
    assert [each.record_id for each in some] == [record(number).record_id for number in (2, 3, 4, 5)]
    assert records.newest(2) == (record(5), record(6))  # submitted last


def test_what_the_hub_has_or_never_takes_waits_no_more(store: SqliteTicketStore, records: SqliteCallRecords) -> None:
    for number in (1, 2, 3):
        submitted(store, number)
    assert records.due(2) == (record(1), record(2))
    records.settle([record(1).record_id], [(record(2).record_id, "form")])
    assert (records.due(9), records.waiting(), records.refused()) == ((record(3),), 1, 1)
    records.settle([record(2).record_id])  # too late: it was refused
    assert records.refused() == 1
    assert len(tuple(records.records())) == 3


def test_a_record_goes_with_its_call(store: SqliteTicketStore, records: SqliteCallRecords) -> None:
    submitted(store, 1)
    outbox = SqliteOutbox(store, SystemClock())
    outbox.settle(outbox.messages()[0].row_id, Delivered("r-1"))

    class Later(SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(days=40)

    Purge(store, Later()).run(Retention({DataKind.TICKETS: 30}))
    assert tuple(records.records()) == ()


def test_a_damaged_row_costs_itself_only(store: SqliteTicketStore, records: SqliteCallRecords) -> None:
    submitted(store, 1)
    submitted(store, 2)
    store.writing(lambda db: db.execute("UPDATE call_records SET body = ? WHERE call_id = 'call-1'", [b"{}"]))
    assert tuple(records.records()) == (record(2),)
    assert records.due(5) == (record(2),)


def test_damaged_rows_that_stand_first_are_set_aside_and_hide_nothing(store: SqliteTicketStore, records: SqliteCallRecords) -> None:
    for number in range(1, 8):
        submitted(store, number)
    store.writing(lambda db: db.execute("UPDATE call_records SET body = ? WHERE id <= 5", [b"\xff{"]))
    assert records.due(2) == (record(6),), "the fifth stood beside it"
    assert records.due(2) == (record(6), record(7))
    assert (records.damaged(), records.refused(), records.reasons(), records.waiting()) == (5, 5, {"damaged": 5}, 2)
    assert records.oldest() == record(6).at
    records.settle([record(6).record_id, record(7).record_id])
    assert (records.due(2), records.damaged()) == ((), 5)


def test_a_ticket_without_a_record_is_a_ticket(store: SqliteTicketStore, records: SqliteCallRecords) -> None:
    store.submit(scenes.context(), scenes.dialogue(2), scenes.draft(), {})
    assert tuple(records.records()) == ()


def test_records_that_wait_outlive_their_tickets_bounded_and_the_loss_is_counted(store: SqliteTicketStore) -> None:
    """A hub that is away for longer than tickets are kept: nothing that names anybody stays, the record does; a clock, no waiting."""
    clock = Standing()
    records, outbox = SqliteCallRecords(store, clock), SqliteOutbox(store, clock)
    for number in range(1, 6):
        submitted(store, number)
    for message in outbox.messages():
        outbox.settle(message.row_id, Delivered("R"))
    records.settle([record(1).record_id])
    clock.at += timedelta(days=40)
    purge = Purge(store, clock, waiting_kept=3)
    purge.run(Retention({DataKind.TICKETS: 30}))
    assert store.tickets() == ()
    assert records.due(9) == (record(3), record(4), record(5))  # the first is at the hub, the second was the oldest of four
    assert records.lost() == (1, record(2).at[:10])
    assert records.call_of(record(3).record_id) == ""
    purge.run(Retention({DataKind.TICKETS: 30}))
    assert records.lost()[0] == 1
    records.settle([record(3).record_id], [(record(5).record_id, "form")])
    assert records.waiting() == 1
    assert records.oldest() == record(4).at
    assert tuple(records.records()) == (record(4), record(5))  # what the hub has goes at once, what it refused with the next removal
    submitted(store, 6)
    outbox.settle(outbox.messages()[0].row_id, Delivered("R"))
    clock.at += timedelta(days=80)
    purge.run(Retention({DataKind.TICKETS: 30}))
    assert tuple(records.records()) == (record(4), record(6))


def test_what_was_refused_can_be_offered_again_by_a_person(store: SqliteTicketStore, records: SqliteCallRecords) -> None:
    for number in (1, 2, 3):
        submitted(store, number)
    records.settle([record(1).record_id], [(record(2).record_id, "in_the_future"), (record(3).record_id, "in_the_future")])
    assert records.reasons() == {"in_the_future": 2}
    assert records.last_sent()
    assert records.retry() == 2
    assert (records.due(9), records.refused(), records.reasons()) == ((record(2), record(3)), 0, {})
