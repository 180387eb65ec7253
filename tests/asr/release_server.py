"""A real web server on loopback that publishes one archive, honestly or not, as its path says."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ReleaseServer(ThreadingHTTPServer):
    """Serves ``archive``; counts requests by path and keeps the Range headers it was asked with."""

    daemon_threads = True

    def __init__(self, archive: bytes, other: bytes = b"") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.archive = archive
        self.other = other
        self.asked: Counter[str] = Counter()
        self.ranges: list[str] = []
        self.over = threading.Event()

    def address(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{behaviour}/model.tar.bz2"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of these tests."""


class _Handler(BaseHTTPRequestHandler):
    server: ReleaseServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        behaviour = self.path.split("/")[1]
        self.server.asked[behaviour] += 1
        if self.headers.get("Range"):
            self.server.ranges.append(self.headers["Range"])
        getattr(self, f"_{behaviour}", self._missing)(self.server.asked[behaviour])

    def _honest(self, _time: int) -> None:
        self._send(self.server.archive)

    def _truncates(self, time: int) -> None:
        self._send(self.server.archive, cut=None if time > 2 else 30_000)

    def _cuts(self, _time: int) -> None:
        self._send(self.server.archive, cut=5_000)

    def _stalls(self, time: int) -> None:
        self._send(self.server.archive, cut=20_000 if time == 1 else None, stall=time == 1)

    def _silent(self, _time: int) -> None:
        self.server.over.wait(20)

    def _lies(self, _time: int) -> None:
        self._send(self.server.other)

    def _changes(self, time: int) -> None:
        content = self.server.other if time == 1 else self.server.archive
        self._send(content, cut=30_000 if time == 1 else None, tag=f'"v{time}"')

    def _norange(self, time: int) -> None:
        self._send(self.server.archive, cut=30_000 if time == 1 else None, ranges=False)

    def _wrongrange(self, time: int) -> None:
        """Cuts off, then gives another part than was asked for; honest at last."""
        if time == 1:
            self._send(self.server.archive, cut=30_000)
        elif time == 2:
            self.send_response(206)
            self.send_header("Content-Range", f"bytes 100-{len(self.server.archive) - 1}/{len(self.server.archive)}")
            self.send_header("Content-Length", "50")
            self.end_headers()
            self.wfile.write(self.server.archive[100:150])
        else:
            self._send(self.server.archive)

    def _short(self, _time: int) -> None:
        """Says that it is shorter than it is: the transfer looks whole."""
        self._send(self.server.archive[:-1_000])

    def _redirect(self, _time: int) -> None:
        self._to("/honest/model.tar.bz2")

    def _loop(self, _time: int) -> None:
        self._to("/loop/model.tar.bz2")

    def _tofile(self, _time: int) -> None:
        self._to("file:///etc/hostname")

    def _busy(self, time: int) -> None:
        if time == 1:
            self._status(503)
        else:
            self._send(self.server.archive)

    def _huge(self, _time: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(10**12))
        self.end_headers()
        self.close_connection = True

    def _endless(self, _time: int) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while not self.server.over.is_set():
            self.wfile.write(b"x" * 65536)

    def _missing(self, _time: int) -> None:
        self._status(404)

    def _status(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _to(self, place: str) -> None:
        self.send_response(302)
        self.send_header("Location", place)
        self.send_header("Connection", "close")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, content: bytes, cut: int | None = None, *, stall: bool = False, tag: str = '"v1"',
              ranges: bool = True) -> None:
        start = 0
        asked = self.headers.get("Range", "")
        if ranges and asked.startswith("bytes=") and self.headers.get("If-Range", tag) == tag:
            start = int(asked[6:].split("-")[0])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:] if cut is None else content[start:start + cut])
        self.wfile.flush()
        if stall:
            self.server.over.wait(20)
        if cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def serving(archive: bytes, other: bytes = b"") -> Iterator[ReleaseServer]:
    server = ReleaseServer(archive, other)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
