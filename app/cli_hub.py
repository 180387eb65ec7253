"""``tingdan hub``: serve the hub, make enrolment codes and accounts, shut desks out, look after the database.

The only command that needs the extra ``hub`` (docs/hub.md): without it each action says so. ``application`` is what each process of the
server builds; the root stands here because it brings together rooms that do not see each other.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import VERSION
from app.domain.call_record import CallRecord
from app.domain.chinese_text import decoded
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform import messages, paths
from app.platform.clock import SystemClock
from app.platform.passphrase_prompt import secret_line
from app.ports.lead import LeadSource
from app.services.lead_reports import RecordedCalls

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from fastapi import FastAPI

    from app.hub.config import HubConfig
    from app.hub.services import HubServices

NEEDED = ("fastapi", "uvicorn", "sqlalchemy", "argon2")
_ROLES = ("operator", "lead", "head", "it")
#: How a spreadsheet heads the column of work numbers.
_TEAM_HEADS = ("工号", "agent", "number", "work number")


def add_hub(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    hub = commands.add_parser("hub", help=told("hub.about"), description=told("hub.about"))
    actions = hub.add_subparsers(title=told("cli.commands"), metavar="", required=True)
    _add_serve(actions)
    _action(actions, "migrate", _migrate)
    _action(actions, "rollup", _roll_up)
    forget = _action(actions, "forget", _forget)
    forget.add_argument("--words", action="store_true", help=messages.text("hub.forget_words"))
    _action(actions, "openapi", _openapi)
    code = _action(actions, "code", _code)
    code.add_argument("--desks", type=int, default=1, metavar="N", help=told("hub.code_desks"))
    code.add_argument("--hours", type=int, default=24, metavar="N", help=told("hub.code_hours"))
    code.add_argument("--team", default="", help=told("hub.code_team"))
    user = _action(actions, "user", _user)
    user.add_argument("do", choices=("add", "close", "list"))
    user.add_argument("name", nargs="?", default="")
    user.add_argument("--role", choices=_ROLES, help=told("hub.user_role"))
    user.add_argument("--team", default="", help=told("hub.user_team"))
    user.add_argument("--agent", default="", help=told("hub.user_agent"))
    teams = _action(actions, "teams", _teams)
    teams.add_argument("file", nargs="?", type=Path, metavar="FILE.csv", help=told("hub.teams_file"))
    desk = _action(actions, "desk", _desk)
    desk.add_argument("do", choices=("list", "revoke", "allow"))
    desk.add_argument("desk", nargs="?", default="")


def _add_serve(actions: _SubParsersAction[ArgumentParser]) -> None:
    told = messages.text
    serve = _action(actions, "serve", _serve)
    serve.add_argument("--host", default="127.0.0.1", help=told("hub.host"))
    serve.add_argument("--port", type=int, default=8443)
    serve.add_argument("--workers", type=int, default=1, metavar="N", help=told("hub.workers"))
    serve.add_argument("--tls-cert", type=Path, metavar="FILE.pem", help=told("hub.tls"))
    serve.add_argument("--tls-key", type=Path, metavar="FILE.pem", help=told("hub.tls"))
    serve.add_argument("--behind-proxy", action="store_true", help=told("hub.behind_proxy"))


def _action(actions: _SubParsersAction[ArgumentParser], name: str, run: Callable[[argparse.Namespace], int]) -> ArgumentParser:
    told = messages.text(f"hub.{name}")
    parser = actions.add_parser(name, help=told, description=told)
    parser.add_argument("--db", default="", metavar="URL", help=messages.text("hub.db"))
    parser.set_defaults(run=lambda arguments: _where_installed(run, arguments))
    return parser


def _where_installed(run: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise OperatorVisibleError("hub.not_installed", missing=", ".join(missing))
    return run(arguments)


def application() -> FastAPI:
    """What each process of the server runs; settings come from the environment."""
    from app.hub.application import hub_application  # noqa: PLC0415 (where the extra is installed)
    from app.hub.serving import log_to_standard_error  # noqa: PLC0415

    log_to_standard_error(SystemClock())
    return hub_application(_services(_config("")), VERSION)


def in_memory(records: Iterable[CallRecord]) -> LeadSource:
    """Counts over records, as on a desk."""
    return RecordedCalls(records)


def _config(db: str) -> HubConfig:
    from app.hub.config import HubConfig  # noqa: PLC0415

    settings = dict(os.environ)
    if db:
        settings["TINGDAN_HUB_DB"] = db
    if not settings.get("TINGDAN_HUB_DB"):
        settings["TINGDAN_HUB_DB"] = f"sqlite:///{paths.data_dir() / 'hub' / 'hub.sqlite3'}"
    config = HubConfig.of_environment(settings)
    if config.db.startswith("sqlite:///"):
        _own_folder(Path(config.db.removeprefix("sqlite:///")))
    return config


def _own_folder(file: Path) -> None:
    """The embedded database is its owner's alone."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise EnvironmentFault("hub.database") from error


def _services(config: HubConfig) -> HubServices:
    from app.hub.services import HubServices  # noqa: PLC0415

    return HubServices.of(config, SystemClock(), in_memory)


