"""The installed command as a user runs it: a whole call to a stored ticket, and every kind of bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import soundfile

from app.platform.clock import SystemClock
from app.platform.paths import data_dir
from app.platform.resource_files import resource
from app.platform.secrets import open_secrets
from app.store.ticket_store import FILE_NAME, SqliteTicketStore
from asr.models.choice import fault_of

COMMAND = Path(sys.executable).with_name("tingdan")
SAMPLE = resource("sample_calls") / "night-construction.flac"
SCRIPT = SAMPLE.with_suffix(".json")
PASSPHRASE = "correct horse battery"

Run = Callable[..., subprocess.CompletedProcess[str]]

_FIELD = {
    "type": "object",
    "required": ["value", "state", "confidence", "evidence"],
    "properties": {
        "state": {"enum": ["filled", "suggested"]},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "evidence": {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
    },
}
SCHEMA = {
    "type": "object",
    "required": ["format", "utterances", "ticket", "knowledge", "timing", "versions", "fault"],
    "properties": {
        "format": {"const": "tingdan-replay/1"},
        "utterances": {"type": "array", "items": {
            "type": "object",
            "required": ["channel", "start_ms", "end_ms", "text", "display", "confidence"],
            "properties": {"channel": {"enum": ["operator", "citizen"]}, "start_ms": {"type": "integer"},
                           "end_ms": {"type": "integer"}},
        }},
        "ticket": {"type": "object", "properties": {"items": {"type": "array"}},
                   "patternProperties": {"^(?!items$).*$": _FIELD}},
        "knowledge": {"type": "array", "items": {
            "type": "object", "required": ["at_ms", "after_utterance", "entries"],
            "properties": {"entries": {"type": "array", "items": {"type": "object", "required": ["id", "score"]}}},
        }},
        "timing": {"type": "object", "required": ["audio_s", "cpu_s", "wall_s", "partial_latency_ms", "final_latency_ms",
                                                  "peak_rss_mb"]},
    },
}


@pytest.fixture
def run(home: Path) -> Run:
    """Runs the command with its own home; models are those of the machine."""

    def start(*arguments: str | Path, timeout_s: float = 240, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "TINGDAN_HOME": str(home), "QT_QPA_PLATFORM": "offscreen", **environment}
        return subprocess.run([str(COMMAND), *map(str, arguments)], capture_output=True, text=True, timeout=timeout_s,
                              env=env, check=False)

    return start


@pytest.fixture
def model_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that shares the machine's installed models; skips where none is installed."""
    monkeypatch.delenv("TINGDAN_HOME")
    installed = _models_of_this_machine()
    monkeypatch.setenv("TINGDAN_HOME", str(home))
    if installed is not None:
        (home / "data").mkdir(exist_ok=True)
        (home / "data" / "models").symlink_to(installed)
    fault = fault_of("auto")
    if fault is not None:
        pytest.skip(f"no recognition engine installed: {fault.key}")
    return home


def _models_of_this_machine() -> Path | None:
    folder = data_dir() / "models"
    return folder if folder.is_dir() else None


def spans_lie_in_the_text(told: dict[str, Any]) -> bool:
    fields = [value for name, value in told["ticket"].items() if name != "items"]
    fields += [value for item in told["ticket"].get("items", []) for value in item.values()]
    spans = [span for value in fields for span in ([value["evidence"]] if value["evidence"] else []) + value["more_evidence"]]
    return all(0 <= start < end <= len(told["utterances"][index]["text"]) for index, start, end in spans)


