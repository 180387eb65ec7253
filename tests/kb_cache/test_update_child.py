"""A desk's look runs in a process of its own: it answers as the updater does, may be killed at any time, and never outlives the desk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.domain.errors import AppError, EnvironmentFault
from app.domain.knowledge_update import UpdateNews
from app.platform.clock import SystemClock
from app.signed.line import UpdateLine
from kb_cache.receipts import ReceiptFolder
from kb_cache.update_child import UpdateChild, worker_command
from kb_cache.update_order import UpdatePlan, order_of
from tests.kb_cache.publishing import Desk, StaticServer, new_publisher, rows, serving

ROOT = Path(__file__).resolve().parents[2]


class Held:
    """A server that keeps a desk waiting for a file, so that its process can be met in the middle of a look."""

    def __init__(self, server: StaticServer) -> None:
        self.is_asked, self.may_end = threading.Event(), threading.Event()
        server.tampering = {"full-": self._hold}

    def _hold(self, handler: object) -> None:
        self.is_asked.set()
        self.may_end.wait(60)
        handler.close_connection = True  # type: ignore[attr-defined]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Desk, StaticServer]]:
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    with serving(publisher.public) as server:
        yield Desk(tmp_path / "desk", server.address).trusting(publisher), server


def child_of(desk: Desk) -> UpdateChild:
    plan = UpdatePlan(UpdateLine(desk.address, proxy="none"), desk.channel)
    return UpdateChild(desk.installed, desk.cache, plan, SystemClock(), ReceiptFolder(desk.installed.folder / "receipts"))


def failed(child: UpdateChild, faults: list[AppError]) -> threading.Thread:
    def look() -> None:
        try:
            child.look()
        except AppError as error:
            faults.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    return thread


def test_it_tells_what_the_updater_tells(served: tuple[Desk, StaticServer]) -> None:
    desk, server = served
    child = child_of(desk)
    looked = child.look()
    assert looked.result == "installed" and looked.news == UpdateNews("v1", frozenset(rows())) and looked.fetched_bytes > 1000
    assert desk.answers() == ("v1", "installed", 6) and child.pid == 0
    assert (child.look().result, child.look().news) == ("current", None)
    server.tampering = {"timestamp.json": lambda handler: handler.send_error(503)}
    with pytest.raises(EnvironmentFault) as caught:
        child.look()
    assert caught.value.key == "kb_update.unreachable"
    assert desk.receipts() == ["installed", "kb_update.unreachable"]


def test_the_process_ends_by_itself_and_without_a_word(served: tuple[Desk, StaticServer]) -> None:
    """Its owner keeps standard input open, as the desk does: a thread that waits there must not make the end an abort."""
    desk, _ = served
    order = order_of(desk.installed.folder, desk.cache, UpdatePlan(UpdateLine(desk.address, proxy="none"), desk.channel))
    with subprocess.Popen(worker_command(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as worker:
        assert worker.stdin is not None and worker.stdout is not None and worker.stderr is not None
        worker.stdin.write(json.dumps(order).encode() + b"\n")
        worker.stdin.flush()
        assert json.loads(worker.stdout.read())["result"] == "installed"
        assert (worker.wait(60), worker.stderr.read()) == (0, b"")


def test_killed_it_leaves_what_was_and_the_next_look_ends_it(served: tuple[Desk, StaticServer]) -> None:
    desk, server = served
    held, child, faults = Held(server), child_of(desk), list[AppError]()
    thread = failed(child, faults)
    assert held.is_asked.wait(60)
    os.kill(child.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    thread.join(60)
    held.may_end.set()
    assert [fault.key for fault in faults] == ["kb_update.ended"] == desk.receipts()
    assert desk.answers()[1] == "sample"
    server.tampering = {}
    assert child.look().result == "installed" and desk.answers() == ("v1", "installed", 6)


def test_cut_it_ends_at_once_and_tells_nobody(served: tuple[Desk, StaticServer]) -> None:
    desk, server = served
    held, child, faults = Held(server), child_of(desk), list[AppError]()
    thread = failed(child, faults)
    assert held.is_asked.wait(60)
    pid = child.pid
    child.cut()
    thread.join(60)
    assert not thread.is_alive() and not psutil.pid_exists(pid)
    held.may_end.set()
    assert [fault.key for fault in faults] == ["kb_update.ended"] and desk.receipts() == []


def test_it_does_not_outlive_the_desk(served: tuple[Desk, StaticServer]) -> None:
    desk, server = served
    held = Held(server)
    code = ("import sys\nfrom pathlib import Path\nfrom tests.kb_cache.publishing import Desk\n"
            "from tests.kb_cache.test_update_child import child_of\nchild_of(Desk(Path(sys.argv[1]), sys.argv[2])).look()")
    owner = subprocess.Popen([sys.executable, "-c", code, str(desk.home), desk.address], cwd=ROOT, stderr=subprocess.DEVNULL)
    assert held.is_asked.wait(60)
    (worker,) = psutil.Process(owner.pid).children()
    owner.kill()
    owner.wait(60)
    psutil.wait_procs([worker], timeout=60)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
    held.may_end.set()
