"""A real window on the offscreen platform, fed by the real call thread; any Qt warning fails the test."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain.call import CallAnswered, CallEvent, CallState
from app.domain.dialogue import CallContext, Utterance, UtteranceFinal
from app.domain.knowledge import KnowledgeQuery, Ranked
from app.domain.ticket import FieldState, Hit
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.presenters.desk import DeskPresenters
from app.services.call_session import CallRunner, CallSession, NoPush
from tests.widgets import sample_call
from widgets.application import prepare_application
from widgets.desk_window import DeskWindow
from widgets.language import Language, LanguageName

# The offscreen platform has no window manager to talk to.
_HARMLESS = ("This plugin does not support ",)


class SampleExtractor:
    """Port ``Extractor`` over the sample call: a field is found once its evidence was said."""

    def extract(self, dialogue: Sequence[Utterance], context: CallContext) -> tuple[Hit, ...]:
        hits = []
        for name, value in sample_call.draft().matters[0].items():
            said_by = max((piece.utterance for piece in value.evidence), default=-1)
            if value.value is not None and said_by < len(dialogue):
                state = value.state if value.state is FieldState.SUGGESTED else FieldState.FILLED
                hits.append(Hit(name, value.value, state, value.confidence, value.evidence, "sample",
                                value.code, value.alternatives))
        return tuple(hits)

    def display(self, utterance: Utterance) -> str:
        return utterance.display


@dataclass
class Phone:
    """Port ``CallControl`` that remembers what was asked."""

    asked: list[str] = field(default_factory=list)

    def answer(self) -> None:
        self.asked.append("answer")

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def hang_up(self) -> None:
        self.asked.append("hang_up")

    def hand_over(self, number: str) -> None:
        self.asked.append(number)


@dataclass
class Desk:
    """The window and what stands behind it."""

    window: DeskWindow
    presenters: DeskPresenters
    runner: CallRunner
    phone: Phone
    language: Language
    submitted: list[CallState]
    searched_on: set[str]

    def say(self, count: int = 10) -> None:
        """Let the first ``count`` utterances of the sample call be said."""
        self.runner.post(CallAnswered())
        for utterance in sample_call.dialogue()[:count]:
            self.runner.post(UtteranceFinal(f"u{utterance.index}", utterance, utterance.end_ms))
        self.wait_for(lambda: len(self.state.dialogue) >= count)

    @property
    def state(self) -> CallState:
        """What is on the screen."""
        return self.presenters.bridge.state or sample_call.ringing()

    def wait_for(self, holds: Callable[[], bool], deadline_ms: int = 30_000) -> None:
        deadline_s = time.monotonic() + deadline_ms / 1000
        while not holds():
            assert time.monotonic() < deadline_s, "the window did not get there in time"
            QTest.qWait(5)


@pytest.fixture(scope="session")
def application() -> Language:
    app = QApplication.instance() or QApplication(["tests"])
    assert isinstance(app, QApplication)
    return prepare_application(app)


@pytest.fixture(autouse=True)
def qt_messages() -> Iterator[list[str]]:
    """Fails a test during which Qt warned."""
    heard: list[str] = []

    def hear(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not text.startswith(_HARMLESS):
            heard.append(text)

    before = qInstallMessageHandler(hear)
    yield heard
    qInstallMessageHandler(before)
    assert not heard, f"Qt said: {heard}"


@pytest.fixture
def desk(application: Language) -> Iterator[Desk]:
    """A shown window with a call ringing."""
    phone, submitted, searched_on = Phone(), [], set()

    def search(query: KnowledgeQuery) -> tuple[Ranked, ...]:
        searched_on.add(threading.current_thread().name)
        return tuple(Ranked(entry, 0.5, (query.text,)) for entry in sample_call.entries() if query.text in entry.title)

    def post(event: CallEvent) -> None:
        runner.post(event)

    presenters = DeskPresenters(post, phone, lambda: submitted.append(runner.session.state), search,
                                load_taxonomy(), load_fields())
    session = CallSession(sample_call.CONTEXT, SampleExtractor(), NoPush())
    runner = CallRunner(session, lambda state, event: presenters.deliver(state))
    runner.start()
    window = DeskWindow(presenters, application)
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    presenters.deliver(session.state)
    made = Desk(window, presenters, runner, phone, application, submitted, searched_on)
    made.wait_for(lambda: presenters.bridge.state is not None)
    yield made
    runner.stop()
    presenters.close()
    window.close()
    QTest.qWait(1)
    running = [timer.objectName() or timer.parent().__class__.__name__
               for owner in (window, presenters) for timer in owner.findChildren(QTimer) if timer.isActive()]
    application.use(LanguageName.CHINESE)
    window.deleteLater()
    presenters.deleteLater()
    QTest.qWait(1)
    assert not running, f"timers left running: {running}"
