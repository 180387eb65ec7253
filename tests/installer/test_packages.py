"""What goes into a package and onto a stick: dependencies, menu entry, scripts, and install.sh refusing what is not whole."""

from __future__ import annotations

import configparser
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from app.platform.machine_health import QT_LIBRARIES, SCREEN_LIBRARIES

REPOSITORY = Path(__file__).resolve().parents[2]
INSTALLER = REPOSITORY / "installer"
LINUX = INSTALLER / "linux"


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """installer/pack.py over this work tree, with a frozen folder that asks for glibc 2.31."""
    monkeypatch.syspath_prepend(str(INSTALLER))
    module = importlib.import_module("pack")
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    (frozen / "tingdan").write_bytes(b"\0GLIBC_2.4\0GLIBC_2.31\0")
    monkeypatch.setattr(module, "SOURCE", REPOSITORY)
    monkeypatch.setattr(module, "FROZEN", frozen)
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(module, "commit_time", lambda: 1_700_000_000)
    return module


def test_the_package_declares_what_set_up_installs_to_run(pack: ModuleType) -> None:
    depends = pack.nfpm_plan("1.0")["overrides"]["deb"]["depends"]
    listed = re.findall(r"^run +(\S+)", (INSTALLER / "system-packages.txt").read_text("utf-8"), re.MULTILINE)
    assert depends == ["libc6 (>= 2.31)", *listed]


def test_rpm_names_every_library_that_the_doctor_looks_for(pack: ModuleType) -> None:
    depends = pack.nfpm_plan("1.0")["overrides"]["rpm"]["depends"]
    assert {f"{name}()(64bit)" for name in (*QT_LIBRARIES, *SCREEN_LIBRARIES)} < set(depends)


def test_every_file_of_the_plan_is_there_and_nothing_lands_outside_the_agreed_places(pack: ModuleType) -> None:
    plan = pack.nfpm_plan("1.0")
    for entry in plan["contents"]:
        assert entry["dst"].startswith(("/usr/lib/tingdan", "/usr/bin/tingdan", "/usr/share/", "/etc/tingdan", "/var/lib/tingdan"))
        source = Path(str(entry.get("src", "")))
        if source.is_relative_to(LINUX):
            assert source.is_file()
    assert plan["deb"]["compression"] == "xz"  # old dpkg refuses zstd
    json.dumps(plan)


def test_the_menu_entry_is_whole_in_both_languages() -> None:
    entry = configparser.RawConfigParser(delimiters=("=",))
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(LINUX / "tingdan.desktop", "utf-8")
    desktop = entry["Desktop Entry"]
    assert (desktop["Type"], desktop["Exec"], desktop["Terminal"], desktop["Icon"]) == ("Application", "tingdan", "false", "tingdan")
    for key in ("Name", "GenericName", "Comment", "Keywords"):
        assert desktop[key] and desktop[f"{key}[zh_CN]"]
    assert (LINUX / f"{desktop['Icon']}.svg").is_file()


def test_scripts_of_the_package_are_sound_and_know_their_words() -> None:
    for script in sorted([*LINUX.glob("*.sh"), INSTALLER / "bundle" / "install.sh"]):
        assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0, script
    for word in ("purge", "remove", "upgrade"):
        done = subprocess.run(["sh", str(LINUX / "preinstall.sh"), word], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")  # no desk of a package runs here


def test_frozen_entry_knows_the_flags_by_which_the_program_starts_itself() -> None:
    entry = (INSTALLER / "frozen_entry.py").read_text("utf-8")
    flags = {flag for room in ("asr", "kb_cache", "app") for path in sorted((REPOSITORY / room).rglob("*.py"))
             for flag in re.findall(r'^\w*FLAG\w* = "(--[\w-]+)"', path.read_text("utf-8"), re.MULTILINE)}
    assert flags
    for flag in flags:
        assert f'"{flag}"' in entry


# --- the stick ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def stick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder as `make bundle` seals it, signed, with little in it."""
    monkeypatch.syspath_prepend(str(INSTALLER))
    bundle = importlib.import_module("bundle")
    key = tmp_path / "key.pem"
    made = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no openssl that makes Ed25519 keys")
    folder = tmp_path / "stick"
    (folder / "packages").mkdir(parents=True)
    (folder / "packages" / "tingdan_1.0_amd64.deb").write_bytes(b"the package")
    (folder / "install.sh").write_bytes((INSTALLER / "bundle" / "install.sh").read_bytes())
    bundle.seal(folder, key)
    return folder


def check(stick: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", str(stick / "install.sh"), "--check", *options], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"})