def _ready(arguments: argparse.Namespace) -> HubServices:
    """Services over a database that has its tables."""
    from app.hub.schema import migrate  # noqa: PLC0415

    services = _services(_config(arguments.db))
    migrate(services.database, services.clock)
    return services


def _serve(arguments: argparse.Namespace) -> int:
    from app.hub.serving import Address, serve  # noqa: PLC0415

    address = Address(arguments.host, arguments.port, arguments.tls_cert, arguments.tls_key, arguments.behind_proxy)
    serve("app.cli_hub:application", _config(arguments.db), address, arguments.workers)
    return 0


def _migrate(arguments: argparse.Namespace) -> int:
    from app.hub.schema import migrate  # noqa: PLC0415

    services = _services(_config(arguments.db))
    ran = migrate(services.database, services.clock)
    print(messages.text("hub.migrated", {"steps": ", ".join(ran) or "-"}))
    return 0


def _roll_up(arguments: argparse.Namespace) -> int:
    from app.hub.rollup import RollUp  # noqa: PLC0415

    services = _ready(arguments)
    rollup = RollUp(services.database, services.clock)
    print(messages.text("hub.rolled_up", {"records": rollup.run_all()}))
    rollup.sum_weeks()
    rollup.leave()
    return 0


def _forget(arguments: argparse.Namespace) -> int:
    """In a shell without the hub's environment the switch of the words stands at its default, off: that alone deletes none."""
    from app.hub.config import PREFIX  # noqa: PLC0415
    from app.hub.retention import TEXTS_STAY, Keep, forget  # noqa: PLC0415

    services = _ready(arguments)
    config, is_meant = services.config, arguments.words or bool(os.environ.get(f"{PREFIX}KEEP_TEXTS_DAYS"))
    texts_days = config.keep_texts_days if is_meant else TEXTS_STAY
    gone = forget(services.database, services.clock, Keep(config.keep_days, config.keep_sums_days, texts_days))
    print(messages.text("hub.forgot", {"rows": ", ".join(f"{name} {rows}" for name, rows in gone.items()) or "-"}))
    if not is_meant and (held := services.texts.held()):
        print(messages.text("hub.words_stay", {"count": held, "name": f"{PREFIX}KEEP_TEXTS_DAYS"}))
    return 0


def _openapi(arguments: argparse.Namespace) -> int:
    from app.hub.application import hub_application, openapi_text  # noqa: PLC0415

    print(openapi_text(hub_application(_services(_config(arguments.db)), VERSION)))
    return 0


def _code(arguments: argparse.Namespace) -> int:
    if arguments.desks < 1 or arguments.hours < 1 or arguments.team == "*":
        raise OperatorVisibleError("hub.bad_code")
    code = _ready(arguments).desks.new_code(arguments.desks, arguments.hours, arguments.team)
    print(messages.text("hub.code_made", {"code": code, "desks": arguments.desks, "hours": arguments.hours}))
    return 0


def _user(arguments: argparse.Namespace) -> int:
    from app.hub.people import Person  # noqa: PLC0415
    from app.hub.rights import Role  # noqa: PLC0415

    people = _ready(arguments).people
    if arguments.do == "list":
        for person in people.all():
            print("\t".join([person.name, person.role.value, person.team, person.agent, "-" if person.disabled else "+"]))
        return 0
    if not arguments.name or (arguments.do == "add" and arguments.role is None):
        raise OperatorVisibleError("hub.name_and_role")
    if arguments.do == "close":
        if not people.disable(arguments.name):
            raise OperatorVisibleError("hub.no_such_user")
        return 0
    typed = secret_line(messages.text("hub.password_prompt"))
    people.put(Person(arguments.name, Role(arguments.role), arguments.team, arguments.agent), typed)
    return 0


def _teams(arguments: argparse.Namespace) -> int:
    people = _ready(arguments).people
    if arguments.file is not None:
        people.set_teams(_team_rows(arguments.file))
    for agent, team in sorted(people.teams().items()):
        print(f"{agent},{team}")
    return 0


def _team_rows(file: Path) -> dict[str, str]:
    """Work number to team, as an office program saves it: UTF-8 or GB18030, with or without the line that heads the columns."""
    try:
        text = decoded(file.read_bytes())
    except OSError as error:
        raise EnvironmentFault("hub.no_file", file=file.name) from error
    except ValueError as error:
        raise OperatorVisibleError("hub.no_text", file=file.name) from error
    rows: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.split(",")]
        if not any(cells) or (number == 1 and cells[0] in _TEAM_HEADS):
            continue
        if len(cells) != 2 or not cells[0] or cells[1] == "*":
            raise OperatorVisibleError("hub.bad_team_line", line=number)
        if rows.setdefault(cells[0], cells[1]) != cells[1]:
            raise OperatorVisibleError("hub.team_twice", line=number, agent=cells[0])
    return rows


def _desk(arguments: argparse.Namespace) -> int:
    desks = _ready(arguments).desks
    if arguments.do == "list":
        for desk in desks.all():
            print(json.dumps(desk, ensure_ascii=False))
        return 0
    done = desks.revoke(arguments.desk) if arguments.do == "revoke" else desks.allow(arguments.desk)
    if not done:
        raise OperatorVisibleError("hub.no_such_desk")
    return 0
