"""A desk in a process of its own that takes a sample call as far as a draft and then waits to be killed: for test_desk."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from app.desk import opened_desk
from app.domain.call import FieldEdited, MomentFlagged, Phase

with opened_desk(realtime=False) as desk:
    desk.calls.open_recording(Path(sys.argv[1]))
    edited: list[bool] = []

    def drive() -> None:
        state = desk.presenters.bridge.state
        if state is not None and state.phase is Phase.RINGING:
            desk.calls.answer()
        elif state is not None and state.phase is Phase.WRAP_UP and not edited:
            edited.append(True)
            desk.calls.post(MomentFlagged(state.dialogue[3].start_ms))
            desk.calls.post(FieldEdited("landmark", "南门"))

    timer = QTimer()
    timer.timeout.connect(drive)
    timer.start(50)
    desk.app.exec()
