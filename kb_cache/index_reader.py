"""An index file as a ``KnowledgeBase``: verified at open, read-only, for one thread at a time (another one opens its own)."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Ranked, Tier
from kb_cache.confidence import confidences
from kb_cache.index_build import heads_of
from kb_cache.index_format import FORMAT, ID_TYPE, IMPACT_TYPE, SCORE_TYPE
from kb_cache.ranking import FloatArray, Layout, Posting, Scored, score
from kb_cache.records import RecordError, entry_of
from kb_cache.terms import covered, plain, words

HERE, ELSEWHERE, SAME_ITEM = 1.03, 0.9, 1.15
TIER = {Tier.POLICY: 0.9, Tier.INTERPRETATION: 1.0, Tier.FAQ: 1.05}
CITY = re.compile("[市区县州盟]$")
MIN_REACH = 12
ENOUGH_SYLLABLES = 4
_KEPT_POSTINGS = 4096
_ASKED_AT_ONCE = 500


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
        self._postings: dict[int, Posting | None] = {}
        self._entries: dict[int, KnowledgeEntry] = {}
        self._database: sqlite3.Connection | None = None
        try:
            _check_length(path)
            self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True,
                                             check_same_thread=False)  # handed over between threads, never shared
            self._database.execute("PRAGMA query_only=1")
            self._meta: dict[str, str] = dict(self._database.execute("SELECT key, value FROM meta"))
            if self._meta.get("format") != str(FORMAT):
                raise OperatorVisibleError("kb_cache.index_newer", path=self._name)
            self._layout = self._load_layout()
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
        return self._layout.entries

    @property
    def shape(self) -> str:
        """Name of the foreign shape it was imported from, "" for our own."""
        return self._meta.get("shape", "")

    def search(self, query: KnowledgeQuery) -> tuple[Ranked, ...]:
        """Ranked entries, best first; () where nothing matches.

        Raises:
            EnvironmentFault: the file turned out damaged.
        """
        scored = score(query.text, query.context, self._layout, self._lookup)
        if scored is None or query.limit < 1:
            return ()
        order, found = self._order(scored, query)
        sure = confidences(found, scored, order[: query.limit], self._layout)
        said = plain(f"{query.text} {query.context}")
        results: list[Ranked] = []
        for n, share in zip(order[: query.limit], sure, strict=True):
            results.append(self._ranked(n, min(share, *(one.score for one in results[-1:]), 1.0), scored, said))
        return tuple(results)

    def get(self, entry_id: str) -> KnowledgeEntry | None:
        """One entry, or None."""
        row = self._rows("SELECT n FROM entry WHERE id = ?", (entry_id,))
        return self._entry(row[0][0]) if row else None

    def titles(self, limit: int) -> tuple[str, ...]:
        """Titles of the first ``limit`` entries, for the recogniser's vocabulary."""
        rows = self._rows("SELECT json_extract(record, '$.title') FROM entry ORDER BY n LIMIT ?", (limit,))
        return tuple(str(row[0]) for row in rows if row[0])

    def close(self) -> None:
        """Free; safe to call twice."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _order(self, scored: Scored, query: KnowledgeQuery) -> tuple[list[int], FloatArray]:
        """Entry numbers, best first, with their scores; place and item settle what the words leave open."""
        reach = min(self._layout.entries, max(MIN_REACH, query.limit * 2))
        top = np.argpartition(-scored.score, reach - 1)[:reach]
        top = top[scored.score[top] > 0]
        found = scored.score[top]
        found = found * np.array([_suits(self._entry(int(n)), query) for n in top])
        best = np.lexsort((top, -found))
        return top[best].tolist(), found[best]

    def _ranked(self, n: int, share: float, scored: Scored, said: str) -> Ranked:
        """The result with the words of its best head that were said; two syllables alone are weak evidence."""
        entry = self._entry(n)
        head = heads_of(entry)[scored.best_head(n, self._layout) - int(self._layout.head_start[n])]
        share *= min(1.0, covered(head, scored.asked) / ENOUGH_SYLLABLES)
        found = {word for word in words(plain(head)) if len(word) > 1 and word in said}
        matched = sorted(word for word in found if not any(word != other and word in other for other in found))
        return Ranked(entry, round(share, 3), tuple(matched))

    def _entry(self, n: int) -> KnowledgeEntry:
        if n not in self._entries:
            rows = self._rows("SELECT record FROM entry WHERE n = ?", (n,))
            try:
                self._entries[n] = entry_of(json.loads(rows[0][0]))
            except (IndexError, ValueError, RecordError) as error:
                raise EnvironmentFault("kb_cache.index_damaged", path=self._name) from error
        return self._entries[n]

    def _lookup(self, keys: Sequence[int]) -> Mapping[int, Posting]:
        missing = [key for key in keys if key not in self._postings]
        if len(self._postings) + len(missing) > _KEPT_POSTINGS:
            self._postings.clear()
            missing = list(keys)
        for start in range(0, len(missing), _ASKED_AT_ONCE):
            some = missing[start:start + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(some))
            self._postings.update(dict.fromkeys(some))
            for key, scale, ids, impacts in self._rows(
                    f"SELECT key, scale, ids, impacts FROM posting WHERE key IN ({marks})", some):  # noqa: S608  # marks only
                weights = np.frombuffer(impacts, dtype=IMPACT_TYPE) * np.float64(scale)
                self._postings[key] = (np.frombuffer(ids, dtype=ID_TYPE).astype(np.intp), weights, scale * 255.0)
        return {key: held for key in keys if (held := self._postings[key]) is not None}

    def _rows(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        assert self._database is not None, "closed"
        try:
            return self._database.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise EnvironmentFault("kb_cache.index_damaged", path=self._name) from error

    def _load_layout(self) -> Layout:
        blobs = dict(self._rows("SELECT name, data FROM blob", ()))
        head_entry = np.frombuffer(blobs["head_entry"], dtype=ID_TYPE).astype(np.int64)
        self_score = np.frombuffer(blobs["self_score"], dtype=SCORE_TYPE)
        entries = int(self._meta["entries"])
        head_start = np.searchsorted(head_entry, np.arange(entries))
        if len(head_entry) != len(self_score) or len(head_entry) != int(self._meta["heads"]) or not entries:
            raise ValueError("sizes differ")
        return Layout(entries, head_entry, head_start, self_score)


def _suits(entry: KnowledgeEntry, query: KnowledgeQuery) -> float:
    """Above 1 for an entry of the call's city or item, below 1 for one of another city or a mere document."""
    factor = TIER[entry.tier]
    if query.region and entry.region:
        if entry.region.endswith(query.region):
            factor *= HERE
        elif not query.region.startswith(entry.region) and CITY.search(entry.region):
            factor *= ELSEWHERE
    if query.item_codes and set(query.item_codes) & set(entry.item_codes):
        factor *= SAME_ITEM
    return factor


def _check_length(path: Path) -> None:
    """A truncated file is shorter than its header says (bytes 16-17 page size, 28-31 page count; sqlite.org/fileformat)."""
    with path.open("rb") as stream:
        header = stream.read(100)
    page = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65536 if page == 1 else page)
    if len(header) < 100 or path.stat().st_size != expected:
        raise ValueError("length differs")
