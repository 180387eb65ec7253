"""Looks for a newer program now and then, on a thread of its own ("program-update"), each look in a process of its own.

The thread only starts ``tingdan program update`` of this same program, at a low priority, and waits: fetching, unpacking and hashing a few
hundred megabytes is nothing for a process with a window. Trouble goes into the log and into receipts; the operator hears of good news
alone. Light to import: the desk starts with it.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from app.platform import logs
from app.platform.settings import Settings
from app.platform.worker_thread import WorkerThread
from app.ports.ports import Clock
from app.program.build import own_folder

OFF = "off"
"""The setting ``program.updates`` where packages come another way."""
_JITTER = 0.2
_FIRST_AT_MOST_S = 600.0


class ProgramPoll:
    """See the module. ``stop`` ends a look that is under way.

    Args:
        pause_s: between two looks, on the average.
        clock: time.
        ready: told a version that waits for the next start; on the thread.
        command: what looks.
    """

    def __init__(self, pause_s: float, clock: Clock, ready: Callable[[str], None], command: Sequence[str] = ()) -> None:
        self._pause_s, self._clock, self._ready = pause_s, clock, ready
        self._command = tuple(command) or (sys.executable, "program", "update", "--json", "--background")
        self._chance, self._lock = secrets.SystemRandom(), threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopping = False
        self._next_s = clock.monotonic_s() + self._chance.uniform(0.0, min(pause_s, _FIRST_AT_MOST_S))
        self._worker: WorkerThread[None] = WorkerThread("program-update", lambda _: None, capacity=1, on_idle=self._work)

    def start(self) -> None:
        """Begin; the first look comes by chance."""
        self._worker.start()

    def stop(self, deadline_s: float = 5.0) -> bool:
        """End; a look that is under way is cut off."""
        with self._lock:
            self._is_stopping = True
            if self._process is not None:
                self._process.kill()
        return self._worker.stop(deadline_s)

    def _work(self) -> float:
        left_s = self._next_s - self._clock.monotonic_s()
        if left_s > 0:
            return left_s
        self._next_s = self._clock.monotonic_s() + self._pause_s * self._chance.uniform(1 - _JITTER, 1 + _JITTER)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(self._looked())
            if told["result"] == "ready":
                self._ready(str(told["version"]))
        return max(self._next_s - self._clock.monotonic_s(), 0.05)

    def _looked(self) -> bytes:
        quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
        with self._lock:
            if self._is_stopping:
                return b""
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,  # noqa: S603 ourselves
                                             stderr=subprocess.DEVNULL, creationflags=quiet)
        with self._process as process:
            said = process.communicate()[0]
        with self._lock:
            self._process = None
        if process.returncode and not self._is_stopping:
            logs.get("program-update").warning("look_failed", code=process.returncode)
        return said


@contextlib.contextmanager
def running_program_updates(settings: Settings, clock: Clock, ready: Callable[[str], None]) -> Iterator[None]:
    """The thread, where policy and package allow it.

    Args:
        settings: in force.
        clock: time.
        ready: told a version that waits for the next start; on the thread.
    """
    if not is_wanted(settings) or own_folder() is None:
        yield
        return
    poll = ProgramPoll(settings.whole("program.poll_minutes") * 60.0, clock, ready)
    poll.start()
    try:
        yield
    finally:
        poll.stop()


def is_wanted(settings: Settings) -> bool:
    """Whether there is something to look for."""
    return settings.text("program.updates") != OFF and bool(settings.text("program.address") or settings.text("knowledge.address"))
