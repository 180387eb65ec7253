"""An operator's callbacks between a desk and a real hub: entered while the hub is away, sent once it is there, counted once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra `hub` is not installed")
import uvicorn

from app.cli_hub import in_memory
from app.delivery.hub_line import HttpHubLine
from app.domain.callbacks import CallbackResult, after
from app.domain.cases import Case, CaseAct, CaseKind, CaseState, planned
from app.domain.delivery import Failed
from app.domain.errors import AppError
from app.domain.json_values import Json
from app.hub.application import hub_application
from app.hub.case_book import CaseBook, case_id_of
from app.hub.config import HubConfig
from app.hub.rights import Role, Visitor
from app.hub.services import HubServices
from app.platform.clock import SystemClock
from app.platform.deadline_files import ChineseWorkCalendar
from app.services.callback_exchange import CallbackExchange, CallbackParts
from app.services.hub_sender import HubDesk, HubSender
from app.store.call_records import SqliteCallRecords
from app.store.callbacks import SqliteCallbacks
from app.store.ticket_store import SqliteTicketStore
from tests.app.services.test_delivery import Moved
from tests.app.store import scenes

ME, OTHER = "8001", "8002"
CALENDAR = ChineseWorkCalendar()
HEAD = Visitor(Role.HEAD, "boss")


class Line:
    """The line to the hub, with hands on it: away, or the answer is lost on its way back."""

    def __init__(self, line: HttpHubLine) -> None:
        self._line, self.name = line, line.name
        self.is_away, self.loses = False, 0

    def ask(self, path: str, question: Json, token: str = "") -> Mapping[str, object] | Failed:
        if self.is_away:
            return Failed("hub_desk.unreachable")
        answer = self._line.ask(path, question, token)
        if self.loses and path == "/v1/callback-results":
            self.loses -= 1
            return Failed("hub_desk.unreachable")
        return answer

    def close(self) -> None:
        self._line.close()


@dataclass
class Desk:
    """A desk with its store, and the hub's books."""

    store: SqliteCallbacks
    sender: HubSender
    line: Line
    clock: Moved
    hub: HubServices
    exchange: CallbackExchange
    told: list[AppError] = field(default_factory=list)
    agent: str = ME

    def plan(self, *numbers: str) -> None:
        book = CaseBook(self.hub.database, self.hub.clock, CALENDAR)
        book.begin(HEAD, [planned(case_id_of(CaseKind.CALLBACK, each), each, ("north", ME), book.today(), CALENDAR) for each in numbers],
                   "plan")

    def at_hub(self, number: str) -> Case:
        found = CaseBook(self.hub.database, self.hub.clock, CALENDAR).one(HEAD, case_id_of(CaseKind.CALLBACK, number))
        assert found is not None
        return found[0]

    def talk(self) -> None:
        self.sender.line_is_free()
        self.exchange.look_now()
        self.sender.send_due()

    def enter(self, number: str, result_id: str, act: CaseAct = CaseAct.MISSED, **said: str) -> None:
        case = next(each for each in self.store.listed().cases if each.subject == number)
        today = SystemClock().now().date()
        result = CallbackResult(result_id * 32, case.case_id, act, str(today), **said)
        self.store.keep(ME, result, after(case, result, today, CALENDAR))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    hub = HubServices.of(HubConfig(db=f"sqlite:///{tmp_path / 'hub.sqlite3'}", rollup_s=0), SystemClock(), in_memory)
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(hub_application(hub, "0"), log_config=None, access_log=False))
    thread = threading.Thread(target=lambda: server.run([held]))
    thread.start()
    waiting = threading.Event()
    while not server.started:
        waiting.wait(0.02)
    token = hub.desks.enrol(hub.desks.new_code(1, 24, "north"), "desk0001", "0") or ""
    clock, store = Moved(), SqliteTicketStore(tmp_path / "tickets.db", bytes(bytearray(scenes.KEY)), SystemClock())
    line, callbacks, told = Line(HttpHubLine(f"http://127.0.0.1:{held.getsockname()[1]}", None, "none", clock)), SqliteCallbacks(store), []
    made = Desk(callbacks, None, line, clock, hub, None, told)  # type: ignore[arg-type]
    made.exchange = CallbackExchange(CallbackParts(callbacks, lambda: made.agent, clock, told.append))
    who = HubDesk("desk0001", "0", dict, lambda: token, lambda new: None, shares=False, callbacks=made.exchange)
    made.sender = HubSender(line, SqliteCallRecords(store, clock), who, clock, told.append, lambda: 1.0)
    yield made
    line.close()
    store.close()
    server.should_exit = True
    thread.join()


