"""One look at the publisher for a newer program: verify, choose, fetch, put together, compare every file, try it, have it wait.

Steps, in order; between any two of them the power may go, and the program in use stays in use:

    metadata    signed metadata verified and kept
    chosen      the channel's page verified, the release and build that are meant for this desk chosen
    fetched     its list of files and the archive that is needed: the files that this PC lacks where the publisher made such an archive
    put         all files in a new folder, on the disk, each with its signed hash
    healthy     the new program started by itself, away from the window, and finds nothing wrong that the one in use does not find
    kept        the folder has its name
    waits       the pointer says that the next start of the desk tries it (``app.program.launch``)

A number below the one that was settled here is never taken (a rollback is a new release with old files); a version that was refused
does not come again.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.ngclient import Updater as TufClient

from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.domain.knowledge_update import UpdateReceipt
from app.platform.single_instance import InstanceLock
from app.ports.ports import Clock
from app.ports.receipts import ReceiptQueue
from app.program import archive, manifest
from app.program.build import PROGRAM, read_build
from app.program.page import Built, PageError, ProgramPage, Release, from_bytes, page_target
from app.program.versions import Version, Versions, name_of
from app.signed.client import FAULTS, MAX_TARGET_BYTES, fetched, target_url, told, verified, versions_seen
from app.signed.transport import Transport, UpdateLine

ABOUT = "program_update"
SPARE_BYTES = 200 << 20
_SMALL_BYTES = 4 << 20

#: Told the name of every step that is done.
Step = Callable[[str], None]
#: Tries an executable; "" where it is well, else a short reason.
Health = Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class ProgramPlan:
    """What a desk wants.

    Attributes:
        line: how to reach the publisher.
        channel: whose releases.
        root: the root to trust, None where none was told.
        desk: this PC's random id.
        is_told_only: look and tell, fetch nothing.
        base: folder of the program that the package system installed; None in a source set-up.
    """

    line: UpdateLine
    channel: str
    root: bytes | None
    desk: str
    is_told_only: bool = False
    base: Path | None = None


@dataclass(frozen=True, slots=True)
class ProgramLooked:
    """What came of a look: "current", "offered", "ready" or "refused"; the version that was met, and bytes over the line."""

    result: str
    version: str
    fetched_bytes: int


class ProgramUpdater:
    """See the module. One look at a time and a program.

    Args:
        versions: what this PC has.
        plan: what it wants.
        clock: time.
        receipts: where receipts wait.
        health: tries a new program.
        step: told every step.
    """

    def __init__(self, versions: Versions, plan: ProgramPlan, clock: Clock, receipts: ReceiptQueue, health: Health,
                 step: Step = lambda name: None) -> None:
        self._versions, self._plan, self._clock = versions, plan, clock
        self._receipts, self._health, self._step = receipts, health, step

    def look(self) -> ProgramLooked:
        """Look once; have what is new wait for the next start.

        Raises:
            AppError: it did not come to an end; the program in use is as it was. A receipt says why.
        """
        lock = InstanceLock(self._versions.folder / "update.lock")
        if not lock.try_acquire():
            raise OperatorVisibleError("program_update.busy")
        started_s = self._clock.monotonic_s()
        transport: Transport | None = None
        try:
            self._tell_what_waited()
            transport = Transport(self._plan.line, self._clock)
            looked = self._look(transport)
            if looked.result in ("ready", "offered"):
                self._tell(f"program_{looked.result}", looked.version, started_s, transport)
            self._versions.tidy()
            return looked
        except (*FAULTS, archive.ArchiveError, manifest.ManifestError, PageError) as error:
            fault = told(error, ABOUT)
            self._tell(fault.key, self._version_in_use(), started_s, transport)
            raise fault from error
        finally:
            if transport is not None:
                transport.close()
            with contextlib.suppress(OSError):
                for left in self._versions.folder.glob("new-*"):
                    shutil.rmtree(left, ignore_errors=True)
            lock.release()

    def _look(self, transport: Transport) -> ProgramLooked:
        base = self._plan.line.base
        client = self._verified(transport, base)
        self._step("metadata")
        page = self._page(client, transport, base)
        chosen = page.meant_for(self._plan.desk)
        self._step("chosen")
        state = self._versions.state()
        if chosen is None or chosen[0].number < state.number:
            return ProgramLooked("current", self._version_in_use(), transport.fetched_bytes)
        release, built = chosen
        if built.manifest in state.refused:
            return ProgramLooked("refused", release.version, transport.fetched_bytes)
        if self._is_settled(release, built):
            return ProgramLooked("current", release.version, transport.fetched_bytes)
        if self._plan.is_told_only:
            return ProgramLooked("offered", release.version, transport.fetched_bytes)
        version = Version(name_of(built.build, built.manifest), release.number, release.version, built.build.built_at, built.manifest)
        if not self._is_at_hand(version):
            self._install(client, transport, base, built, version)
        self._versions.change(lambda state: replace(state, pending=version, tries=0, number=release.number))
        self._step("waits")
        return ProgramLooked("ready", release.version, transport.fetched_bytes)

    def _verified(self, transport: Transport, base: str) -> TufClient:
        if self._plan.root is None:
            raise OperatorVisibleError("kb_update.no_root")
        folder = self._versions.folder / "tuf"
        client = verified(transport, base, folder, self._plan.root)
        seen = tuple(sorted(versions_seen(folder, dict(self._versions.state().seen)).items()))
        self._versions.change(lambda state: replace(state, seen=seen))
        return client

    def _page(self, client: TufClient, transport: Transport, base: str) -> ProgramPage:
        name = page_target(self._plan.channel)
        info = client.get_targetinfo(name)
        if info is None:
            raise OperatorVisibleError("program_update.no_channel", channel=self._plan.channel)
        page = from_bytes(self._small(client, transport, base, name))
        if page.channel != self._plan.channel:
            raise PageError("channel")
        return page

    def _small(self, client: TufClient, transport: Transport, base: str, name: str) -> bytes:
        info = client.get_targetinfo(name)
        if info is None or info.length > _SMALL_BYTES:
            raise EnvironmentFault("program_update.damaged", what=name)
        data = transport.download_bytes(target_url(base, info), info.length)
        info.verify_length_and_hashes(data)
        return data

    def _is_settled(self, release: Release, built: Built) -> bool:
        """Whether nothing is to be done: it runs or waits already, or the package system brought as new a one."""
        own = read_build(self._plan.base) if self._plan.base is not None else None
        if own is not None and built.build.built_at <= own.built_at:
            self._versions.change(lambda state: replace(state, number=release.number, current=None, former=None, pending=None, tries=0))
            return True
        state = self._versions.state()
        same = [one for one in (state.current, state.pending) if one is not None and one.manifest == built.manifest
                and self._versions.is_there(one)]
        if same:
            waits = same[0] is state.pending
            self._versions.change(lambda state: replace(state, number=release.number, pending=state.pending if waits else None))
        return bool(same)

    def _is_at_hand(self, version: Version) -> bool:
        """Whether its folder is still there, whole: after a rollback of the publisher's."""
        folder = self._versions.path(version)
        with contextlib.suppress(OSError, manifest.ManifestError):
            data = (folder / manifest.MANIFEST).read_bytes()
            return manifest.id_of(data) == version.manifest and manifest.made_of(folder) == manifest.from_bytes(data)
        return False

    def _install(self, client: TufClient, transport: Transport, base: str, built: Built, version: Version) -> None:
        data = self._small(client, transport, base, built.manifest_target)
        lines = manifest.by_path(manifest.from_bytes(data))
        if manifest.id_of(data) != built.manifest or PROGRAM not in lines:
            raise EnvironmentFault("program_update.damaged", what=version.version)
        start, target = self._best_archive(built)
        self._room(client, target, sum(line.size for line in lines.values()))
        try:
            staging = self._put(client, transport, base, target, (lines, start))
        except (archive.ArchiveError, RepositoryError, DownloadHTTPError):
            if start is None:
                raise
            staging = self._put(client, transport, base, built.full, (lines, None))  # what was to be taken from here is not as it was
        (staging / manifest.MANIFEST).write_bytes(data)
        self._step("put")
        reason = self._health(staging / PROGRAM)
        if reason:
            self._versions.refuse(version, "program_update.unhealthy")
            raise EnvironmentFault("program_update.unhealthy", version=version.version, reason=reason)
        self._step("healthy")
        self._versions.keep(staging, version)
        self._step("kept")

    def _best_archive(self, built: Built) -> tuple[Path | None, str]:
        """A folder here from which the rest can be taken with the archive that brings what it lacks; else everything."""
        for folder in self._folders():
            if not built.deltas:
                break
            with contextlib.suppress(OSError, manifest.ManifestError):
                data = (folder / manifest.MANIFEST).read_bytes() if (folder / manifest.MANIFEST).exists() else \
                    manifest.to_bytes(manifest.made_of(folder))
                target = built.deltas.get(manifest.id_of(data))
                if target is not None:
                    return folder, target
        return None, built.full

    def _folders(self) -> Iterator[Path]:
        state = self._versions.state()
        yield from (self._versions.path(one) for one in (state.current, state.pending, state.former) if one is not None)
        if self._plan.base is not None:
            yield self._plan.base

    def _room(self, client: TufClient, target: str, files_bytes: int) -> None:
        info = client.get_targetinfo(target)
        if info is None or info.length > MAX_TARGET_BYTES:
            raise EnvironmentFault("program_update.damaged", what=target)
        needed = files_bytes + info.length + SPARE_BYTES
        if shutil.disk_usage(self._versions.folder).free < needed:
            raise EnvironmentFault("program_update.no_room", needed_mb=-(-needed // 1_000_000))

    def _put(self, client: TufClient, transport: Transport, base: str, target: str,
             wanted: tuple[Mapping[str, manifest.FileLine], Path | None]) -> Path:
        """All files in a new folder: from the archive, the rest from a folder here."""
        lines, start = wanted
        info = client.get_targetinfo(target)
        if info is None:
            raise EnvironmentFault("program_update.damaged", what=target)
        file = fetched(transport, base, info, self._versions.folder / "download")
        self._step("fetched")
        staging = self._versions.staging()
        came = archive.unpack(file, lines, staging)
        by_hash = _by_hash(start) if start is not None else {}
        for line in lines.values():
            if line.link:
                link = staging / line.path
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(line.link)
            elif line.path not in came:
                source = by_hash.get(line.sha256)
                if source is None:
                    raise archive.ArchiveError("missing")
                with source.open("rb") as stream:
                    archive.write(stream, line, staging)
        return staging

    def _version_in_use(self) -> str:
        current = self._versions.state().current
        own = read_build(self._plan.base) if self._plan.base is not None else None
        return current.version if current is not None else own.version if own is not None else ""

    def _tell_what_waited(self) -> None:
        """Receipts of what happened at starts, when nobody could be told."""
        with contextlib.suppress(AppError):
            waiting = self._versions.state().untold
            for one in waiting:
                self._receipts.put(self._receipt(one.result, one.version, one.number, 0.0, 0))
            self._versions.change(lambda state: replace(state, untold=state.untold[len(waiting):]))

    def _tell(self, result: str, version: str, started_s: float, transport: Transport | None) -> None:
        self._receipts.put(self._receipt(result, version, self._versions.state().number, self._clock.monotonic_s() - started_s,
                                         transport.fetched_bytes if transport is not None else 0))

    def _receipt(self, result: str, version: str, number: int, took_s: float, fetched_bytes: int) -> UpdateReceipt:
        current = self._versions.state().current
        return UpdateReceipt(self._plan.desk, self._clock.now().isoformat(timespec="seconds"), result, version, number,
                             current.number if current is not None else 0, round(took_s, 3), fetched_bytes)


def _by_hash(folder: Path) -> dict[str, Path]:
    """Files of a folder by what its list says of them; each is compared when it is copied."""
    path = folder / manifest.MANIFEST
    lines = manifest.from_bytes(path.read_bytes()) if path.exists() else manifest.made_of(folder)
    return {line.sha256: folder / line.path for line in lines if line.sha256}


