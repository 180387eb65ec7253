"""Arguments of the command ``tingdan``, for people who gave some: every sub-command with what it calls.

Apart from ``app.cli`` because the desk starts without it: a module a topic, with all that its commands need, takes longer to load than the
window. A sub-command is registered here in two lines.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from app import main as composition
from app import window_half
from app.assembly import VERSION, ReplayOrder
from app.cli_audio import add_audio
from app.cli_call_records import add_call_records
from app.cli_cases import add_cases
from app.cli_cti import add_cti
from app.cli_hub import add_hub
from app.cli_kb import add_kb
from app.cli_lead import add_lead
from app.cli_learn import add_learn
from app.cli_models import add_models
from app.cli_outbox import add_outbox
from app.cli_policy import run_policy, run_quality
from app.cli_program import add_program
from app.cli_rehearse import add_rehearse
from app.cli_sip import add_sip
from app.cli_store import add_store
from app.cli_train_items import add_train_items
from app.domain.errors import AppError, OperatorVisibleError
from app.platform import messages


def parser() -> argparse.ArgumentParser:
    """All of it; ``run`` of the parsed arguments takes them, with ``hooks``, and gives the exit code."""
    told = messages.text
    whole = argparse.ArgumentParser(prog="tingdan", description=told("cli.about"))
    whole.add_argument("--version", action="version", version=f"tingdan {VERSION}")
    whole.set_defaults(run=_desk)
    commands = whole.add_subparsers(title=told("cli.commands"), metavar="")

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
    doctor.add_argument("--quality", type=Path, metavar="FILE", help=told("quality.option"))
    doctor.set_defaults(run=_doctor)
    add_models(commands)
    add_learn(commands)
    add_lead(commands)
    add_train_items(commands)
    add_rehearse(commands)
    add_store(commands)
    add_outbox(commands)
    add_call_records(commands)
    add_cases(commands)
    add_kb(commands)
    add_program(commands)
    add_cti(commands)
    add_hub(commands)
    add_sip(commands)
    add_audio(commands)
    return whole


def _desk(arguments: argparse.Namespace) -> int:
    return _done(window_half.run_desk(arguments.hooks))


def _doctor(arguments: argparse.Namespace) -> int:
    if arguments.policy is not None:
        return run_policy(arguments.policy, arguments.json)
    if arguments.quality is not None:
        return run_quality(arguments.quality, arguments.json)
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
        return _done(window_half.run_replay_window(order, arguments.screenshot, arguments.hooks))
    outcome = composition.run_replay(order)
    print(outcome.as_json() if arguments.json else outcome.as_text())
    for note in outcome.notes:
        print(note, file=sys.stderr)
    return _done(outcome.fault)


def _done(fault: AppError | None) -> int:
    """0, or what broke off: ``app.cli`` tells it."""
    if fault is not None:
        raise fault
    return 0


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
