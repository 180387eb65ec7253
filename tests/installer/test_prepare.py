"""Set-up's decisions that a person would stumble over: which Python, which system packages, what is said without them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FIND_PYTHON = REPOSITORY / "installer" / "find_python.sh"
TOOLS = ("sh", "id", "env")


@pytest.fixture(scope="module")
def prepare() -> ModuleType:
    """installer/prepare.py; a script, not a package."""
    spec = importlib.util.spec_from_file_location("prepare", REPOSITORY / "installer" / "prepare.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder of commands that stands alone on PATH: no apt-get, no Python until the test puts one there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = next(Path(place) / tool for place in ("/bin", "/usr/bin") if (Path(place) / tool).exists())
        (folder / tool).symlink_to(found)
    return folder


def find_python(commands: Path) -> subprocess.CompletedProcess[str]:
    """The script with only ``commands`` to choose from."""
    return subprocess.run([commands / "sh", FIND_PYTHON], env={"PATH": str(commands)}, capture_output=True, text=True,
                          timeout=60, check=False)


def command(path: Path, text: str) -> None:
    """An executable shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)


def test_a_version_managers_dead_shim_is_passed_over(commands: Path) -> None:
    command(commands / "python3.11", "echo 'version 3.11 is not installed' >&2; exit 127")
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    command(commands / "python3", f'exec {base} "$@"')
    result = find_python(commands)
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).resolve() == base.resolve()


def test_without_a_python_the_packages_are_named(commands: Path) -> None:
    result = find_python(commands)
    assert result.returncode == 1
    assert "apt-get install python3 python3-venv" in result.stderr
    assert result.stdout == ""


def test_a_python_without_venv_gets_the_line_to_type(commands: Path) -> None:
    """Debian's python3 alone: recent enough, but `import ensurepip` fails."""
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    command(commands / "python3", f'case "$2" in *ensurepip*) exit 1;; esac; exec {base} "$@"')
    result = find_python(commands)
    assert result.returncode == 1
    assert f"apt-get install python3.{sys.version_info.minor}-venv" in result.stderr


def test_the_list_serves_its_purposes(prepare: ModuleType) -> None:
    text = prepare.PACKAGE_LIST.read_text("utf-8")
    run, everything = prepare.wanted_packages(("run",), text), prepare.wanted_packages(("run", "test"), text)
    assert "libegl1" in run and "xvfb" not in run
    assert set(run) < set(everything)
    rows = [line for line in text.splitlines() if line and not line.startswith("#")]
    served = prepare.wanted_packages(tuple({each for purposes in prepare.PURPOSES.values() for each in purposes}), text)
    assert len(served) == len(rows), "a line that no purpose serves"


def test_a_package_that_another_provides_is_present(prepare: ModuleType) -> None:
    """Newer releases rename libraries (libglib2.0-0t64 provides libglib2.0-0); the list's name still counts."""
    present = prepare.present_packages()
    if present is None:
        pytest.skip("needs dpkg")
    assert "dpkg" in present
    assert "awk" in present or "mawk" not in present


def test_who_is_not_root_is_told_the_exact_line(
    prepare: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is there already is not in the line; nothing is started."""
    if prepare.present_packages() is None:
        pytest.skip("needs dpkg")
    listed = tmp_path / "list.txt"
    listed.write_text("run dpkg\nrun no-such-package-of-ours # why\ntest other\n", "utf-8")
    monkeypatch.setattr(prepare, "PACKAGE_LIST", listed)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(prepare, "install_system_packages", lambda *_: pytest.fail("not for an ordinary user"))
    prepare.system_packages(("run",))
    told = capsys.readouterr().out.splitlines()
    assert told[-1].strip() == "apt-get install -y --no-install-recommends no-such-package-of-ours"
