"""When a worker counts as hung, and what follows a death: pure rules over times, under the client's lock.

A worker is hung when it gives no sign (beats come from a thread of its own, four a second), or when sound waits and it
either computes nothing at all (a deadlock) or computes for long without finishing a block (an endless loop). A silent worker
of which no thread wants to run is hung for sure and is killed within a second; one that wants to run may only be starved by
a busy PC, so it gets more time, and twice as much after each mistake of that kind that may have been made. Computing time
counts, not waiting time. A watcher that was itself late, or that was busy telling the listener, says nothing about the
worker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SILENT = "no sign of life"
STANDS_STILL = "stands still"
LATE_S = 0.5
_IDLE_SHARE = 0.01
"""A worker that beats and does nothing else uses less of a core than this."""


@dataclass(frozen=True, slots=True)
class LivenessSettings:
    """Limits.

    Attributes:
        start_timeout_s: a worker that has not loaded its engine by then is killed.
        beat_timeout_s: a worker that gives no sign of life for so long, and does not want to run, is killed.
        starved_timeout_s: the same for one that wants to run, or of which that is not known.
        most_starved_timeout_s: patience does not grow beyond this.
        idle_timeout_s: a worker that owes something and computes nothing for so long is killed.
        compute_timeout_s: the same for a streaming engine that computes (seconds of processor) without finishing a block.
        whole_timeout_s: the same for an engine that decodes whole utterances.
        poison_deaths: deaths without progress after which the sound at hand is given up.
        max_deaths: deaths without progress after which recognition of the call is given up.
        reload_patience_s: how long a model that was there before may be missing before recognition is given up.
    """

    start_timeout_s: float = 180.0
    beat_timeout_s: float = 0.8
    starved_timeout_s: float = 4.0
    most_starved_timeout_s: float = 30.0
    idle_timeout_s: float = 5.0
    compute_timeout_s: float = 20.0
    whole_timeout_s: float = 120.0
    poison_deaths: int = 3
    max_deaths: int = 6
    reload_patience_s: float = 15.0


class Liveness:
    """What is known of the worker at hand, and of the ones before."""

    def __init__(self, settings: LivenessSettings) -> None:
        self._set = settings
        self._patience_s = settings.starved_timeout_s
        self._ready = False
        self._compute_timeout_s = settings.whole_timeout_s
        self._sign_s = self._looked_s = self._idle_since_s = 0.0
        self._cpu_s = self._progress_cpu_s = 0.0
        self._beat: tuple[float, float] | None = None
        self._deaths = 0

    def started(self, now_s: float) -> None:
        """A new worker was spawned."""
        self._ready = False
        self._sign_s = self._looked_s = self._idle_since_s = now_s
        self._cpu_s = self._progress_cpu_s = 0.0
        self._beat = None

    def ready(self, now_s: float, streaming: bool) -> None:
        """It has loaded its engine."""
        self._ready = True
        self._compute_timeout_s = self._set.compute_timeout_s if streaming else self._set.whole_timeout_s
        self.progress(now_s)

    def sign(self, now_s: float, cpu_s: float | None = None) -> None:
        """A frame came; ``cpu_s``: the processor time that the worker tells of itself."""
        if now_s - self._sign_s > self._set.beat_timeout_s:
            self._idle_since_s = now_s  # it was starved, and computed little for that reason
        self._sign_s = now_s
        if cpu_s is None:
            return
        self._cpu_s = cpu_s
        if self._beat is not None and cpu_s - self._beat[1] > _IDLE_SHARE * (now_s - self._beat[0]):
            self._idle_since_s = now_s
        self._beat = now_s, cpu_s

    def progress(self, now_s: float, news: bool = False) -> None:
        """Something was finished, or work begins; ``news``: a block that no worker before had finished."""
        self._idle_since_s, self._progress_cpu_s = now_s, self._cpu_s
        if news:
            self._deaths = 0

    def verdict(self, now_s: float, waits: bool, telling: bool = False, runs: Callable[[], bool] = lambda: True) -> str:
        """Why the worker is to be killed, or nothing; to be asked a few times a second.

        Args:
            now_s: a monotonic time.
            waits: whether the worker owes something.
            telling: whether the reader of its frames is held up by the listener.
            runs: whether a thread of it wants to run (a look at the system, so only asked in doubt).
        """
        late = telling or now_s - self._looked_s > LATE_S
        self._looked_s = now_s
        if not self._ready:
            return "not ready in time" if now_s - self._sign_s > self._set.start_timeout_s else ""
        if late:
            self._sign_s = max(self._sign_s, now_s - self._set.beat_timeout_s / 2)
            self._idle_since_s = now_s
            return ""
        silent_s = now_s - self._sign_s
        if silent_s > self._patience_s:
            self._patience_s = min(self._set.most_starved_timeout_s, self._patience_s * 2)
            return SILENT
        if silent_s > self._set.beat_timeout_s and not runs():
            return STANDS_STILL
        if not waits:
            self.progress(now_s)
            return ""
        if silent_s <= self._set.beat_timeout_s and now_s - self._idle_since_s > self._set.idle_timeout_s:
            return "sound waits and nothing is computed"
        return "no progress" if self._cpu_s - self._progress_cpu_s > self._compute_timeout_s else ""

    # ------------------------------------------------------------------ deaths

    def fresh_start(self) -> None:
        """A new call, or another try after giving up: deaths before do not count."""
        self._deaths = 0

    def died(self) -> None:
        """The worker is gone."""
        self._deaths += 1

    @property
    def poisoned(self) -> bool:
        """Whether the sound at hand has ended so many workers that it is to be given up."""
        return self._deaths == self._set.poison_deaths

    @property
    def hopeless(self) -> bool:
        """Whether recognition is to be given up."""
        return self._deaths >= self._set.max_deaths

    @property
    def pause_s(self) -> float:
        """How long to wait before the next worker: none after the first death, then longer each time."""
        return 0.0 if self._deaths <= 1 else min(4.0, 0.25 * 2.0 ** (self._deaths - 2))
