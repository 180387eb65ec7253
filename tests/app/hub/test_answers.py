"""Every answer of the hub, from roll-ups or from records, against counts made one by one over the same records in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.cli_hub import in_memory
from app.domain.call_record import CallKind, CallRecord, FieldOutcome
from app.domain.call_record_form import to_json
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import VERSIONS, Behind, Dimension, Slice
from app.hub import answers as answers_module
from app.hub import search as search_module
from app.hub.config import HubConfig
from app.hub.rights import Role, Visitor
from app.hub.rollup import RollUp
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_records, sample_teams
from tests.app.hub.conftest import SetClock, new_database

ORDER = SampleOrder(date(2026, 11, 20), days=4, operators=6, calls_a_day=4)
D = Dimension
FIELDS_BY = [(), (D.FIELD,), (D.DAY,), (D.TEAM, D.FIELD), (D.FIELD, D.MODEL), (D.ITEM,), (D.ITEM, D.FIELD), (D.OPERATOR, D.FIELD),
             (D.DISTRICT,), (D.SOUND, D.FIELD), (D.WEEKDAY,), (D.HOUR, D.DAY), (D.KIND,), (D.TEAM, D.OPERATOR), (D.MODEL, D.DISTRICT),
             (D.STREET, D.FIELD), (D.DESK,), (D.TEAM, D.ITEM, D.HOUR)]
SLICES = [Slice(), Slice("2026-11-18", "2026-11-19"), Slice("2026-11-19"), Slice(only=((D.KIND, "live"),)),
          Slice(only=((D.FIELD, "contact_phone"),)), Slice(only=((D.FIELD, "contact_phone"), (D.FIELD, "subject"))),
          Slice(only=((D.ITEM, "020701"),)), Slice(only=((D.ITEM, "020701"), (D.ITEM, "050101"))), Slice(only=((D.OPERATOR, "8003"),)),
          Slice(only=((D.TEAM, "一组"),)), Slice(only=((D.WEEKDAY, "5"), (D.MODEL, "1.3"))), Slice(hours=(9, 12)),
          Slice(only=((D.DISTRICT, "天河区"),), hours=(9, 12)), Slice(only=((D.RULES, ""),)),
          Slice(only=((D.MODEL, "1.2"), (D.MODEL, "1.3")))]


def records() -> list[CallRecord]:
    """The sample, made odder: two matters, replayed calls, missing versions, names with LIKE's characters."""
    random = Random(7)
    made = []
    for index, plain in enumerate(sample_records(ORDER)):
        changes: dict[str, Any] = {"kind": CallKind.REPLAY} if index % 5 == 0 else {}
        fields, choices = plain.fields, plain.choices
        if random.random() < 0.1 and fields:
            odd = replace(fields[0], outcome=random.choice(list(FieldOutcome)), confirmed=True, distance=0.5)
            fields = (odd, *fields[1:])
        if index % 4 == 0 and fields:
            fields += tuple(replace(each, matter=1) for each in fields[:4])
            choices += tuple([replace(each, matter=1, submitted="050101") for each in choices if each.name == "item_code"][:1])
            changes["matters"] = 2
        if index % 7 == 0:
            changes |= {"versions": {"program": "1_0%", "model": "1.3"}, "degradations": ("overload", "no_sound.citizen")}
        if index % 11 == 0:
            fields, choices = (), ()
            changes |= {"cards": (), "quality_score": -1.0}
        made.append(replace(plain, fields=fields, choices=choices, **changes))
    return made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServices]:
    """A hub with all records, rolled up in several steps, some of them while others still came."""
    folder: Path = tmp_path_factory.mktemp("answers")
    clock = SetClock()
    services = HubServices.of(HubConfig(db=new_database(request, request.param, folder)), clock, in_memory)
    migrate(services.database, clock)
    services.people.set_teams(sample_teams(ORDER))
    by_desk: dict[str, list[CallRecord]] = defaultdict(list)
    for record in records():
        by_desk[record.desk].append(record)
    roll_up = RollUp(services.database, clock, step=37)
    for desk, held in by_desk.items():
        taken = services.ingest.take(desk, "", [to_json(record) for record in held])
        assert (taken.accepted, taken.known, taken.refused) == (len(held), 0, ())
        roll_up.one_step()
    roll_up.run_all()
    yield services
    services.database.close()


HEAD = Visitor(Role.HEAD)
LEAD = Visitor(Role.LEAD, team="一组")
OPERATOR = Visitor(Role.OPERATOR, agent="8004")


def counted(visitor: Visitor) -> RecordedCalls:
    teams = sample_teams(ORDER)
    return RecordedCalls([each for each in records() if visitor.sees(teams.get(each.agent, ""), each.agent)], visitor.role.value, teams)


