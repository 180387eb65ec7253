"""Where the lead's counts come from, put together: the centre's hub, this PC's own records, or the invented sample. Without Qt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from app.assembly import present_actor
from app.assembly_records import store_key, store_path
from app.delivery.hub_callbacks import HubCallbacks
from app.delivery.hub_case_desk import HubCaseDesk
from app.delivery.lead_hub import HubLeadSource
from app.domain.assist import OpenQuestion
from app.domain.audit import Action
from app.domain.dialogue import Channel, Utterance
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.lead_counts import Scope
from app.domain.masking import Role
from app.platform import logs
from app.platform.deadline_files import ChineseWorkCalendar
from app.platform.secrets import Prompt
from app.platform.settings import load_settings
from app.ports.callbacks import CallbackDesk
from app.ports.cases import CaseDesk
from app.ports.lead import LeadSource
from app.ports.ports import Clock, StoredTicket
from app.services.callback_sample import SampleCallbacks
from app.services.case_sample import SampleCases
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
        name: sign in there under this name, the password from the terminal or standard input; "" asks in a window.
    """

    sample: bool = False
    page: str = ""
    picture: Path | None = None
    export: Path | None = None
    hub: str | None = None
    name: str = ""


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
        words: what was said in the call behind a record, nothing where it is not on this PC; that it was seen is audited.
        cases: appeals and remedy tasks, None where there is no hub.
        callbacks: list of callbacks, and their counts and plans; None likewise.
    """

    source: LeadSource
    today: Callable[[], date]
    questions: Callable[[], tuple[OpenQuestion, ...]] = tuple
    ticket: Callable[[str], StoredTicket | None] = lambda record_id: None
    role: Role = Role.OPERATOR
    is_sample: bool = False
    words: Callable[[str], tuple[Utterance, ...]] = lambda record_id: ()
    cases: CaseDesk | None = None
    callbacks: tuple[CaseDesk, CallbackDesk] | None = None


def sample_parts(last_day: date = SAMPLE_DAY) -> LeadParts:
    """The invented centre."""
    order = SampleOrder(last_day)
    records, teams = tuple(sample_records(order)), sample_teams(order)
    cases = SampleCases(records, teams, last_day, ChineseWorkCalendar())
    source = RecordedCalls(records, "lead", teams, cases.granted)
    callbacks = SampleCallbacks(records, last_day, ChineseWorkCalendar(), teams)
    return LeadParts(source, lambda: last_day, lambda: sample_questions(order), is_sample=True, cases=cases,
                     callbacks=(callbacks, callbacks))


@contextlib.contextmanager
def hub_parts(clock: Clock, address: str, sign_in: Callable[[HubLeadSource, str], bool],
              prompt: Prompt | None = None) -> Iterator[LeadParts | None]:
    """The centre's hub; None where the person gave up signing in.

    Args:
        clock: the day that periods end on.
        address: the hub's, "" for that of the settings.
        sign_in: asks the person until the hub takes the answer; true when signed in.
        prompt: for the passphrase of this PC's store, where calls of the hub's were taken here.

    Raises:
        AppError: no address, an unusable one, an unusable certificate.
    """
    settings = load_settings()
    chosen, authority = address or settings.text("hub.url"), settings.text("hub.ca_file")
    if not chosen:
        raise OperatorVisibleError("lead.no_hub")
    with contextlib.ExitStack() as cleanup:
        source = HubLeadSource(chosen, Path(authority).expanduser() if authority else None, settings.text("hub.proxy"))
        cleanup.callback(source.close)
        if not sign_in(source, chosen):
            yield None
            return
        desk = HubCaseDesk(source)
        parts = LeadParts(source, lambda: clock.now().date(), cases=desk, callbacks=(desk, HubCallbacks(source)))
        own = _own_calls(clock, prompt, cleanup)
        parts = replace(parts, words=lambda record_id: (own.words(record_id) if own is not None else ()) or _hub_words(source, record_id))
        yield parts if own is None else replace(parts, ticket=own.ticket, role=own.role)


def _hub_words(source: HubLeadSource, record_id: str) -> tuple[Utterance, ...]:
    """What the hub has of a call's words, masked, where the centre shares them; times of ends are not known there."""
    text = source.text(record_id)
    sides = {"citizen": Channel.CITIZEN, "agent": Channel.OPERATOR}
    return tuple(Utterance(number, sides[turn.side], turn.at_ms, turn.at_ms, turn.text)
                 for number, turn in enumerate(text.turns)) if text is not None else ()


@dataclass(frozen=True, slots=True)
class OwnCalls:
    """This PC's store, open: the calls behind records. What is seen of them goes to the audit trail."""

    records: SqliteCallRecords
    tickets: SqliteRecords
    assist: SqliteAssist
    role: Role

    def ticket(self, record_id: str) -> StoredTicket | None:
        """The first ticket of a call."""
        number = self.records.ticket_of(record_id)
        return self.tickets.ticket(number) if number else None

    def words(self, record_id: str) -> tuple[Utterance, ...]:
        """What was said in a call whose ticket is here."""
        number = self.records.ticket_of(record_id)
        if not number:
            return ()
        self.tickets.note(Action.SAW, number, {"part": "dialogue"})
        return self.tickets.dialogue(self.records.call_of(record_id))


def _own_calls(clock: Clock, prompt: Prompt | None, cleanup: contextlib.ExitStack) -> OwnCalls | None:
    """This PC's store beside a hub; None where there is none, or it does not open: the hub's window goes without."""
    if not store_path().exists():
        return None
    try:
        return _opened(clock, prompt, cleanup)
    except AppError as error:
        logs.get("lead").warning("own_store", key=error.key)
        return None


def _opened(clock: Clock, prompt: Prompt | None, cleanup: contextlib.ExitStack) -> OwnCalls:
    store = SqliteTicketStore(store_path(), store_key(prompt), clock)
    cleanup.callback(store.close)
    store.actor = present_actor()
    return OwnCalls(SqliteCallRecords(store, clock), SqliteRecords(store, clock), SqliteAssist(store, clock), Role(store.actor.role))


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
    with contextlib.ExitStack() as cleanup:
        own = _opened(clock, prompt, cleanup)
        yield LeadParts(OwnRecords(own.records), today, own.assist.questions, own.ticket, own.role, words=own.words)


class OwnRecords(RecordedCalls):
    """Records of the store, read when the window begins and at each ``scope`` (a refresh)."""

    def __init__(self, records: SqliteCallRecords) -> None:
        super().__init__(())
        self._store = records

    def scope(self) -> Scope:
        """Read anew, then tell."""
        self.take(self._store.records())
        return super().scope()
