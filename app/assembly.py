"""The parts that both the command line and the window are built from: knowledge, session, store, by order of a user.

Without Qt, so that the command line works where PySide6 is missing. ``app.main`` and ``app.desk`` put the parts together.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from app.domain.catalogue import FieldTable
from app.domain.dialogue import CallContext
from app.domain.errors import EnvironmentFault
from app.extraction.extractor import DialogueExtractor
from app.platform import messages, paths
from app.platform.secrets import HeldSecrets, ephemeral_secrets, open_secrets
from app.ports.ports import Clock, KnowledgeBase
from app.services.call_session import CallSession
from app.services.knowledge_push import KnowledgePush, PushSettings
from app.store.ticket_store import FILE_NAME, SqliteTicketStore
from kb_cache.opening import open_default, open_kb

VERSION = metadata.version("tingdan")
DEFAULT_CITY = "广州市"


@dataclass(frozen=True, slots=True)
class ReplayOrder:
    """What ``tingdan replay`` was asked for; exactly one of ``recording`` and ``script`` is set."""

    recording: Path | None = None
    script: Path | None = None
    realtime: bool = False
    engine: str = "auto"
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
    return open_default(paths.data_dir() / "kb", cache).knowledge


def new_context(order: ReplayOrder, clock: Clock, script_city: str = "", script_time: str = "") -> CallContext:
    """What is known of a replayed call before a word is said."""
    call_time = order.call_time or script_time or clock.now().isoformat(timespec="seconds")
    call_id = f"replay-{clock.now():%Y%m%d%H%M%S}-{os.getpid()}"
    return CallContext(call_id, call_time, order.city or script_city or DEFAULT_CITY, order.caller)


def new_session(context: CallContext, knowledge: KnowledgeBase) -> CallSession:
    """The session of one call with the real extractor and knowledge push.

    Raises:
        OperatorVisibleError: the gazetteer has no such city.
    """
    extractor = DialogueExtractor.load()
    return CallSession(context, extractor, KnowledgePush(knowledge, PushSettings(city=context.city)))


@contextlib.contextmanager
def opened_store(clock: Clock) -> Iterator[tuple[SqliteTicketStore, str | None]]:
    """The encrypted store, and what to tell the person about it.

    Without a keyring and without a passphrase the store is a throw-away one, and that is said.

    Raises:
        EnvironmentFault: the store cannot be opened; nothing is changed.
    """
    with contextlib.ExitStack() as cleanup:
        folder, note = paths.data_dir(), None
        try:
            held: HeldSecrets = open_secrets(folder, (folder / FILE_NAME).exists())
        except EnvironmentFault as fault:
            if fault.key not in ("platform.no_secrets", "platform.keyring_failed"):
                raise
            held, note = ephemeral_secrets(), messages.text("replay.throwaway_store")
            folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="tingdan-")))
        store = SqliteTicketStore(folder / FILE_NAME, held.store_key(), clock)
        cleanup.callback(store.close)
        yield store, note
