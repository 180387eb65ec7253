"""The lead's questions over HTTP to a hub that runs as a user starts it: the same answers as from the records themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra `hub` is not installed")

from app.cli_hub import in_memory
from app.delivery.lead_hub import HubLeadSource
from app.domain.call_record import FieldOutcome
from app.domain.call_record_form import to_json
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.lead_counts import Behind, Dimension, Slice
from app.domain.lead_tables import PageView
from app.hub.config import HubConfig
from app.hub.people import Person
from app.hub.rights import Role
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.platform.clock import SystemClock
from app.services import lead_views, lead_views_trust
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_records
from app.services.lead_views import Options
from tests.app.hub.servers import free_port, serving, wait_until

D = Dimension
ORDER = SampleOrder(date(2026, 11, 20), days=3, operators=4, calls_a_day=4)
ASKED = Slice("2026-11-18", "2026-11-20")
NAME, PASSWORD = "head1", "a long enough word 1"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HubLeadSource, RecordedCalls]]:
    """A hub that took the sample, and the sample itself."""
    folder = tmp_path_factory.mktemp("hub")
    url = f"sqlite:///{folder / 'hub.sqlite3'}"
    services = HubServices.of(HubConfig(db=url), SystemClock(), in_memory)
    migrate(services.database, SystemClock())
    services.people.put(Person(NAME, Role.HEAD), PASSWORD)
    code = services.desks.new_code(1, 24, "")
    services.database.close()
    records = [replace(record, desk="desk0001") for record in sample_records(ORDER)]
    with serving(url, folder / "log") as hub:
        token = hub.post("/v1/enrol", {"code": code, "desk": "desk0001", "program": "0.1.0"}).json()["token"]
        for start in range(0, len(records), 50):
            answer = hub.post("/v1/records", {"records": [to_json(record) for record in records[start:start + 50]]}, token)
            assert answer.status_code == 200, answer.text
        source = HubLeadSource(hub.url, proxy="none")
        with pytest.raises(OperatorVisibleError, match="not_signed_in"):
            source.sign_in(NAME, "not this one at all")
        with pytest.raises(OperatorVisibleError, match="signed_out"):
            source.scope()
        source.sign_in(NAME, PASSWORD)
        wait_until(lambda: source.scope().calls == len(records))  # sums follow the records by a moment
        yield source, RecordedCalls(records, "head")
        source.close()


def test_every_method_answers_as_the_records_do(both: tuple[HubLeadSource, RecordedCalls]) -> None:
    hub, own = both
    assert hub.scope() == replace(own.scope(), is_hub=True)
    narrowed = replace(ASKED, only=((D.DISTRICT, "天河区"),), hours=(8, 20))
    for asked in (ASKED, narrowed):
        for by in ((), (D.FIELD,), (D.DAY, D.FIELD), (D.ITEM, D.FIELD)):
            assert _close(hub.outcomes(asked, by), own.outcomes(asked, by))
            assert _close(hub.bins(asked, by), own.bins(asked, by))
        for by in ((), (D.MODEL,), (D.OPERATOR,), (D.HOUR,)):
            assert _close(hub.calls(asked, by), own.calls(asked, by))
            assert _close(hub.findings(asked, by), own.findings(asked, by))
            assert set(hub.wrong_calls(asked, by)) == set(own.wrong_calls(asked, by))
            assert _close(hub.voices(asked, by), own.voices(asked, by))
        assert set(hub.matters(asked, (D.ITEM, D.DISTRICT, D.STREET))) == set(own.matters(asked, (D.ITEM, D.DISTRICT, D.STREET)))
        assert hub.cards(asked) == own.cards(asked)
        assert hub.confusions(asked, "item_code") == own.confusions(asked, "item_code")
        assert set(hub.ranks(asked, "item_code")) == set(own.ranks(asked, "item_code"))
        edited = Behind(outcomes=(FieldOutcome.EDITED,), proposed="filled")
        for which in (Behind(), edited, Behind(field="subject", bins=(40, 49)), Behind(unanswered=True), Behind(wrong_from=2)):
            page, wanted = hub.behind(asked, which), own.behind(asked, which)
            assert (page.total, {line.record_id for line in page.lines}) == (wanted.total, {line.record_id for line in wanted.lines})
    record = own.behind(ASKED, Behind()).lines[0].record_id
    assert hub.record(record) == own.record(record)
    assert hub.record("0" * 32) is None
    assert [desk.desk for desk in hub.floor()] == ["desk0001"]


def test_pages_of_the_window_are_the_same_from_a_hub(both: tuple[HubLeadSource, RecordedCalls]) -> None:
    hub, own = both
    for make in (lead_views.by_dimension, lead_views.cards, lead_views_trust.confusions, lead_views_trust.hot_spots):
        assert _said(make(hub, ASKED, Options())) == _said(make(own, ASKED, Options())), make.__name__


def test_a_hub_that_is_gone_is_a_fault_of_the_environment() -> None:
    source = HubLeadSource(f"http://127.0.0.1:{free_port()}", proxy="none")
    with pytest.raises(EnvironmentFault, match="hub_unreachable"):
        source.sign_in(NAME, PASSWORD)
    source.close()


def test_a_password_never_travels_in_the_clear() -> None:
    with pytest.raises(OperatorVisibleError, match="in_the_clear"):
        HubLeadSource("http://hub.example")


def test_what_is_no_answer_is_told() -> None:
    from app.domain.lead_counts import OutcomeCount
    from app.domain.lead_wire import rows_from_json

    for held in ({}, {"rows": [{"key": "x"}]}, {"rows": [{"key": ["x"], "calls": "1"}]}, {"rows": [3]}, [], None):
        with pytest.raises(ValueError):
            rows_from_json(OutcomeCount, held)
    assert rows_from_json(OutcomeCount, {"rows": [{"key": ["x"], "calls": 1, "distance": 2, "newer": 5}]}) == (
        OutcomeCount(("x",), 1, distance=2.0),)


def _said(view: PageView) -> str:
    """The whole page in words; sums of floats up to rounding."""
    return re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.6f}", repr(view))


def _close(one: tuple[Any, ...], two: tuple[Any, ...]) -> bool:
    """Rows in any order; sums of floats up to rounding."""

    def plain(rows: tuple[Any, ...]) -> dict[str, list[object]]:
        made = {}
        for row in rows:
            values = [getattr(row, name) for name in row.__slots__]
            made[repr((row.key, getattr(row, "bin", ""), getattr(row, "code", "")))] = [
                round(value, 6) if isinstance(value, float) else value for value in values]
        return made

    return plain(one) == plain(two)