def agree(ours: Sequence[object], theirs: Sequence[object], question: object) -> None:
    """Equal but for the last digits of sums of fractions."""
    assert rounded(ours) == rounded(theirs), question


def rounded(rows: Sequence[object]) -> list[object]:
    return sorted((tuple(round(value, 6) if isinstance(value, float) else value for value in
                         (getattr(row, name) for name in row.__dataclass_fields__)) for row in rows), key=repr)


@pytest.mark.parametrize("visitor", [HEAD, LEAD, OPERATOR], ids=lambda visitor: visitor.role.value)
def test_counts_are_those_of_the_records(filled: HubServices, visitor: Visitor) -> None:
    hub, desk = filled.answers(visitor), counted(visitor)
    sparse = 5 if filled.database.is_sqlite else 8  # every slice, every way to tell apart, a part of the pairs
    for number, asked in enumerate(SLICES if visitor is HEAD else SLICES[1:9:2]):
        for by in FIELDS_BY[number % sparse::sparse]:
            agree(hub.outcomes(asked, by), desk.outcomes(asked, by), (asked, by))
            if by in FIELDS_BY[:6]:
                agree(hub.bins(asked, by), desk.bins(asked, by), (asked, by))
            if D.FIELD not in by:
                agree(hub.calls(asked, by), desk.calls(asked, by), (asked, by))
                agree(hub.findings(asked, by), desk.findings(asked, by), (asked, by))
                if D.ITEM not in by:
                    agree(hub.wrong_calls(asked, by), desk.wrong_calls(asked, by), (asked, by))
                    agree(hub.voices(asked, by), desk.voices(asked, by), (asked, by))
                agree(hub.degradations(asked, by), desk.degradations(asked, by), (asked, by))
                agree(hub.ranks(asked, "item_code", by), desk.ranks(asked, "item_code", by), (asked, by))
        assert hub.confusions(asked, "item_code") == desk.confusions(asked, "item_code"), asked
        assert hub.cards(asked) == desk.cards(asked), asked


