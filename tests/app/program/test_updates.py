"""A newer program over the signed channel: fetched, compared, tried, waiting; and all that must not get through."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import AppError
from app.platform.single_instance import InstanceLock
from app.program import updater
from app.program.manifest import made_of
from tests.app.program.programs import ROOT, Pc, environment, pc_of, program, publisher_in, reopened
from tests.kb_cache.publishing import answer_with, new_publisher, rows, serving
from tests.kb_cache.publishing import reopened as knowledge_publisher

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the small programs are scripts")
STEPS = ("metadata", "chosen", "fetched", "put", "healthy", "kept", "waits")

CHILD = """
import os, signal, sys
from pathlib import Path
from app.domain.errors import AppError
from app.program import updater
from tests.app.program.programs import Pc
updater.SPARE_BYTES = int(sys.argv[4])
pc, fatal = Pc(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[5]).read_bytes()), sys.argv[3]
def step(name):
    if name == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
try:
    print(pc.updater(step).look().result)
except AppError as error:
    print(error.key)
"""


def run(pc: Pc, fatal: str = "", spare: int = 0, wrap: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    root = pc.home.parent / "root.json"
    root.write_bytes(pc.root)
    return subprocess.run([*wrap, sys.executable, "-c", CHILD, str(pc.home), pc.address, fatal, str(spare), str(root)], cwd=ROOT, text=True,
                          capture_output=True, timeout=300, check=False, env=environment())


def scene(folder: Path, version: str = "2.0", **more: object) -> tuple[Pc, Path]:
    repo = folder / "repo"
    publisher_in(repo).publish([program(folder / version, version, 200, **more)], "stable")  # type: ignore[arg-type]
    return pc_of(folder / "pc", repo), repo


def test_a_version_is_fetched_tried_and_waits_and_the_next_one_brings_only_what_changed(tmp_path: Path) -> None:
    pc, repo = scene(tmp_path)
    assert pc.look().result == "ready" and (pc.waits(), pc.in_use()) == ("2.0", "1.0")
    pending = pc.versions.state().pending
    assert pending is not None and made_of(pc.versions.path(pending)) == made_of(tmp_path / "2.0")
    assert os.access(pc.versions.program(pending), os.X_OK)
    full = pc.receipt_folder.waiting()[-1].fetched_bytes
    assert full > 600_000
    pc.versions.adopt(pending.name)
    reopened(repo).publish([program(tmp_path / "3.0", "3.0", 300)], "stable")
    assert pc.look().result == "ready" and pc.waits() == "3.0"
    assert pc.receipt_folder.waiting()[-1].fetched_bytes < full / 5
    assert pc.look().result == "current"
    assert pc.receipts() == ["program_ready", "program_adopted", "program_ready"]
    assert {path.name.split("-")[0] for path in (pc.versions.folder / "versions").iterdir()} == {"2.0", "3.0"} and not pc.left()


def test_the_packaged_program_lends_its_files_too(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    publisher = publisher_in(repo)
    pc = pc_of(tmp_path / "pc", repo)
    publisher.publish([pc.base], "stable")
    assert pc.look().result == "current" and not pc.waits()  # that is what it has
    publisher.publish([program(tmp_path / "2.0", "2.0", 200)], "stable")
    assert pc.look().result == "ready"
    assert pc.receipt_folder.waiting()[-1].fetched_bytes < 60_000


def test_files_to_be_lent_that_somebody_changed_are_fetched_instead(tmp_path: Path) -> None:
    pc, repo = scene(tmp_path)
    pc.look()
    pending = pc.versions.state().pending
    assert pending is not None
    pc.versions.adopt(pending.name)
    (pc.versions.path(pending) / "_internal" / "lib1.so").write_bytes(b"somebody's")
    reopened(repo).publish([program(tmp_path / "3.0", "3.0", 300)], "stable")
    assert pc.look().result == "ready"
    newest = pc.versions.state().pending
    assert newest is not None and made_of(pc.versions.path(newest)) == made_of(tmp_path / "3.0")


@pytest.mark.parametrize("fatal", STEPS)
def test_kill_9_after_each_step_leaves_the_program_in_use_and_the_next_look_ends_it(tmp_path: Path, fatal: str) -> None:
    pc, _ = scene(tmp_path)
    assert run(pc, fatal).returncode == -signal.SIGKILL
    assert pc.in_use() == "1.0" and pc.waits() == ("2.0" if fatal == "waits" else "")
    assert pc.look().result == ("current" if fatal == "waits" else "ready")
    assert pc.waits() == "2.0" and not pc.left()


def test_a_download_that_breaks_off_goes_on_where_it_ended(tmp_path: Path) -> None:
    pc, repo = scene(tmp_path)
    archive = max((repo / "public").rglob("*.tar.zst"), key=lambda path: len(path.name)).read_bytes()
    with serving(repo / "public") as server:
        pc.address = server.address
        server.tampering = {".tar.zst": answer_with(archive[: len(archive) // 2], len(archive))}
        with pytest.raises(AppError) as caught:
            pc.look()
        assert caught.value.key == "program_update.unreachable" and not pc.waits()
        server.tampering = {}
        server.asked.clear()
        assert pc.look().result == "ready"
        assert any(path.endswith(".tar.zst") and start.startswith("bytes=") for path, start in server.asked)


@pytest.mark.parametrize(("part", "act", "key"), [
    (".tar.zst", lambda data: answer_with(data[:-1] + bytes([data[-1] ^ 1])), "untrusted"),
    (".tar.zst", lambda data: answer_with(data + b"more"), "too_long"),
    (".tar.zst", lambda data: lambda handler: handler.send_error(404), "unreachable"),
    ("timestamp.json", lambda data: lambda handler: handler.send_error(503), "unreachable"),
    ("stable.json", lambda data: answer_with(b"{}"), "untrusted"),
])
def test_what_was_not_signed_so_does_not_get_in(tmp_path: Path, part: str, act, key: str) -> None:  # type: ignore[no-untyped-def]
    pc, repo = scene(tmp_path)
    archive = max((repo / "public").rglob("*.tar.zst"), key=lambda path: len(path.name)).read_bytes()
    with serving(repo / "public") as server:
        pc.address = server.address
        server.tampering = {part: act(archive)}
        with pytest.raises(AppError) as caught:
            pc.look()
    assert caught.value.key == f"program_update.{key}"
    assert not pc.waits() and not pc.left() and pc.receipts() == [f"program_update.{key}"]


def test_another_publishers_signatures_are_nothing(tmp_path: Path) -> None:
    pc, _ = scene(tmp_path)
    forger = tmp_path / "forger"
    publisher_in(forger).publish([program(tmp_path / "9.9", "9.9", 900)], "stable")
    pc.address = str(forger / "public")
    with pytest.raises(AppError) as caught:
        pc.look()
    assert caught.value.key == "program_update.untrusted" and not pc.waits()


def test_an_older_state_of_the_server_is_refused(tmp_path: Path) -> None:
    """Somebody serves yesterday's folder, signed as it was, to bring a hole back."""
    pc, repo = scene(tmp_path)
    yesterday = tmp_path / "yesterday"
    shutil.copytree(repo / "public", yesterday)
    reopened(repo).publish([program(tmp_path / "3.0", "3.0", 300)], "stable")
    pc.look()
    assert pc.waits() == "3.0"
    pc.address = str(yesterday)
    with pytest.raises(AppError) as caught:
        pc.look()
    assert caught.value.key == "program_update.untrusted" and pc.waits() == "3.0"
    shutil.rmtree(pc.versions.folder / "tuf")  # with our own copy of the metadata gone, the versions seen are still known
    with pytest.raises(AppError) as caught:
        pc.look()
    assert caught.value.key == "program_update.rollback" and pc.waits() == "3.0"


