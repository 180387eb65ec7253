"""A publisher and desks for the tests of updates: real keys, real signed folders, a real web server on loopback."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.domain.knowledge import KnowledgeEntry
from app.platform.clock import SystemClock
from app.ports.ports import Clock
from app.signed.keys import KeyFolders
from app.signed.line import UpdateLine
from kb_cache.installed import InstalledFolder
from kb_cache.opening import open_default
from kb_cache.publisher import Publisher
from kb_cache.receipts import ReceiptFolder
from kb_cache.records import record_of
from kb_cache.rows import Rows, canonical
from kb_cache.update_order import Looked, UpdatePlan
from kb_cache.updater import KnowledgeUpdater, Step

PASSPHRASE = "a passphrase of tests"


class ShiftedClock(SystemClock):
    """The PC's clock, some days off."""

    def __init__(self, days: float = 0.0) -> None:
        super().__init__()
        self.days = days

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() + timedelta(days=self.days)


def rows(count: int = 6, **changed: str) -> Rows:
    """``count`` entries e0, e1, …; a keyword gives an entry another answer."""
    made = {f"e{n}": KnowledgeEntry(f"e{n}", f"第{n}号证件遗失补办", f"可以补办，编号{n}。",
                                    changed.get(f"e{n}", f"带身份证到{n}号窗口办理。")) for n in range(count)}
    return {key: canonical(record_of(entry)) for key, entry in made.items()}


def new_publisher(folder: Path, clock: Clock | None = None) -> Publisher:
    """A publisher with new keys and no release."""
    keys = KeyFolders((folder / "keys", folder / "offline"), lambda file: PASSPHRASE)
    publisher = Publisher(folder, keys, clock or SystemClock())
    publisher.create(folder / "offline")
    return publisher


def reopened(publisher: Publisher | Path, clock: Clock | None = None) -> Publisher:
    """The same folder, as another program opens it."""
    folder = publisher if isinstance(publisher, Path) else publisher.folder
    return Publisher(folder, KeyFolders((folder / "keys", folder / "offline"), lambda file: PASSPHRASE), clock or SystemClock())


@dataclass
class Desk:
    """A PC that takes updates."""

    home: Path
    address: str
    channel: str = "stable"
    pinned: str = ""
    line: dict[str, object] = field(default_factory=dict)

    @property
    def installed(self) -> InstalledFolder:
        return InstalledFolder(self.home / "kb-updates")

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def trusting(self, publisher: Publisher) -> Desk:
        self.installed.folder.mkdir(parents=True, exist_ok=True)
        self.installed.trust((publisher.public / "metadata" / "1.root.json").read_bytes())
        return self

    def updater(self, step: Step = lambda name: None) -> KnowledgeUpdater:
        line = UpdateLine(self.address, proxy="none", **self.line)  # type: ignore[arg-type]
        return KnowledgeUpdater(self.installed, self.cache, UpdatePlan(line, self.channel, self.pinned), SystemClock(),
                                ReceiptFolder(self.installed.folder / "receipts"), step)

    def look(self) -> Looked:
        return self.updater().look()

    def answers(self) -> tuple[str, str, int]:
        """(version, origin, entries) of what opens now."""
        opened = open_default(self.home / "kb", self.cache, self.installed)
        try:
            return opened.knowledge.version, opened.origin, opened.knowledge.size
        finally:
            opened.knowledge.close()

    def disk(self) -> dict[str, bytes]:
        """Every byte of what is in use: pointer's release and rows."""
        folder = self.installed.folder
        current = self.installed.state().current
        return {} if current is None else {"pointer": repr(current).encode(), "rows": (folder / current.file).read_bytes()}

    def receipts(self) -> list[str]:
        return [receipt.result for receipt in ReceiptFolder(self.installed.folder / "receipts").waiting()]


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Static files with ranges, as any web server has."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, StaticServer)
        server.asked.append((self.path, self.headers.get("Range", "")))
        tampering = next((act for part, act in server.tampering.items() if part in self.path), None)
        if tampering is not None:
            tampering(self)
            return
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        start = 0
        if self.headers.get("Range", "").startswith("bytes="):
            start = int(self.headers["Range"][6:].split("-")[0])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:])


class StaticServer(http.server.ThreadingHTTPServer):
    """Serves a folder; ``tampering`` maps a part of a path to a function that answers instead."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
        self.asked: list[tuple[str, str]] = []
        self.tampering: dict[str, object] = {}
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients that hang up are part of the tests


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[StaticServer]:
    """A web server on loopback."""
    server = StaticServer(folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer_with(data: bytes, length: int | None = None):  # type: ignore[no-untyped-def]
    """A tampering that answers with these bytes."""
    def act(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data) if length is None else length))
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(data)
        handler.close_connection = True

    return act


def page_of(publisher: Publisher) -> dict[str, object]:
    """The channel's page as published."""
    return json.loads((publisher.public / "targets" / "stable" / "channel.json").read_bytes())
