"""The parts that both the command line and the window are built from: knowledge, session, store, by order of a user.

Without Qt, so that the command line works where PySide6 is missing. ``app.main`` and ``app.desk`` put the parts together. Extraction is
loaded where a session is made: its rules take longer to load than the window, which does not wait for them (``DeskCalls.start``).
"""

from __future__ import annotations

import contextlib
import getpass
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.audit import Actor
from app.domain.catalogue import FieldTable
from app.domain.dialogue import CallContext
from app.domain.errors import AppError, EnvironmentFault
from app.domain.retention import DataKind, Retention
from app.platform import logs, messages, paths
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.key_ahead import KeyAhead
from app.platform.passphrase_prompt import terminal_prompt
from app.platform.place_files import place_phrases
from app.platform.secrets import Prompt, ephemeral_secrets, open_secrets
from app.platform.settings import load_settings
from app.ports.ports import Clock, Extractor, KnowledgeBase, TitleSource
from app.services.call_session import CallSession
from app.services.call_words import spoken_number, terms
from app.services.knowledge_push import KnowledgePush, settings_for
from app.services.ticket_submit import TicketSubmit
from app.services.training import NoPrefill
from app.store.backups import FOLDER as BACKUP_FOLDER
from app.store.backups import BackupRules, BackupThread, back_up_if_due
from app.store.page_check import fits
from app.store.purging import Purge
from app.store.ticket_store import FILE_NAME, SqliteTicketStore, throwaway_store
from app.store.writer import HealthTold
from asr.loading import EngineSpec
from asr.models.choice import choose_engine, takes_accent
from kb_cache.installed import InstalledFolder
from kb_cache.live import LiveKnowledge
from kb_cache.opening import open_default, open_kb

if TYPE_CHECKING:
    from app.extraction.history import Learned

_log = logs.get("assembly")
MOST_TITLES = 8_000
#: Records that wait for the hub and outlive their tickets: some four months of a busy desk.
MOST_WAITING = 10_000
LEARNED = "learned"
VERSION = metadata.version("tingdan")


@dataclass(frozen=True, slots=True)
class ReplayOrder:
    """What ``tingdan replay`` was asked for; exactly one of ``recording`` and ``script`` is set."""

    recording: Path | None = None
    script: Path | None = None
    realtime: bool = False
    engine: str = ""
    model: Path | None = None
    knowledge: Path | None = None
    call_time: str | None = None
    city: str | None = None
    caller: str = ""
    submit: bool = False


def field_labels(table: FieldTable) -> dict[str, str]:
    """Field name to label, in the table's order."""
    return {spec.name: spec.label for spec in table.specs}


def open_knowledge(given: Path | None) -> KnowledgeBase:
    """The knowledge base that was asked for, or the default one.

    Raises:
        OperatorVisibleError: there is none at the given place.
        EnvironmentFault: it is damaged.
    """
    cache = paths.cache_dir() / "kb"
    if given is not None:
        return open_kb(given, cache)
    chosen = load_settings().text("knowledge.path")
    if chosen:
        return open_default(Path(chosen), cache).knowledge
    return LiveKnowledge(paths.knowledge_dir(), cache, updates_folder())


def updates_folder() -> InstalledFolder:
    """What signed updates brought to this user."""
    return InstalledFolder(paths.data_dir() / "kb-updates")


def new_context(order: ReplayOrder, clock: Clock, script_city: str = "", script_time: str = "") -> CallContext:
    """What is known of a replayed call before a word is said."""
    call_time = order.call_time or script_time or clock.now().isoformat(timespec="seconds")
    call_id = f"replay-{clock.now():%Y%m%d%H%M%S}-{os.getpid()}"
    return CallContext(call_id, call_time, order.city or script_city or load_settings().text("desk.city"), order.caller)


def new_session(context: CallContext, knowledge: KnowledgeBase, prefills: bool = True) -> CallSession:
    """The session of one call with the real extractor and knowledge push.

    Raises:
        OperatorVisibleError: the gazetteer has no such city.
    """
    from app.extraction.extractor import DialogueExtractor  # noqa: PLC0415 - see the module

    found = DialogueExtractor.load(learned=learned_history())
    extractor: Extractor = found if prefills else NoPrefill(found)
    settings = load_settings()
    eager = settings_for(settings.text("knowledge.push"), settings.whole("knowledge.pushes_a_call"), context.city,
                         context.call_time[:10])
    return CallSession(context, extractor, KnowledgePush(knowledge, eager))


def call_phrases(context: CallContext, knowledge: KnowledgeBase) -> tuple[str, ...]:
    """The recogniser's vocabulary when a call begins: places of the city, terms of the knowledge base, the calling number."""
    titles = knowledge.titles(MOST_TITLES) if isinstance(knowledge, TitleSource) else ()
    number = spoken_number(context.caller_number)
    return (*place_phrases(context.city), *terms(titles), *([number] if number else ()))


