"""``tingdan kb keys | publish | stage | rollback | recall``: the publisher's side, and the desk's beside it (``app.cli_kb_update``)."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import opened_store
from app.cli_kb_update import add_kb_update
from app.domain.errors import AppError, OperatorVisibleError
from app.platform import messages, paths
from app.platform.clock import SystemClock
from app.signed.keys import KeyFolders, passphrase_from
from app.signed.metadata import ONLINE, ROLES
from app.store.assist import SqliteAssist
from app.store.ticket_store import FILE_NAME
from kb_cache.channel import DEFAULT_CHANNEL
from kb_cache.kb_folder import read_content
from kb_cache.publisher import Published, Publisher, is_repository
from kb_cache.records import record_of
from kb_cache.rows import canonical

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

PASSPHRASE_VARIABLE = "TINGDAN_KB_PASSPHRASE"  # noqa: S105  (a variable's name)
REPO_VARIABLE = "TINGDAN_KB_REPO"
_NUMBER_SHOWN = 16


def add_kb_publish(actions: _SubParsersAction[ArgumentParser]) -> None:
    """Register the sub-commands in the group ``kb``."""
    told = messages.text

    def action(name: str, run: Callable[[argparse.Namespace], int]) -> ArgumentParser:
        made = actions.add_parser(name, help=told(f"kb_cli.{name}"), description=told(f"kb_cli.{name}"))
        made.set_defaults(run=run)
        return made

    keys = action("keys", _keys)
    keys.add_argument("do", choices=("init", "list", "refresh", "renew", "rotate"), help=told("kb_cli.keys_do"))
    keys.add_argument("role", nargs="?", choices=ROLES, help=told("kb_cli.keys_role"))
    keys.add_argument("--lost", default="", metavar="KEY", help=told("kb_cli.keys_lost"))
    publish = action("publish", _publish)
    publish.add_argument("source", type=Path, help=told("kb_cli.publish_source"))
    publish.add_argument("--version", default="", metavar="NAME", help=told("kb_cli.publish_version"))
    publish.add_argument("--share", type=int, default=100, metavar="PERCENT", help=told("kb_cli.share"))
    stage = action("stage", _stage)
    stage.add_argument("version", help=told("kb_cli.version"))
    stage.add_argument("share", type=int, metavar="PERCENT", help=told("kb_cli.share"))
    rollback = action("rollback", _rollback)
    rollback.add_argument("version", help=told("kb_cli.version"))
    recall = action("recall", _recall)
    recall.add_argument("entry", metavar="ID", help=told("kb_cli.recall_entry"))
    recall.add_argument("--reason", default="", help=told("kb_cli.recall_reason"))
    recall.add_argument("--end", action="store_true", help=told("kb_cli.recall_end"))
    for parser in (publish, rollback):
        parser.add_argument("--note", default="", help=told("kb_cli.note"))
    for parser in (publish, stage, rollback, recall):
        parser.add_argument("--channel", default=DEFAULT_CHANNEL, help=told("kb_cli.channel"))
    for parser in (keys, publish, stage, rollback, recall):
        parser.add_argument("--repo", type=Path, metavar="FOLDER", help=told("kb_cli.repo"))
        parser.add_argument("--keys", dest="key_folders", type=Path, action="append", default=[], metavar="FOLDER",
                            help=told("kb_cli.keys_folder"))
    add_kb_update(action)


def _publisher(arguments: argparse.Namespace, is_new: bool = False) -> Publisher:
    """The publisher's folder with whatever keys are plugged in."""
    repo = publisher_folder(arguments, is_new)
    return Publisher(repo, opened_keys(repo, arguments), SystemClock())


def publisher_folder(arguments: argparse.Namespace, is_new: bool = False) -> Path:
    """The folder that ``--repo``, the environment or the work folder names.

    Raises:
        OperatorVisibleError: it is no publisher's.
    """
    repo: Path = arguments.repo or Path(os.environ.get(REPO_VARIABLE) or Path.cwd())
    if not is_new and not is_repository(repo):
        raise OperatorVisibleError("kb_publish.none", path=str(repo))
    return repo


def opened_keys(repo: Path, arguments: argparse.Namespace) -> KeyFolders:
    """Whatever keys are plugged in."""
    folders = (*arguments.key_folders, repo / "keys", repo / "keys" / "offline")
    return KeyFolders(folders, passphrase_from(PASSPHRASE_VARIABLE, _asked))


def _asked(file: str) -> str:
    if not sys.stdin.isatty():
        raise OperatorVisibleError("kb_publish.passphrase_short", least=8)
    text = "kb_publish.passphrase" if file else "kb_publish.passphrase_new"
    return getpass.getpass(messages.text(text, {"file": file}))


