"""An index file as a ``KnowledgeBase``: verified at open, read-only, for one thread at a time (another one opens its own)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Ranked, Tier
from kb_cache.confidence import confidences
from kb_cache.index_build import heads_of
from kb_cache.index_format import ARRAYS, FORMAT, MEANS
from kb_cache.overlay import Base, Overlay
from kb_cache.place_match import suits_place
from kb_cache.ranking import Layout, Scored, score
from kb_cache.records import RecordError, entry_of, entry_of_brief
from kb_cache.terms import covered, long_words, plain
from kb_cache.typed import MOST_TITLES, TitleIndex

SAME_ITEM = 1.15
TIER = {Tier.POLICY: 0.9, Tier.INTERPRETATION: 1.0, Tier.FAQ: 1.05}
MIN_REACH = 12
ENOUGH_SYLLABLES = 4
_KEPT_ENTRIES = 4096
_KEPT_BRIEFS = 100_000


class IndexedKnowledge:
    """A knowledge base over one index file.

    Args:
        path: the index file.

    Raises:
        OperatorVisibleError: made by another format version.
        EnvironmentFault: missing, truncated or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = path.name
        self._entries: dict[int, KnowledgeEntry] = {}
        self._briefs: dict[int, KnowledgeEntry] = {}
        self._titles: TitleIndex | None = None
        self._database: sqlite3.Connection | None = None
        try:
            end = _database_bytes(path)
            self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True,
                                             check_same_thread=False)  # handed over between threads, never shared
            self._database.execute("PRAGMA query_only=1")
            self._meta: dict[str, str] = dict(self._database.execute("SELECT key, value FROM meta"))
            if self._meta.get("format") != str(FORMAT):
                raise OperatorVisibleError("kb_cache.index_newer", path=self._name)
            self._layout = _mapped(path, end, self._meta)
            self._overlay = Overlay(Base(self._layout, np.array(json.loads(self._meta[MEANS]))))
        except (sqlite3.Error, OSError, ValueError, KeyError) as error:
            self.close()
            raise EnvironmentFault("kb_cache.index_damaged", path=self._name) from error
        except OperatorVisibleError:
            self.close()
            raise

    @property
    def version(self) -> str:
        """Version of the content, as published."""
        return self._meta["version"]

    @property
    def size(self) -> int:
        """How many entries."""
        overlay = self._overlay
        return self._layout.entries - len(overlay.removed) + sum(len(each.alive) for each in overlay.segments)

    @property
    def shape(self) -> str:
        """Name of the foreign shape it was imported from, "" for our own."""
        return self._meta.get("shape", "")

    def search(self, query: KnowledgeQuery) -> tuple[Ranked, ...]:
        """Ranked entries, best first; () where nothing matches.

        Raises:
            EnvironmentFault: the file turned out damaged.
        """
        if query.is_typed:
            return self._typed(query)
        scored = score(query.text, query.context, self._overlay.parts, query.alternatives)
        if scored is None or query.limit < 1 or not len(scored.entries):
            return ()
        order = self._order(scored, query)[: query.limit]
        found = np.array([value for _, value in order])
        top = np.array([place for place, _ in order])
        sure = confidences(found, scored, top)
        said = plain(f"{query.text} {query.context}")
        results: list[Ranked] = []
        for place, share in zip(top[: query.limit].tolist(), sure, strict=False):
            results.append(self._ranked(place, min(share, *(one.score for one in results[-1:]), 1.0), scored, said))
        return tuple(results)

    def _typed(self, query: KnowledgeQuery) -> tuple[Ranked, ...]:
        """What was typed: titles by characters, pinyin, initials, numbers first, then what the words mean."""
        if self._titles is None:
            rows = self._rows("SELECT json_extract(record, '$.title'), id FROM entry ORDER BY n LIMIT ?", (MOST_TITLES,))
            self._titles = TitleIndex([str(title) for title, _ in rows], [str(key) for _, key in rows])
        overlay = self._overlay
        newer = [entry for each in overlay.segments for entry in each.alive]
        places = self._titles.find(query.text, query.limit + len(overlay.removed))
        found = [newer[at] for at in TitleIndex([each.title for each in newer], [each.id for each in newer]).find(query.text, query.limit)]
        found += [self._entry(n) for n in places if n not in overlay.removed]
        named = [Ranked(entry, 1.0) for entry in found[:max(query.limit, 0)]]
        known = {ranked.entry.id for ranked in named}
        meant = self.search(replace(query, is_typed=False)) if any(ord(letter) > 127 for letter in query.text) else ()
        return (*named, *(ranked for ranked in meant if ranked.entry.id not in known))[:max(query.limit, 0)]

    def get(self, entry_id: str) -> KnowledgeEntry | None:
        """One entry, or None."""
        place = self._place(entry_id)
        return self._overlay.find(entry_id) if place is None or place in self._overlay.removed else self._entry(place)

    def change(self, entries: Sequence[KnowledgeEntry], removed: Collection[str] = (), version: str = "") -> None:
        """Put entries in the place of their former versions (or new ones) and take others out, in this object only.

        Milliseconds for one entry at any size; the file stays as it is. Call ``compact`` when there is time. ``version``: of the content
        from now on, "" for the same.

        Raises:
            EnvironmentFault: the file turned out damaged.
        """
        put = {entry.id: entry for entry in entries}
        gone = {key: self._place(key) for key in (*put, *removed)}
        self._overlay = self._overlay.changed([entry for key, entry in put.items() if key not in set(removed)], gone)
        self._meta["version"] = version or self._meta["version"]

    def compact(self) -> bool:
        """Make later searches faster where many changes came; True where there was something to do."""
        if not self._overlay.is_long:
            return False
        self._overlay = self._overlay.compacted()
        return True

    def children(self, entry_id: str, limit: int = 50) -> tuple[KnowledgeEntry, ...]:
        """Entries whose parent is this one: in file order, then those that changed since."""
        overlay = self._overlay
        rows = self._rows("SELECT n FROM entry WHERE parent = ? ORDER BY n", (entry_id,))
        found = [self._entry(int(n)) for n in [row[0] for row in rows if row[0] not in overlay.removed][:limit]]
        newer = [entry for each in overlay.segments for entry in each.alive if entry.parent == entry_id]
        return tuple([*found, *newer][:limit])

    def titles(self, limit: int) -> tuple[str, ...]:
        """Titles of the first ``limit`` entries, for the recogniser's vocabulary."""
        rows = self._rows("SELECT json_extract(record, '$.title') FROM entry ORDER BY n LIMIT ?", (limit,))
        return tuple(str(row[0]) for row in rows if row[0])

    def close(self) -> None:
        """Free; safe to call twice."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _order(self, scored: Scored, query: KnowledgeQuery) -> list[tuple[int, float]]:
        """(place among the candidates, score), best first; place and item settle what the words leave open."""
        reach = max(MIN_REACH, query.limit * 2)
        by_score = np.argsort(-scored.score, kind="stable").tolist()
        found: list[tuple[int, float, str]] = []
        for start in range(0, len(by_score), reach):
            some = by_score[start:start + reach]
            for place, entry in zip(some, self._briefly([int(scored.entries[place]) for place in some]), strict=True):
                if not query.only_sayable or entry.sayable_on(query.day):
                    found.append((place, float(scored.score[place]) * _suits(entry, query), entry.id))
            if len(found) >= query.limit:
                break
        return [(place, value) for place, value, _ in sorted(found, key=lambda each: (-each[1], each[2]))]

    def _briefly(self, numbers: Sequence[int]) -> list[KnowledgeEntry]:
        """Entries without their texts."""
        wanted = [n for n in numbers if n < self._layout.entries and n not in self._briefs]
        if len(self._briefs) > _KEPT_BRIEFS:
            self._briefs.clear()
            wanted = [n for n in numbers if n < self._layout.entries]
        if wanted:
            marks = ",".join("?" * len(wanted))
            try:
                self._briefs.update((n, entry_of_brief(key, line)) for n, key, line in self._rows(
                    f"SELECT n, id, brief FROM entry WHERE n IN ({marks})", wanted))  # noqa: S608  # marks only
            except (ValueError, TypeError) as error:
                raise EnvironmentFault("kb_cache.index_damaged", path=self._name) from error
        return [self._briefs[n] if n < self._layout.entries else self._overlay.at(n) for n in numbers]

    def _ranked(self, place: int, share: float, scored: Scored, said: str) -> Ranked:
        """The result with the words of its best head that were said; two syllables alone are weak evidence."""
        n = int(scored.entries[place])
        entry = self._entry(n)
        head = heads_of(entry)[int(scored.which[place])]
        share *= min(1.0, covered(head, scored.asked) / ENOUGH_SYLLABLES)
        found = {word for word in long_words(head) if word in said}
        matched = sorted(word for word in found if not any(word != other and word in other for other in found))
        return Ranked(entry, round(share, 3), tuple(matched))

    def _place(self, entry_id: str) -> int | None:
        row = self._rows("SELECT n FROM entry WHERE id = ?", (entry_id,))
        return int(row[0][0]) if row else None

    def _entry(self, n: int) -> KnowledgeEntry:
        if n >= self._layout.entries:
            return self._overlay.at(n)
        if n not in self._entries:
            if len(self._entries) > _KEPT_ENTRIES:
                self._entries.clear()
            rows = self._rows("SELECT record FROM entry WHERE n = ?", (n,))
            try:
                self._entries[n] = entry_of(json.loads(rows[0][0]))
            except (IndexError, ValueError, RecordError) as error:
                raise EnvironmentFault("kb_cache.index_damaged", path=self._name) from error
        return self._entries[n]

    def _rows(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        assert self._database is not None, "closed"
        try:
            return self._database.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise EnvironmentFault("kb_cache.index_damaged", path=self._name) from error


def _suits(entry: KnowledgeEntry, query: KnowledgeQuery) -> float:
    """Above 1 for an entry of the call's place or item, below 1 for one of another place or a mere document."""
    factor = TIER[entry.tier] * suits_place(entry.region, query.region, query.district)
    if query.item_codes and set(query.item_codes) & set(entry.item_codes):
        factor *= SAME_ITEM
    return factor


