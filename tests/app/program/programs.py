"""Publishers and desks for the tests of program updates: real keys and signed folders, small programs that are real executables.

A small program is a frozen folder in all that matters here: ``build.json``, libraries of some size, and an executable that answers
``program check --json`` and starts as a desk does. How it behaves stands in a file beside it.
"""

from __future__ import annotations

import json
import os
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from app.platform.clock import SystemClock
from app.program.build import machine
from app.program.health import FORMAT, tried
from app.program.publisher import ProgramPublisher
from app.program.updater import ProgramLooked, ProgramPlan, ProgramUpdater, Step
from app.program.versions import Versions
from app.signed.keys import KeyFolders
from app.signed.transport import UpdateLine
from kb_cache.receipts import ReceiptFolder
from tests.kb_cache.publishing import PASSPHRASE, new_publisher

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = f"""#!{sys.executable}
import os, sys, signal, time
sys.path.insert(0, {str(ROOT)!r})
here = os.path.dirname(os.path.realpath(__file__))
version = open(os.path.join(here, "_internal", "version")).read()
behaviour = open(os.path.join(here, "_internal", "behaviour")).read()
if sys.argv[1:] == ["program", "check", "--json"]:
    print(open(os.path.join(here, "_internal", "answer")).read())
    sys.exit(0)
print(version, *sys.argv[1:], flush=True)
if behaviour == "crashes":
    os.kill(os.getpid(), signal.SIGKILL)
if behaviour == "hangs":
    signal.pause()
if behaviour.startswith("ends "):
    sys.exit(int(behaviour[5:]))
name = os.environ.get("TINGDAN_TRIAL", "")
if name:
    from pathlib import Path
    from app.program.launch import Trial
    from app.program.versions import Versions
    trial = Trial(Versions(Path(here).parent.parent), name)
    trial.alive()
    trial.prove()
sys.exit(5 if behaviour == "crashes later" else 0)
"""


def program(folder: Path, version: str, built_at: int, behaviour: str = "well", wrong: tuple[str, ...] = (), answer: str = "") -> Path:
    """A frozen folder; libraries are alike in all versions but for one."""
    internal = folder / "_internal"
    internal.mkdir(parents=True)
    for number in range(3):
        (internal / f"lib{number}.so").write_bytes(random.Random(number).randbytes(200_000))
    (internal / "own.pyz").write_bytes(random.Random(version).randbytes(20_000))
    (internal / "libalias.so").symlink_to("lib0.so")
    (internal / "version").write_text(version)
    (internal / "behaviour").write_text(behaviour)
    (internal / "answer").write_text(answer or json.dumps({"format": FORMAT, "wrong": wrong}))
    (folder / "tingdan").write_text(PROGRAM)
    (folder / "tingdan").chmod(0o755)
    (folder / "build.json").write_text(json.dumps({
        "version": version, "commit": "0" * 40, "built_at": built_at, "system": sys.platform, "machine": machine(),
        "glibc": "2.17" if sys.platform == "linux" else ""}))
    return folder


def publisher_in(folder: Path) -> ProgramPublisher:
    """A publisher's folder with new keys."""
    new_publisher(folder)
    return reopened(folder)


def reopened(folder: Path) -> ProgramPublisher:
    """The same folder, as another program opens it."""
    return ProgramPublisher(folder, KeyFolders((folder / "keys", folder / "offline"), lambda file: PASSPHRASE), SystemClock())


@dataclass
class Pc:
    """A PC with a packaged program that takes updates."""

    home: Path
    address: str
    root: bytes
    channel: str = "stable"
    is_told_only: bool = False

    @property
    def base(self) -> Path:
        folder = self.home / "usr"
        return folder if folder.exists() else program(folder, "1.0", 100)

    @property
    def versions(self) -> Versions:
        (self.home / "program").mkdir(parents=True, exist_ok=True)
        return Versions(self.home / "program")

    def updater(self, step: Step = lambda name: None) -> ProgramUpdater:
        plan = ProgramPlan(UpdateLine(self.address, proxy="none"), self.channel, self.root, str(self.home), self.is_told_only, self.base)
        return ProgramUpdater(self.versions, plan, SystemClock(), self.receipt_folder, lambda path: tried(path, ("known.trouble",)), step)

    def look(self) -> ProgramLooked:
        return self.updater().look()

    @property
    def receipt_folder(self) -> ReceiptFolder:
        return ReceiptFolder(self.home / "receipts")

    def receipts(self) -> list[str]:
        return [receipt.result for receipt in self.receipt_folder.waiting()]

    def waits(self) -> str:
        pending = self.versions.state().pending
        return pending.version if pending is not None else ""

    def in_use(self) -> str:
        current = self.versions.state().current
        return current.version if current is not None else "1.0"

    def left(self) -> set[str]:
        """What lies about in the folder beside what belongs there; pieces of a download wait to be taken up."""
        known = {"state.json", "state.lock", "update.lock", "tuf", "versions", "download"}
        return {path.name for path in self.versions.folder.iterdir()} - known


def pc_of(home: Path, repo: Path, address: str = "") -> Pc:
    """A PC that trusts a publisher."""
    return Pc(home, address or str(repo / "public"), (repo / "public" / "metadata" / "1.root.json").read_bytes())


def environment() -> dict[str, str]:
    """Of processes that a test starts."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}
