"""Keeps what becomes of knowledge in a call, and lets it work: ``KnowledgeUse`` records, ``AdaptedKnowledge`` orders by it.

Shown, spoken and unanswered follow from the call's states; opened, copied and judged come from the window. All are written on a
worker of their own ("kb-use"), so that neither the call nor the window waits for the disk; a fault there costs the record, never the
call. Favourites and notes are written there too; what of them cannot be kept is told, because the operator believes it is.
The order adapts by ``app.domain.assist.standing``: bounded, and each moved result says why (``Ranked.moved_by``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.domain.assist import AssistAct, AssistEvent, AssistOrigin, OpenQuestion, Standing, shifted, standing
from app.domain.call import CallState, Phase
from app.domain.dialogue import Channel
from app.domain.errors import AppError
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Ranked
from app.platform import logs
from app.platform.worker_thread import WorkerThread
from app.ports.assist import AssistStore
from app.ports.ports import Clock, FamilyKnowledge, KnowledgeBase, SwitchingKnowledge, VersionedKnowledge
from app.services.knowledge_push import unanswered

_SPOKEN_SHARE = 0.5
_LEAST_SPOKEN = 8
_BESIDE = 2


@dataclass(frozen=True, slots=True)
class _Acted:
    """What the operator did with an entry outside the call's own states."""

    act: AssistAct
    entry: KnowledgeEntry
    origin: AssistOrigin


@dataclass(frozen=True, slots=True)
class _Marked:
    """A favourite, or none any more."""

    entry_id: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class _Noted:
    """The operator's own note on an entry."""

    entry_id: str
    text: str


class KnowledgeUse:
    """See the module. All public methods may be called from any thread and return at once.

    Args:
        store: keeps it.
        clock: for stamps.
        kb_version: version of the knowledge base in use.
        agent_id: the operator's work number.
        trouble: told of a favourite or a note that could not be kept; on the worker.
    """

    def __init__(self, store: AssistStore, clock: Clock, kb_version: Callable[[], str] = lambda: "", agent_id: str = "",
                 trouble: Callable[[AppError], None] = lambda fault: None) -> None:
        self._store, self._clock, self._kb_version, self.agent_id = store, clock, kb_version, agent_id
        self._trouble = trouble
        self._log = logs.get("kb_use")
        self._call_id, self._position_ms = "", 0
        self._pushes = self._heard = 0
        self._spoken: set[str] = set()
        self._opened: dict[str, tuple[KnowledgeEntry, AssistOrigin]] = {}
        self._is_over = True
        self._seen = ("", 0, 0, Phase.IDLE)
        self._worker: WorkerThread[CallState | _Acted | _Marked | _Noted] = WorkerThread("kb-use", self._handle)
        self._is_started = False

    def start(self) -> None:
        """Begin to record."""
        self._worker.start()
        self._is_started = True

    def close(self) -> None:
        """Write what is queued and end; safe to call twice."""
        if self._is_started:
            self._worker.stop()

    def follow(self, state: CallState) -> None:
        """Take a state of the call; cheap where nothing of interest changed."""
        seen = (state.context.call_id, len(state.pushes), len(state.dialogue), state.phase)
        if seen != self._seen:
            self._seen = seen
            self._worker.post(state)

    def note(self, act: AssistAct, entry: KnowledgeEntry, origin: AssistOrigin) -> None:
        """The operator did this."""
        self._worker.post(_Acted(act, entry, origin))

    def mark(self, entry_id: str, wanted: bool) -> None:
        """Keep a favourite, or forget it."""
        self._worker.post(_Marked(entry_id, wanted))

    def write(self, entry_id: str, text: str) -> None:
        """Keep the operator's own note on an entry; "" removes it."""
        self._worker.post(_Noted(entry_id, text))

    def _handle(self, told: CallState | _Acted | _Marked | _Noted) -> None:
        try:
            if isinstance(told, _Acted):
                if told.act is AssistAct.OPENED:
                    self._opened[told.entry.id] = (told.entry, told.origin)
                self._store.add([self._event(told.act, told.entry, told.origin)])
            elif isinstance(told, _Marked):
                self._store.set_favourite(told.entry_id, told.wanted)
            elif isinstance(told, _Noted):
                self._store.set_note(told.entry_id, told.text)
            else:
                self._take(told)
        except AppError as error:
            self._log.warning("not_kept", reason=error.key)
            if isinstance(told, _Marked | _Noted):
                self._trouble(error)

    def _take(self, state: CallState) -> None:
        if state.context.call_id != self._call_id:
            self._call_id, self._pushes, self._heard, self._is_over = state.context.call_id, 0, 0, False
            self._spoken, self._opened = set(), {}
        self._position_ms = state.position_ms
        events = [self._event(AssistAct.SHOWN, ranked.entry, AssistOrigin.PUSH)
                  for push in state.pushes[self._pushes:] for ranked in push.ranked]
        events += self._said(state)
        self._pushes, self._heard = len(state.pushes), len(state.dialogue)
        questions: list[OpenQuestion] = []
        if state.phase in (Phase.WRAP_UP, Phase.SUBMITTED) and not self._is_over:
            self._is_over = True
            at = self._clock.now().isoformat()
            questions = [OpenQuestion(at, self._call_id, text, self._kb_version())
                         for text in unanswered(state.dialogue, state.pushes)]
        if events or questions:
            self._store.add(events, questions)

    def _said(self, state: CallState) -> list[AssistEvent]:
        """Entries that were shown or opened and whose answer the operator just said, each once a call."""
        found = []
        known = {ranked.entry.id: (ranked.entry, AssistOrigin.PUSH) for push in state.pushes for ranked in push.ranked}
        known = {**self._opened, **known}
        for utterance in state.dialogue[self._heard:]:
            if utterance.channel is not Channel.OPERATOR:
                continue
            said = "".join(each.text for each in state.dialogue[max(0, utterance.index - _BESIDE):utterance.index + 1]
                           if each.channel is Channel.OPERATOR)
            for entry, origin in known.values():
                if entry.id not in self._spoken and is_spoken(entry.speakable, said):
                    self._spoken.add(entry.id)
                    found.append(self._event(AssistAct.SPOKEN, entry, origin))
        return found

    def _event(self, act: AssistAct, entry: KnowledgeEntry, origin: AssistOrigin) -> AssistEvent:
        return AssistEvent(self._clock.now().isoformat(), self._call_id, entry.id, entry.version, act, origin, self._kb_version(),
                           self._position_ms, self.agent_id)


