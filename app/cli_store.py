"""``tingdan store …``: look after the encrypted ticket store. Thin: each sub-command calls one part of the root."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app import assembly_records as parts
from app.assembly import backup_rules, retention, waiting_kept
from app.domain.audit import Actor, head_words
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.masking import Role
from app.domain.retention import DataKind, Removed
from app.domain.ticket_search import TicketQuery
from app.platform import messages, paths
from app.platform.atomic_file import write_atomically
from app.platform.catalogue_files import load_fields
from app.platform.clock import SystemClock
from app.platform.passphrase_prompt import terminal_prompt
from app.platform.secrets import PASSPHRASE_VARIABLE, change_passphrase
from app.services.ticket_export import ExportOrder, Form, TicketExport
from app.store import backups, upkeep
from app.store.purging import Purge

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_BROKEN = 3
_NEWEST = 50


def add_store(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    parser = commands.add_parser("store", help=told("records.about"), description=told("records.about"))
    actions = parser.add_subparsers(title=told("cli.commands"), metavar="", required=True)

    def action(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        key = f"records.{name.replace('-', '_')}"
        made = actions.add_parser(name, help=told(key), description=told(key))
        made.set_defaults(run=run)
        return made

    action("verify", _verify)
    action("backup", _backup).add_argument("target", nargs="?", type=Path, help=told("records.backup_target"))
    action("restore", _restore).add_argument("backup", type=Path, help=told("records.restore_backup"))
    export = action("export", _export)
    export.add_argument("out", type=Path, help=told("records.export_out"))
    export.add_argument("--format", choices=[form.value for form in Form], help=told("records.export_form"))
    export.add_argument("--since", metavar="ISO", help=told("records.export_since"))
    export.add_argument("--until", metavar="ISO", help=told("records.export_until"))
    export.add_argument("--dialogue", action="store_true", help=told("records.export_dialogue"))
    export.add_argument("--unmasked", action="store_true", help=told("records.export_unmasked"))
    export.add_argument("--reason", default="", help=told("records.export_reason"))
    purge = action("purge", _purge)
    purge.add_argument("--yes", action="store_true", help=told("records.purge_yes"))
    purge.add_argument("--kind", action="append", choices=[kind.value for kind in DataKind], help=told("records.purge_kind"))
    purge.add_argument("--backups", action="store_true", help=told("records.purge_backups"))
    action("rotate-key", _rotate_key).add_argument("--forget-former", action="store_true", help=told("records.forget_former"))
    action("passphrase", _passphrase)
    audit = action("audit", _audit)
    audit.add_argument("--newest", type=int, default=_NEWEST, help=told("records.audit_newest"))
    audit.add_argument("--ticket", default="", metavar="NUMBER", help=told("records.audit_ticket"))


def _verify(_arguments: argparse.Namespace) -> int:
    report = upkeep.verify(parts.store_path(), parts.store_key())
    with parts.opened_records(SystemClock()) as opened:
        broken, entries = opened.records.broken_at(), opened.records.entries()
    if broken is not None:
        return _say("records.audit_broken", _BROKEN, seq=broken)
    return _say("records.verified", drafts=report.drafts, tickets=report.tickets, outbox=report.outbox, pages=report.pages,
                entries=len(entries))


def _backup(arguments: argparse.Namespace) -> int:
    return _say("records.backed_up", file=parts.back_up(arguments.target, SystemClock()))


def _restore(arguments: argparse.Namespace) -> int:
    aside = parts.restore(arguments.backup, SystemClock())
    return _say("records.restored", aside=aside or messages.text("records.nothing_aside"))


def _export(arguments: argparse.Namespace) -> int:
    out: Path = parts.new_file(arguments.out)
    form = Form(arguments.format or (out.suffix[1:].lower() if out.suffix[1:].lower() in list(Form) else Form.CSV))
    query = TicketQuery(since=_date(arguments.since), until=_date(arguments.until))

    def write(body: bytes) -> None:
        try:
            write_atomically(out, body)
        except OSError as error:
            raise EnvironmentFault("store.io", code=type(error).__name__) from error

    with parts.opened_records(SystemClock()) as opened:
        order = ExportOrder(form, Role(opened.store.actor.role), arguments.unmasked, arguments.reason, arguments.dialogue)
        export = TicketExport(opened.records, opened.records, load_fields(), write)
        done = export.export(parts.chosen_tickets(opened, query), order)
    return _say("records.exported", count=done.count, file=out, digest=done.digest)


def _purge(arguments: argparse.Namespace) -> int:
    clock = SystemClock()
    kinds = tuple(DataKind(kind) for kind in arguments.kind or DataKind)
    with parts.opened_records(clock) as opened:
        purge = Purge(opened.store, clock, waiting_kept())
        removed = (purge.run if arguments.yes else purge.look)(retention(), kinds)
    told = [each for each in removed if each.count or each.held_back]
    for each in told:
        print(messages.text("records.gone" if arguments.yes else "records.would_go", _removed(each)))
    if not told:
        return _say("records.nothing_to_purge")
    if arguments.yes and arguments.backups:
        count, made = parts.replace_backups(clock)
        return _say("records.backups_gone", count=count, file=made)
    held = backups.backups(backup_rules().folder)
    return _say("records.backups_hold", count=len(held)) if arguments.yes and held else 0


def _rotate_key(arguments: argparse.Namespace) -> int:
    clock = SystemClock()
    if arguments.forget_former:
        count, lost = parts.forget_former_keys(clock)
        return _say("records.forgotten", count=count, backups=lost)
    parts.rotate_key(clock)
    return _say("records.rotated")


def _passphrase(_arguments: argparse.Namespace) -> int:
    prompt = terminal_prompt()
    old = os.environ.get(PASSPHRASE_VARIABLE) or (prompt(False) if prompt else None)
    new = prompt(True) if prompt and old else None
    if not old or not new:
        raise EnvironmentFault("platform.passphrase_needed", variable=PASSPHRASE_VARIABLE)
    change_passphrase(paths.data_dir(), old, new)
    return _say("records.passphrase_changed")


def _audit(arguments: argparse.Namespace) -> int:
    with parts.opened_records(SystemClock()) as opened:
        entries = opened.records.entries(arguments.newest, arguments.ticket)
        broken, everything = opened.records.broken_at(), opened.records.entries()
    for entry in entries:
        detail = " ".join(f"{name}={value}" for name, value in entry.detail.items() if value not in ("", None))
        print(f"{entry.seq:>7}  {entry.at[:19]}  {_who(entry.actor)}  {entry.action:<12}  {entry.subject}  {detail}")
    if broken is not None:
        return _say("records.audit_broken", _BROKEN, seq=broken)
    return _say("records.audit_whole", entries=len(everything), head=head_words(everything[-1].digest)[:16] if everything else "-")


def _who(actor: Actor) -> str:
    return f"{actor.name or '-'}/{actor.role}"


def _removed(removed: Removed) -> dict[str, object]:
    return {"kind": messages.text(f"records.kind_{removed.kind.value}"), "count": removed.count, "before": removed.before,
            "held_back": removed.held_back, "digest": removed.digest}


def _date(given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        parsed = datetime.fromisoformat(given)
    except ValueError as error:
        raise OperatorVisibleError("records.bad_date", given=given) from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=SystemClock().now().tzinfo)


def _say(key: str, code: int = 0, /, **params: object) -> int:
    print(messages.text(key, params))
    return code
