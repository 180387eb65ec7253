"""What the desk records of a real call in the real window: right figures, and nothing of the person."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import Desk
from app.domain.call import FieldConfirmed, FieldEdited, Phase
from app.domain.call_record import CallKind, CallRecord, FieldOutcome, FieldRecord
from app.domain.call_record_form import to_json
from app.platform.clock import SystemClock
from app.store.call_records import SqliteCallRecords
from tests.end2end.test_desk import desk, kept, phase, stored, take_call, until

__all__ = ["desk", "kept"]
NAME, SPOKEN, PHONE = "陈建军", "幺三五六七八九零幺二三", "13567890123"
IDENTITY, ADDRESS, TYPED = "440106199003078515", "试验新村十八栋三零二", "广东试验一号有限公司"
TURNS = [
    ("operator", "您好政府热线工号八零一六请问有什么可以帮您"),
    ("citizen", f"你好我叫{NAME}，我要投诉我们小区楼下半夜施工噪音很大"),
    ("operator", "请问您的联系电话是多少"),
    ("citizen", f"我的电话是{SPOKEN}"),
    ("operator", f"好的{SPOKEN}对吗请问地址在哪里"),
    ("citizen", f"对的在广州市天河区车陂街道{ADDRESS}身份证是四四零幺零六幺九九零零三零七八五幺五"),
    ("operator", "好的已经帮您记录会转给相关部门处理请问还有其他问题吗"),
    ("citizen", "没有了谢谢"),
]


def script(folder: Path) -> Path:
    path = folder / "call.json"
    turns = [{"speaker": speaker, "text": text, "start_ms": 4000 * at, "end_ms": 4000 * at + 3000}
             for at, (speaker, text) in enumerate(TURNS)]
    path.write_text(json.dumps({"city": "广州市", "call_time": "2026-11-20T22:30:00+08:00", "turns": turns}), "utf-8")
    return path


def field(record: CallRecord, name: str) -> FieldRecord:
    return next(each for each in record.fields if each.name == name)


def test_a_call_leaves_figures_and_no_word_of_the_person(desk: Desk, kept: Path, tmp_path: Path) -> None:
    desk.presenters.start.open_recording(script(tmp_path))
    take_call(desk)
    handle = desk.window.windowHandle()
    for _ in range(3):
        QTest.keyClick(handle, Qt.Key.Key_F9)
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, desk.window.rect().center())
    state = desk.presenters.bridge.state
    assert state is not None
    assert (state.draft.get("requester_name").value, state.draft.get("contact_phone").value) == (NAME, PHONE)
    desk.calls.post(FieldEdited("requester_name", NAME + "子"))
    desk.calls.post(FieldConfirmed("contact_phone"))
    desk.calls.post(FieldEdited("org_name", TYPED))
    desk.calls.post(FieldEdited("lead_unit", TYPED))
    desk.calls.post(FieldEdited("item_code", "040501"))
    desk.calls.submit()
    until(lambda: phase(desk) is Phase.SUBMITTED, "the ticket is stored")
    store = stored(kept)
    try:
        record, = SqliteCallRecords(store, SystemClock()).records()
        assert SqliteCallRecords(store, SystemClock()).call_of(record.record_id) == state.context.call_id
    finally:
        store.close()
    told = json.dumps(to_json(record), ensure_ascii=False)
    words = [NAME, NAME[:2], SPOKEN, SPOKEN[:6], PHONE, PHONE[-8:], IDENTITY, IDENTITY[6:14], ADDRESS, ADDRESS[:4], TYPED, "十八栋",
             "施工噪音"]
    assert [word for word in words if word in told] == []
    assert state.context.call_id not in told
    assert (field(record, "requester_name").outcome, field(record, "requester_name").proposed) == (FieldOutcome.EDITED, "filled")
    assert field(record, "requester_name").distance == pytest.approx(0.25)
    phone = field(record, "contact_phone")
    assert (phone.outcome, phone.confirmed, phone.distance) == (FieldOutcome.TAKEN, True, 0.0)
    assert field(record, "org_name").outcome is FieldOutcome.TYPED
    choices = {each.name: each for each in record.choices}
    assert choices["lead_unit"].submitted == "?"
    assert choices["item_code"].submitted == "040501"
    assert (record.kind, record.city, record.district, record.street) == (CallKind.REPLAY, "广州市", "天河区", "车陂街道")
    assert record.effort.keys >= 3
    assert record.effort.clicks >= 1
    assert [side.side for side in record.sound] == ["citizen", "agent"]
    assert {"program", "model", "knowledge", "rules"} <= record.versions.keys()
