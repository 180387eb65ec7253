"""The whole way as people walk it: IT sets up a hub and enrols a desk by command, a call is taken in the real window and submitted,
its record reaches the hub, and the lead's window shows exactly that call with its masked words. Real hub in a process of its own."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
pytest.importorskip("fastapi", reason="the extra `hub` is not installed")
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from app import cli, lead_desk
from app.assembly_hub_line import hub_checks
from app.assembly_lead import LeadOrder
from app.delivery.lead_hub import HubLeadSource
from app.desk import Desk, opened_desk
from app.domain.call import FieldEdited, Phase
from app.domain.call_record import CallRecord
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import Behind, Dimension, Slice
from app.lead_desk import opened_lead
from app.platform.clock import SystemClock
from app.store.call_records import SqliteCallRecords
from tests.app.hub.servers import RunningHub, postgresql, postgresql_programs, serving
from tests.end2end.test_call_record import ADDRESS, IDENTITY, NAME, PHONE, SPOKEN, script
from tests.end2end.test_desk import DEADLINE_S, SCRIPT, kept, phase, settle, stored, take_call, until
from widgets.lead_call import CallDialog

__all__ = ["kept"]
PASSWORD = "a long enough one"
AGENT, TEAM = "8016", "north"


@dataclass
class Centre:
    """A hub that serves, and where its database is."""

    hub: RunningHub
    url: str


#: PostgreSQL costs as much again and is tested route by route in tests/app/hub: `TINGDAN_WALK=sqlite,postgresql` walks both.
DATABASES = os.environ.get("TINGDAN_WALK", "sqlite").split(",")


@pytest.fixture(params=DATABASES)
def centre(request: pytest.FixtureRequest, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    """Set up by commands alone, as docs/hub.md says; the words of calls are taken, sealed by a key."""
    monkeypatch.setenv("TINGDAN_LANG", "en")
    key = tmp_path / "text.key"
    key.write_text(base64.b64encode(bytes(range(32))).decode())
    wanted = {"TINGDAN_HUB_KEEP_TEXTS_DAYS": "30", "TINGDAN_HUB_TEXT_KEY_FILE": str(key)}
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hub.sqlite3'}"
        with serving(url, tmp_path / "hub.log", environment=wanted) as hub:
            yield Centre(hub, url)
        return
    if postgresql_programs() is None:
        pytest.skip("needs PostgreSQL's server (Debian: postgresql)")
    with postgresql(settings={"fsync": "off"}) as url, serving(url, tmp_path / "hub.log", environment=wanted) as hub:
        yield Centre(hub, url)


def typed(monkeypatch: pytest.MonkeyPatch, line: str, *words: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(line + "\n"))
    assert cli.main(list(words)) == 0


def at_the_hub(centre: Centre, monkeypatch: pytest.MonkeyPatch, line: str, *words: str) -> None:
    """A command at the hub's machine; in a process of its own where it leaves connections to its end."""
    command = ["hub", words[0], "--db", centre.url, *words[1:]]
    if centre.url.startswith("sqlite"):
        typed(monkeypatch, line, *command)
        return
    done = subprocess.run([sys.executable, "-m", "app.cli", *command], input=line + "\n", text=True, capture_output=True,
                          timeout=DEADLINE_S * 2, check=False)
    assert done.returncode == 0, done.stderr
    print(done.stdout)


def policy(folder: Path, monkeypatch: pytest.MonkeyPatch, hub: RunningHub, share_text: bool = True) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "policy.toml").write_text(f'[hub]\nurl = "{hub.url}"\nproxy = "none"\nshare_text = {str(share_text).lower()}\n'
                                        f'[desk]\nagent_id = "{AGENT}"\n', "utf-8")
    monkeypatch.setattr("app.platform.settings.policy_folder", lambda: folder)


