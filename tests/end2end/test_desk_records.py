"""The panels on submitted tickets in the real desk: a ticket of today is listed, the desk locks and opens with its real key."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import Desk
from app.desk_records import TypedKey
from app.domain.call import Phase
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.presenters.ticket_lines import Standing
from tests.end2end.test_desk import PASSPHRASE, SCRIPT, desk, kept, phase, submit, take_call, until

__all__ = ["desk", "kept"]  # fixtures


def test_a_ticket_of_today_is_listed_and_the_lock_keeps_it(desk: Desk, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.calls.open_recording(SCRIPT)
    take_call(desk)
    number = submit(desk)
    QTest.keyClick(desk.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    model = desk.records.tickets.model
    until(lambda: model.place(number) >= 0, "the ticket is listed")
    line = model.line(model.place(number))
    assert line is not None
    assert line.standing is Standing.QUEUED
    until(lambda: desk.records.unsent.view.waiting == 1, "nothing delivers: it is counted")
    desk.calls.next_call()
    until(lambda: phase(desk) is Phase.IDLE, "idle again")
    monkeypatch.delenv("TINGDAN_PASSPHRASE")
    desk.records.idle.lock_now()
    until(lambda: desk.records.idle.view.is_locked, "it locks")
    assert desk.records.idle.view.needs_passphrase
    for given, opens in (("wrong passphrase", False), (PASSPHRASE, True)):
        desk.records.idle.unlock(given)
        until(lambda: not desk.records.idle.view.is_opening, "an answer")
        assert desk.records.idle.view.is_locked is not opens
    until(lambda: not desk.records.tickets.view.is_reading and model.place(number) >= 0, "listed again")


def test_what_was_typed_is_tried_once_and_forgotten(desk: Desk, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = TypedKey()
    assert not typed.is_needed()  # the environment has it
    monkeypatch.delenv("TINGDAN_PASSPHRASE")
    assert typed.is_needed()
    with pytest.raises(EnvironmentFault, match="passphrase_needed"):
        typed.fetch()
    typed.give("another one")
    with pytest.raises(OperatorVisibleError, match="passphrase_wrong"):
        typed.fetch()
    typed.give(PASSPHRASE)
    assert typed.fetch() is not typed.fetch()
    typed.prove()
