"""``tingdan hub`` as IT types it, and the hub as a service: processes that are killed lose nothing."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
from datetime import datetime
from pathlib import Path

import psutil
import pytest
import requests

from app import cli, cli_hub
from app.domain.call_record_form import to_json
from app.domain.errors import OperatorVisibleError
from app.hub.config import HubConfig
from app.hub.services import HubServices
from app.hub.serving import Address, check_address
from app.platform.clock import BEIJING
from app.services.lead_sample import SampleOrder, sample_records
from tests.app.hub.servers import postgresql_programs, serving, wait_until


@pytest.fixture
def typed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A home, and a database's URL."""
    monkeypatch.setenv("TINGDAN_LANG", "en")
    monkeypatch.delenv("TINGDAN_HUB_DB", raising=False)
    return f"sqlite:///{tmp_path / 'hub.sqlite3'}"


def test_codes_accounts_teams_and_desks_by_hand(typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["hub", "code", "--db", typed, "--desks", "3", "--team", "north"]) == 0
    assert "3 desks" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("long enough for this\n"))
    assert cli.main(["hub", "user", "--db", typed, "add", "boss", "--role", "head"]) == 0
    assert cli.main(["hub", "user", "--db", typed, "list"]) == 0
    assert "boss\thead" in capsys.readouterr().out
    assert cli.main(["hub", "user", "--db", typed, "close", "boss"]) == 0
    assert cli.main(["hub", "user", "--db", typed, "close", "nobody"]) == 2
    table = tmp_path / "teams.csv"
    table.write_text("\ufeff8001,north\n8002,south\n", "utf-8")
    assert cli.main(["hub", "teams", "--db", typed, str(table)]) == 0
    assert "8002,south" in capsys.readouterr().out
    table.write_text("8001\n", "utf-8")
    assert cli.main(["hub", "teams", "--db", typed, str(table)]) == 2
    assert cli.main(["hub", "desk", "--db", typed, "revoke", "none"]) == 2
    assert cli.main(["hub", "rollup", "--db", typed]) == 0
    assert cli.main(["hub", "forget", "--db", typed]) == 0
    capsys.readouterr()
    assert cli.main(["hub", "openapi", "--db", typed]) == 0
    assert "/v1/records" in json.loads(capsys.readouterr().out)["paths"]
    assert (tmp_path / "hub.sqlite3").stat().st_mode & 0o077 == 0


def test_where_the_extra_is_not_installed_it_says_so(typed: str, monkeypatch: pytest.MonkeyPatch,
                                                     capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli_hub, "NEEDED", ("no_such_package_here",))
    assert cli.main(["hub", "serve", "--db", typed]) == 2
    assert "installer/locks/hub.txt" in capsys.readouterr().err


def test_nobody_listens_beyond_this_machine_in_the_clear(tmp_path: Path) -> None:
    for address, key in [(Address("0.0.0.0"), "hub.tls_needed"), (Address(tls_cert=tmp_path / "c"), "hub.tls_pair"),
                         (Address(tls_cert=tmp_path / "c", tls_key=tmp_path / "k"), "hub.no_file")]:
        with pytest.raises(OperatorVisibleError) as refused:
            check_address(address)
        assert refused.value.key == key
    check_address(Address("0.0.0.0", behind_proxy=True))
    check_address(Address("::1"))


def test_settings_come_back_from_the_environment() -> None:
    config = HubConfig(db="sqlite:///x", keep_days=7, rollup_s=0)
    assert HubConfig.of_environment(config.to_environment()) == config
    with pytest.raises(OperatorVisibleError):
        HubConfig.of_environment({"TINGDAN_HUB_KEEP_DAYS": "-1"})


def test_a_database_that_is_not_there_is_told(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["hub", "migrate", "--db", "no such thing"]) == 3
    assert capsys.readouterr().err


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_processes_lose_nothing(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Two processes serve; each is killed while batches come; a sender that repeats until 200 has every record there once."""
    from tests.app.hub.conftest import new_database

    if kind == "postgresql" and postgresql_programs() is None:
        pytest.skip("needs PostgreSQL's server (Debian: postgresql)")
    url = new_database(request, kind, tmp_path)
    services = cli_hub._services(HubConfig(db=url))
    with serving(url, tmp_path / "hub.log", "--workers", "2") as hub:
        token = services.desks.enrol(services.desks.new_code(1, 24), "desk0001", "0")
        order = SampleOrder(datetime.now(BEIJING).date(), days=4, operators=4, calls_a_day=6)
        records = [to_json(record) | {"desk": "desk0001"} for record in sample_records(order)]
        for number in range(0, len(records), 8):
            if number % 32 == 0:
                workers = _workers(hub.process.pid)
                if workers:
                    os.kill(workers[number // 32 % len(workers)], signal.SIGKILL)
            wait_until(lambda number=number: _taken(hub.url, token, records[number:number + 8]))
        wait_until(lambda: _calls(services) == len(records))
    services.database.close()


def _workers(pid: int) -> list[int]:
    """Processes that serve, without those that were killed and not yet reaped."""
    found = []
    for child in psutil.Process(pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child.pid)
    return found


def _taken(url: str, token: str | None, batch: list[object]) -> bool:
    try:
        answer = requests.post(f"{url}/v1/records", json={"records": batch}, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    except requests.RequestException:
        return False
    return answer.status_code == 200 and answer.json()["accepted"] + answer.json()["known"] == len(batch)


def _calls(services: HubServices) -> int:
    from app.domain.lead_counts import Slice
    from app.hub.rights import Role, Visitor

    return sum(row.calls for row in services.answers(Visitor(Role.HEAD)).calls(Slice(), ()))
