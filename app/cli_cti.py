"""``tingdan cti``: try a mapping file on recorded messages, record what a system sends, keep the token, print examples."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly_cti import TOKEN, cti_link, cti_mapping, where
from app.assembly_delivery import opened_secrets
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.line import LineEvent
from app.platform import messages
from app.platform.clock import SystemClock
from app.platform.passphrase_prompt import secret_line
from app.platform.resource_files import resource
from app.platform.settings import load_settings
from app.telephony.cti_intake import Arrived
from app.telephony.cti_mapping import CtiMapping, Refusal

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

EXAMPLES = ("socket-bar", "http-page", "asterisk-ami")


def add_cti(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    cti = commands.add_parser("cti", help=told("cti.about"), description=told("cti.about"))
    actions = cti.add_subparsers(title=told("cli.commands"), metavar="", required=True)
    test = actions.add_parser("test", help=told("cti.test"), description=told("cti.test"))
    test.add_argument("file", nargs="?", type=Path, help=told("cti.test_file"))
    test.add_argument("--record", type=Path, metavar="FILE", help=told("cti.test_record"))
    test.add_argument("--seconds", type=float, metavar="N", help=told("cti.test_seconds"))
    test.add_argument("--mapping", type=Path, metavar="FILE", help=told("cti.mapping"))
    test.set_defaults(run=_test)
    secret = actions.add_parser("secret", help=told("cti.secret"), description=told("cti.secret"))
    secret.add_argument("do", choices=("set", "remove"))
    secret.set_defaults(run=_secret)
    example = actions.add_parser("example", help=told("cti.example"), description=told("cti.example"))
    example.add_argument("kind", choices=EXAMPLES)
    example.set_defaults(run=_example)


def _test(arguments: argparse.Namespace) -> int:
    if arguments.record is not None:
        return _record(arguments)
    if arguments.file is None and arguments.mapping is None:
        raise OperatorVisibleError("cti.nothing_to_do")
    mapping = cti_mapping(load_settings(), arguments.mapping)
    print(messages.text("cti.checked", {"name": mapping.name, "commands": ", ".join(sorted(mapping.commands)) or "-"}))
    return 0 if arguments.file is None else _judge(mapping, arguments.file)


def _judge(mapping: CtiMapping, file: Path) -> int:
    """Each recorded message with what it means; exit code 2 where one had to be refused."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentFault("cti.file_unreadable", file=file.name) from error
    known = other = refused = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        outcome = _outcome(mapping, line)
        known += isinstance(outcome, LineEvent)
        refused += isinstance(outcome, Refusal)
        other += outcome is None
        print(f"{number:>4}  {_words(mapping, outcome)}")
    print(messages.text("cti.summary", {"total": known + other + refused, "known": known, "other": other, "refused": refused}))
    return 2 if refused else 0


def _outcome(mapping: CtiMapping, line: str) -> LineEvent | Refusal | None:
    try:
        return mapping.event(json.loads(line))
    except (ValueError, RecursionError):
        return Refusal("malformed")


def _words(mapping: CtiMapping, outcome: LineEvent | Refusal | None) -> str:
    if outcome is None:
        return messages.text("cti.not_ours")
    if isinstance(outcome, Refusal):
        return messages.text(f"cti.refused_{outcome.reason}", {"name": mapping.name})
    parts = (("number", outcome.number), ("agent", outcome.agent), ("queue", outcome.queue), ("target", outcome.target))
    return "  ".join([outcome.kind.value, outcome.call_id, *(f"{name}={value}" for name, value in parts if value)])


def _record(arguments: argparse.Namespace) -> int:
    settings, clock = load_settings(), SystemClock()
    with opened_secrets() as held:
        token = held(TOKEN) or ""
    try:
        file = arguments.record.open("a", encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault("cti.file_unreadable", file=arguments.record.name) from error
    mapping = cti_mapping(settings, arguments.mapping, token)

    def observe(arrived: Arrived) -> None:
        file.write(json.dumps(arrived.message, ensure_ascii=False) + "\n")
        file.flush()
        print(_words(mapping, arrived.outcome))

    link = cti_link(settings, clock, token, arguments.mapping, observe)
    with file:
        link.start(lambda event: None, lambda notice: print(messages.text(notice.key, notice.params), file=sys.stderr))
        try:
            print(messages.text("cti.listening", {"where": where(link, mapping)}), flush=True)
            threading.Event().wait(arguments.seconds)
        except KeyboardInterrupt:
            pass
        finally:
            link.close()
    return 0


def _secret(arguments: argparse.Namespace) -> int:
    with opened_secrets() as held:
        if arguments.do == "remove":
            held.put(TOKEN, None)
            return 0
        typed = secret_line(messages.text("cti.token_prompt")).strip()
        token = typed or secrets.token_urlsafe(24)
        held.put(TOKEN, token)
        if not typed:
            print(messages.text("cti.token_made", {"token": token}))
    return 0


def _example(arguments: argparse.Namespace) -> int:
    print(resource("cti", f"{arguments.kind}.toml").read_text("utf-8"), end="")
    return 0
