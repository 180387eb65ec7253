"""A screen reader's side of AT-SPI, over D-Bus alone: another process's controls by name and role, and what they announce.

Needs the accessibility bus (Debian ``at-spi2-core``) and a session bus; the client is jeepney, which the keyring brings along.
Interfaces: org.a11y.atspi.Accessible, Registry and Event.Object as the AT-SPI 2 specification has them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, MessageType, Properties, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

ROOT_PATH = "/org/a11y/atspi/accessible/root"
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_REGISTRY = "org.a11y.atspi.Registry"
# AtspiStateType, the bits that are looked at.
FOCUSABLE, FOCUSED, SENSITIVE, SHOWING = 11, 12, 24, 25
REPLY_S = 20.0


@dataclass(frozen=True, slots=True)
class Control:
    """One accessible object of a process."""

    bus_name: str
    path: str
    name: str
    role: str
    states: frozenset[int]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Announced:
    """An event: its kind ("Announcement", "StateChanged") and its words or detail."""

    kind: str
    detail: str
    value: int
    words: str
    path: str


def accessibility_bus(session: str) -> str:
    """Address of the accessibility bus of a session bus, which starts it where it is not running."""
    connection = open_dbus_connection(session)
    try:
        asked = new_method_call(DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus"), "GetAddress")
        return str(connection.send_and_get_reply(asked, timeout=REPLY_S).body[0])
    finally:
        connection.close()


class Reader:
    """A connection that walks trees.

    Args:
        address: the accessibility bus.
    """

    def __init__(self, address: str) -> None:
        self._connection: DBusConnection = open_dbus_connection(address)

    def close(self) -> None:
        """Let go."""
        self._connection.close()

    def application(self, pid: int) -> tuple[str, str] | None:
        """Bus name and root of a process's tree; None while it has none."""
        for name, path in self._children(_REGISTRY, ROOT_PATH):
            asked = message_bus.GetConnectionUnixProcessID(name)
            reply = self._connection.send_and_get_reply(asked, timeout=REPLY_S)
            if reply.header.message_type is MessageType.method_return and reply.body[0] == pid:
                return name, path
        return None

    def walk(self, bus_name: str, path: str, only_showing: bool = True) -> Iterator[Control]:
        """A tree's controls, parents first."""
        control = self.read(bus_name, path)
        if control is None:
            return
        yield control
        if only_showing and control.role not in ("application", "frame", "window", "dialog") and SHOWING not in control.states:
            return
        for name, child in self._children(bus_name, path):
            yield from self.walk(name, child, only_showing)

    def read(self, bus_name: str, path: str) -> Control | None:
        """One control; None where it is gone."""
        address = DBusAddress(path, bus_name, _ACCESSIBLE)
        name = self._call(Properties(address).get("Name"))  # Qt does not answer GetAll
        described = self._call(Properties(address).get("Description"))
        role = self._call(new_method_call(address, "GetRoleName"))
        states = self._call(new_method_call(address, "GetState"))
        if name is None or role is None or states is None:
            return None
        bits = states[0]
        return Control(bus_name, path, str(name[0][1]), str(role[0]),
                       frozenset(bit for bit in range(64) if bits[bit // 32] >> bit % 32 & 1), str(described[0][1]) if described else "")

    def press(self, control: Control) -> None:
        """Do a control's first action."""
        self._call(new_method_call(DBusAddress(control.path, control.bus_name, "org.a11y.atspi.Action"), "DoAction", "i", (0,)))

    def _children(self, bus_name: str, path: str) -> list[tuple[str, str]]:
        held = self._call(new_method_call(DBusAddress(path, bus_name, _ACCESSIBLE), "GetChildren"))
        return [(str(name), str(child)) for name, child in held[0]] if held is not None else []

    def _call(self, message: Any) -> Any:
        reply = self._connection.send_and_get_reply(message, timeout=REPLY_S)
        return reply.body if reply.header.message_type is MessageType.method_return else None


class Listener:
    """Collects events on a thread of its own, so that none is lost between two looks.

    Args:
        address: the accessibility bus.
        kinds: event kinds as the registry names them, "object:announcement".
    """

    def __init__(self, address: str, *kinds: str) -> None:
        self._connection: DBusConnection = open_dbus_connection(address)
        registry = DBusAddress("/org/a11y/atspi/registry", _REGISTRY, _REGISTRY)
        for kind in kinds:
            self._connection.send_and_get_reply(new_method_call(registry, "RegisterEvent", "s", (kind,)), timeout=REPLY_S)
        rule = MatchRule(type="signal", interface="org.a11y.atspi.Event.Object")
        self._connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=REPLY_S)
        self.heard: list[Announced] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="at-spi-listener")
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._ends.set()
        self._thread.join()
        self._connection.close()

    def words(self) -> list[str]:
        """What was announced so far."""
        return [event.words for event in self.heard if event.kind == "Announcement"]

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                message = self._connection.receive(timeout=0.2)
            except TimeoutError:
                continue
            fields = message.header.fields
            if fields.get(HeaderFields.interface) != "org.a11y.atspi.Event.Object" or len(message.body) < 4:
                continue
            detail, value, _, (kind, words) = message.body[:4]
            self.heard.append(Announced(str(fields.get(HeaderFields.member)), str(detail), int(value),
                                        str(words) if kind == "s" else "", str(fields.get(HeaderFields.path))))
