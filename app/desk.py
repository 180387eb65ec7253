"""The window's half of the composition root: one desk, one call after the other.

Threads while a call runs: GUI (presenters, widgets), "call" (session), "audio" or "script" (feeds the call), the
recogniser's own, "kb-search" (the operator's searches), "submit" (waits for the disk), the store's writer. States go to the
GUI through ``DeskPresenters.deliver`` only. Started in one order, stopped in the reverse one (``contextlib.ExitStack``).
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QObject, QTimer, QtMsgType, Slot, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.assembly import (
    VERSION,
    ReplayOrder,
    engine_spec,
    new_context,
    new_session,
    new_submit,
    open_knowledge,
    opened_store,
)
from app.audio.two_channel_file import TwoChannelFile
from app.domain.call import CallEvent, CallState, NoticeRaised, Phase, TicketSubmitted
from app.domain.errors import AppError
from app.domain.knowledge import KnowledgeQuery, Ranked
from app.platform import logs, messages
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.platform.worker_thread import WorkerThread
from app.ports.ports import CallControl, Clock, KnowledgeBase, TicketStore
from app.presenters.desk import DeskPresenters
from app.services.call_session import CallRunner
from app.services.replay import AudioDriver, Latencies, ReplayRun, ScriptRun, SpeechGate, read_script
from app.services.ticket_submit import TicketSubmit
from app.telephony.replay_control import ReplayControl
from asr.client import RecogniserClient
from widgets import screenshot as picture
from widgets.application import prepare_application
from widgets.desk_window import DeskWindow
from widgets.language import LanguageName

PICTURE_SIZE = (1600, 900)
_SETTLE_MS = 400


class ReplayedCall:
    """One recorded call from ring to ticket. Set ``deliver`` (takes every new state, on the call thread) before ``start``.

    Args:
        order: what to replay.
        knowledge: searched on the call thread only.
        store: keeps drafts.
        submit: the use case that stores the ticket.
        clock: time.

    Raises:
        AppError: the recording, the model or the city cannot be used.
    """

    def __init__(self, order: ReplayOrder, knowledge: KnowledgeBase, store: TicketStore, submit: TicketSubmit,
                 clock: Clock) -> None:
        self._store, self._use_case = store, submit
        self.deliver: Callable[[CallState], None] = lambda state: None
        self._knowledge_version = knowledge.version
        self._recogniser: RecogniserClient | None = None
        script = read_script(order.script) if order.script is not None else None
        context = new_context(order, clock, script.city if script else "", script.call_time if script else "")
        self.runner = CallRunner(new_session(context, knowledge), self._on_state)
        self.playback: ReplayRun | ScriptRun
        if script is not None:
            self.playback = ScriptRun(script, self.runner.post, order.realtime)
        else:
            assert order.recording is not None
            source = TwoChannelFile(order.recording)
            self._recogniser = RecogniserClient(engine_spec(order))
            self._recogniser.warm()
            driver = AudioDriver(source, self._recogniser, clock, order.realtime)
            self.playback = ReplayRun(driver, self._recogniser, self.runner.post, SpeechGate(self.runner.post, Latencies()))
        self.control: CallControl = ReplayControl(self.playback, self.runner.post)
        self._submitter: WorkerThread[None] = WorkerThread("submit", self._submit)
        self._last = self.runner.session.state

    def start(self) -> None:
        """Ring."""
        self.runner.start()
        self._submitter.start()
        self.deliver(self.runner.session.state)

    def post(self, event: CallEvent) -> None:
        """The operator's events."""
        self.runner.post(event)

    def submit(self) -> None:
        """Hand the ticket to the store; the answer comes as a state."""
        self._submitter.post(None)

    def close(self) -> None:
        """Stop everything of this call; the draft stays in the store."""
        self.playback.close()
        if self._recogniser is not None:
            self._recogniser.close()
        self._submitter.stop()
        self.runner.stop()

    @property
    def versions(self) -> dict[str, str]:
        """What made this ticket."""
        engine = self._recogniser.versions if self._recogniser is not None else {"engine": "script"}
        return {"program": VERSION, **engine, "knowledge": self._knowledge_version}

    def _on_state(self, state: CallState, _event: CallEvent) -> None:
        last, self._last = self._last, state
        if state.phase is not Phase.SUBMITTED and (state.dialogue is not last.dialogue or state.draft is not last.draft):
            self._store.save_draft(state.context, state.dialogue, state.draft)
        self.deliver(state)

    def _submit(self, _nothing: None) -> None:
        state = self.runner.session.state
        try:
            stored = self._use_case.submit(state, self.versions).ticket
        except AppError as error:
            self.runner.post(NoticeRaised(error.key, error.params))
        else:
            self.runner.post(TicketSubmitted(stored.ticket_no))


