"""Cases and callbacks asked of something that is no hub: a fault of the environment, whatever it answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.delivery.hub_callbacks import HubCallbacks
from app.delivery.hub_case_desk import HubCaseDesk
from app.delivery.lead_hub import HubLeadSource
from app.domain.errors import AppError


class Portal(BaseHTTPRequestHandler):
    """Answers every question with what the server's ``said`` holds."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        said: bytes = self.server.said  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def portal() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("said", [b'{"welcome": "please sign in"}', b'{"cases": {}, "rows": 7}', b'{"cases": [3], "rows": [3]}', b"[]",
                                  b"null"])
def test_what_is_no_answer_of_a_hub_is_told_as_such(portal: ThreadingHTTPServer, said: bytes) -> None:
    portal.said = said  # type: ignore[attr-defined]
    source = HubLeadSource(f"http://127.0.0.1:{portal.server_port}", proxy="none")
    desk, callbacks = HubCaseDesk(source), HubCallbacks(source)
    for ask in (desk.member, desk.listed, lambda: desk.plan(["260109000001"], "8001"), desk.counts, lambda: desk.one("0" * 32),
                lambda: callbacks.counts_by("", "")):
        with pytest.raises(AppError):
            ask()
    source.close()
