"""``tingdan rehearse`` put together: two set-ups (as it stands now, and as it would be), the calls, and a pass of each.

Word lists and rules are read once a process and kept, so a set-up with lists of its own runs in a process of its own, begun from the
start; calls and results travel over a pipe and no word of a call touches a disk.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from app.assembly import VERSION, ReplayOrder, call_phrases, engine_spec, learned_history, open_knowledge
from app.assembly_shared_text import new_pseudonyms
from app.audio.two_channel_file import TwoChannelFile
from app.domain.audit import Action
from app.domain.call import CallState
from app.domain.dialogue import UtteranceFinal
from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.domain.rehearsal import Pass
from app.platform import resource_files
from app.platform.atomic_file import write_atomically
from app.platform.clock import SystemClock
from app.platform.settings import load_settings
from app.ports.ports import KnowledgeBase
from app.services.call_session import CallSession
from app.services.knowledge_push import KnowledgePush, settings_for
from app.services.rehearsal import RehearsalCall, play_words, rehearse, scripts
from app.services.rehearsal_export import exported
from app.services.replay import replay_audio
from app.store.records import SqliteRecords
from app.store.submitted_calls import SubmittedCall, submitted_calls
from app.store.ticket_store import SqliteTicketStore
from asr.client import RecogniserClient


@dataclass(frozen=True, slots=True)
class SetUp:
    """What calls are replayed against; everything left empty is as this desk has it.

    Attributes:
        knowledge: a knowledge base.
        learned: folder of what ``tingdan learn`` made.
        lists: folder of word lists and rules, laid over those that ship (files of the same names).
        sound: replay from sound where a call has it.
        engine: recognition engine, for sound.
        model: its folder, for sound.
    """

    knowledge: Path | None = None
    learned: Path | None = None
    lists: Path | None = None
    sound: bool = False
    engine: str = ""
    model: Path | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which calls: of a folder of scripts, or the newest of the store (``since``: ISO date; ``only_live``: no replayed recordings)."""

    folder: Path | None = None
    last: int = 200
    since: str = ""
    only_live: bool = False


def chosen_calls(chosen: Chosen, store: SqliteTicketStore | None) -> tuple[RehearsalCall, ...]:
    """The calls.

    Raises:
        OperatorVisibleError: there are none, or a script cannot be used.
    """
    clock = SystemClock()
    if chosen.folder is not None:
        return tuple(scripts(chosen.folder, clock, load_settings().text("desk.city")))
    assert store is not None
    found = tuple(_stored(call) for call in submitted_calls(store, chosen.last, chosen.since, chosen.only_live))
    if not found:
        raise OperatorVisibleError("rehearse.no_calls")
    SqliteRecords(store, clock).note(Action.EXPORTED, "rehearsal", {"count": len(found)})
    return found


def _stored(call: SubmittedCall) -> RehearsalCall:
    finals = tuple(UtteranceFinal(f"s-{each.index:04}", each, each.end_ms) for each in call.dialogue)
    return RehearsalCall(call.ticket_no, call.context, finals, max(each.end_ms for each in call.dialogue), call.submitted, call.helped)


def export_calls(calls: Sequence[RehearsalCall], folder: Path) -> int:
    """Write calls with other people in them as scripts into a new or empty folder; how many. What stood for what is forgotten.

    Raises:
        OperatorVisibleError: the folder holds something.
        EnvironmentFault: it cannot be written.
    """
    pseudonyms = new_pseudonyms()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise OperatorVisibleError("rehearse.export_not_empty", path=str(folder))
        for script in exported(calls, pseudonyms):
            write_atomically(folder / f"{script['id']}.json", json.dumps(script, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise EnvironmentFault("rehearse.unwritable", path=str(folder), reason=type(error).__name__) from error
    return len(calls)


def run_pass(set_up: SetUp, calls: Sequence[RehearsalCall], told: Callable[[int], None] = lambda done: None,
             is_first: bool = False) -> Pass:
    """All calls through one set-up; in a process of its own where it has word lists of its own and others were read before.

    Args:
        set_up: against what.
        calls: what is replayed.
        told: how many are done.
        is_first: this process has read no word lists yet.

    Raises:
        AppError: knowledge, lists, learned model or recognition cannot be used at all.
    """
    if set_up.lists is None:
        return _run(set_up, calls, told)
    if not set_up.lists.is_dir():
        raise OperatorVisibleError("rehearse.no_lists", path=str(set_up.lists))
    if is_first:
        resource_files.lay_over(set_up.lists)
        return _run(set_up, calls, told)
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), resource_files.lay_over, (set_up.lists,)) as pool:
            found = pool.submit(_run_apart, set_up, tuple(calls)).result()
    except BrokenProcessPool as error:
        raise EnvironmentFault("rehearse.process_ended") from error
    if not isinstance(found, Pass):
        kind, key, params = found
        raise kind(key, **params)
    told(len(calls))
    return found


def _run(set_up: SetUp, calls: Sequence[RehearsalCall], told: Callable[[int], None] = lambda done: None) -> Pass:
    with contextlib.closing(open_knowledge(set_up.knowledge)) as knowledge, _player(set_up, knowledge) as play:
        seen = rehearse(calls, play, told)
        return Pass({"program": VERSION, "knowledge": knowledge.version, **_named(set_up)}, seen)


def _run_apart(set_up: SetUp, calls: Sequence[RehearsalCall]) -> Pass | tuple[type[AppError], str, dict[str, object]]:
    """The same in another process; errors travel as their parts."""
    try:
        return _run(set_up, calls)
    except AppError as error:
        return type(error), error.key, error.params


def _named(set_up: SetUp) -> dict[str, str]:
    """Folders by their last name only: a pass may be saved and sent."""
    chosen = {"learned": set_up.learned, "lists": set_up.lists, "model": set_up.model}
    return {part: folder.name for part, folder in chosen.items() if folder is not None}


@contextlib.contextmanager
def _player(set_up: SetUp, knowledge: KnowledgeBase) -> Iterator[Callable[[RehearsalCall], CallState]]:
    """Plays calls against a set-up; the extractor is loaded once."""
    from app.extraction.extractor import DialogueExtractor  # noqa: PLC0415 - after word lists were laid over, and not before a window
    from app.extraction.history import Learned  # noqa: PLC0415 - the same

    try:
        extractor = DialogueExtractor.load(learned=Learned(set_up.learned) if set_up.learned is not None else learned_history())
    except (ValueError, LookupError, OSError) as error:
        if set_up.lists is None:
            raise
        raise OperatorVisibleError("rehearse.lists_unusable", reason=type(error).__name__) from None
    settings, clock = load_settings(), SystemClock()
    order = ReplayOrder(engine=set_up.engine, model=set_up.model)
    spec = engine_spec(order) if set_up.sound else None

    def play(call: RehearsalCall) -> CallState:
        eager = settings_for(settings.text("knowledge.push"), settings.whole("knowledge.pushes_a_call"), call.context.city,
                             call.context.call_time[:10])
        session = CallSession(call.context, extractor, KnowledgePush(knowledge, eager))
        if spec is None or call.sound is None:
            return play_words(call, session)
        result = replay_audio(TwoChannelFile(call.sound), RecogniserClient(spec), session, clock, realtime=False,
                              phrases=call_phrases(call.context, knowledge))
        if result.fault is not None:
            raise result.fault
        return result.state

    yield play
