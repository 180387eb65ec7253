"""``LineLink`` over Asterisk's manager interface (AMI): lines "Key: Value", a blank one between messages. Thread "cti".

A message becomes an object of its keys and goes through the same mapping as any vendor's JSON (``resources/cti/asterisk-ami.toml``).
Values with line breaks are never sent: an action cannot be smuggled in with a number. Source of the form: "Asterisk Manager Interface
(AMI)" in the project's documentation.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from app.telephony.cti_intake import MOST_BYTES
from app.telephony.dialled_link import OPEN_S, DialledLink

_RECEIVE = 65536


class AmiLink(DialledLink[socket.socket]):
    """See the module."""

    def talk(self, on_open: Callable[[], None]) -> None:
        """See ``Talk``; on the thread "cti"."""
        mapping = self._intake.mapping
        where = urlsplit(mapping.link.address)
        with (socket.create_connection((where.hostname or "", where.port or 5038), OPEN_S) as line,
              self._in_use(line) as is_wanted):
            if not is_wanted:
                return
            line.settimeout(mapping.link.heartbeat_s if mapping.link.heartbeat is not None else None)
            for message in mapping.greeting():
                self._put(line, message)
            self._listen(line, on_open)

    def _put(self, line: socket.socket, message: Mapping[str, object]) -> None:
        line.sendall(action(message))

    def _end(self, line: socket.socket) -> None:
        line.shutdown(socket.SHUT_RDWR)

    def _listen(self, line: socket.socket, on_open: Callable[[], None]) -> None:
        is_in, parser = False, AmiParser()
        while True:
            try:
                data = line.recv(_RECEIVE)
            except TimeoutError:
                beat = self._intake.mapping.heartbeat()
                if beat is not None:
                    self._put(line, beat)
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
