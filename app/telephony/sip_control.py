"""The only way into the softphone's process: one connection, made by that process to us, shown to be its own by a password of this start.

baresip's own control socket (``ctrl_tcp``) asks nobody who he is, and its command ``insmod`` loads any file as code: whoever may run a
program on the PC could become the operator. So no control port of baresip's is open. Its ``mqtt`` module dials us instead; this is the
other end of that one connection, as much of MQTT 3.1.1 as it speaks (CONNECT, SUBSCRIBE, PUBLISH at QoS 0, PINGREQ). The port is closed to
everybody as soon as the password was shown; commands and answers are the same JSON as on ``ctrl_tcp``. Thread "sip-control" reads.
"""

from __future__ import annotations

import contextlib
import hmac
import itertools
import json
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

USER = "tingdan"
TOPIC = "sip"
#: As long as baresip 1.0.0 takes a command with its parameters.
MOST_COMMAND_BYTES = 255
_MOST_BYTES = 1 << 16
_SHOW_S = 5.0
_CONNECT, _PUBLISH, _SUBSCRIBE, _PING, _GOODBYE = 1, 3, 8, 12, 14
_CONNACK, _SUBACK, _PONG = b"\x20\x02\x00\x00", b"\x90\x03", b"\xd0\x00"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave."""

    token: str
    is_ok: bool
    text: str


class SipControl:
    """See the module; listens from the start.

    Args:
        on_event: takes baresip's events, each a dict, on "sip-control".
        on_answer: takes answers to commands, there too.
        on_ready: told once, when commands can be sent.
        account: address of the account whose calls are meant (baresip looks for a call only beside one).
    """

    def __init__(self, on_event: Callable[[dict[str, object]], None], on_answer: Callable[[Answer], None],
                 on_ready: Callable[[], None], account: str = "") -> None:
        self._account = account
        self._on_event, self._on_answer, self._on_ready = on_event, on_answer, on_ready
        self.password = secrets.token_hex(24)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._line: socket.socket | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self._tokens = itertools.count(1)
        self._thread = threading.Thread(target=self._run, name="sip-control", daemon=True)

    def start(self) -> None:
        """Take the connection."""
        self._thread.start()

    def send(self, command: str, params: str = "", call_id: str = "") -> str:
        """Send one command; gives the token that its answer will carry, "" where there is no connection.

        Args:
            command: baresip's name for it.
            params: as one would type them after it.
            call_id: the call that it is for, which becomes the current one.
        """
        token = str(next(self._tokens))
        order = {"command": command, "token": token}
        if params:
            order["params"] = params
        if call_id:
            order["accountaor"], order["callid"] = self._account, call_id
        with self._lock:
            if self._line is None:
                return ""
            try:
                self._line.sendall(_publish(f"/{TOPIC}/command/{token}", json.dumps(order).encode()))
            except OSError:
                return ""
        return token

    def close(self) -> None:
        """End the connection; safe to call twice."""
        with self._lock:
            self._is_closed = True
            for each in (self._door, self._line):
                if each is not None:
                    with contextlib.suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
                    each.close()
            self._line = None
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(5.0)

    def _run(self) -> None:
        with contextlib.suppress(OSError, ValueError, EOFError):
            line = self._admitted()
            with line, line.makefile("rb") as reader:
                while True:
                    kind, body = _packet(reader.read)
                    if kind == _GOODBYE:
                        return
                    self._take(line, kind, body)

    def _admitted(self) -> socket.socket:
        """The connection that showed the password; everybody else is shown out, and after it nobody comes in."""
        while True:
            line, _ = self._door.accept()
            line.settimeout(_SHOW_S)
            with contextlib.suppress(OSError, ValueError, EOFError):
                with line.makefile("rb", buffering=0) as reader:
                    kind, body = _packet(lambda size: _exactly(reader.read, size))
                if kind == _CONNECT and hmac.compare_digest(_credentials(body), f"{USER}\0{self.password}".encode()):
                    line.settimeout(None)
                    line.sendall(_CONNACK)
                    self._door.close()
                    return line
            line.close()

    def _take(self, line: socket.socket, kind: int, body: bytes) -> None:
        if kind == _SUBSCRIBE:
            line.sendall(_SUBACK + body[:2] + b"\x00")
            with self._lock:
                self._line = line if not self._is_closed else None
            self._on_ready()
        elif kind == _PING:
            with self._lock:
                line.sendall(_PONG)
        elif kind == _PUBLISH:
            size = int.from_bytes(body[:2], "big")
            topic, told = body[2:2 + size].decode(), json.loads(body[2 + size:])
            if not isinstance(told, dict):
                return
            if topic == f"/{TOPIC}/event":
                self._on_event(told)
            elif topic.startswith(f"/{TOPIC}/command_resp/"):
                self._on_answer(Answer(topic.rpartition("/")[2], told.get("ok") is True, str(told.get("data", ""))))


def _packet(read: Callable[[int], bytes]) -> tuple[int, bytes]:
    """Kind and body of one packet; EOFError at the end, ValueError where it is none."""
    head = read(1)
    if not head:
        raise EOFError
    size, shift = 0, 0
    while True:
        digit = read(1)
        if not digit or shift > 21:
            raise ValueError("length")
        size |= (digit[0] & 127) << shift
        shift += 7
        if digit[0] < 128:
            break
    if size > _MOST_BYTES:
        raise ValueError("oversized")
    body = read(size) if size else b""
    if len(body) < size:
        raise EOFError
    return head[0] >> 4, body


def _exactly(read: Callable[[int], bytes | None], size: int) -> bytes:
    """So many bytes from a reader without a buffer, which must not swallow what comes after them."""
    got = b""
    while len(got) < size:
        piece = read(size - len(got))
        if not piece:
            break
        got += piece
    return got


def _credentials(body: bytes) -> bytes:
    """User and password of a CONNECT (client id first; no will), joined by a zero byte."""
    at = 2 + int.from_bytes(body[:2], "big") + 4  # protocol's name, level, flags, keep-alive
    fields = []
    while at + 2 <= len(body):
        size = int.from_bytes(body[at:at + 2], "big")
        fields.append(body[at + 2:at + 2 + size])
        at += 2 + size
    return b"\0".join(fields[1:3])


def _publish(topic: str, payload: bytes) -> bytes:
    name = topic.encode()
    size, digits = 2 + len(name) + len(payload), b""
    while True:
        size, digit = size >> 7, size & 127
        digits += bytes([digit | (128 if size else 0)])
        if not size:
            break
    return b"\x30" + digits + len(name).to_bytes(2, "big") + name + payload
