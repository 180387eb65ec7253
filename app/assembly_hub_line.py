"""The line to the centre's hub put together from the settings: address, token, sender, thread. For the desk and for ``tingdan records``.

Without an address nothing is sent and nothing is said. The token lies where passwords lie (keyring, else the encrypted store). Without Qt.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import VERSION, updates_folder
from app.assembly_call_records import rules_version
from app.assembly_delivery import named_secrets
from app.assembly_knowledge import receipt_folder
from app.assembly_records import store_key, store_path
from app.assembly_shared_text import call_texts
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.health import Check
from app.platform.named_secrets import NamedSecrets
from app.platform.settings import Settings, load_settings
from app.ports.ports import Clock
from app.services.callback_exchange import CallbackExchange
from app.services.hub_health import HubStanding, checks_of
from app.services.hub_sender import HubDesk, HubSender
from app.services.sending import SendingThread
from app.store.call_records import SqliteCallRecords
from app.store.outbox import SqliteOutbox
from app.store.ticket_store import SqliteTicketStore

if TYPE_CHECKING:
    from app.delivery.hub_line import HttpHubLine

TOKEN = "hub-token"  # noqa: S105  (the name of an entry)


def hub_line(settings: Settings, clock: Clock) -> HttpHubLine:
    """The line of the settings.

    Raises:
        AppError: no address, an unusable one, an unusable certificate.
    """
    from app.delivery.hub_line import HttpHubLine  # noqa: PLC0415 - with network libraries; a desk without a hub has no use for them

    address, authority = settings.text("hub.url"), settings.text("hub.ca_file")
    if not address:
        raise OperatorVisibleError("hub_desk.not_configured")
    return HttpHubLine(address, Path(authority).expanduser() if authority else None, settings.text("hub.proxy"), clock)


def hub_token(store: SqliteTicketStore, clock: Clock) -> NamedSecrets:
    """Where the desk's token lies, under ``TOKEN``."""
    return named_secrets(SqliteOutbox(store, clock))


def hub_desk(settings: Settings, store: SqliteTicketStore, clock: Clock, code: str = "",
             callbacks: CallbackExchange | None = None) -> HubDesk:
    """Who tells the hub.

    Args:
        settings: policy and receipts' address.
        store: an encrypted one, for the token of a PC without a keyring.
        clock: time.
        code: enrolment code, instead of that of the settings.
        callbacks: the operator's, where one sits here.
    """
    secrets, installed, records = hub_token(store, clock), updates_folder(), SqliteCallRecords(store, clock)

    def versions() -> dict[str, str]:
        now, last = installed.state().current, records.newest(1)
        heard = last[0].versions if last else {}  # which model is in use shows in a call
        told = {**heard, "program": VERSION, "rules": rules_version(), **({"knowledge": now.version} if now is not None else {})}
        return {part: version for part, version in told.items() if version}

    carries = None if settings.text("knowledge.receipts") else receipt_folder(installed).send
    return HubDesk(installed.desk(), VERSION, versions, lambda: secrets(TOKEN), lambda token: secrets.put(TOKEN, token),
                   code or settings.text("hub.enrolment_code"), carries, settings.flag("hub.share"),
                   lambda: load_settings().text("desk.agent_id"), call_texts(store, clock),
                   lambda: oldest_ticket(store, clock) if settings.text("delivery.mapping") else "", callbacks)


def oldest_ticket(store: SqliteTicketStore, clock: Clock) -> str:
    """Since when the oldest ticket waits for the ticket system (ISO 8601), "" for none."""
    found = SqliteOutbox(store, clock).messages(open_only=True)
    return min((each.created_at for each in found), default="")


def hub_checks(clock: Clock) -> tuple[Check, ...]:
    """How the line to the hub is, for ``tingdan doctor``; without an address that is said and nothing is asked.

    Raises:
        AppError: the store does not open, or the address cannot be used.
    """
    settings = load_settings()
    if not settings.text("hub.url"):
        return (Check("hub.address", True, "hub_desk.doctor_none"),)
    with contextlib.ExitStack() as cleanup:
        line = hub_line(settings, clock)
        cleanup.callback(line.close)
        token, standing = "", HubStanding()
        if store_path().exists():
            store = SqliteTicketStore(store_path(), store_key(), clock)
            cleanup.callback(store.close)
            token, records = hub_token(store, clock)(TOKEN) or "", SqliteCallRecords(store, clock)
            standing = HubStanding(bool(token), settings.flag("hub.share"), records.waiting(), records.oldest(), records.refused(),
                                   records.lost()[0], records.last_sent())
        return checks_of(line.name, line.look(token), standing, clock.now())


def new_sender(settings: Settings, line: HttpHubLine, store: SqliteTicketStore, clock: Clock,
               tell: Callable[[AppError], None] = lambda fault: None, callbacks: CallbackExchange | None = None) -> HubSender:
    """Tells the hub what this desk has to tell."""
    return HubSender(line, SqliteCallRecords(store, clock), hub_desk(settings, store, clock, callbacks=callbacks), clock, tell)


@dataclass(frozen=True, slots=True)
class Hub:
    """The running thread, and what it runs."""

    thread: SendingThread
    sender: HubSender


@contextlib.contextmanager
def running_hub(store: SqliteTicketStore, clock: Clock, tell: Callable[[AppError], None],
                callbacks: CallbackExchange | None = None) -> Iterator[Hub | None]:
    """The thread that tells the hub, where the settings name one; trouble is told and never keeps the desk from opening.

    Args:
        store: tickets and records; must outlive this.
        clock: time.
        tell: told what IT should know, on any thread.
        callbacks: the operator's.
    """
    settings = load_settings()
    if not settings.text("hub.url"):
        yield None
        return
    with contextlib.ExitStack() as cleanup:
        running: Hub | None = None
        try:
            line = hub_line(settings, clock)
            sender = new_sender(settings, line, store, clock, tell, callbacks)
            thread = SendingThread("hub", sender, line.close, lambda fault: tell(fault) if fault is not None else None, "hub_desk.bug")
            running = Hub(thread, sender)
        except AppError as error:
            tell(error)
        if running is not None:
            cleanup.callback(running.thread.stop)
            running.thread.start()
        yield running
