"""The publisher's side of program updates: frozen folders become signed releases, in the folder that serves knowledge or in one of its own.

    REPO/program.json             channel pages as last published, numbers given so far
    REPO/public/targets/program/  pages, lists of files, archives

Keys, signatures and the nightly refresh are those of the folder (``tingdan kb keys``). A rollback is a new release with old files. Archives
of builds that no page names any more go with the next publication but one.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform.atomic_file import write_atomically
from app.ports.ports import Clock
from app.program import archive, manifest
from app.program.build import read_build
from app.program.page import (
    CHANNEL_NAME,
    VERSION_NAME,
    Built,
    PageError,
    ProgramPage,
    Release,
    from_bytes,
    page_target,
    to_bytes,
)
from app.signed.keys import KeyFolders
from app.signed.metadata import DEFAULT_DAYS
from app.signed.served import PROGRAM, ServedFolder

STATE = "program.json"
REPOSITORY = "repository.json"
OFFERED = 4
DELTAS = 3


@dataclass(frozen=True, slots=True)
class PublishedProgram:
    """What a publication brought, for people: the release, and bytes of all archives and of the smallest ones."""

    release: Release
    channel: str
    full_bytes: int
    delta_bytes: int


class ProgramPublisher:
    """See the module.

    Args:
        folder: REPO, made by ``tingdan kb keys init``.
        keys: private keys.
        clock: time.
    """

    def __init__(self, folder: Path, keys: KeyFolders, clock: Clock) -> None:
        self.folder, self._clock = folder, clock
        days = dict(DEFAULT_DAYS)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            days.update({role: int(count) for role, count in json.loads((folder / REPOSITORY).read_bytes())["days"].items()})
        self._served = ServedFolder(folder, keys, clock, days, lambda name: name.startswith(PROGRAM))
        self._pages: dict[str, ProgramPage] = {}
        self._number = 0
        self._load()

    def pages(self) -> tuple[ProgramPage, ...]:
        """All channels as last published."""
        return tuple(self._pages.values())

    def publish(self, folders: Sequence[Path], channel: str, share: int = 100, note: str = "") -> PublishedProgram:
        """A new release of frozen folders of one version, one a kind of PC.

        Raises:
            OperatorVisibleError: a folder is no frozen program, versions differ, or the version is there already.
            EnvironmentFault: the disk refuses.
        """
        with self._alone():
            page = self._page(channel)
            builds = [read_build(folder) for folder in folders]
            versions = {build.version for build in builds if build is not None}
            if None in builds or len(versions) != 1 or not VERSION_NAME.fullmatch(next(iter(versions))):
                raise OperatorVisibleError("program_publish.no_build", path=", ".join(folder.name for folder in folders))
            (version,) = versions
            if not 0 <= share <= 100:
                raise OperatorVisibleError("kb_publish.bad_share", share=share)
            page = self._without_unfinished(page, version)
            if any(one.named(version) for one in (page, *(one for one in self._pages.values() if one.channel != channel))):
                raise OperatorVisibleError("kb_publish.version_taken", version=version)
            self._served.signed.require_keys()
            built = tuple(self._built(folder, page) for folder in folders)
            release = self._next(version, share, built, note)
            self._put(replace(page, releases=_offered((*page.releases, release))))
            return self._published(release, channel)

    def stage(self, channel: str, version: str, share: int) -> Release:
        """Widen (or narrow: desks that have it keep it) the share of desks that take a release.

        Raises:
            OperatorVisibleError: the channel does not offer it, or no share.
        """
        with self._alone():
            page = self._page(channel)
            release = self._named(page, version)
            if not 0 <= share <= 100:
                raise OperatorVisibleError("kb_publish.bad_share", share=share)
            wider = replace(release, share=share)
            self._put(replace(page, releases=_offered(tuple(wider if one is release else one for one in page.releases))))
            return wider

    def rollback(self, channel: str, version: str, note: str = "") -> PublishedProgram:
        """The files of an offered release as a new one, for all desks; those that still hold them fetch nothing.

        Raises:
            OperatorVisibleError: the channel does not offer it.
        """
        with self._alone():
            page = self._page(channel)
            old = self._named(page, version)
            release = self._next(old.version, 100, old.builds, note or f"= {old.number}")
            self._put(replace(page, releases=_offered((*page.releases, release))))
            return self._published(release, channel)

    def _built(self, folder: Path, page: ProgramPage) -> Built:
        """Targets of one frozen folder: its list, everything, and what each of the last builds for that kind of PC lacks."""
        build = read_build(folder)
        assert build is not None
        lines = manifest.made_of(folder)
        data = manifest.to_bytes(lines)
        told = manifest.id_of(data)
        made = Built(build, told, f"program/files/{told}.tar.zst")
        self._served.put(made.manifest_target, data)
        self._pack(folder, lines, made.full)
        same = [one for release in page.releases for one in release.builds
                if (one.build.system, one.build.machine, one.build.glibc) == (build.system, build.machine, build.glibc)]
        deltas: dict[str, str] = {}
        for former in {one.manifest: one for one in same[-DELTAS:] if one.manifest != told}.values():
            old = manifest.from_bytes((self._served.targets / former.manifest_target).read_bytes())
            kept = {line.sha256 for line in old if line.sha256}
            target = f"program/files/{told[:32]}-from-{former.manifest[:32]}.tar.zst"
            self._pack(folder, [line for line in lines if line.sha256 not in kept], target)
            deltas[former.manifest] = target
        return replace(made, deltas=deltas)

    def _pack(self, folder: Path, lines: Sequence[manifest.FileLine], target: str) -> None:
        with tempfile.NamedTemporaryFile(prefix=".packing-", dir=self.folder, delete=False) as file:
            packing = Path(file.name)
        try:
            archive.pack(folder, lines, packing)
            self._served.take(target, packing)
        finally:
            packing.unlink(missing_ok=True)

    def _next(self, version: str, share: int, built: tuple[Built, ...], note: str) -> Release:
        return Release(self._number + 1, version, share, built, self._clock.now().isoformat(timespec="seconds"), note[:400])

    def _published(self, release: Release, channel: str) -> PublishedProgram:
        full = sum(self._served.size(built.full) for built in release.builds)
        smallest = sum(min((self._served.size(target) for target in built.deltas.values()), default=0) for built in release.builds)
        return PublishedProgram(release, channel, full, smallest)

    def _page(self, channel: str) -> ProgramPage:
        if not CHANNEL_NAME.fullmatch(channel) or channel == "files":
            raise OperatorVisibleError("kb_publish.bad_channel", channel=channel)
        return self._pages.get(channel, ProgramPage(channel))

    def _without_unfinished(self, page: ProgramPage, version: str) -> ProgramPage:
        """The page without a release of this version that a killed program wrote down and never signed."""
        in_force = self._served.signed.in_force()
        return replace(page, releases=tuple(one for one in page.releases
                                            if one.version != version or any(built.full in in_force for built in one.builds)))

    def _named(self, page: ProgramPage, version: str) -> Release:
        release = page.named(version)
        if release is None:
            raise OperatorVisibleError("kb_publish.no_such_release", name=version)
        return release

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self._served.alone():
            self._load()
            yield

    def _put(self, page: ProgramPage) -> None:
        self._served.signed.require_keys()
        self._number = max(self._number, *(release.number for release in page.releases))
        self._pages[page.channel] = page
        state = {"number": self._number, "pages": {name: json.loads(to_bytes(one)) for name, one in self._pages.items()}}
        write_atomically(self.folder / STATE, json.dumps(state, ensure_ascii=False, indent=1).encode())
        self._served.put(page_target(page.channel), to_bytes(page))
        self._served.publish(self._targets())

    def _targets(self) -> list[str]:
        names = [page_target(channel) for channel in self._pages]
        for page in self._pages.values():
            for release in page.releases:
                for built in release.builds:
                    names += [built.manifest_target, built.full, *built.deltas.values()]
        return list(dict.fromkeys(names))

    def _load(self) -> None:
        if not (self.folder / STATE).is_file():
            return
        try:
            told = json.loads((self.folder / STATE).read_bytes())
            self._number = int(told["number"])
            self._pages = {name: from_bytes(json.dumps(page).encode()) for name, page in told["pages"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, PageError) as error:
            raise EnvironmentFault("kb_publish.folder_damaged", file=STATE) from error


def _offered(releases: Sequence[Release]) -> tuple[Release, ...]:
    """The newest few, and those which some desks still take because newer ones are not for all."""
    everybody = max((index for index, release in enumerate(releases) if release.share == 100), default=0)
    return tuple(releases[min(everybody, max(0, len(releases) - OFFERED)):])
