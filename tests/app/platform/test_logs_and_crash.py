"""Logs and crash reports are useful, bounded, and hold nothing a citizen said."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault
from app.platform import logs
from app.platform.clock import SystemClock

ROOT = Path(__file__).resolve().parents[3]
NAME, PHONE, ADDRESS = "欧阳试验", "13912345678", "试验路八十八号"


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / logs.FILE_NAME).read_text("utf-8").splitlines()]


def test_a_line_tells_when_where_and_what(tmp_path: Path) -> None:
    stop = logs.start(tmp_path, SystemClock())
    logs.get("store").info("draft_saved", call_id="replay-7f3a", utterances=12, took_ms=3.5, first=True)
    stop()
    (line,) = lines(tmp_path)
    assert line["event"] == "draft_saved"
    assert (line["log"], line["level"], line["thread"]) == ("tingdan.store", "info", "MainThread")
    assert (line["call_id"], line["utterances"], line["took_ms"], line["first"]) == ("replay-7f3a", 12, 3.5, True)
    assert str(line["at"]).endswith("+08:00")


def test_every_event_of_ours_can_be_read_in_the_log() -> None:
    """An event is a short ASCII word; anything else would stand there as its length. Fields by ``extra`` would not stand there at all."""
    said = re.compile(r'log\w*(?:\([^)]*\))?\.(?:debug|info|warning|error)\(\s*"([^"]*)"')
    for path in (path for room in ("app", "kb_cache", "widgets") for path in (ROOT / room).rglob("*.py")):
        source = path.read_text("utf-8")
        assert path.name == "logs.py" or not re.search(r"\bextra=\{", source), path.name
        if "logs.get(" in source:
            assert [event for event in said.findall(source) if logs.safe(event) != event] == [], path.name


def test_planted_personal_data_never_arrives(tmp_path: Path) -> None:
    stop = logs.start(tmp_path, SystemClock(), level=logging.DEBUG)
    log = logs.get("session")
    log.info("said", text=f"我叫{NAME}", phone=PHONE, number=int(PHONE), call_id=f"pbx-{PHONE}-1", spaced="139-1234-5678",
             listed=[PHONE], nested={"name": NAME}, at=ADDRESS)
    log.warning(f"event of {NAME} {PHONE}")
    logging.getLogger("urllib3").warning("GET /%s %s", NAME, PHONE)
    logging.getLogger("urllib3").error(f"failed for {PHONE}")
    try:
        raise ValueError(f"cannot parse {PHONE} of {NAME}")
    except ValueError as cause:
        try:
            raise EnvironmentFault("store.io", code=ADDRESS) from cause
        except EnvironmentFault as error:
            log.error("failed", error=error)
            logging.getLogger("other").exception("oh %s", NAME)
    stop()
    raw = (tmp_path / logs.FILE_NAME).read_bytes()
    for planted in (NAME, PHONE, ADDRESS, "139-1234-5678"):
        assert planted.encode() not in raw
        assert planted.encode("unicode_escape") not in raw
    failed = next(line for line in lines(tmp_path) if line.get("event") == "failed")
    assert (failed["error"], failed["key"]) == (["EnvironmentFault", "ValueError"], "store.io")
    assert any("test_planted" in str(frame) for frame in json.loads(json.dumps(failed["frames"])))


def test_the_same_long_number_can_be_matched_within_a_run() -> None:
    assert logs.safe(PHONE) == logs.safe(PHONE) != logs.safe("13912345679")


def test_the_size_is_capped(tmp_path: Path) -> None:
    stop = logs.start(tmp_path, SystemClock(), max_bytes=20_000, keep_files=2)
    log = logs.get("store")
    for number in range(2000):
        log.info("draft_saved", number=number)
    stop()
    files = list(tmp_path.glob("tingdan.jsonl*"))
    assert len(files) == 3
    assert sum(file.stat().st_size for file in files) <= 60_000


def test_stop_ends_it(tmp_path: Path) -> None:
    logs.start(tmp_path, SystemClock())()
    logs.get("store").error("late")
    assert (tmp_path / logs.FILE_NAME).read_text() == ""


CRASHING = f"""
import sys, threading, faulthandler
from app.platform import crash
told = []
hooks = crash.install(listener=lambda error, number: print("told", type(error).__name__, number))
def fail(): raise ValueError("{NAME} {PHONE}")
kind = sys.argv[1]
if kind == "thread":
    thread = threading.Thread(target=fail, name="db-writer"); thread.start(); thread.join()
elif kind == "hard":
    faulthandler._sigsegv()
elif kind == "interrupt":
    raise KeyboardInterrupt
elif kind == "uninstalled":
    hooks.uninstall(); print("former", sys.excepthook is sys.__excepthook__)
else:
    fail()
"""


def crashed(home: Path, kind: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CRASHING, kind], env=os.environ | {"TINGDAN_HOME": str(home)},
                          capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("kind", "where"), [("main", "main"), ("thread", "db-writer")])
def test_a_failure_is_reported_told_and_holds_nothing_personal(home: Path, kind: str, where: str) -> None:
    done = crashed(home, kind)
    (report,) = (home / "log" / "crash").glob("*.json")
    form = json.loads(report.read_text())
    assert (form["error"], form["where"]) == (["ValueError"], where)
    assert form["frames"][-1].endswith(" fail")
    assert done.stdout.split() == ["told", "ValueError", report.stem]
    assert report.stem in done.stderr
    assert "Traceback" not in done.stderr
    for text in (done.stderr, report.read_text()):
        assert PHONE not in text
        assert NAME not in text


def test_a_hard_crash_leaves_the_stacks(home: Path) -> None:
    assert crashed(home, "hard").returncode != 0
    assert "Segmentation fault" in (home / "log" / "crash" / "stacks.txt").read_text()


def test_an_interrupt_is_no_crash(home: Path) -> None:
    crashed(home, "interrupt")
    assert list((home / "log" / "crash").glob("*.json")) == []


def test_uninstall_puts_the_former_hooks_back(home: Path) -> None:
    assert crashed(home, "uninstalled").stdout == "former True\n"


def test_a_log_folder_that_cannot_be_made_does_not_stop_the_program(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    done = crashed(tmp_path / "home", "main")
    assert done.stdout.startswith("told ValueError")
