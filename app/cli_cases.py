"""``tingdan cases``: appeals, remedy tasks and callbacks at the centre's hub. Thin: each sub-command is one question to the hub.

The person signs in with name and password each time (the password is never an argument; from a script on standard input).
"""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.delivery.hub_cases import HubCases, Shown
from app.delivery.lead_hub import HubLeadSource
from app.domain import cases
from app.domain.cases import CaseAct, CaseKind
from app.domain.chinese_text import decoded
from app.domain.errors import OperatorVisibleError
from app.platform import messages
from app.platform.passphrase_prompt import secret_line
from app.platform.settings import load_settings

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Asked = Callable[[HubCases, argparse.Namespace], "Shown | list[Shown]"]


def add_cases(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    parser = commands.add_parser("cases", help=told("cases.about"), description=told("cases.about_long"))
    actions = parser.add_subparsers(title=told("cli.commands"), metavar="", required=True)

    def action(name: str, asked: Asked) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=told(f"cases.{name}"), description=told(f"cases.{name}"))
        made.add_argument("--name", required=True, help=told("cases.option_name"))
        made.add_argument("--hub", default="", metavar="URL", help=told("lead.option_hub"))
        made.add_argument("--json", action="store_true", help=told("cli.json"))
        made.set_defaults(run=_run, asked=asked)
        return made

    listed = action("list", lambda hub, given: hub.listed(given.kind, everything=given.all, only_late=given.late))
    listed.add_argument("--kind", default="", choices=[each.value for each in CaseKind], help=told("cases.option_kind"))
    listed.add_argument("--all", action="store_true", help=told("cases.option_all"))
    listed.add_argument("--late", action="store_true", help=told("cases.option_late"))
    counted = action("count", lambda hub, given: hub.counts(given.since, given.until))
    counted.add_argument("--since", default="", metavar="DAY", help=told("cases.option_since"))
    counted.add_argument("--until", default="", metavar="DAY", help=told("cases.option_until"))
    action("show", lambda hub, given: hub.one(given.case)).add_argument("case", help=told("cases.option_case"))
    _beginning(action)
    step = action("do", _step)
    step.add_argument("case", help=told("cases.option_case"))
    step.add_argument("act", type=CaseAct, choices=list(CaseAct), metavar="ACT", help=told("cases.option_act"))
    step.add_argument("--satisfaction", choices=cases.SATISFACTION, help=told("cases.option_satisfaction"))
    step.add_argument("--solved", choices=("yes", "no"), help=told("cases.option_solved"))
    step.add_argument("--reason", choices=sorted(cases.REASONS), help=told("cases.option_reason"))


def _beginning(action: Callable[[str, Asked], argparse.ArgumentParser]) -> None:
    told = messages.text
    appeal = action("appeal", lambda hub, given: hub.appeal(given.record, given.rule, given.ground))
    remedy = action("remedy", lambda hub, given: hub.remedy(given.record, given.rule, given.measure, given.days))
    for parser in (appeal, remedy):
        parser.add_argument("record", help=told("cases.option_record"))
        parser.add_argument("rule", help=told("cases.option_rule"))
    appeal.add_argument("ground", choices=sorted(cases.GROUNDS), help=told("cases.option_ground"))
    remedy.add_argument("measure", choices=sorted(cases.MEASURES), help=told("cases.option_measure"))
    remedy.add_argument("--days", type=int, default=cases.REMEDY_DAYS, help=told("cases.option_days"))
    planned = action("callback", lambda hub, given: hub.callbacks(_tickets(given), given.agent))
    planned.add_argument("tickets", nargs="*", help=told("cases.option_tickets"))
    planned.add_argument("--file", type=Path, help=told("cases.option_file"))
    planned.add_argument("--agent", required=True, help=told("cases.option_agent"))


def _tickets(given: argparse.Namespace) -> list[str]:
    try:
        lines = decoded(given.file.read_bytes()).split() if given.file is not None else []
    except (OSError, ValueError) as error:
        raise OperatorVisibleError("cases.file_unreadable", path=str(given.file)) from error
    if not (found := [*given.tickets, *lines]):
        raise OperatorVisibleError("cases.no_tickets")
    return found


def _step(hub: HubCases, given: argparse.Namespace) -> Shown:
    answers = {name: value for name in ("satisfaction", "solved", "reason") if (value := getattr(given, name))}
    return hub.move(given.case, given.act, answers)


def _run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    address, authority = arguments.hub or settings.text("hub.url"), settings.text("hub.ca_file")
    if not address:
        raise OperatorVisibleError("lead.no_hub")
    hub = HubLeadSource(address, Path(authority).expanduser() if authority else None, settings.text("hub.proxy"))
    with contextlib.closing(hub):
        hub.sign_in(arguments.name, secret_line(messages.text("cases.password")))
        found = arguments.asked(HubCases(hub), arguments)
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    for case in found if isinstance(found, list) else [found]:
        print(_line(case))
        for step in case.get("steps", []) if isinstance(case.get("steps"), list) else []:
            print(f"  {step['at'][:16]}  {step['role']} {step['by']}  {_word(step['act'])} -> {_word(step['state'])}  {step['due']}")
    if found == []:
        print(messages.text("cases.none"))
    return 0


def _line(case: Shown) -> str:
    answers = case.get("answers")
    said = " ".join(_word(str(each)) for each in answers.values() if each) if isinstance(answers, dict) else ""
    head = [_word(str(case["kind"])), _word(str(case["state"]))]
    if "count" in case:
        return "  ".join([*head, str(case["code"]), said, str(case["count"]), messages.text("cases.of_them_late", {"late": case["late"]})])
    due = f"{case['due']}{messages.text('cases.late') if case['late'] else ''}" if case["due"] else "-"
    return "  ".join([str(case["case_id"]), *head, due, str(case["agent"]), str(case["subject"]), str(case["code"]), said]).rstrip()


def _word(code: str) -> str:
    found = messages.text(f"cases.word_{code}")
    return code if found.startswith("cases.") else found
