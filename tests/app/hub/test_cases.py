"""Appeals, remedy tasks and callbacks at a hub, on both databases: each sees what is theirs, each step once, nothing personal is kept."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from app.cli import main
from app.cli_hub import in_memory
from app.domain.call_record import QualityRecord
from app.domain.call_record_form import to_json
from app.domain.cases import Case, CaseAct, CaseKind, CaseState, appealed, planned, remedied
from app.domain.errors import OperatorVisibleError
from app.hub.case_book import CaseBook, case_id_of, put_step
from app.hub.config import HubConfig
from app.hub.people import Person
from app.hub.retention import Keep, forget
from app.hub.rights import Role, Visitor
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.platform.clock import BEIJING, SystemClock
from app.platform.deadline_files import ChineseWorkCalendar
from app.services.lead_sample import SampleOrder, sample_records
from tests.app.hub.conftest import SetClock
from tests.app.hub.servers import serving

CALENDAR = ChineseWorkCalendar()
MINE, OTHERS = "8675309", "1112223"
OPERATOR, LEAD, HEAD = (Visitor(Role.OPERATOR, "o", agent=MINE), Visitor(Role.LEAD, "l", "north"), Visitor(Role.HEAD, "h"))
STRANGERS = (Visitor(Role.OPERATOR, "p", agent=OTHERS), Visitor(Role.LEAD, "m", "south"), Visitor(Role.IT, "i"),
             Visitor(Role.OPERATOR, "q"))


@pytest.fixture
def book(services: HubServices) -> CaseBook:
    return CaseBook(services.database, services.clock, CALENDAR)


def remedy(book: CaseBook, subject: str = "a" * 32) -> str:
    case_id = case_id_of(CaseKind.REMEDY, subject, "closing")
    book.begin(LEAD, [remedied(case_id, subject, "closing", ("north", MINE), book.today(), "coaching", CALENDAR)], "assign")
    return case_id


def lodged(book: CaseBook, subject: str) -> Case:
    case_id = case_id_of(CaseKind.APPEAL, subject, "closing")
    case = appealed(case_id, subject, "closing", ("north", MINE), book.today(), book.today(), "was_said", CALENDAR)
    return book.begin(OPERATOR, [case], "lodge")[0]


def test_a_case_is_begun_once_and_seen_by_those_it_concerns_only(book: CaseBook) -> None:
    case_id = remedy(book)
    assert remedy(book) == case_id
    for visitor in (OPERATOR, LEAD, HEAD):
        assert [case.case_id for case in book.listed(visitor, None, only_open=True, only_late=False)] == [case_id]
        assert sum(row["count"] for row in book.counts(visitor, "", "")) == 1
    for visitor in STRANGERS:
        assert book.listed(visitor, None, only_open=False, only_late=False) == [] == book.counts(visitor, "", "")
        assert book.one(visitor, case_id) is None and book.move(visitor, case_id, CaseAct.REPORT, {}) is None
    number = "260109000001"
    theirs = planned(case_id_of(CaseKind.CALLBACK, number), number, ("north", MINE), book.today(), CALENDAR)
    assert book.begin(LEAD, [theirs], "plan") == [theirs]
    assert book.begin(STRANGERS[1], [replace(theirs, team="south", agent=OTHERS)], "plan") == []  # not told how it stands


def test_every_step_is_kept_and_a_late_case_is_told(book: CaseBook, clock: SetClock) -> None:
    case_id = remedy(book)
    clock.pass_by(days=20)
    assert [case.case_id for case in book.listed(LEAD, CaseKind.REMEDY, only_open=True, only_late=True)] == [case_id]
    assert [row["late"] for row in book.counts(HEAD, "2026-11-20", "2026-11-20")] == [1]
    for visitor, act in ((OPERATOR, CaseAct.REPORT), (LEAD, CaseAct.SEND_BACK), (OPERATOR, CaseAct.REPORT), (LEAD, CaseAct.ACCEPT)):
        book.move(visitor, case_id, act, {})
    with pytest.raises(OperatorVisibleError):
        book.move(OPERATOR, case_id, CaseAct.REPORT, {})
    found = book.one(LEAD, case_id)
    assert found is not None
    assert [(step["act"], step["by"]) for step in found[1]] == [
        ("assign", "l"), ("report", "o"), ("send_back", "l"), ("report", "o"), ("accept", "l")]
    assert book.listed(LEAD, None, only_open=True, only_late=False) == []


def test_what_ended_long_ago_is_forgotten_and_what_is_open_never(book: CaseBook, services: HubServices, clock: SetClock) -> None:
    ended, still_open = remedy(book), remedy(book, "b" * 32)
    book.move(OPERATOR, ended, CaseAct.REPORT, {})
    book.move(LEAD, ended, CaseAct.ACCEPT, {})
    clock.pass_by(days=799)
    assert "matter_case" not in forget(services.database, clock, Keep())
    clock.pass_by(days=3)
    gone = forget(services.database, clock, Keep())
    assert (gone["matter_case"], gone["case_step"]) == (1, 3)
    assert [case.case_id for case in book.listed(HEAD, None, only_open=False, only_late=False)] == [still_open]


def test_of_many_at_once_one_takes_the_step(book: CaseBook) -> None:
    case_id = case_id_of(CaseKind.CALLBACK, "260109000001")
    book.begin(LEAD, [planned(case_id, "260109000001", ("north", MINE), book.today(), CALENDAR)], "plan")
    done: list[CaseState] = []
    refused: list[str] = []

    def reach() -> None:
        try:
            case = book.move(OPERATOR, case_id, CaseAct.REACHED, {"satisfaction": "satisfied", "solved": "yes"})
        except OperatorVisibleError as error:
            refused.append(error.key)
        else:
            assert case is not None
            done.append(case.state)

    threads = [threading.Thread(target=reach) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (done, refused) == ([CaseState.DONE], ["hub.case_state"] * 5)


def test_a_remedy_assigned_while_its_appeal_is_being_granted_is_not_begun(book: CaseBook, services: HubServices) -> None:
    """The grant is on its way in a transaction of its own and looked for tasks before there was one; the assigning waits for it."""
    subject, begun = "a" * 32, list[Case]()
    appeal = lodged(book, subject)
    case_id = case_id_of(CaseKind.REMEDY, subject, "closing")
    task = remedied(case_id, subject, "closing", ("north", MINE), book.today(), "coaching", CALENDAR)
    assigning = threading.Thread(target=lambda: begun.extend(book.begin(LEAD, [task], "assign")))
    with services.database.engine.begin() as granting:
        put_step(granting, replace(appeal, state=CaseState.GRANTED), 0, services.clock.now(), LEAD, CaseAct.GRANT)
        assigning.start()
        while not services.database.is_sqlite and assigning.is_alive() and not _is_waiting(services):
            assigning.join(0.05)
    assigning.join(60)
    assert begun == [] == book.listed(HEAD, CaseKind.REMEDY, only_open=False, only_late=False)


def test_an_assigned_remedy_ends_with_the_grant_that_waited_for_it(book: CaseBook, services: HubServices) -> None:
    subject = "a" * 32
    appeal = lodged(book, subject)
    case_id = remedy(book, subject)
    book.move(LEAD, appeal.case_id, CaseAct.GRANT, {})
    assert [case.state for case in book.listed(HEAD, CaseKind.REMEDY, only_open=False, only_late=False)] == [CaseState.CANCELLED]
    again = remedied(case_id, subject, "closing", ("north", MINE), book.today(), "coaching", CALENDAR)
    assert book.begin(LEAD, [again], "assign") == []


def _is_waiting(services: HubServices) -> bool:
    with services.database.engine.connect() as looking:
        return bool(looking.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar())


def test_over_the_network_from_finding_to_granted_appeal_and_from_ticket_to_done(
        home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TINGDAN_LANG", "en")
    url = f"sqlite:///{tmp_path / 'hub.sqlite3'}"
    services = HubServices.of(HubConfig(db=url), SystemClock(), in_memory)
    migrate(services.database, services.clock)
    services.people.set_teams({MINE: "north", OTHERS: "south"})
    tokens = {}
    for person in (Person("operator", Role.OPERATOR, agent=MINE), Person("lead", Role.LEAD, "north"), Person("other", Role.LEAD, "south")):
        services.people.put(person, "a long enough one")
        session = services.people.log_in(person.name, "a long enough one")
        assert session is not None
        tokens[person.name] = session[0]
    desk = services.desks.enrol(services.desks.new_code(1, 24, "north"), "desk0001", "0.1.0") or ""
    services.database.close()
    sample = next(iter(sample_records(SampleOrder(datetime.now(BEIJING).date(), days=1, operators=1, calls_a_day=2))))
    record = to_json(replace(sample, desk="desk0001", agent=MINE, at=datetime.now(BEIJING).isoformat(),
                             quality=(QualityRecord("closing", True, 5.0, 9000),)))
    subject = {"record_id": record["record_id"], "rule": "closing"}
    with serving(url, tmp_path / "hub.log") as hub:
        assert hub.post("/v1/records", {"records": [record]}, desk).json()["accepted"] == 1
        task = hub.post("/v1/remedies", {**subject, "measure": "coaching", "days": 3}, tokens["lead"]).json()
        assert (task["state"], task["agent"], task["team"]) == ("assigned", MINE, "north")
        appeal = hub.post("/v1/appeals", {**subject, "ground": "was_said"}, tokens["operator"]).json()
        assert hub.post(f"/v1/cases/{appeal['case_id']}/grant", {}, tokens["operator"]).status_code == 403
        assert hub.post(f"/v1/cases/{appeal['case_id']}/grant", {}, tokens["other"]).status_code == 404
        assert hub.post(f"/v1/cases/{appeal['case_id']}/grant", {}, tokens["lead"]).json()["state"] == "granted"
        assert hub.post("/v1/remedies", {**subject, "measure": "coaching"}, tokens["lead"]).status_code == 404  # no finding any more
        assert hub.post(f"/v1/cases/{appeal['case_id']}/grant", {}, tokens["lead"]).status_code == 409
        assert hub.get(f"/v1/cases/{task['case_id']}", tokens["operator"]).json()["state"] == "cancelled"
        for wrong in ({**subject, "rule": "greeting"}, {**subject, "record_id": "0" * 32}):
            assert hub.post("/v1/appeals", {**wrong, "ground": "was_said"}, tokens["operator"]).status_code == 404
        assert hub.post("/v1/appeals", {**subject, "ground": "我叫试验者"}, tokens["operator"]).status_code == 422
        for agent in (OTHERS, "5550000"):  # of another team; nobody's
            assert hub.post("/v1/callbacks", {"tickets": ["260109000001"], "agent": agent}, tokens["lead"]).status_code == 422
        assert hub.post("/v1/callbacks", {"tickets": ["陈先生"], "agent": MINE}, tokens["lead"]).status_code == 422
        calls = hub.post("/v1/callbacks", {"tickets": ["260109000001", "260109000002"], "agent": MINE}, tokens["lead"]).json()["cases"]
        said = {"satisfaction": "dissatisfied", "solved": "no", "reason": "slow"}
        assert hub.post(f"/v1/cases/{calls[0]['case_id']}/reached", said, tokens["operator"]).json()["state"] == "redo"
        listed = hub.get("/v1/cases", tokens["operator"], {"kind": "callback"}).json()["cases"]
        assert {case["subject"]: case["state"] for case in listed} == {"260109000001": "redo", "260109000002": "planned"}
        rows = hub.get("/v1/case-counts", tokens["lead"]).json()["rows"]
        assert {"kind": "callback", "state": "redo", "code": "", "answers": said, "count": 1, "late": 0} in rows

        def command(name: str, *words: str) -> int:
            monkeypatch.setattr("sys.stdin", io.StringIO("a long enough one\n"))
            return main(["cases", words[0], "--name", name, "--hub", hub.url, *words[1:]])

        capsys.readouterr()
        assert command("lead", "do", calls[0]["case_id"], "redone") == 0
        assert command("operator", "do", calls[0]["case_id"], "missed") == 0
        assert command("operator", "do", calls[0]["case_id"], "reached", "--satisfaction", "satisfied", "--solved", "yes") == 0
        capsys.readouterr()
        assert command("lead", "show", calls[0]["case_id"]) == 0
        told = capsys.readouterr().out
        assert "callback  done" in told and "lead lead  redone -> planned" in told and "operator operator  missed -> planned" in told
        assert command("lead", "list", "--kind", "callback", "--json") == 0
        assert [case["subject"] for case in json.loads(capsys.readouterr().out)] == ["260109000002"]
        assert command("lead", "count") == 0
        assert "appeal  granted  closing  was said  1  late 0" in capsys.readouterr().out
        assert command("operator", "do", calls[1]["case_id"], "redone") == 2
        assert command("operator", "do", calls[1]["case_id"], "reached", "--satisfaction", "dissatisfied", "--solved", "yes") == 2
        assert command("other", "show", calls[0]["case_id"]) == 2
        assert command("lead", "callback", "--agent", MINE) == 2
        assert "one of" in capsys.readouterr().err
        assert command("lead", "callback", "--agent", MINE, "260109000003") == 0
        (tmp_path / "list.txt").write_bytes("260109000004\r\n260109000005".encode("utf-8-sig"))
        capsys.readouterr()
        assert command("lead", "callback", "--agent", MINE, "--json", "--file", str(tmp_path / "list.txt")) == 0
        assert {case["subject"] for case in json.loads(capsys.readouterr().out)} == {"260109000004", "260109000005"}
        assert command("operator", "appeal", record["record_id"], "greeting", "was_said") == 2
        assert "no such finding" in capsys.readouterr().err
