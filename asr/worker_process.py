"""One running speech process as the client sees it: spawn, pipes, stderr to the log, kill.

``subprocess`` with its own interpreter start (spawn, never fork: the program has threads and a GUI). In a frozen program the
executable itself is started with ``--asr-worker``; the program's entry must hand that to ``asr.worker.main``.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from app.domain.errors import EnvironmentFault

WORKER_FLAG = "--asr-worker"
log = logging.getLogger("asr.worker")


def worker_command() -> list[str]:
    """How the speech process is started from this program."""
    if getattr(sys, "frozen", False):
        return [sys.executable, WORKER_FLAG]
    return [sys.executable, "-P", "-m", "asr.worker"]


class WorkerProcess:
    """A started process with its two pipes.

    Args:
        command: program and arguments.
        environment: variables on top of this process's own.

    Raises:
        EnvironmentFault: the system does not start it.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env={**os.environ, **one_thread, **environment}, creationflags=flags)
        except OSError as error:
            raise EnvironmentFault("asr.worker_does_not_start", problem=error.strerror or type(error).__name__) from error
        self._stderr = threading.Thread(target=self._log_stderr, name="asr-stderr", daemon=True)
        self._stderr.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def stdin(self) -> BinaryIO:
        """Frames to the worker."""
        return cast(BinaryIO, self._process.stdin)

    @property
    def stdout(self) -> BinaryIO:
        """Frames from the worker."""
        return cast(BinaryIO, self._process.stdout)

    def wants_to_run(self) -> bool:
        """Whether a thread of it runs, waits for a processor or for a disk; True where the system does not tell."""
        if sys.platform != "linux":
            return True
        try:
            tasks = [path.read_text() for path in Path(f"/proc/{self.pid}/task").glob("*/stat")]
        except OSError:
            return True
        return any(task.rpartition(")")[2].split()[0] in "RD" for task in tasks)

    def kill(self) -> None:
        """End it at once; its pipes then end too."""
        if self._process.poll() is None:
            self._process.kill()

    def end(self, patience_s: float) -> int:
        """Wait for its end at most ``patience_s``, then kill; frees the pipes and gives the exit code."""
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._stderr.join(2.0)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                log.debug("a pipe was already broken")
        return self._process.returncode

    def _log_stderr(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        for line in stream:
            log.info("worker %d: %s", self.pid, line.decode("utf-8", "replace").rstrip())
