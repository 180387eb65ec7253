"""What this program is: its frozen folder says so in ``build.json`` (written by installer/freeze.py); and what this PC can run.

A source set-up has no such folder; it is never updated over the channel. The time of the build's commit orders builds: what the package
system installed wins over what the channel brought, unless that is newer (docs/adr/0019).
"""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

BUILD = "build.json"
PROGRAM = "tingdan.exe" if sys.platform == "win32" else "tingdan"
"""The executable in a frozen folder."""


@dataclass(frozen=True, slots=True)
class Build:
    """A build.

    Attributes:
        version: for people; unique.
        built_at: seconds since 1970 of its commit.
        system: "linux" or "win32", as ``sys.platform``.
        machine: "x86_64", "aarch64".
        glibc: the C library it needs, "2.36"; "" on Windows.
    """

    version: str
    built_at: int
    system: str
    machine: str
    glibc: str = ""

    def runs_here(self) -> bool:
        """Whether this PC can run it."""
        return (self.system, self.machine) == (sys.platform, machine()) and _parts(self.glibc) <= _parts(own_glibc())


def read_build(folder: Path) -> Build | None:
    """The build in a frozen folder; None where there is none that can be read."""
    try:
        told = json.loads((folder / BUILD).read_bytes())
        return Build(str(told["version"]), int(told["built_at"]), str(told["system"]), str(told["machine"]), str(told["glibc"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def own_folder() -> Path | None:
    """The frozen folder that runs; None in a source set-up."""
    return Path(sys.executable).resolve().parent if getattr(sys, "frozen", False) else None


def machine() -> str:
    """This PC's processor, by one name on every system."""
    told = platform.machine()
    return {"AMD64": "x86_64", "arm64": "aarch64", "ARM64": "aarch64"}.get(told, told)


def own_glibc() -> str:
    """The C library of this PC, "" where it is another."""
    return platform.libc_ver()[1] if sys.platform == "linux" else ""


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
