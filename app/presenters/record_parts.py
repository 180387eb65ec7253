"""What the panels on submitted tickets are built from: ports, rules and the role in which this PC shows data."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from app.domain.catalogue import FieldTable, Taxonomy
from app.domain.deadlines import DeadlineRules, WorkCalendar
from app.domain.masking import Role
from app.domain.open_drafts import OpenDraft
from app.ports.callbacks import CallbackStore
from app.ports.lockable import Lockable
from app.ports.outbox import Outbox
from app.ports.ports import Clock
from app.ports.records import AuditTrail, TicketRecords
from app.services.repeated_callers import RepeatedCallers


@dataclass(frozen=True, slots=True)
class Terms:
    """How terms are counted here."""

    rules: DeadlineRules
    calendar: WorkCalendar


@dataclass(frozen=True, slots=True)
class LockParts:
    """The idle lock's parts.

    Attributes:
        store: what is locked; used on the thread "records" only.
        after_s: seconds without a touch; 0 never locks.
        needs_passphrase: whether a person must type it to unlock.
        give: hands over what was typed, before ``store.unlock``.
        prove: fetches the key and forgets it: for a screen that is locked while the store could not be.
    """

    store: Lockable
    after_s: float
    needs_passphrase: Callable[[], bool]
    give: Callable[[str], None]
    prove: Callable[[], object]


@dataclass(frozen=True, slots=True)
class CallbackHere:
    """What callbacks at this desk are built from.

    Attributes:
        store: list and results.
        agent: work number of who sits here.
        ticket_of: a ticket's number by the id of its call's record, "" where the call is not here.
        districts: official names: no other leaves with a result.
    """

    store: CallbackStore
    agent: Callable[[], str]
    ticket_of: Callable[[str], str]
    districts: Callable[[], Collection[str]] = tuple


@dataclass(frozen=True, slots=True)
class RecordParts:
    """All but the clock may be used on the thread "records" only."""

    records: TicketRecords
    trail: AuditTrail
    outbox: Outbox
    drafts: Callable[[], tuple[OpenDraft, ...]]
    callers: RepeatedCallers
    terms: Terms
    clock: Clock
    role: Role
    fields: FieldTable
    taxonomy: Taxonomy
    lock: LockParts
    callbacks: CallbackHere | None = None
