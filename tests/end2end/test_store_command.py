"""``tingdan store`` as a user runs it, and a call with planted personal data through the real program: none of it is readable anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.spoken_digits import as_digits

COMMAND = Path(sys.executable).with_name("tingdan")
PASSPHRASE = "correct horse battery"
NAME, PHONE, IDENTITY, ROAD = "欧阳建国", "13912345678", "440106198503021233", "棠东横街"
TURNS = [
    ("operator", "您好，广州12345，请问有什么可以帮您"), ("citizen", f"你好我叫{NAME}我要投诉天河区{ROAD}八十八号楼下半夜施工吵得睡不着"),
    ("operator", "请问您的联系电话"), ("citizen", "幺三九幺二三四五六七八"), ("operator", "幺三九幺二三四五六七八对吗"), ("citizen", "对"),
    ("operator", "您贵姓怎么称呼"), ("citizen", f"我叫{NAME}建设的建国家的国身份证号码是四四零幺零六幺九八五零三零二幺二三三"),
    ("operator", "好的已经登记"), ("citizen", "谢谢"),
]
PLANTED = (NAME, PHONE, IDENTITY, f"{ROAD}八十八", f"{ROAD}88", "幺三九幺二三", "四四零幺零六", PHONE[-8:], IDENTITY[-8:], NAME[1:])

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(home: Path) -> Run:
    def command(*words: str | Path, fails: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        (home / "tmp").mkdir(exist_ok=True)
        environment = {**os.environ, "TINGDAN_HOME": str(home), "TINGDAN_PASSPHRASE": PASSPHRASE, "TINGDAN_LANG": "en",
                       "TMPDIR": str(home / "tmp"), **more}
        done = subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, check=False, env=environment, timeout=120)
        assert done.returncode == fails, done.stdout + done.stderr
        return done

    return command


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "call.json"
    turns = [{"speaker": who, "start_s": 4.0 * place, "end_s": 4.0 * place + 3.5, "text": text}
             for place, (who, text) in enumerate(TURNS)]
    path.write_text(json.dumps({"city": "广州市", "turns": turns}, ensure_ascii=False), "utf-8")
    return path


def readable(folder: Path, words: tuple[str, ...] = PLANTED) -> list[str]:
    """Files below ``folder`` in which a planted word stands, in any usual encoding."""
    found = []
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        raw = file.read_bytes()
        for word in words:
            forms = {word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "unicode_escape")}
            found += [f"{file.name}: {word}" for form in forms if form in raw]
    return found


def test_a_planted_call_through_the_whole_program_is_readable_nowhere(run: Run, script: Path, home: Path) -> None:
    told = run("replay", "--text", script, "--submit", "--caller", PHONE)
    assert NAME in told.stdout  # it was heard and filed
    run("store", "backup")
    csv, lines = home / "out.csv", home / "out.jsonl"
    run("store", "export", csv)
    run("store", "export", lines, "--dialogue")
    run("store", "rotate-key")
    run("store", "verify")
    run("store", "audit")
    run("doctor", fails=run_code(run, "doctor"))
    run("store", "restore", home / "nothing.db", fails=3)
    assert {"tickets.db", "secrets.json", "out.csv", "out.jsonl", "tingdan.jsonl"} <= {each.name for each in home.rglob("*")}
    assert readable(home) == []
    assert list((home / "tmp").iterdir()) == []
    # What is masked is there all the same, and no digits of a person are left over in what was said.
    (ticket,) = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert ticket["fields"]["contact_phone"]["value"] == "139＊＊＊＊5678"
    assert ticket["fields"]["requester_name"]["value"].startswith("欧＊＊")
    assert len(ticket["dialogue"]) == len(TURNS)
    assert max(len(as_digits(said["text"])) for said in ticket["dialogue"]) <= 5  # 12345


def run_code(run: Run, *words: str) -> int:
    """The code a command ends with here: doctor tells 3 where this machine lacks something."""
    try:
        run(*words)
    except AssertionError:
        return 3
    return 0


def test_an_export_without_masks_needs_a_role_and_a_reason(run: Run, script: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("replay", "--text", script, "--submit")
    refused = run("store", "export", home / "open.csv", "--unmasked", "--reason", "court order", fails=2)
    assert "operator" in refused.stderr
    assert not (home / "open.csv").exists()
    run("store", "export", home / "a.csv")
    again = run("store", "export", home / "a.csv", fails=2)
    assert "a.csv" in again.stderr
    shown = run("store", "audit").stdout
    assert "exported" in shown
    assert "unmasked" not in shown


def test_purge_tells_first_and_removes_only_when_told(run: Run, script: Path) -> None:
    run("replay", "--text", script, "--submit")
    assert "Nothing is old enough" in run("store", "purge").stdout
    assert "Nothing is old enough" in run("store", "purge", "--yes", "--kind", "drafts").stdout


def test_a_backup_comes_back_after_damage(run: Run, script: Path, home: Path) -> None:
    run("replay", "--text", script, "--submit")
    run("store", "backup", home / "copy.db")
    store = home / "data" / "tickets.db"
    with store.open("r+b") as file:
        file.seek(5 * 4096 + 99)
        file.write(b"damage")
    assert "damaged" in run("store", "verify", fails=3).stderr
    assert "set-aside" in run("store", "restore", home / "copy.db").stdout
    assert "1 tickets" in run("store", "verify").stdout


def test_a_copied_store_with_its_record_opens_nowhere_else(run: Run, script: Path) -> None:
    run("replay", "--text", script, "--submit")
    wrong = run("store", "verify", fails=2, TINGDAN_PASSPHRASE="the passphrase of another")
    assert "passphrase" in wrong.stderr


def test_without_a_store_it_says_so(run: Run) -> None:
    assert "no ticket store" in run("store", "audit", fails=3).stderr
