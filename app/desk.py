"""The window's half of the composition root: the desk of a day, and one recorded call in the same window.

Threads of the desk: GUI (presenters, widgets), "desk" (opens and closes calls, drafts, settings; ``app.desk_calls``), the
recogniser's own, "kb-search" (the operator's searches), "records" (lists, locking), the store's writer, "network" (delivers tickets,
``app.assembly_delivery``). A call adds "call" (session), "audio" or "script" (feeds it), "submit" (waits for the disk); they end
with it. States go to the GUI through ``DeskPresenters.deliver`` only. Started in one order, stopped in the reverse one
(``contextlib.ExitStack``).
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QObject, QTimer, QtMsgType, Slot, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

from app.assembly import ReplayOrder, engine_spec, new_submit, open_knowledge, opened_store
from app.assembly_call_records import new_recorder
from app.assembly_delivery import running_delivery
from app.assembly_knowledge import knowledge_age, recall_watch, running_updates
from app.assembly_warming import warming
from app.desk_calls import CallParts, DeskCalls, recorded_call
from app.desk_hub import hub_told
from app.desk_knowledge import known_standings, recorded_use
from app.desk_line import live_line
from app.desk_records import record_parts
from app.desk_tools import CALL_NAME, SignedIn, call_other, fit_tools
from app.desk_work import Levels, call_tools, count_effort, sounding
from app.domain.call import CallEvent, CallState, NoticeRaised, Phase
from app.domain.errors import AppError
from app.domain.knowledge_update import KnowledgeAge, UpdateNews
from app.platform import crash, logs, messages, paths
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import SystemClock
from app.platform.key_ahead import KeyAhead
from app.platform.resource_files import resource
from app.platform.secrets import Prompt
from app.platform.settings import Settings, load_settings
from app.platform.single_instance import InstanceLock
from app.ports.ports import Clock
from app.presenters.desk import DeskPresenters
from app.presenters.records import RecordPresenters
from app.program.launch import this_trial
from app.program.poll import running_program_updates
from app.services.knowledge_library import KnowledgeLibrary
from app.services.knowledge_recalls import RecallWatch
from app.services.knowledge_use import AdaptedKnowledge, KnowledgeUse
from app.store.assist import SqliteAssist
from app.store.ticket_store import SqliteTicketStore
from widgets.application import prepare_application
from widgets.desk_tools import LOOKS
from widgets.desk_window import DeskWindow
from widgets.language import Language, LanguageName
from widgets.passphrase_dialog import PassphrasePrompt
from widgets.theme.palette import ThemeName

if TYPE_CHECKING:
    from asr.client import RecogniserClient

PICTURE_SIZE = (1600, 900)
LOCK_NAME = "desk.lock"
LOCKED = "store.locked"
_SETTLE_MS = 400
#: What the first call needs is loaded when the window was painted: both at once would make the window wait.
_WARM_AFTER_MS = 250


class StoreHealth:
    """Tells the operator when drafts do not reach the disk; called on a thread of the store."""

    def __init__(self) -> None:
        self.post: Callable[[CallEvent], None] = lambda event: None

    def __call__(self, fault: AppError | None) -> None:
        """A fault, or None when it is over."""
        self.post(NoticeRaised(fault.key, fault.params) if fault is not None else NoticeRaised("store.well_again"))


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
            from widgets import screenshot as picture  # noqa: PLC0415 - for a picture only

            picture.save(self._order.window, self._order.path)
        except AppError as error:
            self.fault = error
        self._app.quit()


class LooksKeeper(QObject):
    """Keeps the looks that the operator chooses for the next start; says so where the machine's policy decides them."""

    def __init__(self, settings: Settings, calls: DeskCalls) -> None:
        super().__init__()
        self._settings, self._calls = settings, calls

    @Slot(str, object)
    def keep(self, look: str, value: object) -> None:
        """The window looks otherwise now."""
        if isinstance(value, str | int):
            held = value
            self._calls.later(lambda: self._settings.put(LOOKS[look], held))

    @Slot(str)
    def refuse(self, look: str) -> None:
        """The policy decides it."""
        self._calls.post(NoticeRaised("platform.setting_locked", {"setting": LOOKS[look]}))


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk."""

    app: QApplication
    window: DeskWindow
    presenters: DeskPresenters
    calls: DeskCalls
    records: RecordPresenters


def run_replay(order: ReplayOrder, screenshot: Path | None, hooks: crash.CrashHooks | None = None) -> AppError | None:
    """One recorded call in the window; returns what broke off, if anything did.

    Args:
        order: what to replay.
        screenshot: save a picture there when the call is over, then end; without one stay until the window is closed.
        hooks: the program's crash hooks.

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
        assist = SqliteAssist(store, clock)
        knowledge = open_knowledge(order.knowledge)
        cleanup.callback(knowledge.close)
        search = KnowledgeLibrary(lambda: open_knowledge(order.knowledge), assist.note)
        cleanup.callback(search.close)

        def recogniser() -> RecogniserClient:
            from asr.client import RecogniserClient  # noqa: PLC0415 - see app.desk_calls

            client = RecogniserClient(engine_spec(order))
            cleanup.callback(client.close)
            client.warm()
            return client

        parts = CallParts(knowledge, store, new_submit(store, clock), clock, hooks.report if hooks else crash.write_report)
        settings = load_settings()
        call = recorded_call(order, sounding(parts, settings, levels := Levels()), recogniser)
        health.post = call.post
        presenters = DeskPresenters(call.post, call.control, call.submit, search, load_taxonomy(), load_fields())
        call.deliver = presenters.deliver
        cleanup.enter_context(call_tools(lambda: call.sound, call.post, presenters, settings, clock, levels))
        presenters.knowledge.base_version = knowledge.version
        use = KnowledgeUse(assist, clock, lambda: knowledge.version, settings.text("desk.agent_id"), _teller(call.post))
        cleanup.enter_context(recorded_use(use, assist, call, presenters, {}))
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


