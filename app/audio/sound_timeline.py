"""A channel's sound on a time line that only goes forward: late, early and missing sound becomes equal blocks without holes. Pure.

A device delivers sound in lumps, pauses (WASAPI's loopback gives nothing while the far side is silent), or counts by a clock of its own.
The time line is the PC's monotonic clock: where a channel lags more than ``SLACK_MS`` behind, silence is filled in; where it runs ahead by
as much (a device that lies about its rate, a backlog after a stall), what is too much is dropped.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLOCK_MS = 100
SLACK_MS = 400

Samples = npt.NDArray[np.int16]


class SoundTimeline:
    """See the module.

    Args:
        rate_hz: of the samples.
        begin_s: monotonic time of the line's 0.
    """

    def __init__(self, rate_hz: int, begin_s: float) -> None:
        self._rate_hz, self._begin_s = rate_hz, begin_s
        self._held: Samples = np.zeros(0, np.int16)
        self._given_ms = 0
        self.filled_ms = self.dropped_ms = 0

    def put(self, samples: Samples) -> None:
        """Sound as it came."""
        self._held = np.concatenate((self._held, samples))

    def take(self, now_s: float) -> list[tuple[int, Samples]]:
        """Blocks of 100 ms that are due at ``now_s``, as (begin in ms, samples)."""
        now_ms = round((now_s - self._begin_s) * 1000)
        self._follow(now_ms)
        size, blocks = self._rate_hz * BLOCK_MS // 1000, []
        while len(self._held) >= size:
            blocks.append((self._given_ms, self._held[:size]))
            self._held = self._held[size:]
            self._given_ms += BLOCK_MS
        return blocks

    def _follow(self, now_ms: int) -> None:
        held_ms = len(self._held) * 1000 // self._rate_hz
        lag_ms = now_ms - self._given_ms - held_ms
        if lag_ms > SLACK_MS:
            fill_ms = lag_ms - SLACK_MS // 2
            self._held = np.concatenate((self._held, np.zeros(fill_ms * self._rate_hz // 1000, np.int16)))
            self.filled_ms += fill_ms
        elif lag_ms < -SLACK_MS:
            drop_ms = -lag_ms - SLACK_MS // 2
            self._held = self._held[drop_ms * self._rate_hz // 1000:]
            self.dropped_ms += drop_ms
