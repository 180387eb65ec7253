"""The hub as a service: processes that are killed lose nothing. A minute of work, so by a target of its own (``make torture-hub``)."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import psutil
import pytest
import requests

from app import cli_hub
from app.domain.call_record_form import to_json
from app.domain.lead_counts import Slice
from app.hub.config import HubConfig
from app.hub.rights import Role, Visitor
from app.hub.services import HubServices
from app.platform.clock import BEIJING
from app.services.lead_sample import SampleOrder, sample_records
from tests.app.hub.conftest import new_database
from tests.app.hub.servers import DEADLINE_S, postgresql_programs, serving, wait_until


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_processes_lose_nothing(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Two processes serve; each is killed while batches come; a sender that repeats until 200 has every record there once."""
    if kind == "postgresql" and postgresql_programs() is None:
        pytest.skip("needs PostgreSQL's server (Debian: postgresql)")
    url = new_database(request, kind, tmp_path)
    services = cli_hub._services(HubConfig(db=url))
    killed = 0
    with serving(url, tmp_path / "hub.log", "--workers", "2") as hub:
        token = services.desks.enrol(services.desks.new_code(1, 24), "desk0001", "0")
        order = SampleOrder(datetime.now(BEIJING).date(), days=4, operators=4, calls_a_day=6)
        records = [to_json(record) | {"desk": "desk0001"} for record in sample_records(order)]
        for number in range(0, len(records), 8):
            if number % 32 == 0:
                workers = _workers(hub.process.pid)
                if workers:
                    os.kill(workers[number // 32 % len(workers)], signal.SIGKILL)
                    killed += 1
            wait_until(lambda number=number: _taken(hub.url, token, records[number:number + 8]))
        wait_until(lambda: _calls(services) == len(records), deadline_s=DEADLINE_S + 60)  # the lease of one that was killed must end
    assert killed > 1
    services.database.close()


def _workers(pid: int) -> list[int]:
    """Processes that serve, without those that were killed and not yet reaped."""
    found = []
    for child in psutil.Process(pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child.pid)
    return found


def _taken(url: str, token: str | None, batch: Sequence[object]) -> bool:
    try:
        answer = requests.post(f"{url}/v1/records", json={"records": batch}, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    except requests.RequestException:
        return False
    return answer.status_code == 200 and answer.json()["accepted"] + answer.json()["known"] == len(batch)


def _calls(services: HubServices) -> int:
    return sum(row.calls for row in services.answers(Visitor(Role.HEAD)).calls(Slice(), ()))
