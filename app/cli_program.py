"""``tingdan program``: the publisher's side of program updates, and this PC's. Thin: each sub-command calls one part of the root."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly_program import new_program_updater, own_base, program_checks, send_receipts, versions
from app.cli_kb_publish import opened_keys, publisher_folder
from app.domain.errors import EnvironmentFault
from app.platform import messages
from app.platform.clock import SystemClock
from app.platform.settings import load_settings
from app.program.build import own_folder, read_build
from app.program.health import as_json
from app.program.manifest import MANIFEST, ManifestError, from_bytes, id_of, made_of
from app.program.publisher import ProgramPublisher, PublishedProgram
from app.program.versions import Version, Versions

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

STABLE = "stable"
_LOWER = 10


def add_program(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    program = commands.add_parser("program", help=told("program_cli.program"), description=told("program_cli.program"))
    actions = program.add_subparsers(title=told("cli.commands"), metavar="", required=True)

    def action(name: str, run: Callable[[argparse.Namespace], int], *flags: str) -> ArgumentParser:
        made = actions.add_parser(name, help=told(f"program_cli.{name}"), description=told(f"program_cli.{name}"))
        made.set_defaults(run=run)
        for flag in flags:
            made.add_argument(f"--{flag}", action="store_true", help=told("cli.json" if flag == "json" else f"program_cli.{flag}"))
        return made

    update = action("update", _update, "json", "background")
    update.add_argument("--from", dest="address", default="", metavar="ADDRESS", help=told("kb_cli.update_from"))
    action("status", _status, "json", "verify")
    action("back", _back)
    action("remove", _remove)
    action("check", _check, "json")
    publish = action("publish", _publish)
    publish.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help=told("program_cli.folders"))
    publish.add_argument("--share", type=int, default=100, metavar="PERCENT", help=told("kb_cli.share"))
    stage = action("stage", _stage)
    rollback = action("rollback", _rollback)
    for parser in (stage, rollback):
        parser.add_argument("version", help=told("kb_cli.version"))
    stage.add_argument("share", type=int, metavar="PERCENT", help=told("kb_cli.share"))
    for parser in (publish, rollback):
        parser.add_argument("--note", default="", help=told("kb_cli.note"))
    for parser in (publish, stage, rollback, action("list", _list)):
        parser.add_argument("--channel", default=STABLE, help=told("kb_cli.channel"))
        parser.add_argument("--repo", type=Path, metavar="FOLDER", help=told("kb_cli.repo"))
        parser.add_argument("--keys", dest="key_folders", type=Path, action="append", default=[], metavar="FOLDER",
                            help=told("kb_cli.keys_folder"))


def _update(arguments: argparse.Namespace) -> int:
    if arguments.background and hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_LOWER)
    clock = SystemClock()
    try:
        looked = new_program_updater(clock, arguments.address).look()
    finally:
        send_receipts(clock)
    print(json.dumps(asdict(looked), ensure_ascii=False) if arguments.json
          else messages.text(f"program_update.{looked.result}", {"version": looked.version}))
    return 0


def _status(arguments: argparse.Namespace) -> int:
    """What is in use, what waits; exit code 3 where files are not as they came."""
    held, told = versions(), messages.text
    state, own = held.state(), own_folder()
    base = read_build(own_base(own, held)) if own is not None else None
    damaged = [one.version for one in (state.current, state.pending) if one is not None and arguments.verify and not _is_whole(held, one)]
    if arguments.json:
        print(json.dumps({"base": asdict(base) if base else None, **asdict(state), "damaged": damaged}, ensure_ascii=False, indent=1))
        return EnvironmentFault.exit_code if damaged else 0
    print(told("program_update.status_updates", {"mode": told(f"settings.choice_updates_{load_settings().text('program.updates')}")}))
    print(told("program_update.status_base", {"version": base.version}) if base else told("program_update.status_none"))
    for name in ("current", "pending", "former"):
        version: Version | None = getattr(state, name)
        if version is not None:
            print(told(f"program_update.status_{name}", {"version": version.version}))
    for one in damaged:
        print(told("program_update.status_damaged", {"version": one}))
    return EnvironmentFault.exit_code if damaged else 0


def _is_whole(held: Versions, version: Version) -> bool:
    try:
        data = (held.path(version) / MANIFEST).read_bytes()
        return id_of(data) == version.manifest and made_of(held.path(version)) == from_bytes(data)
    except (OSError, ManifestError):
        return False


def _back(_: argparse.Namespace) -> int:
    now = versions().back()
    print(messages.text("program_update.back", {"version": now.version if now else messages.text("program_update.base")}))
    return 0


def _remove(_: argparse.Namespace) -> int:
    versions().remove()
    print(messages.text("program_update.removed"))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    checks = program_checks(with_parts=True)
    if arguments.json:
        print(as_json(checks))
        return 0
    for check in checks:
        if not check.ok:
            print(f"{check.name}: {messages.text(check.key, check.params)}")
    return 0 if all(check.ok for check in checks) else EnvironmentFault.exit_code


def _publisher(arguments: argparse.Namespace) -> ProgramPublisher:
    repo = publisher_folder(arguments)
    return ProgramPublisher(repo, opened_keys(repo, arguments), SystemClock())


def _publish(arguments: argparse.Namespace) -> int:
    _print_published(_publisher(arguments).publish(arguments.folders, arguments.channel, arguments.share, arguments.note))
    return 0


def _stage(arguments: argparse.Namespace) -> int:
    release = _publisher(arguments).stage(arguments.channel, arguments.version, arguments.share)
    print(messages.text("kb_publish.staged", {"version": release.version, "share": release.share}))
    return 0


def _rollback(arguments: argparse.Namespace) -> int:
    _print_published(_publisher(arguments).rollback(arguments.channel, arguments.version, arguments.note))
    return 0


def _print_published(made: PublishedProgram) -> None:
    release = made.release
    print(messages.text("program_publish.published", {
        "version": release.version, "number": release.number, "channel": made.channel, "share": release.share,
        "full_mb": -(-made.full_bytes // 1_000_000), "delta_mb": -(-made.delta_bytes // 1_000_000)}))


def _list(arguments: argparse.Namespace) -> int:
    told = messages.text
    for page in _publisher(arguments).pages():
        print(told("kb_publish.channel_line", {"channel": page.channel}))
        for one in page.releases:
            print(f"    {one.number}  {one.version}  {one.share} %  {one.published_at}  {one.note}".rstrip())
            for built in one.builds:
                print(told("program_publish.builds_line", {"system": built.build.system, "machine": built.build.machine,
                                                           "glibc": built.build.glibc or "-"}))
    return 0