def test_the_list_comes_and_a_result_goes_and_stands_at_the_hub(desk: Desk) -> None:
    desk.plan("260109000001", "260109000002")
    desk.talk()
    held = desk.store.listed()
    assert ({case.subject for case in held.cases}, held.agent, bool(held.at)) == ({"260109000001", "260109000002"}, ME, True)
    desk.enter("260109000001", "1", CaseAct.REACHED, satisfaction="dissatisfied", solved="no", reason="slow", item="020701",
               district="天河区")
    assert len(desk.store.listed().waiting) == 1
    desk.talk()
    assert desk.at_hub("260109000001").state is CaseState.REDO
    assert [case.subject for case in desk.store.listed().cases] == ["260109000002"]
    desk.agent = OTHER
    desk.talk()
    assert desk.store.listed().cases == ()


def test_what_is_entered_while_the_hub_is_away_goes_later_and_counts_once(desk: Desk) -> None:
    desk.plan("260109000001", "260109000002")
    desk.talk()
    desk.line.is_away = True
    desk.enter("260109000001", "1")
    desk.enter("260109000002", "2", CaseAct.REACHED, satisfaction="satisfied", solved="yes")
    desk.talk()
    held = desk.store.listed()
    assert ({case.subject: (case.tries, case.state) for case in held.cases}, len(held.waiting)) == (
        {"260109000001": (1, CaseState.PLANNED), "260109000002": (0, CaseState.DONE)}, 2)
    desk.line.is_away, desk.line.loses = False, 2
    for _ in range(4):
        desk.talk()
    assert (desk.at_hub("260109000001").tries, desk.at_hub("260109000002").state) == (1, CaseState.DONE)
    assert (desk.store.due(10), desk.store.listed().waiting, desk.told) == ((), frozenset(), [])


def test_a_result_that_comes_too_late_is_told_and_gone(desk: Desk) -> None:
    desk.plan("260109000001")
    desk.talk()
    desk.enter("260109000001", "1")
    book = CaseBook(desk.hub.database, desk.hub.clock, CALENDAR)
    book.move(HEAD, case_id_of(CaseKind.CALLBACK, "260109000001"), CaseAct.REACHED, {"satisfaction": "satisfied", "solved": "yes"})
    desk.talk()
    assert [error.key for error in desk.told] == ["callbacks.not_taken_moved"]
    assert (desk.store.due(10), desk.store.listed().cases) == ((), ())


def test_damaged_results_are_told_the_rest_goes_and_the_list_is_the_hub_s(desk: Desk) -> None:
    numbers = [f"2601090000{number:02}" for number in range(56)]
    desk.plan(*numbers)
    desk.talk()
    for place, number in enumerate(numbers):
        desk.store.keep(ME, CallbackResult(f"{place:032x}", case_id_of(CaseKind.CALLBACK, number), CaseAct.MISSED,
                                           str(SystemClock().now().date())), desk.at_hub(number))
    desk.store._store.writing(lambda db: db.execute("UPDATE callback_results SET body = ? WHERE id <= 52", [b"\xff"]))
    desk.talk()
    assert [desk.at_hub(number).tries for number in numbers[50:]] == [0, 0, 1, 1, 1, 1]
    assert [(error.key, error.params["count"]) for error in desk.told] == [("callbacks.damaged", 52)]
    held = desk.store.listed()
    assert ({case.subject for case in held.cases}, held.waiting, desk.store.damaged_in_all()) == (set(numbers), frozenset(), 52)
    desk.enter(numbers[0], "a")
    desk.talk()
    assert (desk.at_hub(numbers[0]).tries, len(desk.told)) == (1, 1)


def test_an_older_hub_that_knows_no_callbacks_holds_nothing_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.callback_exchange.LIST", "/v1/none")
    monkeypatch.setattr("app.services.hub_sender._NEWER", frozenset({"/v1/none"}))
    desk.talk()
    assert (desk.store.listed().at, desk.sender._pace.wait_s(), desk.told) == ("", 0.0, [])


def test_a_result_that_the_hub_cannot_read_is_told_and_holds_up_no_other(desk: Desk) -> None:
    numbers = [f"26010900000{number}" for number in range(1, 6)]
    desk.plan(*numbers)
    desk.talk()
    for place, number in enumerate(numbers):
        desk.enter(number, str(place), item="two words" if place == 2 else "")
    desk.talk()
    assert [desk.at_hub(number).tries for number in numbers] == [1, 1, 0, 1, 1]
    assert ([error.key for error in desk.told], desk.store.due(10)) == (["callbacks.not_taken"], ())
    assert {case.subject: case.tries for case in desk.store.listed().cases}[numbers[2]] == 0  # as the hub has it
