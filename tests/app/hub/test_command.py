"""``tingdan hub`` as IT types it."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app import cli, cli_hub
from app.domain.call_record import CallRecord
from app.domain.call_record_form import to_json
from app.domain.errors import OperatorVisibleError
from app.domain.shared_text import SharedText, SharedTurn, text_to_json
from app.hub.config import HubConfig
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.hub.serving import Address, check_address
from app.hub.weeks import WEEK
from app.platform.clock import SystemClock


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
    table.write_bytes("工号,班组\r\n8002,二组\r\n8001,\r\n".encode("gb18030"))
    assert cli.main(["hub", "teams", "--db", typed, str(table)]) == 0
    assert capsys.readouterr().out == "8002,二组\n", "the heading is no work number; an empty team takes a number out"
    for wrong in (b"8001\n", b"8001,north\n8001,south\n", b"\xff\xfe8\x000\x00"):
        table.write_bytes(wrong)
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


def test_a_roll_up_by_hand_adds_up_the_weeks_that_are_over(typed: str) -> None:
    services = HubServices.of(HubConfig(db=typed), SystemClock(), cli_hub.in_memory)
    migrate(services.database, services.clock)
    at = SystemClock().now() - timedelta(days=14)
    assert services.ingest.take("d1", "north", [to_json(CallRecord("0" * 32, at.isoformat(), "d1"))]).accepted == 1
    assert cli.main(["hub", "rollup", "--db", typed]) == 0
    monday = at.date() - timedelta(days=at.weekday())
    rows = services.database.run(lambda connection: connection.execute(select(WEEK.c.week)).scalars().all(), reads=True)
    services.database.close()
    assert f"w{monday}" in rows


def test_a_shell_that_does_not_know_the_switch_deletes_no_words(typed: str, monkeypatch: pytest.MonkeyPatch,
                                                                capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("TINGDAN_HUB_KEEP_TEXTS_DAYS", raising=False)
    services = HubServices.of(HubConfig(db=typed, keep_texts_days=30), SystemClock(), cli_hub.in_memory)
    migrate(services.database, services.clock)
    records = [CallRecord(f"{number:032x}", (SystemClock().now() - timedelta(days=days)).isoformat(), "d1")
               for number, days in enumerate((0, 3, 40))]

    def brought() -> int:
        services.ingest.take("d1", "", [to_json(each) for each in records])
        services.texts.take("d1", [text_to_json(SharedText(each.record_id, (SharedTurn("citizen", 0, "路灯坏了"),))) for each in records])
        return services.texts.held()

    assert brought() == 3
    assert cli.main(["hub", "forget", "--db", typed]) == 0
    told = capsys.readouterr().out
    assert services.texts.held() == 3 and "words of calls stay (3)" in told and "--words" in told
    monkeypatch.setenv("TINGDAN_HUB_KEEP_TEXTS_DAYS", "30")
    assert cli.main(["hub", "forget", "--db", typed]) == 0
    assert services.texts.held() == 2 and "stay" not in capsys.readouterr().out
    monkeypatch.setenv("TINGDAN_HUB_KEEP_TEXTS_DAYS", "0")  # the switch, said aloud
    assert cli.main(["hub", "forget", "--db", typed]) == 0
    assert services.texts.held() == 0
    monkeypatch.delenv("TINGDAN_HUB_KEEP_TEXTS_DAYS")
    assert brought() == 3
    assert cli.main(["hub", "forget", "--db", typed, "--words"]) == 0
    assert services.texts.held() == 0
    services.database.close()
