"""Training at the real desk: nothing is prefilled, submitting scores, and neither store nor outbox nor record of use has anything of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtWidgets import QApplication

from app.desk import Desk, opened_desk
from app.domain.call import FieldEdited, Phase
from app.domain.ticket import FieldState
from app.presenters.training import Column
from tests.end2end.test_desk import PASSPHRASE, phase, settle, stored, take_call, until
from widgets.training_dialog import ScoreDialog, TrainingDialog


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", PASSPHRASE)
    with opened_desk(realtime=False) as held:
        held.window.activateWindow()
        until(lambda: phase(held) is Phase.IDLE, "the desk waits")
        yield held
    settle()


def test_a_trainee_fills_in_is_scored_and_nothing_is_stored(desk: Desk, home: Path) -> None:
    desk.window.tools.show_training()
    choice = QApplication.activeModalWidget()
    assert isinstance(choice, TrainingDialog)
    place = next(row for row in range(choice.list.model().rowCount()) if "工地" in str(choice.list.model().index(row, 0).data()))
    choice.list.setCurrentIndex(choice.list.model().index(place, 0))
    choice.start_button.click()
    take_call(desk)
    state = desk.presenters.bridge.state
    assert state is not None
    assert len(state.dialogue) > 10
    held = [value for value in state.draft.matters[0].values() if value.state in (FieldState.FILLED, FieldState.SUGGESTED)]
    assert held == [], "nothing is prefilled"
    desk.calls.post(FieldEdited("contact_phone", "13800605217"))
    desk.calls.post(FieldEdited("requester_name", "程思源"))
    desk.calls.submit()
    until(lambda: isinstance(QApplication.activeModalWidget(), ScoreDialog), "the result is shown")
    result = QApplication.activeModalWidget()
    assert isinstance(result, ScoreDialog)
    model = result.table.model()
    told = {str(model.index(row, Column.FIELD).data()): [str(model.index(row, column).data()) for column in Column]
            for row in range(model.rowCount())}
    assert "正确" in told["联系电话"][Column.VERDICT]
    assert told["联系电话"][Column.EVIDENCE]
    assert "错误" in told["诉求人姓名"][Column.VERDICT]
    assert told["诉求人姓名"][Column.WANTED] == "程思远"
    result.accept()
    desk.calls.next_call()
    until(lambda: phase(desk) is Phase.IDLE, "idle again")
    store = stored(home)
    try:
        assert store.drafts() == ()
        assert store.tickets() == ()
        assert store.outbox() == () if hasattr(store, "outbox") else True
    finally:
        store.close()
