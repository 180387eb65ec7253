"""Appeals, remedy tasks and callbacks: who may do what from where, by which day, and that each ends."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cases import ENDED, MOVES, Case, CaseAct, CaseKind, CaseState, appealed, moved, planned, remedied
from app.domain.errors import OperatorVisibleError
from app.platform.deadline_files import ChineseWorkCalendar

CALENDAR = ChineseWorkCalendar()
FRIDAY = date(2026, 1, 9)
WHOSE = ("north", "8675309")


def key_of(raised: pytest.ExceptionInfo[OperatorVisibleError]) -> str:
    return raised.value.key


def test_an_appeal_has_a_term_to_be_lodged_and_one_to_be_answered_and_then_it_is_the_heads() -> None:
    before_spring_festival = date(2026, 2, 13)
    case = appealed("a", "r", "greeting", WHOSE, before_spring_festival, before_spring_festival, "misheard", CALENDAR)
    assert case.due > "2026-02-24"  # the festival's days off do not count
    with pytest.raises(OperatorVisibleError) as raised:
        appealed("a", "r", "greeting", WHOSE, FRIDAY, date(2026, 1, 19), "misheard", CALENDAR)
    assert key_of(raised) == "hub.appeal_late"
    case = appealed("a", "r", "greeting", WHOSE, FRIDAY, date(2026, 1, 16), "misheard", CALENDAR)
    assert case.due == "2026-01-23"
    assert moved(case, CaseAct.GRANT, "lead", date(2026, 1, 23), CALENDAR).state is CaseState.GRANTED
    with pytest.raises(OperatorVisibleError) as raised:
        moved(case, CaseAct.GRANT, "lead", date(2026, 1, 24), CALENDAR)
    assert key_of(raised) == "hub.case_role"
    assert moved(case, CaseAct.REFUSE, "head", date(2026, 1, 24), CALENDAR).due == ""


def test_a_remedy_goes_round_until_it_is_accepted() -> None:
    case = remedied("m", "r", "closing", WHOSE, FRIDAY, "coaching", CALENDAR, 3)
    assert (case.due, case.is_late(date(2026, 1, 14)), case.is_late(date(2026, 1, 15))) == ("2026-01-14", False, True)
    for rounds in range(3):
        case = moved(case, CaseAct.REPORT, "operator", FRIDAY, CALENDAR)
        with pytest.raises(OperatorVisibleError):
            moved(case, CaseAct.ACCEPT, "operator", FRIDAY, CALENDAR)
        assert case.rounds == rounds
        case = moved(case, CaseAct.SEND_BACK, "lead", FRIDAY, CALENDAR)
        assert case.due == "2026-01-14"
    case = moved(moved(case, CaseAct.REPORT, "operator", FRIDAY, CALENDAR), CaseAct.ACCEPT, "lead", FRIDAY, CALENDAR)
    assert (case.state, case.rounds, case.due) == (CaseState.ACCEPTED, 3, "")
    for days in (0, 31):
        with pytest.raises(OperatorVisibleError):
            remedied("m", "r", "closing", WHOSE, FRIDAY, "coaching", CALENDAR, days)


def test_a_callback_is_tried_thrice_then_ends_and_what_is_not_solved_is_done_anew() -> None:
    case = planned("c", "260109000001", WHOSE, FRIDAY, CALENDAR)
    assert case.due == "2026-01-14"
    vain = case
    for _ in range(3):
        assert vain.is_open
        vain = moved(vain, CaseAct.MISSED, "operator", FRIDAY, CALENDAR)
    assert (vain.state, vain.tries, vain.due) == (CaseState.UNREACHED, 3, "")
    said = {"satisfaction": "very_dissatisfied", "solved": "no", "reason": "not_solved"}
    case = moved(moved(case, CaseAct.MISSED, "operator", FRIDAY, CALENDAR), CaseAct.REACHED, "operator", FRIDAY, CALENDAR, said)
    assert (case.state, case.answers) == (CaseState.REDO, said)
    case = moved(case, CaseAct.REDONE, "lead", FRIDAY, CALENDAR)
    assert (case.state, case.rounds, case.tries) == (CaseState.PLANNED, 1, 0)
    case = moved(case, CaseAct.REACHED, "operator", FRIDAY, CALENDAR, {"satisfaction": "satisfied", "solved": "yes"})
    assert (case.state, case.answers["reason"]) == (CaseState.DONE, "")


@pytest.mark.parametrize("said", [{}, {"satisfaction": "satisfied"}, {"satisfaction": "dissatisfied", "solved": "yes"},
                                  {"satisfaction": "satisfied", "solved": "no"}, {"satisfaction": "so so", "solved": "yes"},
                                  {"satisfaction": "dissatisfied", "solved": "yes", "reason": "陈先生说太慢"}])
def test_an_answer_that_lacks_or_is_no_code_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(OperatorVisibleError) as raised:
        moved(planned("c", "1", WHOSE, FRIDAY, CALENDAR), CaseAct.REACHED, "operator", FRIDAY, CALENDAR, said)
    assert key_of(raised) == "hub.case_code"


@given(st.lists(st.tuples(st.sampled_from(CaseAct), st.sampled_from(["operator", "lead", "head", "it", "desk", ""])), max_size=12),
       st.sampled_from(CaseKind))
def test_whatever_is_tried_a_case_is_open_with_a_day_or_ended_for_good(acts: list[tuple[CaseAct, str]], kind: CaseKind) -> None:
    case: Case = {CaseKind.APPEAL: appealed("a", "r", "x", WHOSE, FRIDAY, FRIDAY, "other", CALENDAR),
                  CaseKind.REMEDY: remedied("m", "r", "x", WHOSE, FRIDAY, "other", CALENDAR),
                  CaseKind.CALLBACK: planned("c", "1", WHOSE, FRIDAY, CALENDAR)}[kind]
    for act, role in acts:
        was = case
        try:
            case = moved(case, act, role, FRIDAY, CALENDAR, {"satisfaction": "satisfied", "solved": "no", "reason": "other"})
        except OperatorVisibleError:
            continue
        assert was.state not in ENDED and role in MOVES[act].roles
    assert case.is_open == bool(case.due)
