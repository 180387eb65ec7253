"""Deadlines on the real calendar: published shifts, whole-year properties, unknown years, Zhuhai's rules, the lights."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.deadlines import (
    Light,
    ReviewChoiceNeeded,
    Start,
    Term,
    add_workdays,
    light,
    lights,
    may_return,
    term_for,
    workdays_between,
)
from app.domain.errors import BugError, EnvironmentFault
from app.platform.deadline_files import ChineseWorkCalendar, load_rules

CALENDAR = ChineseWorkCalendar()
KNOWN = st.dates(date(2024, 1, 1), date(2026, 9, 1))
ANY = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def test_shifted_days_count_and_holidays_do_not() -> None:
    # National Day 2026: 1 to 7 October off, Sunday 20 September and Saturday 10 October worked.
    assert add_workdays(date(2026, 9, 30), 1, CALENDAR).day == date(2026, 10, 8)
    assert add_workdays(date(2026, 9, 30), 3, CALENDAR).day == date(2026, 10, 10)
    assert add_workdays(date(2026, 9, 19), 1, CALENDAR).day == date(2026, 9, 20)
    assert not add_workdays(date(2026, 9, 30), 3, CALENDAR).estimated


def test_unknown_year_counts_weekdays_and_says_so() -> None:
    found = add_workdays(date(2026, 12, 30), 5, CALENDAR)
    assert found.day == date(2027, 1, 6)
    assert found.estimated
    assert "预计" in found.label


def test_days_out_of_range_are_our_bug() -> None:
    with pytest.raises(BugError):
        add_workdays(date(2026, 1, 1), -1, CALENDAR)


@given(ANY, st.integers(1, 60))
@settings(max_examples=300, deadline=None)
def test_the_due_day_is_worked_and_the_count_is_exact(start: date, days: int) -> None:
    due = add_workdays(start, days, CALENDAR)
    known = CALENDAR.is_workday(due.day)
    assert known or (known is None and due.day.weekday() < 5)
    assert workdays_between(start, due.day, CALENDAR) == days
    assert workdays_between(start, due.day - timedelta(days=1), CALENDAR) == days - 1
    assert due.estimated == (due.day.year > 2026)


@given(ANY, st.integers(0, 40), st.integers(0, 10))
@settings(max_examples=200, deadline=None)
def test_more_days_or_a_later_start_never_end_earlier(start: date, days: int, more: int) -> None:
    assert add_workdays(start, days + more, CALENDAR).day >= add_workdays(start, days, CALENDAR).day
    assert add_workdays(start + timedelta(days=more), days, CALENDAR).day >= add_workdays(start, days, CALENDAR).day


@given(KNOWN, st.sampled_from([1, 2, 5, 15, 30]))
@settings(max_examples=100, deadline=None)
def test_lights_go_through_all_states_in_order(start: date, days: int) -> None:
    due = add_workdays(start, days, CALENDAR).day
    seen = [light(due, start + timedelta(days=n), CALENDAR) for n in range(1, days * 3 + 25)]
    order = list(Light)
    assert [order.index(state) for state in seen] == sorted(order.index(state) for state in seen)
    assert light(due, due, CALENDAR) is Light.WARNING
    assert light(due, add_workdays(due, 1, CALENDAR).day, CALENDAR) is Light.YELLOW
    assert light(due, add_workdays(due, 2, CALENDAR).day, CALENDAR) is Light.RED


def test_zhuhai_terms_by_type() -> None:
    rules = load_rules("珠海市")
    assert [rules.term(kind) for kind in ("咨询", "投诉", "建议", "表扬", "举报")] == [5, 15, 15, 15, 30]
    term = term_for(rules, "举报", date(2026, 11, 16), CALENDAR)
    assert isinstance(term, Term)
    assert term.due.day == date(2026, 12, 28)
    assert term.due.estimated is False
    assert term.check_due.day == date(2026, 11, 19)
    crossing = term_for(rules, "举报", date(2026, 12, 1), CALENDAR)
    assert isinstance(crossing, Term)
    assert crossing.due.estimated


def test_province_stands_in_for_a_city_without_a_table() -> None:
    rules = load_rules("清远市")
    assert (rules.term("咨询"), rules.term("求助"), rules.term("投诉"), rules.check_days) == (2, 10, 15, 3)


def test_zhuhai_dispatch_again_starts_the_term_anew() -> None:
    rules = load_rules("珠海市")
    term = term_for(rules, "投诉", date(2026, 11, 20), CALENDAR, Start.REDISPATCH)
    assert isinstance(term, Term)
    assert (term.days, term.may_return, term.normal) == (15, True, True)
    assert workdays_between(date(2026, 11, 20), term.due.day, CALENDAR) == 15


def test_zhuhai_review_to_another_department_is_a_normal_ticket() -> None:
    term = term_for(load_rules("珠海市"), "举报", date(2026, 10, 12), CALENDAR, Start.REVIEW_OTHER)
    assert isinstance(term, Term)
    assert (term.days, term.normal, term.may_return) == (30, True, True)


def test_zhuhai_review_back_to_the_same_department_needs_a_choice_and_forbids_returning() -> None:
    rules = load_rules("珠海市")
    start = date(2026, 10, 12)
    for wrong in (None, 7, 15 * 2):
        assert term_for(rules, "投诉", start, CALENDAR, Start.REVIEW_SAME, wrong) == ReviewChoiceNeeded((5, 15))
    term = term_for(rules, "投诉", start, CALENDAR, Start.REVIEW_SAME, 5)
    assert isinstance(term, Term)
    assert (term.days, term.may_return, term.normal) == (5, False, False)
    assert workdays_between(start, term.check_due.day, CALENDAR) == 3
    assert not may_return(term, start)


def test_returning_ends_with_the_check() -> None:
    term = term_for(load_rules("珠海市"), "投诉", date(2026, 11, 16), CALENDAR)
    assert isinstance(term, Term)
    assert may_return(term, date(2026, 11, 19))
    assert not may_return(term, date(2026, 11, 20))


def test_the_check_warns_until_the_department_signs() -> None:
    term = term_for(load_rules("珠海市"), "投诉", date(2026, 11, 16), CALENDAR)
    assert isinstance(term, Term)
    assert lights(term, date(2026, 11, 19), CALENDAR, signed=False) is Light.WARNING
    assert lights(term, date(2026, 11, 20), CALENDAR, signed=False) is Light.YELLOW
    assert lights(term, date(2026, 11, 20), CALENDAR, signed=True) is Light.NORMAL


@pytest.mark.parametrize("text", ["", "city = 1", "city='珠海市'\nother_days=15\ncheck_days=3\n[days]\n'咨询'='five'", "\x00"])
def test_a_damaged_table_is_told_by_name(tmp_path, text: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "珠海市.toml").write_text(text, "utf-8")
    with pytest.raises(EnvironmentFault) as caught:
        load_rules("珠海市", tmp_path)
    assert caught.value.params["path"] == "珠海市.toml"
