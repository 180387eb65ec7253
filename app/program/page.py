"""The signed page of a program channel: its releases, oldest first, the share of the desks that take each, and what was built for which PC.

Publisher and desk share this module. A desk takes the newest release that is meant for it (``app.signed.rollout``) and built for its
system; a page can hold builds for several. Every name is checked though it was signed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from app.program.build import Build
from app.signed.rollout import place

FORMAT = 1
CHANNEL_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
VERSION_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TARGET = re.compile(r"program/files/[0-9a-z_-]{1,160}\.(?:json|tar\.zst)")
_SYSTEM = re.compile(r"(?:linux|win32)")
_MACHINE = re.compile(r"[0-9a-z_]{1,20}")
_GLIBC = re.compile(r"(?:\d{1,2}\.\d{1,3})?")
_MAX_RELEASES = 64
_MAX_BUILDS = 16
_MAX_TEXT = 500


class PageError(ValueError):
    """A page is not what it should be."""


@dataclass(frozen=True, slots=True)
class Built:
    """A release's files for one kind of PC.

    Attributes:
        build: which.
        manifest: hash of its list of files; names the target with the list too.
        full: target with all files.
        deltas: hash of another build's list to the target with the files that it lacks.
    """

    build: Build
    manifest: str
    full: str
    deltas: Mapping[str, str] = field(default_factory=dict)

    @property
    def manifest_target(self) -> str:
        """The target that holds the list."""
        return manifest_target(self.manifest)


@dataclass(frozen=True, slots=True)
class Release:
    """One release; ``number`` counts up over all channels, ``share`` is the percent of the desks that take it."""

    number: int
    version: str
    share: int
    builds: tuple[Built, ...]
    published_at: str = ""
    note: str = ""

    def for_this_pc(self) -> Built | None:
        """The build for the newest system that this PC is; None where there is none for it."""
        fitting = [built for built in self.builds if built.build.runs_here()]
        return max(fitting, key=lambda built: [int(part) for part in built.build.glibc.split(".") if part], default=None)


@dataclass(frozen=True, slots=True)
class ProgramPage:
    """The page."""

    channel: str
    releases: tuple[Release, ...] = ()

    def named(self, version: str) -> Release | None:
        """The newest release of a version's name or number."""
        return next((release for release in reversed(self.releases) if version in (release.version, str(release.number))), None)

    def meant_for(self, desk: str) -> tuple[Release, Built] | None:
        """What a desk should have; None where there is nothing for it."""
        for release in reversed(self.releases):
            built = release.for_this_pc()
            if built is not None and place(desk, release.number) < release.share:
                return release, built
        return None


def page_target(channel: str) -> str:
    """The target's name of a channel's page."""
    return f"program/{channel}.json"


def manifest_target(manifest: str) -> str:
    """The target's name of a list of files."""
    return f"program/files/{manifest}.json"


def to_bytes(page: ProgramPage) -> bytes:
    """The page as it is signed."""
    return json.dumps({"format": FORMAT, **asdict(page)}, ensure_ascii=False, indent=1, sort_keys=True).encode()


def from_bytes(data: bytes) -> ProgramPage:
    """Read a page.

    Raises:
        PageError: not such a page.
    """
    try:
        told = json.loads(data)
        if told["format"] != FORMAT or len(told["releases"]) > _MAX_RELEASES:
            raise PageError("format")
        releases = tuple(sorted((_release(one) for one in told["releases"]), key=lambda one: one.number))
        if len({release.number for release in releases}) != len(releases):
            raise PageError("number")
        return ProgramPage(_matching(told["channel"], CHANNEL_NAME), releases)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PageError(str(error)) from error


def _release(given: Mapping[str, object]) -> Release:
    builds = given["builds"]
    if not isinstance(builds, list) or not 0 < len(builds) <= _MAX_BUILDS:
        raise PageError("builds")
    return Release(_count(given["number"], least=1), _matching(given["version"], VERSION_NAME), _count(given["share"], most=100),
                   tuple(_built(one) for one in builds), _text(given["published_at"]), _text(given["note"]))


def _built(given: Mapping[str, object]) -> Built:
    build, deltas = given["build"], given["deltas"]
    if not isinstance(build, dict) or not isinstance(deltas, dict):
        raise PageError("build")
    return Built(
        Build(_matching(build["version"], VERSION_NAME), _count(build["built_at"]), _matching(build["system"], _SYSTEM),
              _matching(build["machine"], _MACHINE), _matching(build["glibc"], _GLIBC)),
        _matching(given["manifest"], _SHA256), _matching(given["full"], _TARGET),
        {_matching(start, _SHA256): _matching(target, _TARGET) for start, target in deltas.items()})


def _text(given: object) -> str:
    if not isinstance(given, str) or len(given) > _MAX_TEXT:
        raise PageError("text")
    return given


def _matching(given: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(given, str) or not pattern.fullmatch(given):
        raise PageError("name")
    return given


def _count(given: object, least: int = 0, most: int = 2**53) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        raise PageError("number")
    return given
