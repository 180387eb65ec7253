"""``tingdan sip``: check that the softphone's account registers, keep its password."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.assembly import opened_store
from app.assembly_delivery import named_secrets
from app.assembly_sip import PASSWORD, sip_phone
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform import messages
from app.platform.clock import SystemClock
from app.platform.named_secrets import NamedSecrets
from app.platform.settings import load_settings
from app.store.outbox import SqliteOutbox

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

_SECONDS = 20.0


def add_sip(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    sip = commands.add_parser("sip", help=told("sip.about"), description=told("sip.about"))
    actions = sip.add_subparsers(title=told("cli.commands"), metavar="", required=True)
    test = actions.add_parser("test", help=told("sip.test"), description=told("sip.test"))
    test.add_argument("--seconds", type=float, metavar="N", default=_SECONDS, help=told("sip.test_seconds"))
    test.set_defaults(run=_test)
    secret = actions.add_parser("secret", help=told("sip.secret"), description=told("sip.secret"))
    secret.add_argument("do", choices=("set", "remove"))
    secret.set_defaults(run=_secret)


@contextlib.contextmanager
def _secrets() -> Iterator[NamedSecrets]:
    clock = SystemClock()
    with opened_store(clock, rehearsal=False, on_health=lambda fault: None) as (store, _):
        yield named_secrets(SqliteOutbox(store, clock))


def _test(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    with _secrets() as held:
        password = held(PASSWORD) or ""
    phone = sip_phone(settings, SystemClock(), password)
    shown = {"server": settings.text("sip.server"), "user": settings.text("sip.user")}
    try:
        phone.start(lambda event: None, lambda notice: None)
        has_settled = phone.wait_settled(arguments.seconds)
        if phone.is_registered:
            print(messages.text("sip.well", shown))
            return 0
        if not has_settled:
            raise EnvironmentFault("sip.no_answer", seconds=round(arguments.seconds), **shown)
        kind = OperatorVisibleError if phone.trouble == "sip.refused" else EnvironmentFault
        raise kind(phone.trouble, **shown)
    finally:
        phone.close()


def _secret(arguments: argparse.Namespace) -> int:
    with _secrets() as held:
        if arguments.do == "remove":
            held.put(PASSWORD, None)
            return 0
        user = load_settings().text("sip.user")
        typed = getpass.getpass(messages.text("sip.password_prompt", {"user": user})) if sys.stdin.isatty() else sys.stdin.readline()
        held.put(PASSWORD, typed.rstrip("\r\n") or None)
    return 0
