"""An update and a recall reach the running desk in the middle of a call: real publisher, real web server, real update process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.assembly import updates_folder
from app.assembly_knowledge import running_updates
from app.cli import main
from app.desk import Desk, opened_desk
from app.domain.call import Phase
from app.platform.settings import load_settings
from kb_cache.update_poll import UpdatePoll
from tests.end2end.test_desk import OTHER, PASSPHRASE, phase, settle, take_call, until
from tests.kb_cache.publishing import new_publisher, rows, serving
from widgets.entry_view import Page

PICTURES = os.environ.get("TINGDAN_PICTURES", "")
"""A folder for pictures of what is seen, to be looked at; none in a usual run."""


@pytest.fixture
def polls(monkeypatch: pytest.MonkeyPatch) -> list[UpdatePoll]:
    """The desk's own look for updates, so that nobody waits for its next minute."""
    held: list[UpdatePoll] = []
    @contextlib.contextmanager
    def noted(*arguments: Any) -> Iterator[UpdatePoll | None]:
        with running_updates(*arguments) as poll:
            assert poll is not None
            held.append(poll)
            yield poll

    monkeypatch.setattr("app.desk.running_updates", noted)
    return held


def picture(desk: Desk, name: str) -> None:
    if PICTURES:
        QTest.qWait(100)
        desk.window.grab().save(str(Path(PICTURES) / f"{name}.png"))


def test_update_and_recall_mark_the_open_entry_of_the_call(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                           polls: list[UpdatePoll]) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", PASSPHRASE)
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    updates_folder().folder.mkdir(parents=True)
    updates_folder().trust((publisher.public / "metadata" / "1.root.json").read_bytes())
    with serving(publisher.public) as server:
        for key, value in (("knowledge.address", server.address), ("knowledge.proxy", "none")):
            load_settings().put(key, value)
        assert main(["kb", "update"]) == 0
        with opened_desk(realtime=False) as desk:
            until(lambda: phase(desk) is Phase.IDLE, "the desk waits")
            desk.calls.open_recording(OTHER)
            take_call(desk)
            read_in_the_call(desk)
            publisher.publish(rows(e2="先在网上预约，再带户口本到2号窗口办理。"), "stable", "v2")
            polls[0].look_now()
            answer, changes = desk.window.knowledge.view.answer.text, desk.window.knowledge.view.changes
            until(lambda: "已更新" in answer.toPlainText(), "the open entry is marked")
            assert "带身份证到2号窗口办理。" in answer.toPlainText(), "the call keeps its text"
            picture(desk, "updated")
            QTest.keyClick(desk.window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
            until(lambda: "户口本" in changes.text.toPlainText(), "what changed is shown")
            picture(desk, "changes")
            publisher.recall("stable", "e2", "依据已废止")
            polls[0].look_now()
            until(lambda: "已撤回" in answer.toPlainText(), "the open entry is taken away")
            for page in (answer, changes.text):
                assert "身份证" not in page.toPlainText()
            assert desk.window.knowledge.view.buttons[Page.CHANGES].isHidden(), "nor are its words to be read struck out"
            listed, = [card for card in desk.presenters.knowledge.results.cards if card.entry.id == "e2"]
            assert "补办，编号2" not in listed.entry.speakable
            until(lambda: any(notice.key == "kb_update.recalled_shown" for notice in notices(desk)), "the operator is told")
            picture(desk, "recalled")
            desk.calls.next_call()
            until(lambda: phase(desk) is Phase.IDLE, "idle again")
    settle()


def notices(desk: Desk) -> tuple[Any, ...]:
    state = desk.presenters.bridge.state
    return state.notices if state is not None else ()


def read_in_the_call(desk: Desk) -> None:
    """Find an entry by typing, and open it."""
    QTest.keyClick(desk.window, Qt.Key.Key_F3)
    desk.window.knowledge.search.setText("第2号证件遗失补办")
    found = desk.presenters.knowledge.results
    until(lambda: any(card.entry.id == "e2" for card in found.cards), "entries are found")
    QTest.keyClick(desk.window.knowledge.search, Qt.Key.Key_Return)
    desk.window.knowledge.results.stand_on("e2")
    QTest.keyClick(desk.window.knowledge.results, Qt.Key.Key_Return)
    until(lambda: "2号窗口" in desk.window.knowledge.view.answer.text.toPlainText(), "the entry is open")