def is_spoken(speakable: str, said: str) -> bool:
    """Whether enough of a card's answer, or of its first sentence, is in what the operator said (character pairs, recognition errs)."""
    heard = _pairs(said)
    return any(len(pairs) >= _LEAST_SPOKEN and len(pairs & heard) >= _SPOKEN_SHARE * len(pairs)
               for pairs in (_pairs(speakable), _pairs(speakable.split("。", maxsplit=1)[0])))


def _pairs(text: str) -> set[str]:
    plain = "".join(letter for letter in text if letter.isalnum())
    return {plain[at:at + 2] for at in range(len(plain) - 1)}


class AdaptedKnowledge:
    """A knowledge base whose order follows what the centre uses, within ``app.domain.assist``'s bounds.

    Args:
        knowledge: asked for a few more results than wanted.
        standings: entry id to its standing; looked up at each search.
    """

    def __init__(self, knowledge: KnowledgeBase, standings: Callable[[], Mapping[str, Standing]]) -> None:
        self._knowledge, self._standings = knowledge, standings

    @property
    def version(self) -> str:
        """Version of the content."""
        return self._knowledge.version

    @property
    def size(self) -> int:
        """How many entries."""
        return self._knowledge.size

    def search(self, query: KnowledgeQuery) -> tuple[Ranked, ...]:
        """Ranked entries, best first, scores moved by use."""
        known = self._standings()
        found = self._knowledge.search(replace(query, limit=query.limit + _BESIDE) if known and query.limit > 0 else query)
        moved = [replace(ranked, score=round(shifted(ranked.score, known[ranked.entry.id].shift), 3), moved_by=known[ranked.entry.id].shift)
                 if ranked.entry.id in known else ranked for ranked in found]
        moved.sort(key=lambda ranked: -ranked.score)
        return tuple(moved[:query.limit])

    def get(self, entry_id: str) -> KnowledgeEntry | None:
        """One entry."""
        return self._knowledge.get(entry_id)

    def children(self, entry_id: str, limit: int = 50) -> tuple[KnowledgeEntry, ...]:
        """Entries that rest on this one, where the knowledge base tells them."""
        return self._knowledge.children(entry_id, limit) if isinstance(self._knowledge, FamilyKnowledge) else ()

    def former(self, entry_id: str) -> KnowledgeEntry | None:
        """The entry in the version before, where the knowledge base keeps it."""
        return self._knowledge.former(entry_id) if isinstance(self._knowledge, VersionedKnowledge) else None

    def use_newest(self) -> bool:
        """Switch to what was installed meanwhile, where the knowledge base can."""
        return isinstance(self._knowledge, SwitchingKnowledge) and self._knowledge.use_newest()

    def titles(self, limit: int) -> tuple[str, ...]:
        """Titles, where the knowledge base tells them."""
        titles: Callable[[int], tuple[str, ...]] | None = getattr(self._knowledge, "titles", None)
        return titles(limit) if titles is not None else ()

    def close(self) -> None:
        """Free."""
        self._knowledge.close()


def standings_of(store: AssistStore) -> dict[str, Standing]:
    """Standings of all used entries.

    Raises:
        EnvironmentFault: the store cannot be read.
    """
    return {use.entry_id: standing(use) for use in store.uses()}
