"""Callbacks at a hub, on both databases: a desk's list and results (each once), calls chosen by a lead, counts against a plain recount."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.call_record_form import to_json
from app.domain.callback_figures import CallbackBy
from app.domain.callbacks import CallbackResult
from app.domain.cases import Case, CaseAct, CaseKind, CaseState, planned
from app.hub.callback_book import CallbackBook
from app.hub.case_book import CaseBook, case_id_of
from app.hub.people import Person
from app.hub.retention import Keep, forget
from app.hub.rights import Role, Visitor
from app.hub.services import HubServices
from app.platform.deadline_files import ChineseWorkCalendar
from app.services.lead_sample import SampleOrder, sample_records
from tests.app.hub.conftest import SetClock

CALENDAR = ChineseWorkCalendar()
MINE, OTHERS = "8675309", "1112223"
LEAD, HEAD = Visitor(Role.LEAD, "l", "north"), Visitor(Role.HEAD, "h")
DESK, SOUTH = Visitor(Role.DESK, team="north", desk="d1"), Visitor(Role.DESK, team="south", desk="d2")
SHARED = Visitor(Role.DESK, desk="d3")


@pytest.fixture
def cases(services: HubServices) -> CaseBook:
    return CaseBook(services.database, services.clock, CALENDAR)


@pytest.fixture
def book(services: HubServices, cases: CaseBook) -> CallbackBook:
    return CallbackBook(services.database, services.clock, cases)


def plan(cases: CaseBook, *numbers: str, agent: str = MINE, team: str = "north") -> list[Case]:
    made = [planned(case_id_of(CaseKind.CALLBACK, each), each, (team, agent), cases.today(), CALENDAR) for each in numbers]
    return cases.begin(LEAD, made, "plan")


def result(number: int, case: Case, act: CaseAct = CaseAct.MISSED, **said: str) -> CallbackResult:
    return CallbackResult(f"{number:032x}", case.case_id, act, "2026-11-20", **said)


def test_a_desk_sees_and_tells_what_its_team_s_operator_has_to_do_only(book: CallbackBook, cases: CaseBook) -> None:
    case, _ = plan(cases, "260109000001", "260109000002")
    plan(cases, "260109000003", agent=OTHERS, team="south")
    assert [each.subject for each in book.due(DESK, MINE)] == ["260109000001", "260109000002"] == [
        each.subject for each in book.due(SHARED, MINE)]
    assert book.due(SOUTH, MINE) == [] == book.due(DESK, OTHERS)
    for desk, agent in ((SOUTH, MINE), (DESK, OTHERS)):
        assert book.take(desk, agent, [result(1, case)]) == ([], [(f"{1:032x}", "cases.unknown")])
    assert book.take(DESK, MINE, [result(1, case)])[0] == [f"{1:032x}"]
    found = cases.one(LEAD, case.case_id)
    assert found is not None
    assert (found[0].tries, found[1][-1]["by"], found[1][-1]["act"]) == (1, MINE, "missed")


def test_who_came_to_another_team_brings_the_callbacks_along(services: HubServices, book: CallbackBook, cases: CaseBook) -> None:
    (case,) = plan(cases, "260109000001")
    services.people.set_teams({MINE: "south"})
    assert [each.subject for each in book.due(SOUTH, MINE)] == [case.subject]
    assert book.due(SOUTH, OTHERS) == []
    assert book.take(SOUTH, MINE, [result(1, case)])[0] == [f"{1:032x}"]


def test_a_work_number_is_known_by_its_team_its_calls_or_its_account(services: HubServices, cases: CaseBook) -> None:
    services.people.set_teams({MINE: "north"})
    call = next(iter(sample_records(SampleOrder(cases.today(), days=1, operators=1, calls_a_day=1))))
    services.ingest.take("d1", "west", [to_json(replace(call, desk="d1", agent=OTHERS))])
    services.people.put(Person("new", Role.OPERATOR, agent="777"), "a long enough one")
    assert [cases.team_of(agent) for agent in (MINE, OTHERS, "777", "778")] == ["north", "west", "", None]


def test_a_result_that_is_sent_again_counts_once_and_one_that_comes_too_late_is_told(book: CallbackBook, cases: CaseBook) -> None:
    (case,) = plan(cases, "260109000001")
    missed = result(1, case)
    said = result(2, case, CaseAct.REACHED, satisfaction="dissatisfied", solved="no", reason="slow", item="A01", district="天河区")
    for _ in range(3):
        assert book.take(DESK, MINE, [missed, said]) == ([missed.result_id, said.result_id], [])
    found = cases.one(LEAD, case.case_id)
    assert found is not None
    assert (found[0].state, found[0].tries, len(found[1])) == (CaseState.REDO, 1, 3)
    assert book.take(DESK, MINE, [result(3, case)]) == ([], [(f"{3:032x}", "hub.case_state")])
    assert book.due(DESK, MINE) == []


def test_a_day_that_cannot_be_is_set_right_and_an_answer_that_lacks_is_refused(book: CallbackBook, cases: CaseBook) -> None:
    first, second = plan(cases, "260109000001", "260109000002")
    ahead = replace(result(1, first), day="2031-01-01")
    bad = result(2, second, CaseAct.REACHED, satisfaction="dissatisfied", solved="yes")
    assert book.take(DESK, MINE, [ahead, bad]) == ([ahead.result_id], [(bad.result_id, "hub.case_code")])
    assert [(each.subject, each.due) for each in book.due(DESK, MINE)] == [("260109000001", "2026-11-23"), ("260109000002", "2026-11-25")]


def test_calls_chosen_by_a_lead_go_to_who_took_them_and_are_counted_by_what_they_were_about(
        services: HubServices, book: CallbackBook, cases: CaseBook, clock: SetClock) -> None:
    records = [replace(each, desk="d1") for each in sample_records(SampleOrder(clock.now().date(), days=2, operators=3, calls_a_day=5))]
    services.people.set_teams({each.agent: "north" for each in records if each.agent != records[0].agent})
    services.ingest.take("d1", "south", [to_json(each) for each in records])
    ids = [each.record_id for each in records]
    seen = book.calls(LEAD, [*ids, "0" * 32])
    assert {each.record_id for each in seen} == {each.record_id for each in records if each.agent != records[0].agent}
    made = book.plan(HEAD, book.calls(HEAD, ids))
    assert [(each.subject, each.agent) for each in made] == [(each.record_id, each.agent) for each in records]
    assert book.plan(HEAD, book.calls(HEAD, ids)) == made
    for by, keys in ((CallbackBy.OPERATOR, [each.agent for each in records]), (CallbackBy.DISTRICT, [each.district for each in records])):
        assert {row["key"]: row["count"] for row in book.counts(HEAD, "", "", by)} == Counter(keys)
    assert sum(row["count"] for row in book.counts(LEAD, "", "", CallbackBy.ITEM)) == len(seen)
    assert book.counts(HEAD, (clock.now() + timedelta(days=1)).date().isoformat(), "", None) == []


def test_after_an_ended_callback_the_same_ticket_gets_another_and_while_open_none(book: CallbackBook, cases: CaseBook) -> None:
    numbers = ("260109000001", "260109000002")
    ended, still_open = plan(cases, *numbers)
    assert plan(cases, *numbers) == [ended, still_open]
    for number in (1, 2):
        (case,) = plan(cases, numbers[0])
        book.take(DESK, MINE, [result(number, case, CaseAct.REACHED, satisfaction="satisfied", solved="yes")])
    third, same = plan(cases, *numbers)
    assert same == still_open and third.state is CaseState.PLANNED and plan(cases, *numbers) == [third, same]
    assert {each.case_id for each in book.due(DESK, MINE)} == {third.case_id, same.case_id}
    assert len(cases.listed(LEAD, CaseKind.CALLBACK, only_open=False, only_late=False, subject=numbers[0])) == 3
    assert book.take(DESK, MINE, [result(1, ended)])[0] == [f"{1:032x}"], "told again it changes nothing of the new one"
    assert plan(cases, numbers[0])[0].tries == 0


def test_calls_planned_again_keep_what_they_were_about(services: HubServices, book: CallbackBook, cases: CaseBook, clock: SetClock) -> None:
    call = replace(next(iter(sample_records(SampleOrder(clock.now().date(), days=1, operators=1, calls_a_day=1)))), desk="d1", agent=MINE)
    services.ingest.take("d1", "north", [to_json(call)])
    for number in (1, 2):
        (case,) = book.plan(HEAD, book.calls(HEAD, [call.record_id]))
        book.take(SHARED, MINE, [result(number, case, CaseAct.REACHED, satisfaction="satisfied", solved="yes")])
    assert {row["key"]: row["count"] for row in book.counts(HEAD, "", "", CallbackBy.DISTRICT)} == {call.district: 2}


def test_counts_by_state_and_answer(book: CallbackBook, cases: CaseBook, clock: SetClock) -> None:
    first, second, _ = plan(cases, "260109000001", "260109000002", "260109000003")
    book.take(DESK, MINE, [result(1, first, CaseAct.REACHED, satisfaction="satisfied", solved="yes", item="A01", district="天河区"),
                           result(2, second, CaseAct.REACHED, satisfaction="dissatisfied", solved="no", reason="slow")])
    clock.pass_by(days=10)
    rows = {(row["key"], row["state"], row["satisfaction"], row["solved"], row["reason"], row["count"], row["late"])
            for row in book.counts(LEAD, "", "", CallbackBy.DISTRICT)}
    assert rows == {("天河区", "done", "satisfied", "yes", "", 1, 0), ("", "redo", "dissatisfied", "no", "slow", 1, 1),
                    ("", "planned", "", "", "", 1, 1)}


def test_what_ended_long_ago_is_forgotten_with_what_was_told(
        services: HubServices, book: CallbackBook, cases: CaseBook, clock: SetClock) -> None:
    (case,) = plan(cases, "260109000001")
    book.take(DESK, MINE, [result(1, case, CaseAct.REACHED, satisfaction="satisfied", solved="yes", item="A01", district="天河区")])
    clock.pass_by(days=802)
    gone = forget(services.database, clock, Keep())
    assert (gone["callback_about"], gone["callback_told"], gone["matter_case"]) == (1, 1, 1)
