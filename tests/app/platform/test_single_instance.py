"""One desk a user; a dead one locks nobody out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform.atomic_file import write_atomically
from app.platform.single_instance import InstanceLock, held

HOLD = """
import sys
from pathlib import Path
from app.platform.single_instance import InstanceLock
lock = InstanceLock(Path(sys.argv[1])); lock.acquire(); print("held", flush=True); sys.stdin.read()
"""


def test_a_second_program_is_told_and_a_killed_one_leaves_the_lock_free(tmp_path: Path) -> None:
    path = tmp_path / "desk.lock"
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdin is not None
    try:
        assert other.stdout.readline() == b"held\n"
        assert path.read_text() == str(other.pid)
        with pytest.raises(OperatorVisibleError, match=r"already_running"):
            InstanceLock(path).acquire()
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
        other.stdin.close()
    with InstanceLock(path):
        pass


def test_release_frees_it_and_may_be_called_twice(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path / "desk.lock")
    lock.acquire()
    assert not InstanceLock(tmp_path / "desk.lock").try_acquire()
    lock.release()
    lock.release()
    with held(tmp_path / "desk.lock"):
        assert not InstanceLock(tmp_path / "desk.lock").try_acquire()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match=r"folder_unwritable"):
        InstanceLock(tmp_path / "file" / "desk.lock").acquire()


def test_an_atomic_write_leaves_the_old_file_when_it_fails(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "keep").touch()
    with pytest.raises(OSError, match=r"."):
        write_atomically(target, b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
    write_atomically(tmp_path / "file", b"1")
    write_atomically(tmp_path / "file", b"2")
    assert (tmp_path / "file").read_bytes() == b"2"
    assert (tmp_path / "file").stat().st_mode & 0o077 == 0
