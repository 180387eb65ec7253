"""A list of 100,000 tickets: opened at once, read page by page, no slot of the GUI thread longer than a frame.

Times are the GUI thread's processor time, so that a machine busy with other work does not fail the test. Rows are put into the
store's list directly; only the search index, which this list does not ask, is left out.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest

from app.store import listing
from app.store.ticket_store import SqliteTicketStore
from tests.widgets.records_desk import NOW, opened
from widgets.language import Language

COUNT, FRAME_MS = 100_000, 16.0


def fill(store: SqliteTicketStore) -> None:
    rows = []
    for number in range(COUNT):
        at = NOW - timedelta(minutes=5 * number)
        ticket_no = f"{at:%y%m%d%H%M%S}{number:06d}"
        rows.append([listing.first_id(at), ticket_no[::-1], ticket_no, "", f"c{number}", at.isoformat(), "已结案", "投诉",
                     "020701", f"天河区试验路第{number}件", "陈试验", "", f"139{number:08d}",
                     "天河区", f"试验路{number}号", "", "一般", "", "", "", ""])
    columns = "id, number_end, " + listing.COLUMNS
    store.writing(lambda db: db.conn.executemany(
        f"INSERT INTO listed ({columns}) VALUES ({', '.join('?' * 21)})", rows))


def test_a_hundred_thousand_tickets_stay_smooth(application: Language, tmp_path: Path) -> None:
    with opened(tmp_path / "tickets.db", application, is_filled=False) as desk:
        fill(desk.store)
        desk.open_page()
        assert desk.window.records is not None
        model, view = desk.records.tickets.model, desk.window.records.page.list
        assert model.rowCount() == 100  # the first page, not all of them
        assert desk.records.tickets.view.has_more
        slots = []
        for _ in range(12):  # to the end of what is there, again and again
            QTest.qWait(1)
            before, count = time.thread_time(), model.rowCount()
            QTest.keyClick(view, Qt.Key.Key_End)
            view.grab()
            slots.append((time.thread_time() - before) * 1000)
            desk.wait_for(lambda count=count: model.rowCount() > count)  # type: ignore[misc]
        assert model.rowCount() >= 1200
        print(f"slots ms: p50 {sorted(slots)[6]:.1f}, worst {max(slots):.1f}")
        assert sorted(slots)[9] <= FRAME_MS  # a key, a scroll and a whole picture of the list
        deep = _read_on(desk.records.tickets, model, 10_000, desk)
        begin = time.thread_time()
        model.append((), has_more=False)
        view.scrollToBottom()
        view.grab()
        took_ms = (time.thread_time() - begin) * 1000
        print(f"{deep} lines: {took_ms:.1f} ms")
        assert took_ms <= FRAME_MS
        line = model.line(deep - 1)
        assert line is not None
        assert line.call_id == f"c{deep - 1}"  # none twice, none left out


def _read_on(presenter: object, model: object, wanted: int, desk: object) -> int:
    """Read pages as the view would, without drawing each."""
    while model.rowCount() < wanted:  # type: ignore[attr-defined]
        count = model.rowCount()  # type: ignore[attr-defined]
        model.fetchMore(QModelIndex())  # type: ignore[attr-defined]
        desk.wait_for(lambda count=count: model.rowCount() > count)  # type: ignore[attr-defined,misc]
    return int(model.rowCount())  # type: ignore[attr-defined]


@pytest.mark.parametrize("typed", ["试验路5号", "99999"])
def test_typing_asks_the_store_off_the_gui_thread(application: Language, tmp_path: Path, typed: str) -> None:
    with opened(tmp_path / "tickets.db", application) as desk:
        desk.open_page()
        begin = time.thread_time()
        for length in range(1, len(typed) + 1):
            desk.records.tickets.type_query(typed[:length])
        assert (time.thread_time() - begin) * 1000 <= FRAME_MS
        desk.wait_for(lambda: not desk.records.tickets.view.is_reading and desk.records.tickets.view.text == typed
                      and not desk.records.tickets._typing.isActive())