@contextlib.contextmanager
def opened_desk(hooks: crash.CrashHooks | None = None, prompt: Prompt | None = None, realtime: bool = True,
                ahead: KeyAhead | None = None) -> Iterator[Desk]:
    """The desk, shown and waiting; run the application's loop inside.

    Args:
        hooks: the program's crash hooks; told to the operator while the desk is open.
        prompt: asks for the store's passphrase where one is needed; None for the dialog.
        realtime: play recordings in time.
        ahead: fetches the store's key already.

    Raises:
        OperatorVisibleError: another desk is open, or the passphrase is wrong.
        EnvironmentFault: store or knowledge base cannot be used, or the passphrase was not given.
    """
    with contextlib.ExitStack() as cleanup:
        cleanup.enter_context(InstanceLock(paths.data_dir() / LOCK_NAME))
        app, settings, clock = _application(), load_settings(), SystemClock()
        percent = settings.whole("desk.font_percent")
        language = prepare_application(app, LanguageName(messages.language()), percent)
        health = StoreHealth()
        store, _ = cleanup.enter_context(
            opened_store(clock, rehearsal=False, on_health=health, prompt=prompt or PassphrasePrompt(), ahead=ahead))
        assist = SqliteAssist(store, clock)
        standings = known_standings(assist)
        knowledge = AdaptedKnowledge(open_knowledge(None), lambda: standings)
        cleanup.callback(knowledge.close)
        search = KnowledgeLibrary(lambda: AdaptedKnowledge(open_knowledge(None), lambda: standings), assist.note)
        cleanup.callback(search.close)
        submit = new_submit(store, clock)
        recorder = new_recorder(assist, clock, submit, (unusable := list[AppError]()).append)
        parts = CallParts(knowledge, store, submit, clock, hooks.report if hooks else crash.write_report, recorder=recorder,
                          warming=warming(settings.text("desk.city"), clock, knowledge))
        calls = DeskCalls(sounding(parts, settings, levels := Levels()), settings.text("desk.city"), realtime)
        health.post = calls.post
        samples = tuple(sorted(resource("sample_calls").glob("*.flac")))
        presenters = DeskPresenters(calls.post, calls, calls.submit, search, load_taxonomy(), load_fields(), calls, samples)
        cleanup.callback(presenters.deleteLater)
        cleanup.enter_context(call_tools(calls.sound, calls.post, presenters, settings, clock, levels))
        calls.deliver, calls.show_drafts = presenters.deliver, presenters.start.show_drafts
        presenters.knowledge.base_version = knowledge.version
        presenters.knowledge.tell_age(knowledge_age(clock))
        use = KnowledgeUse(assist, clock, lambda: knowledge.version, settings.text("desk.agent_id"), _teller(calls.post))
        cleanup.enter_context(recorded_use(use, assist, calls, presenters, standings))
        cleanup.callback(presenters.close)
        cleanup.callback(calls.close)
        records = RecordPresenters(record_parts(store, clock, settings), presenters, calls.open_draft)
        cleanup.callback(records.deleteLater)
        cleanup.callback(records.close)
        window = _desk_window(presenters, records, language, settings, percent)
        cleanup.callback(window.deleteLater)
        count_effort(window, presenters, recorder)
        _keep_looks(window, settings, calls)
        fit_tools(window, settings, calls, SignedIn(parts.submit, use, store, calls.later))
        if hooks is not None:
            hooks.listener = calls.on_crash
            cleanup.callback(setattr, hooks, "listener", None)
        window.show()
        cleanup.enter_context(live_line(calls, settings, clock, store))
        calls.start(warms=False)
        cleanup.enter_context(_delivering(store, clock, calls, records))
        _begin(window, calls, records, unusable)
        watch = recall_watch(assist, clock)
        cleanup.enter_context(running_updates(clock, _teller(calls.post), lambda news: _tell_news(calls, presenters, news, watch),
                                              lambda age: _tell_age(calls, presenters, age)))
        yield Desk(app, window, presenters, calls, records)
        window.close()