def _database_bytes(path: Path) -> int:
    """Length of the database part by its header (bytes 16-17 page size, 28-31 page count; sqlite.org/fileformat)."""
    with path.open("rb") as stream:
        header = stream.read(100)
    page = int.from_bytes(header[16:18], "big")
    stated = int.from_bytes(header[28:32], "big") * (65536 if page == 1 else page)
    if len(header) < 100 or not stated or path.stat().st_size < stated:
        raise ValueError("length differs")
    return stated


def _mapped(path: Path, end: int, meta: dict[str, str]) -> Layout:
    """The arrays behind the database, mapped; a ValueError where the file's length is not what it says."""
    tail, entries = int(meta["tail"]), int(meta["entries"])
    if path.stat().st_size != end + tail or not entries:
        raise ValueError("length differs")
    whole = np.memmap(path, dtype=np.uint8, mode="r", offset=0)
    arrays: dict[str, Any] = {}
    for name, (offset, kind, count) in json.loads(meta[ARRAYS]).items():
        dtype = np.dtype(kind)
        arrays[name] = np.asarray(whole[end + offset:end + offset + count * dtype.itemsize]).view(dtype)
    if len(arrays["head_start"]) != entries or len(arrays["head_entry"]) != int(meta["heads"]):
        raise ValueError("sizes differ")
    return Layout(entries=entries, rows=np.full(len(arrays["keys"]), -1, dtype=np.int16), **arrays)