def set_up(centre: Centre, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What IT types: teams, accounts, a code; then at the desk: the policy, and the enrolment."""
    teams = folder / "teams.csv"
    teams.write_text(f"{AGENT},{TEAM}\n", "utf-8")
    at_the_hub(centre, monkeypatch, "", "teams", str(teams))
    for name, role in (("anna", ["--role", "lead", "--team", TEAM]), ("otto", ["--role", "lead", "--team", "south"]),
                       ("boss", ["--role", "head"]), ("self", ["--role", "operator", "--agent", AGENT])):
        at_the_hub(centre, monkeypatch, PASSWORD, "user", "add", name, *role)
    capsys.readouterr()
    at_the_hub(centre, monkeypatch, "", "code", "--team", TEAM)
    code = re.search(r"[A-Z0-9]{5}(?:-[A-Z0-9]{5})+", capsys.readouterr().out)
    assert code is not None
    policy(folder / "policy", monkeypatch, centre.hub)
    typed(monkeypatch, code[0], "records", "enrol")
    assert "Enrolled" in capsys.readouterr().out


def one_call(desk: Desk, recording: Path) -> None:
    desk.presenters.start.open_recording(recording)
    take_call(desk)
    desk.calls.post(FieldEdited("landmark", "南门"))
    desk.calls.submit()
    until(lambda: phase(desk) is Phase.SUBMITTED, "the ticket is stored")
    desk.calls.next_call()
    until(lambda: phase(desk) is Phase.IDLE, "the call is put away")


def here(home: Path) -> list[CallRecord]:
    store = stored(home)
    try:
        return list(SqliteCallRecords(store, SystemClock()).records())
    finally:
        store.close()


def signed_in(centre: Centre, name: str) -> HubLeadSource:
    source = HubLeadSource(centre.hub.url, proxy="none")
    source.sign_in(name, PASSWORD)
    return source


def test_a_call_at_the_desk_is_what_its_lead_sees(centre: Centre, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                  capsys: pytest.CaptureFixture[str]) -> None:
    set_up(centre, tmp_path, monkeypatch, capsys)
    with opened_desk(realtime=False) as desk:
        desk.window.activateWindow()
        until(lambda: phase(desk) is Phase.IDLE, "the desk waits")
        one_call(desk, script(tmp_path))
        one_call(desk, SCRIPT)  # its citizen asks for secrecy
    settle()
    capsys.readouterr()
    typed(monkeypatch, "", "records", "send")
    typed(monkeypatch, "", "records", "status")
    assert "0 wait, 0 refused" in capsys.readouterr().out
    records = here(kept)
    assert [record.agent for record in records] == [AGENT, AGENT]
    assert [check.name for check in hub_checks(SystemClock()) if not check.ok] == []
    seen_by_a_lead(centre, records, monkeypatch)
    seen_by_others(centre, records)


def seen_by_a_lead(centre: Centre, records: list[CallRecord], monkeypatch: pytest.MonkeyPatch) -> None:
    """The lead's own window: the team's two calls, the sheet of one with its words."""
    monkeypatch.setattr(lead_desk, "ask_sign_in", lambda source, address: source.sign_in("anna", PASSWORD) or True)
    # the lead sits elsewhere: the store of this PC is not asked
    monkeypatch.setattr("app.assembly_lead._own_calls", lambda *about: None)
    with opened_lead(LeadOrder(hub=centre.hub.url, page="calls"), SystemClock()) as lead:
        held: list[CallRecord] = []

        def listed() -> bool:
            view = lead.presenter.state.view
            rows = view.tables[0].rows if view is not None and not lead.presenter.state.is_busy and view.tables else ()
            if len(rows) != len(records) and not lead.presenter.state.is_busy:
                lead.presenter.refresh()  # the list is read again, as by F5
            return {row.record_id for row in rows} == {record.record_id for record in records}

        until(listed, "the lead's list has exactly these calls")
        lead.presenter.record_told.connect(held.append)
        lead.presenter.ask_record(records[0].record_id)
        until(lambda: bool(held), "the sheet opens")
        assert held == [records[0]]
        dialog, = lead.window.findChildren(CallDialog)
        dialog.words_button.click()
        until(dialog.words.isVisible, "the words are there")
        said = dialog.words.toPlainText()
        assert "施工噪音很大" in said
        assert [word for word in (NAME, NAME[1:], PHONE, SPOKEN, SPOKEN[-6:], IDENTITY, IDENTITY[6:14], ADDRESS, "十八栋", "三零二")
                if word in said] == []
        dialog.close()
    settle()


def seen_by_others(centre: Centre, records: list[CallRecord]) -> None:
    """Figures of the head, nothing for another team, no words for operators; each look on record; none of a secret call."""
    boss, otto, own = (signed_in(centre, name) for name in ("boss", "otto", "self"))
    try:
        assert boss.scope().calls == 2
        assert {row.key[0]: row.calls for row in boss.calls(Slice(), (Dimension.TEAM,))} == {TEAM: 2}
        assert boss.record(records[1].record_id) == records[1]
        assert (otto.scope().calls, otto.record(records[0].record_id), otto.text(records[0].record_id)) == (0, None, None)
        assert own.behind(Slice(), Behind()).total == 2
        with pytest.raises(OperatorVisibleError):
            own.floor()
        assert own.text(records[0].record_id) is None
        assert boss.text(records[1].record_id) is None
        assert boss.text(records[0].record_id) is not None
        looks = boss.ask("GET", "/v1/text-looks", [])[1]
        assert isinstance(looks, dict)
        assert [(row["by"], row["record_id"]) for row in looks["rows"]] == [("boss", records[0].record_id), ("anna", records[0].record_id)]
    finally:
        for source in (boss, otto, own):
            source.close()
    log = centre.hub.log.read_text("utf-8")
    assert not [line for line in log.splitlines() if '"status": 500' in line]
    assert not [word for word in (NAME, PHONE, AGENT, "施工", json.dumps("施工")[1:-1]) if word in log]