def test_a_version_that_is_not_well_here_is_refused_for_good_and_the_next_one_is_taken(tmp_path: Path) -> None:
    pc, repo = scene(tmp_path, wrong=("speech.model",))
    with pytest.raises(AppError) as caught:
        pc.look()
    assert (caught.value.key, caught.value.params["reason"]) == ("program_update.unhealthy", "speech.model")
    assert pc.look().result == "refused" and not pc.waits() and not pc.left()
    for version, when, answer in (("2.1", 210, "no answer"), ("2.2", 220, '{"format": "other", "wrong": []}')):
        reopened(repo).publish([program(tmp_path / version, version, when, answer=answer)], "stable")
        with pytest.raises(AppError):
            pc.look()
    reopened(repo).publish([program(tmp_path / "2.3", "2.3", 230, wrong=("known.trouble",))], "stable")
    assert pc.look().result == "ready" and pc.waits() == "2.3"  # that trouble the PC has already


def test_a_share_of_the_desks_comes_first_then_all_and_a_rollback_fetches_nothing(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    publisher = publisher_in(repo)
    pcs = [pc_of(tmp_path / f"pc{n}", repo) for n in range(10)]
    publisher.publish([program(tmp_path / "2.0", "2.0", 200)], "stable", share=40)
    for pc in pcs:
        pc.look()
    first = [pc for pc in pcs if pc.waits() == "2.0"]
    assert 0 < len(first) < 10
    publisher.stage("stable", "2.0", 100)
    for pc in pcs[:3]:
        pc.look()
        assert pc.waits() == "2.0"
    pc = pcs[0]
    for version, when in (("2.0", 200), ("3.0", 300)):
        if version == "3.0":
            reopened(repo).publish([program(tmp_path / version, version, when)], "stable")
            pc.look()
        pending = pc.versions.state().pending
        assert pending is not None
        pc.versions.adopt(pending.name)
    assert pc.in_use() == "3.0"
    reopened(repo).rollback("stable", "2.0")
    before = pc.look()
    assert before.result == "ready" and pc.waits() == "2.0" and before.fetched_bytes < 40_000


def test_told_only_it_fetches_nothing_and_it_tells(tmp_path: Path) -> None:
    pc, _ = scene(tmp_path)
    pc.is_told_only = True
    looked = pc.look()
    assert (looked.result, looked.version) == ("offered", "2.0") and looked.fetched_bytes < 40_000
    assert not pc.waits() and pc.receipts() == ["program_offered"]


def test_the_package_system_wins_where_it_brought_as_new_a_program(tmp_path: Path) -> None:
    pc, _ = scene(tmp_path)
    pc.look()
    pending = pc.versions.state().pending
    assert pending is not None
    pc.versions.adopt(pending.name)
    shutil.rmtree(pc.base)
    program(pc.home / "usr", "2.5", 250)
    assert pc.look().result == "current"
    assert pc.versions.state().current is None and not list((pc.versions.folder / "versions").iterdir())


def test_too_little_room_is_told_before_anything_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pc, _ = scene(tmp_path)
    monkeypatch.setattr(updater, "SPARE_BYTES", 1 << 60)
    with pytest.raises(AppError) as caught:
        pc.look()
    assert caught.value.key == "program_update.no_room" and not pc.left()


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_disk_that_refuses_keeps_the_program_in_use(tmp_path: Path, how: str) -> None:
    """A real small file system, in a mount name space of its own."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount name spaces here: unshare -m is refused")
    pc, _ = scene(tmp_path)
    assert pc.base.is_dir() and pc.versions.folder.is_dir()
    end = "true" if how == "full" else f"mount -o remount,ro {pc.versions.folder}"
    script = f'mount -t tmpfs -o size=800k none {pc.versions.folder} && {end}; "$0" "$@"; ls {pc.versions.folder}'
    told = run(pc, spare=-(1 << 40), wrap=("unshare", "-m", "sh", "-c", script)).stdout.split()
    assert told[0] in ("program_update.unwritable", "platform.folder_unwritable"), told
    assert not [name for name in told[1:] if name.startswith("new-") or name == "versions"]


def test_two_looks_at_once_do_not_meet(tmp_path: Path) -> None:
    pc, _ = scene(tmp_path)
    with InstanceLock(pc.versions.folder / "update.lock"), pytest.raises(AppError) as caught:
        pc.look()
    assert caught.value.key == "program_update.busy"


def test_knowledge_and_program_share_a_folder_and_leave_each_other_alone(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    knowledge = new_publisher(repo)
    knowledge.publish(rows(), "stable", "v1")
    reopened(repo).publish([program(tmp_path / "2.0", "2.0", 200)], "stable")
    knowledge_publisher(repo).publish(rows(e1="新答复"), "stable", "v2")
    knowledge_publisher(repo).refresh()
    reopened(repo).publish([program(tmp_path / "3.0", "3.0", 300)], "stable")
    pc = pc_of(tmp_path / "pc", repo)
    assert pc.look().result == "ready" and pc.waits() == "3.0"
    named = set(knowledge.signed.in_force())
    assert {"stable/channel.json", "program/stable.json"} < named
    assert all((repo / "public" / "targets" / name).is_file() for name in named)
    with pytest.raises(AppError) as caught:
        knowledge.publish(rows(), "program", "v3")
    assert caught.value.key == "kb_publish.bad_channel"


def test_a_publication_that_was_killed_before_it_was_signed_is_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pc, repo = scene(tmp_path)
    publisher = reopened(repo)
    folder = program(tmp_path / "3.0", "3.0", 300)
    with monkeypatch.context() as patched:
        patched.setattr(publisher._served, "publish", lambda names: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publisher.publish([folder], "stable")
    assert pc.look().version == "2.0"
    reopened(repo).publish([folder], "stable")
    assert pc.look().version == "3.0"
    with pytest.raises(AppError) as caught:
        reopened(repo).publish([folder], "stable")
    assert caught.value.key == "kb_publish.version_taken"


def test_what_is_no_program_is_not_published(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    publisher = publisher_in(repo)
    (tmp_path / "empty").mkdir()
    with pytest.raises(AppError) as caught:
        publisher.publish([tmp_path / "empty"], "stable")
    assert caught.value.key == "program_publish.no_build"
    outward = program(tmp_path / "2.0", "2.0", 200)
    (outward / "_internal" / "away.so").symlink_to("/etc/passwd")
    with pytest.raises((AppError, ValueError)):
        publisher.publish([outward], "stable")
    assert publisher.pages() == ()
