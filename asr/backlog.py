"""The sound a call's worker may still need: what is not yet recognised, and enough before it to go on after a crash.

Pure bookkeeping under the client's lock. Every block has a number; ``done`` frames acknowledge numbers, marks say up to where a
channel is decided. What lies before a channel's mark by more than ``WARM_MS`` is forgotten.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from app.domain.dialogue import Channel
from app.ports.ports import AudioBlock
from asr.protocol import Mark

WARM_MS = 2_500


@dataclass(frozen=True, slots=True)
class Numbered:
    """A block and its number in the call."""

    seq: int
    block: AudioBlock

    @property
    def length_ms(self) -> float:
        """How long it sounds."""
        return len(self.block.pcm) / 2 / self.block.rate_hz * 1000

    @property
    def end_ms(self) -> float:
        """Where it ends on the time line."""
        return self.block.start_ms + self.length_ms


class Backlog:
    """All retained sound of one call."""

    def __init__(self) -> None:
        self._blocks: deque[Numbered] = deque()
        self._pending_ms = 0.0
        self.marks = {channel: Mark(channel) for channel in Channel}
        self.finished: set[Channel] = set()
        self.accepted = 0
        self.acked = 0

    @property
    def pending_ms(self) -> float:
        """Sound taken but not acknowledged, both channels together."""
        return self._pending_ms

    def add(self, block: AudioBlock) -> Numbered:
        """Take a block."""
        self.accepted += 1
        item = Numbered(self.accepted, block)
        self._blocks.append(item)
        self._pending_ms += item.length_ms
        return item

    def done(self, seq: int) -> bool:
        """A block was recognised; True where this is news (a replayed block is acknowledged again)."""
        if seq <= self.acked:
            return False
        self._pending_ms -= sum(b.length_ms for b in self._blocks if self.acked < b.seq <= seq)
        self.acked = seq
        return True

    def advance(self, mark: Mark) -> None:
        """A channel is decided further; never goes back (a new worker's marks begin where the old one's stood)."""
        held = self.marks[mark.channel]
        self.marks[mark.channel] = replace(
            mark, heard_ms=max(held.heard_ms, mark.heard_ms), settled_ms=max(held.settled_ms, mark.settled_ms),
            ended_ms=max(held.ended_ms, mark.ended_ms), next_utterance=max(held.next_utterance, mark.next_utterance))
        while self._blocks and self._forgettable(self._blocks[0]):
            self._blocks.popleft()

    def _forgettable(self, item: Numbered) -> bool:
        return item.seq <= self.acked and (item.block.channel in self.finished or self._passed(item))

    def _passed(self, item: Numbered) -> bool:
        return item.end_ms <= self.marks[item.block.channel].settled_ms - WARM_MS

    def replay(self) -> list[Numbered]:
        """What a new worker must hear, in order."""
        return [b for b in self._blocks if b.block.channel not in self.finished and not self._passed(b)]

    def begin_channels(self) -> list[tuple[Mark, int]]:
        """Marks of the channels that are still open, each with the place of the first sound that will be replayed."""
        first: dict[Channel, int] = {}
        for item in self.replay():
            first.setdefault(item.block.channel, item.block.start_ms)
        still_open = [mark for channel, mark in self.marks.items() if channel not in self.finished]
        return [(mark, first.get(mark.channel, mark.heard_ms)) for mark in still_open]

    def drop_poison(self) -> int:
        """Give up the sound up to and with the first unrecognised block: it has ended several workers. Gives its length."""
        bad = next((b for b in self._blocks if b.seq > self.acked), None)
        if bad is None:
            return 0
        channel, until = bad.block.channel, round(bad.end_ms)
        mark = self.marks[channel]
        lost = round(bad.end_ms - min(mark.settled_ms, bad.end_ms))
        self.done(bad.seq)
        self._blocks = deque(b for b in self._blocks if b.block.channel is not channel or b.seq > bad.seq)
        self.marks[channel] = Mark(channel, until, until, until, mark.next_utterance + 1)
        return lost

    def drop_all(self) -> int:
        """Forget everything that is not recognised and give its length."""
        lost = round(self._pending_ms)
        self._blocks.clear()
        self._pending_ms = 0.0
        self.acked = self.accepted
        return lost
