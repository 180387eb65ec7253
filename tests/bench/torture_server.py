"""A real ticket system on loopback that fails at random, and keeps books: what it took, by idempotency key."""

from __future__ import annotations

import copy
import json
import random
import socket
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEY = bytes(range(32))
STALL_S = 1.5
READ_S = 0.7
FAULTS = ("reset", "stall", "stall_after", "cut_before", "cut_after", "failed", "busy", "too_many", "garbage", "garbage_after",
          "portal", "refused", "drip")

MAPPING: dict[str, Any] = {
    "format": 1, "kind": "http", "name": "torture", "omit_empty": True,
    "request": {
        "url": "", "headers": {"X-Revision": "{{revision}}"},
        "payload": {"key": "{{idempotency_key}}", "orderNo": "{{ticket_no}}", "title": "{{title}}", "phone": "{{contact_phone}}",
                    "transcript": "{{transcript}}",
                    "children": {"$each": "children", "item": {"orderNo": "{{ticket_no}}", "title": "{{title}}"}}}},
    "attachments": {"as": "own", "request": {
        "url": "", "payload": {"key": "{{idempotency_key}}", "orderNo": "{{ticket_no}}", "receipt": "{{receipt}}",
                               "file": "{{attachment_name}}", "content": "{{content_base64}}"}}},
    "answer": {"accept": {"path": "code", "in": [0]}, "receipt": "data.no", "message": "msg",
               "duplicate": {"status": [409], "path": "code", "in": ["DUPLICATE"]}},
    "auth": {"type": "bearer", "secret": "any"}, "proxy": "none", "timeouts": {"connect_s": 2, "read_s": READ_S, "whole_s": 3},
}


class Books(ThreadingHTTPServer):
    """``fault_share`` of the requests meet a fault; 0 makes it honest."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chance = random.Random(seed)
        self.fault_share = 0.5
        self.lock = threading.Lock()
        self.books: dict[str, dict[str, object]] = {}
        self.bodies: defaultdict[str, set[bytes]] = defaultdict(set)
        self.met: Counter[str] = Counter()
        self.over = threading.Event()

    def write_mapping(self, path: Path) -> None:
        held = copy.deepcopy(MAPPING)
        held["request"]["url"] = f"http://127.0.0.1:{self.server_address[1]}/orders"
        held["attachments"]["request"]["url"] = f"http://127.0.0.1:{self.server_address[1]}/orders/{{{{receipt}}}}/files"
        path.write_text(json.dumps(held), "utf-8")

    def choose(self) -> str:
        with self.lock:
            fault = self.chance.choice(FAULTS) if self.chance.random() < self.fault_share else "honest"
            self.met[fault] += 1
            return fault

    def take(self, key: str, body: bytes) -> bool:
        """Book it; False where it was known."""
        with self.lock:
            self.bodies[key].add(body)
            if key in self.books:
                self.met["known already"] += 1
                return False
            self.books[key] = json.loads(body)
            return True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients die here all the time."""


class _Handler(BaseHTTPRequestHandler):
    server: Books
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        fault = self.server.choose()
        if fault == "reset":
            self._reset()
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) < int(self.headers["Content-Length"]):
            self.close_connection = True
            return  # the desk died while it spoke
        getattr(self, f"_{fault}")(self.headers["Idempotency-Key"], body)

    def _honest(self, key: str, body: bytes) -> None:
        if not self.server.take(key, body) and self.server.chance.random() < 0.5:
            return self._answer(409, {"code": "DUPLICATE"})
        return self._answer(200, {"code": 0, "data": {"no": "R" + key[:8]}})

    def _stall(self, key: str, body: bytes) -> None:
        self.server.over.wait(STALL_S)
        self.close_connection = True

    def _stall_after(self, key: str, body: bytes) -> None:
        self.server.take(key, body)
        self._stall(key, body)

    def _cut_before(self, key: str, body: bytes) -> None:
        self._reset()

    def _cut_after(self, key: str, body: bytes) -> None:
        self.server.take(key, body)
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{\"code\": 0, ")
            self.wfile.flush()
        self._reset()

    def _failed(self, key: str, body: bytes) -> None:
        self._answer(self.server.chance.choice((500, 502, 504)), {"msg": "failed"})

    def _busy(self, key: str, body: bytes) -> None:
        self._answer(503, {"msg": "busy"}, {"Retry-After": "0"})

    def _too_many(self, key: str, body: bytes) -> None:
        self._answer(429, {"msg": "slowly"}, {"Retry-After": "0"})

    def _garbage(self, key: str, body: bytes) -> None:
        with suppress(OSError):
            self.wfile.write(self.server.chance.randbytes(300))
        self.close_connection = True

    def _garbage_after(self, key: str, body: bytes) -> None:
        self.server.take(key, body)
        self._send(200, b'{"code": 0, "data": {"no": ')

    def _portal(self, key: str, body: bytes) -> None:
        self._send(200, "<html>请登录</html>".encode())

    def _refused(self, key: str, body: bytes) -> None:
        with self.server.lock:
            known = key in self.server.books
        if known:  # an idempotent server does not refuse what it has
            return self._answer(409, {"code": "DUPLICATE"})
        return self._answer(422, {"code": 4001, "msg": "字段不合要求"})

    def _drip(self, key: str, body: bytes) -> None:
        self.server.take(key, body)
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not self.server.over.wait(0.3):
                self.wfile.write(b" ")
                self.wfile.flush()
        self.close_connection = True

    def _reset(self) -> None:
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        self.close_connection = True

    def _answer(self, status: int, held: object, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(held).encode(), headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def keeping_books(seed: int) -> Iterator[Books]:
    server = Books(seed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="books")
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


