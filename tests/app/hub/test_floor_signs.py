"""What is wrong at desks whoever sits there, told over the wire by desks to a real hub and read by a lead: stuck outboxes, old versions."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import uvicorn

from app.delivery.hub_line import HttpHubLine
from app.delivery.lead_hub import HubLeadSource
from app.domain.knowledge_update import UpdateReceipt
from app.hub.application import hub_application
from app.hub.people import Person
from app.hub.rights import Role
from app.hub.services import HubServices
from app.services.hub_sender import HubDesk, HubSender
from app.store.call_records import SqliteCallRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.hub.conftest import SetClock
from tests.app.store import scenes

PASSWORD = "a long enough one"


@dataclass
class Floor:
    """A hub that serves in this process under a clock that is set, so that days pass, and the desks that tell it."""

    services: HubServices
    clock: SetClock
    url: str
    folder: Path
    source: HubLeadSource
    stores: list[SqliteTicketStore] = field(default_factory=list)

    def tells(self, desk: str, versions: Mapping[str, str], waits: timedelta | None = None, receipt: UpdateReceipt | None = None) -> None:
        """A desk's heartbeat and receipts, by the sender of the desk itself."""
        store = SqliteTicketStore(self.folder / f"{desk}-{len(self.stores)}.db", scenes.KEY, self.clock)
        self.stores.append(store)
        line = HttpHubLine(self.url, None, "none", self.clock)
        oldest = (self.clock.now() - waits).isoformat() if waits is not None else ""
        tokens: list[str] = []
        held = HubDesk(desk, versions.get("program", ""), lambda: versions, lambda: tokens[-1] if tokens else None, tokens.append,
                       self.services.desks.new_code(1, 24, "north"), lambda carry: int(receipt is not None and carry(receipt)),
                       oldest=lambda: oldest)
        try:
            HubSender(line, SqliteCallRecords(store, self.clock), held, self.clock).send_due()
        finally:
            line.close()
        assert tokens

    def alerts(self) -> dict[str, tuple[str, ...]]:
        return {each.desk: each.alerts for each in self.source.floor()}


@pytest.fixture
def floor(services: HubServices, clock: SetClock, tmp_path: Path) -> Iterator[Floor]:
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(hub_application(services, "0"), log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=lambda: server.run([held]))
    thread.start()
    pause = threading.Event()
    while not server.started:
        pause.wait(0.02)
    services.people.put(Person("boss", Role.HEAD), PASSWORD)
    source = HubLeadSource(f"http://127.0.0.1:{held.getsockname()[1]}", proxy="none")
    source.sign_in("boss", PASSWORD)
    made = Floor(services, clock, f"http://127.0.0.1:{held.getsockname()[1]}", tmp_path, source)
    yield made
    source.close()
    server.should_exit = True
    thread.join()
    for store in made.stores:
        store.close()


def receipt(desk: str, at: datetime, version: str, release: int) -> UpdateReceipt:
    return UpdateReceipt(desk, at.isoformat(), "installed", version, release, release - 1, 1.0, 100)


def test_what_waits_too_long_at_a_desk_that_reaches_the_hub_is_on_the_floor(floor: Floor) -> None:
    floor.tells("desk1", {}, timedelta(minutes=50))
    floor.tells("desk2", {}, timedelta(hours=3))
    floor.tells("desk3", {})
    assert floor.alerts() == {"desk1": (), "desk2": ("outbox_stuck",), "desk3": ()}
    assert next(each.desk for each in floor.source.floor()) == "desk2"
    floor.tells("desk2", {})
    assert floor.alerts()["desk2"] == ()
    floor.tells("desk1", {}, timedelta(hours=2))
    floor.clock.pass_by(minutes=10)
    assert floor.alerts()["desk1"] == ()  # silent now: that is what is told of it


def test_a_desk_behind_what_most_have_is_old_after_three_days_and_who_is_ahead_is_not(floor: Floor) -> None:
    new, old, pilot = {"program": "0.10.0"}, {"program": "0.9.0"}, {"program": "0.11.0"}

    def beats() -> dict[str, tuple[str, ...]]:
        for desk, versions in (("desk1", new), ("desk2", new), ("desk3", new), ("desk4", old), ("desk5", pilot)):
            floor.tells(desk, versions)
        return floor.alerts()

    assert set(beats().values()) == {()}  # nobody is late on the first day of a roll-out
    floor.clock.pass_by(days=3, hours=1)
    floor.services.people.put(Person("boss", Role.HEAD), PASSWORD)
    floor.source.sign_in("boss", PASSWORD)
    assert beats() == {"desk1": (), "desk2": (), "desk3": (), "desk4": ("old_version",), "desk5": ()}


def test_knowledge_is_ordered_by_the_releases_that_receipts_tell_and_half_is_not_most(floor: Floor) -> None:
    autumn, summer = {"knowledge": "autumn"}, {"knowledge": "summer-99"}

    def beats(with_new: int) -> dict[str, tuple[str, ...]]:
        for number in range(1, 5):
            version, release = (autumn, 8) if number <= with_new else (summer, 7)
            floor.tells(f"desk{number}", version, receipt=receipt(f"desk{number}", floor.clock.now(), version["knowledge"], release))
        floor.services.people.put(Person("boss", Role.HEAD), PASSWORD)
        floor.source.sign_in("boss", PASSWORD)
        return floor.alerts()

    beats(2)
    floor.clock.pass_by(days=4)
    assert set(beats(2).values()) == {()}
    assert beats(3) == {"desk1": (), "desk2": (), "desk3": (), "desk4": ("old_version",)}
