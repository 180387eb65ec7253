"""``tingdan outbox``: what waits for the ticket system and why, trying the mapping, sending, mending, attachments, secrets."""

from __future__ import annotations

import argparse
import contextlib
import json
import mimetypes
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import opened_store
from app.assembly_delivery import courier_of, mapping_path, named_secrets, sending_alone
from app.delivery.scope import vocabulary
from app.delivery.template import Unrenderable
from app.domain.catalogue import FieldKind, FieldSpec
from app.domain.delivery import Delivered, Failed, OutboxMessage, OutboxState, Outcome
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.field_rules import misfit
from app.domain.ticket import Value
from app.platform import messages
from app.platform.catalogue_files import load_fields
from app.platform.clock import SystemClock
from app.platform.passphrase_prompt import secret_line
from app.platform.resource_files import resource
from app.ports.outbox import Consignment, Mend
from app.services.delivery import Attempt, Delivery
from app.services.delivery_sample import sample_consignment
from app.store.outbox import SqliteOutbox

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

EXAMPLES = ("rest", "folder")


def add_outbox(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    outbox = commands.add_parser("outbox", help=told("outbox.about"), description=told("outbox.about"))
    actions = outbox.add_subparsers(title=told("cli.commands"), metavar="", required=True)

    def action(name: str, run: Callable[[argparse.Namespace], int]) -> ArgumentParser:
        parser = actions.add_parser(name, help=told(f"outbox.{name}"), description=told(f"outbox.{name}"))
        parser.set_defaults(run=run)
        return parser

    listed = action("list", _list)
    listed.add_argument("--all", action="store_true", help=told("outbox.list_all"))
    listed.add_argument("--json", action="store_true", help=told("cli.json"))
    tried = action("test", _test)
    tried.add_argument("--ticket", metavar="NO", default="", help=told("outbox.test_ticket"))
    tried.add_argument("--send", action="store_true", help=told("outbox.test_send"))
    sent = action("send", _send)
    for parser in (tried, sent):
        parser.add_argument("--mapping", type=Path, metavar="FILE", help=told("outbox.mapping"))
    resent = action("resend", _resend)
    resent.add_argument("rows", type=int, nargs="*", metavar="ROW", help=told("outbox.row"))
    resent.add_argument("--refused", action="store_true", help=told("outbox.resend_refused"))
    resent.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help=told("outbox.resend_set"))
    resent.add_argument("--ticket", metavar="NO", default="", help=told("outbox.resend_ticket"))
    attached = action("attach", _attach)
    attached.add_argument("ticket", metavar="TICKET", help=told("outbox.attach_ticket"))
    attached.add_argument("file", type=Path, help=told("outbox.attach_file"))
    secret = action("secret", _secret)
    secret.add_argument("do", choices=("set", "remove"))
    secret.add_argument("name")
    action("fields", _fields)
    example = action("example", _example)
    example.add_argument("kind", choices=EXAMPLES)
    example.add_argument("file", type=Path, nargs="?", help=told("outbox.example_file"))


@contextlib.contextmanager
def _opened() -> Iterator[SqliteOutbox]:
    clock = SystemClock()
    with opened_store(clock, rehearsal=False, on_health=lambda fault: None) as (store, _):
        yield SqliteOutbox(store, clock)


def _list(arguments: argparse.Namespace) -> int:
    with _opened() as outbox:
        found = outbox.messages(open_only=not arguments.all)
    if arguments.json:
        print(json.dumps([asdict(message) for message in found], ensure_ascii=False, indent=1))
        return 0
    for message in reversed(found):
        print(_line(message))
    if not found:
        print(messages.text("outbox.nothing"))
    return 0


