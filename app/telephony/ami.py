"""``LineLink`` over Asterisk's manager interface (AMI): lines "Key: Value", a blank one between messages. Thread "cti".

A message becomes an object of its keys and goes through the same mapping as any vendor's JSON (``resources/cti/asterisk-ami.toml``).
Values with line breaks are never sent: an action cannot be smuggled in with a number. Source of the form: "Asterisk Manager Interface
(AMI)" in the project's documentation.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from app.domain.call import NoticeRaised
from app.domain.line import LineCommand, LineEvent
from app.telephony.cti_intake import MOST_BYTES, CtiIntake
from app.telephony.reconnecting import Reconnecting

_OPEN_S = 10.0
_RECEIVE = 65536


class AmiLink:
    """See the module.

    Args:
        intake: takes what comes in; its mapping names address, login and commands.
    """

    def __init__(self, intake: CtiIntake) -> None:
        self._intake = intake
        self._lock = threading.Lock()
        self._open: socket.socket | None = None
        self._is_closed = False
        self._link: Reconnecting | None = None

    @property
    def commands(self) -> frozenset[LineCommand]:
        """What the mapping file has forms for."""
        return self._intake.mapping.commands

    def start(self, on_event: Callable[[LineEvent], None], tell: Callable[[NoticeRaised], None]) -> None:
        """Begin to dial."""
        self._intake.on_event, self._intake.tell = on_event, tell
        self._link = Reconnecting(self, self._intake.mapping.name, tell)
        self._link.start()

    def send(self, command: LineCommand, values: Mapping[str, str]) -> bool:
        """One action."""
        message = self._intake.mapping.command(command, values)
        with self._lock:
            line = self._open
        if message is None or line is None:
            return False
        try:
            line.sendall(action(message))
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Stop; safe to call twice."""
        if self._link is not None:
            self._link.close()

    # ------------------------------------------------------------------ Talk, on the thread "cti"

    def talk(self, on_open: Callable[[], None]) -> None:
        """See ``Talk``."""
        mapping = self._intake.mapping
        where = urlsplit(mapping.link.address)
        with socket.create_connection((where.hostname or "", where.port or 5038), _OPEN_S) as line:
            with self._lock:
                self._open = line
                if self._is_closed:
                    return
            try:
                line.settimeout(mapping.link.heartbeat_s if mapping.link.heartbeat is not None else None)
                for message in mapping.greeting():
                    line.sendall(action(message))
                self._listen(line, on_open)
            finally:
                with self._lock:
                    self._open = None

    def hang_up(self) -> None:
        """See ``Talk``."""
        with self._lock:
            self._is_closed = True
            line = self._open
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _listen(self, line: socket.socket, on_open: Callable[[], None]) -> None:
        is_in, parser = False, AmiParser()
        while True:
            try:
                data = line.recv(_RECEIVE)
            except TimeoutError:
                beat = self._intake.mapping.heartbeat()
                if beat is not None:
                    line.sendall(action(beat))
                continue
            if not data:
                return
            for message in parser.feed(data):
                if message.get("Response") == "Error" and not is_in:
                    self._intake.refuse("login")
                    return
                if message.get("Response") == "Success" and not is_in:
                    is_in = True
                    on_open()
                self._intake.take(message)
            if parser.is_oversized:
                self._intake.refuse("oversized")
                return


class AmiParser:
    """Bytes to messages. The first line is the server's banner; a key that comes twice keeps its first value."""

    def __init__(self) -> None:
        self._held = b""
        self._has_banner = False
        self.is_oversized = False

    def feed(self, data: bytes) -> Iterator[dict[str, str]]:
        """Whole messages."""
        self._held += data
        if not self._has_banner and b"\n" in self._held:
            banner, _, rest = self._held.partition(b"\n")
            self._has_banner = True
            if banner.startswith(b"Asterisk Call Manager"):
                self._held = rest
        while b"\r\n\r\n" in self._held:
            raw, _, self._held = self._held.partition(b"\r\n\r\n")
            message: dict[str, str] = {}
            for each in raw.decode("utf-8", "replace").split("\r\n"):
                key, found, value = each.partition(":")
                if found:
                    message.setdefault(key.strip(), value.strip())
            if message:
                yield message
        self.is_oversized = len(self._held) > MOST_BYTES


def action(message: Mapping[str, object]) -> bytes:
    """An action as bytes; line breaks in values are blanks."""
    lines = [f"{key}: {' '.join(str(value).split())}" for key, value in message.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
