"""``tingdan kb update | status | pin``: the desk's side of knowledge updates. Thin: each sub-command calls one part of the root."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from app.assembly import opened_store, updates_folder
from app.assembly_knowledge import knowledge_age, new_updater, receipt_carrier, receipt_folder
from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.domain.knowledge_update import KnowledgeAge, UpdateNews, UpdateReceipt
from app.platform import messages, paths
from app.platform.clock import SystemClock
from app.platform.settings import load_settings
from app.ports.ports import Clock
from app.services.knowledge_recalls import ShownCalls, shown_calls
from app.signed.client import fingerprint, is_root
from app.store.assist import SqliteAssist
from app.store.ticket_store import FILE_NAME
from kb_cache.installed import InstalledFolder
from kb_cache.update_poll import look_and_remember

OFF = "off"
RECEIPTS_TOLD = 5
NewAction = Callable[[str, Callable[[argparse.Namespace], int]], argparse.ArgumentParser]


def add_kb_update(action: NewAction) -> None:
    """Register the sub-commands."""
    told = messages.text
    update = action("update", _update)
    update.add_argument("--from", dest="address", default="", metavar="ADDRESS", help=told("kb_cli.update_from"))
    update.add_argument("--root", type=Path, metavar="FILE", help=told("kb_cli.update_root"))
    update.add_argument("--fingerprint", default="", metavar="SHA256", help=told("kb_cli.update_fingerprint"))
    status = action("status", _status)
    status.add_argument("--json", action="store_true", help=told("cli.json"))
    pin = action("pin", _pin)
    pin.add_argument("version", help=told("kb_cli.pin_version"))


def _update(arguments: argparse.Namespace) -> int:
    """Trust a root where one is given; look once where there is an address."""
    installed, clock = updates_folder(), SystemClock()
    if arguments.root is not None:
        _trust(installed, arguments.root, arguments.fingerprint)
        if not (arguments.address or load_settings().text("knowledge.address")):
            return 0
    updater = new_updater(installed, clock, arguments.address)
    try:
        news = look_and_remember(updater, installed, clock)
    finally:
        carrier = receipt_carrier(clock)
        if carrier is not None:
            receipt_folder(installed).send(carrier)
    for line in _news_lines(news):
        print(line)
    return 0


def _news_lines(news: UpdateNews | None) -> list[str]:
    if news is None:
        return [messages.text("kb_update.current")]
    lines = []
    if news.changed or news.removed:
        lines.append(messages.text("kb_update.installed", {"version": news.version, "changed": len(news.changed),
                                                           "removed": len(news.removed)}))
    if news.recalled:
        lines.append(messages.text("kb_update.recalled", {"count": len(news.recalled)}))
    return lines or [messages.text("kb_update.current")]


def _trust(installed: InstalledFolder, file: Path, expected: str) -> None:
    try:
        root = file.read_bytes()
    except OSError as error:
        raise EnvironmentFault("kb_update.bad_root", file=file.name) from error
    if not is_root(root):
        raise OperatorVisibleError("kb_update.bad_root", file=file.name)
    found = fingerprint(root)
    if expected.strip().lower() != found:
        raise OperatorVisibleError("kb_update.fingerprint_differs", found=found)
    installed.trust(root)
    print(messages.text("kb_update.trusted", {"fingerprint": found}))


def _status(arguments: argparse.Namespace) -> int:
    """What is installed, how old it is; exit code 3 where it is expired or damaged."""
    installed, clock = updates_folder(), SystemClock()
    age, state = knowledge_age(clock), installed.state()
    waiting = receipt_folder(installed).waiting()
    shown = _shown(tuple(one.id for one in state.recalled), clock)
    rows, damage = 0, ""
    if state.current is not None:
        try:
            rows = len(installed.read(state.current.file)[1])
        except EnvironmentFault as fault:
            damage = messages.describe(fault)
    if arguments.json:
        print(json.dumps({**asdict(age), "rows": rows, "damage": damage, "recalled": [asdict(one) for one in state.recalled],
                          "shown": shown, "receipts": [asdict(one) for one in waiting]}, ensure_ascii=False, indent=1))
    else:
        _print_status(age, rows, damage)
        for recall in state.recalled:
            print(messages.text("kb_update.status_recalled", {"entry": recall.id, "reason": recall.reason or "-"}))
            for call, at in shown.get(recall.id, ()):
                print(messages.text("kb_update.status_call", {"call": call, "at": at}))
        _print_receipts(waiting)
    return EnvironmentFault.exit_code if age.expired_days or damage else 0


def _shown(recalled: tuple[str, ...], clock: Clock) -> ShownCalls:
    """The calls in which this PC showed what is recalled; a store that cannot be opened is told and keeps nothing else back."""
    if not recalled or not (paths.data_dir() / FILE_NAME).exists():
        return {}
    try:
        with opened_store(clock, rehearsal=False, on_health=lambda fault: None) as (store, _):
            return shown_calls(SqliteAssist(store, clock), recalled)
    except AppError as error:
        print(messages.text("kb_publish.shown_unknown", {"reason": messages.describe(error)}), file=sys.stderr)
        return {}


def _print_receipts(waiting: Sequence[UpdateReceipt]) -> None:
    if not waiting:
        return
    print(messages.text("kb_update.status_receipts", {"count": len(waiting)}))
    for one in waiting[-RECEIPTS_TOLD:]:
        print(messages.text("kb_update.status_receipt", {"at": one.at, "result": one.result, "version": one.version or "-"}))


def _print_status(age: KnowledgeAge, rows: int, damage: str) -> None:
    told = messages.text
    if age.release:
        print(told("kb_update.status_version", {"version": age.version, "release": age.release, "channel": age.channel, "entries": rows}))
    else:
        print(told("kb_update.status_none"))
    if damage:
        print(damage)
    if age.checked_at:
        print(told("kb_update.status_checked", {"at": age.checked_at, "result": age.result}))
    if age.expired_days:
        print(told("kb_update.expired_days", {"days": age.expired_days}))
    elif age.expires_at:
        print(told("kb_update.status_until", {"until": age.expires_at}))
    if age.pinned:
        print(told("kb_update.status_pinned", {"version": age.pinned}))


def _pin(arguments: argparse.Namespace) -> int:
    """Stay on a version, or on none; in force with the next look."""
    version = "" if arguments.version == OFF else arguments.version
    load_settings().put("knowledge.pin", version)
    print(messages.text("kb_update.pinned" if version else "kb_update.unpinned", {"version": version}))
    if load_settings().text("knowledge.address"):
        installed, clock = updates_folder(), SystemClock()
        for line in _news_lines(look_and_remember(new_updater(installed, clock), installed, clock)):
            print(line)
    return 0