def _keys(arguments: argparse.Namespace) -> int:
    publisher = _publisher(arguments, is_new=arguments.do == "init")
    offline = arguments.key_folders[0] if arguments.key_folders else publisher.folder / "keys" / "offline"
    if arguments.do == "init":
        print(messages.text("kb_publish.created", {"fingerprint": publisher.create(offline)}))
        print(messages.text("kb_publish.move_keys", {"path": str(offline)}))
    elif arguments.do == "refresh":
        publisher.refresh()
        print(messages.text("kb_publish.refreshed"))
    elif arguments.do == "renew":
        publisher.renew()
        print(messages.text("kb_publish.renewed"))
    elif arguments.do == "rotate":
        if arguments.role is None:
            raise OperatorVisibleError("kb_publish.no_such_key", role="-", key="-")
        folder = publisher.folder / "keys" if arguments.role in ONLINE else offline
        key = publisher.rotate(arguments.role, folder, arguments.lost)
        print(messages.text("kb_publish.rotated", {"role": arguments.role, "key": key[:_NUMBER_SHOWN]}))
    else:
        _list(publisher)
    return 0


def _list(publisher: Publisher) -> None:
    told = messages.text
    print(told("kb_publish.fingerprint_line", {"fingerprint": publisher.signed.fingerprint()}))
    for state in publisher.signed.states():
        print(told("kb_publish.role_line", {"role": state.role, "version": state.version, "expires": f"{state.expires:%Y-%m-%d %H:%M}Z",
                                            "threshold": state.threshold}))
        for key, held in state.keys:
            print(told("kb_publish.key_line", {"key": key[:_NUMBER_SHOWN], "held": told(f"kb_publish.key_{'held' if held else 'away'}")}))
    for page in publisher.channels():
        print(told("kb_publish.channel_line", {"channel": page.channel}))
        for one in page.releases:
            print(told("kb_publish.release_line", {"number": one.number, "version": one.version, "rows": one.rows, "share": one.share,
                                                   "at": one.published_at, "note": one.note}))
        for recall in page.recalled:
            print(told("kb_publish.recall_line", {"entry": recall.id, "reason": recall.reason}))


def _publish(arguments: argparse.Namespace) -> int:
    publisher = _publisher(arguments)
    content = read_content(arguments.source)
    rows = {entry.id: canonical(record_of(entry)) for entry in content.entries}
    if content.refusals:
        first = content.refusals[0]
        print(messages.text("kb_publish.refused", {"count": len(content.refusals), "line": first.line, "reason": first.reason}),
              file=sys.stderr)
    _print_published(publisher.publish(rows, arguments.channel, arguments.version, arguments.share, arguments.note))
    return 0


def _print_published(made: Published) -> None:
    release = made.release
    print(messages.text("kb_publish.published", {
        "version": release.version, "release": release.number, "channel": made.channel, "share": release.share, "rows": release.rows,
        "changed": made.changed, "removed": made.removed,
        "full_kb": -(-made.full_bytes // 1024), "delta_kb": -(-made.delta_bytes // 1024)}))


def _stage(arguments: argparse.Namespace) -> int:
    release = _publisher(arguments).stage(arguments.channel, arguments.version, arguments.share)
    print(messages.text("kb_publish.staged", {"version": release.version, "share": release.share}))
    return 0


def _rollback(arguments: argparse.Namespace) -> int:
    _print_published(_publisher(arguments).rollback(arguments.channel, arguments.version, arguments.note))
    return 0


def _recall(arguments: argparse.Namespace) -> int:
    publisher = _publisher(arguments)
    if arguments.end:
        publisher.end_recall(arguments.channel, arguments.entry)
        print(messages.text("kb_publish.recall_ended", {"entry": arguments.entry}))
        return 0
    title = publisher.recall(arguments.channel, arguments.entry, arguments.reason)
    print(messages.text("kb_publish.recalled", {"entry": arguments.entry, "title": title}))
    _print_calls(arguments.entry)
    return 0


def _print_calls(entry: str) -> None:
    """The calls in which this PC showed the entry, where it has a store that can be opened; a recall never fails for it."""
    if not (paths.data_dir() / FILE_NAME).exists():
        print(messages.text("kb_publish.shown_unknown", {"reason": FILE_NAME}))
        return
    try:
        with opened_store(SystemClock(), rehearsal=False, on_health=lambda fault: None) as (store, _):
            calls = SqliteAssist(store, SystemClock()).calls_shown(entry)
    except AppError as error:
        print(messages.text("kb_publish.shown_unknown", {"reason": messages.describe(error)}))
        return
    print(messages.text("kb_publish.shown_in", {"count": len(calls)}))
    for call, at in calls:
        print(f"    {at}  {call}")
