"""Where the lead's counts come from, put together: the centre's hub, this PC's own records, or the invented sample. Without Qt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.assembly import present_actor
from app.assembly_records import store_key, store_path
from app.delivery.lead_hub import HubLeadSource
from app.domain.assist import OpenQuestion
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import Scope
from app.domain.masking import Role
from app.platform.secrets import Prompt
from app.platform.settings import load_settings
from app.ports.lead import LeadSource
from app.ports.ports import Clock, StoredTicket
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_questions, sample_records, sample_teams
from app.store.assist import SqliteAssist
from app.store.call_records import SqliteCallRecords
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore

SAMPLE_DAY = date(2026, 11, 20)


@dataclass(frozen=True, slots=True)
class LeadOrder:
    """What ``tingdan lead`` was asked for.

    Attributes:
        sample: invented data.
        page: name of the first page.
        picture: save the page as PNG there, then end.
        export: save the page's tables there (by the file's ending), then end.
        hub: ask the hub at this address, "" for that of the settings; None for this PC's own records.
    """

    sample: bool = False
    page: str = ""
    picture: Path | None = None
    export: Path | None = None
    hub: str | None = None


@dataclass(frozen=True, slots=True)
class LeadParts:
    """A source with what stands around it.

    Attributes:
        source: counts.
        today: the day that periods end on.
        questions: this desk's open questions.
        ticket: the first ticket of the call behind a record, None where it is not on this PC; that it was seen is audited.
        role: of this PC, for the masking.
        is_sample: the data is invented.
    """

    source: LeadSource
    today: Callable[[], date]
    questions: Callable[[], tuple[OpenQuestion, ...]] = tuple
    ticket: Callable[[str], StoredTicket | None] = lambda record_id: None
    role: Role = Role.OPERATOR
    is_sample: bool = False


def sample_parts(last_day: date = SAMPLE_DAY) -> LeadParts:
    """The invented centre."""
    order = SampleOrder(last_day)
    source = RecordedCalls(sample_records(order), "lead", sample_teams(order))
    return LeadParts(source, lambda: last_day, lambda: sample_questions(order), is_sample=True)


@contextlib.contextmanager
def hub_parts(clock: Clock, address: str, sign_in: Callable[[HubLeadSource, str], bool]) -> Iterator[LeadParts | None]:
    """The centre's hub; None where the person gave up signing in.

    Args:
        clock: the day that periods end on.
        address: the hub's, "" for that of the settings.
        sign_in: asks the person until the hub takes the answer; true when signed in.

    Raises:
        AppError: no address, an unusable one, an unusable certificate.
    """
    settings = load_settings()
    chosen, authority = address or settings.text("hub.url"), settings.text("hub.ca_file")
    if not chosen:
        raise OperatorVisibleError("lead.no_hub")
    source = HubLeadSource(chosen, Path(authority).expanduser() if authority else None, settings.text("hub.proxy"))
    try:
        yield LeadParts(source, lambda: clock.now().date()) if sign_in(source, chosen) else None
    finally:
        source.close()


@contextlib.contextmanager
def own_parts(clock: Clock, prompt: Prompt | None = None) -> Iterator[LeadParts]:
    """This PC's own records; an empty source where no ticket was ever submitted.

    Raises:
        AppError: the store does not open.
    """

    def today() -> date:
        return clock.now().date()

    if not store_path().exists():
        yield LeadParts(RecordedCalls(()), today)
        return
    store = SqliteTicketStore(store_path(), store_key(prompt), clock)
    try:
        store.actor = present_actor()
        records, tickets, assist = SqliteCallRecords(store, clock), SqliteRecords(store, clock), SqliteAssist(store, clock)

        def ticket(record_id: str) -> StoredTicket | None:
            number = records.ticket_of(record_id)
            return tickets.ticket(number) if number else None

        yield LeadParts(OwnRecords(records), today, assist.questions, ticket, Role(store.actor.role))
    finally:
        store.close()


class OwnRecords(RecordedCalls):
    """Records of the store, read when the window begins and at each ``scope`` (a refresh)."""

    def __init__(self, records: SqliteCallRecords) -> None:
        super().__init__(())
        self._store = records

    def scope(self) -> Scope:
        """Read anew, then tell."""
        self.take(self._store.records())
        return super().scope()