def _begin(window: DeskWindow, calls: DeskCalls, records: RecordPresenters, unusable: Iterable[AppError]) -> None:
    """The panels now, what cannot be used is told, what the first call needs when the window was painted."""
    records.start()
    for fault in unusable:
        calls.post(NoticeRaised(fault.key, fault.params))
    QTimer.singleShot(_WARM_AFTER_MS, window, calls.warm)
    QTimer.singleShot(_WARM_AFTER_MS, window, gc.enable)  # switched off by app.window_half


def _teller(post: Callable[[CallEvent], None]) -> Callable[[AppError], None]:
    """Makes a notice of a fault; any thread."""
    return lambda fault: post(NoticeRaised(fault.key, fault.params))


def _tell_news(calls: DeskCalls, presenters: DeskPresenters, news: UpdateNews, watch: RecallWatch) -> None:
    """A knowledge update is there, or entries were recalled; on the update thread."""
    presenters.knowledge.tell_news(news)
    if news.changed or news.removed:
        counts = {"version": news.version, "changed": len(news.changed), "removed": len(news.removed)}
        calls.post(NoticeRaised("kb_update.installed", counts))
    if (recalled := watch.take(news)) is not None:
        calls.post(recalled)


def _tell_age(calls: DeskCalls, presenters: DeskPresenters, age: KnowledgeAge) -> None:
    """The publisher does not vouch for the knowledge base any more: 知识库已过期 N 天."""
    presenters.knowledge.tell_age(age)
    if age.expired_days:
        calls.post(NoticeRaised("kb_update.expired_days", {"days": age.expired_days}))


def run_desk(hooks: crash.CrashHooks | None = None, ahead: KeyAhead | None = None) -> AppError | None:
    """The desk until its window is closed.

    Args:
        hooks: the program's crash hooks.
        ahead: as for ``opened_desk``.

    Raises:
        AppError: as ``opened_desk``; told in a box too where there is a screen, because a desktop shows no standard error.
    """
    prompt, trial = PassphrasePrompt(), this_trial()
    try:
        if trial.name:  # the first start of a new version is watched (app/program/launch.py)
            _application()
            QTimer.singleShot(0, trial.alive)
        with opened_desk(hooks, prompt, ahead=ahead) as desk, running_program_updates(
                load_settings(), SystemClock(),
                lambda version: desk.calls.post(NoticeRaised("program_update.ready", {"version": version}))):
            QTimer.singleShot(0, trial.prove)
            desk.window.tools.offer_first_start()
            desk.app.exec()
    except AppError as error:
        if prompt.is_cancelled:
            return None
        if error.key == "platform.already_running":
            call_other(paths.data_dir() / CALL_NAME)
            raise
        app = _application()
        if app.platformName() not in ("offscreen", "minimal"):
            QMessageBox.warning(None, app.applicationDisplayName(), messages.describe(error))
        raise
    return None


@contextlib.contextmanager
def _delivering(store: SqliteTicketStore, clock: Clock, calls: DeskCalls, records: RecordPresenters) -> Iterator[None]:
    """Delivery under way, what came of it told to the window; the hub told of what there is."""

    def tell(fault: AppError) -> None:
        if fault.key != LOCKED:  # the lock page says so itself
            calls.post(NoticeRaised(fault.key, fault.params))

    with running_delivery(store, clock, tell, records.unsent.note_attempt) as thread, hub_told(
            store, clock, calls, tell, records.callbacks):
        wake = store.on_queued

        def queued() -> None:
            wake()
            records.unsent.news()

        store.on_queued = queued
        records.use_delivery(thread.try_now if thread is not None else None)
        try:
            yield
        finally:
            store.on_queued = wake


def _desk_window(presenters: DeskPresenters, records: RecordPresenters, language: Language, settings: Settings,
                 percent: int) -> DeskWindow:
    locked = frozenset(look for look, key in LOOKS.items() if settings.is_locked(key))
    return DeskWindow(presenters, language, ThemeName(settings.text("desk.theme")), percent, locked, records)


def _keep_looks(window: DeskWindow, settings: Settings, calls: DeskCalls) -> None:
    keeper = LooksKeeper(settings, calls)
    keeper.setParent(window)
    window.view_changed.connect(keeper.keep)
    window.view_refused.connect(keeper.refuse)


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
