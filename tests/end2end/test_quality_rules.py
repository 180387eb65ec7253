"""A wrong file of quality rules is told at the real desk and the shipped rules hold; how both sides spoke stands in the call's record."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from app.desk import opened_desk
from app.domain.call import Phase
from app.platform import paths
from app.platform.clock import SystemClock
from app.store.call_records import SqliteCallRecords
from tests.end2end.test_desk import SCRIPT, kept, phase, settle, stored, take_call, until

__all__ = ["kept"]


def test_a_wrong_file_is_told_and_calls_are_checked_by_the_rules_that_ship(kept: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('version = "1"\n[[rule]]\nid = "x"\nkind = "guess"\n', "utf-8")
    paths.config_dir().mkdir(parents=True, exist_ok=True)
    (paths.config_dir() / "settings.toml").write_text(f"[quality]\nrules = '{rules}'\n", "utf-8")
    with opened_desk(realtime=False) as desk:
        until(lambda: phase(desk) is Phase.IDLE, "the desk waits")

        def told() -> list[str]:
            state = desk.presenters.bridge.state
            return [notice.key for notice in state.notices] if state is not None else []

        until(lambda: "quality.rules_unusable" in told(), "the wrong file is told")
        assert told().count("quality.rules_unusable") == 1
        desk.presenters.start.open_recording(SCRIPT)
        take_call(desk)
        desk.calls.submit()
        until(lambda: phase(desk) is Phase.SUBMITTED, "the ticket is stored")
    settle()
    store = stored(kept)
    try:
        record, = SqliteCallRecords(store, SystemClock()).records()
    finally:
        store.close()
    assert record.quality_score >= 0, "checked, though not by the wrong file"
    assert all(finding.rule != "x" for finding in record.quality)
    assert [(side.side, side.rate > 1.0, side.pitch_semitones) for side in record.sound] == [("citizen", True, 0.0), ("agent", True, 0.0)]
    assert record.voice is not None
    assert record.voice.silence_ms >= record.voice.longest_silence_ms > 0
