"""What an operator is told before submitting, and what the filed ticket holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.call import CallState, Phase
from app.domain.catalogue import FieldTable
from app.domain.field_rules import Misfit, misfit
from app.domain.ticket import FieldState, Hit, TicketDraft
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import BEIJING
from app.services.ticket_submit import Fault, TicketSubmit
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

VERSIONS = {"engine": "zipformer 1", "knowledge": "2026-11"}


class StandingClock:
    """Moves a minute at every look."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 9, 40, tzinfo=BEIJING)

    def now(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at

    def monotonic_s(self) -> float:
        return 0.0


@pytest.fixture(scope="module")
def table() -> FieldTable:
    return load_fields()


@pytest.fixture
def submit(tmp_path: Path, table: FieldTable) -> Iterator[TicketSubmit]:
    store = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, StandingClock())
    yield TicketSubmit(store, table, load_taxonomy(), StandingClock(), "A17")
    store.close()


def state(draft: TicketDraft, phase: Phase = Phase.WRAP_UP) -> CallState:
    return CallState(scenes.context(), phase, 95_000, scenes.dialogue(), draft=draft)


def values(ticket: object) -> dict[str, object]:
    return {name: held["value"] for name, held in ticket.fields.items()}  # type: ignore[attr-defined]


def test_what_is_missing_not_taken_or_misshapen_is_told_and_nothing_is_refused(submit: TicketSubmit) -> None:
    draft = scenes.one_matter().edit("contact_phone", "1391234")
    told = {finding.name: (finding.fault, finding.label) for finding in submit.check(draft)}
    assert told["request_type"] == (Fault.MISSING, "诉求类型")
    assert told["address_detail"] == (Fault.NOT_TAKEN, "详细地址")
    assert told["contact_phone"] == (Fault.MISFIT, "联系电话")
    assert "region_district" not in told
    submission = submit.submit(state(draft), VERSIONS)
    assert values(submission.ticket)["contact_phone"] == "1391234"
    assert {finding.name for finding in submission.findings} == set(told)


def test_every_matter_is_checked(submit: TicketSubmit) -> None:
    assert {(finding.name, finding.matter) for finding in submit.check(scenes.draft())} >= {("item_code", 0), ("item_code", 1)}


def test_a_matter_added_by_hand_and_never_filled_becomes_no_ticket(submit: TicketSubmit) -> None:
    draft = scenes.one_matter().add_matter()
    assert {finding.matter for finding in submit.check(draft)} == {0, 1}
    assert submit.submit(state(draft), VERSIONS).ticket.children == ()


def test_an_item_that_the_tree_does_not_have_is_told(submit: TicketSubmit) -> None:
    draft = TicketDraft().edit("item_code", "999999")
    assert [f.detail for f in submit.check(draft) if f.name == "item_code"] == ["unknown"]


def test_the_system_stamps_what_it_knows(submit: TicketSubmit) -> None:
    ticket = submit.submit(state(scenes.one_matter()), VERSIONS).ticket
    held = values(ticket)
    assert held["call_id"] == "call-1"
    assert held["accept_channel"] == "电话"
    assert held["caller_number"] == scenes.PHONE
    assert held["agent_id"] == "A17"
    assert held["call_start"] == "2026-11-21T09:30:00+08:00"
    assert held["call_end"] == "2026-11-21T09:31:35+08:00"
    assert str(held["accept_time"]).startswith("2026-11-21T09:4")
    assert held["region_city"] == "广州市"
    assert held["model_version"] == "engine zipformer 1; knowledge 2026-11"
    assert (held["status"], held["is_anonymous"], held["urgency"]) == ("待派遣", False, "一般")


def test_a_call_that_goes_on_has_no_end(submit: TicketSubmit) -> None:
    assert "call_end" not in values(submit.submit(state(scenes.one_matter(), Phase.TALKING), VERSIONS).ticket)


def test_a_report_is_confidential_unless_the_operator_says_otherwise(submit: TicketSubmit) -> None:
    report = scenes.one_matter().edit("request_type", "举报")
    assert submit.stamped(state(report), {}).get("is_confidential").value is True
    open_one = report.edit("is_confidential", False)
    assert submit.stamped(state(open_one), {}).get("is_confidential").value is False


def test_no_default_speaks_against_a_suggestion(submit: TicketSubmit) -> None:
    draft = TicketDraft().merge([Hit("urgency", "特急", FieldState.SUGGESTED, 0.6)])
    stamped = submit.stamped(state(draft), {})
    assert stamped.get("urgency").state is FieldState.SUGGESTED
    assert values(submit.submit(state(draft), {}).ticket)["urgency"] is None


def test_what_the_operator_wrote_stands_against_defaults(submit: TicketSubmit) -> None:
    draft = scenes.one_matter().edit("region_city", "深圳市").edit("need_callback", False)
    stamped = submit.stamped(state(draft), {})
    assert (stamped.get("region_city").value, stamped.get("need_callback").value) == ("深圳市", False)


def test_a_second_press_a_minute_later_makes_no_second_ticket(submit: TicketSubmit) -> None:
    first = submit.submit(state(scenes.one_matter()), VERSIONS).ticket
    later = replace(state(scenes.one_matter()), position_ms=99_000)
    assert submit.submit(later, VERSIONS).ticket == first


@pytest.mark.parametrize(("name", "value", "wanted"), [
    ("contact_phone", "13912345678", None), ("contact_phone", "020-83123456", None), ("contact_phone", "02083123456", None),
    ("contact_phone", "0755-83123456-801", None), ("contact_phone", "400-830-1234", None), ("contact_phone", "12345", None),
    ("contact_phone", "1391234567", Misfit.FORM), ("contact_phone", "139123456789", Misfit.FORM),
    ("contact_phone", "12912345678", Misfit.FORM), ("alt_phone", "幺三九", Misfit.FORM),
    ("id_no", "11010519491231002X", None), ("id_no", "11010519491231002x", None),
    ("id_no", "110105194912310021", Misfit.CHECK_DIGIT), ("id_no", "11010519491331002X", Misfit.FORM),
    ("id_no", "1101051949", Misfit.FORM), ("id_no", "H12345678", None),
    ("uscc", "91350100M000100Y43", None), ("uscc", "91350100M000100Y44", Misfit.CHECK_DIGIT), ("uscc", "9135", Misfit.FORM),
    ("plate_no", "粤A12345", None), ("plate_no", "粤AD12345", None), ("plate_no", "粤AO2345", Misfit.FORM),
    ("title", "题" * 60, None), ("title", "题" * 61, Misfit.TOO_LONG), ("request_type", "投诉", None),
    ("request_type", "抱怨", Misfit.CHOICE), ("requester_type", "企业", None), ("is_anonymous", True, None),
    ("is_anonymous", "是", Misfit.FORM), ("event_time_start", "2026-11-20T20:00:00+08:00", None),
    ("event_time_start", "昨晚", Misfit.FORM),
])
def test_values_are_measured_by_the_field_table(table: FieldTable, name: str, value: str | bool, wanted: Misfit | None) -> None:
    spec = table.get(name)
    assert spec is not None
    assert misfit(spec, value) == wanted
