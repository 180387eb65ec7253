"""A real window over a real encrypted store, with submitted, waiting, refused and delivered tickets; all of it invented."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtTest import QTest

from app.domain.call import CallState, Phase
from app.domain.delivery import Delivered, Failed, Refused
from app.domain.dialogue import CallContext
from app.domain.errors import OperatorVisibleError
from app.domain.masking import Role
from app.domain.open_drafts import OpenDraft, open_draft
from app.domain.ticket import FieldState, FieldValue, TicketDraft
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import BEIJING
from app.platform.deadline_files import ChineseWorkCalendar, load_rules
from app.presenters.desk import DeskPresenters
from app.presenters.record_parts import CallbackHere, LockParts, RecordParts, Terms
from app.presenters.records import RecordPresenters
from app.services.call_session import CallRunner, CallSession, NoPush
from app.services.repeated_callers import RepeatedCallers
from app.store.callbacks import SqliteCallbacks
from app.store.locking import StoreLock
from app.store.outbox import SqliteOutbox
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes
from tests.widgets import sample_call
from tests.widgets.silent_line import SilentLine, find_nothing
from widgets.desk_window import DeskWindow
from widgets.language import Language
from widgets.theme.palette import ThemeName

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=BEIJING)
WORDS = "contactPhone: 号码不合规 <b>请核实</b>"
PASSPHRASE = "correct horse"


class SetClock:
    """The wall clock stands where it is put; the steady one is its own."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at, self.steady_s = at, 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.steady_s

    def run(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.steady_s += seconds


def draft(**values: object) -> TicketDraft:
    return TicketDraft(({name: FieldValue(value, FieldState.FILLED, 1.0) for name, value in values.items()},))  # type: ignore[arg-type]


def ticket(name: str, phone: str, title: str, **values: object) -> TicketDraft:
    held: Mapping[str, object] = {
        "requester_name": name, "contact_phone": phone, "region_district": "天河区", "address_detail": "试验路88号",
        "request_type": "投诉", "item_code": "020701", "title": title}
    return draft(**{**held, **values})


TICKETS = (
    (24.0, "陈试验", "13900001111", "天河区试验路工地夜间施工噪声扰民", {}),
    (22.0, "林样本", "13733334444", "越秀区样本街占道经营",
     {"region_district": "越秀区", "address_detail": "样本街3号", "item_code": "090101"}),
    (21.0, "黄测", "13522223333", "海珠区测试大道路灯不亮", {"region_district": "海珠区", "address_detail": "测试大道5号"}),
    (1.0, "吴样", "13655556666", "白云区新样路积水严重", {"region_district": "白云区", "address_detail": "新样路7号"}),
    (0.1, "欧阳试", "13800607788", "番禺区例子街停水", {"region_district": "番禺区", "address_detail": "例子街9号"}),
)


@dataclass
class RecordsDesk:
    """The window and what stands behind it."""

    window: DeskWindow
    presenters: DeskPresenters
    records: RecordPresenters
    store: SqliteTicketStore
    outbox: SqliteOutbox
    clock: SetClock
    runner: CallRunner
    numbers: list[str]
    opened: list[str] = field(default_factory=list)
    tried: list[bool] = field(default_factory=list)

    def wait_for(self, holds: Callable[[], bool], deadline_ms: int = 30_000) -> None:
        deadline_s = time.monotonic() + deadline_ms / 1000
        while not holds():
            assert time.monotonic() < deadline_s, "the window did not get there in time"
            QTest.qWait(5)

    def open_page(self) -> None:
        """Show my tickets, read."""
        assert self.window.records is not None
        self.window.records.button.click()
        self.wait_for(lambda: not self.records.tickets.view.is_reading and self.records.tickets.model.rowCount() > 0)

    def ring(self, context: CallContext, held: TicketDraft | None = None, phase: Phase = Phase.TALKING) -> None:
        """Another call at hand."""
        self.runner.session.state = CallState(context, phase, draft=held or TicketDraft())
        self.presenters.deliver(self.runner.session.state)


def fill(store: SqliteTicketStore, outbox: SqliteOutbox, clock: SetClock) -> list[str]:
    """Five tickets: two delivered, one refused, one failed, one never tried; and a draft."""
    numbers = []
    for place, (days, name, phone, title, more) in enumerate(TICKETS):
        clock.at = NOW - timedelta(days=days)
        context = CallContext(f"old-{place}", clock.at.isoformat(), "广州市", phone)
        numbers.append(store.submit(context, (), ticket(name, phone, title, **more), {}).ticket_no)
    clock.at = NOW
    rows = {message.ticket_no: message.row_id for message in outbox.messages()}
    outbox.settle(rows[numbers[0]], Delivered("R20261108-001"))
    outbox.settle(rows[numbers[1]], Delivered("R20261114-002"))
    outbox.settle(rows[numbers[2]], Refused("delivery.refused", WORDS, 422))
    outbox.settle(rows[numbers[3]], Failed("delivery.unreachable", is_line=True), (NOW + timedelta(minutes=8)).timestamp())
    store.save_draft(replace(scenes.context("draft-1"), call_time=(NOW - timedelta(minutes=40)).isoformat()), scenes.dialogue(),
                     ticket("周草稿", "13911112222", "荔湾区草稿里井盖破损"))
    store.flush()
    return numbers


class _Typed:
    """The passphrase of the lock page, against a real one."""

    def __init__(self) -> None:
        self.given = ""

    def give(self, text: str) -> None:
        self.given = text

    def fetch(self) -> bytes:
        if self.given != PASSPHRASE:
            raise OperatorVisibleError("platform.passphrase_wrong")
        return bytes(bytearray(scenes.KEY))


@contextlib.contextmanager
def opened(path: Path, language: Language, role: Role = Role.OPERATOR, after_s: float = 600.0,
           theme: ThemeName = ThemeName.LIGHT, percent: int = 100, is_filled: bool = True, agent: str = "") -> Iterator[RecordsDesk]:
    """The window, shown, with the sample call's window parts and a store of its own."""
    clock = SetClock()
    store = SqliteTicketStore(path, bytes(bytearray(scenes.KEY)), clock)
    outbox, ports, typed = SqliteOutbox(store, clock), SqliteRecords(store, clock), _Typed()
    numbers = fill(store, outbox, clock) if is_filled else []

    def drafts() -> tuple[OpenDraft, ...]:
        return tuple(open_draft(context, held) for context, _, held in store.drafts())

    class Quiet:
        def extract(self, *_: object) -> tuple[()]:
            return ()

        def display(self, utterance: object) -> str:
            return ""

    session = CallSession(sample_call.CONTEXT, Quiet(), NoPush())  # type: ignore[arg-type]
    session.state = CallState(sample_call.CONTEXT, Phase.IDLE)
    runner = CallRunner(session, lambda state, event: presenters.deliver(state))
    presenters = DeskPresenters(runner.post, SilentLine(), lambda: None, find_nothing, load_taxonomy(), load_fields())
    lock = LockParts(StoreLock(store, typed.fetch, ports), after_s, lambda: True, typed.give, typed.fetch)
    parts = RecordParts(ports, ports, outbox, drafts, RepeatedCallers(ports, ports, clock), Terms(load_rules("广州市"),
                        ChineseWorkCalendar()), clock, role, load_fields(), load_taxonomy(), lock,
                        CallbackHere(SqliteCallbacks(store), lambda: agent, lambda record_id: "", lambda: ("天河区",)) if agent else None)
    opened_drafts: list[str] = []
    tried: list[bool] = []
    records = RecordPresenters(parts, presenters, opened_drafts.append)
    window = DeskWindow(presenters, language, theme, percent, records=records)
    store.on_queued = records.unsent.news
    runner.start()
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    presenters.deliver(session.state)
    records.use_delivery(lambda: tried.append(True))
    records.start()
    made = RecordsDesk(window, presenters, records, store, outbox, clock, runner, numbers, opened_drafts, tried)
    made.wait_for(lambda: presenters.bridge.state is not None)
    try:
        yield made
    finally:
        runner.stop()
        store.on_queued = lambda: None
        records.close()
        presenters.close()
        window.close()
        window.deleteLater()
        records.deleteLater()
        presenters.deleteLater()
        QTest.qWait(1)
        if not store.is_suspended:
            store.close()
        assert "records" not in {thread.name for thread in threading.enumerate()}
