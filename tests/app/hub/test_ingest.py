"""Records come in once, whatever is sent how often and how wrongly; roll-ups count each once, whoever makes them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from app.cli_hub import in_memory
from app.domain.call_record import CallRecord, FieldOutcome, FieldRecord
from app.domain.call_record_form import to_json
from app.domain.errors import EnvironmentFault
from app.domain.lead_counts import Dimension, Slice
from app.hub import portions
from app.hub.kept import packed, unpacked
from app.hub.retention import Keep, forget
from app.hub.rights import Role, Visitor
from app.hub.rollup import RollUp
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.hub.tables import MIGRATION, RECORD, RECORD_BODY, SUMS, WAITING
from app.services.lead_sample import SampleOrder, sample_records
from tests.app.hub.conftest import SetClock

HEAD = Visitor(Role.HEAD)
ORDER = SampleOrder(date(2026, 11, 20), days=2, operators=3, calls_a_day=4)
CALLS = [replace(record, desk="desk1", agent="8001") for record in sample_records(ORDER)]
BATCH = [to_json(record) for record in CALLS]


def stored(services: HubServices) -> int:
    return services.database.run(lambda connection: connection.execute(select(func.count()).select_from(RECORD)).scalar_one())


def calls_counted(services: HubServices) -> int:
    return sum(row.calls for row in services.answers(HEAD).calls(Slice(), ()))


def test_a_batch_sent_again_changes_nothing(services: HubServices) -> None:
    first, again = (services.ingest.take("desk1", "A", BATCH) for _ in range(2))
    RollUp(services.database, services.clock).run_all()
    half = services.ingest.take("desk1", "A", BATCH[:3] + BATCH[:2])
    RollUp(services.database, services.clock).run_all()
    assert (first.accepted, first.known, first.refused) == (len(BATCH), 0, ())
    assert (again.accepted, again.known) == (0, len(BATCH))
    assert (half.accepted, half.known) == (0, 5)
    assert stored(services) == len(BATCH) == calls_counted(services)


def test_each_bad_record_is_refused_alone_and_for_its_reason(services: HubServices) -> None:
    good = BATCH[0]
    bad = [
        ({**good, "desk": "desk2"}, "forged_desk"), ({**good, "record_id": "zz"}, "malformed"), ({**good, "duration_ms": "9"}, "malformed"),
        ({**good, "at": "2026-11-25T10:00:00+08:00"}, "in_the_future"), ({**good, "at": "2024-01-02T10:00:00+08:00"}, "too_old"),
        ({**good, "at": "2026-11-20T10:00:00"}, "malformed"), ({**good, "form": 99}, "malformed"), ("no object", "malformed"),
        (None, "malformed"), ({**good, "fields": [{"name": "*", "outcome": "typed"}]}, "malformed"),
        ({**good, "agent": "x" * 500}, "malformed"), ({**good, "city": "a\x00b"}, "malformed"),
        ({**good, "duration_ms": 10**40}, "malformed"),
        ({**good, "at": "0001-01-01T00:00:00+23:59"}, "malformed"), ({**good, "at": "9999-12-31T23:59:59-23:59"}, "malformed"),
        ({**good, "at": "2026-W47-5T10:00:00+08:00"}, "malformed"),
        ({}, "malformed"), ([], "malformed"), ({**good, "quality_score": float("nan")}, "malformed"),
    ]
    taken = services.ingest.take("desk1", "A", [held for held, _ in bad] + [good])
    assert taken.accepted == 1
    reasons = [reason for _, reason in taken.refused]
    assert [(wanted, found) for (_, wanted), found in zip(bad, reasons, strict=True) if found != wanted
            and not (wanted == "malformed" and found in ("too_old", "in_the_future"))] == []
    assert taken.refused[0] == (good["record_id"], "forged_desk")
    assert stored(services) == 1


def test_a_clock_that_is_a_day_ahead_is_borne(services: HubServices, clock: SetClock) -> None:
    ahead = {**BATCH[0], "at": clock.now().replace(day=21).isoformat()}
    assert services.ingest.take("desk1", "A", [ahead]).accepted == 1


def test_what_no_program_of_ours_writes_is_not_kept(services: HubServices) -> None:
    field = {**BATCH[0]["fields"][0], "text": "some name"}  # type: ignore[index,dict-item]
    services.ingest.take("desk1", "A", [{**BATCH[0], "caller": "13800138000", "fields": [field]}])
    body = services.database.run(lambda connection: connection.execute(select(RECORD_BODY.c.body)).scalar_one())
    assert unpacked(body).record_id == CALLS[0].record_id
    assert "13800138000" not in repr(unpacked(body))
    assert "some name" not in repr(unpacked(body))


def test_what_is_kept_comes_back_as_it_was() -> None:
    bare = CallRecord("0" * 32, "2026-11-20T10:00:00+08:00", "desk1")
    odd = replace(bare, fields=(FieldRecord("a", FieldOutcome.LEFT, "suggested", 0.5),), degradations=("overload",))
    assert [unpacked(packed(each)) for each in (*CALLS, bare, odd)] == [*CALLS, bare, odd]


def test_the_same_batch_from_many_threads_is_there_once(services: HubServices) -> None:
    outcomes: list[int] = []

    def send() -> None:
        outcomes.append(services.ingest.take("desk1", "A", BATCH).accepted)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 6
    assert sum(outcomes) == len(BATCH) == stored(services)


def test_two_roll_ups_at_once_count_each_record_once(services: HubServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even without the lease that keeps them apart: one of them finds the queue emptied and takes its sums back."""
    services.ingest.take("desk1", "A", BATCH)
    workers = [RollUp(services.database, services.clock, step=5) for _ in range(3)]
    faults: list[EnvironmentFault] = []

    def work(roll_up: RollUp) -> None:
        while True:
            try:
                if not roll_up.one_step():
                    return
            except EnvironmentFault as fault:  # lost too many races in a row; what it took is still in the queue
                faults.append(fault)

    threads = [threading.Thread(target=work, args=(each,)) for each in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls_counted(services) == len(BATCH)
    assert services.database.run(lambda connection: connection.execute(select(func.count()).select_from(WAITING)).scalar_one()) == 0


def test_a_roll_up_that_breaks_off_leaves_nothing_half_done(services: HubServices, monkeypatch: pytest.MonkeyPatch) -> None:
    services.ingest.take("desk1", "A", BATCH)
    roll_up = RollUp(services.database, services.clock)

    class PowerCutError(Exception):
        pass

    def cut(*_: object) -> None:
        raise PowerCutError

    monkeypatch.setattr("app.hub.rollup.Posted.put", cut)
    with pytest.raises(PowerCutError):
        roll_up.one_step()
    monkeypatch.undo()
    assert calls_counted(services) == 0
    roll_up.run_all()
    assert calls_counted(services) == len(BATCH)


def test_only_one_process_has_the_lease_until_it_is_over(services: HubServices, clock: SetClock) -> None:
    one, other = RollUp(services.database, clock), RollUp(services.database, clock)
    services.ingest.take("desk1", "A", BATCH[:2])
    assert one.run_all() == 2
    services.ingest.take("desk1", "A", BATCH[2:4])
    assert other.run_all() == 0
    clock.pass_by(seconds=61)
    assert other.run_all() == 2
    services.ingest.take("desk1", "A", BATCH[4:6])
    assert one.run_all() == 0
    other.leave()
    assert one.run_all() == 2


def test_teams_are_those_of_the_day_a_call_came(services: HubServices) -> None:
    services.people.set_teams({"8001": "north"})
    services.ingest.take("desk1", "A", BATCH[:2])
    services.people.set_teams({"8001": ""})
    services.ingest.take("desk1", "A", BATCH[2:3])
    RollUp(services.database, services.clock).run_all()
    rows = services.answers(HEAD).calls(Slice(), (Dimension.TEAM,))
    assert {row.key[0]: row.calls for row in rows} == {"north": 2, "A": 1}


def test_what_is_over_is_forgotten_and_what_waits_is_not(services: HubServices, clock: SetClock) -> None:
    services.ingest.take("desk1", "A", BATCH)
    clock.pass_by(days=200)
    assert forget(services.database, clock, Keep(180, 800)) == {}
    RollUp(services.database, clock).run_all()
    gone = forget(services.database, clock, Keep(180, 800))
    assert gone.pop("posting") > 0
    assert gone == {"record": len(BATCH)}
    assert calls_counted(services) == len(BATCH)
    assert services.ingest.take("desk1", "A", BATCH).refused[0][1] == "too_old"
    clock.pass_by(days=700)
    assert forget(services.database, clock, Keep(180, 800))["sum_call"] > 0
    for table in SUMS.values():
        question = select(func.count()).select_from(table)
        assert services.database.run(lambda connection, question=question: connection.execute(question).scalar_one()) == 0


def test_migrations_run_once_and_a_newer_database_is_refused(services: HubServices) -> None:
    assert migrate(services.database, services.clock) == ()
    services.database.run(lambda connection: connection.execute(MIGRATION.insert().values(name="m999_later", applied_at="")))
    with pytest.raises(EnvironmentFault) as refused:
        migrate(services.database, services.clock)
    assert refused.value.key == "hub.newer_schema"


def test_calls_are_opened_once_and_a_new_one_is_seen_at_once(services: HubServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two dimensions at once are counted over records; what was opened stays, what came since is opened."""
    opened: list[bytes] = []

    def opening(body: bytes) -> CallRecord:
        opened.append(body)
        return unpacked(body)

    monkeypatch.setattr(portions, "unpacked", opening)

    def counted() -> int:
        return sum(row.calls for row in services.answers(HEAD).calls(Slice(), (Dimension.OPERATOR, Dimension.DISTRICT)))

    services.ingest.take("desk1", "A", BATCH[:9])
    assert (counted(), len(opened)) == (9, 9)
    assert (counted(), len(opened)) == (9, 9)
    services.ingest.take("desk1", "A", BATCH[9:10])
    assert counted() == 10
    assert len(opened) == 9 + sum(record.at[:10] == CALLS[9].at[:10] for record in CALLS[:10])  # that day's
    services.database.run(lambda connection: connection.execute(RECORD.delete().where(RECORD.c.record_id == CALLS[0].record_id)))
    assert counted() == 9


def test_no_more_records_are_held_than_allowed(services: HubServices) -> None:
    services.ingest.take("desk1", "A", BATCH)
    calls = [("A", f"2026-11-{number:02}", record.record_id) for number, record in enumerate(CALLS)]
    held = portions.Portions(services.database, in_memory, most_kept=4)
    for call in calls[:7]:
        assert [source.scope().calls for _, source in held.sources([call])] == [1]
    assert len(held._kept) == 4
    assert sum(source.scope().calls for _, source in held.sources(calls)) == len(calls)
    assert len(held._kept) == 4  # too wide a question pushes nobody else's out
