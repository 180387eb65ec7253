"""What recognition does when the PC is too busy: less, in a declared order, and it says so.

1. Final-only: no more partials; words come when an utterance ends. Cheap engines gain little, others a third.
2. One channel: the citizen is recognised; the operator's sound waits, is not thrown away, and is recognised when there is time,
   at the latest after the call.

For live calls only: a replay at full speed is always behind, and gives the same result however long it takes. Pure bookkeeping
under the client's lock; times come from the caller.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum

from app.domain.dialogue import Channel
from app.ports.ports import AudioBlock


class Effort(IntEnum):
    """How much is recognised; the order in which it is given up."""

    FULL = 0
    FINAL_ONLY = 1
    ONE_CHANNEL = 2


NOTICE = {
    Effort.FULL: "asr.overload_over",
    Effort.FINAL_ONLY: "asr.overload_final_only",
    Effort.ONE_CHANNEL: "asr.overload_one_channel",
}


@dataclass(frozen=True, slots=True)
class OverloadSettings:
    """When to do less, and when to do more again.

    Attributes:
        final_only_ms: sound that waits (both channels together) from which partials are left out.
        one_channel_ms: sound that waits from which the operator's sound is set aside.
        calm_ms: sound that waits below which there is time again.
        calm_s: how long it must have been calm for the next better effort.
    """

    final_only_ms: float = 2_000.0
    one_channel_ms: float = 5_000.0
    calm_ms: float = 600.0
    calm_s: float = 5.0


class LoadControl:
    """The effort of one call, and the operator's sound that waits.

    Args:
        settings: thresholds; None never degrades.
        now_s: a monotonic time.
    """

    def __init__(self, settings: OverloadSettings | None, now_s: float) -> None:
        self._set = settings
        self._calm_since_s = now_s
        self._aside: deque[AudioBlock] = deque()
        self.effort = Effort.FULL

    def observe(self, pending_ms: float, now_s: float) -> bool:
        """Take notice of how much sound waits for recognition; True where the effort has changed."""
        if self._set is None:
            return False
        before = self.effort
        if pending_ms > self._set.calm_ms:
            self._calm_since_s = now_s
        if pending_ms >= self._set.one_channel_ms and self.effort is Effort.FINAL_ONLY:
            self.effort = Effort.ONE_CHANNEL
        elif pending_ms >= self._set.final_only_ms and self.effort is Effort.FULL:
            self.effort = Effort.FINAL_ONLY
        elif self.effort and not self._aside and now_s - self._calm_since_s >= self._set.calm_s:
            self.effort = Effort(self.effort - 1)
            self._calm_since_s = now_s
        return self.effort is not before

    def sets_aside(self, block: AudioBlock) -> bool:
        """Whether a block waits here; its channel's order is kept."""
        if block.channel is not Channel.OPERATOR or not (self._aside or self.effort is Effort.ONE_CHANNEL):
            return False
        self._aside.append(block)
        return True

    def next_aside(self, pending_ms: float, finishing: bool) -> AudioBlock | None:
        """A block that waited and whose time has come, or None; ask again until then."""
        timely = self._set is not None and pending_ms < self._set.calm_ms
        return self._aside.popleft() if self._aside and (finishing or timely) else None

    def drop_all(self) -> int:
        """Forget what was set aside and give its length in milliseconds."""
        lost = sum(len(block.pcm) / 2 / block.rate_hz for block in self._aside)
        self._aside.clear()
        return round(lost * 1000)
