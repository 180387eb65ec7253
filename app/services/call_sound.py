"""The running call's sound, in memory only, for as long as its ticket is open: evidence to listen to, and both sides' levels.

Nothing is ever written to a disk. ``forget`` drops all of it (the ticket is submitted, the call is put away, or the policy says that no
sound is kept); what ``meter`` counted stays, and is no sound. Memory is bounded: beyond ``MOST_BYTES`` the oldest sound goes first.
``take`` comes on the thread that drives the sound, everything else from any thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

import numpy as np

from app.domain.call import CallEvent, NoticeRaised
from app.domain.dialogue import Channel
from app.domain.errors import AppError
from app.domain.listening import Stretch
from app.ports.ports import AudioBlock
from app.ports.sound import Clip, SoundOutput
from app.services.sound_meter import SoundMeter

#: Half an hour of both sides at 8 kHz.
MOST_BYTES = 60_000_000
_QUIETEST_DB = -60.0


class CallSound:
    """See the module.

    Args:
        is_kept: whether sound may be kept at all; levels are told either way.
        on_level: told the level of each block, 0 (silence) to 1 (full scale), on the thread of ``take``.
    """

    def __init__(self, is_kept: bool = True, on_level: Callable[[Channel, float], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._blocks: deque[AudioBlock] = deque()
        self._bytes = 0
        self._is_kept = is_kept
        self._on_level = on_level
        self.meter = SoundMeter()

    def take(self, block: AudioBlock) -> None:
        """One more block of either side."""
        db = self.meter.take(block)
        if self._on_level is not None:
            self._on_level(block.channel, level(db))
        with self._lock:
            if not self._is_kept:
                return
            self._blocks.append(block)
            self._bytes += len(block.pcm)
            while self._bytes > MOST_BYTES:
                self._bytes -= len(self._blocks.popleft().pcm)

    def clip(self, stretch: Stretch) -> Clip | None:
        """Both sides of a stretch mixed; None where nothing of it is kept."""
        start_ms, end_ms = stretch
        with self._lock:
            wanted = [b for b in self._blocks if b.start_ms < end_ms and b.start_ms + _length_ms(b) > start_ms]
        if not wanted:
            return None
        rate_hz = max(block.rate_hz for block in wanted)
        mixed = np.zeros(max(1, (end_ms - start_ms) * rate_hz // 1000), np.int32)
        for block in wanted:
            # Sides may differ in rate, and one may grow wider in the middle of a call.
            samples = np.repeat(np.frombuffer(block.pcm, "<i2"), rate_hz // block.rate_hz)
            at = (block.start_ms - start_ms) * rate_hz // 1000
            first, last = max(0, -at), min(len(samples), len(mixed) - at)
            mixed[at + first:at + last] += samples[first:last]
        return Clip(np.clip(mixed, -32768, 32767).astype("<i2").tobytes(), rate_hz)

    def forget(self) -> None:
        """Drop everything, and keep nothing that still comes."""
        with self._lock:
            self._is_kept = False
            self._blocks.clear()
            self._bytes = 0


class EvidencePlayer:
    """Plays stretches of the call at hand; a failure is a notice in one line.

    Args:
        sound: sound of the call at hand, None where there is none.
        output: plays it.
        post: takes notices.
    """

    def __init__(self, sound: Callable[[], CallSound | None], output: SoundOutput, post: Callable[[CallEvent], None]) -> None:
        self._sound, self._output, self._post = sound, output, post

    def play(self, stretch: Stretch) -> None:
        """Play a stretch instead of what is playing; returns at once."""
        sound = self._sound()
        clip = sound.clip(stretch) if sound is not None else None
        if clip is None:
            self._post(NoticeRaised("audio.evidence_gone"))
        else:
            self._output.play(clip, self._on_fault)

    def stop(self) -> None:
        """Silence."""
        self._output.stop()

    def _on_fault(self, fault: AppError) -> None:
        self._post(NoticeRaised(fault.key, fault.params))


def level(power_db: float) -> float:
    """Loudness for the eye, 0 (-60 dB of full scale or less) to 1 (full scale)."""
    return min(1.0, max(0.0, 1.0 - power_db / _QUIETEST_DB))


def _length_ms(block: AudioBlock) -> int:
    return len(block.pcm) // 2 * 1000 // block.rate_hz
