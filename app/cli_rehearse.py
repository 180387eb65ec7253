"""``tingdan rehearse``: what a new knowledge base, word lists or model would change in calls that were, before it is rolled out.

Exit codes besides the usual ones: 0 better, the same, or nothing to be told yet; 3 worse. Thin: ``app.assembly_rehearsal`` does it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import field_labels, opened_store
from app.assembly_rehearsal import Chosen, SetUp, chosen_calls, export_calls, run_pass
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.lead_compare import Verdict
from app.domain.rehearsal import Pass, rehearsed
from app.domain.rehearsal_form import pass_from_json, pass_to_json
from app.platform import messages
from app.platform.catalogue_files import load_fields
from app.platform.clock import SystemClock
from app.services.rehearsal import RehearsalCall
from app.services.rehearsal_report import as_json, as_text

if TYPE_CHECKING:
    from argparse import _SubParsersAction

WORSE = 3
_LAST = 200


def add_rehearse(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    parser = commands.add_parser("rehearse", help=told("rehearse.about"), description=told("rehearse.about_long"))
    parser.set_defaults(run=_rehearse)
    _choosing(parser)
    for name, place in (("kb", "FOLDER_OR_FILE"), ("learned", "FOLDER"), ("lists", "FOLDER"), ("model", "FOLDER"), ("before", "FILE"),
                        ("save", "FILE")):
        parser.add_argument(f"--{name}", type=Path, metavar=place, help=told(f"rehearse.option_{name}"))
    parser.add_argument("--engine", default="", metavar="NAME", help=told("cli.engine"))
    parser.add_argument("--sound", action="store_true", help=told("rehearse.option_sound"))
    parser.add_argument("--json", action="store_true", help=told("cli.json"))
    actions = parser.add_subparsers(title=told("cli.commands"), metavar="", required=False)
    export = actions.add_parser("export", help=told("rehearse.export_about"), description=told("rehearse.export_about"))
    export.add_argument("folder", type=Path, help=told("rehearse.export_folder"))
    _choosing(export)
    export.set_defaults(run=_export)


def _choosing(parser: argparse.ArgumentParser) -> None:
    told = messages.text
    parser.add_argument("--scripts", type=Path, metavar="FOLDER", help=told("rehearse.option_scripts"))
    parser.add_argument("--last", type=int, default=_LAST, metavar="N", help=told("rehearse.option_last"))
    parser.add_argument("--since", type=_day, metavar="DAY", help=told("rehearse.option_since"))
    parser.add_argument("--live", action="store_true", help=told("rehearse.option_live"))


def _day(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError as error:
        raise argparse.ArgumentTypeError(given) from error


def _rehearse(arguments: argparse.Namespace) -> int:
    candidate = SetUp(arguments.kb, arguments.learned, arguments.lists, arguments.sound, arguments.engine, arguments.model)
    is_new = any((arguments.kb, arguments.learned, arguments.lists, arguments.engine, arguments.model, arguments.before))
    if not is_new and not arguments.save:
        raise OperatorVisibleError("rehearse.nothing_new")
    if arguments.lists is not None and arguments.before is None and getattr(sys, "frozen", False):
        raise OperatorVisibleError("rehearse.lists_in_two_steps")
    before = _read(arguments.before) if arguments.before is not None else None
    calls = _calls(arguments)
    if before is None and is_new:
        before = run_pass(SetUp(sound=arguments.sound), calls, _progress("rehearse.pass_now", len(calls)))
    after = run_pass(candidate, calls, _progress("rehearse.pass_new", len(calls)), is_first=arguments.before is not None)
    if arguments.save is not None:
        _write(arguments.save, after)
    if before is None:
        print(messages.text("rehearse.saved", {"path": str(arguments.save), "count": len(after.calls)}))
        return 0
    outcome = rehearsed(before, after)
    print(json.dumps(as_json(outcome, before, after), ensure_ascii=False, indent=1) if arguments.json
          else as_text(outcome, before, after, field_labels(load_fields()), messages.text))
    return WORSE if outcome.verdict is Verdict.WORSE else 0


def _export(arguments: argparse.Namespace) -> int:
    count = export_calls(_calls(arguments), arguments.folder)
    print(messages.text("rehearse.export_done", {"count": count, "path": str(arguments.folder)}))
    return 0


def _calls(arguments: argparse.Namespace) -> tuple[RehearsalCall, ...]:
    chosen = Chosen(arguments.scripts, max(1, arguments.last), arguments.since or "", arguments.live)
    with contextlib.ExitStack() as cleanup:
        store = None
        if chosen.folder is None:
            store, _ = cleanup.enter_context(opened_store(SystemClock(), rehearsal=False, on_health=lambda fault: None))
        return chosen_calls(chosen, store)


def _progress(key: str, count: int) -> Callable[[int], None]:
    """A line that counts, where a person looks on."""
    def told(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{messages.text(key)} {done}/{count}", end="\n" if done == count else "", file=sys.stderr, flush=True)

    return told


def _read(path: Path) -> Pass:
    try:
        return pass_from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise OperatorVisibleError("rehearse.pass_unusable", path=str(path)) from error


def _write(path: Path, held: Pass) -> None:
    try:
        path.write_text(json.dumps(pass_to_json(held), ensure_ascii=False, indent=1), "utf-8")
    except OSError as error:
        raise EnvironmentFault("rehearse.unwritable", path=str(path), reason=type(error).__name__) from error