@pytest.mark.parametrize("visitor", [HEAD, LEAD], ids=lambda visitor: visitor.role.value)
def test_what_alarms_and_versions_ask_is_summed_beforehand(filled: HubServices, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many calls there are: no record is opened."""
    monkeypatch.setattr(answers_module, "MOST_COUNTED", 0)
    hub, desk = filled.answers(visitor), counted(visitor)
    models = ((D.MODEL, "1.2"), (D.MODEL, "1.3"))
    for asked in (Slice(), Slice("2026-11-18", "2026-11-19"), Slice(only=models), Slice("2026-11-19", only=(*models, (D.ITEM, "020701")))):
        for by in ((D.MODEL, D.DAY, D.ITEM), (D.MODEL, D.ITEM), (D.VOCABULARY, D.ITEM)):
            agree(hub.outcomes(asked, by), desk.outcomes(asked, by), (asked, by))
    for asked in (Slice(), Slice("2026-11-18", "2026-11-19"), Slice(only=((D.DESK, "desk0001"), (D.DESK, "desk0002")))):
        for by in ((D.DESK,), (D.DAY, D.DESK)) if asked.only else ((), (D.DAY,), (D.OPERATOR,), (D.DAY, D.OPERATOR), (D.DAY, D.DESK)):
            agree(hub.wrong_calls(asked, by), desk.wrong_calls(asked, by), (asked, by))


@pytest.mark.parametrize("visitor", [HEAD, LEAD], ids=lambda visitor: visitor.role.value)
def test_matters_by_place_item_and_time(filled: HubServices, visitor: Visitor) -> None:
    hub, desk = filled.answers(visitor), counted(visitor)
    for asked in SLICES[:12:2]:
        for by in [(D.DISTRICT,), (D.DAY, D.ITEM), (D.HOUR, D.WEEKDAY), (D.DISTRICT, D.STREET, D.ITEM, D.DAY), (D.HOUR, D.STREET),
                   (D.CITY, D.DISTRICT, D.HOUR), (D.TEAM, D.ITEM)]:
            agree(hub.matters(asked, by), desk.matters(asked, by), (asked, by))


BEHIND = [Behind(), Behind(field="contact_phone"), Behind(field="subject", outcomes=(FieldOutcome.EDITED,)),
          Behind(field="subject", outcomes=(FieldOutcome.EDITED, FieldOutcome.CLEARED), proposed="filled"),
          Behind(outcomes=(FieldOutcome.TYPED,)), Behind(bins=(40, 45)), Behind(field="demand", bins=(0, 49)),
          Behind(choice="item_code", offered_first="020701", submitted="050501"), Behind(entry_id="kb-0012"), Behind(act="used"),
          Behind(entry_id="kb-0012", act="opened"), Behind(finding="no_greeting"), Behind(degradation="overload"),
          Behind(unanswered=True), Behind(field="subject_", proposed="filled"), Behind(entry_id="kb%"), Behind(act="no_such_act"),
          Behind(wrong_from=1), Behind(wrong_from=2, field="subject")]


@pytest.mark.parametrize("visitor", [HEAD, LEAD, OPERATOR], ids=lambda visitor: visitor.role.value)
def test_calls_behind_a_number(filled: HubServices, visitor: Visitor) -> None:
    hub, desk = filled.answers(visitor), counted(visitor)
    for asked in [*SLICES[::3], Slice(only=((D.PROGRAM, "1_0%"),)), Slice(only=((D.PROGRAM, "1x0y"),)), Slice(only=((D.KNOWLEDGE, ""),))]:
        for which in BEHIND:
            ours, theirs = hub.behind(asked, which, 1, 20), desk.behind(asked, which, 1, 20)
            assert ours.total == theirs.total, (asked, which)
            assert [line.record_id for line in ours.lines] == [line.record_id for line in theirs.lines], (asked, which)
            agree(ours.lines, theirs.lines, (asked, which))


@pytest.mark.parametrize("visitor", [HEAD, LEAD], ids=lambda visitor: visitor.role.value)
def test_a_total_not_counted_to_the_end_says_at_least(filled: HubServices, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    for bound, few in (("_MOST_COUNTED", 3), ("_MOST_OPENED", 3), ("_BEYOND", 2)):
        monkeypatch.setattr(search_module, bound, few)
    hub, desk = filled.answers(visitor), counted(visitor)
    told = []
    for asked in SLICES[::3]:
        for which in BEHIND:
            ours, theirs = hub.behind(asked, which, 1, 5), desk.behind(asked, which, 1, 5)
            assert [line.record_id for line in ours.lines] == [line.record_id for line in theirs.lines], (asked, which)
            assert ours.total <= theirs.total if ours.is_at_least else ours.total == theirs.total, (asked, which)
            assert ours.total >= min(theirs.total, 7), "a page after this one can be turned to"
            told.append(ours.is_at_least)
    assert any(told) and not all(told)


def test_scope_and_single_records_keep_to_the_right(filled: HubServices) -> None:
    for visitor in (HEAD, LEAD, OPERATOR):
        ours, theirs = filled.answers(visitor).scope(), counted(visitor).scope()
        assert (ours.role, ours.first_day, ours.last_day, ours.calls) == (theirs.role, theirs.first_day, theirs.last_day, theirs.calls)
        assert ours.is_hub
    teams = sample_teams(ORDER)
    for record in records()[::9]:
        for visitor in (HEAD, LEAD, OPERATOR):
            found = filled.answers(visitor).record(record.record_id)
            assert found == (record if visitor.sees(teams[record.agent], record.agent) else None)


def test_it_and_a_lead_without_a_team_see_no_calls(filled: HubServices) -> None:
    for visitor in (Visitor(Role.IT), Visitor(Role.LEAD), Visitor(Role.OPERATOR), Visitor(Role.DESK, desk="desk0001")):
        answers = filled.answers(visitor)
        assert answers.outcomes(Slice(), ()) == ()
        assert answers.outcomes(Slice(), (D.OPERATOR, D.ITEM)) == ()
        assert answers.behind(Slice(), Behind()).total == 0
        assert answers.record(records()[0].record_id) is None


def test_a_lead_cannot_ask_for_another_team(filled: HubServices) -> None:
    answers = filled.answers(LEAD)
    for by in ((), (D.FIELD,), (D.OPERATOR, D.ITEM)):
        for team in ("二组", "*", ""):
            assert answers.outcomes(Slice(only=((D.TEAM, team),)), by) == ()


def test_a_question_too_wide_to_count_one_by_one_is_refused(filled: HubServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers_module, "MOST_COUNTED", 20)
    with pytest.raises(OperatorVisibleError) as refused:
        filled.answers(HEAD).outcomes(Slice(), (D.OPERATOR, D.ITEM))
    assert refused.value.key == "hub.slice_too_wide"


def test_the_sample_has_what_these_tests_are_about() -> None:
    made = records()
    assert len(made) > 60
    assert {part for record in made for part in record.versions} <= {each.value for each in VERSIONS}
    assert any(record.matters == 2 for record in made)
    assert any(record.unanswered for record in made)
    assert any(record.cards for record in made)
    assert any(finding.is_breach for record in made for finding in record.quality)
