"""The versions that the channel brought to this PC: the folder ``program`` in the user's data folder.

    state.json            the pointer: in use, the one before, waiting for its first start, refused
    versions/<name>/      a frozen folder with its list of files; never changed once it has its name
    desk, tuf/, download/ see ``app.program.updater``
    new-*/                a version that is being put together; gone with the next look
    update.lock           one look at a time

What the package system installed is the base and stands in none of these; it starts the newer version that the pointer names
(``app.program.launch``). The pointer is moved by one rename; everything it names is on the disk before.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.domain.errors import EnvironmentFault
from app.platform.atomic_file import sync_folder, write_atomically
from app.platform.single_instance import held
from app.program.build import PROGRAM, Build
from app.program.manifest import MANIFEST

STATE = "state.json"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}-[0-9a-f]{12}")
_MOST_REFUSED = 50
_MOST_UNTOLD = 20


@dataclass(frozen=True, slots=True)
class Version:
    """A version on this PC: its folder's name, the channel's number for it, version for people, time of its commit, hash of its list."""

    name: str
    number: int
    version: str
    built_at: int
    manifest: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened while nobody could be told: result, version and number, at an ISO time."""

    result: str
    version: str
    number: int
    at: str = ""


@dataclass(frozen=True, slots=True)
class ProgramState:
    """The pointer.

    Attributes:
        current: in use, None for the base.
        former: in use before, None for the base.
        pending: whole and healthy, waits for its first start.
        tries: how often that was begun.
        refused: hashes of lists that must not come again.
        number: the highest number of a release that was taken or settled here.
        seen: highest metadata versions met.
        untold: what the next look tells IT.
    """

    current: Version | None = None
    former: Version | None = None
    pending: Version | None = None
    tries: int = 0
    refused: tuple[str, ...] = ()
    number: int = 0
    seen: tuple[tuple[str, int], ...] = ()
    untold: tuple[Told, ...] = ()


class Versions:
    """See the module. Reading never raises for a missing or damaged folder; writing raises EnvironmentFault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def state(self) -> ProgramState:
        """The pointer; where it is damaged the base is in use."""
        try:
            told = json.loads((self.folder / STATE).read_bytes())
            return ProgramState(
                _version(told["current"]), _version(told["former"]), _version(told["pending"]), int(told["tries"]),
                tuple(map(str, told["refused"])), int(told["number"]), tuple((str(role), int(seen)) for role, seen in told["seen"]),
                tuple(Told(str(one["result"]), str(one["version"]), int(one["number"]), str(one["at"])) for one in told["untold"]))
        except (OSError, ValueError, KeyError, TypeError):
            return ProgramState()

    def change(self, make: Callable[[ProgramState], ProgramState]) -> ProgramState:
        """Move the pointer: the one step that decides. Any process.

        Raises:
            EnvironmentFault: the disk refuses; the pointer is as it was.
        """
        try:
            with held(self.folder / "state.lock"):
                before = self.state()
                after = make(before)
                if after != before:
                    write_atomically(self.folder / STATE, json.dumps(asdict(after), ensure_ascii=False, indent=1).encode())
                return after
        except OSError as error:
            raise EnvironmentFault("program_update.unwritable", path=STATE, reason=error.strerror or type(error).__name__) from error

    def path(self, version: Version) -> Path:
        """Its frozen folder."""
        return self.folder / "versions" / version.name

    def program(self, version: Version) -> Path:
        """Its executable."""
        return self.path(version) / PROGRAM

    def is_there(self, version: Version) -> bool:
        """Whether its folder has its list and its executable; ``tingdan program status --verify`` compares every file."""
        return (self.path(version) / MANIFEST).is_file() and os.access(self.program(version), os.X_OK)

    def staging(self) -> Path:
        """A new and empty folder on the same disk; former ones are gone."""
        for left in self.folder.glob("new-*"):
            shutil.rmtree(left, ignore_errors=True)
        made = self.folder / f"new-{os.getpid()}"
        made.mkdir(parents=True)
        return made

    def keep(self, staging: Path, version: Version) -> None:
        """Give a whole folder its name; from here on it is never changed."""
        for folder in (staging, *(path for path in staging.rglob("*") if path.is_dir() and not path.is_symlink())):
            sync_folder(folder)
        target = self.path(version)
        target.parent.mkdir(exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)  # one that lost a file
        staging.rename(target)
        sync_folder(target.parent)

    def tidy(self) -> None:
        """Forget what the pointer does not name, and pieces of downloads; never raises."""
        state = self.state()
        named = {one.name for one in (state.current, state.former, state.pending) if one is not None}
        with contextlib.suppress(OSError):
            for path in (*(self.folder / "versions").glob("*"), *self.folder.glob("new-*")):
                if path.name not in named:
                    shutil.rmtree(path, ignore_errors=True)
            for path in (*(self.folder / "download").glob("*"), *self.folder.glob("*.alive")):
                path.unlink()

    def adopt(self, name: str) -> None:
        """The version that waited has proved itself: it is in use from now on.

        Raises:
            EnvironmentFault: the disk refuses; it is tried again with the next start.
        """
        def adopted(state: ProgramState) -> ProgramState:
            if state.pending is None or state.pending.name != name:
                return state
            after = replace(state, current=state.pending, former=state.current, pending=None, tries=0)
            return _told(after, "program_adopted", state.pending)

        self.change(adopted)

    def refuse(self, version: Version, result: str) -> None:
        """The version must not come again; ``result`` says why.

        Raises:
            EnvironmentFault: the disk refuses.
        """
        def refused(state: ProgramState) -> ProgramState:
            is_waiting = state.pending is not None and state.pending.manifest == version.manifest
            kept = replace(state, refused=(*(one for one in state.refused if one != version.manifest), version.manifest)[-_MOST_REFUSED:],
                           pending=None if is_waiting else state.pending, tries=0 if is_waiting else state.tries)
            return _told(kept, result, version)

        self.change(refused)

    def back(self) -> Version | None:
        """Use the version before again, at a person's word; gives it, None for the base. The one left is refused.

        Raises:
            EnvironmentFault: the disk refuses.
        """
        left = self.state().current
        if left is not None:
            self.change(lambda state: replace(state, current=state.former, former=None, pending=None, tries=0))
            self.refuse(left, "program_update.rolled_back")
        return self.state().current

    def remove(self) -> None:
        """Take every version away: the base is in use.

        Raises:
            EnvironmentFault: the disk refuses.
        """
        self.change(lambda state: ProgramState(refused=state.refused, seen=state.seen, untold=state.untold))
        self.tidy()


def name_of(build: Build, manifest: str) -> str:
    """The folder's name of a version."""
    return f"{build.version}-{manifest[:12]}"


def _told(state: ProgramState, result: str, version: Version) -> ProgramState:
    return replace(state, untold=(*state.untold, Told(result, version.version, version.number))[-_MOST_UNTOLD:])


def _version(given: dict[str, object] | None) -> Version | None:
    if given is None:
        return None
    version = Version(str(given["name"]), int(str(given["number"])), str(given["version"]), int(str(given["built_at"])),
                      str(given["manifest"]))
    if not _NAME.fullmatch(version.name):
        raise ValueError("name")
    return version
