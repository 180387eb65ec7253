"""``tingdan sip``: check that the softphone's account registers, keep its password."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.assembly_delivery import opened_secrets
from app.assembly_sip import PASSWORD, sip_phone
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform import messages
from app.platform.clock import SystemClock
from app.platform.passphrase_prompt import secret_line
from app.platform.settings import load_settings

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


def _test(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    with opened_secrets() as held:
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
    with opened_secrets() as held:
        if arguments.do == "remove":
            held.put(PASSWORD, None)
            return 0
        user = load_settings().text("sip.user")
        held.put(PASSWORD, secret_line(messages.text("sip.password_prompt", {"user": user})) or None)
    return 0
