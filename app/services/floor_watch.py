"""Follows the calls of a desk for the lead's floor list: tells a change of phase or of what is wrong, nothing else. Any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from app.domain.call import CallState, Phase
from app.domain.floor import FloorState
from app.domain.training import is_training
from app.ports.ports import Clock
from app.services.call_trace import degradation_of


class FloorWatch:
    """See the module.

    Args:
        clock: when a phase began.
        told: takes each change; returns at once.
    """

    def __init__(self, clock: Clock, told: Callable[[FloorState], None]) -> None:
        self._clock, self._told = clock, told
        self._lock = threading.Lock()
        self._call_id = ""
        self._codes: dict[str, None] = {}
        self._state: FloorState | None = None

    def follow(self, state: CallState) -> None:
        """Take a state; cheap where nothing of interest changed."""
        with self._lock:
            self._take(state)

    def _take(self, state: CallState) -> None:
        if state.context.call_id != self._call_id:
            self._call_id, self._codes = state.context.call_id, {}
        for notice in state.notices:
            if code := degradation_of(notice.key):
                self._codes[code] = None
        phase = Phase.IDLE if is_training(state.context.call_id) else state.phase
        alerts = () if phase in (Phase.IDLE, Phase.SUBMITTED) else tuple(self._codes)
        held = self._state
        if held is None or held.phase is not phase:
            self._state = FloorState(phase, self._clock.now().isoformat(timespec="seconds"), alerts)
        elif held.alerts != alerts:
            self._state = replace(held, alerts=alerts)
        if self._state is not held and self._state is not None:
            self._told(self._state)
