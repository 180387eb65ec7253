"""The committed program as one folder that needs no Python: .var/dist/frozen/tingdan (docs/adr/0009).

Standard library only; run by `make dist`, on Windows by installer/windows/build.ps1. Steps:

1. the sources of HEAD, unpacked apart: what is not committed is not released;
2. an environment of its own with the locked run dependencies and PyInstaller, every file by its hash;
3. the item classifier, trained from the phrase banks of these sources (no model lies in git);
4. PyInstaller with installer/tingdan.spec;
5. build.json, by which the program knows itself (app/program/build.py);
6. a look at the result: it answers `--version`, and its size is told.

Equal sources, locks and Python give equal bytes as far as it goes: SOURCE_DATE_EPOCH is the commit's time, hashes are not
randomised, files are dated alike (docs/operations.md says what stays different).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".var" / "dist"
ENV = WORK / "env"
SOURCE = WORK / "source"
FROZEN = WORK / "frozen" / "tingdan"
RUN_LOCKS = {False: "runtime.txt", True: "runtime-older.txt"}
LEAST_GLIBC = "2.28"
ON_WINDOWS = sys.platform == "win32"
PYTHON = ENV / ("Scripts/python.exe" if ON_WINDOWS else "bin/python")
PROGRAM = FROZEN / ("tingdan.exe" if ON_WINDOWS else "tingdan")


def main() -> int:
    """Freeze; 0 where the program answers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--older", action="store_true", help="for systems with glibc 2.28 to 2.33: PySide6 6.9 (installer/older_root.sh)")
    order = parser.parse_args()
    unpack_head()
    settings = build_settings()
    environment(("build.txt", RUN_LOCKS[order.older], "freeze.txt"))
    # A commit that lacks a file stops here, not on a desk.
    every_part = "import app.cli, app.desk, app.lead_desk, asr.worker, kb_cache.update_worker"
    run([str(PYTHON), "-c", every_part], "import.log", {**settings, "QT_QPA_PLATFORM": "offscreen"}, cwd=SOURCE)
    say("training the item classifier")
    run([str(PYTHON), "-m", "app.extraction.train_items"], "items.log", settings, cwd=SOURCE)
    drawing = SOURCE / "installer" / "windows" / "make_icon.py"
    run([str(PYTHON), str(drawing), str(SOURCE / "installer" / "linux" / "tingdan.svg"), str(drawing.with_name("tingdan.ico"))],
        "icon.log", {**settings, "QT_QPA_PLATFORM": "offscreen"})
    say("freezing")
    shutil.rmtree(FROZEN.parent, ignore_errors=True)
    run([str(PYTHON), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN", "--distpath", str(FROZEN.parent),
         "--workpath", str(WORK / "pyinstaller"), str(SOURCE / "installer" / "tingdan.spec")], "pyinstaller.log", settings, cwd=SOURCE)
    (FROZEN / "build.json").write_text(json.dumps(build(), indent=1) + "\n", "utf-8")
    date_alike(FROZEN, int(settings["SOURCE_DATE_EPOCH"]))
    answer = subprocess.run([str(PROGRAM), "--version"], capture_output=True, text=True, check=False)
    if answer.returncode or answer.stderr:
        say(f"the frozen program does not answer: {answer.stdout}{answer.stderr}")
        return 1
    size = sum(path.stat().st_size for path in FROZEN.rglob("*") if path.is_file() and not path.is_symlink())
    say(f"frozen: {answer.stdout.strip()}, {size / 1e6:.0f} MB in {FROZEN.relative_to(ROOT)}")
    return 0


def say(line: str) -> None:
    """One line to the person at the terminal, at once."""
    print(f"dist: {line}", flush=True)


def git(*arguments: str) -> bytes:
    """What git says about this repository."""
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=True).stdout


def built_commit() -> str:
    """The commit that lies unpacked in ``SOURCE``: HEAD may have moved on since."""
    return (WORK / "commit").read_text("utf-8").strip()


def commit_time() -> int:
    """Seconds of that commit."""
    return int(git("log", "-1", "--format=%ct", built_commit()).decode())


