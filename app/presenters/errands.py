"""What the window asks of the store, done on the thread "records"; answers come back on the GUI thread.

Reading a list takes some milliseconds, a write waits for the disk: neither may happen on the GUI thread. Jobs run one after
the other in the order in which they were asked for. A job's AppError goes to ``failed``; any other exception is a bug of ours: it
goes to the program's crash hook and ``failed`` gets a BugError; the thread lives on. After ``close`` nobody is answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.domain.errors import AppError, BugError
from app.platform.worker_thread import WorkerThread

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Errand:
    job: Callable[[], Any]
    answer: Callable[[Any], None]
    failed: Callable[[AppError], None]


@dataclass(frozen=True, slots=True)
class _Answer:
    errand: _Errand
    value: Any = None
    error: AppError | None = None


class Errands(QObject):
    """See the module; made, asked and closed on the GUI thread."""

    _done = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_closed = False
        self._worker: WorkerThread[_Errand] = WorkerThread("records", self._run)
        self._done.connect(self._on_done, Qt.ConnectionType.QueuedConnection)
        self._worker.start()

    def ask(self, job: Callable[[], T], answer: Callable[[T], None], failed: Callable[[AppError], None]) -> None:
        """Do ``job`` on the thread, then tell ``answer`` or ``failed`` on the GUI thread."""
        if not self._is_closed:
            self._worker.post(_Errand(job, answer, failed))

    def close(self) -> None:
        """End the thread; blocks for the job at hand. Safe to call twice."""
        if not self._is_closed:
            self._is_closed = True
            self._worker.stop()

    def _run(self, errand: _Errand) -> None:
        try:
            made = _Answer(errand, errand.job())
        except AppError as error:
            made = _Answer(errand, error=error)
        except Exception as error:
            threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread())))
            made = _Answer(errand, error=BugError("tickets.broken"))
        if not self._is_closed:
            self._done.emit(made)

    @Slot(object)
    def _on_done(self, made: _Answer) -> None:
        if self._is_closed:
            return
        if made.error is not None:
            made.errand.failed(made.error)
        else:
            made.errand.answer(made.value)
