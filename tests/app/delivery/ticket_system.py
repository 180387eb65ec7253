"""A real ticket system on loopback, HTTP or HTTPS, that answers as a test scripts it and keeps every request."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        return cast("dict[str, object]", json.loads(self.body))


class TicketSystem(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[Seen] = []
        self.script: list[Callable[[Handler, Seen], None]] = []
        self.over = threading.Event()
        self.scheme = "https" if tls else "http"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def url(self, path: str = "/orders", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.server_address[1]}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Cut connections are part of these tests."""


class Handler(BaseHTTPRequestHandler):
    server: TicketSystem
    protocol_version = "HTTP/1.1"

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        self.server.seen.append(seen)
        act = self.server.script.pop(0) if self.server.script else good
        with suppress(OSError):
            act(self, seen)

    do_POST = do_GET = do_PUT = _take

    def answer(self, status: int, held: object, headers: dict[str, str] | None = None) -> None:
        content = held if isinstance(held, bytes) else json.dumps(held, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def good(handler: Handler, seen: Seen) -> None:
    handler.answer(200, {"code": 0, "data": {"no": f"R{len(handler.server.seen)}"}})


def says(status: int, held: object, headers: dict[str, str] | None = None) -> Callable[[Handler, Seen], None]:
    return lambda handler, seen: handler.answer(status, held, headers)


def stalls(handler: Handler, seen: Seen) -> None:
    handler.server.over.wait(20)
    handler.close_connection = True


def cuts(handler: Handler, seen: Seen) -> None:
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n{"code": 0, ')
    handler.wfile.flush()
    handler.close_connection = True


def babbles(handler: Handler, seen: Seen) -> None:
    handler.wfile.write(b"\x00\xff not HTTP at all\r\n\r\n")
    handler.close_connection = True


def endless(handler: Handler, seen: Seen) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while not handler.server.over.is_set():
        handler.wfile.write(b'{"code": 0}' * 4096)


def drips(handler: Handler, seen: Seen) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[TicketSystem]:
    server = TicketSystem(tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
