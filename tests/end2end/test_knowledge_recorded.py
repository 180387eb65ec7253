"""What becomes of knowledge is recorded in a replay's window as on the desk: shown, opened, copied, said aloud."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.assembly import ReplayOrder
from app.desk import opened_desk, run_replay
from app.domain.assist import AssistAct
from app.domain.call import Phase
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.platform.secrets import open_secrets
from app.store.assist import SqliteAssist
from app.store.ticket_store import FILE_NAME, SqliteTicketStore
from kb_cache.opening import open_kb
from widgets.desk_window import DeskWindow

ENTRY = "SP-NOISE-Q1"


@pytest.fixture
def script(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A call in which the operator says what the card says."""
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "correct horse battery")
    knowledge = open_kb(resource("sample_kb"), tmp_path / "cache")
    entry = knowledge.get(ENTRY)
    knowledge.close()
    assert entry is not None
    turns = [("operator", "您好，请问有什么可以帮您？"), ("citizen", "请问一下，工地半夜施工可以投诉吗？"),
             ("operator", entry.speakable), ("citizen", "好的谢谢。")]
    path = tmp_path / "call.json"
    path.write_text(json.dumps({"id": "said", "city": "广州市", "turns": [
        {"speaker": speaker, "text": text, "pause": 0.3} for speaker, text in turns]}, ensure_ascii=False), "utf-8")
    return path


def acts(home: Path) -> list[AssistAct]:
    store = SqliteTicketStore(home / "data" / FILE_NAME, open_secrets(home / "data", True).store_key(), SystemClock())
    found = [event.act for event in SqliteAssist(store, SystemClock()).events(ENTRY)]
    store.close()
    return found


class Operator(QObject):
    """Answers, and once the call is over copies what the best card says, then closes the window."""

    def __init__(self) -> None:
        super().__init__()
        self.can_listen = self.has_term = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._act)
        self._until, self._has_answered = time.monotonic() + 60, False
        self._timer.start(20)

    @Slot()
    def _act(self) -> None:
        window = next((each for each in QApplication.topLevelWidgets() if isinstance(each, DeskWindow) and each.isVisible()), None)
        if window is None:
            return
        state = window._presenters.bridge.state
        if state is not None and state.phase is Phase.RINGING:
            if not self._has_answered and window.isActiveWindow():
                self._has_answered = True
                QTest.keyClick(window, Qt.Key.Key_F2)
        elif (state is not None and state.phase is Phase.WRAP_UP and state.pushes) or time.monotonic() > self._until:
            self._timer.stop()
            self.can_listen = window._presenters.listening.play is not None
            self.has_term = window._presenters.wrap_up.tools.rules is not None
            copy_best(window)
            window.close()
            QApplication.quit()


def copy_best(window: DeskWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.AltModifier)


def test_in_a_replay_with_a_window(script: Path, home: Path) -> None:
    QApplication.instance() or QApplication(sys.argv[:1])
    operator = Operator()
    assert run_replay(ReplayOrder(script=script), None) is None
    operator.deleteLater()
    assert operator.can_listen and operator.has_term, "a replay's window has the tools of the desk"
    assert set(acts(home)) == {AssistAct.SHOWN, AssistAct.SPOKEN, AssistAct.OPENED, AssistAct.COPIED}


def test_on_the_desk(script: Path, home: Path) -> None:
    with opened_desk(realtime=False) as desk:

        def phase() -> Phase | None:
            return desk.presenters.bridge.state.phase if desk.presenters.bridge.state is not None else None

        def until(holds: Callable[[], bool]) -> None:
            limit = time.monotonic() + 60
            while not holds():
                assert time.monotonic() < limit
                QTest.qWait(5)

        until(lambda: phase() is Phase.IDLE)
        assert desk.presenters.knowledge.base_version.startswith("sample") and "sample" in desk.window.knowledge.age.text()
        desk.presenters.start.open_recording(script)
        until(lambda: phase() is Phase.RINGING)
        desk.window.activateWindow()
        assert QTest.qWaitForWindowActive(desk.window)
        QTest.keyClick(desk.window, Qt.Key.Key_F2)
        until(lambda: phase() is Phase.WRAP_UP)
        until(lambda: desk.presenters.knowledge.cards.cards != ())
        copy_best(desk.window)
    assert set(acts(home)) == {AssistAct.SHOWN, AssistAct.SPOKEN, AssistAct.OPENED, AssistAct.COPIED}