def _line(message: OutboxMessage) -> str:
    state = messages.text(f"outbox.state_{message.state}")
    parts = [f"{message.row_id:>4}", message.ticket_no, messages.text(f"outbox.kind_{message.kind}"), state]
    if message.attempts:
        parts.append(messages.text("outbox.attempts", {"count": message.attempts}))
    if message.reason:
        parts.append(messages.text(message.reason))
    if message.words:
        parts.append(f"[{message.status or '-'}] {message.words}")
    if message.state is OutboxState.WAITING and message.waits_for:
        parts.append(messages.text("outbox.waits_for", {"row": message.waits_for}))
    elif message.next_at:
        parts.append(messages.text("outbox.next_at", {"at": message.next_at}))
    if message.receipt:
        parts.append(messages.text("outbox.receipt", {"receipt": message.receipt}))
    return "  ".join(parts)


def _test(arguments: argparse.Namespace) -> int:
    """Check the mapping, show what would be sent; with --send ask the server."""
    clock = SystemClock()
    with contextlib.ExitStack() as cleanup:
        outbox = cleanup.enter_context(_opened())
        courier = courier_of(outbox, clock, arguments.mapping)
        cleanup.callback(courier.close)
        path = mapping_path(arguments.mapping)
        print(messages.text("outbox.mapping_good", {"file": path.name if path else "", "name": courier.name}))
        consignment = _of_ticket(outbox, arguments.ticket) if arguments.ticket else sample_consignment(load_fields(), clock)
        try:
            print(json.dumps(courier.rendered(consignment), ensure_ascii=False, indent=1))
        except Unrenderable as error:
            raise OperatorVisibleError("outbox.not_rendered", reason=messages.text(error.reason), name=error.name,
                                       found=error.found) from error
        if not arguments.send:
            print(messages.text("outbox.nothing_sent"))
            return 0
        outcome = courier.check() if hasattr(courier, "check") else None
        return _told(outcome if outcome is not None else courier.deliver(_marked(consignment, arguments.ticket)))


def _marked(consignment: Consignment, ticket: str) -> Consignment:
    """A stored ticket is never sent by a test: only the invented one is, and it says so in its title."""
    if ticket:
        raise OperatorVisibleError("outbox.test_no_check")
    return consignment


def _of_ticket(outbox: SqliteOutbox, number: str) -> Consignment:
    return outbox.consignment(_newest_row(outbox, number).row_id)


def _newest_row(outbox: SqliteOutbox, number: str) -> OutboxMessage:
    for message in outbox.messages(limit=100_000):
        if number == message.ticket_no or number.startswith(message.ticket_no + "-"):
            return message
    raise OperatorVisibleError("delivery.no_such_ticket", ticket_no=number)


def _told(outcome: Outcome) -> int:
    if isinstance(outcome, Delivered):
        print(messages.text("outbox.server_well", {"receipt": outcome.receipt or "-"}))
        return 0
    print(f"{messages.text(outcome.reason)}  [{outcome.status or '-'}] {outcome.words}", file=sys.stderr)
    return EnvironmentFault.exit_code if isinstance(outcome, Failed) else OperatorVisibleError.exit_code


def _send(arguments: argparse.Namespace) -> int:
    """One attempt for everything that is not delivered; exit code 3 where something still waits, 2 where something was refused."""
    clock = SystemClock()
    with contextlib.ExitStack() as cleanup:
        outbox = cleanup.enter_context(_opened())
        cleanup.enter_context(sending_alone())
        courier = courier_of(outbox, clock, arguments.mapping)
        cleanup.callback(courier.close)
        for message in outbox.messages(open_only=True, limit=100_000):
            if message.state is OutboxState.WAITING and message.due_s:
                outbox.resend(message.row_id)
        delivery = Delivery(outbox, courier, clock, _print_attempt)
        delivery.send_due()
        left = outbox.messages(open_only=True, limit=100_000)
    if not left:
        print(messages.text("outbox.nothing"))
        return 0
    waiting = sum(message.state is OutboxState.WAITING for message in left)
    print(messages.text("outbox.left", {"waiting": waiting, "refused": len(left) - waiting}))
    return EnvironmentFault.exit_code if waiting else OperatorVisibleError.exit_code


