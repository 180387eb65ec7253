"""Lists, pages, archives: whatever is not what it should be is refused; the thread that looks; the command."""

from __future__ import annotations

import io
import json
import sys
import tarfile
import threading
from pathlib import Path

import pytest

from app import cli
from app.platform.clock import SystemClock
from app.program import archive, manifest, page
from app.program.build import machine
from app.program.poll import ProgramPoll
from tests.app.program.programs import program, publisher_in

GOOD = ["a/b", 3, "0" * 64, False]


@pytest.mark.parametrize("files", [
    [["../b", 3, "0" * 64, False]], [["/b", 3, "0" * 64, False]], [["a/../../b", 3, "0" * 64, False]], [["a\\b", 3, "0" * 64, False]],
    [["c:b", 3, "0" * 64, False]], [["a/./b", 3, "0" * 64, False]], [["", 3, "0" * 64, False]], [["a", -1, "0" * 64, False]],
    [["a", 3, "0", False]], [["a", 3, "0" * 64, 1]], [["a", "../b"]], [["a/b", "../../c"]], [["a", "/etc/passwd"]], [GOOD, GOOD],
    [GOOD, ["A/B", 3, "0" * 64, False]], [GOOD, ["a/b/c", 3, "0" * 64, False]], [["manifest.json", 3, "0" * 64, False]],
    [["a", 1 << 40, "0" * 64, False]], [], None, [["a"]], [7]])
def test_a_list_that_leads_out_of_its_folder_or_says_nonsense_is_refused(files: object) -> None:
    with pytest.raises(manifest.ManifestError):
        manifest.from_bytes(json.dumps({"format": 1, "files": files}).encode())


def test_a_list_comes_back_as_it_was(tmp_path: Path) -> None:
    lines = manifest.made_of(program(tmp_path / "p", "1.0", 1))
    assert manifest.from_bytes(manifest.to_bytes(lines)) == lines
    assert {line.path for line in lines if line.is_run} == {"tingdan"} and {line.link for line in lines if line.link} == {"lib0.so"}


@pytest.mark.parametrize(("name", "data", "kind"), [
    ("stranger", b"abc", tarfile.REGTYPE), ("a", b"abcd", tarfile.REGTYPE), ("a", b"abX", tarfile.REGTYPE),
    ("../a", b"abc", tarfile.REGTYPE), ("a", b"", tarfile.SYMTYPE), ("a", b"", tarfile.CHRTYPE)])
def test_an_archive_with_anything_else_than_the_list_is_refused(tmp_path: Path, name: str, data: bytes, kind: bytes) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        head = tarfile.TarInfo(name)
        head.size, head.type, head.linkname = len(data), kind, "/etc/passwd"
        tar.addfile(head, io.BytesIO(data))
    (tmp_path / "x.tar.zst").write_bytes(archive.zstd.compress(plain.getvalue()))
    line = manifest.FileLine("a", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    (tmp_path / "out").mkdir()
    with pytest.raises(archive.ArchiveError):
        archive.unpack(tmp_path / "x.tar.zst", {"a": line}, tmp_path / "out")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("damage", [b"", b"no archive", b"half"])
def test_what_is_no_archive_is_refused(tmp_path: Path, damage: bytes) -> None:
    lines = manifest.made_of(folder := program(tmp_path / "p", "1.0", 1))
    archive.pack(folder, lines, tmp_path / "x.tar.zst")
    whole = (tmp_path / "x.tar.zst").read_bytes()
    (tmp_path / "x.tar.zst").write_bytes(whole[: len(whole) // 2] if damage == b"half" else damage)
    (tmp_path / "out").mkdir()
    with pytest.raises(archive.ArchiveError):
        archive.unpack(tmp_path / "x.tar.zst", manifest.by_path(lines), tmp_path / "out")


def test_a_page_that_is_none_is_refused(tmp_path: Path) -> None:
    publisher = publisher_in(tmp_path / "repo")
    publisher.publish([program(tmp_path / "p", "1.0", 1)], "stable")
    good = json.loads(page.to_bytes(publisher.pages()[0]))
    assert page.from_bytes(json.dumps(good).encode()) == publisher.pages()[0]
    for change in ({"format": 2}, {"channel": "../x"}, {"releases": good["releases"] * 2}, {"releases": [{}]}, {"releases": 3}):
        with pytest.raises(page.PageError):
            page.from_bytes(json.dumps({**good, **change}).encode())
    for key, value in (("full", "../../x.tar.zst"), ("manifest", "x"), ("deltas", {"x": "y"})):
        broken = json.loads(json.dumps(good))
        broken["releases"][0]["builds"][0][key] = value
        with pytest.raises(page.PageError):
            page.from_bytes(json.dumps(broken).encode())


def test_a_build_for_another_kind_of_pc_is_not_taken_and_the_newest_c_library_wins() -> None:
    kinds = [("linux", "riscv64", ""), ("linux", "x86_64", "9.99"), ("plan9", "x86_64", "")]
    others = tuple(page.Built(page.Build("2.0", 200, *kind), "0" * 64, "program/files/a.tar.zst") for kind in kinds)
    own = tuple(page.Built(page.Build("2.0", 200, sys.platform, machine(), glibc), "1" * 64, f"program/files/{n}.tar.zst")
                for n, glibc in enumerate(("2.3", "2.17", "2.5")))
    assert page.Release(1, "2.0", 100, others).for_this_pc() is None
    if sys.platform == "linux":
        taken = page.Release(1, "2.0", 100, (*others, *own)).for_this_pc()
        assert taken is not None and taken.build.glibc == "2.17"


def test_the_thread_tells_what_a_look_brought_and_a_look_under_way_ends_with_it() -> None:
    told: list[str] = []
    heard = threading.Event()

    def hear(version: str) -> None:
        told.append(version)
        heard.set()

    poll = ProgramPoll(0.01, SystemClock(), hear, [sys.executable, "-c", "print('{\"result\": \"ready\", \"version\": \"2.0\"}')"])
    poll.start()
    assert heard.wait(60)
    assert poll.stop(30) and set(told) == {"2.0"}
    begun = threading.Event()
    hanging = ProgramPoll(0.01, SystemClock(), hear, [sys.executable, "-c", "import time; time.sleep(600)"])
    hanging.start()
    while hanging._process is None:
        begun.wait(0.01)
    assert hanging.stop(30)


def test_the_command_publishes_lists_stages_and_says_what_it_cannot(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch,
                                                                    capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TINGDAN_KB_PASSPHRASE", "a passphrase of tests")
    monkeypatch.setenv("TINGDAN_LANG", "en")
    repo = tmp_path / "repo"
    repo.mkdir()
    assert cli.main(["kb", "keys", "init", "--repo", str(repo)]) == 0
    folder = program(tmp_path / "p", "2.0", 200)
    assert cli.main(["program", "publish", str(folder), "--share", "10", "--repo", str(repo)]) == 0
    assert "version 2.0 (release 1, channel stable, 10 % of the desks)" in capsys.readouterr().out
    assert cli.main(["program", "stage", "2.0", "100", "--repo", str(repo)]) == 0
    assert cli.main(["program", "list", "--repo", str(repo)]) == 0
    assert "2.0  100 %" in capsys.readouterr().out
    assert cli.main(["program", "publish", str(folder), "--repo", str(repo)]) == 2
    assert cli.main(["program", "rollback", "1.0", "--repo", str(repo)]) == 2
    assert cli.main(["program", "update"]) == 2
    assert "switched off" in capsys.readouterr().err
    assert cli.main(["program", "status"]) == 0