def learned_history() -> Learned | None:
    """What ``tingdan learn`` left in the data folder; a damaged model costs its suggestions, not the call."""
    from app.extraction.history import Learned  # noqa: PLC0415 - see the module

    try:
        found = Learned(paths.data_dir() / LEARNED)
    except AppError as error:
        _log.warning("learned_model_left_out", key=error.key)
        return None
    return found if found.targets else None


@contextlib.contextmanager
def opened_store(clock: Clock, rehearsal: bool, on_health: HealthTold,
                 prompt: Prompt | None = None, ahead: KeyAhead | None = None) -> Iterator[tuple[SqliteTicketStore, str | None]]:
    """The encrypted store, and what to tell the person about it.

    Args:
        clock: time.
        rehearsal: a recording is replayed: where this PC can keep no secret the store is a throw-away one, and that is said.
        on_health: told a fault that keeps drafts from the disk, and None when it is over; on a thread of the store.
        prompt: asks for a passphrase where one is needed; None for the terminal.
        ahead: fetches the key since the program began, where somebody started it.

    Raises:
        EnvironmentFault: the store cannot be opened; nothing is changed. In particular a store that exists and whose key
            is out of reach is never replaced by another one.
    """
    folder = paths.data_dir()
    path = folder / FILE_NAME
    with contextlib.ExitStack() as cleanup:
        try:
            held = (ahead.take() if ahead is not None and path.exists() else None) or open_secrets(
                folder, path.exists(), prompt or terminal_prompt(), opens=lambda key: fits(path, key))
        except EnvironmentFault as fault:
            if fault.key != "platform.no_secrets" or not rehearsal:
                raise
            store = cleanup.enter_context(throwaway_store(ephemeral_secrets().store_key(), clock, on_health))
            yield store, messages.text("replay.throwaway_store")
        else:
            store = SqliteTicketStore(path, held.store_key(), clock, on_health)
            cleanup.callback(store.close)
            store.actor = present_actor()
            store.shares_text = shares_text()
            if not rehearsal:
                purge = Purge(store, clock, waiting_kept())
                backups = BackupThread(
                    lambda: back_up_if_due(store, backup_rules(), clock), on_health,
                    lambda is_stopping: purge.run(retention(), is_stopping=is_stopping) if purges_daily() else (), clock)
                cleanup.callback(backups.stop)
                backups.start()
            yield store, None


def shares_text() -> bool:
    """Whether the policy lets the masked words of calls that are submitted now go to the hub."""
    settings = load_settings()
    return bool(settings.text("hub.url")) and settings.flag("hub.share") and settings.flag("hub.share_text")


def waiting_kept() -> int:
    """How many records that the hub has not got outlive their tickets; none where nothing goes to a hub."""
    settings = load_settings()
    return MOST_WAITING if settings.text("hub.url") and settings.flag("hub.share") else 0


def present_actor() -> Actor:
    """Who works here, for the audit trail: the work number (else the system account) and the role of this PC."""
    settings = load_settings()
    return Actor(settings.text("desk.agent_id") or getpass.getuser(), settings.text("privacy.role"))


def retention() -> Retention:
    """Days by kind, from the settings."""
    settings = load_settings()
    return Retention({kind: settings.whole(f"retention.{kind.value}_days") for kind in DataKind})


def purges_daily() -> bool:
    """Whether the desk itself removes what is old enough."""
    return load_settings().flag("retention.daily")


def backup_rules() -> BackupRules:
    """Where, how often and how many, from the settings."""
    settings = load_settings()
    chosen = settings.text("backup.folder")
    folder = Path(chosen) if chosen else paths.data_dir() / BACKUP_FOLDER
    return BackupRules(folder, settings.whole("backup.every_hours"), settings.whole("backup.keep"))


def new_submit(store: SqliteTicketStore, clock: Clock) -> TicketSubmit:
    """The use case "submit" over a store."""
    return TicketSubmit(store, load_fields(), load_taxonomy(), clock, load_settings().text("desk.agent_id"))


def engine_spec(order: ReplayOrder) -> EngineSpec:
    """The recognition engine that the order, else the settings, ask for.

    Raises:
        AppError: there is none that works.
    """
    settings = load_settings()
    configured = order.model or (Path(folder) if (folder := settings.text("speech.model_folder")) else None)
    spec = choose_engine(order.engine or settings.text("speech.engine"), configured)
    accent = settings.text("speech.accent")
    return replace(spec, arguments={**spec.arguments, "accent": accent}) if accent and takes_accent(spec) else spec
