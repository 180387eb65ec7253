"""A desk and its hub with a real store and a real server: enrolled once, nothing lost or doubled, locked out for good."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from app.delivery.hub_line import HttpHubLine
from app.domain.call import CallState, NoticeRaised, Phase, noticed
from app.domain.call_record_form import from_json
from app.domain.dialogue import CallContext
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.knowledge_update import UpdateReceipt
from app.services.floor_watch import FloorWatch
from app.services.hub_sender import BATCH, FLOOR_S, HubDesk, HubSender
from app.services.sending import SendingThread
from app.store.call_records import SqliteCallRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.delivery import ticket_system
from tests.app.delivery.ticket_system import Handler, Seen, TicketSystem
from tests.app.services.test_delivery import Moved
from tests.app.store import scenes
from tests.app.store.test_call_records import record, store

__all__ = ["store"]


class Hub:
    """What a hub does with a desk, as a script of the server; keeps what it took."""

    def __init__(self, server: TicketSystem) -> None:
        self.server, self.taken = server, dict[str, object]()
        self.asked: list[tuple[str, dict[str, object]]] = []
        self.tokens = {"t-1"}
        self.faults: list[Callable[[Handler, Seen], None]] = []
        self.never: set[str] = set()
        self.chokes: Callable[[Handler, Seen], bool] = lambda handler, seen: False
        server.script = Endless(self)

    def answer(self, handler: Handler, seen: Seen) -> None:
        if self.faults:
            self.faults.pop(0)(handler, seen)
            return
        if self.chokes(handler, seen):
            return
        body = gzip.decompress(seen.body) if seen.headers.get("content-encoding") == "gzip" else seen.body
        held = json.loads(body)
        self.asked.append((seen.path, held))
        if seen.path == "/v1/enrol":
            handler.answer(200 if held["code"] == "code-1" else 403, {"token": "t-1"})
        elif seen.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            handler.answer(401, {})
        elif seen.path == "/v1/records":
            records = [from_json(each) for each in held["records"]]
            fit = [each for each in records if each.record_id not in self.never]
            known = sum(each.record_id in self.taken for each in fit)
            self.taken.update({each.record_id: each for each in fit})
            handler.answer(200, {"accepted": len(fit) - known, "known": known,
                                 "refused": [{"record_id": each.record_id, "reason": "form"} for each in records if each not in fit]})
        else:
            handler.answer(200, {})

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class Endless(list[Callable[[Handler, Seen], None]]):
    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self._hub = hub

    def __bool__(self) -> bool:
        return True

    def pop(self, *_: object) -> Callable[[Handler, Seen], None]:
        return self._hub.answer


class Pc:
    """A desk with a store, a line and hands on the clock."""

    def __init__(self, store: SqliteTicketStore, server: TicketSystem, code: str = "code-1") -> None:
        self.clock, self.outbox, self.token = Moved(), SqliteCallRecords(store, Moved()), ""
        self.store, self.told, self.receipts = store, list[AppError](), list[UpdateReceipt]()
        self.line = HttpHubLine(server.url(""), None, "none", self.clock)
        desk = HubDesk("desk-1", "0.4", lambda: {"program": "0.4"}, lambda: self.token or None, self.keep, code, self.carry)
        self.sender = HubSender(self.line, self.outbox, desk, self.clock, self.told.append, lambda: 1.0)

    def keep(self, token: str) -> None:
        self.token = token

    def carry(self, take: Callable[[UpdateReceipt], bool]) -> int:
        taken = 0
        while self.receipts and take(self.receipts[0]):
            self.receipts.pop(0)
            taken += 1
        return taken

    def submit(self, *numbers: int) -> None:
        for number in numbers:
            self.store.submit(scenes.context(f"call-{number}"), (), scenes.one_matter(), {}, record(number))


@pytest.fixture
def hub() -> Iterator[Hub]:
    with ticket_system.running() as running:
        yield Hub(running)


@pytest.fixture
def pc(store: SqliteTicketStore, hub: Hub) -> Iterator[Pc]:
    made = Pc(store, hub.server)
    yield made
    made.line.close()


def says(status: int, held: object = None, **headers: str) -> Callable[[Handler, Seen], None]:
    return lambda handler, seen: handler.answer(status, held or {}, headers)


def test_a_new_desk_is_enrolled_once_and_then_tells_all(pc: Pc, hub: Hub) -> None:
    pc.submit(1, 2, 3)
    pc.receipts.append(UpdateReceipt("desk-1", "2026-11-20T09:00:00+08:00", "installed", "v2", 2, 1, 1.5, 100))
    assert pc.sender.send_due() == 3
    assert hub.paths() == ["/v1/enrol", "/v1/heartbeat", "/v1/receipts", "/v1/records"]
    assert hub.asked[1][1] | {"at": ""} == {"versions": {"program": "0.4"}, "at": "", "state": "idle", "waiting": 3, "refused": 0,
                                            "oldest_s": 86340}
    assert hub.taken == {record(number).record_id: record(number) for number in (1, 2, 3)}
    assert (pc.outbox.waiting(), pc.receipts, pc.token) == (0, [], "t-1")
    assert pc.sender.send_due() == 0
    assert len(hub.asked) == 4


def test_many_records_go_in_batches(pc: Pc, hub: Hub) -> None:
    pc.submit(*range(1, BATCH + 6))
    assert pc.sender.send_due() == BATCH + 5
    sizes = [len(cast("list[object]", held["records"])) for path, held in hub.asked if path == "/v1/records"]
    assert sizes == [BATCH, 5]


def test_an_answer_that_was_lost_doubles_nothing(pc: Pc, hub: Hub) -> None:
    pc.token = "t-1"
    pc.submit(1, 2)
    pc.sender.send_due()
    pc.submit(3, 4)

    def cut(handler: Handler, seen: Seen) -> None:  # taken, but the answer never comes
        hub.faults.clear()
        hub.taken.update({record(3).record_id: record(3), record(4).record_id: record(4)})
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    hub.faults = [cut]
    assert pc.sender.send_due() == 0
    assert pc.outbox.waiting() == 2
    pc.clock.passed_s += pc.sender.wait_s()
    assert pc.sender.send_due() == 2
    assert len(hub.taken) == 4
    assert pc.outbox.waiting() == 0


@pytest.mark.parametrize("fault", [says(503), says(429, **{"Retry-After": "120"}), says(500), says(200, {"accepted": 9}), says(200, [1]),
                                   says(302), says(200, {"accepted": 1, "known": 0, "refused": [{"record_id": "x", "reason": ""}]})],
                         ids=["busy", "slow down", "broken", "half an answer", "no object", "redirect", "another's record"])
def test_what_proves_nothing_settles_nothing_and_is_tried_later(pc: Pc, hub: Hub, fault: Callable[[Handler, Seen], None]) -> None:
    pc.token = "t-1"
    pc.sender.send_due()
    pc.submit(1, 2)
    hub.faults = [fault]
    assert pc.sender.send_due() == 0
    assert pc.outbox.waiting() == 2
    asked = len(hub.server.seen)
    assert pc.sender.send_due() == 0
    assert len(hub.server.seen) == asked  # the line rests
    assert pc.sender.wait_s() > 1
    pc.clock.passed_s += 121
    assert pc.sender.send_due() == 2
    assert pc.told == []


def test_an_unfit_record_is_found_and_holds_up_no_other(pc: Pc, hub: Hub) -> None:
    pc.token = "t-1"
    pc.submit(1, 2, 3, 4)
    poison = record(3).record_id

    def choke(handler: Handler, seen: Seen) -> bool:
        body = gzip.decompress(seen.body) if seen.headers.get("content-encoding") == "gzip" else seen.body
        if seen.path != "/v1/records" or poison.encode() not in body:
            return False
        handler.answer(413 if len(json.loads(body)["records"]) > 1 else 422, {})
        return True

    hub.chokes = choke
    assert pc.sender.send_due() == 3
    assert (pc.outbox.waiting(), pc.outbox.refused()) == (0, 1)
    assert poison not in hub.taken


def test_a_batch_of_damaged_rows_is_told_once_and_the_rest_goes(pc: Pc, hub: Hub) -> None:
    pc.submit(*range(1, 54))
    pc.store.writing(lambda db: db.execute("UPDATE call_records SET body = ? WHERE id <= 50", [b"{"]))
    assert pc.sender.send_due() == 3
    assert set(hub.taken) == {record(number).record_id for number in (51, 52, 53)}
    assert [(fault.key, fault.params["count"]) for fault in pc.told] == [("hub_desk.records_damaged", 50)]
    pc.submit(54)
    pc.sender.line_is_free()
    assert (pc.sender.send_due(), len(pc.told)) == (1, 1)


def test_what_the_hub_names_as_unfit_waits_no_more(pc: Pc, hub: Hub) -> None:
    pc.submit(1, 2)
    hub.never = {record(1).record_id}
    assert pc.sender.send_due() == 1
    assert (pc.outbox.waiting(), pc.outbox.refused()) == (0, 1)
    assert [(fault.key, fault.params["count"]) for fault in pc.told] == [("hub_desk.records_refused", 1)]
    asked = len(hub.asked)
    pc.sender.line_is_free()
    assert (pc.sender.send_due(), [path for path, _ in hub.asked[asked:] if path == "/v1/records"]) == (0, [])


def test_a_desk_that_was_locked_out_says_so_once_and_stops_until_enrolled_anew(pc: Pc, hub: Hub) -> None:
    pc.token = "t-0"
    pc.submit(1)
    assert pc.sender.send_due() == 0
    assert [fault.key for fault in pc.told] == ["hub_desk.revoked"]
    seen = len(hub.server.seen)
    pc.clock.passed_s += 100_000
    assert pc.sender.send_due() == 0
    assert len(hub.server.seen) == seen
    pc.token = "t-1"
    assert pc.sender.send_due() == 1
    assert len(pc.told) == 1


def test_a_wrong_code_and_none_at_all_are_told_and_nothing_is_tried_again(store: SqliteTicketStore, hub: Hub) -> None:
    for code, key in (("wrong", "hub_desk.code_refused"), ("", "hub_desk.not_enrolled")):
        pc = Pc(store, hub.server, code)
        for _ in range(3):
            pc.sender.send_due()
            pc.clock.passed_s += 1000
        assert [fault.key for fault in pc.told] == [key]
        pc.line.close()
    assert hub.paths() == ["/v1/enrol"]


def test_the_floor_hears_of_changes_and_again_while_a_call_lasts(pc: Pc, hub: Hub) -> None:
    pc.token = "t-1"
    watch = FloorWatch(pc.clock, pc.sender.note_floor)
    state = CallState(CallContext("live-1", "2026-11-20T09:00:00+08:00", "广州市", "13912345678"), Phase.TALKING)

    def floor() -> list[object]:
        pc.sender.send_due()
        return [(held["phase"], held["alerts"]) for path, held in hub.asked if path == "/v1/floor"]

    watch.follow(state)
    watch.follow(replace(state, position_ms=500))
    assert floor() == [("talking", [])]
    assert floor() == [("talking", [])]
    watch.follow(noticed(state, NoticeRaised("sound.silent_citizen")))
    assert floor()[1:] == [("talking", ["no_sound.citizen"])]
    pc.clock.passed_s += FLOOR_S
    assert len(floor()) == 3
    watch.follow(replace(state, context=replace(state.context, call_id="idle"), phase=Phase.IDLE))
    assert floor()[3:] == [("idle", [])]
    pc.clock.passed_s += 10 * FLOOR_S
    assert len(floor()) == 4
    assert "13912345678" not in json.dumps(hub.asked)


def test_a_policy_that_shares_no_records_still_tells_versions(store: SqliteTicketStore, hub: Hub) -> None:
    pc = Pc(store, hub.server)
    pc.submit(1)
    desk = HubDesk("desk-1", "0.4", dict, lambda: "t-1", pc.keep, shares=False)
    assert HubSender(pc.line, pc.outbox, desk, pc.clock).send_due() == 0
    assert hub.paths() == ["/v1/heartbeat"]
    pc.line.close()


def test_a_token_never_travels_in_the_clear() -> None:
    bad = "hub_desk.bad_url"
    for address, key in (("http://hub.example", "hub_desk.url_in_the_clear"), ("ftp://hub.example", bad), ("hub", bad)):
        with pytest.raises(OperatorVisibleError, match=key):
            HttpHubLine(address, None, "none", Moved())
    HttpHubLine("https://hub.example", None, "none", Moved()).close()


def test_the_thread_sends_what_is_queued_and_ends(pc: Pc, hub: Hub, tmp_path: Path) -> None:
    thread = SendingThread("hub", pc.sender, pc.line.close)
    pc.store.on_queued = thread.wake
    thread.start()
    pc.submit(1)
    for _ in range(3000):
        if record(1).record_id in hub.taken:
            break
        hub.server.over.wait(0.01)
    assert record(1).record_id in hub.taken
    assert thread.stop(30)
