"""``tingdan records …``: what this desk records of its calls and tells the hub. Thin: each sub-command calls one part of the root."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from app.assembly import opened_store, shares_text
from app.assembly_hub_line import TOKEN, hub_desk, hub_line, hub_token, new_sender
from app.assembly_shared_text import new_pseudonyms
from app.domain.call_record_form import to_json
from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.domain.shared_text import text_to_json
from app.platform import messages
from app.platform.clock import SystemClock
from app.platform.passphrase_prompt import secret_line
from app.platform.settings import load_settings
from app.services.hub_sender import HubSender
from app.store.call_records import SqliteCallRecords
from app.store.call_texts import SqliteCallTexts
from app.store.callbacks import SqliteCallbacks
from app.store.ticket_store import SqliteTicketStore

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_LAST = 10


def add_call_records(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    parser = commands.add_parser("records", help=told("hub_desk.about"), description=told("hub_desk.about"))
    actions = parser.add_subparsers(title=told("cli.commands"), metavar="", required=True)

    def action(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=told(f"hub_desk.{name}"), description=told(f"hub_desk.{name}"))
        made.set_defaults(run=run)
        return made

    show = action("show", _show)
    show.add_argument("--last", type=int, default=_LAST, metavar="N", help=told("hub_desk.show_last"))
    show.add_argument("--text", metavar="RECORD_ID", help=told("hub_desk.show_text"))
    action("status", _status)
    action("send", _send)
    action("retry", _retry)
    action("enrol", _enrol)


@contextlib.contextmanager
def _opened() -> Iterator[SqliteTicketStore]:
    with opened_store(SystemClock(), rehearsal=False, on_health=lambda fault: None) as (store, _):
        yield store


def _show(arguments: argparse.Namespace) -> int:
    with _opened() as store:
        if arguments.text:
            text = SqliteCallTexts(store, SystemClock(), new_pseudonyms()).text(arguments.text)
            if text is None:
                raise OperatorVisibleError("hub_desk.no_text")
            print(json.dumps(text_to_json(text), ensure_ascii=False, indent=1))
            return 0
        found = SqliteCallRecords(store, SystemClock()).newest(max(0, arguments.last))
    print(json.dumps([to_json(record) for record in found], ensure_ascii=False, indent=1))
    return 0


def _status(_arguments: argparse.Namespace) -> int:
    settings, clock = load_settings(), SystemClock()
    with _opened() as store:
        records = SqliteCallRecords(store, clock)
        told = {"hub": settings.text("hub.url") or "-", "enrolled": _word(bool(hub_token(store, clock)(TOKEN))),
                "shares": _word(bool(settings.text("hub.url")) and settings.flag("hub.share")), "waiting": records.waiting(),
                "refused": records.refused()}
        print(messages.text("hub_desk.status_told", told))
        print(messages.text("hub_desk.last", {"last": records.last_sent() or "-", "oldest": records.oldest() or "-"}))
        if reasons := records.reasons():
            print(messages.text("hub_desk.reasons", {"reasons": _counts(reasons)}))
        if damaged := SqliteCallbacks(store).damaged_in_all():
            print(messages.text("hub_desk.callbacks_damaged", {"count": damaged}))
        if records.lost()[0]:
            print(messages.text("hub_desk.lost", dict(zip(("count", "newest"), records.lost(), strict=True))))
        counts = _counts(SqliteCallTexts(store, clock, new_pseudonyms()).counts()) if shares_text() else messages.text("hub_desk.texts_off")
        print(messages.text("hub_desk.texts", {"counts": counts}))
    return 0


def _retry(_arguments: argparse.Namespace) -> int:
    with _opened() as store:
        print(messages.text("hub_desk.retried", {"count": SqliteCallRecords(store, SystemClock()).retry()}))
    return 0


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "0"


def _send(_arguments: argparse.Namespace) -> int:
    settings, clock, faults = load_settings(), SystemClock(), list[AppError]()
    with _opened() as store, contextlib.closing(hub_line(settings, clock)) as line:
        sent = new_sender(settings, line, store, clock, faults.append).send_due()
        waiting = SqliteCallRecords(store, clock).waiting()
        if faults:
            raise faults[0]
        print(messages.text("hub_desk.sent", {"count": sent, "waiting": waiting}))
        if waiting and settings.flag("hub.share"):
            raise EnvironmentFault("hub_desk.not_reached", hub=line.name)
    return 0


def _enrol(_arguments: argparse.Namespace) -> int:
    settings, clock, faults = load_settings(), SystemClock(), list[AppError]()
    code = secret_line("hub: ").strip()
    if not code:
        raise OperatorVisibleError("hub_desk.code_empty")
    with _opened() as store, contextlib.closing(hub_line(settings, clock)) as line:
        desk = hub_desk(settings, store, clock, code)
        if not HubSender(line, SqliteCallRecords(store, clock), desk, clock, faults.append).enrol():
            raise faults[0] if faults else EnvironmentFault("hub_desk.not_reached", hub=line.name)
        print(messages.text("hub_desk.enrolled", {"hub": line.name}))
    return 0


def _word(holds: bool) -> str:
    return messages.text("hub_desk.yes" if holds else "hub_desk.no")
