"""kill -9 between every two steps of an update, a full disk, a read-only disk, two programs at once: the old knowledge opens."""

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
from tests.kb_cache.publishing import Desk, new_publisher, rows

STEPS = ("metadata", "chosen", "fetched", "verified", "applied", "checked", "kept", "indexed", "switched", "told", "tidied")
ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import os, signal, sys
from pathlib import Path
from app.domain.errors import AppError
from tests.kb_cache.publishing import Desk
desk, fatal = Desk(Path(sys.argv[1]), sys.argv[2]), sys.argv[3]
def step(name):
    if name == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
try:
    print(desk.updater(step).look().result)
except AppError as error:
    print(error.key, *desk.answers()[:2])
"""


def run(home: Path, address: str, fatal: str = "", wrap: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*wrap, sys.executable, "-c", CHILD, str(home), address, fatal], cwd=ROOT, text=True, capture_output=True,
                          timeout=600, check=False)


def scene(folder: Path) -> tuple[Desk, str]:
    publisher = new_publisher(folder / "repo")
    publisher.publish(rows(), "stable", "v1")
    address = str(publisher.public)
    desk = Desk(folder / "desk", address).trusting(publisher)
    desk.look()
    publisher.publish(rows(e1="新答复"), "stable", "v2")
    return desk, address


@pytest.mark.parametrize("fatal", STEPS)
def test_kill_9_after_each_step_leaves_a_knowledge_base_that_opens_and_the_next_look_ends_it(tmp_path: Path, fatal: str) -> None:
    desk, address = scene(tmp_path)
    before = desk.disk()
    assert run(desk.home, address, fatal).returncode == -signal.SIGKILL
    switched = STEPS.index(fatal) >= STEPS.index("switched")
    assert desk.answers() == ("v2" if switched else "v1", "installed", 6)
    assert switched or desk.disk() == before
    assert desk.look().result == ("current" if switched else "installed")
    assert desk.answers() == ("v2", "installed", 6)
    left = {path.name.split("-")[0] for path in desk.installed.folder.iterdir() if path.is_file()}
    assert "part" not in left and not list((desk.installed.folder / "download").glob("*"))


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_disk_that_refuses_keeps_the_old_knowledge(tmp_path: Path, how: str) -> None:
    """A real small file system, in a mount name space of its own."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount name spaces here: unshare -m is refused")
    desk, address = scene(tmp_path)
    mount = tmp_path / "mounted"
    mount.mkdir()
    end = "dd if=/dev/zero of={m}/fill bs=4k 2>/dev/null" if how == "full" else "mount -o remount,ro {m}"
    script = ("mount -t tmpfs -o size=4m none {m} && cp -a {d}/. {m}/ && " + end + "; exec \"$0\" \"$@\"").format(m=mount, d=desk.home)
    done = run(mount, address, wrap=("unshare", "-m", "sh", "-c", script))
    assert "v1 installed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.split()[0] in ("kb_cache.cache_unwritable", "platform.folder_unwritable")


def test_two_programs_at_once_do_not_meet(tmp_path: Path) -> None:
    desk, address = scene(tmp_path)
    with InstanceLock(desk.installed.folder / "update.lock"):
        assert run(desk.home, address).stdout.split() == ["kb_update.busy", "v1", "installed"]
        with pytest.raises(AppError) as caught:
            desk.look()
        assert caught.value.key == "kb_update.busy"
    both = [subprocess.Popen([sys.executable, "-c", CHILD, str(desk.home), address, ""], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            for _ in range(2)]
    told = sorted(child.communicate(timeout=600)[0].split()[0] for child in both)
    assert "installed" in told and set(told) <= {"installed", "current", "kb_update.busy"}
    assert desk.answers() == ("v2", "installed", 6)


def test_a_share_of_the_desks_comes_first_then_all_and_a_rollback_is_a_new_version(tmp_path: Path) -> None:
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    desks = [Desk(tmp_path / f"desk{n}", str(publisher.public)).trusting(publisher) for n in range(12)]
    for desk in desks:
        desk.look()
    publisher.publish(rows(e1="新答复"), "stable", "v2", share=40)
    for desk in desks:
        desk.look()
    first = {n for n, desk in enumerate(desks) if desk.answers()[0] == "v2"}
    assert 0 < len(first) < 12
    publisher.stage("stable", "v2", 100)
    desks[0].pinned = "v1"
    for desk in desks:
        desk.look()
    assert [desk.answers()[0] for desk in desks] == ["v1", *["v2"] * 11]
    publisher.rollback("stable", "v1")
    desks[0].pinned = ""
    for desk in desks:
        desk.look()
    state = desks[3].installed.state()
    assert state.current is not None and state.current.number == 3 and state.changed == ("e1",)
    assert os.path.exists(desks[0].installed.folder / "desk_id")  # noqa: PTH110