def package_version() -> str:
    """The project's version; beside a release's tag with the commit, so that a later build is a higher version."""
    version = str(tomllib.loads((SOURCE / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    if f"v{version}" in git("tag", "--points-at", built_commit()).decode().split():
        return version
    when, commit = datetime.fromtimestamp(commit_time(), UTC), built_commit()[:8]
    return os.environ.get("TINGDAN_PACKAGE_VERSION", "") or f"{version}+{when:%Y%m%d%H%M%S}.g{commit}"


def build() -> dict[str, object]:
    """What the program says of itself."""
    machine = {"AMD64": "x86_64", "arm64": "aarch64", "ARM64": "aarch64"}.get(platform.machine(), platform.machine())
    return {"version": package_version(), "commit": built_commit(), "built_at": commit_time(), "system": sys.platform, "machine": machine,
            "glibc": glibc_needed(FROZEN) if sys.platform == "linux" else ""}


def glibc_needed(folder: Path) -> str:
    """The newest GLIBC_x.y symbol version that any frozen file asks for."""
    newest = tuple(int(part) for part in LEAST_GLIBC.split("."))
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and (path.suffix == ".so" or ".so." in path.name or path.parent == folder):
            for found in re.findall(rb"GLIBC_(\d+)\.(\d+)\b", path.read_bytes()):
                newest = max(newest, (int(found[0]), int(found[1])))
    return f"{newest[0]}.{newest[1]}"


def build_settings() -> dict[str, str]:
    """Environment of every build step: nothing random, nothing of the user's Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TINGDAN_", "QT_"))}
    return {**kept, "SOURCE_DATE_EPOCH": str(commit_time()), "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "TINGDAN_SOURCE": str(SOURCE),
            "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def unpack_head() -> None:
    """The committed sources, and nothing else."""
    changed = git("status", "--porcelain", "--untracked-files=no").decode().splitlines()
    if changed:
        say(f"{len(changed)} changed files are not committed and not built")
    shutil.rmtree(SOURCE, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    (WORK / "commit").write_bytes(git("rev-parse", "HEAD"))
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", built_commit()))) as archive:
        if hasattr(tarfile, "data_filter"):  # Debian's 3.11.2 has no filters yet; the archive is our own git's
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(SOURCE)


def environment(locks: Sequence[str]) -> None:
    """The locked environment, made anew where a lock or the Python changed; the project itself in it, anew always."""
    told = "".join(hashlib.sha256((SOURCE / "installer" / "locks" / name).read_bytes()).hexdigest() for name in locks)
    state = hashlib.sha256(f"{told}{sys.version}{ENV}".encode()).hexdigest()
    mark = ENV / ".state"
    if not mark.exists() or mark.read_text("utf-8") != state:
        say("making the locked environment")
        run([sys.executable, "-m", "venv", "--clear", str(ENV)], "venv.log", os.environ)
        for name in locks:
            pip(["--require-hashes", "-r", str(SOURCE / "installer" / "locks" / name)], f"pip-{name}.log")
        mark.write_text(state, "utf-8")
    shutil.rmtree(SOURCE / "build", ignore_errors=True)
    pip(["--no-deps", "--force-reinstall", "-e", str(SOURCE)], "pip-project.log")


def pip(arguments: Sequence[str], log: str) -> None:
    """Install into the environment; no build isolation: the builder is locked too."""
    run([str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-build-isolation", *arguments], log,
        os.environ)


def run(command: Sequence[str], log_name: str, settings: Mapping[str, str], cwd: Path = ROOT) -> None:
    """Run a step with its output in a log; ends the build with the log's last lines where it fails."""
    log = WORK / "logs" / log_name
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as handle:
        code = subprocess.run(command, cwd=cwd, env=dict(settings), stdin=subprocess.DEVNULL, stdout=handle, stderr=handle,
                              check=False).returncode
    if code:
        for line in log.read_text("utf-8", "replace").splitlines()[-20:]:
            print(f"    {line}")
        sys.exit(f"dist: stopped, {Path(command[0]).name} failed; all of its output: {log}")


def date_alike(folder: Path, seconds: int) -> None:
    """Every file and folder dated by the commit."""
    for path in (folder, *folder.rglob("*")):
        if os.utime in os.supports_follow_symlinks:
            os.utime(path, (seconds, seconds), follow_symlinks=False)
        elif not path.is_symlink():
            os.utime(path, (seconds, seconds))


if __name__ == "__main__":
    sys.exit(main())
