"""The command ``tingdan``: arguments in, one service of the composition root called, exit code out.

Exit codes: 0 done, 2 wrong or unusable input, 3 the environment failed (disk, network, model, file cut off), 70 a bug of
ours, 130 interrupted. Errors go to standard error as one line in the user's language; a traceback never does (it goes to
the crash folder, without personal data).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app import main as composition
from app.assembly import VERSION, ReplayOrder
from app.cli_audio import add_audio
from app.cli_cti import add_cti
from app.cli_kb import add_kb
from app.cli_learn import add_learn
from app.cli_models import add_models
from app.cli_outbox import add_outbox
from app.cli_policy import run_policy
from app.cli_store import add_store
from app.cli_train_items import add_train_items
from app.domain.errors import AppError, OperatorVisibleError
from app.platform import crash, logs, messages, paths
from app.platform.clock import SystemClock
from app.platform.settings import load_settings

INTERRUPTED = 130
BUG = 70


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of ``tingdan``; returns the exit code."""
    hooks = crash.install()
    _prepare()
    arguments = _parser().parse_args(argv)
    arguments.hooks = hooks
    try:
        return int(arguments.run(arguments))
    except AppError as error:
        print(messages.describe(error), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # the last line of defence: report without a traceback on the screen
        report = hooks.report(error, "cli")
        print(messages.text("cli.bug", {"report": report}), file=sys.stderr)
        return BUG


def _prepare() -> None:
    """Logs and language; a folder that cannot be written must not keep a command from running (doctor tells it)."""
    with contextlib.suppress(OSError, AppError):
        logs.start(paths.log_dir(), SystemClock())
    with contextlib.suppress(AppError):
        os.environ.setdefault("TINGDAN_LANG", load_settings().text("desk.language"))


def _parser() -> argparse.ArgumentParser:
    told = messages.text
    parser = argparse.ArgumentParser(prog="tingdan", description=told("cli.about"))
    parser.add_argument("--version", action="version", version=f"tingdan {VERSION}")
    parser.set_defaults(run=_desk)
    commands = parser.add_subparsers(title=told("cli.commands"), metavar="")

    replay = commands.add_parser("replay", help=told("cli.replay"), description=told("cli.replay"))
    replay.add_argument("file", nargs="?", type=Path, help=told("cli.replay_file"))
    replay.add_argument("--text", type=Path, metavar="SCRIPT.json", help=told("cli.replay_text"))
    replay.add_argument("--speed", choices=("realtime", "max"), help=told("cli.speed"))
    replay.add_argument("--json", action="store_true", help=told("cli.json"))
    replay.add_argument("--engine", default="", help=told("cli.engine"))
    replay.add_argument("--model", type=Path, metavar="FOLDER", help=told("cli.model"))
    replay.add_argument("--kb", type=Path, metavar="FOLDER_OR_FILE", help=told("cli.kb"))
    replay.add_argument("--call-time", metavar="ISO", help=told("cli.call_time"))
    replay.add_argument("--city", metavar="NAME", help=told("cli.city"))
    replay.add_argument("--caller", metavar="NUMBER", default="", help=told("cli.caller"))
    replay.add_argument("--window", action="store_true", help=told("cli.window"))
    replay.add_argument("--screenshot", type=Path, metavar="OUT.png", help=told("cli.screenshot"))
    replay.add_argument("--submit", action="store_true", help=told("cli.submit"))
    replay.set_defaults(run=_replay)

    doctor = commands.add_parser("doctor", help=told("cli.doctor"), description=told("cli.doctor"))
    doctor.add_argument("--json", action="store_true", help=told("cli.json"))
    doctor.add_argument("--policy", type=Path, metavar="FILE", help=told("policy.option"))
    doctor.set_defaults(run=_doctor)
    add_models(commands)
    add_learn(commands)
    add_train_items(commands)
    add_store(commands)
    add_outbox(commands)
    add_kb(commands)
    add_cti(commands)
    add_audio(commands)
    return parser


def _desk(arguments: argparse.Namespace) -> int:
    return _told(composition.run_desk(arguments.hooks))


def _doctor(arguments: argparse.Namespace) -> int:
    if arguments.policy is not None:
        return run_policy(arguments.policy, arguments.json)
    report, healthy = composition.run_doctor(as_json=arguments.json)
    print(report)
    return 0 if healthy else 3


def _replay(arguments: argparse.Namespace) -> int:
    order = ReplayOrder(
        recording=arguments.file,
        script=arguments.text,
        realtime=(arguments.speed or ("realtime" if arguments.window else "max")) == "realtime",
        engine=arguments.engine,
        model=arguments.model,
        knowledge=arguments.kb,
        call_time=_checked_time(arguments.call_time),
        city=arguments.city,
        caller=arguments.caller,
        submit=arguments.submit,
    )
    if (order.recording is None) == (order.script is None):
        raise OperatorVisibleError("cli.one_input")
    if arguments.window or arguments.screenshot:
        return _told(composition.run_replay_window(order, arguments.screenshot, arguments.hooks))
    outcome = composition.run_replay(order)
    print(outcome.as_json() if arguments.json else outcome.as_text())
    for note in outcome.notes:
        print(note, file=sys.stderr)
    return _told(outcome.fault)


def _told(fault: AppError | None) -> int:
    """The exit code of what broke off, told on standard error."""
    if fault is None:
        return 0
    print(messages.describe(fault), file=sys.stderr)
    return fault.exit_code


def _checked_time(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        parsed = datetime.fromisoformat(given)
    except ValueError as error:
        raise OperatorVisibleError("cli.bad_time", given=given) from error
    if parsed.tzinfo is None:
        parsed = parsed.astimezone()
    return parsed.isoformat()


if __name__ == "__main__":
    sys.exit(main())
