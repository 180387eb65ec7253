"""The knowledge base of a running desk: the same object while what is behind it changes.

``use_newest`` switches to what the updater installed meanwhile; the desk calls it between calls, so that no call sees two
versions. Recalls do not wait: an entry that must not be used is gone from results with the next search, and whoever asks for it by
its id gets it marked, with its answers taken out. One search at a time; ``use_newest`` may come from another thread.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from app.domain.errors import EnvironmentFault
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Ranked, Status
from app.platform import messages
from kb_cache.channel import Recall
from kb_cache.index_reader import IndexedKnowledge
from kb_cache.installed import InstalledFolder, InstalledRelease
from kb_cache.opening import is_small, open_default


class LiveKnowledge:
    """See the module.

    Args:
        installed: where a knowledge base was put by hand.
        cache: where indexes are kept.
        signed: what signed updates bring.

    Raises:
        EnvironmentFault: even the shipped sample cannot be read.
    """

    def __init__(self, installed: Path, cache: Path, signed: InstalledFolder) -> None:
        self._installed, self._cache, self._signed = installed, cache, signed
        self._lock = threading.Lock()
        self._stamp = -1
        self._recalled: dict[str, Recall] = {}
        self._release = signed.state().current
        opened = open_default(installed, cache, signed)
        self._inner: IndexedKnowledge = opened.knowledge
        self._is_release = opened.problem is None and self._release is not None and opened.knowledge.version == self._release.version

    @property
    def version(self) -> str:
        """Version of the content in use."""
        return self._inner.version

    @property
    def size(self) -> int:
        """How many entries."""
        return self._inner.size

    def use_newest(self) -> bool:
        """Switch to the release that was installed last; True where it is another one. What cannot be opened changes nothing."""
        newest = self._signed.state().current
        if newest is None or _same(newest, self._release):
            return False
        if self._took_changes(newest):
            return True
        opened = open_default(self._installed, self._cache, self._signed)
        if opened.problem is not None:
            opened.knowledge.close()
            return False
        with self._lock:
            former, self._inner, self._release = self._inner, opened.knowledge, newest
            self._is_release = opened.knowledge.version == newest.version
            former.close()
        return True

    def _took_changes(self, newest: InstalledRelease) -> bool:
        """Put a small change beside the index that is open: milliseconds at any size, where opening another one takes longer."""
        previous, changes = self._signed.state().previous, self._signed.newest_changes()
        if changes is None or previous is None or not self._is_release or not _same(previous, self._release):
            return False
        if not is_small(len(changes.entries) + len(changes.removed), self._inner.size):
            return False
        try:
            with self._lock:
                self._inner.change(changes.entries, changes.removed, newest.version)
                self._inner.compact()
                self._release = newest
        except EnvironmentFault:
            return False
        return True

    def search(self, query: KnowledgeQuery) -> tuple[Ranked, ...]:
        """Ranked entries, best first, without those that are recalled."""
        with self._lock:
            recalled = self._recalls()
            if not recalled:
                return self._inner.search(query)
            found = self._inner.search(replace(query, limit=query.limit + min(len(recalled), query.limit)))
        return tuple(one for one in found if one.entry.id not in recalled)[: query.limit]

    def get(self, entry_id: str) -> KnowledgeEntry | None:
        """One entry, or None; a recalled one says so and answers nothing."""
        with self._lock:
            entry, recall = self._inner.get(entry_id), self._recalls().get(entry_id)
        return entry if entry is None or recall is None else _marked(entry, recall)

    def children(self, entry_id: str, limit: int = 50) -> tuple[KnowledgeEntry, ...]:
        """Entries whose parent is this one, without those that are recalled."""
        with self._lock:
            recalled = self._recalls()
            return tuple(entry for entry in self._inner.children(entry_id, limit) if entry.id not in recalled)

    def former(self, entry_id: str) -> KnowledgeEntry | None:
        """The entry as the release before the one in use had it, None where there is none."""
        return self._signed.former(entry_id)

    def titles(self, limit: int) -> tuple[str, ...]:
        """Titles of the first ``limit`` entries."""
        with self._lock:
            return self._inner.titles(limit)

    def close(self) -> None:
        """Free; safe to call twice."""
        with self._lock:
            self._inner.close()

    def _recalls(self) -> dict[str, Recall]:
        stamp = self._signed.stamp()
        if stamp != self._stamp:
            self._recalled = {one.id: one for one in self._signed.state().recalled}
            self._stamp = stamp
        return self._recalled


def _same(one: InstalledRelease, other: InstalledRelease | None) -> bool:
    return other is not None and (one.row_hash, one.version) == (other.row_hash, other.version)


def _marked(entry: KnowledgeEntry, recall: Recall) -> KnowledgeEntry:
    told = messages.text("kb_update.recalled_text", {"reason": recall.reason or "-", "at": recall.at[:10]})
    return KnowledgeEntry(entry.id, messages.text("kb_update.recalled_title", {"title": entry.title}), told, told, entry.tier,
                          source=entry.source, unit=entry.unit, version=entry.version, status=Status.WITHDRAWN)
