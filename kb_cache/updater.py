"""One look at the publisher: verify, choose, fetch, apply, check, switch. Whatever fails, the knowledge in use stays in use.

Steps, in order; between any two of them the power may go:

    metadata    signed metadata verified and kept (python-tuf's client: rollback, freeze, mix and match, wrong keys end here)
    chosen      the channel's page verified, recalls in force, the release that is meant for this desk chosen
    fetched     its delta, else its full file, in the download folder, whole
    verified    against the length and hash that were signed
    applied     one transaction into a new file
    checked     hash of all rows, read back from that file, against the signed one
    kept        the file is on the disk under its name
    indexed     the search index stands in the cache
    switched    the pointer names the release
    told        a receipt waits for IT
    tidied      what nothing names is gone

Each look also compares the rows in use with what was signed, so that a cache somebody wrote into is repaired.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.ngclient import Updater as TufClient

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.knowledge_update import UpdateNews, UpdateReceipt
from app.platform.single_instance import InstanceLock
from app.ports.ports import Clock
from app.ports.receipts import ReceiptQueue
from app.signed.client import FAULTS, MAX_TARGET_BYTES, fetched, target_url, told, verified, versions_seen
from app.signed.transport import Transport
from kb_cache.channel import ChannelPage, ChannelPageError, Packed, Release, from_bytes, meant_for, page_target
from kb_cache.installed import InstalledFolder, InstalledRelease
from kb_cache.opening import has_index, index_rows, is_small
from kb_cache.rows import Changes, PackedFileError, set_hash, unpack
from kb_cache.update_order import Looked, UpdatePlan

_PAGE_BYTES = 4 << 20

#: Told the name of every step that is done.
Step = Callable[[str], None]


class KnowledgeUpdater:
    """See the module. One look at a time and a program; another program's look is told as ``kb_update.busy``.

    Args:
        installed: what this desk has.
        cache: where search indexes go.
        plan: what it wants.
        clock: time.
        receipts: where receipts wait.
        step: told every step.
    """

    def __init__(self, installed: InstalledFolder, cache: Path, plan: UpdatePlan, clock: Clock, receipts: ReceiptQueue,
                 step: Step = lambda name: None) -> None:
        self._installed, self._cache, self._plan = installed, cache, plan
        self._clock, self._receipts, self._step = clock, receipts, step
        self._transport: Transport | None = None

    def look(self) -> Looked:
        """Look once; install what is new.

        Raises:
            AppError: it did not come to an end; what was in use still is. A receipt says why.
        """
        lock = InstanceLock(self._installed.folder / "update.lock")
        if not lock.try_acquire():
            raise OperatorVisibleError("kb_update.busy")
        before = self._installed.state().current
        started_s = self._clock.monotonic_s()
        transport: Transport | None = None
        try:
            transport = self._transport = Transport(self._plan.line, self._clock)
            looked = self._look(transport)
            if looked.news is not None and looked.result != "current":
                self._tell(looked.result, before, started_s, transport, looked.news)
                self._step("told")
            self._installed.tidy()
            self._step("tidied")
            return looked
        except (*FAULTS, PackedFileError, ChannelPageError) as error:
            fault = told(error, "kb_update")
            self._tell(fault.key, before, started_s, transport)
            raise fault from error
        finally:
            if transport is not None:
                transport.close()
            lock.release()

    def cut(self) -> None:
        """End a look that hangs; any thread."""
        if self._transport is not None:
            self._transport.cut()

    def _look(self, transport: Transport) -> Looked:
        base = self._plan.line.base
        client = self._verified(transport, base)
        self._step("metadata")
        page = self._page(client, transport, base)
        recalled_now = self._take_recalls(page)
        release = self._chosen(page)
        self._step("chosen")
        news = UpdateNews(release.version if release else "", recalled=recalled_now) if recalled_now else None
        if release is None or self._has(release):
            if release is not None:
                self._build_what_waited(release)
            return Looked("current", news, transport.fetched_bytes)
        changes = self._install(client, transport, base, release)
        return Looked("installed", UpdateNews(release.version, frozenset(changes.puts), frozenset(changes.drops), recalled_now),
                      transport.fetched_bytes)

    def _verified(self, transport: Transport, base: str) -> TufClient:
        """A client whose metadata is refreshed; never one that goes below what was seen before."""
        root = self._installed.root()
        if root is None:
            raise OperatorVisibleError("kb_update.no_root")
        folder = self._installed.folder / "tuf"
        client = verified(transport, base, folder, root)
        state = self._installed.state()
        seen = state.seen or {}
        now = versions_seen(folder, seen)
        if now != seen:
            self._installed.put_state(replace(state, seen=now))
        return client

    def _page(self, client: TufClient, transport: Transport, base: str) -> ChannelPage:
        name = page_target(self._plan.channel)
        info = client.get_targetinfo(name)
        if info is None:
            raise OperatorVisibleError("kb_update.no_channel", channel=self._plan.channel)
        if info.length > _PAGE_BYTES:
            raise EnvironmentFault("kb_update.damaged", what=name)
        data = transport.download_bytes(target_url(base, info), info.length)
        info.verify_length_and_hashes(data)
        page = from_bytes(data)
        if page.channel != self._plan.channel:
            raise ChannelPageError("channel")
        return page

    def _take_recalls(self, page: ChannelPage) -> frozenset[str]:
        """Put the page's recalls in force at once; gives the ids that are new."""
        state = self._installed.state()
        if state.recalled == page.recalled:
            return frozenset()
        self._installed.put_state(replace(state, recalled=page.recalled))
        return frozenset(one.id for one in page.recalled) - {one.id for one in state.recalled}

    def _chosen(self, page: ChannelPage) -> Release | None:
        """The release to have; None to stay. Back goes only who is pinned or changes channels."""
        release = meant_for(page, self._installed.desk(), self._plan.pinned)
        if release is None and self._plan.pinned:
            raise OperatorVisibleError("kb_update.pin_not_offered", version=self._plan.pinned)
        current = self._installed.state().current
        if release is None or current is None or self._plan.pinned or current.channel != page.channel:
            return release
        return release if release.number >= current.number else page.named(str(current.number))

    def _has(self, release: Release) -> bool:
        """Whether the release is in use, and its rows are those that were signed."""
        current = self._installed.state().current
        if current is None or current.number != release.number:
            return False
        try:
            return set_hash(self._installed.read(current.file)[1].items()) == release.row_hash
        except EnvironmentFault:
            return False

    def _install(self, client: TufClient, transport: Transport, base: str, release: Release) -> Changes:
        changes, part = self._applied(client, transport, base, release)
        self._step("checked")
        name = self._installed.keep(part, release.number)
        self._step("kept")
        seen = changes if changes.from_release else _compared(self._rows_in_use(), changes)
        if not self._can_wait(seen, name):
            self._index(release, name)
        self._step("indexed")
        self._installed.switch(InstalledRelease(release.number, release.version, self._plan.channel, release.row_hash, name), seen)
        self._step("switched")
        return seen

    def _can_wait(self, changes: Changes, name: str) -> bool:
        """Whether the change is searched beside the index in use until the next look, which finds nothing new and has time to build."""
        current = self._installed.state().current
        return (current is not None and is_small(len(changes.puts) + len(changes.drops), self._installed.count(name))
                and has_index(current.row_hash, current.version, self._cache))

    def _index(self, release: Release, name: str) -> None:
        index_rows(release.row_hash, release.version, lambda: self._installed.entries(name)[1], self._cache)

    def _build_what_waited(self, release: Release) -> None:
        current = self._installed.state().current
        if current is not None and not has_index(release.row_hash, release.version, self._cache):
            self._index(release, current.file)
            self._step("built")

    def _applied(self, client: TufClient, transport: Transport, base: str, release: Release) -> tuple[Changes, Path]:
        """The release's rows in an unnamed file, checked; by a delta where there is one that fits, else by the full file."""
        current = self._installed.state().current
        delta = release.deltas.get(current.number) if current is not None else None
        if delta is not None and current is not None:
            with contextlib.suppress(EnvironmentFault, PackedFileError, RepositoryError, DownloadHTTPError):
                rows = self._installed.read(current.file)[1]
                return self._apply(client, transport, base, release, delta, (current.number, rows))
        return self._apply(client, transport, base, release, release.full, (0, {}))

    def _apply(self, client: TufClient, transport: Transport, base: str, release: Release, packed: Packed,
               start: tuple[int, dict[str, str]]) -> tuple[Changes, Path]:
        file = self._fetched(client, transport, base, packed)
        changes = unpack(file, packed.plain_bytes)
        if (changes.from_release, changes.release) != (start[0], release.number):
            raise PackedFileError("release")
        part, row_hash = self._installed.apply(changes, release.version, start[1])
        self._step("applied")
        if row_hash != release.row_hash:
            part.unlink(missing_ok=True)
            raise EnvironmentFault("kb_update.damaged", what=packed.target)
        return changes, part

    def _fetched(self, client: TufClient, transport: Transport, base: str, packed: Packed) -> Path:
        info = client.get_targetinfo(packed.target)
        if info is None or info.length > MAX_TARGET_BYTES:
            raise EnvironmentFault("kb_update.damaged", what=packed.target)
        part = fetched(transport, base, info, self._installed.folder / "download", self._step)
        self._step("verified")
        return part

    def _rows_in_use(self) -> dict[str, str]:
        current = self._installed.state().current
        try:
            return self._installed.read(current.file)[1] if current is not None else {}
        except EnvironmentFault:
            return {}

    def _tell(self, result: str, before: InstalledRelease | None, started_s: float, transport: Transport | None,
              news: UpdateNews | None = None) -> None:
        now = self._installed.state().current
        self._receipts.put(UpdateReceipt(
            self._installed.desk(), self._clock.now().isoformat(timespec="seconds"), result, now.version if now else "",
            now.number if now else 0, before.number if before else 0, round(self._clock.monotonic_s() - started_s, 3),
            transport.fetched_bytes if transport is not None else 0,
            {"changed": len(news.changed), "removed": len(news.removed)} if news else {}))


def _compared(was: dict[str, str], full: Changes) -> Changes:
    """What a full file changed, seen from the rows before."""
    puts = {key: line for key, line in full.puts.items() if was.get(key) != line}
    return Changes(0, full.release, puts, tuple(sorted(was.keys() - full.puts.keys())))
