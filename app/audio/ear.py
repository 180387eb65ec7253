"""One side of a live call: its capture process, the thread that reads it, its time line, and what is done when a device goes.

A process that ends (device unplugged, sound server gone, another default device) or gives nothing for ``STILL_S`` is replaced at once,
first with the device that was wanted, then with the system's default; from that it goes back as soon as the wanted one is there again.
A device whose sample rate lies is resampled by what was measured. Threads: "ear-operator", "ear-citizen" read; everything else from any.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import soxr

from app.audio.capture_worker_name import APPLICATION, OTHER_DEFAULT, RATE_HZ, capture_command
from app.audio.sound_guard import rate_lie
from app.audio.sound_timeline import SoundTimeline
from app.domain.call import NoticeRaised
from app.domain.dialogue import Channel
from app.ports.ports import Clock

STILL_S = 2.5
_KINDS = {Channel.OPERATOR: "microphone", Channel.CITIZEN: "loopback"}
_PIECE_BYTES = RATE_HZ // 25
_AGAIN_S = 0.3

Samples = npt.NDArray[np.int16]
Tell = Callable[[NoticeRaised], None]


class Ear:
    """See the module.

    Args:
        channel: the side.
        wanted: id of its device or program, "" for the system's default.
        clock: time.
        tell: takes notices; on the ear's thread.
        stopped: set when the call is over.
    """

    def __init__(self, channel: Channel, wanted: str, clock: Clock, tell: Tell, stopped: threading.Event) -> None:
        self._channel, self._wanted, self._clock, self._tell, self._stopped = channel, wanted, clock, tell, stopped
        self._lock = threading.Lock()
        self._line: SoundTimeline | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._heard_s = self._first_s = 0.0
        self._heard_ms = 0.0
        self._mend: soxr.ResampleStream | None = None
        self._thread = threading.Thread(target=self._run, name=f"ear-{channel.value}", daemon=True)

    def start(self) -> None:
        """Open the device; what it gives before ``begin`` is dropped."""
        self._thread.start()

    def begin(self, begin_s: float) -> None:
        """The time line starts now."""
        with self._lock:
            self._line = SoundTimeline(RATE_HZ, begin_s)

    def take(self, now_s: float) -> list[tuple[int, Samples]]:
        """Blocks that are due; a process that has gone still is ended (the thread starts another)."""
        with self._lock:
            assert self._line is not None
            blocks = self._line.take(now_s)
            process = self._process
            is_still = self._heard_s > 0 and now_s - self._heard_s > STILL_S
        # WASAPI's loopback gives nothing while nothing is played: no fault there.
        if is_still and process is not None and sys.platform == "linux":
            process.kill()
        return blocks

    def drift(self) -> tuple[float, float]:
        """Milliseconds that this device gave, and that passed, from its first sound to its newest."""
        with self._lock:
            return self._heard_ms, (self._heard_s - self._first_s) * 1000 if self._first_s else 0.0

    def correct(self, ratio: float) -> bool:
        """The device gives ``ratio`` times the sound that is due: from now on it is resampled, where that is a rate taken for another."""
        lie = rate_lie(ratio)
        if lie is None:
            return False
        with self._lock:
            if self._mend is not None:
                return False
            self._mend = soxr.ResampleStream(RATE_HZ * lie, RATE_HZ, 1, dtype="float32")
            self._heard_ms = self._first_s = 0.0
        return True

    def close(self) -> None:
        """End process and thread."""
        with self._lock:
            process = self._process
        if process is not None:
            process.kill()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        device, is_gone = self._wanted, False
        while not self._stopped.is_set():
            code, was_heard = self._listen(device, is_gone)
            if self._stopped.is_set():
                return
            if code == OTHER_DEFAULT:  # another default one, or the one that is wanted is back
                self._notice("back" if self._wanted else "moved")
                device, is_gone = self._wanted, False
                continue
            if was_heard or not is_gone:
                self._notice("gone")
            is_gone = True
            device = "" if device else self._wanted
            self._stopped.wait(_AGAIN_S)

    def _listen(self, device: str, was_gone: bool) -> tuple[int, bool]:
        """One process from start to end; its exit code, and whether it gave sound."""
        kind = "application" if device.startswith(APPLICATION) else _KINDS[self._channel]
        wished = "" if device == self._wanted or self._wanted.startswith(APPLICATION) else self._wanted
        try:
            process = subprocess.Popen(  # noqa: S603 our own module
                capture_command("record", kind, device, wished), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0))
        except OSError:
            return -1, False
        with self._lock:
            self._process, self._heard_ms, self._first_s, self._heard_s, self._mend = process, 0.0, 0.0, 0.0, None
        if self._stopped.is_set():  # close() came between
            process.kill()
        assert process.stdout is not None
        was_heard = False
        with process, contextlib.suppress(OSError):
            while data := process.stdout.read(_PIECE_BYTES):
                self._put(data)
                if was_gone and not was_heard:
                    self._notice("fallback" if device != self._wanted else "back")
                was_heard = True
            process.kill()
        with self._lock:
            self._process = None
        return process.returncode, was_heard

    def _put(self, data: bytes) -> None:
        samples = np.frombuffer(data[:len(data) // 2 * 2], "<i2")
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._heard_s = now_s
            if self._mend is not None:
                mended = self._mend.resample_chunk(samples.astype(np.float32) / 32768)
                samples = (np.clip(mended, -1.0, 1.0) * 32767).astype(np.int16)
            if self._first_s == 0.0:
                self._first_s = now_s
            else:
                self._heard_ms += len(samples) * 1000 / RATE_HZ
            if self._line is not None:
                self._line.put(samples)

    def _notice(self, what: str) -> None:
        self._tell(NoticeRaised(f"sound.{what}_{self._channel.value}"))
