"""What people type becomes a value or is refused; what stands on the ticket reads well."""

from __future__ import annotations

import pytest

from app.domain.catalogue import FieldSpec
from app.domain.ticket import Value
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.presenters.field_values import shown, typed

FIELDS, TREE = load_fields(), load_taxonomy()


def spec(name: str) -> FieldSpec:
    found = FIELDS.get(name)
    assert found is not None
    return found


@pytest.mark.parametrize(("name", "text", "value"), [
    ("request_type", "投诉", "投诉"), ("request_type", "3", "投诉"), ("request_type", "投", "投诉"),
    ("urgency", "特", "特急"), ("need_callback", "是", True), ("need_callback", "2", False), ("need_callback", "不需要", False),
    ("item_code", "010403", "010403"), ("item_code", "010403 城市管理 › 市政设施 › 道路破损与修补", "010403"),
    ("item_code", "道路破损与修补", "010403"), ("amount", "1,200.50元", "1200.50"), ("people_count", "12人", 12),
    ("event_time_start", "2026-11-16 09:30", "2026-11-16T09:30:00+08:00"),
    ("event_time_start", "2026/11/16", "2026-11-16T00:00:00+08:00"), ("tags", "重复、群体", ["重复", "群体"]),
    ("requester_name", "  陈建华 ", "陈建华"), ("requester_name", " ", None), ("request_type", "", None),
])
def test_typing_that_means_something(name: str, text: str, value: Value | None) -> None:
    meant = typed(spec(name), text, TREE)
    assert meant.is_valid
    assert meant.value == value


@pytest.mark.parametrize(("name", "text"), [
    ("request_type", "抱怨"), ("request_type", "9"), ("request_type", "0"), ("need_callback", "也许"), ("item_code", "999999"),
    ("item_code", "道路"), ("amount", "很多"), ("people_count", "0"), ("people_count", "1.5"), ("event_time_start", "昨天"),
    ("event_time_start", "2026-02-30"),
])
def test_typing_that_is_refused(name: str, text: str) -> None:
    assert not typed(spec(name), text, TREE).is_valid


@pytest.mark.parametrize(("name", "value", "text"), [
    ("need_callback", False, "否"), ("tags", ["重复", "群体"], "重复、群体"),
    ("event_time_start", "2026-11-11T00:00:00+08:00", "2026-11-11"),
    ("event_time_start", "2026-11-11T21:30:00+08:00", "2026-11-11 21:30"), ("people_count", 3, "3"), ("demand", None, ""),
    ("item_code", "000000", "000000"),
])
def test_values_read_well(name: str, value: Value | None, text: str) -> None:
    assert shown(spec(name), value, TREE) == text


@pytest.mark.parametrize(("name", "value"), [
    ("request_type", "举报"), ("need_callback", True), ("item_code", "070101"), ("tags", ["重复"]), ("amount", "12.30"),
    ("event_time_start", "2026-11-11T21:30:00+08:00"), ("people_count", 3),
])
def test_what_is_shown_can_be_typed_again(name: str, value: Value) -> None:
    assert typed(spec(name), shown(spec(name), value, TREE), TREE).value == value
