"""What the knowledge pane reads: searches, entries by id, and all that stands around an open entry.

Opened at first use and used on one thread (the window's "kb-search"). It always reads the newest knowledge that is installed, so
that a card of the call at hand, which keeps its version, can be compared with what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.domain.errors import AppError
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Ranked
from app.platform import logs
from app.ports.ports import FamilyKnowledge, KnowledgeBase, SwitchingKnowledge, VersionedKnowledge

MOST_CHILDREN = 50
_MOST_TIERS = 8

_log = logs.get("kb_library")


@dataclass(frozen=True, slots=True)
class EntryContext:
    """What stands around an entry.

    Attributes:
        entry_id: which one.
        newest: the entry as the newest knowledge has it, None where it is gone.
        ancestors: what it rests on, the document first.
        children: what rests on it.
        former: the entry as the version of the knowledge before the newest had it, None where there is none.
        note: the operator's own note.
    """

    entry_id: str
    newest: KnowledgeEntry | None = None
    ancestors: tuple[KnowledgeEntry, ...] = ()
    children: tuple[KnowledgeEntry, ...] = ()
    former: KnowledgeEntry | None = None
    note: str = ""


class KnowledgeLibrary:
    """See the module.

    Args:
        opener: opens the knowledge base; called once, on the thread that reads.
        note_of: the operator's note on an entry.
    """

    def __init__(self, opener: Callable[[], KnowledgeBase], note_of: Callable[[str], str] = lambda entry_id: "") -> None:
        self._opener, self._note_of = opener, note_of
        self._knowledge: KnowledgeBase | None = None

    def __call__(self, query: KnowledgeQuery) -> tuple[Ranked, ...]:
        """Ranked entries.

        Raises:
            AppError: the knowledge base cannot be opened or read.
        """
        return self._newest().search(query)

    def entries(self, ids: Iterable[str]) -> tuple[KnowledgeEntry, ...]:
        """Entries by id in the given order; what is gone is left out.

        Raises:
            AppError: as for a search.
        """
        knowledge = self._newest()
        return tuple(entry for key in ids if (entry := knowledge.get(key)) is not None)

    def about(self, entry: KnowledgeEntry) -> EntryContext:
        """What stands around ``entry``.

        Raises:
            AppError: as for a search.
        """
        knowledge = self._newest()
        newest = knowledge.get(entry.id)
        children = knowledge.children(entry.id, MOST_CHILDREN) if isinstance(knowledge, FamilyKnowledge) else ()
        former = knowledge.former(entry.id) if isinstance(knowledge, VersionedKnowledge) else None
        return EntryContext(entry.id, newest, _ancestors(knowledge, newest or entry), children, former, self._note(entry.id))

    def close(self) -> None:
        """Free; after the thread that reads has ended."""
        if self._knowledge is not None:
            self._knowledge.close()

    def _newest(self) -> KnowledgeBase:
        if self._knowledge is None:
            self._knowledge = self._opener()
        if isinstance(self._knowledge, SwitchingKnowledge):
            self._knowledge.use_newest()
        return self._knowledge

    def _note(self, entry_id: str) -> str:
        try:
            return self._note_of(entry_id)
        except AppError as error:  # a locked store: the entry can be read all the same
            _log.warning("note_left_out", key=error.key)
            return ""


def _ancestors(knowledge: KnowledgeBase, entry: KnowledgeEntry) -> tuple[KnowledgeEntry, ...]:
    """From the top down; a circle or a dead link ends it."""
    found: list[KnowledgeEntry] = []
    seen = {entry.id}
    key = entry.parent
    while key and key not in seen and len(found) < _MOST_TIERS:
        seen.add(key)
        parent = knowledge.get(key)
        if parent is None:
            break
        found.append(parent)
        key = parent.parent
    return tuple(reversed(found))
