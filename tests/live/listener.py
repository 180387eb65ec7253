"""Takes a live source's blocks on a thread, as the driver does, and keeps when what was told."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import numpy as np

from app.audio.device_source import DeviceSource, Sides
from app.domain.call import NoticeRaised
from app.domain.dialogue import Channel
from app.platform import messages
from app.platform.clock import SystemClock
from app.ports.ports import AudioBlock

PATIENCE_S = 90.0


class Listener:
    """See the module.

    Args:
        microphone: see DeviceSource.
        speaker: see DeviceSource.
        sides: see DeviceSource.
    """

    def __init__(self, microphone: str = "", speaker: str = "", sides: Sides | None = None) -> None:
        self.notices: queue.Queue[str] = queue.Queue()
        self.told_at: dict[str, float] = {}
        self.blocks: list[AudioBlock] = []
        self.came_at: list[float] = []
        self._more = threading.Condition()
        self.source = DeviceSource(microphone, speaker, SystemClock(), self._tell, sides)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _tell(self, notice: NoticeRaised) -> None:
        assert messages.text(notice.key, notice.params) != notice.key
        self.told_at[notice.key] = time.monotonic()
        self.notices.put(notice.key)

    def _run(self) -> None:
        for block in self.source.blocks():
            with self._more:
                self.blocks.append(block)
                self.came_at.append(time.monotonic())
                self._more.notify_all()

    def until(self, is_there: Callable[[], bool]) -> float:
        """Wait for it; when it was so."""
        with self._more:
            assert self._more.wait_for(is_there, PATIENCE_S)
        return time.monotonic()

    def until_pitch(self, channel: Channel, hertz: float) -> float:
        """Wait until a side sounds so; when it was so."""
        return self.until(lambda: abs(self.pitch(channel) - hertz) < 20)

    def pitch(self, channel: Channel, newest: int = 3) -> float:
        """Loudest frequency of the newest blocks; 0 for silence."""
        blocks = [b for b in self.blocks[-8 * newest:] if b.channel is channel][-newest:]
        rate_hz = blocks[-1].rate_hz if blocks else 0
        samples = np.frombuffer(b"".join(block.pcm for block in blocks if block.rate_hz == rate_hz), "<i2").astype(float)
        if len(samples) < 800 or np.abs(samples).max() < 500:
            return 0.0
        return float(np.argmax(np.abs(np.fft.rfft(samples))) * rate_hz / len(samples))

    def notice(self) -> str:
        """The next notice."""
        return self.notices.get(timeout=PATIENCE_S)

    def told(self, key: str) -> float:
        """Wait until this is told; when it was."""
        while key not in self.told_at:
            try:
                self.notice()
            except queue.Empty:
                raise AssertionError(f"{key} was not told; told were {list(self.told_at)}") from None
        return self.told_at[key]

    def close(self) -> None:
        """End."""
        self.source.close()
        self._thread.join(PATIENCE_S)
