"""Weeks that are added up: the same answers as before, also after a call that comes late, and gone with their days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import Insert, Table, event, func, insert, select

from app.domain.call_record import CallRecord
from app.domain.call_record_form import to_json
from app.domain.lead_counts import Dimension, Slice
from app.hub.retention import Keep, forget
from app.hub.rights import Role, Visitor
from app.hub.rollup import RollUp
from app.hub.services import HubServices
from app.hub.tables import SUMS
from app.hub.weeks import WEEK
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_records, sample_teams
from tests.app.hub.conftest import SetClock
from tests.app.hub.test_answers import agree

ORDER = SampleOrder(date(2026, 11, 20), days=19, operators=3, calls_a_day=2)
D = Dimension
SPANS = [Slice(), Slice("2026-11-03"), Slice("2026-11-02", "2026-11-15"), Slice("2026-11-04", "2026-11-17"),
         Slice("2026-11-08", "2026-11-16"), Slice("2026-11-02", "2026-11-15", ((D.OPERATOR, "8002"),)),
         Slice("2026-11-02", "", ((D.WEEKDAY, "3"),))]


def send(services: HubServices, records: Sequence[CallRecord]) -> None:
    for record in records:
        assert services.ingest.take(record.desk, "", [to_json(record)]).accepted == 1


def compare(services: HubServices, records: Sequence[CallRecord]) -> None:
    """All kinds of sums, by days and not."""
    for visitor in (Visitor(Role.HEAD), Visitor(Role.LEAD, team="一组")):
        teams = sample_teams(ORDER)
        hub = services.answers(visitor)
        desk = RecordedCalls([each for each in records if visitor.sees(teams[each.agent], each.agent)], visitor.role.value, teams)
        assert hub.scope().calls == desk.scope().calls
        for asked in SPANS:
            for by in ((), (D.DAY,), (D.OPERATOR,), (D.MODEL,), (D.ITEM,), (D.TEAM,)):
                agree(hub.outcomes(asked, by), desk.outcomes(asked, by), (asked, by))
                agree(hub.calls(asked, by), desk.calls(asked, by), (asked, by))
                agree(hub.findings(asked, by), desk.findings(asked, by), (asked, by))
                if D.ITEM not in by:
                    agree(hub.wrong_calls(asked, by), desk.wrong_calls(asked, by), (asked, by))
            agree(hub.bins(asked, (D.FIELD,)), desk.bins(asked, (D.FIELD,)), asked)
            agree(hub.matters(asked, (D.DISTRICT, D.ITEM)), desk.matters(asked, (D.DISTRICT, D.ITEM)), asked)
            assert hub.confusions(asked, "item_code") == desk.confusions(asked, "item_code"), asked
            assert hub.cards(asked) == desk.cards(asked), asked


def test_weeks_answer_as_their_days_do(services: HubServices, clock: SetClock) -> None:
    services.people.set_teams(sample_teams(ORDER))
    records = tuple(sample_records(ORDER))
    late = [each for each in records if each.at[:10] in ("2026-11-03", "2026-11-15")][1::2]
    assert late
    send(services, [each for each in records if each not in late])
    roll_up = RollUp(services.database, clock)
    roll_up.run_all()
    assert roll_up.sum_weeks() == 2  # the third is not over
    assert roll_up.sum_weeks() == 0
    compare(services, [each for each in records if each not in late])
    send(services, late)
    roll_up.run_all()
    compare(services, records)
    clock.pass_by(days=10)
    assert roll_up.sum_weeks() == 1
    compare(services, records)


def test_a_long_span_reads_weeks(services: HubServices, clock: SetClock) -> None:
    send(services, tuple(sample_records(ORDER)))
    roll_up = RollUp(services.database, clock)
    roll_up.run_all()
    roll_up.sum_weeks()
    asked: list[str] = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append(f"{statement} {parameters}")

    event.listen(services.database.engine, "before_cursor_execute", note)
    services.answers(Visitor(Role.HEAD)).calls(Slice("2026-11-02", "2026-11-19"), (D.HOUR,))
    event.remove(services.database.engine, "before_cursor_execute", note)
    read = next(each for each in asked if "sum(sum_call" in each)
    assert "w2026-11-02" in read
    assert "w2026-11-09" in read
    assert "2026-11-19" in read
    assert "2026-11-12" not in read


def test_a_broken_off_adding_up_leaves_nothing(services: HubServices, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    send(services, tuple(sample_records(ORDER)))
    roll_up = RollUp(services.database, clock)
    roll_up.run_all()

    def cut(table: Table) -> Insert:
        if table is WEEK:
            raise RuntimeError
        return insert(table)

    with monkeypatch.context() as patch:
        patch.setattr("app.hub.weeks.insert", cut)
        with pytest.raises(RuntimeError):
            roll_up.sum_weeks()
    assert roll_up.sum_weeks() == 2
    compare_all = services.answers(Visitor(Role.HEAD)).calls(Slice("2026-11-02", "2026-11-19"))
    assert compare_all[0].calls == sum("2026-11-02" <= each.at[:10] <= "2026-11-19" for each in sample_records(ORDER))


def test_weeks_are_forgotten_with_their_days(services: HubServices, clock: SetClock) -> None:
    send(services, tuple(sample_records(ORDER)))
    roll_up = RollUp(services.database, clock)
    roll_up.run_all()
    roll_up.sum_weeks()
    clock.pass_by(days=2000)
    forget(services.database, clock, Keep(180, 800))
    with services.database.engine.begin() as connection:
        assert [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in SUMS.values()] == [0] * len(SUMS)
