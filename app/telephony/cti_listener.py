"""``LineLink`` that listens on 127.0.0.1 for a CTI system's pages and programs: HTTP (GET, POST) and WebSocket on one port.

    POST /cti/event    a JSON object, or a list of them
    GET  /cti/event    the same as a flat query (screen-pop by address)
    GET  /cti/socket   WebSocket: JSON objects both ways; commands go to every page that is connected

Every request shows the token (``Authorization: Bearer``, or ``token`` in the query, for pages cannot set headers on a WebSocket). A page's
``Origin`` must stand in the mapping file; a ``Host`` that is not this PC is refused (DNS rebinding). Sizes, times and the number of
connections are bounded; ten wrong tokens in a minute close the door for a minute. HTTP is parsed by the standard library, WebSocket frames
by ``websockets``' protocol without I/O, because one port has to speak both. Threads: "cti-listener", and one a connection.

    EnvironmentFault   cti.port_taken   nobody can call in
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from app.domain.call import NoticeRaised
from app.domain.errors import EnvironmentFault
from app.domain.line import LineCommand, LineEvent
from app.ports.ports import Clock
from app.telephony.cti_guard import RateLimit, is_token
from app.telephony.cti_intake import MOST_BYTES, CtiIntake, encoded

EVENT_PATH, SOCKET_PATH = "/cti/event", "/cti/socket"
_MOST_CONNECTIONS = 16
_PATIENCE_S = 10.0
_LONGEST_LENGTH = 9
_DRAIN_S, _DRAIN_PIECES = 0.5, 16
_WRONG_TOKENS, _WITHIN_S = 10, 60.0
_STATUS = {"oversized": 413, "malformed": 400, "flood": 429, "replayed": 409, "stale": 409, "no_call_id": 400}
_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class CtiListener:
    """See the module.

    Args:
        intake: takes what comes in; its mapping names origins and commands.
        token: callers must show it.
        port: 0 for any free one.
        clock: time.
    """

    def __init__(self, intake: CtiIntake, token: str, port: int, clock: Clock) -> None:
        self.intake, self.token, self._port, self.clock = intake, token, port, clock
        self.origins = frozenset(intake.mapping.link.origins)
        self.wrong_tokens = RateLimit(_WRONG_TOKENS, _WITHIN_S)
        self._sockets: list[_Socket] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def commands(self) -> frozenset[LineCommand]:
        """What the mapping file has forms for."""
        return self.intake.mapping.commands

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_address[1] if self._server is not None else self._port

    def start(self, on_event: Callable[[LineEvent], None], tell: Callable[[NoticeRaised], None]) -> None:
        """Begin to listen.

        Raises:
            EnvironmentFault: the port is taken.
        """
        self.intake.on_event, self.intake.tell = on_event, tell
        try:
            self._server = _Server(self, self._port)
        except OSError as error:
            raise EnvironmentFault("cti.port_taken", port=self._port) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="cti-listener", daemon=True)
        self._thread.start()

    def send(self, command: LineCommand, values: Mapping[str, str]) -> bool:
        """Ask every connected page."""
        message = self.intake.mapping.command(command, values)
        with self._lock:
            sockets = list(self._sockets)
        if message is None:
            return False
        sent = [each.send(encoded(message)) for each in sockets]
        return any(sent)

    def close(self) -> None:
        """Stop; safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        server.hang_up()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    @contextlib.contextmanager
    def connected(self, page: _Socket) -> Iterator[None]:
        """A page that takes commands."""
        with self._lock:
            self._sockets.append(page)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.remove(page)


class _Server(ThreadingHTTPServer):
    """Loopback only; a bounded number of connections, known so that they can be ended."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, listener: CtiListener, port: int) -> None:
        self.listener = listener
        self._open: dict[socket.socket, threading.Thread | None] = {}
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """One thread a connection, up to the limit."""
        assert isinstance(request, socket.socket)
        with self._open_lock:
            is_full = len(self._open) >= _MOST_CONNECTIONS
            if not is_full:
                thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), name="cti-peer",
                                          daemon=True)
                self._open[request] = thread
        if is_full:
            self.shutdown_request(request)
            self.listener.intake.refuse("flood")
        else:
            thread.start()

    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Answer, then take what is still on its way: a connection that is closed over unread bytes loses its answer."""
        super().finish_request(request, client_address)
        assert isinstance(request, socket.socket)
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
            request.settimeout(_DRAIN_S)
            for _ in range(_DRAIN_PIECES):
                if not request.recv(65536):
                    break

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """A connection ended."""
        super().shutdown_request(request)
        assert isinstance(request, socket.socket)
        with self._open_lock:
            self._open.pop(request, None)

    def handle_error(self, request: object, client_address: object) -> None:
        """A peer that vanished in the middle; nothing is printed."""

    def hang_up(self) -> None:
        """End all connections and wait for their threads."""
        with self._open_lock:
            open_now = dict(self._open)
        for each, thread in open_now.items():
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            if thread is not None:
                thread.join(_PATIENCE_S)


