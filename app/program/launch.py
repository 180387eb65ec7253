"""Starts the version that the channel brought in the place of the base, where there is one; called before anything else is imported.

The base (what the package system installed) asks ``launched``. A version that waits for its first start is tried by the desk only, and
watched: until its window is there it is on trial. Where it crashes, or has no event loop after two minutes, it is refused for good, and the
operator gets the version before in the same breath. A version in use replaces this process. Whatever goes wrong here ends in the base.

A version on trial tells by ``Trial``: ``alive`` when its event loop runs (a passphrase may be asked for as long as people take), ``prove``
when the desk stands.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.errors import AppError
from app.program.build import own_folder, read_build
from app.program.versions import STATE, Version, Versions

TRIAL = "TINGDAN_TRIAL"
ONLY_BASE = "TINGDAN_PROGRAM_BASE"
"""Set to 1: the base starts, whatever the channel brought; for support."""
ALIVE_WITHIN_S = 120.0
MOST_TRIES = 3
_LOOK_S = 0.1
_ALREADY_RUNNING, _ENVIRONMENT = 2, 3


def launched(arguments: Sequence[str], folder: Path, is_wanted: bool, own: Path | None = None) -> int | None:
    """Run the version in use in our place; gives its exit code, None where we are to go on ourselves.

    Args:
        arguments: of the command, without the program's name.
        folder: ``Versions``' folder; need not exist.
        is_wanted: whether settings let the channel's versions run.
        own: the base's folder; found by itself.
    """
    own = own or own_folder()
    if own is None or os.environ.get(ONLY_BASE) == "1" or not (folder / STATE).exists() or own.is_relative_to(folder.resolve()):
        return None
    base = read_build(own)
    if not is_wanted or base is None:
        return None
    versions = Versions(folder)
    try:
        waiting = _newer(versions, versions.state().pending, base.built_at)
        if waiting is not None and not arguments:
            code = _tried(versions, waiting)
            if code is not None:
                return code
        current = _newer(versions, versions.state().current, base.built_at)
    except (AppError, OSError):
        return None
    return _in_our_place(versions.program(current), arguments) if current is not None else None


@dataclass(frozen=True, slots=True)
class Trial:
    """A version's first start; of no consequence where it is none."""

    versions: Versions | None = None
    name: str = ""

    def alive(self) -> None:
        """The event loop runs."""
        if self.versions is not None:
            with contextlib.suppress(OSError):
                _mark(self.versions, self.name).touch()

    def prove(self) -> None:
        """The desk stands: this version is in use from now on."""
        if self.versions is not None:
            with contextlib.suppress(AppError):  # a full disk: the next start tries again
                self.versions.adopt(self.name)


def this_trial() -> Trial:
    """The trial that this process is; processes that it starts are none."""
    name, own = os.environ.pop(TRIAL, ""), own_folder()
    if not name or own is None or own.name != name:
        return Trial()
    return Trial(Versions(own.parent.parent), name)


def _newer(versions: Versions, version: Version | None, than: int) -> Version | None:
    return version if version is not None and version.built_at > than and versions.is_there(version) else None


def _tried(versions: Versions, waiting: Version) -> int | None:
    """The exit code of a first start that stood; None where the version before is to start."""
    tries = versions.change(lambda state: replace(state, tries=state.tries + 1)).tries
    if tries > MOST_TRIES:  # the power went, three times
        versions.refuse(waiting, "program_update.rolled_back")
        return None
    mark = _mark(versions, waiting.name)
    mark.unlink(missing_ok=True)
    code = _watched(versions, waiting, mark)
    mark.unlink(missing_ok=True)
    if versions.state().pending != waiting:
        return code
    if code in (0, _ALREADY_RUNNING):  # nothing was asked of it
        versions.change(lambda state: replace(state, tries=tries - 1))
        return code
    if code != _ENVIRONMENT or tries >= MOST_TRIES:  # else: a full disk, no keyring; perhaps not its fault
        versions.refuse(waiting, "program_update.rolled_back")
    return None


def _watched(versions: Versions, waiting: Version, mark: Path) -> int:
    """Its exit code; that of a killed one where it did not come to life."""
    try:
        process = subprocess.Popen([str(versions.program(waiting))], env=_environment({TRIAL: waiting.name}))  # noqa: S603 signed
    except OSError:
        return -1
    timer = threading.Timer(ALIVE_WITHIN_S, process.kill)
    timer.daemon = True
    timer.start()
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(None if timer.finished.is_set() else _LOOK_S)
            if mark.exists():
                timer.cancel()
    finally:
        timer.cancel()


def _in_our_place(program: Path, arguments: Sequence[str]) -> int | None:
    command = [str(program), *arguments]
    if sys.platform == "win32":  # exec would end this process at once, and the caller would not wait
        return subprocess.run(command, env=_environment({}), check=False).returncode  # noqa: S603 signed
    try:
        os.execve(program, command, _environment({}))  # noqa: S606 signed
    except OSError:
        return None


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **more}


def _mark(versions: Versions, name: str) -> Path:
    return versions.folder / f"{name}.alive"
