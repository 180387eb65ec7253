"""How desks join and are shut out, what IT reads of them; how people log in, and how guessing is stopped."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.call import Phase
from app.domain.errors import OperatorVisibleError
from app.domain.knowledge_update import UpdateReceipt
from app.domain.lead_counts import DeskState
from app.hub import desk_signs, desks
from app.hub.desks import FloorNote, Heartbeat
from app.hub.people import Person
from app.hub.rights import Role, Visitor
from app.hub.services import HubServices
from tests.app.hub.conftest import SetClock

PASSWORD = "a long enough one"


def joined(services: HubServices, desk: str, team: str = "north") -> str:
    token = services.desks.enrol(services.desks.new_code(1, 24, team), desk, "0.1.0")
    assert token is not None
    return token


def test_a_code_lets_in_as_many_desks_as_it_says_for_as_long(services: HubServices, clock: SetClock) -> None:
    code = services.desks.new_code(2, 24, "north")
    tokens = [services.desks.enrol(code.lower() if number else code, f"desk{number}", "0.1.0") for number in range(3)]
    assert [token is not None for token in tokens] == [True, True, False]
    late = services.desks.new_code(1, 24)
    clock.pass_by(hours=25)
    assert services.desks.enrol(late, "desk9", "0.1.0") is None
    assert services.desks.enrol("guess", "desk9", "0.1.0") is None
    assert services.visitor(f"Bearer {tokens[0]}") == Visitor(Role.DESK, team="north", desk="desk0")


def test_joining_again_ends_the_old_token(services: HubServices) -> None:
    old, new = joined(services, "desk1"), joined(services, "desk1")
    assert services.visitor(f"Bearer {old}").role is Role.NOBODY
    assert services.visitor(f"Bearer {new}").desk == "desk1"


def test_a_revoked_desk_stays_out_until_it_is_allowed(services: HubServices) -> None:
    token = joined(services, "desk1")
    assert services.desks.revoke("desk1")
    assert services.visitor(f"Bearer {token}").role is Role.NOBODY
    assert services.desks.enrol(services.desks.new_code(1, 24), "desk1", "0.1.0") is None
    assert services.desks.allow("desk1")
    assert services.visitor(f"Bearer {token}").role is Role.NOBODY
    assert services.visitor(f"Bearer {joined(services, 'desk1')}").desk == "desk1"
    assert not services.desks.revoke("no such desk")


def test_no_token_stands_in_the_database(services: HubServices) -> None:
    token = joined(services, "desk1")
    services.people.put(Person("boss", Role.HEAD), PASSWORD)
    session = services.people.log_in("boss", PASSWORD)
    assert session is not None
    with services.database.engine.connect() as connection:
        from app.hub.tables import METADATA

        held = repr([connection.execute(table.select()).all() for table in METADATA.sorted_tables])
    for secret in (token, session[0], PASSWORD):
        assert secret not in held
        assert secret.split(".")[-1] not in held


def test_it_reads_versions_clocks_and_who_is_overdue(services: HubServices, clock: SetClock) -> None:
    for desk in ("desk1", "desk2", "desk3"):
        joined(services, desk)
    ahead = clock.now().replace(hour=23).isoformat()
    services.desks.heartbeat("desk1", Heartbeat({"program": "0.2.0", "knowledge": "7"}, clock.now().isoformat(), "idle", 3))
    services.desks.heartbeat("desk2", Heartbeat({"program": "0.2.0"}, ahead, "idle", 0))
    clock.pass_by(days=4)
    services.desks.heartbeat("desk1", Heartbeat({"program": "0.2.0", "knowledge": "8"}, clock.now().isoformat(), "idle", 0))
    rows = {str(row["desk"]): row for row in services.desks.all()}
    assert [rows[desk]["overdue"] for desk in ("desk1", "desk2", "desk3")] == [False, True, True]
    assert [rows[desk]["clock_wrong"] for desk in ("desk1", "desk2")] == [False, True]
    services.desks.revoke("desk3")
    assert services.desks.versions() == [
        {"part": "knowledge", "version": "8", "desks": 1}, {"part": "program", "version": "0.2.0", "desks": 2}]


def test_receipts_come_once(services: HubServices, clock: SetClock) -> None:
    receipt = UpdateReceipt("desk1", clock.now().isoformat(), "installed", "v7", 7, 6, 1.5, 2048, {"changed": 3})
    assert services.desks.receipts("desk1", [receipt, receipt]) == (1, 1)
    assert services.desks.receipts("desk1", [receipt]) == (0, 1)
    (row,) = services.desks.newest_receipts()
    assert (row["version"], row["release"], row["details"]) == ("v7", 7, {"changed": 3})


def test_what_a_desk_makes_up_fills_no_table(services: HubServices, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions and receipts without end: those of honest desks stay, and the newest."""
    monkeypatch.setattr(desk_signs, "MOST_SEEN", 6)
    monkeypatch.setattr(desks, "MOST_KEPT", 5)
    for desk in ("honest", "odd"):
        joined(services, desk)
    services.desks.heartbeat("honest", Heartbeat({"program": "0.1.0", "knowledge": "7"}, clock.now().isoformat(), "idle", 0))
    receipt = UpdateReceipt("honest", clock.now().isoformat(), "installed", "7", 7, 6, 1.5, 2048, {})
    services.desks.receipts("honest", [receipt])
    for number in range(20):
        clock.pass_by(minutes=1)
        at, version = clock.now().isoformat(), f"made-up-{number}"
        services.desks.heartbeat("odd", Heartbeat({"program": version, "knowledge": version}, at, "idle", 0))
        services.desks.receipts("odd", [replace(receipt, desk="odd", at=at, result=each, version=version, release=100 + number)
                                        for each in ("installed", "failed")])
    with services.database.engine.begin() as connection:
        seen = connection.execute(select(desk_signs.VERSION_SEEN)).all()
    assert {(row.part, row.version) for row in seen} >= {("program", "0.1.0"), ("knowledge", "7"), ("program", "made-up-19")}
    assert Counter(row.part for row in seen) == {"program": 6, "knowledge": 6}
    kept = services.desks.newest_receipts()
    assert Counter(row["desk"] for row in kept) == {"honest": 1, "odd": 5} and kept[0]["version"] == "made-up-19"


