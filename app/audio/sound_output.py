"""Plays clips on the system's default speaker (PulseAudio, PipeWire, WASAPI; ``soundcard``) on a thread of its own, "listen".

    EnvironmentFault   audio.no_output   no sound system, no device, or it went away while playing

The library connects to the sound server when it is imported, which may fail or take a while: that happens on the thread, at the first
clip, so that a desk that is never asked to play touches no device. The default speaker is asked for anew for every clip: a
headset that was plugged in meanwhile is found. After a failure the library is imported anew at the next clip, because it keeps its
connection for good: a sound server that was started, or started again, meanwhile is found too.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.domain.errors import AppError, EnvironmentFault
from app.platform.worker_thread import WorkerThread
from app.ports.sound import Clip

_PIECE_MS = 100


@dataclass(frozen=True, slots=True)
class _Order:
    clip: Clip
    on_fault: Callable[[AppError], None]
    number: int


class SpeakerOutput:
    """See the module; ``SoundOutput``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest = 0
        self._worker: WorkerThread[_Order] = WorkerThread("listen", self._play)
        self._is_started = self._is_closed = False

    def play(self, clip: Clip, on_fault: Callable[[AppError], None]) -> None:
        """Play a clip instead of what is playing."""
        with self._lock:
            if self._is_closed:
                return
            self._newest += 1
            if not self._is_started:
                self._is_started = True
                self._worker.start()
            order = _Order(clip, on_fault, self._newest)
        self._worker.nudge(order)

    def stop(self) -> None:
        """Silence within a tenth of a second."""
        with self._lock:
            self._newest += 1

    def close(self) -> None:
        """Silence, then end the thread."""
        with self._lock:
            self._newest += 1
            self._is_closed = True
            is_started = self._is_started
        if is_started:
            self._worker.stop()

    def _play(self, order: _Order) -> None:
        if order.number != self._newest:
            return
        try:
            self._to_speaker(order)
        # The library raises what its system layer gives (OSError, RuntimeError, assertions, an index into no devices).
        except Exception as error:
            _forget_server()
            fault = EnvironmentFault("audio.no_output")
            fault.__cause__ = error
            order.on_fault(fault)

    def _to_speaker(self, order: _Order) -> None:
        import soundcard  # noqa: PLC0415 - connects to the sound server

        clip = order.clip
        samples = np.frombuffer(clip.pcm, "<i2").astype(np.float32) / 32768.0
        piece = clip.rate_hz * _PIECE_MS // 1000
        with soundcard.default_speaker().player(samplerate=clip.rate_hz, channels=1) as player:
            for at in range(0, len(samples), piece):
                if order.number != self._newest:
                    return
                player.play(samples[at:at + piece])


def _forget_server() -> None:
    for name in [known for known in sys.modules if known == "soundcard" or known.startswith("soundcard.")]:
        del sys.modules[name]
