"""The task beside the requests of each process: roll-ups every few seconds, forgetting a few times a day, under leases."""

from __future__ import annotations

import contextlib
import threading

from app.domain.errors import AppError
from app.hub.lease import Lease
from app.hub.retention import Keep, forget
from app.hub.rollup import RollUp
from app.hub.services import HubServices
from app.platform import logs

_LOG = logs.get("hub")
_FORGET_EVERY_S = 6 * 3600
_JOIN_S = 30.0


class Background:
    """A thread; it ends after the step at hand. A fault of the database is told in the log and tried again."""

    def __init__(self, services: HubServices) -> None:
        self._services = services
        self._roll_up = RollUp(services.database, services.clock)
        self._forgetting = Lease(services.database, services.clock, "retention", _FORGET_EVERY_S)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-background", daemon=True)

    def start(self) -> None:
        """Begin, unless the settings say that another process does it."""
        if self._services.config.rollup_s:
            self._thread.start()

    def close(self) -> None:
        """End and wait."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        next_forget_s = self._services.clock.monotonic_s()
        while not self._stop.wait(self._services.config.rollup_s):
            try:
                done = self._roll_up.run_all(self._stop.is_set)
                if done:
                    _LOG.info("rolled_up", records=done)
                weeks = self._roll_up.sum_weeks() if not done else 0
                if weeks:
                    _LOG.info("summed_weeks", weeks=weeks)
                if self._services.clock.monotonic_s() >= next_forget_s:
                    next_forget_s += _FORGET_EVERY_S
                    self._forget()
            except AppError as error:
                _LOG.error("background", error)
        with contextlib.suppress(AppError):  # a database that is gone frees it by time
            self._roll_up.leave()

    def _forget(self) -> None:
        if self._forgetting.take():
            config = self._services.config
            keep = Keep(config.keep_days, config.keep_sums_days, config.keep_texts_days)
            gone = forget(self._services.database, self._services.clock, keep)
            _LOG.info("forgot", rows=sum(gone.values()))