def test_the_floor_shows_a_lead_the_own_team_alerts_first(services: HubServices, clock: SetClock) -> None:
    for number, (agent, alerts) in enumerate([("8001", ()), ("8002", ("no_sound",)), ("9001", ("long_call",))]):
        joined(services, f"desk{number}")
        behind = clock.now().replace(minute=30).isoformat()  # the desk's clock is half an hour ahead; the hub's counts
        services.desks.floor(f"desk{number}", FloorNote(behind, "talking", behind, alerts, agent))
    teams = {"8001": "one", "8002": "one", "9001": "two"}
    seen = services.desks.on_the_floor(Visitor(Role.LEAD, team="one"), teams)
    assert [(desk.operator, desk.state, desk.alerts) for desk in seen] == [
        ("8002", DeskState.TALKING, ("no_sound",)), ("8001", DeskState.TALKING, ())]
    assert seen[0].since == clock.now().isoformat(timespec="seconds")
    held = (clock.now() - timedelta(minutes=3)).isoformat()
    services.desks.floor("desk0", FloorNote(clock.now().isoformat(), Phase.PAUSED.value, held, (), "8001"))
    assert [(desk.state, desk.alerts) for desk in services.desks.on_the_floor(Visitor(Role.HEAD), teams) if desk.desk == "desk0"] == [
        (DeskState.ON_HOLD, ("long_hold",))]
    services.desks.floor("desk0", FloorNote(clock.now().isoformat(), "idle", "", (), "8001"))
    clock.pass_by(minutes=6)  # a desk without a call is heard of every four to six minutes
    assert {desk.desk: desk.state for desk in services.desks.on_the_floor(Visitor(Role.HEAD), teams)} == {
        "desk0": DeskState.IDLE, "desk1": DeskState.SILENT, "desk2": DeskState.SILENT}
    clock.pass_by(minutes=3)
    assert {desk.state for desk in services.desks.on_the_floor(Visitor(Role.HEAD), teams)} == {DeskState.SILENT}


def test_wrong_passwords_close_a_name_for_a_while(services: HubServices, clock: SetClock) -> None:
    services.people.put(Person("boss", Role.HEAD), PASSWORD)
    for _ in range(5):
        assert services.people.log_in("boss", "wrong wrong wrong") is None
    assert services.people.log_in("boss", PASSWORD) is None
    clock.pass_by(seconds=31)
    assert services.people.log_in("boss", PASSWORD) is not None
    assert services.people.log_in("nobody", PASSWORD) is None


def test_sessions_end_by_time_log_out_new_password_and_closing(services: HubServices, clock: SetClock) -> None:
    person = Person("lead1", Role.LEAD, "north")
    services.people.put(person, PASSWORD)

    def token() -> str:
        session = services.people.log_in("lead1", PASSWORD)
        assert session is not None
        return session[0]

    def role(held: str) -> Role:
        return services.visitor(f"Bearer {held}").role

    one, two = token(), token()
    services.people.log_out(one)
    assert (role(one), role(two)) == (Role.NOBODY, Role.LEAD)
    clock.pass_by(hours=11)
    assert role(two) is Role.NOBODY
    three = token()
    services.people.put(person, PASSWORD)
    assert role(three) is Role.NOBODY
    four = token()
    assert services.people.disable("lead1")
    assert role(four) is Role.NOBODY
    assert services.people.log_in("lead1", PASSWORD) is None


@pytest.mark.parametrize(("person", "password", "key"), [
    (Person("a", Role.HEAD), "short", "hub.password_length"), (Person("a", Role.LEAD), PASSWORD, "hub.role_needs"),
    (Person("a", Role.OPERATOR), PASSWORD, "hub.role_needs"), (Person("a", Role.DESK), PASSWORD, "hub.role_needs")])
def test_an_account_needs_what_its_role_needs(services: HubServices, person: Person, password: str, key: str) -> None:
    with pytest.raises(OperatorVisibleError) as refused:
        services.people.put(person, password)
    assert refused.value.key == key
