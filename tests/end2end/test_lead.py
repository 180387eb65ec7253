"""A call taken at the real desk is seen in the real lead's window beside it: its figures, its fields, its ticket, masked and audited."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableWidget

from app.assembly_lead import LeadOrder
from app.desk import Desk
from app.domain.audit import Action
from app.domain.call import FieldConfirmed, FieldEdited, Phase
from app.lead_desk import opened_lead, wait_for_page
from app.platform.clock import SystemClock
from app.presenters.lead import Page
from app.store.records import SqliteRecords
from tests.end2end.test_call_record import NAME, PHONE, script
from tests.end2end.test_desk import desk, kept, phase, stored, take_call, until
from widgets.lead_call import CallDialog
from widgets.lead_page import TableBox

__all__ = ["desk", "kept"]


def test_from_the_desk_to_the_lead(desk: Desk, kept: Path, tmp_path: Path) -> None:
    desk.presenters.start.open_recording(script(tmp_path))
    take_call(desk)
    desk.calls.post(FieldEdited("requester_name", NAME + "子"))
    desk.calls.post(FieldConfirmed("contact_phone"))
    desk.calls.submit()
    until(lambda: phase(desk) is Phase.SUBMITTED, "the ticket is stored")
    with opened_lead(LeadOrder(), SystemClock()) as lead:
        wait_for_page(lead.presenter)
        lead.presenter.show_page(Page.BY)
        wait_for_page(lead.presenter)
        table = next(box for box in lead.window.page.findChildren(TableBox) if box.isVisible()).view.held.table
        shares = {row.cells[0]: row.cells[3] for row in table.rows}
        assert (shares["contact_phone"].hits, shares["contact_phone"].total) == (1, 1)  # type: ignore[union-attr]
        assert (shares["requester_name"].hits, shares["requester_name"].total) == (0, 1)  # type: ignore[union-attr]
        lead.presenter.show_page(Page.CALLS)
        wait_for_page(lead.presenter)
        view = next(box for box in lead.window.page.findChildren(TableBox) if box.isVisible()).view
        row = view.current_row()
        assert row is not None
        lead.presenter.ask_record(row.record_id)
        until(lambda: bool(lead.window.findChildren(CallDialog)), "the call is shown")
        dialog = lead.window.findChildren(CallDialog)[0]
        dialog.ticket_button.click()
        until(lambda: not dialog.ticket_button.isEnabled(), "its ticket is shown")
        fields = dialog.findChildren(QTableWidget)[-1]
        values = {fields.item(place, 1).text() for place in range(fields.rowCount())}
        assert {NAME + "子", PHONE} <= values  # an operator sees the own tickets in the open, as in "my tickets"
        dialog.reject()
        QTest.qWait(1)
    store = stored(kept)
    try:
        assert [entry.action for entry in SqliteRecords(store, SystemClock()).entries()].count(Action.SAW) == 1
    finally:
        store.close()
