"""The form's dates: each light on its own day over whole years, the operator's type counts, an unknown year is marked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.deadline_preview import CHECK, DUE, card_days, previewed
from app.domain.deadlines import Deadline, light
from app.domain.dialogue import CallContext
from app.domain.ticket import FieldState, FieldValue, TicketDraft
from app.platform.deadline_files import ChineseWorkCalendar, load_rules, rules_of
from app.services.form_deadlines import with_deadlines

CALENDAR = ChineseWorkCalendar()
CONTEXT = CallContext("c", "2026-11-16T09:12:00+08:00", "珠海市")


@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_every_card_comes_on_its_day_and_not_the_day_before(day: date) -> None:
    if CALENDAR.is_workday(day) is False or (CALENDAR.is_workday(day) is None and day.weekday() >= 5):
        return  # a term ends on a working day
    for expected, card in card_days(Deadline(day), CALENDAR):
        assert light(day, card.day, CALENDAR) is expected
        assert light(day, card.day - timedelta(days=1), CALENDAR) is not expected


@pytest.mark.parametrize("city", ["珠海市", "广东省", "广州市"])
def test_every_day_of_two_years_gives_dates_in_order(city: str) -> None:
    rules = load_rules(city)
    for offset in range(731):
        day = date(2026, 1, 1) + timedelta(days=offset)
        for kind in ("咨询", "投诉", "举报"):
            due, check = previewed(rules, kind, day, CALENDAR)
            assert day < check.deadline.day <= due.deadline.day
            days = [card.day for _, card in due.cards]
            assert days == sorted(set(days))
            assert due.deadline.estimated == (due.deadline.day.year > 2026 or day.year > 2026)
            assert ("预计" in due.deadline.label) == due.deadline.estimated
            if due.deadline.estimated:
                assert "预计" in due.reasons[1]


def draft(**values: FieldValue) -> TicketDraft:
    return TicketDraft((values,))


def test_the_dates_follow_the_type_that_the_operator_chose() -> None:
    heard = draft(request_type=FieldValue("投诉", FieldState.FILLED, 0.9), due_date=FieldValue("2026-12-07", FieldState.FILLED, 0.9))
    assert with_deadlines(heard, CONTEXT) is heard
    edited = with_deadlines(heard.edit("request_type", "咨询"), CONTEXT)
    assert (edited.get(DUE).value, edited.get(CHECK).value) == ("2026-11-23", "2026-11-19")
    assert edited.get(DUE).reasons == ("珠海市咨询 5 个工作日", "预警 11-23，黄牌 11-24，红牌 11-25")
    report = with_deadlines(heard.edit("request_type", "举报"), CONTEXT)
    assert report.get(DUE).value == "2026-12-28"
    assert with_deadlines(heard.edit("request_type", None), CONTEXT).get(DUE).value is None


def test_a_date_that_the_operator_wrote_stands() -> None:
    held = draft(request_type=FieldValue("投诉", FieldState.FILLED, 0.9)).edit("due_date", "2026-11-30").edit("request_type", "咨询")
    assert with_deadlines(held, CONTEXT).get(DUE).value == "2026-11-30"


def test_into_a_year_without_known_holidays_the_date_is_only_suggested() -> None:
    late = CallContext("c", "2026-12-28T09:00:00+08:00", "珠海市")
    due = with_deadlines(draft().edit("request_type", "投诉"), late).get(DUE)
    assert due.state is FieldState.SUGGESTED and "预计" in str(due.value)
    assert with_deadlines(draft().edit("request_type", "投诉"), CallContext("c", "?", "珠海市")).get(DUE).value is None
    assert rules_of("没有这个市") is not None
