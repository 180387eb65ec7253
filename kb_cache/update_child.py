"""A desk's look for updates in a process of its own: what ``KnowledgeUpdater`` does, without its seconds and megabytes in the desk.

One look, one process (``kb_cache.update_worker``); it is gone when the look has ended. Killed, crashed or out of memory, it leaves the
knowledge in use as it was; the desk is told ``kb_update.ended``, IT by a receipt, and the next look starts anew. ``cut`` kills it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from app.domain.errors import EnvironmentFault
from app.domain.knowledge_update import UpdateReceipt
from app.platform import logs
from app.ports.ports import Clock
from app.ports.receipts import ReceiptQueue
from kb_cache.installed import InstalledFolder
from kb_cache.update_order import Looked, UpdatePlan, order_of, result_of

WORKER_FLAG = "--kb-update-worker"
_STDERR_CHARS = 2_000


def worker_command() -> list[str]:
    """How the process is started from this program; the frozen one is started again with ``WORKER_FLAG``."""
    if getattr(sys, "frozen", False):
        return [sys.executable, WORKER_FLAG]
    return [sys.executable, "-P", "-m", "kb_cache.update_worker"]


class UpdateChild:
    """See the module. One look at a time; ``cut`` from any thread.

    Args:
        installed: what this desk has.
        cache: where search indexes go.
        plan: what it wants.
        clock: time.
        receipts: where receipts wait.
    """

    def __init__(self, installed: InstalledFolder, cache: Path, plan: UpdatePlan, clock: Clock, receipts: ReceiptQueue) -> None:
        self._installed, self._clock, self._receipts = installed, clock, receipts
        self._order = json.dumps(order_of(installed.folder, cache, plan)).encode() + b"\n"
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_cut = False

    @property
    def pid(self) -> int:
        """Process id of the look under way, 0 for none."""
        process = self._process
        return process.pid if process is not None else 0

    def look(self) -> Looked:
        """Look once; install what is new.

        Raises:
            AppError: as ``KnowledgeUpdater.look``; ``kb_update.ended`` where the process ended without an answer.
        """
        started_s = self._clock.monotonic_s()
        process = self._start()
        try:
            said, complaint = self._talk(process)
        finally:
            with self._lock:
                self._process = None
        try:
            told = json.loads(said)
        except ValueError:
            raise self._ended(process.returncode, complaint, started_s) from None
        return result_of(told)

    def cut(self) -> None:
        """End a look that hangs, and every later one; any thread."""
        with self._lock:
            self._is_cut = True
            if self._process is not None:
                self._process.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
        alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
        with self._lock:
            if self._is_cut:
                raise EnvironmentFault("kb_update.ended", code="-")
            try:
                self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
                    worker_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **alone},
                    creationflags=quiet)
            except OSError as error:
                raise EnvironmentFault("kb_update.ended", code=error.strerror or type(error).__name__) from error
            return self._process

    def _talk(self, process: subprocess.Popen[bytes]) -> tuple[bytes, str]:
        """Its answer, and what it complained of; its standard input stays open until it has ended, as a sign that we live."""
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        complaints: list[bytes] = []
        stderr = process.stderr
        listener = threading.Thread(target=lambda: complaints.extend(stderr), name="kb-update-stderr", daemon=True)
        with process:
            listener.start()
            try:
                process.stdin.write(self._order)
                process.stdin.flush()
            except OSError:  # gone already: its answer is empty
                with contextlib.suppress(OSError):  # what could not be written is thrown away here, else leaving the block raises it
                    process.stdin.close()
            said = process.stdout.readline()
            process.stdout.read()
            process.wait()
            listener.join()
        return said, b"".join(complaints).decode("utf-8", "replace")[-_STDERR_CHARS:]

    def _ended(self, code: int, complaint: str, started_s: float) -> EnvironmentFault:
        fault = EnvironmentFault("kb_update.ended", code=code)
        if not self._is_cut:
            if complaint:
                logs.get("kb-update").warning("worker_ended", code=code, last=complaint.strip().rpartition("\n")[2].partition(":")[0][:80])
            now = self._installed.state().current
            number = now.number if now else 0
            self._receipts.put(UpdateReceipt(
                self._installed.desk(), self._clock.now().isoformat(timespec="seconds"), fault.key, now.version if now else "", number,
                number, round(self._clock.monotonic_s() - started_s, 3), 0))
        return fault