class _Handler(BaseHTTPRequestHandler):
    """One request of one peer."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "tingdan", ""
    timeout = _PATIENCE_S
    server: _Server

    def do_POST(self) -> None:
        """Events as JSON."""
        self.close_connection = True
        if not self._is_allowed() or not self._is_at(EVENT_PATH):
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._answer(411)
        elif len(length) > _LONGEST_LENGTH or int(length) > MOST_BYTES:
            self._refused("oversized")
        else:
            body = self.rfile.read(int(length))
            refusal = self._listener.intake.take_text(body)
            self._answer(204 if refusal is None else _STATUS.get(refusal.reason, 400))

    def do_GET(self) -> None:
        """An event as a query, or the WebSocket."""
        self.close_connection = True
        if not self._is_allowed():
            return
        if self._path == SOCKET_PATH and "websocket" in self.headers.get("Upgrade", "").lower():
            _Socket(self).run()
        elif self._is_at(EVENT_PATH):
            query = {name: value for name, value in self._query.items() if name != "token"}
            refusal = self._listener.intake.take_text(json.dumps(query))
            self._answer(204 if refusal is None else _STATUS.get(refusal.reason, 400))

    def do_OPTIONS(self) -> None:
        """A page asks whether it may post."""
        self.close_connection = True
        if self._is_host_here() and self._is_origin_known():
            self._answer(204)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: an address may hold a number."""

    def end_headers(self) -> None:
        """Known pages may read the answer."""
        origin = self.headers.get("Origin") if getattr(self, "headers", None) is not None else None
        if origin in self._listener.origins:
            self.send_header("Access-Control-Allow-Origin", str(origin))
            self.send_header("Access-Control-Allow-Headers", "authorization, content-type")
            self.send_header("Access-Control-Allow-Private-Network", "true")
            self.send_header("Vary", "Origin")
        super().end_headers()

    @property
    def _listener(self) -> CtiListener:
        return self.server.listener

    @property
    def _path(self) -> str:
        return urlsplit(self.path).path

    @property
    def _query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True, max_num_fields=100))

    def _is_allowed(self) -> bool:
        """Host, origin, token; answers where something is wrong."""
        return self._is_host_here() and self._is_origin_known() and self._has_token()

    def _is_host_here(self) -> bool:
        host = self.headers.get("Host", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name in _HOSTS:
            return True
        self._refused("origin", 403)
        return False

    def _is_origin_known(self) -> bool:
        origin = self.headers.get("Origin")
        if origin is None or origin in self._listener.origins:
            return True
        self._refused("origin", 403)
        return False

    def _has_token(self) -> bool:
        listener, now_s = self._listener, self._listener.clock.monotonic_s()
        if listener.wrong_tokens.is_over(now_s):
            self._refused("token", 429)
            return False
        scheme, _, shown = self.headers.get("Authorization", "").partition(" ")
        try:
            given = shown.strip() if scheme.lower() == "bearer" else self._query.get("token", "")
        except ValueError:
            given = ""
        if is_token(given, listener.token):
            return True
        listener.wrong_tokens.take(now_s)
        self._refused("token", 401)
        return False

    def _is_at(self, path: str) -> bool:
        if self._path == path:
            return True
        self._answer(404)
        return False

    def _refused(self, reason: str, status: int = 0) -> None:
        self._listener.intake.refuse(reason)
        self._answer(status or _STATUS.get(reason, 400))

    def _answer(self, status: int) -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.end_headers()


class _Socket:
    """A WebSocket on a connection that the handler has let in."""

    def __init__(self, handler: _Handler) -> None:
        self._handler = handler
        self._listener = handler.server.listener
        self._line = handler.connection
        self._protocol = ServerProtocol(max_size=MOST_BYTES)
        self._sending = threading.Lock()

    def run(self) -> None:
        """Shake hands, then take messages until the peer goes."""
        # The protocol wants to parse the request itself: it gets the checked one again, as bytes.
        self._protocol.receive_data(Request(self._handler.path, Headers(self._handler.headers.items())).serialize())
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._protocol.send_response(self._protocol.accept(event))
        self._flush()
        if self._protocol.state is not State.OPEN:
            return
        self._line.settimeout(None)
        with self._listener.connected(self), contextlib.suppress(OSError):
            self._listen()

    def send(self, text: str) -> bool:
        """One message to the page; False where it is gone."""
        try:
            with self._sending:
                self._protocol.send_text(text.encode())
            self._flush()
        except Exception:  # the protocol's own errors and the system's: the page is gone
            return False
        return True

    def _listen(self) -> None:
        pieces: list[bytes] = []
        while self._protocol.state is not State.CLOSED:
            data = self._handler.rfile.read1(65536)
            with self._sending:
                if data:
                    self._protocol.receive_data(data)
                else:
                    self._protocol.receive_eof()
                events = self._protocol.events_received()
                is_over = self._protocol.close_expected()
            for event in events:
                if isinstance(event, Frame):
                    self._framed(event, pieces)
            self._flush()
            if not data or is_over:
                break
        error = self._protocol.parser_exc
        if error is not None:
            self._listener.intake.refuse("oversized" if isinstance(error, PayloadTooBig) else "malformed")

    def _framed(self, frame: Frame, pieces: list[bytes]) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        pieces.append(bytes(frame.data))
        if frame.fin:
            self._listener.intake.take_text(b"".join(pieces))
            pieces.clear()

    def _flush(self) -> None:
        with self._sending:
            for data in self._protocol.data_to_send():
                if data:
                    self._line.sendall(data)
                else:
                    self._line.shutdown(socket.SHUT_WR)