def _print_attempt(attempt: Attempt) -> None:
    outcome = attempt.outcome
    if isinstance(outcome, Delivered):
        what = messages.text("outbox.receipt", {"receipt": outcome.receipt or "-"})
    else:
        what = f"{messages.text(outcome.reason)}  [{outcome.status or '-'}] {outcome.words}"
    print(f"{attempt.message.row_id:>4}  {attempt.message.ticket_no}  {what}")


def _resend(arguments: argparse.Namespace) -> int:
    with _opened() as outbox:
        rows = list(arguments.rows)
        if arguments.refused:
            rows += [m.row_id for m in outbox.messages(open_only=True, limit=100_000) if m.state is OutboxState.REFUSED]
        if not rows or (arguments.set and len(rows) != 1):
            raise OperatorVisibleError("outbox.one_row")
        for row in rows:
            number = arguments.ticket or outbox.consignment(row).message.ticket_no
            print(_line(outbox.resend(row, [_mend(number, given) for given in arguments.set])))
    return 0


def _mend(ticket_no: str, given: str) -> Mend:
    name, equals, text = given.partition("=")
    spec = load_fields().get(name)
    if not equals or spec is None:
        raise OperatorVisibleError("delivery.no_such_field", name=name)
    value = _value(spec, text) if text else None
    if value is not None and misfit(spec, value):
        raise OperatorVisibleError("delivery.bad_value", name=name, wanted=spec.rule or ", ".join(spec.choices) or spec.kind)
    return Mend(ticket_no, name, value)


def _value(spec: FieldSpec, text: str) -> Value:
    if spec.kind is FieldKind.FLAG:
        if text not in ("true", "false", "是", "否"):
            raise OperatorVisibleError("delivery.bad_value", name=spec.name, wanted="true, false, 是, 否")
        return text in ("true", "是")
    if spec.kind is FieldKind.LIST:
        return [part for part in text.split(",") if part]
    if spec.kind is FieldKind.NUMBER and text.isascii() and text.isdigit():
        return int(text)
    return text


def _attach(arguments: argparse.Namespace) -> int:
    try:
        body = arguments.file.read_bytes()
    except OSError as error:
        raise OperatorVisibleError("outbox.no_file", file=arguments.file.name) from error
    with _opened() as outbox:
        call_id = _of_ticket(outbox, arguments.ticket).context.call_id
        media_type = mimetypes.guess_type(arguments.file.name)[0] or "application/octet-stream"
        outbox.attach(call_id, arguments.file.name, media_type, body)
    print(messages.text("outbox.attached", {"file": arguments.file.name}))
    return 0


def _secret(arguments: argparse.Namespace) -> int:
    with _opened() as outbox:
        secrets = named_secrets(outbox)
        if arguments.do == "remove":
            secrets.put(arguments.name, None)
            return 0
        given = secret_line(f"{arguments.name}: ")
        if not given:
            raise OperatorVisibleError("delivery.secret_empty")
        secrets.put(arguments.name, given)
        print(messages.text("outbox.secret_kept" if secrets.is_keyring else "outbox.secret_kept_in_store", {"name": arguments.name}))
    return 0


def _fields(_arguments: argparse.Namespace) -> int:
    table = load_fields()
    words = vocabulary(table, {})
    for spec in table.specs:
        print(f"{spec.name:<22}{spec.label}")
    others = sorted(words.names - {spec.name for spec in table.specs})
    print("", messages.text("outbox.other_names"), "  ".join(others), sep="\n")
    for name, inside in words.lists.items():
        print(f"$each {name}: " + "  ".join(sorted(inside - {spec.name for spec in table.specs})))
    return 0


def _example(arguments: argparse.Namespace) -> int:
    source = resource("delivery") / f"example-{arguments.kind}.json"
    if arguments.file is None:
        print(source.read_text("utf-8"), end="")
        return 0
    if arguments.file.exists():
        raise OperatorVisibleError("outbox.file_exists", file=arguments.file.name)
    try:
        shutil.copyfile(source, arguments.file)
    except OSError as error:
        raise EnvironmentFault("outbox.no_file", file=arguments.file.name) from error
    return 0