class StoreHealth:
    """Tells the operator when drafts do not reach the disk; called on a thread of the store."""

    def __init__(self) -> None:
        self.post: Callable[[CallEvent], None] = lambda event: None

    def __call__(self, fault: AppError | None) -> None:
        """A fault, or None when it is over."""
        self.post(NoticeRaised(fault.key, fault.params) if fault is not None else NoticeRaised("store.well_again"))


class Search:
    """The operator's searches, on the thread "kb-search", with a knowledge base of their own opened there."""

    def __init__(self, given: Path | None) -> None:
        self._given = given
        self._knowledge: KnowledgeBase | None = None

    def __call__(self, query: KnowledgeQuery) -> tuple[Ranked, ...]:
        """Ranked entries."""
        if self._knowledge is None:
            self._knowledge = open_knowledge(self._given)
        return self._knowledge.search(query)

    def close(self) -> None:
        """Free; after the search thread has ended."""
        if self._knowledge is not None:
            self._knowledge.close()


@dataclass(frozen=True, slots=True)
class _Picture:
    path: Path
    window: DeskWindow


class PictureWhenOver(QObject):
    """Saves a picture of the window once the call is over and drawn, then ends the program."""

    def __init__(self, order: _Picture, app: QApplication) -> None:
        super().__init__()
        self._order, self._app = order, app
        self._armed = False
        self.fault: AppError | None = None

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Told every state that is drawn."""
        if state.phase is Phase.WRAP_UP and not self._armed:
            self._armed = True
            QTimer.singleShot(_SETTLE_MS, self._save)

    @Slot()
    def _save(self) -> None:
        try:
            picture.save(self._order.window, self._order.path)
        except AppError as error:
            self.fault = error
        self._app.quit()


def run_replay(order: ReplayOrder, screenshot: Path | None) -> AppError | None:
    """One recorded call in the window; returns what broke off, if anything did.

    Args:
        order: what to replay.
        screenshot: save a picture there when the call is over, then end; without one stay until the window is closed.

    Raises:
        AppError: something needed cannot be used at all.
    """
    if screenshot is not None and sys.platform == "linux" and not _has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    clock = SystemClock()
    with contextlib.ExitStack() as cleanup:
        app = _application()
        language = prepare_application(app, LanguageName(messages.language()))
        health = StoreHealth()
        store, note = cleanup.enter_context(opened_store(clock, rehearsal=True, on_health=health))
        knowledge = open_knowledge(order.knowledge)
        cleanup.callback(knowledge.close)
        search = Search(order.knowledge)
        cleanup.callback(search.close)
        call = ReplayedCall(order, knowledge, store, new_submit(store, clock), clock)
        health.post = call.post
        presenters = DeskPresenters(call.post, call.control, call.submit, search, load_taxonomy(), load_fields())
        call.deliver = presenters.deliver
        cleanup.callback(presenters.close)
        cleanup.callback(call.close)
        window = DeskWindow(presenters, language)
        cleanup.callback(window.deleteLater)
        window.show()
        call.start()
        if note:
            call.post(NoticeRaised("replay.throwaway_store"))
        ending: PictureWhenOver | None = None
        if screenshot is not None:
            window.resize(*PICTURE_SIZE)
            ending = PictureWhenOver(_Picture(screenshot, window), app)
            presenters.bridge.state_changed.connect(ending.show_state)
            call.control.answer()
        app.exec()
        return call.playback.fault or (ending.fault if ending else None)


def run_desk() -> AppError | None:
    """The desk with the shipped sample call ringing; returns what broke off, if anything did."""
    samples = sorted(resource("sample_calls").glob("*.flac"))
    return run_replay(ReplayOrder(recording=samples[0], realtime=True), None)


def _log_qt(kind: QtMsgType, context: QMessageLogContext, _message: str | None) -> None:
    """Qt's own messages go to the log as kind and place; their text may quote what stands in a field."""
    if kind is not QtMsgType.QtDebugMsg:
        logs.get("qt").warning("qt_message", kind=kind.name, category=str(context.category or ""), line=context.line)


def _application() -> QApplication:
    qInstallMessageHandler(_log_qt)
    held = QApplication.instance()
    return held if isinstance(held, QApplication) else QApplication(sys.argv[:1])


def _has_screen() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
