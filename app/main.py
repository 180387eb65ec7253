"""Composition root: builds, connects, starts and stops. The only file that knows every room.

Its other half, with a window, is ``app.desk`` (by way of ``app.window_half``): the command line works where PySide6 is missing.
Shutdown is the list built while starting, run backwards (``contextlib.ExitStack``).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.assembly import (
    LEARNED,
    VERSION,
    ReplayOrder,
    call_phrases,
    engine_spec,
    field_labels,
    new_context,
    new_session,
    new_submit,
    open_knowledge,
    opened_store,
    updates_folder,
)
from app.assembly_call_records import quality_checks
from app.assembly_hub_line import hub_checks
from app.audio.two_channel_file import TwoChannelFile
from app.domain.errors import AppError
from app.domain.health import Check
from app.extraction.item_model import item_checks
from app.extraction.learned_health import learned_checks
from app.platform import messages, paths
from app.platform.catalogue_files import load_fields
from app.platform.clock import SystemClock
from app.platform.secrets import open_secrets
from app.ports.ports import Clock, KnowledgeBase
from app.services import doctor
from app.services.replay import ReplayResult, read_script, replay_audio, replay_script
from app.services.replay_report import as_json, as_text
from app.store.health import store_checks
from app.store.ticket_store import FILE_NAME
from asr.client import RecogniserClient
from asr.health import speech_checks
from kb_cache.health import knowledge_checks


@dataclass(slots=True)
class ReplayOutcome:
    """A finished replay, to be printed one way or the other."""

    result: ReplayResult
    usage: Mapping[str, float]
    versions: Mapping[str, str]
    notes: list[str] = field(default_factory=list)

    @property
    def fault(self) -> AppError | None:
        """What broke off, if anything did."""
        return self.result.fault

    def as_json(self) -> str:
        """The documented object (docs/replay-format.md)."""
        return json.dumps(as_json(self.result, self.usage, self.versions), ensure_ascii=False, indent=1)

    def as_text(self) -> str:
        """For a person."""
        words = {key: messages.text(f"replay.{key}") for key in
                 ("conversation", "ticket", "knowledge", "operator", "citizen", "filled", "suggested", "edited", "confirmed")}
        return as_text(self.result, field_labels(load_fields()), words)


def run_replay(order: ReplayOrder) -> ReplayOutcome:
    """Replay without a window.

    Raises:
        AppError: the input, the model or the knowledge base cannot be used at all.
    """
    clock = SystemClock()
    with contextlib.ExitStack() as cleanup:
        if order.script is not None:
            script = read_script(order.script)
            context = new_context(order, clock, script.city, script.call_time)
            knowledge = _closing(cleanup, open_knowledge(order.knowledge))
            result = replay_script(script, new_session(context, knowledge), clock)
            versions = {"engine": "script"}
            worker_cpu_s, worker_rss_mb = 0.0, 0.0
        else:
            assert order.recording is not None
            source = TwoChannelFile(order.recording)
            cleanup.callback(source.close)
            recogniser = RecogniserClient(engine_spec(order))
            cleanup.callback(recogniser.close)
            recogniser.warm()
            context = new_context(order, clock)
            knowledge = _closing(cleanup, open_knowledge(order.knowledge))
            session = new_session(context, knowledge)
            recogniser.wait_ready()
            versions = recogniser.versions
            result = replay_audio(source, recogniser, session, clock, order.realtime, call_phrases(context, knowledge))
            worker_cpu_s, worker_rss_mb = recogniser.usage.cpu_s, recogniser.usage.peak_rss_mb
        own_cpu_s, own_rss_mb = _own_usage()
        outcome = ReplayOutcome(
            result,
            {"cpu_s": own_cpu_s + worker_cpu_s, "peak_rss_mb": own_rss_mb + worker_rss_mb},
            {"program": VERSION, **versions, "knowledge": knowledge.version},
        )
        if order.submit:
            outcome.notes.extend(_submit(outcome, clock))
    return outcome


def _submit(outcome: ReplayOutcome, clock: Clock) -> list[str]:
    faults: list[AppError | None] = []
    with opened_store(clock, rehearsal=True, on_health=faults.append) as (store, note):
        stored = new_submit(store, clock).submit(outcome.result.state, outcome.versions).ticket
    told = [messages.text("replay.submitted", {"ticket_no": stored.ticket_no})]
    return [*told, *([note] if note else []), *(messages.describe(fault) for fault in faults if fault is not None)]


def _closing(cleanup: contextlib.ExitStack, knowledge: KnowledgeBase) -> KnowledgeBase:
    cleanup.callback(knowledge.close)
    return knowledge


def _own_usage() -> tuple[float, float]:
    """Processor seconds and peak memory (MiB) of this process; zeros where the system does not tell."""
    try:
        import resource  # noqa: PLC0415  (not on Windows)
    except ImportError:  # Windows
        return 0.0, 0.0
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def run_doctor(as_json: bool) -> tuple[str, bool]:
    """What is installed and what is missing, with the commands that mend it; and whether all is well."""
    data = paths.data_dir()

    def store() -> tuple[Check, ...]:
        path = data / FILE_NAME
        return store_checks(path, lambda: open_secrets(data, path.exists()).store_key())

    checks = doctor.examine((
        ("machine", doctor.machine_checks),
        ("speech", speech_checks),
        ("knowledge", lambda: knowledge_checks(paths.knowledge_dir(), paths.cache_dir() / "kb", updates_folder())),
        ("items", item_checks),
        ("learned", lambda: learned_checks(data / LEARNED)),
        ("quality", quality_checks),
        ("store", store),
        ("hub", lambda: hub_checks(SystemClock())),
    ))
    return (doctor.render_json if as_json else doctor.render_text)(checks), doctor.is_healthy(checks)