def test_a_script_becomes_the_documented_object(run: Run) -> None:
    done = run("replay", "--text", SCRIPT, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    jsonschema.validate(told, SCHEMA)
    assert spans_lie_in_the_text(told)
    wanted = json.loads(SCRIPT.read_text("utf-8"))["gold"]
    assert told["ticket"]["contact_phone"]["value"] == wanted["contact_phone"]
    assert told["ticket"]["requester_name"]["value"] == wanted["requester_name"]
    assert told["ticket"]["item_code"]["value"] == wanted["item_code"]
    assert told["ticket"]["region_district"]["value"] == wanted["district"]
    assert done.stderr == ""


def test_sound_becomes_a_stored_ticket_and_both_speeds_agree(run: Run, model_home: Path) -> None:
    done = run("replay", SAMPLE, "--json", "--submit", TINGDAN_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    jsonschema.validate(told, SCHEMA)
    assert spans_lie_in_the_text(told)
    assert len(told["utterances"]) >= 10
    assert told["timing"]["cpu_s"] < told["timing"]["audio_s"], "slower than real time on one core"
    os.environ["TINGDAN_PASSPHRASE"] = PASSPHRASE
    try:
        key = open_secrets(model_home / "data", store_exists=True).store_key()
    finally:
        del os.environ["TINGDAN_PASSPHRASE"]
    store = SqliteTicketStore(model_home / "data" / FILE_NAME, key, SystemClock())
    try:
        stored = store.tickets()
    finally:
        store.close()
    assert len(stored) == 1
    assert stored[0].ticket_no in done.stderr
    words = " ".join(u["text"] for u in told["utterances"])[:12].encode()
    raw = (model_home / "data" / FILE_NAME).read_bytes()
    assert words not in raw
    assert not raw.startswith(b"SQLite format 3")


def test_real_time_gives_what_full_speed_gives(run: Run, model_home: Path, tmp_path: Path) -> None:
    sound, rate_hz = soundfile.read(SAMPLE, dtype="int16")
    short = tmp_path / "short.flac"
    soundfile.write(short, sound[: 14 * rate_hz], rate_hz)
    told = []
    for speed in ("max", "realtime"):
        done = run("replay", short, "--json", "--speed", speed, "--call-time", "2026-11-16T09:12:00+08:00")
        assert done.returncode == 0, done.stderr
        told.append(json.loads(done.stdout))
    for part in ("utterances", "ticket", "knowledge"):
        assert told[0][part] == told[1][part]
    assert told[1]["timing"]["wall_s"] >= 13


def test_the_window_is_drawn_without_a_screen(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "desk.png"
    done = run("replay", "--text", SCRIPT, "--speed", "max", "--window", "--screenshot", picture)
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 50_000


def test_doctor_names_what_is_missing_and_the_command_that_mends_it(run: Run) -> None:
    done = run("doctor", "--json", TINGDAN_MODELS="", TINGDAN_PASSPHRASE=PASSPHRASE)
    told = json.loads(done.stdout)
    speech = next(check for check in told["checks"] if check["name"] == "speech.engine")
    assert not speech["ok"]
    assert speech["remedy"]
    assert done.returncode == 3


def noise(path: Path, seconds: float, rate_hz: int = 8000, channels: int = 2) -> Path:
    soundfile.write(path, np.zeros((int(seconds * rate_hz), channels), np.int16), rate_hz)
    return path


def test_unusable_recordings_are_told_in_one_line(run: Run, model_home: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.flac").write_text("no sound")
    cases = [tmp_path / "gone.wav", tmp_path / "letter.flac", noise(tmp_path / "mono.wav", 1, channels=1),
             noise(tmp_path / "cd.wav", 1, rate_hz=44100)]
    for path in cases:
        for language, mark in (("zh", "：" if path.name != "mono.wav" else "声道"), ("en", path.name)):
            done = run("replay", path, "--json", TINGDAN_LANG=language)
            assert done.returncode == 2, (path.name, done.stderr)
            assert done.stdout == ""
            assert len(done.stderr.strip().splitlines()) == 1
            assert mark in done.stderr
            assert "Traceback" not in done.stderr
    assert run("replay").returncode == 2
    assert run("replay", SAMPLE, "--call-time", "yesterday").returncode == 2
    assert run("replay", SAMPLE, "--engine", "abacus").returncode == 2


def test_a_cut_recording_keeps_what_was_heard(run: Run, model_home: Path, tmp_path: Path) -> None:
    whole = SAMPLE.read_bytes()
    cut = tmp_path / "cut.flac"
    cut.write_bytes(whole[: len(whole) // 4])
    done = run("replay", cut, "--json")
    assert done.returncode == 3
    told = json.loads(done.stdout)
    assert told["fault"] in {"audio.truncated", "audio.broke_off"}
    assert told["utterances"], "what was heard before the cut is lost"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("damage", ["missing", "truncated", "wrong"])
def test_a_damaged_model_is_named(run: Run, model_home: Path, shared: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "zipformer-zh-3.3m"
    folder.mkdir()
    for file in (shared / "models" / "zipformer-zh-3.3m").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    victim = next(folder.glob("encoder*"))
    if damage == "missing":
        victim.unlink()
    elif damage == "truncated":
        victim.write_bytes(victim.read_bytes()[:1000])
    else:
        victim.write_bytes(bytes(victim.stat().st_size))
    done = run("replay", SAMPLE, "--json", "--model", folder)
    assert done.returncode in (2, 3)
    assert done.stdout == ""
    assert victim.name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_knowledge_base_that_is_none_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "kb.jsonl").write_text('{"id": 3', "utf-8")
    (tmp_path / "kb.sqlite").write_bytes(b"SQLite format 3\x00" + bytes(5000))
    for name in ("kb.jsonl", "kb.sqlite", "gone.jsonl"):
        done = run("replay", "--text", SCRIPT, "--json", "--kb", tmp_path / name)
        assert done.returncode in (2, 3), (name, done.stderr)
        assert name in done.stderr
        assert "Traceback" not in done.stderr


def test_an_hour_of_silence_says_nothing_and_costs_little(run: Run, model_home: Path, tmp_path: Path) -> None:
    done = run("replay", noise(tmp_path / "silence.flac", 3600), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["utterances"] == []
    assert told["ticket"] == {}
    assert told["timing"]["cpu_s"] < 180
