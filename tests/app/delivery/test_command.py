"""``tingdan outbox`` as IT uses it: the real command, a real store, a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.platform.clock import SystemClock
from app.platform.secrets import open_secrets
from app.store.ticket_store import FILE_NAME, SqliteTicketStore
from tests.app.delivery import scenes as mappings
from tests.app.delivery import ticket_system
from tests.app.delivery.ticket_system import says
from tests.app.store import scenes

REPOSITORY = Path(__file__).resolve().parents[3]
Tingdan = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tingdan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tingdan:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "only-for-this-test")
    environment = {**os.environ, "TINGDAN_HOME": str(tmp_path / "home"), "TINGDAN_LANG": "en", "COLUMNS": "200"}

    def run(*words: str, given: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([sys.executable, "-m", "app.cli", *words], input=given, capture_output=True, text=True,
                              env=environment, cwd=REPOSITORY, timeout=60, check=False)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def submit(home: Path) -> str:
    data = home / "data"
    data.mkdir(parents=True, exist_ok=True)
    store = SqliteTicketStore(data / FILE_NAME, open_secrets(data, False).store_key(), SystemClock())
    number = store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), {}).ticket_no
    store.close()
    return number


@pytest.mark.timeout(900)
def test_refused_mended_and_delivered(tingdan: Tingdan, tmp_path: Path) -> None:
    number = submit(tmp_path / "home")
    with ticket_system.running() as server:
        held = mappings.mapping(server.url(), request__payload={"no": "{{ticket_no}}", "district": "{{region_district}}"},
                                auth={"type": "bearer", "secret": "centre"})
        mapping = str(mappings.written(tmp_path, held))
        assert "centre" in tingdan("outbox", "send", "--mapping", mapping, code=3).stdout  # no secret yet: nothing left the PC
        assert server.seen == []
        assert "encrypted store" in tingdan("outbox", "secret", "set", "centre", given="geheim\n").stdout
        server.script = [says(422, {"msg": "区县不对"})]
        assert "区县不对" in tingdan("outbox", "send", "--mapping", mapping, code=2).stdout
        listed = json.loads(tingdan("outbox", "list", "--json").stdout)
        assert [(m["ticket_no"], m["state"], m["status"], m["words"]) for m in listed] == [(number, "refused", 422, "区县不对")]
        assert "no field" in tingdan("outbox", "resend", "1", "--set", "distict=海珠区", code=2).stderr
        assert "revision" not in tingdan("outbox", "resend", "1", "--set", "region_district=海珠区").stderr
        assert "receipt R2" in tingdan("outbox", "send", "--mapping", mapping).stdout
        assert [seen.json["district"] for seen in server.seen] == ["天河区", "海珠区"]
        assert server.seen[1].headers["authorization"] == "Bearer geheim"
    for file in (tmp_path / "home").rglob("*"):
        assert not file.is_file() or b"geheim" not in file.read_bytes(), file


@pytest.mark.timeout(900)
def test_a_mapping_is_tried_without_sending_anything(tingdan: Tingdan, tmp_path: Path) -> None:
    example = tmp_path / "mine.json"
    tingdan("outbox", "example", "rest", str(example))
    shown = tingdan("outbox", "test", "--mapping", str(example)).stdout
    assert '"title": "【测试】请勿受理：接口联调"' in shown
    assert "Nothing was sent" in shown
    example.write_text(example.read_text("utf-8").replace("{{agent_id}}", "{{agentid}}"), "utf-8")
    assert "request.payload.agent names a field that does not exist" in tingdan("outbox", "test", "--mapping", str(example), code=2).stderr
    assert "No mapping file is set" in tingdan("outbox", "test", code=2).stderr
    assert "contact_phone" in tingdan("outbox", "fields").stdout