def fingerprint(stick: Path) -> str:
    der = subprocess.run(["openssl", "pkey", "-pubin", "-in", str(stick / "publisher.pem"), "-outform", "DER"], capture_output=True,
                         check=True).stdout
    return subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout.decode().split()[0]


def test_a_whole_and_signed_stick_passes(stick: Path) -> None:
    done = check(stick, "--fingerprint", fingerprint(stick).upper())
    assert done.returncode == 0, done.stderr
    assert "Signature: good" in done.stdout


def test_a_key_that_nobody_named_is_not_taken_by_itself(stick: Path) -> None:
    done = check(stick)
    assert done.returncode == 1
    assert fingerprint(stick) in done.stdout
    assert "Not confirmed" in done.stderr


@pytest.mark.parametrize(("damage", "words"), [
    (lambda stick: (stick / "packages" / "tingdan_1.0_amd64.deb").write_bytes(b"another package"), "damaged"),
    (lambda stick: (stick / "packages" / "tingdan_1.0_amd64.deb").unlink(), "damaged"),
    (lambda stick: (stick / "packages" / "stranger.deb").touch(), "nobody listed"),
    (lambda stick: (stick / "SHA256SUMS.sig").write_bytes(bytes(64)), "signature does not fit"),
])
def test_what_is_not_as_published_is_refused_in_words(stick: Path, damage, words: str) -> None:  # type: ignore[no-untyped-def]
    damage(stick)
    done = check(stick, "--yes")
    assert done.returncode == 1
    assert words in done.stderr


def test_another_publishers_key_is_refused(stick: Path) -> None:
    done = check(stick, "--fingerprint", "00" * 32)
    assert done.returncode == 1
    assert "another key" in done.stderr


def test_a_child_that_is_the_program_again_begins_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its bootloader looks for our libraries in an environment that no longer tells where they are: no update, no speech."""
    monkeypatch.syspath_prepend(str(INSTALLER))
    entry = importlib.import_module("frozen_entry")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/tingdan/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/lib")
    monkeypatch.setenv("PYINSTALLER_RESET_ENVIRONMENT", "")
    entry._give_back_library_path()
    assert (os.environ["LD_LIBRARY_PATH"], os.environ["PYINSTALLER_RESET_ENVIRONMENT"]) == ("/opt/lib", "1")
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
    monkeypatch.undo()


def test_examples_are_sound() -> None:
    examples = INSTALLER / "examples"
    (play,) = yaml.safe_load((examples / "ansible" / "tingdan.yml").read_text("utf-8"))
    assert all(any(name.startswith("ansible.builtin.") for name in task) for task in play["tasks"])
    policy = next(task["ansible.builtin.copy"] for task in play["tasks"] if "policy" in task["name"])
    assert policy["validate"] == "tingdan doctor --policy %s"
    script = (examples / "group-policy" / "tingdan-startup.cmd").read_bytes()
    assert script.count(b"\n") == script.count(b"\r\n")  # cmd.exe loses its place in a file with bare line feeds
    profile = (examples / "apparmor" / "usr.lib.tingdan.tingdan").read_text("utf-8")
    assert profile.count("{") == profile.count("}") and "/usr/lib/tingdan/tingdan ixmr," in profile
    if shutil.which("ansible-playbook"):
        done = subprocess.run(["ansible-playbook", "--syntax-check", "-i", "desks,", str(examples / "ansible" / "tingdan.yml")],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_release_is_refused_in_words_before_anything_is_built(tmp_path: Path) -> None:
    repository = tmp_path / "clone"
    (repository / "installer").mkdir(parents=True)
    shutil.copy2(INSTALLER / "release.sh", repository / "installer")
    (repository / "pyproject.toml").write_text('version = "0.1.0"\n')
    (repository / "CHANGELOG.md").write_text("## Unreleased\n")

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.invalid", "-c", "tag.gpgsign=false", *arguments],
                       cwd=repository, check=True, capture_output=True)

    def release(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", "installer/release.sh", *arguments], cwd=repository, capture_output=True, text=True, check=False)

    git("init", "-q")
    refused = release("0.2.0", "--check")
    assert refused.returncode == 1
    for words in ("not committed", "says 0.1.0, not 0.2.0", "no section", "tag v0.2.0 is missing"):
        assert words in refused.stderr
    (repository / "CHANGELOG.md").write_text("## 0.1.0 (2026-12-01)\n")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    assert "tag v0.1.0" in release("0.1.0", "--check").stderr
    git("tag", "v0.1.0")
    assert (release("0.1.0", "--check").returncode, release().returncode) == (0, 1)
