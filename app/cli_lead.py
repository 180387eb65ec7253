"""``tingdan lead``: the team lead's window over this PC's records, a hub, or invented sample data."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app import window_half
from app.platform import messages

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_lead(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    parser = commands.add_parser("lead", help=told("lead.about"), description=told("lead.about"))
    parser.add_argument("--sample", action="store_true", help=told("lead.option_sample"))
    parser.add_argument("--hub", nargs="?", const="", metavar="URL", help=told("lead.option_hub"))
    parser.add_argument("--name", default="", metavar="NAME", help=told("lead.option_name"))
    parser.add_argument("--page", default="", metavar="NAME", help=told("lead.option_page"))
    parser.add_argument("--picture", type=Path, metavar="OUT.png", help=told("lead.option_picture"))
    parser.add_argument("--export", type=Path, metavar="OUT.xlsx", help=told("lead.option_export"))
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from app.assembly_lead import LeadOrder  # noqa: PLC0415 - the store and the network are loaded for this command only

    order = LeadOrder(arguments.sample, arguments.page, arguments.picture, arguments.export, arguments.hub, arguments.name)
    fault = window_half.run_lead(order, arguments.hooks)
    if fault is None:
        return 0
    raise fault
