"""Whether this PC kept real time while a live test ran: what depends on that is judged only where it did.

A thread that sleeps for a fiftieth of a second sees how late it wakes up, and the load is read every second. A PC that stalls for a third
of a second, is late again and again, or has far more to do than cores cannot play and record sound without gaps: what is heard then says
nothing about the program. ``make bench-live-sound`` and ``make bench-live-sip`` hold the exact figures.
"""

from __future__ import annotations

import os
import threading
import time
from types import TracebackType

import pytest

_NAP_S, _STALL_S, _LATE_S, _LATE_SHARE = 0.02, 0.3, 0.1, 0.01
#: Tasks that are ready for each core; a live call by itself makes about one.
_LOAD = 1.5


class RealTime:
    """See the module; counts from its beginning to its end."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._worst_s, self._naps, self._late, self._load = 0.0, 0, 0, 0.0
        self._thread = threading.Thread(target=self._run, name="real-time", daemon=True)

    def __enter__(self) -> RealTime:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()
        self._thread.join(30)

    def _run(self) -> None:
        asleep_s = time.monotonic()
        while not self._stopped.wait(_NAP_S):
            now_s = time.monotonic()
            late_s, asleep_s = now_s - asleep_s - _NAP_S, now_s
            self._worst_s, self._naps, self._late = max(self._worst_s, late_s), self._naps + 1, self._late + (late_s > _LATE_S)
            if self._naps % 50 == 1:
                self._load = max(self._load, os.getloadavg()[0] / (os.cpu_count() or 1))

    def why_not(self) -> str:
        """Why what was heard proves nothing; "" where the PC kept real time."""
        if self._worst_s > _STALL_S:
            return f"this PC stood still for {self._worst_s:.2f} s"
        if self._late > _LATE_SHARE * self._naps:
            return f"this PC was late {self._late} times of {self._naps}"
        return f"this PC's load is {self._load:.1f} a core" if self._load > _LOAD else ""

    def judge(self, holds: bool, what: str) -> None:
        """Assert what must hold in real time; where it does not on a PC that fell behind, skip and say so."""
        if holds:
            return
        why = self.why_not()
        if why:
            pytest.skip(f"not judged, {why}: {what}")
        raise AssertionError(what)
