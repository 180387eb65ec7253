"""Callbacks: order of the list, ticket numbers out of files, results told late, figures against a plain recount; the entry's keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.callback_figures import CallbackCount, counted, figures, figures_by
from app.domain.callback_form import callback_json, callback_of, result_json, result_of
from app.domain.callbacks import Band, CallbackResult, after, band, ordered, ticket_numbers
from app.domain.cases import Case, CaseAct, CaseState, planned
from app.domain.errors import OperatorVisibleError
from app.domain.lead_figures import share
from app.platform.deadline_files import ChineseWorkCalendar
from app.presenters.callback_entry import REASON_ORDER, Entry, Stage

CALENDAR = ChineseWorkCalendar()
FRIDAY = date(2026, 11, 20)


def a_case(number: str = "260109000001", day: date = FRIDAY) -> Case:
    return planned("a" * 32, number, ("north", "8001"), day, CALENDAR)


def test_late_ones_come_first_and_a_matter_done_anew_waits_for_others() -> None:
    late, today, later = (replace(a_case(str(due)), due=str(FRIDAY + timedelta(days=due))) for due in (-2, 0, 3))
    redo, later_redo = (replace(a_case(number), state=CaseState.REDO, due=str(FRIDAY + timedelta(days=due)))
                        for number, due in (("r1", 1), ("r2", -1)))
    assert ordered([later, redo, today, late, later_redo], FRIDAY) == (late, later_redo, today, later, redo)
    assert band(replace(a_case(), state=CaseState.DONE, due=""), FRIDAY) is Band.ENDED


@pytest.mark.parametrize(("text", "found"), [
    ("260109000001\n260109000002\r\n\n260109000001\n", ("260109000001", "260109000002")),
    ("\ufeff工单号,姓名\n260109000001,甲\n\"260109000002\";乙\n", ("260109000001", "260109000002")),
    ("260109000001 260109000002\t备注", ("260109000001", "260109000002"))])
def test_numbers_are_read_out_of_files_and_nothing_else_of_them(text: str, found: tuple[str, ...]) -> None:
    assert ticket_numbers(text, 500) == found


@pytest.mark.parametrize(("text", "key"), [
    ("", "cases.no_tickets"), ("260109000001\n甲乙丙\n", "callbacks.bad_number"), ("260109000001\n" + "0" * 32, "callbacks.bad_number"),
    ("1001\n1002\n1003", "callbacks.too_many")])
def test_what_is_no_list_of_numbers_is_refused(text: str, key: str) -> None:
    with pytest.raises(OperatorVisibleError) as refused:
        ticket_numbers(text, 2)
    assert refused.value.key == key


def test_a_result_counts_from_the_day_of_the_call_and_never_from_a_day_that_cannot_be() -> None:
    case, monday = a_case(), FRIDAY + timedelta(days=3)
    missed = CallbackResult("b" * 32, case.case_id, CaseAct.MISSED, str(FRIDAY))
    assert after(case, missed, monday, CALENDAR).due == "2026-11-23"
    assert after(case, replace(missed, day="2031-01-01"), monday, CALENDAR).due == "2026-11-24"
    assert after(case, replace(missed, day="2001-01-01"), monday, CALENDAR).due == "2026-11-23"
    with pytest.raises(OperatorVisibleError):
        after(case, replace(missed, act=CaseAct.GIVE_UP), monday, CALENDAR)


def test_forms_come_back_whole() -> None:
    case = replace(a_case(), tries=2, rounds=1, estimated=True)
    result = CallbackResult("b" * 32, case.case_id, CaseAct.REACHED, str(FRIDAY), "satisfied", "yes", "", "020701", "天河区")
    assert (callback_of(callback_json(case)), result_of(result_json(result))) == (case, result)
    with pytest.raises(ValueError, match="text"):
        callback_of({**callback_json(case), "due": 3})


def test_figures_are_shares_of_what_is_known() -> None:
    rows = [CallbackCount("a", CaseState.DONE, "satisfied", "yes", "", 6),
            CallbackCount("a", CaseState.REDO, "dissatisfied", "no", "slow", 2, 1),
            CallbackCount("b", CaseState.UNREACHED, count=2), CallbackCount("b", CaseState.PLANNED, count=5, late=3)]
    whole = figures(rows)
    assert (whole.all, whole.late, whole.open, whole.done) == (15, 4, 7, 6)
    assert (whole.reached, whole.satisfied, whole.solved) == (share(8, 10), share(6, 8), share(6, 8))
    assert [(each.key, each.all) for each in figures_by(rows)] == [("a", 8), ("b", 7)]
    assert counted(rows, "state") == {"planned": 5, "redo": 2, "done": 6, "unreached": 2}
    assert counted(rows, "reason") == {"slow": 2}


def typed(keys: str) -> Entry:
    entry = Entry()
    for key in keys:
        after_key = entry.pressed(key)
        entry = after_key if after_key is not None else entry
    return entry


def test_a_result_is_entered_in_few_keys_and_nothing_is_assumed() -> None:
    assert typed("0") == Entry(CaseAct.MISSED)
    assert typed("2y") == Entry(CaseAct.REACHED, "satisfied", "yes")
    assert typed("4n6") == Entry(CaseAct.REACHED, "dissatisfied", "no", REASON_ORDER[5])
    for keys, stage in (("", Stage.SAID), ("2", Stage.SOLVED), ("4y", Stage.REASON), ("2n", Stage.REASON), ("2y", Stage.READY),
                        ("9", Stage.SAID), ("2x", Stage.SOLVED), ("4n9", Stage.REASON)):
        assert typed(keys).stage is stage, keys
    assert typed("4n6\b\b\b").stage is Stage.SAID
    assert typed("4n6\b2").reason == REASON_ORDER[1]
    assert typed("25y").satisfaction == "very_dissatisfied"
    assert typed("4n").chosen("solved", "yes") == Entry(CaseAct.REACHED, "dissatisfied", "yes")
