"""A whole call by keyboard in the real window on a virtual screen: keys by xdotool, heard and seen by AT-SPI, both from outside.

Nothing of the window's process is touched: what the operator does goes through the X server, what the test knows comes over the
accessibility bus, as for a screen reader, and from the encrypted store at the end.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("jeepney", reason="D-Bus is of Linux")
pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest

from app.desk import opened_desk
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.platform.secrets import open_secrets
from app.store.ticket_store import FILE_NAME, SqliteTicketStore
from tests.bench import effort
from tests.bench.gold import same
from tests.end2end.at_spi import FOCUSABLE, FOCUSED, SENSITIVE, SHOWING, Control, Listener, Reader, accessibility_bus
from tests.end2end.virtual_screen import BUS_LAUNCHER, PASSPHRASE, OutsideDesk, session_bus, until, virtual_screen

SCRIPT = resource("sample_calls") / "night-construction.json"
PRESSED_ROLES = frozenset({"push button", "check box", "text", "button menu", "page tab", "list", "button"})


class Reading:
    """A screen reader beside a desk."""

    def __init__(self, desk: OutsideDesk, reader: Reader, listener: Listener) -> None:
        self.desk, self._reader, self.listener = desk, reader, listener
        found: list[tuple[str, str]] = []

        def is_there() -> bool:
            application = reader.application(desk.process.pid)
            found.extend([application] if application is not None else [])
            return bool(found)

        until(is_there, "the desk is on the accessibility bus")
        self._root = found[0]
        self._fields: dict[str, Control] = {}

    def controls(self) -> list[Control]:
        """All that is to be seen."""
        return list(self._reader.walk(*self._root))

    def named(self, name: str, role: str = "") -> Control | None:
        """The control of a name that is to be seen."""
        return next((each for each in self.controls() if each.name == name and role in ("", each.role) and SHOWING in each.states), None)

    def field(self, label: str) -> Control:
        """A field of the form."""
        if not self._fields:
            self._fields = {each.name: each for each in self.controls() if each.role == "text"}
        known = self._fields[label]
        return self._reader.read(known.bus_name, known.path) or known

    def focused(self) -> str:
        """Name of the control that has the keyboard."""
        paths = [event.path for event in tuple(self.listener.heard) if event.detail == "focused" and event.value]
        control = self._reader.read(self._root[0], paths[-1]) if paths else None
        return control.name if control is not None and FOCUSED in control.states else ""

    def wait_for_focus(self, name: str) -> None:
        """Until a control has the keyboard."""
        until(lambda: self.focused() == name, f"the keyboard is at {name}")

    def wait_for_state(self, label: str, words: str) -> None:
        """Until a field tells a state."""
        until(lambda: words in self.field(label).description, f"{label} says {words}")


@pytest.fixture
def reading(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reading]:
    """A ringing call on a screen of its own, a screen reader listening."""
    if not BUS_LAUNCHER.exists():
        pytest.skip("at-spi2-core is not installed (installer/system-packages.txt)")
    monkeypatch.setenv("TINGDAN_PASSPHRASE", PASSPHRASE)
    with virtual_screen() as display, session_bus() as session:
        monkeypatch.setenv("XDG_CACHE_HOME", str(home))  # the accessibility bus puts its socket there
        monkeypatch.setenv("DISPLAY", display)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session)
        bus = accessibility_bus(session)
        listener, reader = Listener(bus, "object:announcement", "object:state-changed:focused"), Reader(bus)
        env = {**os.environ, "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        desk = OutsideDesk(("replay", "--text", str(SCRIPT), "--window", "--speed", "max"), env)
        try:
            desk.come_up()
            yield Reading(desk, reader, listener)
        finally:
            desk.kill()
            listener.close()
            reader.close()


def stored(home: Path) -> list[dict[str, object]]:
    """Fields of the submitted tickets."""
    path = home / "data" / FILE_NAME
    if not path.exists():
        return []
    store = SqliteTicketStore(path, open_secrets(home / "data", store_exists=True).store_key(), SystemClock())
    try:
        return [{name: held["value"] for name, held in ticket.fields.items() if isinstance(held, dict) and "value" in held}
                for ticket in store.tickets()]
    finally:
        store.close()


def test_a_whole_call_by_keyboard_as_a_screen_reader_hears_it(reading: Reading, home: Path) -> None:
    desk = reading.desk
    assert_every_control_is_named(reading)
    assert_tab_goes_round(reading)
    desk.press("ctrl+k")
    until(lambda: reading.focused() == "命令面板", "the palette has the keyboard")
    desk.press("Escape")
    until(lambda: reading.focused() != "命令面板", "the palette is closed")
    until(lambda: reading.focused() != "", "the desk has the keyboard again, though no window manager gives it back")
    desk.press("F2")
    until(lambda: "通话中" in reading.listener.words(), "answering is announced")
    until(lambda: any(words.startswith("新知识卡片") for words in reading.listener.words()), "a new card is announced")
    until(lambda: "话后整理" in reading.listener.words(), "the end of the call is announced")
    reading.wait_for_state("联系电话", "已填")
    desk.press("alt+1")
    until(lambda: any(each.name == "完整答案" for each in reading.controls()), "the card is open")
    # The phone is corrected: to the form, along to it, over what stands there.
    desk.press("F6")
    reading.wait_for_focus("诉求类型")
    tab_to(reading, "联系电话")
    desk.press(*"13800605219")
    tab_to(reading, "备用电话")
    reading.wait_for_state("联系电话", "已改")
    # The address is taken as it stands.
    desk.press("F6")
    reading.wait_for_focus("诉求类型")
    tab_to(reading, "详细地址")
    desk.press("Return")
    reading.wait_for_state("详细地址", "确认")
    for _ in range(12):  # whatever is only suggested: looked at, taken, until the button has the keyboard
        if reading.focused() == "提交工单":
            break
        before = reading.focused()
        desk.press("Return")
        until(lambda held=before: reading.focused() not in (held, ""), f"the keyboard goes on from {before}")  # type: ignore[misc]
    assert reading.focused() == "提交工单"
    desk.press("Return")
    until(lambda: "已提交" in reading.listener.words(), "submitting is announced")
    values = stored(home)[0]
    assert values["contact_phone"] == "13800605219"
    assert values["requester_name"] == "程思远"
    assert "员村二横路42号" in str(values["address_detail"])
    desk.quit()


def answer(reading: Reading) -> None:
    """Take the call; again where a busy screen lost the key: a call that runs or is over does not mind."""
    pause = threading.Event()
    for _ in range(6):
        reading.desk.press("F2")
        for _ in range(40):
            if "通话中" in reading.listener.words() or "话后整理" in reading.listener.words():
                return
            pause.wait(0.25)
    pytest.fail("answering is not announced")


def test_the_keys_that_the_effort_bench_counts_bring_the_same_ticket_when_pressed_from_outside(
        reading: Reading, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("TINGDAN_HOME", str(tmp_path / "other"))
    with opened_desk(realtime=False) as desk:
        effort.until(lambda: desk.presenters.bridge.state is not None, "the desk waits")
        simulated = effort.measure(desk, effort.read(SCRIPT), None)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # its window is gone before the next one comes
    QTest.qWait(1)
    counted = simulated.ours.total()
    assert counted.presses <= 0.3 * simulated.hand.total().presses
    assert counted.clicks == 0
    outside = reading.desk
    answer(reading)
    until(lambda: "话后整理" in reading.listener.words(), "the call is over")
    until(lambda: reading.focused() not in ("", "通话内容"), "the keyboard is at the first field to look at")
    outside.pressed.clear()
    for key in simulated.keys:
        before = reading.focused()
        outside.press(key)
        until(lambda held=before: reading.focused() not in (held, "") or "已提交" in reading.listener.words(), f"{key} did something")  # type: ignore[misc]
    until(lambda: "已提交" in reading.listener.words(), "the ticket is stored")
    assert sum(1 + key.count("+") for key in outside.pressed) == counted.keys
    values = stored(home)[0]
    wanted = {name: value for (_, name), value in effort.read(SCRIPT).goal.items()}
    assert {name for name, value in wanted.items() if name in values and not same(name, value, values[name])} == set()
    assert len(wanted.keys() & values.keys()) > 10


def assert_every_control_is_named(reading: Reading) -> None:
    """All that can be pressed or written into has a name and is on the way of the Tab key or has a key of its own."""
    seen = [each for each in reading.controls() if each.role in PRESSED_ROLES and SHOWING in each.states]
    assert len(seen) > 50
    assert [(each.role, each.description, each.path) for each in seen if not each.name] == []


def tab_to(reading: Reading, name: str) -> None:
    """Tab until a field has the keyboard, field by field."""
    for _ in range(30):
        before = reading.focused()
        if before == name:
            return
        reading.desk.press("Tab")
        until(lambda held=before: reading.focused() not in (held, ""), f"Tab goes on from {before}")  # type: ignore[misc]
    pytest.fail(f"Tab does not come to {name}")


def assert_tab_goes_round(reading: Reading) -> None:
    """Before the call the keyboard stands in the conversation, and Tab leads from the knowledge to the form in the order of reading."""
    reading.desk.press("F6")
    reading.wait_for_focus("诉求类型")
    order = []
    for _ in range(6):
        before = reading.focused()
        order.append(before)
        reading.desk.press("Tab")
        until(lambda held=before: reading.focused() not in (held, ""), f"Tab goes on from {before}")  # type: ignore[misc]
    assert order == ["诉求类型", "紧急程度", "事项", "主办单位", "办结时限", "审核时限"]
    focusable = [each for each in reading.controls() if each.role == "text" and {FOCUSABLE, SENSITIVE, SHOWING} <= each.states]
    assert len(focusable) > 15
