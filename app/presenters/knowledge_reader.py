"""The thread "kb-search" seen from the window: a few kinds of questions, of each kind only the newest counts.

The thread is always the same one, so it may own a database connection. Of each kind one question is under way at most; the newest
waiting one follows, answers to older ones are dropped. Answers come back through a queued signal. All else runs on the GUI thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.domain.errors import AppError
from app.platform.worker_thread import WorkerThread


class Kind(StrEnum):
    """Kinds of questions."""

    SEARCH = "search"
    ENTRY = "entry"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: Kind
    number: int
    job: Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the worker gives back: a value, or the key of what went wrong."""

    kind: Kind
    number: int
    value: object = None
    error_key: str = ""


class KnowledgeReader(QObject):
    """See the module."""

    answered = Signal(object, object)
    """Kind and value of the newest question of that kind."""
    failed = Signal(object, str)
    """Kind and message key."""
    _came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = dict.fromkeys(Kind, 0)
        self._waiting: dict[Kind, _Asked] = {}
        self._under_way: set[Kind] = set()
        self._worker: WorkerThread[_Asked] = WorkerThread("kb-search", self._run, capacity=2 * len(Kind), on_failure=self._on_worker_failed)
        self._is_started = False
        self._came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)

    def ask(self, kind: Kind, job: Callable[[], object]) -> None:
        """Have ``job`` done on the thread."""
        self._numbers[kind] += 1
        self._waiting[kind] = _Asked(kind, self._numbers[kind], job)
        self._send(kind)

    def forget(self, kind: Kind) -> None:
        """No answer of this kind is wanted any more."""
        self._numbers[kind] += 1
        self._waiting.pop(kind, None)

    def close(self) -> None:
        """End the thread; safe to call twice."""
        for kind in Kind:
            self.forget(kind)
        if self._is_started:
            self._worker.stop()

    def _send(self, kind: Kind) -> None:
        if kind in self._under_way or kind not in self._waiting:
            return
        if not self._is_started:
            self._worker.start()
            self._is_started = True
        self._under_way.add(kind)
        self._worker.post(self._waiting.pop(kind))

    def _run(self, asked: _Asked) -> None:
        try:
            answer = _Answer(asked.kind, asked.number, asked.job())
        except AppError as error:
            answer = _Answer(asked.kind, asked.number, error_key=error.key)
        self._came.emit(answer)

    def _on_worker_failed(self, error: BaseException) -> None:
        """On the search thread, which ends: the bug goes to the log, the operator is told."""
        threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread())))
        self._came.emit(_Answer(Kind.SEARCH, self._numbers[Kind.SEARCH], error_key="desk.search_broken"))

    @Slot(object)
    def _on_came(self, answer: _Answer) -> None:
        self._under_way.discard(answer.kind)
        if answer.number == self._numbers[answer.kind]:
            if answer.error_key:
                self.failed.emit(answer.kind, answer.error_key)
            else:
                self.answered.emit(answer.kind, answer.value)
        self._send(answer.kind)
