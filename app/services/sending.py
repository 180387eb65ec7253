"""What all senders share: how long to wait after a failure, a line that fails for everything, and the thread that sends when it is time.

Used by the delivery of tickets (``app.services.delivery``) and of what goes to the hub (``app.services.hub_sender``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.domain.errors import AppError, BugError, EnvironmentFault
from app.platform import logs
from app.platform.worker_thread import WorkerThread
from app.ports.ports import Clock

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 600.0
#: Clocks are set and machines sleep, which a waiting thread does not notice: it looks again at least this often.
LOOK_AGAIN_S = 60.0
_TROUBLE_S = 5.0
LOCKED = "store.locked"
#: Statuses of a hub that can read what was sent and never will take it, however often it comes.
UNFIT = frozenset({400, 413, 422})


def backoff_s(attempts: int, chance: Callable[[], float]) -> float:
    """Seconds to wait after the ``attempts``-th failure: doubling up to ten minutes, each between half and the whole of it.

    Args:
        attempts: failures so far, 1 or more.
        chance: uniform in [0, 1): many desks must not come back in step when a server does.
    """
    whole = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempts - 1, 20))
    return whole * (0.5 + 0.5 * chance())


class LinePace:
    """When a line that failed for everything may be tried again. One thread at a time.

    Args:
        clock: monotonic time.
        chance: see ``backoff_s``.
    """

    def __init__(self, clock: Clock, chance: Callable[[], float]) -> None:
        self._clock, self._chance = clock, chance
        self._failures = 0
        self._free_s = 0.0

    def failed(self, retry_after_s: float | None = None) -> float:
        """Once more; gives the seconds until the next attempt, those that the server asked for at least."""
        self._failures += 1
        wait_s = max(backoff_s(self._failures, self._chance), retry_after_s or 0.0)
        self._free_s = self._clock.monotonic_s() + wait_s
        return wait_s

    def well(self) -> None:
        """It carried something."""
        self._failures, self._free_s = 0, 0.0

    def free(self) -> None:
        """A person wants an attempt now, whatever the line did before."""
        self._free_s = 0.0

    def wait_s(self) -> float:
        """Seconds until it may be tried, 0 for now."""
        return max(0.0, self._free_s - self._clock.monotonic_s()) if self._free_s else 0.0


class Sender(Protocol):
    """What a sending thread runs."""

    def send_due(self, is_stopping: Callable[[], bool] = lambda: False) -> object:
        """Send what is due; EnvironmentFault where the store cannot be read or written."""

    def wait_s(self) -> float:
        """Seconds until there may be something to do."""

    def line_is_free(self) -> None:
        """A person wants an attempt now."""


class SendingThread:
    """A thread that sends when something is queued or due. ``wake`` and ``stop`` may be called from any thread.

    Args:
        name: of the thread.
        sender: what it runs.
        close: frees the line, so that a hanging request does not hold up the program's end.
        on_trouble: told a fault of the store, once for each kind until it is over (None). A store that is locked because nobody
            works is no fault: what waits is tried again until it is open.
        bug: message key of a bug of ours.
    """

    def __init__(self, name: str, sender: Sender, close: Callable[[], None],
                 on_trouble: Callable[[AppError | None], None] = lambda fault: None, bug: str = "delivery.bug") -> None:
        self._sender, self._close, self._on_trouble, self._bug = sender, close, on_trouble, bug
        self._log = logs.get(name)
        self._is_stopping = False
        self._trouble = ""
        self._worker: WorkerThread[bool] = WorkerThread(name, self._take, capacity=1, on_idle=self._work)

    def start(self) -> None:
        """Begin with what waits from before."""
        self._worker.start()

    def wake(self) -> None:
        """Something was queued; returns at once."""
        self._worker.nudge(False)

    def try_now(self) -> None:
        """A person asks for an attempt now."""
        self._worker.nudge(True)

    def stop(self, deadline_s: float = 5.0) -> bool:
        """End; a request under way is cut off and counts as failed."""
        self._is_stopping = True
        self._close()
        return self._worker.stop(deadline_s)

    def _take(self, at_once: bool) -> None:
        if at_once:
            self._sender.line_is_free()

    def _work(self) -> float:
        if self._is_stopping:
            return LOOK_AGAIN_S
        try:
            self._sender.send_due(lambda: self._is_stopping)
            wait_s = self._sender.wait_s()
        except EnvironmentFault as fault:
            if fault.key != LOCKED:
                self._tell(fault)
            return _TROUBLE_S
        except Exception as error:  # a bug of ours: told, and tried again; the thread must live
            if not self._is_stopping:  # the store may be closed already
                self._log.error("bug", error)
                self._tell(error if isinstance(error, AppError) else BugError(self._bug))
            return LOOK_AGAIN_S
        self._tell(None)
        return wait_s

    def _tell(self, fault: AppError | None) -> None:
        key = fault.key if fault is not None else ""
        if key != self._trouble and not self._is_stopping:
            self._on_trouble(fault)
        self._trouble = key
