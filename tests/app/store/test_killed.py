"""kill -9 at random moments: the database opens every time, a draft loses at most a second, no submitted ticket is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.platform.clock import SystemClock
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

ROUNDS = 30
MOST_LOST_S = 1.0
REPOSITORY = Path(__file__).resolve().parents[3]

# Imports once, then forks a writer for every line it reads. A writer says every change with its time once the store was
# told of it, and every ticket once submit came back; "dead" follows its last line.
WRITERS = """
import os, sys, threading, time
from pathlib import Path
from app.platform.clock import SystemClock
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

def write(call_id):
    store = SqliteTicketStore(Path(sys.argv[1]), scenes.KEY, SystemClock())
    pause, said = threading.Event(), []
    for number in range(10**6):
        said.append(scenes.utterance(number))
        changed_s = time.monotonic()
        store.save_draft(scenes.context(call_id), said, scenes.one_matter())
        os.write(1, f"draft {number + 1} {changed_s}\\n".encode())
        if number % 4 == 3:
            ticket = store.submit(scenes.context(f"{call_id}-{number}"), said[-2:], scenes.draft(), {"engine": "1"})
            os.write(1, f"ticket {ticket.ticket_no} 0\\n".encode())
        pause.wait(0.005)

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        write(line.strip())
    os.write(1, f"writer {pid} 0\\n".encode())
    os.waitpid(pid, 0)
    os.write(1, b"\\ndead 0 0\\n")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tickets.db"


@pytest.fixture
def writers(path: Path) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen([sys.executable, "-c", WRITERS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, cwd=REPOSITORY)
    yield started
    assert started.stdin is not None
    assert started.stdout is not None
    started.stdin.close()
    started.wait(10)
    started.stdout.close()


@pytest.mark.skipif(os.name != "posix", reason="forks")
def test_killed_at_random_moments(path: Path, writers: subprocess.Popen[str]) -> None:
    promised: list[str] = []
    worst_s = 0.0
    for number in range(ROUNDS):
        changes, tickets, killed_s = write_and_kill(writers, f"round-{number}", random.uniform(0.0, 0.5))
        promised += tickets
        store = SqliteTicketStore(path, scenes.KEY, SystemClock())  # opens, and its check at opening finds no damage
        try:
            drafts = {context.call_id: dialogue for context, dialogue, _ in store.drafts()}
            held = len(drafts.get(f"round-{number}", ()))
            lost = [changed_s for length, changed_s in changes if length > held]
            worst_s = max([worst_s, *(killed_s - changed_s for changed_s in lost)])
            assert drafts.get(f"round-{number}", ()) == tuple(scenes.utterance(each) for each in range(held))
            stored = {ticket.ticket_no: ticket for ticket in store.tickets()}
            assert set(promised) <= set(stored)
            # Nothing half: each first ticket has its child and its outbox row.
            firsts = {ticket_no for ticket_no, ticket in stored.items() if not ticket.parent_no}
            assert {ticket.parent_no for ticket in stored.values() if ticket.parent_no} == firsts
            assert {row.ticket_no for row in store.outbox()} == firsts
        finally:
            store.close()
    assert worst_s <= MOST_LOST_S
    assert len(promised) >= ROUNDS  # else the rounds were too short to mean anything


def write_and_kill(
    writers: subprocess.Popen[str], call_id: str, after_s: float,
) -> tuple[list[tuple[int, float]], list[str], float]:
    """Changes (length of the dialogue, when), tickets promised, and when the kill came."""
    assert writers.stdin is not None
    assert writers.stdout is not None
    writers.stdin.write(call_id + "\n")
    writers.stdin.flush()
    output, lines = iter(writers.stdout), []
    for line in output:
        lines.append(line.split())
        if {words[0] for words in lines} >= {"writer", "draft"}:
            break
    threading.Event().wait(after_s)
    killed_s = time.monotonic()
    os.kill(next(int(words[1]) for words in lines if words[0] == "writer"), signal.SIGKILL)
    for line in output:
        if line.startswith("dead"):
            break
        lines.append(line.split())
    whole = [words for words in lines if len(words) == 3]
    changes = [(int(what), float(at_s)) for kind, what, at_s in whole if kind == "draft"]
    return changes, [what for kind, what, _ in whole if kind == "ticket"], killed_s
