"""An index file as a ``KnowledgeBase``: verified at open, read-only, one connection for the one thread that opened it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Ranked
from kb_cache.confidence import confidences
from kb_cache.index_format import FORMAT, ID_TYPE, IMPACT_TYPE, SCORE_TYPE
from kb_cache.ranking import Layout, Posting, Scored, score
from kb_cache.records import RecordError, entry_of

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
        order = self._order(scored, query)
        sure = confidences(scored, order, self._layout)
        return tuple(Ranked(self._entry(n), sure[place]) for place, n in enumerate(order[: query.limit]))

    def get(self, entry_id: str) -> KnowledgeEntry | None:
        """One entry, or None."""
        row = self._rows("SELECT n FROM entry WHERE id = ?", (entry_id,))
        return self._entry(row[0][0]) if row else None

    def close(self) -> None:
        """Free; safe to call twice."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _order(self, scored: Scored, query: KnowledgeQuery) -> list[int]:
        """Entry numbers, best first, more than asked for so that near equals can be told apart by place and item."""
        reach = min(self._layout.entries, max(20, query.limit * 4))
        top = np.argpartition(-scored.score, reach - 1)[:reach]
        top = top[np.lexsort((top, -scored.score[top]))]
        return [int(n) for n in top if scored.score[n] > 0]

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
                weights = np.frombuffer(impacts, dtype=IMPACT_TYPE).astype(np.float32) * np.float32(scale)
                self._postings[key] = (np.frombuffer(ids, dtype=ID_TYPE), weights)
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


def _check_length(path: Path) -> None:
    """A truncated file is shorter than its header says (bytes 16-17 page size, 28-31 page count; sqlite.org/fileformat)."""
    with path.open("rb") as stream:
        header = stream.read(100)
    page = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65536 if page == 1 else page)
    if len(header) < 100 or path.stat().st_size != expected:
        raise ValueError("length differs")
