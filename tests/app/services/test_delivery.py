"""Delivery with a real store and a real server: order, patience, days offline, dead letters, the thread and its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.delivery import Delivered, Failed, OutboxState, Refused
from app.domain.errors import AppError, EnvironmentFault
from app.platform.clock import BEIJING, SystemClock
from app.ports.outbox import Consignment, Mend
from app.services.delivery import Delivery, DeliveryThread
from app.services.sending import LONGEST_WAIT_S, backoff_s
from app.store.locking import StoreLock
from app.store.outbox import SqliteOutbox
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.delivery import scenes as mappings
from tests.app.delivery import ticket_system
from tests.app.delivery.ticket_system import TicketSystem, cuts, says, stalls
from tests.app.store import scenes


class Moved:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 21, 9, tzinfo=BEIJING) + timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return self.passed_s


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTicketStore]:
    key = bytes(bytearray(scenes.KEY))  # an object of its own: locking overwrites it
    opened = SqliteTicketStore(tmp_path / "tickets.db", key, SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[TicketSystem]:
    with ticket_system.running() as running:
        yield running


class Desk:
    def __init__(self, store: SqliteTicketStore, server: TicketSystem, folder: Path, **changes: object) -> None:
        self.clock, self.store = Moved(), store
        self.outbox = SqliteOutbox(store, self.clock)
        self.courier = mappings.courier(folder, mappings.mapping(server.url(), **changes))
        self.delivery = Delivery(self.outbox, self.courier, self.clock, chance=lambda: 1.0)

    def submit(self, call_id: str) -> str:
        return self.store.submit(scenes.context(call_id), scenes.dialogue(), scenes.draft(), {}).ticket_no

    def send(self) -> list[type]:
        return [type(attempt.outcome) for attempt in self.delivery.send_due()]

    def pass_time(self) -> float:
        waited_s = self.delivery.wait_s()
        self.clock.passed_s += waited_s
        return waited_s


@pytest.fixture
def desk(store: SqliteTicketStore, server: TicketSystem, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(store, server, tmp_path)
    yield made
    made.courier.close()


def test_waits_double_up_to_ten_minutes_and_differ_by_chance() -> None:
    assert [backoff_s(n, lambda: 1.0) for n in (1, 2, 3, 9, 10, 1000)] == [2, 4, 8, 512, 600, LONGEST_WAIT_S]
    assert {backoff_s(5, lambda c=c: c) for c in (0.0, 0.5)} == {16, 24}  # type: ignore[misc]


def test_a_bad_ticket_waits_by_itself_while_others_go(desk: Desk, server: TicketSystem) -> None:
    for call in "abc":
        desk.submit(call)
    server.script = [says(500, b""), ticket_system.good, says(422, {"msg": "不收"})]
    assert desk.send() == [Failed, Delivered, Refused]
    assert desk.send() == []
    assert desk.pass_time() == 2.0
    assert desk.send() == [Delivered]
    assert [m.state for m in reversed(desk.outbox.messages())] == [OutboxState.DELIVERED, OutboxState.DELIVERED, OutboxState.REFUSED]


def test_the_same_key_and_body_come_again_after_a_cut(desk: Desk, server: TicketSystem) -> None:
    desk.submit("a")
    server.script = [cuts, stalls]
    for _ in range(3):
        desk.send()
        desk.pass_time()
    assert len(server.seen) == 3
    assert len({(seen.headers["idempotency-key"], seen.body) for seen in server.seen}) == 1
    assert desk.outbox.messages()[0].receipt == "R3"


def test_a_server_that_asks_for_patience_gets_it_from_all(desk: Desk, server: TicketSystem) -> None:
    for call in "abc":
        desk.submit(call)
    server.script = [says(429, b"", {"Retry-After": "300"})]
    assert desk.send() == [Failed]
    assert desk.send() == []  # nobody else knocks meanwhile
    waited_s = 0.0
    while waited_s < 299:
        waited_s += desk.pass_time()
        if waited_s < 299:
            assert desk.send() == []
    assert waited_s == 300
    assert desk.send() == [Delivered] * 3
    assert [seen.json["no"] for seen in server.seen][1] != server.seen[0].json["no"]  # the one that met it does not go first again


def test_days_offline_lose_nothing_and_knock_every_ten_minutes(desk: Desk, server: TicketSystem, tmp_path: Path) -> None:
    away = mappings.courier(tmp_path, mappings.mapping("http://127.0.0.1:9/orders"))
    offline = Delivery(desk.outbox, away, desk.clock, chance=lambda: 1.0)
    numbers = [desk.submit(f"call-{number}") for number in range(30)]
    knocks = 0
    while desk.clock.passed_s < 86400:
        knocks += len(offline.send_due())
        desk.clock.passed_s += max(offline.wait_s(), 1.0)
    assert 144 <= knocks <= 144 + 20  # one knock for all, not one a ticket
    assert len(desk.send()) >= 29  # the line is back: at once, however long it was away
    desk.clock.passed_s += LONGEST_WAIT_S
    desk.send()  # the one that had knocked last
    assert sorted(str(seen.json["no"]) for seen in server.seen) == sorted(numbers)
    away.close()


def test_a_ticket_goes_before_its_attachment_and_a_refused_one_holds_it(desk: Desk, server: TicketSystem, tmp_path: Path) -> None:
    own = {"as": "own", "request": {"url": server.url("/files/{{receipt}}"), "payload": {"n": "{{attachment_name}}"}}}
    sending = Desk(desk.store, server, tmp_path, attachments=own)
    number = sending.submit("a")
    sending.outbox.attach("a", "photo.jpg", "image/jpeg", b"x")
    server.script = [says(422, {"msg": "区县不对"})]
    assert sending.send() == [Refused]
    sending.submit("b")
    assert sending.send() == [Delivered]
    sending.outbox.resend(1, [Mend(number, "region_district", "海珠区")])
    assert sending.send() == [Delivered, Delivered]
    assert [seen.path for seen in server.seen] == ["/orders", "/orders", "/orders", "/files/R3"]
    assert server.seen[2].headers["idempotency-key"].endswith("-2")
    sending.courier.close()


def test_attachments_that_go_inside_are_not_sent_again(store: SqliteTicketStore, server: TicketSystem, tmp_path: Path) -> None:
    desk = Desk(store, server, tmp_path, attachments={"as": "inline"})
    desk.outbox.attach("a", "photo.jpg", "image/jpeg", b"x")
    desk.submit("a")
    assert desk.send() == [Delivered]
    assert {m.state for m in desk.outbox.messages()} == {OutboxState.DELIVERED}
    desk.courier.close()


def test_one_unreadable_ticket_blocks_nobody(desk: Desk, server: TicketSystem) -> None:
    desk.submit("a")
    desk.submit("b")
    desk.store.writing(lambda db: db.execute("UPDATE calls SET context = x'00' WHERE call_id = 'a'"))
    assert desk.send() == [Refused, Delivered]
    assert desk.outbox.messages(open_only=True)[0].reason == "delivery.ticket_unreadable"


def test_a_bug_in_the_courier_costs_an_attempt_not_the_ticket(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(consignment: Consignment) -> None:
        raise KeyError("ours")

    desk.submit("a")
    monkeypatch.setattr(desk.courier, "deliver", broken)
    assert desk.send() == [Failed]
    assert desk.outbox.messages()[0].state is OutboxState.WAITING


def test_a_locked_store_puts_delivery_off_and_nobody_is_alarmed(store: SqliteTicketStore, server: TicketSystem, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.sending._TROUBLE_S", 0.05)
    clock, arrived, faults = SystemClock(), threading.Event(), list[AppError | None]()
    outbox = SqliteOutbox(store, clock)
    courier = mappings.courier(tmp_path, mappings.mapping(server.url()))
    delivery = Delivery(outbox, courier, clock, lambda attempt: arrived.set())
    ticket_no = store.submit(scenes.context("a"), scenes.dialogue(), scenes.draft(), {}).ticket_no
    lock = StoreLock(store, lambda: bytes(bytearray(scenes.KEY)), SqliteRecords(store, clock))
    lock.lock()
    with pytest.raises(EnvironmentFault, match=r"store\.locked"):
        delivery.send_due()
    thread = DeliveryThread(delivery, courier, faults.append)
    thread.start()
    assert not arrived.wait(0.3)
    assert not server.seen
    lock.unlock()
    assert arrived.wait(5)
    assert thread.stop()
    assert [(m.ticket_no, m.state, m.attempts) for m in outbox.messages()] == [(ticket_no, OutboxState.DELIVERED, 1)]
    assert [fault for fault in faults if fault is not None] == []


def test_the_thread_delivers_what_is_submitted_and_ends_at_once(store: SqliteTicketStore, server: TicketSystem, tmp_path: Path) -> None:
    clock, arrived, faults = SystemClock(), threading.Event(), list[AppError | None]()
    outbox = SqliteOutbox(store, clock)
    courier = mappings.courier(tmp_path, mappings.mapping(server.url(), timeouts={"read_s": 30, "whole_s": 60}))
    thread = DeliveryThread(Delivery(outbox, courier, clock, lambda attempt: arrived.set()), courier, faults.append)
    store.on_queued = thread.wake
    thread.start()
    store.submit(scenes.context("a"), scenes.dialogue(), scenes.draft(), {})
    assert arrived.wait(5)
    server.script = [stalls]
    store.submit(scenes.context("b"), scenes.dialogue(), scenes.draft(), {})
    while len(server.seen) < 2:
        assert not server.over.wait(0.01)
    begun_s = clock.monotonic_s()
    assert thread.stop()
    assert clock.monotonic_s() - begun_s < 2
    assert [m.state for m in outbox.messages()] == [OutboxState.WAITING, OutboxState.DELIVERED]
    assert faults == []
    thread.wake()  # late news after the end does no harm
