"""What a layout held is given back when it is laid out anew: a day's calls change columns and chips thousands of times."""

from __future__ import annotations

import ctypes
import gc
import sys

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QPushButton, QWidget

from tests.widgets.conftest import Desk
from widgets.flow_layout import FlowLayout

ROUNDS = 100


class _Allocated(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"))


def in_use() -> int:
    """Bytes that the C library has given out."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        pytest.skip("only the GNU C library tells")
    library.mallinfo2.restype = _Allocated
    gc.collect()
    return int(library.mallinfo2().uordblks)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the GNU C library")
def test_columns_laid_out_anew_keep_no_memory(desk: Desk) -> None:
    form = desk.window.ticket

    def turn() -> None:
        for columns in (1, 2):
            form._columns = 3 - columns  # as if the window were dragged over the width where they change
            for editor in form.editors.values():
                form._grids[editor.view.section].removeWidget(editor)
            form._place_editors(columns)
            QCoreApplication.sendPostedEvents()

    turn()
    before = in_use()
    for _ in range(ROUNDS):
        turn()
    assert (in_use() - before) / ROUNDS < 1_000  # 80 items of 96 bytes a round, where they stay


@pytest.mark.skipif(sys.platform != "linux", reason="asks the GNU C library")
def test_chips_that_went_keep_no_memory(application: object) -> None:
    box = QWidget()
    flow = FlowLayout(4, box)
    first = QPushButton("stays")
    flow.addWidget(first)

    def turn() -> None:
        for _ in range(10):
            flow.addWidget(QPushButton("goes"))
        flow.drop(1)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.sendPostedEvents()

    for _ in range(50):
        turn()
    before = in_use()
    for _ in range(ROUNDS):
        turn()
    assert flow.count() == 1
    assert first.parentWidget() is box
    assert len(box.findChildren(QPushButton)) == 1
    assert (in_use() - before) / ROUNDS < 300  # ten items of 96 bytes a round, where they stay
    box.deleteLater()
