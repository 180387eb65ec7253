"""``tingdan cti``: examples can be used as they are printed, recorded messages are judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import cli


@pytest.mark.parametrize("kind", ["socket-bar", "http-page", "asterisk-ami"])
def test_every_example_is_a_mapping_file(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    assert cli.main(["cti", "example", kind]) == 0
    (tmp_path / "m.toml").write_text(capsys.readouterr().out, "utf-8")
    assert cli.main(["cti", "test", "--mapping", str(tmp_path / "m.toml")]) == 0


def test_recorded_messages_are_judged(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["cti", "example", "http-page"])
    (tmp_path / "m.toml").write_text(capsys.readouterr().out, "utf-8")
    told = [{"evt": "ring", "uuid": "b-1", "caller": "02083330000"}, {"evt": "beat"}]
    (tmp_path / "calls.jsonl").write_text("\n".join(json.dumps(each) for each in told), "utf-8")
    command = ["cti", "test", str(tmp_path / "calls.jsonl"), "--mapping", str(tmp_path / "m.toml")]
    assert cli.main(command) == 0
    shown = capsys.readouterr().out
    assert "ringing  b-1  number=02083330000" in shown
    (tmp_path / "calls.jsonl").write_text('{"evt": "ring"}\nrubbish', "utf-8")
    assert cli.main(command) == 2


def test_without_anything_to_do_it_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cti", "test"]) == 2
    assert "--record" in capsys.readouterr().err
