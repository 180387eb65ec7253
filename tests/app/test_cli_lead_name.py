"""``tingdan lead --hub`` where a file is to be saved: no dialog that nobody sees waits for a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import cli

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)


def test_saving_from_a_hub_without_a_name_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                          capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TINGDAN_HOME", str(tmp_path))
    monkeypatch.setenv("TINGDAN_LANG", "en")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert cli.main(["lead", "--hub", "http://127.0.0.1:9", "--export", str(tmp_path / "x.csv")]) == 2
    assert "--name" in capsys.readouterr().err
