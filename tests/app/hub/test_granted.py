"""A granted appeal counts: what is told after appeals equals a plain recount of what was sent, for every visitor and dimension."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from app.cli_hub import in_memory
from app.domain.after_appeals import GrantedCount, mended, score_without, without
from app.domain.call_record import CallRecord, QualityRecord
from app.domain.call_record_form import to_json
from app.domain.cases import CaseAct, CaseKind, CaseState, appealed
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.lead_counts import Dimension, Slice, call_values, item_codes
from app.domain.lead_figures import Share
from app.domain.lead_wire import row_from_json, row_to_json
from app.hub.case_book import CaseBook, case_id_of
from app.hub.case_tables import CASE
from app.hub.config import HubConfig
from app.hub.granted_tables import TAKEN_BACK, m010_taken_back
from app.hub.retention import Keep, forget
from app.hub.rights import Role, Visitor
from app.hub.rollup import RollUp
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.hub.tables import MIGRATION, RECORD
from app.platform.deadline_files import ChineseWorkCalendar
from app.services import lead_views
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_records, sample_teams
from app.services.lead_views import Options
from tests.app.hub.conftest import SetClock, new_database

CALENDAR = ChineseWorkCalendar()
ORDER = SampleOrder(date(2026, 11, 20), days=8, operators=4, calls_a_day=6)
TEAMS = sample_teams(ORDER)
RULES = ("greeting", "closing", "forbidden_words", "forbidden_words", "long_silence")
BYS = ((), (Dimension.OPERATOR,), (Dimension.DAY,), (Dimension.TEAM,), (Dimension.TEAM, Dimension.DAY), (Dimension.DISTRICT,),
       (Dimension.MODEL, Dimension.OPERATOR))
VISITORS = (Visitor(Role.HEAD, "h"), Visitor(Role.LEAD, "l", "一组"), Visitor(Role.OPERATOR, "o", agent="8002"))


def with_findings() -> Iterator[CallRecord]:
    """Every third call has findings; some more points than a score has, some a rule twice. Every second has two matters."""
    for place, record in enumerate(sample_records(ORDER)):
        many = place % 4 if place % 3 == 0 else 0
        found = tuple(QualityRecord(rule, True, 45.0 if place % 7 == 0 else 5.0, 1000 * index)
                      for index, rule in enumerate(RULES[place % 2:place % 2 + many]))
        second = (replace(record.choices[0], name="item_code", submitted=("", "020701")[place % 4 // 2], matter=1),)[:place % 2]
        yield replace(record, quality=found, quality_score=max(0.0, 100.0 - sum(each.points for each in found)),
                      matters=1 + len(second), choices=record.choices + second)


RECORDS = tuple(with_findings())
SOME = RECORDS[:40]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HubServices, dict[str, set[str]]]]:
    services = _filled(new_database(request, request.param, tmp_path_factory.mktemp("hub")), SetClock(), RECORDS)
    yield services, _judged(CaseBook(services.database, services.clock, CALENDAR))
    services.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def small(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[HubServices]:
    """A hub with some calls; every breach is appealed against, nothing is judged."""
    services = _filled(new_database(request, request.param, tmp_path), clock, SOME)
    book = CaseBook(services.database, clock, CALENDAR)
    for record, rule in _breaches(SOME):
        _lodged(book, record, rule)
    yield services
    services.database.close()


def _filled(url: str, clock: SetClock, records: Sequence[CallRecord]) -> HubServices:
    services = HubServices.of(HubConfig(db=url, rollup_s=0), clock, in_memory)
    migrate(services.database, clock)
    services.people.set_teams(TEAMS)
    for desk in {record.desk for record in records}:
        services.desks.enrol(services.desks.new_code(1, 24, ""), desk, "0")
        mine = [record for record in records if record.desk == desk]
        services.ingest.take(desk, TEAMS[mine[0].agent], [to_json(record) for record in mine])
    RollUp(services.database, clock).run_all()
    return services


def _breaches(records: Sequence[CallRecord]) -> list[tuple[CallRecord, str]]:
    return [(record, rule) for record in records for rule in dict.fromkeys(each.rule for each in record.quality)]


def _lodged(book: CaseBook, record: CallRecord, rule: str) -> str:
    day, case_id = date.fromisoformat(record.at[:10]), case_id_of(CaseKind.APPEAL, record.record_id, rule)
    case = appealed(case_id, record.record_id, rule, (TEAMS[record.agent], record.agent), day, day, "was_said", CALENDAR)
    book.begin(Visitor(Role.OPERATOR, "o", agent=record.agent), [case], "lodge")
    return case_id


def _judged(book: CaseBook) -> dict[str, set[str]]:
    """Every breach is appealed against; of five appeals two are granted, one is refused, one withdrawn, one still open."""
    granted: dict[str, set[str]] = defaultdict(set)
    found = _breaches(RECORDS)
    for place, (record, rule) in enumerate(found):
        case_id = _lodged(book, record, rule)
        act = (CaseAct.GRANT, CaseAct.REFUSE, CaseAct.GRANT, CaseAct.WITHDRAW, None)[place % 5]
        if act is not None:
            book.move(Visitor(Role.OPERATOR, "o", agent=record.agent) if act is CaseAct.WITHDRAW else VISITORS[0], case_id, act, {})
        if act is CaseAct.GRANT:
            granted[record.record_id].add(rule)
    assert len(found) > 20
    return granted


def seen_by(visitor: Visitor) -> list[CallRecord]:
    return [record for record in RECORDS
            if visitor.role is Role.HEAD or TEAMS[record.agent] == visitor.team or record.agent == visitor.agent]


def key_of(record: CallRecord, by: Sequence[Dimension]) -> tuple[str, ...]:
    held = {Dimension.OPERATOR: record.agent, Dimension.DAY: record.at[:10], Dimension.TEAM: TEAMS[record.agent],
            Dimension.DISTRICT: record.district, Dimension.MODEL: record.versions["model"]}
    return tuple(held[each] for each in by)


def plain(records: Sequence[CallRecord], granted: Mapping[str, set[str]],
          by: Sequence[Dimension]) -> tuple[dict[object, float], dict[object, list[float]]]:
    """Sums of scores by key, and calls, findings, points by key and rule, after appeals: counted from what was sent, by hand."""
    scores: dict[object, float] = defaultdict(float)
    found: dict[object, list[float]] = {}
    for record in records:
        key, rest = key_of(record, by), [each for each in record.quality if each.rule not in granted.get(record.record_id, ())]
        scores[key] += max(0.0, 100.0 - sum(each.points for each in rest))
        for rule in {each.rule for each in rest}:
            row = found.setdefault((key, rule), [0, 0, 0.0])
            row[0] += 1
            row[1] += sum(each.rule == rule for each in rest)
            row[2] += sum(each.points for each in rest if each.rule == rule)
    return scores, found


@pytest.mark.parametrize("visitor", VISITORS, ids=lambda each: each.role.value)
@pytest.mark.parametrize("by", BYS, ids=lambda by: "-".join(each.value for each in by) or "all")
def test_figures_after_appeals_are_those_of_a_plain_recount(hub: tuple[HubServices, dict[str, set[str]]], visitor: Visitor,
                                                           by: tuple[Dimension, ...]) -> None:
    services, granted = hub
    answers = services.answers(visitor)
    for asked in (Slice(), Slice(str(ORDER.last_day - timedelta(days=3)), str(ORDER.last_day - timedelta(days=1)))):
        records = [record for record in seen_by(visitor) if asked.since <= record.at[:10] <= (asked.until or "9999")]
        scores, found = plain(records, granted, by)
        back = answers.granted(asked, by)
        raised = {row.key: row.score for row in back if not row.code}
        told = {row.key: row.score + raised.get(row.key, 0.0) for row in answers.calls(asked, by)}
        assert told == pytest.approx(dict(scores))
        left = {(row.key, row.code): [row.calls, row.findings, row.points] for row in mended(answers.findings(asked, by), back)}
        assert left == {key: pytest.approx(row) for key, row in found.items()}
        own = RecordedCalls(seen_by(visitor), "lead", TEAMS, lambda: granted).granted(asked, by)
        assert [(row.key, row.code, row.calls, row.findings) for row in own] == [
            (row.key, row.code, row.calls, row.findings) for row in back]


@pytest.mark.parametrize("visitor", VISITORS, ids=lambda each: each.role.value)
def test_the_page_shows_both_as_a_plain_recount_has_them(hub: tuple[HubServices, dict[str, set[str]]], visitor: Visitor) -> None:
    services, granted = hub
    page = lead_views.quality(services.answers(visitor), Slice(), Options())
    records = seen_by(visitor)
    found, after = plain(records, {}, ()), plain(records, granted, ())
    tiles = {tile.title: tile.value for tile in page.tiles}
    assert tiles["quality"] == pytest.approx(found[0][()] / len(records))
    assert tiles["quality_after"] == pytest.approx(after[0][()] / len(records))
    for row in page.tables[0].rows:
        rule, calls, _, points, back, share = row.cells
        assert [calls, points] == pytest.approx([found[1][(), rule][0], found[1][(), rule][2]])
        left = after[1].get(((), rule), [0])[0]
        assert isinstance(share, Share) and (back, share.hits, share.total) == (found[1][(), rule][0] - left, left, len(records))
    by = plain(records, granted, (Dimension.OPERATOR,))[0]
    for row in page.tables[1].rows:
        assert row.cells[3] == pytest.approx(by[(row.cells[0],)] / sum(record.agent == row.cells[0] for record in records))


def test_what_was_found_stays_as_it_was_found(hub: tuple[HubServices, dict[str, set[str]]]) -> None:
    services, granted = hub
    head = services.answers(VISITORS[0])
    assert sum(row.score for row in head.calls(Slice())) == pytest.approx(sum(record.quality_score for record in RECORDS))
    for record_id in granted:
        held = head.record(record_id)
        assert held is not None and any(each.rule in granted[record_id] for each in held.quality)


def test_a_slice_narrowed_to_an_operator_or_an_item_takes_their_appeals_only(hub: tuple[HubServices, dict[str, set[str]]]) -> None:
    services, granted = hub
    head = services.answers(VISITORS[0])
    mine = {record.record_id for record in RECORDS if record.agent == "8003"}
    told = head.granted(Slice(only=((Dimension.OPERATOR, "8003"),)))
    assert sum(row.calls for row in told if not row.code) == len(mine & set(granted))
    assert services.answers(VISITORS[2]).granted(Slice(only=((Dimension.OPERATOR, "8003"),))) == ()
    by_item = sum(row.calls for row in head.granted(Slice(), (Dimension.ITEM,)) if not row.code)
    assert by_item == sum(len(set(item_codes(record))) for record in RECORDS if record.record_id in granted) > len(granted)
    assert services.answers(Visitor(Role.IT, "i")).granted(Slice()) == ()


def test_points_beyond_a_hundred_come_back_only_as_far_as_they_cost() -> None:
    record = replace(RECORDS[0], quality=tuple(QualityRecord(rule, True, 45.0) for rule in ("a", "b", "c")), quality_score=0.0)
    assert score_without(record, {"a"}) == 10.0
    assert score_without(record, {"a", "b", "c"}) == 100.0
    assert without(record, {"b"}).quality == (record.quality[0], record.quality[2])
    assert score_without(replace(record, quality=(), quality_score=-1.0), {"a"}) == -1.0


def test_the_row_travels_whole() -> None:
    row = GrantedCount(("8001", "2026-11-20"), "closing", 2, 3, 15.0, 0.0)
    assert row_from_json(GrantedCount, row_to_json(row)) == row


def _slices() -> Iterator[Slice]:
    """Every dimension narrowed to values that some call with findings has, one and two of them; an hour; several at once."""
    chosen = [record for record in RECORDS if record.quality]
    for dimension in Dimension:
        if dimension is Dimension.TEAM:  # stands on a desk's records nowhere
            continue
        values = sorted({value for record in chosen for value in {
            Dimension.ITEM: item_codes(record), Dimension.FIELD: [each.name for each in record.fields]}.get(
                dimension, [call_values(record).get(dimension, "")])})
        yield Slice(only=((dimension, values[0]),))
        yield Slice(only=tuple((dimension, value) for value in values[-2:]))
    yield Slice(hours=(9, 12))
    yield Slice("2026-11-15", "2026-11-18", ((Dimension.ITEM, "020701"), (Dimension.WEEKDAY, "3"), (Dimension.FIELD, "subject")))


def test_every_dimension_tells_apart_and_narrows_as_a_desk_counts(hub: tuple[HubServices, dict[str, set[str]]]) -> None:
    """The desk counts its own records twice, as found and without what was taken back."""
    services, granted = hub
    head, desk = services.answers(VISITORS[0]), RecordedCalls(RECORDS, "head", TEAMS, lambda: granted)
    asked: list[tuple[Slice, tuple[Dimension, ...]]] = [(each, ()) for each in _slices()]
    asked += [(each, (Dimension.ITEM, Dimension.WEEKDAY)) for each in _slices()]
    asked += [(Slice(), (dimension,)) for dimension in Dimension]
    told = 0
    for each, by in asked:
        ours, theirs = head.granted(each, by), desk.granted(each, by)
        assert [(row.key, row.code, row.calls, row.findings) for row in ours] == [
            (row.key, row.code, row.calls, row.findings) for row in theirs], (each, by)
        assert [value for row in ours for value in (row.points, row.score)] == pytest.approx(
            [value for row in theirs for value in (row.points, row.score)])
        told += len(ours)
    assert told > 200


def _grant(services: HubServices, record: CallRecord, rule: str) -> None:
    book = CaseBook(services.database, services.clock, CALENDAR)
    book.move(VISITORS[0], case_id_of(CaseKind.APPEAL, record.record_id, rule), CaseAct.GRANT, {})


def _told(services: HubServices) -> list[tuple[GrantedCount, ...]]:
    head = services.answers(VISITORS[0])
    return [head.granted(Slice(), by) for by in BYS]


def test_what_was_granted_lifts_the_sums_after_its_record_is_forgotten(small: HubServices, clock: SetClock) -> None:
    granted = _breaches(SOME)[::2]
    for record, rule in granted:
        _grant(small, record, rule)
    before, head = _told(small), small.answers(VISITORS[0])
    assert sum(row.calls for row in before[0] if not row.code) == len({record.record_id for record, _ in granted})
    clock.pass_by(days=181)
    assert forget(small.database, clock, Keep())[RECORD.name] == len(SOME)
    assert head.record(granted[0][0].record_id) is None
    scores = sum(row.score for row in head.calls(Slice()))
    assert scores == pytest.approx(sum(record.quality_score for record in SOME))
    assert _told(small) == before
    _grant(small, *_breaches(SOME)[1])  # late: of a call that is forgotten nobody knows what it would take back
    assert _told(small) == before
    clock.pass_by(days=620)
    assert forget(small.database, clock, Keep())[TAKEN_BACK.name] > len(granted)
    assert _told(small) == [()] * len(BYS)


def test_it_counts_once_however_often_it_is_sent_and_not_where_it_broke_off(small: HubServices) -> None:
    record, rule = _breaches(SOME)[0]
    book = CaseBook(small.database, small.clock, CALENDAR)
    with small.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE taken_back RENAME TO elsewhere"))
    with pytest.raises(EnvironmentFault):
        _grant(small, record, rule)
    with small.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO taken_back"))
    held = book.one(VISITORS[0], case_id_of(CaseKind.APPEAL, record.record_id, rule))
    assert held is not None and held[0].state is CaseState.LODGED and _told(small)[0] == ()
    _grant(small, record, rule)
    once = _told(small)
    with pytest.raises(OperatorVisibleError):
        _grant(small, record, rule)
    forget(small.database, small.clock, Keep())
    assert _told(small) == once
    assert [(row.code, row.calls) for row in once[0]] == [("", 1), (rule, 1)]


def test_two_appeals_of_a_call_granted_at_once_take_back_both(small: HubServices) -> None:
    """Points beyond a hundred: what the score rises by is not the sum of what each of them would bring."""
    several = [(record, rules) for record in SOME if len(rules := dict.fromkeys(each.rule for each in record.quality)) > 1]
    start = threading.Barrier(2)

    def grant(nth: int) -> None:
        for record, rules in several:
            start.wait(60)
            _grant(small, record, list(rules)[nth])

    threads = [threading.Thread(target=grant, args=(nth,)) for nth in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    raised = {row.key[0]: row.score for row in small.answers(VISITORS[0]).granted(Slice(), (Dimension.OPERATOR,)) if not row.code}
    wanted: dict[str, float] = defaultdict(float)
    for record, rules in several:
        wanted[record.agent] += score_without(record, set(list(rules)[:2])) - record.quality_score
    assert len(several) > 3 and raised == pytest.approx(dict(wanted))


def test_what_a_program_of_before_granted_is_taken_over(small: HubServices) -> None:
    """By the migration; and what an older process grants beside newer ones, before the records are forgotten."""
    first, later = _breaches(SOME)[::2], _breaches(SOME)[1::2]
    _as_before(small, first)
    with small.database.engine.begin() as connection:
        TAKEN_BACK.drop(connection)
        connection.execute(delete(MIGRATION).where(MIGRATION.c.name == m010_taken_back.__name__))
        connection.execute(delete(RECORD).where(RECORD.c.record_id == first[0][0].record_id))
    assert migrate(small.database, small.clock) == (m010_taken_back.__name__,)
    left = [record for record in SOME if record.record_id != first[0][0].record_id]
    _same_as_a_desk(small, left, first)
    _as_before(small, later)
    _same_as_a_desk(small, left, first)
    for _ in range(2):
        forget(small.database, small.clock, Keep())
        _same_as_a_desk(small, left, first + later)


def _as_before(services: HubServices, breaches: Sequence[tuple[CallRecord, str]]) -> None:
    ids = [case_id_of(CaseKind.APPEAL, record.record_id, rule) for record, rule in breaches]
    with services.database.engine.begin() as connection:
        connection.execute(update(CASE).where(CASE.c.case_id.in_(ids)).values(state=CaseState.GRANTED.value, is_open=0))


def _same_as_a_desk(services: HubServices, records: Sequence[CallRecord], breaches: Sequence[tuple[CallRecord, str]]) -> None:
    granted: dict[str, set[str]] = defaultdict(set)
    for record, rule in breaches:
        granted[record.record_id].add(rule)
    desk = RecordedCalls(records, "head", TEAMS, lambda: granted)
    for by, ours in zip(BYS, _told(services), strict=True):
        theirs = desk.granted(Slice(), by)
        assert [(row.key, row.code, row.calls, row.findings) for row in ours] == [
            (row.key, row.code, row.calls, row.findings) for row in theirs]
        assert [row.score for row in ours] == pytest.approx([row.score for row in theirs])
